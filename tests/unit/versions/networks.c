/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The property-bag VirtualBox's NAT networks and DHCP servers. */
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"

static guint32 create(BagCall *call, const char *list, const char *interface, Bag **ret_bag)
{
    g_autofree char *name = call_text(call, 0);
    if (bag_find(bag_list(call->self, list), "networkName", name) != NULL)
        return E_INVALIDARG;
    *ret_bag = bag_new(interface, call->self);
    bag_set_text(*ret_bag, "networkName", name);
    g_ptr_array_add(bag_list(call->self, list), *ret_bag);
    call_return_object(call, 1, *ret_bag);
    return FAKE_OK;
}

static guint32 find(BagCall *call, const char *list, guint32 missing)
{
    g_autofree char *name = call_text(call, 0);
    Bag *bag = bag_find(bag_list(call->self, list), "networkName", name);
    if (bag == NULL)
        return missing;
    call_return_object(call, 1, bag);
    return FAKE_OK;
}

static guint32 take(BagCall *call, const char *list)
{
    return g_ptr_array_remove(bag_list(call->self, list), call_object(call, 0)) ? FAKE_OK
                                                                                : E_INVALIDARG;
}

/* --- DHCP servers -------------------------------------------------------------------------- */

static guint32 create_dhcp(BagCall *call)
{
    Bag *server;
    guint32 code = create(call, "DHCPServers", "IDHCPServer", &server);
    static const char *const addresses[] = {"IPAddress", "lowerIP", "upperIP"};
    for (guint i = 0; code == FAKE_OK && i < G_N_ELEMENTS(addresses); i++)
        bag_set_text(server, addresses[i], "0.0.0.0");
    return code;
}

static guint32 find_dhcp(BagCall *call)
{
    return find(call, "DHCPServers", E_INVALIDARG);
}

static guint32 remove_dhcp(BagCall *call)
{
    return take(call, "DHCPServers");
}

static guint32 set_configuration(BagCall *call)
{
    static const char *const keys[] = {"IPAddress", "networkMask", "lowerIP", "upperIP"};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *text = call_text(call, i);
        bag_set_text(call->self, keys[i], text);
    }
    return FAKE_OK;
}

static guint32 restart(BagCall *call)
{
    return NS_ERROR_FAILURE; /* it does not run */
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(bag_text(*(Bag *const *)a, "key"), bag_text(*(Bag *const *)b, "key"));
}

/* VirtualBox has them in a map, so their order is none that was asked for. */
static Bag *make_config(BagCall *call, guint32 scope, const char *name, const char *key)
{
    gboolean is_group = scope == vbox_enum(DHCPConfigScope_Group);
    Bag *config = bag_new(is_group ? "IDHCPGroupConfig" : "IDHCPIndividualConfig", call->self);
    bag_set_number(config, "scope", scope);
    bag_set_text(config, "key", key);
    bag_set_text(config, is_group ? "name" : "MACAddress", name);
    bag_set_text(config, "machineId", name);
    bag_set_number(config, "slot", call_number(call, 2));
    GPtrArray *list = bag_list(call->self, is_group ? "GroupConfigs" : "IndividualConfigs");
    g_ptr_array_add(list, config);
    g_ptr_array_sort(list, compare_keys);
    return config;
}

static guint32 get_config(BagCall *call)
{
    guint32 scope = (guint32)call_number(call, 0);
    g_autofree char *name = call_text(call, 1);
    g_autofree char *key = g_strdup_printf("%u %s %u", scope, name, (guint)call_number(call, 2));
    gboolean is_group = scope == vbox_enum(DHCPConfigScope_Group);
    Bag *config =
        bag_find(bag_list(call->self, is_group ? "GroupConfigs" : "IndividualConfigs"), "key", key);
    call_return_object(call, 4, config != NULL ? config : make_config(call, scope, name, key));
    return FAKE_OK;
}

static guint32 remove_config(BagCall *call)
{
    GPtrArray *groups = bag_list(call->self->whole, "GroupConfigs");
    GPtrArray *hosts = bag_list(call->self->whole, "IndividualConfigs");
    return g_ptr_array_remove(groups, call->self) || g_ptr_array_remove(hosts, call->self)
               ? FAKE_OK
               : E_INVALIDARG;
}

/* An option is the text "N:value" in the cell "Option(number)"; N is its encoding. */
static guint32 set_option(BagCall *call)
{
    g_autofree char *key = g_strdup_printf("Option(%u)", (guint)call_number(call, 0));
    g_autofree char *value = call_text(call, 2);
    g_autofree char *text = g_strdup_printf("%u:%s", (guint)call_number(call, 1), value);
    bag_set_text(call->self, key, text);
    return FAKE_OK;
}

static guint32 remove_option(BagCall *call)
{
    g_autofree char *key = g_strdup_printf("Option(%u)", (guint)call_number(call, 0));
    bag_set_text(call->self, key, "");
    return FAKE_OK;
}

static guint32 all_options(BagCall *call)
{
    g_autoptr(GPtrArray) names = bag_names(call->self, "Option("), values = g_ptr_array_new();
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(GArray) encodings = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint i = 0; i < names->len; i++) {
        guint32 number = (guint32)g_ascii_strtoull(names->pdata[i], NULL, 10);
        g_autofree char *key = g_strdup_printf("Option(%u)", number);
        const char *text = bag_text(call->self, key);
        if (*text == '\0')
            continue;
        guint32 encoding = (guint32)(text[0] - '0');
        g_array_append_val(numbers, number);
        g_array_append_val(encodings, encoding);
        g_ptr_array_add(values, (char *)text + 2);
    }
    call_return_numbers(call, 0, numbers);
    call_return_numbers(call, 1, encodings);
    call_return_texts(call, 2, values);
    return FAKE_OK;
}

static guint32 set_sent(BagCall *call, const char *key)
{
    g_autofree char *numbers = call_numbers(call, 0);
    bag_set_numbers(call->self, key, numbers);
    bag_set_text(call->self, key, numbers); /* which is what is printed */
    return FAKE_OK;
}

static guint32 set_forced(BagCall *call)
{
    return set_sent(call, "ForcedOptions");
}

static guint32 set_suppressed(BagCall *call)
{
    return set_sent(call, "SuppressedOptions");
}

static guint32 add_condition(BagCall *call)
{
    Bag *condition = bag_new("IDHCPGroupCondition", call->self);
    g_autofree char *value = call_text(call, 2);
    bag_set_number(condition, "inclusive", call_number(call, 0));
    bag_set_number(condition, "type", call_number(call, 1));
    bag_set_text(condition, "value", value);
    g_ptr_array_add(bag_list(call->self, "Conditions"), condition);
    call_return_object(call, 3, condition);
    return FAKE_OK;
}

static guint32 remove_conditions(BagCall *call)
{
    g_ptr_array_set_size(bag_list(call->self, "Conditions"), 0);
    return FAKE_OK;
}

/* --- NAT networks -------------------------------------------------------------------------- */

static guint32 create_nat(BagCall *call)
{
    Bag *network;
    guint32 code = create(call, "NATNetworks", "INATNetwork", &network);
    if (code != FAKE_OK)
        return code;
    bag_set_text(network, "network", "10.0.2.0/24");
    bag_set_text(network, "IPv6Prefix", "fd17:625c:f037:2::/64");
    bag_set_text(network, "LocalMappings", "127.0.0.1=2");
    bag_set_number(network, "needDhcpServer", TRUE);
    return FAKE_OK;
}

static guint32 find_nat(BagCall *call)
{
    return find(call, "NATNetworks", VBOX_E_OBJECT_NOT_FOUND);
}

static guint32 remove_nat(BagCall *call)
{
    return take(call, "NATNetworks");
}

/* Adds a line to a cell, instead of one that begins so. */
static void set_line(Bag *self, const char *key, const char *begin, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(bag_text(self, key), "\n", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (char **each = lines; *each != NULL; each++)
        if (!g_str_has_prefix(*each, begin))
            g_ptr_array_add(kept, *each);
    if (line != NULL)
        g_ptr_array_add(kept, (char *)line);
    g_ptr_array_add(kept, NULL);
    g_autofree char *text = g_strjoinv("\n", (char **)kept->pdata);
    bag_set_text(self, key, text);
}

static const char *rules_of(const BagCall *call)
{
    return call_number(call, 0) != 0 ? "PortForwardRules6" : "PortForwardRules4";
}

static guint32 add_rule(BagCall *call)
{
    g_autofree char *name = call_text(call, 1), *host = call_text(call, 3);
    g_autofree char *guest = call_text(call, 5), *begin = g_strconcat(name, ":", NULL);
    gboolean is_tcp = (guint32)call_number(call, 2) == vbox_enum(NATProtocol_TCP);
    g_autofree char *line =
        g_strdup_printf("%s%s:[%s]:%u:[%s]:%u", begin, is_tcp ? "tcp" : "udp", host,
                        (guint)call_number(call, 4), guest, (guint)call_number(call, 6));
    set_line(call->self, rules_of(call), begin, line);
    return FAKE_OK;
}

static guint32 remove_rule(BagCall *call)
{
    g_autofree char *name = call_text(call, 1), *begin = g_strconcat(name, ":", NULL);
    set_line(call->self, rules_of(call), begin, NULL);
    return FAKE_OK;
}

static guint32 add_mapping(BagCall *call)
{
    g_autofree char *host = call_text(call, 0), *begin = g_strconcat(host, "=", NULL);
    g_autofree char *line = g_strdup_printf("%s%d", begin, (gint)call_number(call, 1));
    set_line(call->self, "LocalMappings", begin, line);
    return FAKE_OK;
}

/* clang-format off */
const Behaviour network_behaviours[] = {
    { "IVirtualBox",      "createDHCPServer",            create_dhcp,       FALSE },
    { "IVirtualBox",      "findDHCPServerByNetworkName", find_dhcp,         FALSE },
    { "IVirtualBox",      "removeDHCPServer",            remove_dhcp,       FALSE },
    { "IVirtualBox",      "createNATNetwork",            create_nat,        FALSE },
    { "IVirtualBox",      "findNATNetworkByName",        find_nat,          FALSE },
    { "IVirtualBox",      "removeNATNetwork",            remove_nat,        FALSE },
    { "IDHCPServer",      "setConfiguration",            set_configuration, TRUE },
    { "IDHCPServer",      "getConfig",                   get_config,        FALSE },
    { "IDHCPServer",      "restart",                     restart,           FALSE },
    { "IDHCPConfig",      "setOption",                   set_option,        TRUE },
    { "IDHCPConfig",      "removeOption",                remove_option,     TRUE },
    { "IDHCPConfig",      "getAllOptions",               all_options,       FALSE },
    { "IDHCPConfig",      "setForcedOptions",            set_forced,        TRUE },
    { "IDHCPConfig",      "setSuppressedOptions",        set_suppressed,    TRUE },
    { "IDHCPConfig",      "remove",                      remove_config,     TRUE },
    { "IDHCPGroupConfig", "addCondition",                add_condition,     TRUE },
    { "IDHCPGroupConfig", "removeAllConditions",         remove_conditions, TRUE },
    { "INATNetwork",      "addPortForwardRule",          add_rule,          TRUE },
    { "INATNetwork",      "removePortForwardRule",       remove_rule,       TRUE },
    { "INATNetwork",      "addLocalMapping",             add_mapping,       TRUE },
    { NULL }};
/* clang-format on */
