/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Change: see change.h.
 *
 * Theory of operation.  A change is an edit of the domain's XML, which is then parsed, checked and
 * applied like any other: attaching a device and defining a machine that has it are the same.
 *
 *                        runs                             does not run
 *     LIVE     edit what runs, live_apply()               refused
 *     CONFIG   edit what is next, next_plan()             edit what is next, define
 *     both     both edits, live_apply() with the second   refused */
#include "domain/change.h"
#include "base/libvirt.h"
#include "domain/alias.h"
#include "domain/build.h"
#include "domain/changing.h"
#include "domain/live.h"
#include "domain/next.h"
#include "domain/notice.h"
#include "vbox/machine.h"

gboolean domain_impact(gboolean is_running, gboolean is_transient, guint32 *flags, GError **error)
{
    if ((*flags & (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)) == 0)
        *flags |= is_running ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG;
    if ((*flags & VIR_DOMAIN_AFFECT_LIVE) != 0 && !is_running)
        return fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
    if ((*flags & VIR_DOMAIN_AFFECT_CONFIG) != 0 && is_transient)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "transient domains do not have any persistent config");
    return TRUE;
}

char *domain_xml_of(const RemoteDomain *dom, guint32 flags, GError **error)
{
    EntryRun run;
    EntrySettings settings;
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL || !entry_run(entry, &run, error) ||
        !entry_settings(entry, &settings, error) ||
        !domain_impact(run.id >= 0, settings.transient, &flags, error))
        return NULL;
    gboolean is_live = (flags & VIR_DOMAIN_AFFECT_LIVE) != 0;
    return entry_xml(entry, is_live ? 0 : VIR_DOMAIN_XML_INACTIVE, error);
}

gboolean domain_check_settings(Entry *entry, GError **error)
{
    EntrySettings settings;
    return entry_settings(entry, &settings, error) &&
           (settings.accessible || machine_check_settings(entry_machine(entry), error));
}

Domain *domain_model_of(const RemoteDomain *dom, guint32 flags, GError **error)
{
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL || !domain_check_settings(entry, error))
        return NULL;
    g_autofree char *xml = domain_xml_of(dom, flags, error);
    return xml != NULL ? domain_parse(xml, error) : NULL;
}

/* The document of a model, edited.  runs: its devices have aliases.  Owned by the caller. */
static char *edited(Domain *model, gboolean runs, DomainEdit edit, gconstpointer data,
                    GError **error)
{
    g_autofree char *xml = map_format(model, MAP_SECURE, error);
    if (xml == NULL)
        return NULL;
    /* What is edited knows the places of its items by the document. */
    g_autoptr(Model) domain = domain_parse(xml, error);
    g_autoptr(Edit) document = domain != NULL ? edit_new(&domain_schema, xml, error) : NULL;
    if (document != NULL && runs)
        alias_lend(domain, model);
    return document != NULL && edit(document, domain, data, error) ? edit_text(document) : NULL;
}

/* What the machine is to be next, edited or (edit NULL) as it is. */
static char *config_text(Object *machine, DomainEdit edit, gconstpointer data, GError **error)
{
    g_autoptr(Model) next = next_read(machine, error);
    if (next == NULL)
        return NULL;
    return edit != NULL ? edited(next, FALSE, edit, data, error)
                        : map_format(next, MAP_SECURE, error);
}

/* A change of what runs, and what clients hear of it. */
typedef struct Live {
    const guint8 *uuid;
    Mark *mark; /* NULL: VirtualBox's own word is enough */
} Live;

static gboolean mark_live(Domain *is, Domain *wanted, gpointer data, GError **error)
{
    Live *live = data;
    g_autoptr(GPtrArray) notices = notice_between(is, wanted);
    if (notices->len > 0)
        live->mark = changing_run(live->uuid, notices, error);
    return notices->len == 0 || live->mark != NULL;
}

/* The mark comes off when all is done. */
static gboolean apply_live(Entry *entry, Domain *wanted, const char *config, gboolean force,
                           GError **error)
{
    Live live = {entry_uuid(entry), NULL};
    gboolean is_good =
        live_apply(entry_machine(entry), wanted, config, force, mark_live, &live, error);
    if (!is_good && live.mark != NULL)
        mark_fail(live.mark);
    g_clear_pointer(&live.mark, mark_free);
    return is_good;
}

static gboolean change_live(Entry *entry, guint32 flags, gboolean has_config, DomainEdit edit,
                            gconstpointer data, GError **error)
{
    Object *machine = entry_machine(entry);
    gboolean both = (flags & VIR_DOMAIN_AFFECT_CONFIG) != 0;
    g_autoptr(Model) is = domain_read(machine, error);
    g_autofree char *xml = is != NULL ? edited(is, TRUE, edit, data, error) : NULL;
    g_autoptr(Model) wanted = xml != NULL ? domain_parse(xml, error) : NULL;
    g_autofree char *config =
        wanted != NULL && has_config ? config_text(machine, both ? edit : NULL, data, error) : NULL;
    if (wanted == NULL || (has_config && config == NULL))
        return FALSE;
    return apply_live(entry, wanted, config, (flags & VIR_DOMAIN_DEVICE_MODIFY_FORCE) != 0, error);
}

/* A definition knows itself what to do with a machine that runs. */
static gboolean change_config(Entry *entry, DomainEdit edit, gconstpointer data, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autofree char *xml = config_text(entry_machine(entry), edit, data, error);
    g_autoptr(Object) machine = xml != NULL ? build_machine(xml, FALSE, uuid, error) : NULL;
    return machine != NULL;
}

gboolean domain_change(const RemoteDomain *dom, guint32 flags, DomainEdit edit, gconstpointer data,
                       GError **error)
{
    EntryRun run;
    EntrySettings settings;
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL)
        return FALSE;
    registry_forget_run(dom->uuid);
    if (!entry_run(entry, &run, error) || !entry_settings(entry, &settings, error) ||
        !domain_check_settings(entry, error) ||
        !domain_impact(run.id >= 0, settings.transient, &flags, error))
        return FALSE;
    gboolean is_good = (flags & VIR_DOMAIN_AFFECT_LIVE) != 0
                           ? change_live(entry, flags, !settings.transient, edit, data, error)
                           : change_config(entry, edit, data, error);
    registry_forget_settings(dom->uuid);
    return is_good;
}
