/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Update: changing one section of a network, and its metadata. */
#include <string.h>
#include "base/libvirt.h"
#include "network/define.h"
#include "network/document.h"
#include "rpc/handlers.h"

/* libvirt's words for sections, in the order of virNetworkUpdateSection; and of those that no
 * network of VirtualBox has, where a new one would stand. */
static const struct {
    const char *word, *parent;
} sections[] = {{"none", NULL},
                {"bridge", NULL},
                {"domain", NULL},
                {"ip", NULL},
                {"ip-dhcp-host", NULL},
                {"ip-dhcp-range", NULL},
                {"forward", NULL},
                {"forward-interface", NULL},
                {"forward-pf", "forward"},
                {"portgroup", ""},
                {"dns-host", "dns"},
                {"dns-txt", "dns"},
                {"dns-srv", "dns"}};

/* A <dhcp>, or where there could be one: below an <ip>, or an internal network's <vbox:dhcp>. */
typedef struct Place {
    char *path;          /* "ip[1]/dhcp" */
    const char *kind;    /* "ip/dhcp" */
    const Element *host; /* what a <host> is there */
    const ServerItem *server;
} Place;

static void place_clear(Place *self)
{
    g_clear_pointer(&self->path, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/* Which <ip> is meant: -1 is the first that has DHCP, or could have. */
static guint ip_number(const NetworkUpdateArgs *args, Model *model)
{
    GPtrArray *ips = model_items(model, &ip_element);
    if (args->parentIndex >= 0)
        return (guint)args->parentIndex + 1;
    for (guint i = 0; i < ips->len; i++)
        if (((const IpItem *)ips->pdata[i])->dhcp == SWITCH_YES)
            return i + 1;
    return 1;
}

static gboolean find_place(const NetworkUpdateArgs *args, Model *model, const Network *network,
                           Place *ret_place, GError **error)
{
    const LanItem *lan = model_first(model, &lan_element);
    if (lan != NULL) {
        *ret_place = (Place){g_strdup("vbox:dhcp"), "vbox:dhcp", &lan_host_element, &lan->server};
        return TRUE;
    }
    GPtrArray *ips = model_items(model, &ip_element);
    guint number = ip_number(args, model);
    if (number > ips->len)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "couldn't update dhcp entry - no <ip> element found at index %u in network "
                    "'%s'",
                    number - 1, network->name);
    const IpItem *ip = ips->pdata[number - 1];
    *ret_place =
        (Place){g_strdup_printf("ip[%u]/dhcp", number), "ip/dhcp", &host_element, &ip->server};
    return TRUE;
}

static Model *parse(Edit *edit, GError **error)
{
    g_autofree char *xml = edit_text(edit);
    return map_parse(&network_schema, xml, error);
}

static gboolean is_add(guint32 command)
{
    return command == VIR_NETWORK_UPDATE_COMMAND_ADD_LAST ||
           command == VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST;
}

/* Whether a <dhcp> says more than its range and its hosts. */
static gboolean has_more(Model *model, const Place *place)
{
    gboolean is_lan = place->host == &lan_host_element;
    const ServerItem *server = place->server;
    const ConfigItem *config = &server->config;
    return model_items(model, is_lan ? &lan_guest_element : &guest_element)->len > 0 ||
           model_items(model, is_lan ? &lan_group_element : &group_element)->len > 0 ||
           server->boot_file != NULL || config->options != NULL || config->min != NUMBER_ABSENT ||
           config->max != NUMBER_ABSENT || config->standard != NUMBER_ABSENT;
}

/* --- <host> -------------------------------------------------------------------------------- */

static gboolean change_host(Edit *edit, Model *model, const Place *place,
                            const NetworkUpdateArgs *args, const Network *network, GError **error)
{
    Item *item;
    gboolean by_mac;
    g_autoptr(Model) part = map_parse_part(&network_schema, place->kind, args->xml, &item, error);
    if (part == NULL)
        return FALSE;
    if (item->element != place->host)
        return fail(error, VIR_ERR_XML_ERROR, "the section ip-dhcp-host is a <host>");
    g_autoptr(GPtrArray) found = map_match(model, item, &by_mac);
    if (is_add(args->command) && found->len == 0)
        return edit_add(edit, place->path, args->xml, error);
    if (is_add(args->command))
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "there is an existing dhcp host entry in network '%s' that matches %s",
                    network->name, args->xml);
    if (found->len == 0)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "couldn't locate a matching dhcp host entry in network '%s'", network->name);
    if (args->command == VIR_NETWORK_UPDATE_COMMAND_MODIFY)
        return edit_replace(edit, found->pdata[0], args->xml, error);
    gboolean is_last = place->server->start == NULL && model_items(model, place->host)->len == 1;
    edit_remove(edit, found->pdata[0]);
    /* Without range and hosts there is no server. */
    if (is_last && !has_more(model, place))
        edit_set(edit, place->path, NULL);
    return TRUE;
}

/* --- <range> ------------------------------------------------------------------------------- */

static gboolean change_range(Edit *edit, Model *model, const Place *place,
                             const NetworkUpdateArgs *args, const Network *network, GError **error)
{
    const ServerItem *is = place->server;
    if (args->command == VIR_NETWORK_UPDATE_COMMAND_MODIFY)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "dhcp ranges cannot be modified, only added or deleted");
    if (is_add(args->command)) {
        if (is->start != NULL)
            return fail(error, VIR_ERR_OPERATION_INVALID,
                        "VirtualBox's DHCP server of network '%s' has its one range: delete it "
                        "first (its hosts stay), or define the network with another one",
                        network->name);
        return edit_add(edit, place->path, args->xml, error);
    }
    Item *item;
    g_autofree char *xml = g_strconcat("<ip address=''><dhcp>", args->xml, "</dhcp></ip>", NULL);
    g_autoptr(Model) part = map_parse_part(&network_schema, "", xml, &item, error);
    if (part == NULL)
        return FALSE;
    const ServerItem *given = &((const IpItem *)item)->server;
    if (item->element != &ip_element || g_strcmp0(given->start, is->start) != 0 ||
        g_strcmp0(given->end, is->end) != 0)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "couldn't locate a matching dhcp range entry in network '%s'", network->name);
    g_autofree char *range = g_strconcat(place->path, "/range", NULL);
    gboolean is_bare = model_items(model, place->host)->len == 0 && !has_more(model, place);
    edit_set(edit, is_bare ? place->path : range, NULL);
    return TRUE;
}

/* --- others ------------------------------------------------------------------------------- */

/* What no definition can have either is refused with the definition's reason. */
static gboolean change_other(Edit *edit, const NetworkUpdateArgs *args, const Network *network,
                             GError **error)
{
    gboolean is_known = args->section < G_N_ELEMENTS(sections);
    const char *word = is_known ? sections[args->section].word : "unknown";
    const char *parent = is_known ? sections[args->section].parent : NULL;
    if (parent == NULL)
        return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                    "the section '%s' of a network cannot be changed by itself; define the "
                    "network with it",
                    word);
    if (is_add(args->command))
        return edit_add(edit, parent, args->xml, error);
    return fail(error, VIR_ERR_OPERATION_INVALID,
                "couldn't locate a matching %s entry in network '%s'", word, network->name);
}

/* --- all of it ----------------------------------------------------------------------------- */

static gboolean update(Edit *edit, const Network *network, gconstpointer data, GError **error)
{
    const NetworkUpdateArgs *args = data;
    g_autoptr(Model) model = parse(edit, error);
    if (model == NULL)
        return FALSE;
    if (args->section != VIR_NETWORK_SECTION_IP_DHCP_HOST &&
        args->section != VIR_NETWORK_SECTION_IP_DHCP_RANGE)
        return change_other(edit, args, network, error);
    g_auto(Place) place = {0};
    if (!find_place(args, model, network, &place, error))
        return FALSE;
    return args->section == VIR_NETWORK_SECTION_IP_DHCP_HOST
               ? change_host(edit, model, &place, args, network, error)
               : change_range(edit, model, &place, args, network, error);
}

gboolean do_network_update(Call *call, const NetworkUpdateArgs *args, GError **error)
{
    if (args->command < VIR_NETWORK_UPDATE_COMMAND_MODIFY ||
        args->command > VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST)
        return fail(error, VIR_ERR_INVALID_ARG, "unknown command %u", args->command);
    return network_change(args->net.uuid, args->net.name, args->flags, update, args, error);
}

static gboolean set_metadata(Edit *edit, const Network *network, gconstpointer data, GError **error)
{
    const NetworkSetMetadataArgs *args = data;
    return edit_set_metadata(edit, args->type, args->key, args->uri, args->metadata, error);
}

gboolean do_network_set_metadata(Call *call, const NetworkSetMetadataArgs *args, GError **error)
{
    return network_change_words(args->network.uuid, args->network.name, args->flags, set_metadata,
                                args, error);
}

gboolean do_network_get_metadata(Call *call, const NetworkGetMetadataArgs *args,
                                 NetworkGetMetadataRet *ret, GError **error)
{
    char *text = NULL;
    g_autoptr(Network) network = network_find(args->network.uuid, args->network.name, error);
    g_autofree char *xml = network != NULL ? document_format_words(network, error) : NULL;
    g_autoptr(Edit) document = xml != NULL ? edit_new(&network_schema, xml, error) : NULL;
    gboolean is_good =
        document != NULL && edit_get_metadata(document, args->type, args->uri,
                                              VIR_ERR_NO_NETWORK_METADATA, &text, error);
    ret->metadata = call_take(call, text);
    return is_good;
}
