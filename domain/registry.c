/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registry: see registry.h.
 *
 * Theory of operation.  One call of VirtualBox costs more than a whole answer may, so an entry
 * keeps what it read.  Each kind of knowledge has a counter that VirtualBox's events raise, and
 * the counter's value from before it was read: they differ once it is stale.  A reader holds the
 * entry's lock while it asks VirtualBox, so that two readers ask once; events only raise counters
 * and never wait.
 *
 * An event may come after the answer to the VBoxManage that caused it, or be lost, and still nobody
 * may be told what is no longer true.  So files tell as well: VirtualBox writes a machine's
 * settings file anew at every change, and VirtualBox.xml for the list; a VM process writes its log
 * at every step from state to state, and opens a new one before it starts.  Both are written before
 * VirtualBox's service says the new thing: what was read within SETTLED of a file's change is not
 * kept. */
#include "domain/registry.h"
#include <sys/stat.h>
#include "base/libvirt.h"
#include "domain/domain.h"
#include "domain/dump.h"
#include "domain/hidden.h"
#include "domain/state.h"
#include "network/resolve.h"
#include "vbox/machine.h"

#define XML_FORMS 4    /* by the two flags that change what is shown */
#define SETTLED 250000 /* µs; VirtualBox takes milliseconds */

typedef struct FileIdentity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
} FileIdentity;

struct Entry {
    gatomicrefcount references;
    guint8 uuid[UUID_BYTES];
    Object *machine;
    gint run_now, settings_now; /* atomic: raised by events */
    gint reason;                /* atomic: domain state << 8 | reason, as was told last */
    GMutex lock;                /* of all below */
    gint run_read, run_settings, settings_read, name_read, xml_read[XML_FORMS];
    EntryRun run, xml_run[XML_FORMS];
    gint xml_networks[XML_FORMS];
    EntrySettings settings;
    char *name, *path, *log_path;
    FileIdentity file, log;
    gboolean file_settled;
    char *xml[XML_FORMS];
};

static GMutex registry_lock; /* of all below; never held during a VirtualBox call */
static GPtrArray *entries;   /* NULL: not read yet */
static GPtrArray *departed;  /* of the list no more; see list_dropped() */
static gint list_now = 1, list_read;
static FileIdentity list_file;

static FileIdentity file_identity(const char *path)
{
    struct stat info;
    if (path == NULL || stat(path, &info) < 0)
        return (FileIdentity){.device = 0};
    return (FileIdentity){info.st_dev, info.st_ino, info.st_size, info.st_mtim};
}

static gboolean file_same(const FileIdentity *a, const FileIdentity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Whether what was just read cannot be older than the file's last change. */
static gboolean file_settled(const FileIdentity *file)
{
    gint64 changed = (gint64)file->changed.tv_sec * G_USEC_PER_SEC + file->changed.tv_nsec / 1000;
    return file->device == 0 || ABS(g_get_real_time() - changed) > SETTLED;
}

static Entry *entry_new(const guint8 uuid[UUID_BYTES], Object *machine)
{
    Entry *self = g_new0(Entry, 1);
    g_atomic_ref_count_init(&self->references);
    memcpy(self->uuid, uuid, UUID_BYTES);
    self->machine = object_ref(machine);
    g_mutex_init(&self->lock);
    self->run_now = self->settings_now = 1;
    return self;
}

Entry *entry_ref(Entry *self)
{
    g_atomic_ref_count_inc(&self->references);
    return self;
}

void entry_unref(Entry *self)
{
    if (!g_atomic_ref_count_dec(&self->references))
        return;
    for (guint i = 0; i < XML_FORMS; i++)
        g_free(self->xml[i]);
    g_free(self->name);
    g_free(self->path);
    g_free(self->log_path);
    g_mutex_clear(&self->lock);
    object_unref(self->machine);
    g_free(self);
}

const guint8 *entry_uuid(const Entry *self)
{
    return self->uuid;
}

Object *entry_machine(const Entry *self)
{
    return self->machine;
}

/* The list ---------------------------------------------------------------------------------- */

static Entry *find(GPtrArray *list, const guint8 uuid[UUID_BYTES])
{
    for (guint i = 0; list != NULL && i < list->len; i++)
        if (memcmp(((Entry *)list->pdata[i])->uuid, uuid, UUID_BYTES) == 0)
            return list->pdata[i];
    return NULL;
}

static Entry *list_find(const guint8 uuid[UUID_BYTES])
{
    return find(entries, uuid);
}

/* VirtualBox does not know its name any more, and clients have yet to hear of its end. */
static void list_dropped(Entry *entry)
{
    if (departed == NULL)
        departed = g_ptr_array_new_with_free_func((GDestroyNotify)entry_unref);
    if (find(departed, entry->uuid) == NULL)
        g_ptr_array_add(departed, entry_ref(entry));
}

/* What the list has, a reference of the caller's own; NULL: nothing. */
static Entry *list_get(const guint8 uuid[UUID_BYTES])
{
    g_mutex_lock(&registry_lock);
    Entry *entry = list_find(uuid);
    if (entry != NULL)
        entry_ref(entry);
    g_mutex_unlock(&registry_lock);
    return entry;
}

/* Adds the machine to the list, or finds that it is there.  A hidden one is in no list. */
static Entry *list_add(const guint8 uuid[UUID_BYTES], Object *machine)
{
    if (hidden_has(uuid))
        return entry_new(uuid, machine);
    g_mutex_lock(&registry_lock);
    Entry *entry = list_find(uuid);
    if (entry == NULL) {
        if (entries == NULL)
            entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_unref);
        entry = entry_new(uuid, machine);
        g_ptr_array_add(entries, entry);
    }
    entry_ref(entry);
    g_mutex_unlock(&registry_lock);
    return entry;
}

static GPtrArray *list_read_all(GError **error)
{
    g_autoptr(GPtrArray) machines = machine_all(error);
    if (machines == NULL)
        return NULL;
    g_autoptr(GPtrArray) fresh = g_ptr_array_new_with_free_func((GDestroyNotify)entry_unref);
    for (guint i = 0; i < machines->len; i++) {
        guint8 uuid[UUID_BYTES];
        if (!machine_uuid(machines->pdata[i], uuid, error))
            return NULL;
        if (hidden_has(uuid))
            continue;
        g_mutex_lock(&registry_lock);
        Entry *known = list_find(uuid);
        g_ptr_array_add(fresh,
                        known != NULL ? entry_ref(known) : entry_new(uuid, machines->pdata[i]));
        g_mutex_unlock(&registry_lock);
    }
    return g_steal_pointer(&fresh);
}

static const char *list_path(void)
{
    static gsize once;
    static char *path;
    if (g_once_init_enter(&once)) {
        g_autofree char *home = NULL;
        if (vbox_call(vbox_root(), IVirtualBox_get_homeFolder, NULL, &home))
            path = g_build_filename(home, "VirtualBox.xml", NULL);
        g_once_init_leave(&once, 1);
    }
    return path;
}

static gboolean list_ensure(GError **error)
{
    FileIdentity file = file_identity(list_path());
    gint now = g_atomic_int_get(&list_now);
    g_mutex_lock(&registry_lock);
    gboolean good = entries != NULL && list_read == now && file_same(&file, &list_file);
    g_mutex_unlock(&registry_lock);
    if (good)
        return TRUE;
    GPtrArray *fresh = list_read_all(error);
    if (fresh == NULL)
        return FALSE;
    g_mutex_lock(&registry_lock);
    GPtrArray *old = entries;
    for (guint i = 0; old != NULL && i < old->len; i++)
        if (find(fresh, ((Entry *)old->pdata[i])->uuid) == NULL)
            list_dropped(old->pdata[i]);
    entries = fresh;
    list_read = now;
    list_file = file;
    g_mutex_unlock(&registry_lock);
    g_clear_pointer(&old, g_ptr_array_unref);
    return TRUE;
}

GPtrArray *registry_all(GError **error)
{
    if (!list_ensure(error))
        return NULL;
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)entry_unref);
    g_mutex_lock(&registry_lock);
    for (guint i = 0; i < entries->len; i++)
        g_ptr_array_add(all, entry_ref(entries->pdata[i]));
    g_mutex_unlock(&registry_lock);
    return all;
}

/* Forgetting -------------------------------------------------------------------------------- */

static void forget(const guint8 uuid[UUID_BYTES], gboolean run, gboolean settings)
{
    g_mutex_lock(&registry_lock);
    Entry *entry = list_find(uuid);
    if (entry != NULL && run)
        g_atomic_int_inc(&entry->run_now);
    if (entry != NULL && settings)
        g_atomic_int_inc(&entry->settings_now);
    g_mutex_unlock(&registry_lock);
}

void registry_forget_run(const guint8 uuid[UUID_BYTES])
{
    forget(uuid, TRUE, FALSE);
}

void registry_forget_settings(const guint8 uuid[UUID_BYTES])
{
    forget(uuid, FALSE, TRUE);
}

void registry_set_reason(const guint8 uuid[UUID_BYTES], gint domain_state, gint reason)
{
    g_mutex_lock(&registry_lock);
    Entry *entry = list_find(uuid);
    if (entry != NULL)
        g_atomic_int_set(&entry->reason, domain_state << 8 | reason);
    g_mutex_unlock(&registry_lock);
}

void registry_added(const guint8 uuid[UUID_BYTES])
{
    g_atomic_int_inc(&list_now);
}

void registry_removed(const guint8 uuid[UUID_BYTES])
{
    g_atomic_int_inc(&list_now);
    g_mutex_lock(&registry_lock);
    Entry *entry = list_find(uuid);
    if (entry != NULL) {
        list_dropped(entry);
        g_ptr_array_remove(entries, entry);
    }
    g_mutex_unlock(&registry_lock);
}

void registry_forget_all(void)
{
    g_atomic_int_inc(&list_now);
    g_mutex_lock(&registry_lock);
    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        g_atomic_int_inc(&((Entry *)entries->pdata[i])->run_now);
        g_atomic_int_inc(&((Entry *)entries->pdata[i])->settings_now);
    }
    if (departed != NULL)
        g_ptr_array_set_size(departed, 0);
    g_mutex_unlock(&registry_lock);
}

/* One machine; the entry's lock is held in these --------------------------------------------- */

/* Raises the settings' counter when the file has changed, or may have when it was last read. */
static gint settings_now(Entry *self)
{
    FileIdentity file = file_identity(self->path);
    if (self->path != NULL && (!file_same(&file, &self->file) || !self->file_settled)) {
        self->file = file;
        self->file_settled = file_settled(&file);
        g_atomic_int_inc(&self->settings_now);
    }
    return g_atomic_int_get(&self->settings_now);
}

static gboolean name_ensure(Entry *self, GError **error)
{
    gint now = settings_now(self);
    if (self->name_read == now)
        return TRUE;
    g_autofree char *path = NULL, *name = NULL, *folder = NULL;
    gboolean accessible;
    if (!vbox_call(self->machine, IMachine_get_settingsFilePath, error, &path) ||
        !vbox_call(self->machine, IMachine_get_accessible, error, &accessible) ||
        (accessible && (!vbox_call(self->machine, IMachine_get_name, error, &name) ||
                        !vbox_call(self->machine, IMachine_get_logFolder, error, &folder))))
        return FALSE;
    g_free(self->name);
    self->name = accessible ? g_steal_pointer(&name) : machine_name_of_file(path);
    self->settings.accessible = accessible;
    if (g_strcmp0(self->path, path) != 0) {
        g_free(self->path);
        g_free(self->log_path);
        self->path = g_steal_pointer(&path);
        self->log_path = folder != NULL ? g_build_filename(folder, "VBox.log", NULL) : NULL;
        self->file_settled = FALSE;
    }
    self->name_read = now;
    return TRUE;
}

static gboolean extra_data_flag(Object *machine, const char *key, gboolean *ret_flag,
                                GError **error)
{
    g_autofree char *value = extra_data_get(machine, key, error);
    *ret_flag = g_strcmp0(value, "yes") == 0;
    return value != NULL;
}

static gboolean settings_ensure(Entry *self, GError **error)
{
    if (!name_ensure(self, error))
        return FALSE;
    gint now = self->name_read;
    if (self->settings_read == now)
        return TRUE;
    /* One processor is what a domain's XML means that names none, as an inaccessible one's. */
    EntrySettings fresh = {.accessible = self->settings.accessible, .vcpus = 1, .current_vcpus = 1};
    guint memory = 0, balloon = 0;
    if (fresh.accessible &&
        (!vbox_call(self->machine, IMachine_get_memorySize, error, &memory) ||
         !vbox_call(self->machine, IMachine_get_memoryBalloonSize, error, &balloon) ||
         !vbox_call(self->machine, IMachine_get_CPUCount, error, &fresh.vcpus) ||
         !general_count_vcpus(self->machine, fresh.vcpus, &fresh.current_vcpus, error) ||
         !vbox_call(self->machine, IMachine_get_snapshotCount, error, &fresh.snapshots) ||
         !extra_data_flag(self->machine, DOMAIN_AUTOSTART_KEY, &fresh.autostart, error) ||
         !extra_data_flag(self->machine, DOMAIN_TRANSIENT_KEY, &fresh.transient, error)))
        return FALSE;
    fresh.memory = (guint64)memory * 1024;
    fresh.current_memory = fresh.memory - (guint64)MIN(balloon, memory) * 1024;
    self->settings = fresh;
    self->settings_read = now;
    return TRUE;
}

static gboolean run_ensure(Entry *self, GError **error)
{
    if (!name_ensure(self, error))
        return FALSE;
    gint now = g_atomic_int_get(&self->run_now);
    FileIdentity log = file_identity(self->log_path);
    if (self->run_read == now && self->run_settings == self->name_read &&
        file_same(&log, &self->log))
        return TRUE;
    gboolean settled = file_settled(&log);
    guint32 state = 0, pid = 0;
    if (self->settings.accessible &&
        (!machine_state(self->machine, &state, error) ||
         (machine_state_is_online(state) &&
          !vbox_call(self->machine, IMachine_get_sessionPID, error, &pid))))
        return FALSE;
    self->run.state = state;
    self->run.id = pid != 0 ? (gint32)pid : -1;
    self->run_settings = self->name_read;
    self->log = log;
    /* A VM process that is just starting has not told its pid yet: ask again next time. */
    settled = settled && (!machine_state_is_online(state) || pid != 0);
    self->run_read = settled ? now : 0;
    return TRUE;
}

static gboolean xml_ensure(Entry *self, guint32 flags, guint form, GError **error)
{
    if (!run_ensure(self, error))
        return FALSE;
    gint settings = self->name_read;
    gint networks = network_names_now();
    EntryRun run = self->run;
    if (self->xml[form] != NULL && self->xml_read[form] == settings &&
        self->xml_networks[form] == networks && self->xml_run[form].state == run.state &&
        self->xml_run[form].id == run.id)
        return TRUE;
    char *xml = domain_dump(self->machine, flags, run.id, error);
    if (xml == NULL)
        return FALSE;
    g_free(self->xml[form]);
    self->xml[form] = xml;
    self->xml_read[form] = settings;
    self->xml_networks[form] = networks;
    self->xml_run[form] = run;
    return TRUE;
}

/* Answers ------------------------------------------------------------------------------------ */

gboolean entry_domain(Entry *self, Arena *arena, RemoteDomain *ret_domain, GError **error)
{
    g_mutex_lock(&self->lock);
    gboolean ok = run_ensure(self, error);
    if (ok) {
        ret_domain->name = arena_strdup(arena, self->name);
        memcpy(ret_domain->uuid, self->uuid, UUID_BYTES);
        ret_domain->id = self->run.id;
    }
    g_mutex_unlock(&self->lock);
    return ok;
}

gboolean entry_run(Entry *self, EntryRun *ret_run, GError **error)
{
    g_mutex_lock(&self->lock);
    gboolean ok = run_ensure(self, error);
    *ret_run = self->run;
    ret_run->domain_state = state_domain(self->run.state, &ret_run->reason);
    gint told = g_atomic_int_get(&self->reason);
    if (told >> 8 == ret_run->domain_state)
        ret_run->reason = told & 0xff;
    g_mutex_unlock(&self->lock);
    return ok;
}

gint entry_reason_mark(Entry *self)
{
    return g_atomic_int_get(&self->reason);
}

void entry_set_reason(Entry *self, gint mark, gint domain_state, gint reason)
{
    g_atomic_int_compare_and_exchange(&self->reason, mark, domain_state << 8 | reason);
}

gboolean entry_settings(Entry *self, EntrySettings *ret_settings, GError **error)
{
    g_mutex_lock(&self->lock);
    gboolean ok = settings_ensure(self, error);
    *ret_settings = self->settings;
    g_mutex_unlock(&self->lock);
    return ok;
}

char *entry_xml(Entry *self, guint32 flags, GError **error)
{
    guint form = ((flags & VIR_DOMAIN_XML_SECURE) != 0 ? 1u : 0u) |
                 ((flags & VIR_DOMAIN_XML_INACTIVE) != 0 ? 2u : 0u);
    g_mutex_lock(&self->lock);
    char *xml = xml_ensure(self, flags, form, error) ? g_strdup(self->xml[form]) : NULL;
    g_mutex_unlock(&self->lock);
    return xml;
}

static gboolean name_is(Entry *self, const char *name, GError **error)
{
    g_mutex_lock(&self->lock);
    gboolean same = name_ensure(self, error) && g_str_equal(self->name, name);
    g_mutex_unlock(&self->lock);
    return same;
}

static Entry *list_get_even_departed(const guint8 uuid[UUID_BYTES])
{
    g_mutex_lock(&registry_lock);
    Entry *entry = list_find(uuid);
    if (entry == NULL)
        entry = find(departed, uuid);
    if (entry != NULL)
        entry_ref(entry);
    g_mutex_unlock(&registry_lock);
    return entry;
}

void registry_remembered(const guint8 uuid[UUID_BYTES], Arena *arena, RemoteDomain *ret_domain)
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    memcpy(ret_domain->uuid, uuid, UUID_BYTES);
    ret_domain->id = -1;
    ret_domain->name = arena_strdup(arena, text);
    g_autoptr(Entry) entry = list_get_even_departed(uuid);
    if (entry == NULL)
        return;
    g_mutex_lock(&entry->lock);
    if (entry->name != NULL)
        ret_domain->name = arena_strdup(arena, entry->name);
    g_mutex_unlock(&entry->lock);
}

gboolean registry_was_transient(const guint8 uuid[UUID_BYTES])
{
    g_autoptr(Entry) entry = list_get_even_departed(uuid);
    if (entry == NULL)
        return FALSE;
    g_mutex_lock(&entry->lock);
    gboolean transient = entry->settings.transient;
    g_mutex_unlock(&entry->lock);
    return transient;
}

gboolean registry_ended_by_guest(const guint8 uuid[UUID_BYTES])
{
    g_autoptr(Entry) entry = list_get_even_departed(uuid);
    return entry != NULL && g_atomic_int_get(&entry->reason) ==
                                (VIR_DOMAIN_SHUTOFF << 8 | VIR_DOMAIN_SHUTOFF_SHUTDOWN);
}

void registry_forget_name(const guint8 uuid[UUID_BYTES])
{
    g_mutex_lock(&registry_lock);
    Entry *entry = find(departed, uuid);
    if (entry != NULL)
        g_ptr_array_remove(departed, entry);
    g_mutex_unlock(&registry_lock);
}

/* Looking up --------------------------------------------------------------------------------- */

Entry *registry_find_by_uuid(const guint8 uuid[UUID_BYTES], GError **error)
{
    Entry *entry = list_get(uuid);
    if (entry != NULL)
        return entry;
    g_autoptr(Object) machine = machine_find(uuid, NULL, error);
    return machine != NULL ? list_add(uuid, machine) : NULL;
}

Entry *registry_find(const RemoteDomain *dom, GError **error)
{
    return registry_find_by_uuid(dom->uuid, error);
}

Entry *registry_find_by_name(const char *name, GError **error)
{
    g_autoptr(GPtrArray) all = registry_all(error);
    if (all == NULL)
        return NULL;
    for (guint i = 0; i < all->len; i++) {
        g_autoptr(GError) failure = NULL; /* one that just went away is not the one */
        if (name_is(all->pdata[i], name, &failure))
            return entry_ref(all->pdata[i]);
    }
    /* Perhaps registered a moment ago: VirtualBox itself has the last word. */
    g_autoptr(Object) machine = machine_find_by_name(name, error);
    guint8 uuid[UUID_BYTES];
    if (machine == NULL || !machine_uuid(machine, uuid, error))
        return NULL;
    return list_add(uuid, machine);
}

Entry *registry_find_by_id(gint32 id, GError **error)
{
    g_autoptr(GPtrArray) all = registry_all(error);
    if (all == NULL)
        return NULL;
    for (guint i = 0; i < all->len; i++) {
        EntryRun run;
        if (!entry_run(all->pdata[i], &run, NULL))
            continue;
        if (run.id == id)
            return entry_ref(all->pdata[i]);
    }
    fail(error, VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching id %d", id);
    return NULL;
}
