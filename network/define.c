/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Define: see define.h. */
#include "network/define.h"
#include <string.h>
#include "base/libvirt.h"
#include "network/autostart.h"
#include "network/clash.h"
#include "network/dhcp_guest.h"
#include "network/dhcp_start.h"
#include "network/document.h"
#include "network/event.h"
#include "network/kind.h"
#include "network/record.h"
#include "vbox/turn.h"

/* Our turn to change networks; at its end clients hear what has changed. */
typedef Turn Change;

static Change begin(void)
{
    Change change = turn_begin(TURN_NETWORKS);
    network_event_ready();
    return change;
}

static void end(Change *self)
{
    network_event_look();
    turn_end(self);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Change, end)

/* --- which network the XML means ----------------------------------------------------------------
 */

/* *ret_old is NULL when it means a new one. */
static gboolean match(const GPtrArray *networks, const Network *want, Network **ret_old,
                      GError **error)
{
    char uuid[UUID_STRING];
    *ret_old = NULL;
    Network *same_uuid = network_in_by_uuid(networks, want->uuid);
    Network *same_name = network_in_by_name(networks, want->name);
    if (same_uuid != NULL && same_uuid != same_name) {
        uuid_format(want->uuid, uuid);
        return fail(error, VIR_ERR_OPERATION_FAILED, "network '%s' is already defined with uuid %s",
                    same_uuid->name, uuid);
    }
    /* An internal network that nobody defined is but a name on NICs: nobody gave it its UUID. */
    gboolean is_loose = same_name != NULL && (!same_name->is_ours || same_name->is_adopted) &&
                        same_name->kind == NETWORK_INTERNAL && want->kind == NETWORK_INTERNAL;
    if (same_name != NULL && same_uuid == NULL && !uuid_is_unset(want->uuid) && !is_loose) {
        uuid_format(same_name->uuid, uuid);
        return fail(error, VIR_ERR_OPERATION_FAILED, "network '%s' already exists with uuid %s",
                    want->name, uuid);
    }
    if (same_name != NULL && same_name->kind != want->kind)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "network '%s' is an %s, and interfaces that use it would lose it: undefine it "
                    "before you define it as %s",
                    want->name, kind_ops(same_name->kind)->noun, kind_ops(want->kind)->noun);
    *ret_old = same_name;
    return TRUE;
}

/* The bridge's name is advice, unless it is the adapter of another network: libvirt's words. */
static gboolean check_bridge(const GPtrArray *networks, const char *bridge, const Network *old,
                             GError **error)
{
    for (guint i = 0; bridge != NULL && i < networks->len; i++) {
        const Network *other = networks->pdata[i];
        if (other != old && other->kind == NETWORK_HOST_ONLY &&
            g_str_equal(other->vbox_name, bridge))
            return fail(error, VIR_ERR_INTERNAL_ERROR,
                        "bridge name '%s' already in use by network '%s'", bridge, other->name);
    }
    return TRUE;
}

/* One more when the XML says something else. */
static gboolean count_revision(Network *want, const Network *old, GError **error)
{
    want->mac = g_strdup(old->mac);
    g_autofree char *before = document_format(old, error);
    g_autofree char *after = before != NULL ? document_format(want, error) : NULL;
    if (after == NULL)
        return FALSE;
    want->revision = old->revision + !g_str_equal(before, after);
    return TRUE;
}

/* Of VirtualBox and of the record; what the kind has nothing to do for is done. */
static gboolean apply(Network *want, const Network *is, GError **error)
{
    const KindOps *ops = kind_ops(want->kind);
    return (ops->change == NULL || ops->change(want, is, error)) && record_save(want, error);
}

static gboolean change(Network *want, Network *old, GError **error)
{
    if (!count_revision(want, old, error))
        return FALSE;
    gboolean is_renumbered = memcmp(want->uuid, old->uuid, UUID_BYTES) != 0;
    if (apply(want, old, error))
        return !is_renumbered || !old->is_ours || record_remove(old, error);
    GError *failure = NULL;
    const KindOps *ops = kind_ops(old->kind);
    if (ops->change != NULL && !ops->change(old, want, &failure))
        network_warn(old, "put it back as it was", failure);
    return FALSE;
}

/* --- defining -----------------------------------------------------------------------------------
 */

/* Whether its DHCP server is one that is to run; of one that stays as it is, as it was. */
static void inherit_dhcp(Network *want, const Network *old)
{
    gboolean had = old != NULL && old->dhcp != NULL;
    want->wants_dhcp = want->dhcp != NULL;
    want->needs_dhcp = want->wants_dhcp || (old != NULL && !had && old->needs_dhcp);
    if (want->dhcp != NULL)
        want->dhcp->enabled =
            had && old->active == want->active ? old->dhcp->enabled : want->active;
}

/* What does not stand in the XML. */
static void inherit(Network *want, const Network *old, DefineHow how)
{
    want->persistent = how == DEFINE_ONLY || (old != NULL && old->persistent);
    want->autostart = old != NULL && old->autostart;
    want->revision = 1;
    want->active = how == DEFINE_START || (old != NULL && old->active);
    inherit_dhcp(want, old);
    if (old != NULL)
        want->vbox_name = g_strdup(old->vbox_name);
    if (!uuid_is_unset(want->uuid))
        return;
    if (old != NULL)
        memcpy(want->uuid, old->uuid, UUID_BYTES);
    else
        uuid_generate(want->uuid);
}

/* What others made and removed may have left a record: it would count again now that there is an
 * adapter, or a name, like theirs. */
static gboolean drop_stale(const Network *want, GError **error)
{
    g_autoptr(GPtrArray) records = record_all(error);
    if (records == NULL)
        return FALSE;
    for (guint i = 0; i < records->len; i++) {
        const Network *other = records->pdata[i];
        if (other->is_adopted && other->kind == want->kind &&
            g_str_equal(other->vbox_name, want->vbox_name) && !record_remove(other, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean take_away(const Network *network, GError **error)
{
    const KindOps *ops = kind_ops(network->kind);
    return (ops->remove == NULL || ops->remove(network, error)) && record_remove(network, error);
}

/* All or nothing of it. */
static gboolean remove_all(Network *network, GError **error)
{
    if (!network_fill(network, error))
        return FALSE;
    if (take_away(network, error))
        return TRUE;
    GError *failure = NULL;
    const KindOps *ops = kind_ops(network->kind);
    if (ops->change != NULL && !ops->change(network, network, &failure))
        network_warn(network, "put it back", failure);
    return FALSE;
}

static gboolean write_new(Network *want, GError **error)
{
    const KindOps *ops = kind_ops(want->kind);
    if (ops->make != NULL && !ops->make(want, error))
        return FALSE;
    if (drop_stale(want, error) && record_save(want, error))
        return TRUE;
    GError *failure = NULL;
    if (!take_away(want, &failure))
        network_warn(want, "remove it again", failure);
    return FALSE;
}

/* The network that the document is of, filled; *ret_before is NULL when there is none. */
static gboolean find_before(const GPtrArray *networks, Model *model, Network **ret_before,
                            GError **error)
{
    const char *name;
    guint8 uuid[UUID_BYTES] = {0};
    if (!document_names(model, &name, uuid, error))
        return FALSE;
    *ret_before = name != NULL ? network_in_by_name(networks, name) : NULL;
    return *ret_before == NULL || network_fill(*ret_before, error);
}

/* VirtualBox's name for its DHCP server; of a network that is yet to be made, its own. */
static char *server_name(const Network *network)
{
    const char *name = network->vbox_name != NULL ? network->vbox_name : network->name;
    return network->kind == NETWORK_HOST_ONLY ? dhcp_network_name(name) : g_strdup(name);
}

/* Whether its DHCP server would run. */
static gboolean check_server(const Network *network, GError **error)
{
    const Dhcp *server = network->dhcp;
    if (server == NULL || server->is_future)
        return TRUE;
    AdapterIp ip = network->v4;
    if (network->kind == NETWORK_INTERNAL)
        ip = (AdapterIp){server->address, server->prefix};
    g_autofree char *name = server_name(network);
    return dhcp_check_start(server, name, &ip, error);
}

static gboolean check_inactive(const Network *old, DefineHow how, GError **error)
{
    return how != DEFINE_START || old == NULL || !old->active ||
           fail(error, VIR_ERR_OPERATION_INVALID, "network is already active as '%s'", old->name);
}

/* What runs with its addresses goes on, whoever has come to the same. */
static gboolean check_moved(const Network *want, const Network *old, GError **error)
{
    gboolean stays = old != NULL && old->active && adapter_ip_equal(&want->v4, &old->v4) &&
                     adapter_ip_equal(&want->v6, &old->v6);
    return stays || clash_check(want, error);
}

/* What VirtualBox, the host and the other networks are against; of one whose parts are known. */
static void check_want(const Network *want, const Network *old, DefineHow how, Refusals *refusals)
{
    const KindOps *ops = kind_ops(want->kind);
    const Dhcp *was = old != NULL ? old->dhcp : NULL;
    GError *reason = NULL;
    refusals_note(refusals, ops->check == NULL || ops->check(want, &reason), &reason);
    refusals_note(refusals, want->dhcp == NULL || dhcp_check_guests(want->dhcp, was, &reason),
                  &reason);
    refusals_note(refusals, how != DEFINE_START || check_server(want, &reason), &reason);
    refusals_note(refusals, check_moved(want, old, &reason), &reason);
}

/* Which network it is to be, *ret_old, and whether it can be.  Of one that is not known to be it,
 * nothing more can be said. */
static void check_all(const GPtrArray *networks, Network *want, const char *bridge, DefineHow how,
                      Network **ret_old, Refusals *refusals)
{
    GError *reason = NULL;
    if (!refusals_note(refusals, match(networks, want, ret_old, &reason), &reason))
        return;
    refusals_note(refusals, check_bridge(networks, bridge, *ret_old, &reason), &reason);
    refusals_note(refusals, check_inactive(*ret_old, how, &reason), &reason);
    inherit(want, *ret_old, how);
    if (!want->is_partial)
        check_want(want, *ret_old, how, refusals);
}

static Network *define(const char *xml, DefineHow how, GError **error)
{
    g_autofree char *bridge = NULL;
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Model) model = map_parse_all(&network_schema, xml, refusals, error);
    g_autoptr(GPtrArray) networks = model != NULL ? network_all(error) : NULL;
    Network *before, *old = NULL;
    if (networks == NULL || !find_before(networks, model, &before, error))
        return NULL;
    g_autoptr(Network) want = document_take(model, before, &bridge, refusals);
    if (want != NULL)
        check_all(networks, want, bridge, how, &old, refusals);
    if (!refusals_tell(refusals, error))
        return NULL;
    g_assert(want != NULL);
    if (!(old == NULL ? write_new(want, error) : change(want, old, error)))
        return NULL;
    want->before = NULL;
    return g_steal_pointer(&want);
}

Network *network_define(const char *xml, DefineHow how, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    return define(xml, how, error);
}

static gboolean check_impact(const Network *network, guint32 flags, GError **error)
{
    if ((flags & VIR_NETWORK_UPDATE_AFFECT_LIVE) != 0 && !network->active)
        return fail(error, VIR_ERR_OPERATION_INVALID, "network is not running");
    if ((flags & VIR_NETWORK_UPDATE_AFFECT_CONFIG) != 0 && !network->persistent)
        return fail(error, VIR_ERR_OPERATION_INVALID, "transient networks do not have any config");
    return TRUE;
}

/* The record of a network that others made: theirs, not ours, decides whether there is one. */
static gboolean save(Network *network, GError **error)
{
    network->is_adopted |= !network->is_ours;
    return record_save(network, error);
}

gboolean network_change(const guint8 uuid[UUID_BYTES], const char *name, guint32 flags,
                        NetworkEdit edit, gconstpointer data, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Network) network = network_find(uuid, name, error);
    if (network == NULL || !check_impact(network, flags, error) || !network_fill(network, error))
        return FALSE;
    g_autofree char *xml = document_format(network, error);
    g_autoptr(Edit) document = xml != NULL ? edit_new(&network_schema, xml, error) : NULL;
    if (document == NULL || !edit(document, network, data, error))
        return FALSE;
    g_autofree char *changed = edit_text(document);
    g_autoptr(Network) same = define(changed, DEFINE_CHANGE, error);
    return same != NULL;
}

gboolean network_change_words(const guint8 uuid[UUID_BYTES], const char *name, guint32 flags,
                              NetworkEdit edit, gconstpointer data, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Network) network = network_find(uuid, name, error);
    if (network == NULL || !check_impact(network, flags, error) || !network_fill(network, error))
        return FALSE;
    g_autofree char *xml = document_format_words(network, error);
    g_autoptr(Edit) document = xml != NULL ? edit_new(&network_schema, xml, error) : NULL;
    if (document == NULL || !edit(document, network, data, error))
        return FALSE;
    g_autofree char *changed = edit_text(document);
    return document_take_words(changed, network, error) && save(network, error);
}

/* --- life ---------------------------------------------------------------------------------------
 */

/* Starts or stops what is filled.  The record comes last: VirtualBox tells everybody of it. */
static gboolean set_active(Network *network, gboolean active, GError **error)
{
    const KindOps *ops = kind_ops(network->kind);
    network->active = active;
    gboolean (*step)(Network *, GError **) = active ? ops->start : ops->stop;
    if ((step == NULL || step(network, error)) && save(network, error))
        return TRUE;
    GError *failure = NULL;
    network->active = !active;
    gboolean (*back)(Network *, GError **) = active ? ops->stop : ops->start;
    if (back != NULL && !back(network, &failure))
        network_warn(network, active ? "stop it again" : "start it again", failure);
    return FALSE;
}

static gboolean start(Network *network, GError **error)
{
    if (!network_fill(network, error))
        return FALSE;
    network->active = TRUE;
    return check_server(network, error) && clash_check(network, error) &&
           set_active(network, TRUE, error);
}

gboolean network_start(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Network) network = network_find(uuid, name, error);
    if (network == NULL)
        return FALSE;
    if (network->active)
        return fail(error, VIR_ERR_OPERATION_INVALID, "network is already active");
    return start(network, error);
}

static gboolean stop(Network *network, GError **error)
{
    if (!network->persistent)
        return remove_all(network, error);
    return network_fill(network, error) && set_active(network, FALSE, error);
}

gboolean network_stop(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Network) network = network_find(uuid, name, error);
    if (network == NULL)
        return FALSE;
    if (!network->active)
        return fail(error, VIR_ERR_OPERATION_INVALID, "network '%s' is not active", network->name);
    return stop(network, error);
}

gboolean network_undefine(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Network) network = network_find(uuid, name, error);
    if (network == NULL)
        return FALSE;
    if (!network->persistent)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot undefine transient network");
    if (!network->is_ours && network->kind == NETWORK_INTERNAL)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "network '%s' exists because interfaces of domains name it, and ends when none "
                    "does",
                    network->name);
    if (!network->active)
        return remove_all(network, error);
    network->persistent = network->autostart = FALSE;
    return network_fill(network, error) && save(network, error);
}

gboolean network_set_autostart(const guint8 uuid[UUID_BYTES], const char *name, gboolean autostart,
                               GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Network) network = network_find(uuid, name, error);
    if (network == NULL)
        return FALSE;
    if (!network->persistent)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot set autostart for transient network");
    if (network->autostart == autostart)
        return TRUE;
    network->autostart = autostart;
    return network_fill(network, error) && save(network, error);
}

void network_autostart_all(void)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) networks = network_all(&failure);
    if (networks == NULL) {
        g_warning("networks cannot be started: %s", failure->message);
        return;
    }
    for (guint i = 0; i < networks->len; i++) {
        Network *network = networks->pdata[i];
        GError *problem = NULL;
        if (network->active)
            continue;
        if (network->autostart && !start(network, &problem))
            network_warn(network, "start it", problem);
        else if (!network->persistent && !remove_all(network, &problem))
            network_warn(network, "remove it", problem);
    }
}
