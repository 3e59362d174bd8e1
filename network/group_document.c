/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <vbox:group> of a network's DHCP server: what is said of guests of a kind. */
#include <string.h>
#include "network/document.h"

#define NAME_MAX_BYTES 1024 /* of DHCPServer::getConfig() */

/* clang-format off */
#define TYPE(name) { #name, #name },
static const Word types[] = { DHCP_CONDITION_TYPES(TYPE) END };
#undef TYPE

typedef struct ConditionItem {
    Item item;
    const char *type;
    char *value;
    Switch inclusive;
} ConditionItem;

static const Field condition_fields[] = {
    F("@type",      ConditionItem, type,      NULL, WORD(types, NULL), REQUIRED),
    F("@value",     ConditionItem, value,     NULL, STR, REQUIRED),
    F("@inclusive", ConditionItem, inclusive, NULL, YESNO, FALLBACK("yes"), QUIET),
    END };

static const Field group_fields[] = {
    F("@name",          GroupItem, name,       NULL, STR, REQUIRED),
    F("vbox:condition", GroupItem, conditions, NULL, SUBTREES),
    CONFIG_ROWS(GroupItem, config, "", ""),
    END };
/* clang-format on */

static const Element condition_element = {
    .path = "vbox:condition", .size = sizeof(ConditionItem), .fields = condition_fields};
static const Element *const condition_elements[] = {&condition_element, NULL};
static const Schema condition_schema = {.root = "group", .elements = condition_elements};

#define GROUP                                                                               \
    .about = "What is said of a group of guests (IDHCPGroupConfig): those that have "       \
             "one of its inclusive conditions, and none of the others (`inclusive='no'`).", \
    .size = sizeof(GroupItem), .fields = group_fields

const Element group_element = {.path = "ip/dhcp/vbox:group", GROUP};
const Element lan_group_element = {.path = "vbox:dhcp/vbox:group", GROUP};

static gboolean take_conditions(const GroupItem *item, const char *place, DhcpGroup *group,
                                GError **error)
{
    if (item->conditions == NULL)
        return TRUE;
    g_autoptr(Model) model = map_parse_inner(&condition_schema, item->conditions, place, error);
    const GPtrArray *conditions = model != NULL ? model_items(model, &condition_element) : NULL;
    for (guint i = 0; conditions != NULL && i < conditions->len; i++) {
        const ConditionItem *each = conditions->pdata[i];
        dhcp_group_add(group, each->inclusive == SWITCH_NO, each->type, each->value);
    }
    return model != NULL;
}

/* Of the group of that name that there is; NULL: none. */
static const DhcpConfig *find_config(const Network *before, const char *name)
{
    const GPtrArray *groups = before != NULL && before->dhcp != NULL ? before->dhcp->groups : NULL;
    for (guint i = 0; groups != NULL && i < groups->len; i++) {
        const DhcpGroup *group = groups->pdata[i];
        if (g_str_equal(group->name, name))
            return &group->config;
    }
    return NULL;
}

static gboolean check_name(const GroupItem *item, const char *path, const Network *network,
                           GError **error)
{
    if (*item->name == '\0' || strlen(item->name) > NAME_MAX_BYTES)
        return fail(error, VIR_ERR_XML_ERROR, "%s/@name: a name of 1 to %d bytes is needed", path,
                    NAME_MAX_BYTES);
    for (guint i = 0; i < network->dhcp->groups->len; i++)
        if (g_str_equal(((DhcpGroup *)network->dhcp->groups->pdata[i])->name, item->name))
            return fail(error, VIR_ERR_XML_ERROR, "%s/@name: there are two groups '%s'", path,
                        item->name);
    return TRUE;
}

gboolean group_take(const GroupItem *item, Network *network, GError **error)
{
    g_autofree char *path = item_path(&item->item, NULL);
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, check_name(item, path, network, &reason), &reason);
    DhcpGroup *group = dhcp_group_new();
    g_ptr_array_add(network->dhcp->groups, group);
    group->name = g_strdup(item->name);
    refusals_note(refusals, take_conditions(item, path, group, &reason), &reason);
    refusals_note(refusals,
                  config_take(&item->config, path, find_config(network->before, item->name),
                              &group->config, &reason),
                  &reason);
    return refusals_tell(refusals, error);
}

void groups_put(Model *model, const Network *network)
{
    static const guint8 none[] = {0};
    for (guint i = 0; i < network->dhcp->groups->len; i++) {
        const DhcpGroup *group = network->dhcp->groups->pdata[i];
        g_autoptr(Model) conditions = model_new(&condition_schema);
        for (guint j = 0; j < group->conditions->len; j++) {
            const DhcpCondition *condition = group->conditions->pdata[j];
            ConditionItem *each = model_add(conditions, &condition_element);
            each->type = condition->type;
            each->value = g_strdup(condition->value);
            each->inclusive = condition->is_exclusive ? SWITCH_NO : SWITCH_YES;
        }
        GroupItem *item = model_add(model, network->kind == NETWORK_INTERNAL ? &lan_group_element
                                                                             : &group_element);
        item->name = g_strdup(group->name);
        item->conditions = map_format_inner(conditions, NULL);
        config_put(&item->config, &group->config, none);
    }
}
