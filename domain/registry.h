/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registry: what was read of each machine, until VirtualBox says that it changed. */
#pragma once
#include "base/uuid.h"
#include "rpc/remote.h"
#include "vbox/vbox.h"

/* One registered machine.  Counted; usable from any thread. */
typedef struct Entry Entry;
Entry *entry_ref(Entry *self);
void entry_unref(Entry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Entry, entry_unref)

/* Looking up, with libvirt's own messages when there is none (VIR_ERR_NO_DOMAIN).  An id is the
 * pid of the machine's VM process. */
Entry *registry_find(const RemoteDomain *dom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Entry *registry_find_by_uuid(const guint8 uuid[UUID_BYTES],
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
Entry *registry_find_by_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Entry *registry_find_by_id(gint32 id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* All machines (Entry *), in VirtualBox's order. */
GPtrArray *registry_all(GError **error) G_GNUC_WARN_UNUSED_RESULT;

const guint8 *entry_uuid(const Entry *self);
/* The machine; borrowed. */
Object *entry_machine(const Entry *self);

/* Name, uuid and id, as the protocol has them; the name is in the arena. */
gboolean entry_domain(Entry *self, Arena *arena, RemoteDomain *ret_domain,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Extra data of a machine: "yes", or not there. */
#define DOMAIN_AUTOSTART_KEY "vboxvirt/autostart"
#define DOMAIN_TRANSIENT_KEY "vboxvirt/transient"

typedef struct EntryRun {
    guint32 state; /* VirtualBox's MachineState; Null (0): its settings cannot be read */
    gint32 id;     /* of the VM process; -1: it does not run */
    gint domain_state, reason; /* virDomainState and its reason */
} EntryRun;
gboolean entry_run(Entry *self, EntryRun *ret_run, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Why it is in the state that a call of ours has brought about (virDomainState and reason), for who
 * asks before VirtualBox's event has come.  mark: from before that call; what an event has told
 * since then stays. */
gint entry_reason_mark(Entry *self);
void entry_set_reason(Entry *self, gint mark, gint domain_state, gint reason);

typedef struct EntrySettings {
    gboolean accessible; /* FALSE: VirtualBox cannot read its settings, the rest is zero */
    gboolean autostart, transient;
    guint64 memory, current_memory; /* KiB; without the balloon */
    guint vcpus, current_vcpus;     /* those that are plugged in */
    guint snapshots;
} EntrySettings;
gboolean entry_settings(Entry *self, EntrySettings *ret_settings,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The domain XML, with flags of virDomainXMLFlags; owned by the caller. */
char *entry_xml(Entry *self, guint32 flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What was last read of a machine that may have gone; its name is its uuid when nothing was.  It
 * is kept until registry_forget_name(), which is for when clients have heard of the end. */
void registry_remembered(const guint8 uuid[UUID_BYTES], Arena *arena, RemoteDomain *ret_domain);
void registry_forget_name(const guint8 uuid[UUID_BYTES]);

/* Whether it was transient when its settings were last read. */
gboolean registry_was_transient(const guint8 uuid[UUID_BYTES]);

/* Whether the guest itself powered it off, as entry_run() knew before it went. */
gboolean registry_ended_by_guest(const guint8 uuid[UUID_BYTES]);

/* What is remembered is no longer true.  They take no lock that is held during a VirtualBox
 * call, so the event thread may call them. */
void registry_forget_run(const guint8 uuid[UUID_BYTES]);
void registry_forget_settings(const guint8 uuid[UUID_BYTES]);
/* Why a machine is in the state that an event told of: virDomainState and reason. */
void registry_set_reason(const guint8 uuid[UUID_BYTES], gint domain_state, gint reason);
void registry_added(const guint8 uuid[UUID_BYTES]);
void registry_removed(const guint8 uuid[UUID_BYTES]);
void registry_forget_all(void);
