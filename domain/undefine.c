/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Undefine: see undefine.h. */
#include "domain/undefine.h"
#include "base/libvirt.h"
#include "domain/flag.h"
#include "domain/kept.h"
#include "domain/stop.h"
#include "rpc/handlers.h"
#include "vbox/machine.h"
#include "vbox/session.h"

gboolean undefine_saved_state(Entry *entry, GError **error)
{
    g_autoptr(Session) session = session_write(entry_machine(entry), error);
    return session != NULL &&
           vbox_call(session_machine(session), IMachine_discardSavedState, error, TRUE);
}

/* Its end may be told after its log has gone, and with it who powered it off. */
static void note_end(Entry *entry, const EntryRun *run)
{
    gint mark = entry_reason_mark(entry);
    if (run->state == vbox_enum(MachineState_PoweredOff) &&
        run->reason == VIR_DOMAIN_SHUTOFF_UNKNOWN && stop_was_by_guest(entry_machine(entry)))
        entry_set_reason(entry, mark, VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
}

gboolean undefine_machine(Entry *entry, NvramFate fate, GError **error)
{
    EntrySettings settings;
    /* A machine whose settings cannot be read does not run, and cannot tell who has it locked. */
    return entry_settings(entry, &settings, error) &&
           (!settings.accessible || session_wait_free(entry_machine(entry), error)) &&
           domain_remove(entry_machine(entry), fate, error);
}

/* As QEMU's driver has it, whose machines have two files. */
static gboolean nvram_fate(guint32 flags, NvramFate *ret_fate, GError **error)
{
    const guint32 keeps = VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_TPM;
    const guint32 deletes = VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_TPM;
    const guint32 nvram = VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM;
    const guint32 tpm = VIR_DOMAIN_UNDEFINE_TPM | VIR_DOMAIN_UNDEFINE_KEEP_TPM;
    *ret_fate = (flags & keeps) != 0 ? NVRAM_STAYS : NVRAM_GOES;
    if ((flags & nvram) == nvram)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot both keep and delete nvram");
    if ((flags & tpm) == tpm)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot both keep and delete TPM");
    if ((flags & keeps) != 0 && (flags & deletes) != 0)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "VirtualBox has a machine's EFI variables and the state of its TPM in one "
                    "file: keep both, or delete both");
    return TRUE;
}

/* As QEMU's driver: a running domain becomes transient, and goes when it stops. */
static gboolean make_transient(Entry *entry, NvramFate fate, GError **error)
{
    g_autofree char *mark = extra_data_get(entry_machine(entry), KEEP_NVRAM_KEY, error);
    return mark != NULL &&
           flag_set(entry, KEEP_NVRAM_KEY, *mark != '\0', fate == NVRAM_STAYS, error) &&
           flag_set(entry, DOMAIN_TRANSIENT_KEY, FALSE, TRUE, error);
}

static gboolean undefine(const RemoteDomain *dom, guint32 flags, GError **error)
{
    NvramFate fate;
    EntryRun run;
    EntrySettings settings;
    if (!nvram_fate(flags, &fate, error))
        return FALSE;
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL || !entry_run(entry, &run, error) || !entry_settings(entry, &settings, error))
        return FALSE;
    if (settings.transient)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot undefine transient domain");
    if (run.id >= 0)
        return make_transient(entry, fate, error);
    gboolean saved = machine_state_is_saved(run.state);
    if (saved && (flags & VIR_DOMAIN_UNDEFINE_MANAGED_SAVE) == 0)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "Refusing to undefine while domain managed save image exists");
    if (settings.snapshots > 0 && (flags & VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA) == 0)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "cannot delete inactive domain with %u snapshots", settings.snapshots);
    note_end(entry, &run);
    if ((saved && !undefine_saved_state(entry, error)) || !undefine_machine(entry, fate, error))
        return FALSE;
    registry_removed(dom->uuid);
    return TRUE;
}

gboolean do_domain_undefine(Call *call, const DomainUndefineArgs *args, GError **error)
{
    return undefine(&args->dom, 0, error);
}

gboolean do_domain_undefine_flags(Call *call, const DomainUndefineFlagsArgs *args, GError **error)
{
    return undefine(&args->dom, args->flags, error);
}
