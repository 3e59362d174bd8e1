/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Build: see build.h.
 *
 * Everything that can be known before is checked before: by the tables' parse and check, without
 * VirtualBox, then by their look and prepare, which change nothing.  Then a new machine is made and
 * registered (VirtualBox attaches disks to registered ones only), locked, changed, saved.  What
 * fails on the way ends the session without saving, which undoes a change of an old machine; a new
 * one is removed, and images that were opened for it leave VirtualBox's list, when the context
 * ends. */
#include "domain/build.h"
#include "domain/define.h"
#include "domain/domain.h"
#include "domain/incomplete.h"
#include "domain/kept.h"
#include "domain/next.h"
#include "domain/quiet.h"
#include "domain/storage.h"
#include "vbox/machine.h"
#include "vbox/session.h"

/* --- which machine it is
 * -------------------------------------------------------------------------- */

/* That there is none is no error here. */
static gboolean none_is_good(Object *machine, GError **failure, GError **error)
{
    if (machine != NULL || g_error_matches(*failure, VIR_ERROR, VIR_ERR_NO_DOMAIN))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(failure));
    return FALSE;
}

/* As VirtualBox and libvirt both want it: one machine a name, one a uuid.  *ret_machine NULL: it is
 * to be made. */
static gboolean find_machine(const General *general, Object **ret_machine, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_assert(uuid_parse(general->uuid, uuid));
    g_autoptr(GError) no_uuid = NULL, no_name = NULL;
    g_autoptr(Object) same_uuid = machine_find(uuid, NULL, &no_uuid);
    g_autoptr(Object) same_name = machine_find_by_name(general->name, &no_name);
    g_autofree char *other = NULL;
    if (!none_is_good(same_uuid, &no_uuid, error) || !none_is_good(same_name, &no_name, error))
        return FALSE;
    *ret_machine = same_uuid != NULL ? object_ref(same_uuid) : NULL;
    if (same_name != NULL && !vbox_call(same_name, IMachine_get_id, error, &other))
        return FALSE;
    if (other != NULL && g_ascii_strcasecmp(other, general->uuid) != 0)
        return fail(error, VIR_ERR_OPERATION_FAILED, "domain '%s' already exists with uuid %s",
                    general->name, other);
    if (same_uuid != NULL && same_name == NULL) {
        other = machine_name(same_uuid, error);
        return other != NULL &&
               fail(error, VIR_ERR_OPERATION_FAILED, "domain '%s' is already defined with uuid %s",
                    other, general->uuid);
    }
    return TRUE;
}

/* A definition, and the machine that it is to change (NULL: it is to be made).  Of one that is
 * refused VirtualBox is asked as well, so that all reasons are told at once. */
static Domain *read_definition(const char *xml, Object **ret_machine, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Model) domain = map_parse_all(&domain_schema, xml, refusals, error);
    GError *reason = NULL;
    if (domain == NULL)
        return NULL;
    General *general = domain_general(domain);
    if (general->uuid == NULL)
        general->uuid = g_uuid_string_random();
    if (refusals_note(refusals,
                      general->name == NULL || find_machine(general, ret_machine, &reason),
                      &reason) &&
        *ret_machine != NULL && !machine_check_settings(*ret_machine, error))
        return NULL;
    if (!refusals_are_none(refusals)) {
        g_autoptr(MapContext) context = map_context_new(domain, *ret_machine);
        map_look(context, refusals);
    }
    return refusals_tell(refusals, error) ? g_steal_pointer(&domain) : NULL;
}

/* --- a new one
 * -------------------------------------------------------------------------------------- */

/* 7.1 put the platform's architecture in, so this one name has two shapes. */
static gboolean call_create(const General *general, const Os *os, Object **ret_machine,
                            GError **error)
{
    static const char *const now = "ssuassssss>o", *const before = "ssassssss>o";
    const Method *create = method_find(object_interface(vbox_root()), "createMachine", METHOD_CALL);
    g_autofree char *flags = g_strdup_printf("UUID=%s", general->uuid);
    guint32 architecture = vbox_enum(g_str_equal(os->arch, "aarch64") ? PlatformArchitecture_ARM
                                                                      : PlatformArchitecture_x86);
    if (create != NULL && g_str_equal(create->signature, now))
        return object_call(vbox_root(), create, error, NULL, general->name, architecture, 0u, NULL,
                           os->os_type, flags, NULL, NULL, NULL, ret_machine);
    if (create != NULL && g_str_equal(create->signature, before))
        return object_call(vbox_root(), create, error, NULL, general->name, 0u, NULL, os->os_type,
                           flags, NULL, NULL, NULL, ret_machine);
    return fail(
        error, VIR_ERR_NO_SUPPORT,
        "VirtualBox %u makes machines in a way that vboxvirt does not know; update vboxvirt",
        vbox_version());
}

/* Why VirtualBox makes none.  Of a settings file in the way it says that it is there, not what can
 * be done: no domain has it, so no client could name it. */
static void explain_create(const General *general, GError **error)
{
    g_autofree char *path = machine_file_of_name(general->name, NULL);
    if (path == NULL || !g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    g_clear_error(error);
    fail(error, VIR_ERR_OPERATION_FAILED,
         "a settings file that no domain has stands where VirtualBox would write that of domain "
         "'%s': %s; move it away or delete it, or register it (VBoxManage registervm)",
         general->name, path);
}

static void undo_create(gpointer machine)
{
    g_autoptr(GError) failure = NULL;
    if (!domain_remove(machine, NVRAM_AS_MARKED, &failure))
        g_warning("removing a machine that could not be completed: %s", failure->message);
}

/* A transient one is marked before it is registered: clients do not hear "Defined" of it.  So is
 * one that found an NVRAM file that was kept, for that must stay when the machine cannot be
 * completed. */
static gboolean mark_machine(Object *machine, gboolean is_transient, GError **error)
{
    gboolean found;
    return kept_adopt(machine, &found, error) &&
           (!found || extra_data_set(machine, KEEP_NVRAM_KEY, "yes", error)) &&
           (!is_transient || extra_data_set(machine, DOMAIN_TRANSIENT_KEY, "yes", error));
}

static Object *create_machine(MapContext *context, Domain *domain, gboolean is_transient,
                              GError **error)
{
    g_autoptr(Object) machine = NULL;
    if (!call_create(domain_general(domain), domain_os(domain), &machine, error)) {
        explain_create(domain_general(domain), error);
        return NULL;
    }
    if (!mark_machine(machine, is_transient, error) ||
        !vbox_call(machine, IMachine_saveSettings, error))
        return NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_registerMachine, error, machine)) {
        g_autoptr(GError) failure = NULL;
        if (!domain_remove_files(machine, &failure))
            g_warning("removing the settings of a machine that is none: %s", failure->message);
        return NULL;
    }
    map_on_failure(context, undo_create, object_ref(machine), (GDestroyNotify)object_unref);
    return g_steal_pointer(&machine);
}

/* --- all of it
 * -------------------------------------------------------------------------------------- */

typedef struct Next {
    Object *machine;
    char *xml;
} Next;

static void next_free(gpointer data)
{
    Next *self = data;
    object_unref(self->machine);
    g_free(self->xml);
    g_free(self);
}

static void undo_drop(gpointer data)
{
    const Next *self = data;
    g_autoptr(GError) failure = NULL;
    if (!session_set_extra_data(self->machine, DOMAIN_NEXT_KEY, self->xml, &failure))
        g_warning("what a machine was to be next is lost: %s", failure->message);
}

/* What was next is now, or is no more.  It is saved at once, so it comes before all that may fail,
 * and back after a failure. */
static gboolean drop_next(MapContext *context, Object *machine, Session *session, GError **error)
{
    g_autofree char *xml = next_get(machine, error);
    if (xml == NULL || *xml == '\0')
        return xml != NULL;
    if (!extra_data_set(session_machine(session), DOMAIN_NEXT_KEY, NULL, error))
        return FALSE;
    Next *next = g_new(Next, 1);
    *next = (Next){object_ref(machine), g_steal_pointer(&xml)};
    map_on_failure(context, undo_drop, next, next_free);
    return TRUE;
}

/* VirtualBox (7.2) holds images that a session attached even when the session is discarded; those
 * of a machine that goes anyway are let go when it goes with them. */
static gboolean change_machine(MapContext *context, Object *machine, gboolean is_new,
                               GError **error)
{
    g_autoptr(Session) session = session_write(machine, error);
    if (session == NULL)
        return FALSE;
    map_context_set_machine(context, session_machine(session));
    /* Extra data saves everything: it comes last, and nothing may fail after it. */
    gboolean is_saved = FALSE;
    gboolean is_good = (is_new || drop_next(context, machine, session, error)) &&
                       map_apply(context, error) && map_keep(context, &is_saved, error) &&
                       (is_saved || session_save(session, error));
    gboolean is_half = is_new || map_data(context, DISK_RETYPES) != NULL;
    if (is_good)
        map_commit(context);
    else if (is_half && !session_save(session, NULL))
        g_debug("a machine that is to be removed or made anew could not be saved");
    map_context_set_machine(context, NULL);
    return is_good;
}

/* A machine that runs, or whose state is saved, must stay as it is. */
static gboolean must_wait(Object *machine, gboolean *ret_wait, GError **error)
{
    guint32 state;
    if (!machine_state(machine, &state, error))
        return FALSE;
    *ret_wait = machine_state_is_online(state) || machine_state_is_saved(state);
    return TRUE;
}

/* What lacks a file that is optional becomes whole when it starts next. */
static gboolean await(MapContext *context, Object *machine, const char *xml, GError **error)
{
    return map_data(context, DISK_AWAITED) == NULL ||
           next_await(machine, xml, map_model(context), error);
}

static char *definition_of(Object *machine, GError **error)
{
    g_autoptr(Model) is = domain_read(machine, error);
    return is != NULL ? map_format(is, MAP_SECURE, error) : NULL;
}

/* What was saved half way (domain/disk_type.c) becomes what it was. */
static void take_back(Object *machine, const char *definition)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Model) domain = domain_parse(definition, &failure);
    g_autoptr(MapContext) context = domain != NULL ? map_context_new(domain, machine) : NULL;
    if (context == NULL || !map_prepare(context, &failure) ||
        !change_machine(context, machine, FALSE, &failure))
        g_warning("a change that failed could not be taken back: %s", failure->message);
}

static gboolean change(MapContext *context, Object *machine, GError **error)
{
    g_autofree char *definition = NULL;
    if (!map_prepare(context, error))
        return FALSE;
    if (map_data(context, DISK_RETYPES) != NULL) {
        definition = definition_of(machine, error);
        if (definition == NULL)
            return FALSE;
    }
    if (change_machine(context, machine, FALSE, error))
        return TRUE;
    if (definition != NULL)
        take_back(machine, definition);
    return FALSE;
}

/* Of one that is there already. */
static gboolean change_or_plan(Object *machine, Domain *domain, const char *xml, GError **error)
{
    gboolean waits;
    if (!must_wait(machine, &waits, error))
        return FALSE;
    if (waits)
        return next_plan(machine, xml, error);
    g_autoptr(MapContext) context = map_context_new(domain, machine);
    return change(context, machine, error) && await(context, machine, xml, error);
}

static Mark *quietly(Domain *domain, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_assert(uuid_parse(domain_general(domain)->uuid, uuid));
    return quiet_begin(uuid, error);
}

/* As QEMU's driver: a domain that has a definition runs by another one, once. */
static gboolean change_once(Object *machine, Domain *domain, GError **error)
{
    gboolean waits;
    if (!must_wait(machine, &waits, error))
        return FALSE;
    if (waits)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "domain '%s' is already active, or has a saved state",
                    domain_general(domain)->name);
    g_autoptr(Model) is = next_read(machine, error);
    g_autofree char *definition = is != NULL ? map_format(is, MAP_SECURE, error) : NULL;
    g_autoptr(Mark) mark = definition != NULL ? quietly(domain, error) : NULL;
    if (mark == NULL)
        return FALSE;
    g_autoptr(MapContext) context = map_context_new(domain, machine);
    return change(context, machine, error) && next_plan(machine, definition, error);
}

static Object *make(Domain *domain, const char *xml, gboolean is_transient, GError **error)
{
    const General *general = domain_general(domain);
    g_autoptr(Mark) mark = NULL; /* freed after the context, which may remove the machine again */
    g_autoptr(MapContext) context = map_context_new(domain, NULL);
    if (!map_prepare(context, error))
        return NULL;
    mark = incomplete_begin(general->uuid, general->name, error);
    if (mark == NULL)
        return NULL;
    g_autoptr(Object) machine = create_machine(context, domain, is_transient, error);
    if (machine == NULL || !change_machine(context, machine, TRUE, error) ||
        (!is_transient && !await(context, machine, xml, error)))
        return NULL;
    return g_steal_pointer(&machine);
}

Object *build_machine(const char *xml, gboolean is_transient, guint8 ret_uuid[UUID_BYTES],
                      GError **error)
{
    g_autoptr(Object) machine = NULL;
    g_autoptr(Model) domain = read_definition(xml, &machine, error);
    if (domain == NULL)
        return NULL;
    g_assert(uuid_parse(domain_general(domain)->uuid, ret_uuid));
    if (machine == NULL)
        machine = make(domain, xml, is_transient, error);
    else if (is_transient ? !change_once(machine, domain, error)
                          : !change_or_plan(machine, domain, xml, error))
        return NULL;
    domain_save_hits();
    return g_steal_pointer(&machine);
}

/* One that only waits for files stays as it is; one that somebody has undefined meanwhile does not
 * come back. */
static gboolean become(const char *xml, GError **error)
{
    gboolean still_waits;
    g_autoptr(Object) found = NULL;
    g_autoptr(Model) domain = read_definition(xml, &found, error);
    if (domain == NULL)
        return FALSE;
    if (found == NULL)
        return TRUE;
    if (!next_still_waits(found, xml, &still_waits, error))
        return FALSE;
    if (still_waits)
        return TRUE;
    g_autoptr(Mark) mark = quietly(domain, error);
    return mark != NULL && change_or_plan(found, domain, xml, error);
}

gboolean build_next(Object *machine, GError **error)
{
    /* A start that failed and the end that follows it both come here.  Who comes second waits: what
     * was next is no more a moment before the machine is so (drop_next()). */
    static GMutex mutexes[16];
    guint8 uuid[UUID_BYTES];
    gboolean waits;
    if (!machine_uuid(machine, uuid, error))
        return FALSE;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker =
        g_mutex_locker_new(&mutexes[uuid[0] % G_N_ELEMENTS(mutexes)]);
    g_autofree char *xml = next_get(machine, error);
    if (xml == NULL)
        return FALSE;
    if (*xml == '\0')
        return TRUE;
    if (!must_wait(machine, &waits, error))
        return FALSE;
    if (waits || become(xml, error))
        return TRUE;
    g_prefix_error(error, "what was to be changed when the domain starts next: ");
    return FALSE;
}

gboolean build_start(Object *machine, BuildBegin begin, gpointer data, GError **error)
{
    guint8 uuid[UUID_BYTES];
    gboolean waits;
    if (!build_next(machine, error) || !must_wait(machine, &waits, error))
        return FALSE;
    if (waits) /* its saved state has the drives as they were */
        return TRUE;
    g_autoptr(Model) without = NULL;
    if (!disk_check_start(machine, &without, error))
        return FALSE;
    if (without == NULL)
        return TRUE;
    g_autofree char *xml = definition_of(machine, error);
    g_autoptr(Model) is = xml != NULL ? domain_parse(xml, error) : NULL;
    if (is == NULL || !begin(is, without, data, error))
        return FALSE;
    g_autoptr(Object) same = build_machine(xml, FALSE, uuid, error);
    return same != NULL;
}
