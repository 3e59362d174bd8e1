/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Groups of a DHCP server's guests: see dhcp.h. */
#include "network/dhcp.h"
#include <string.h>

static const struct {
    const char *name;
    VboxEnum constant;
} types[] = {
#define TYPE(name) {#name, DHCPGroupConditionType_##name},
    DHCP_CONDITION_TYPES(TYPE)
#undef TYPE
};

static guint32 type_number(const char *name)
{
    guint i = 0;
    while (i + 1 < G_N_ELEMENTS(types) && !g_str_equal(types[i].name, name))
        i++;
    return vbox_enum(types[i].constant);
}

static const char *type_name(guint32 number)
{
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (vbox_enum(types[i].constant) == number)
            return types[i].name;
    return NULL;
}

static void condition_free(gpointer data)
{
    DhcpCondition *self = data;
    g_free(self->value);
    g_free(self);
}

DhcpGroup *dhcp_group_new(void)
{
    DhcpGroup *self = g_new0(DhcpGroup, 1);
    self->conditions = g_ptr_array_new_with_free_func(condition_free);
    dhcp_config_init(&self->config);
    return self;
}

void dhcp_group_free(DhcpGroup *self)
{
    g_free(self->name);
    g_ptr_array_unref(self->conditions);
    dhcp_config_clear(&self->config);
    g_free(self);
}

void dhcp_group_add(DhcpGroup *self, gboolean is_exclusive, const char *type, const char *value)
{
    DhcpCondition *condition = g_new0(DhcpCondition, 1);
    *condition = (DhcpCondition){is_exclusive, type, g_strdup(value)};
    g_ptr_array_add(self->conditions, condition);
}

/* --- VirtualBox ---------------------------------------------------------------------------- */

static gboolean read_condition(Object *object, DhcpGroup *group, GError **error)
{
    gboolean is_inclusive;
    guint32 number;
    g_autofree char *value = NULL;
    if (!vbox_call(object, IDHCPGroupCondition_get_inclusive, error, &is_inclusive) ||
        !vbox_call(object, IDHCPGroupCondition_get_type, error, &number) ||
        !vbox_call(object, IDHCPGroupCondition_get_value, error, &value))
        return FALSE;
    const char *type = type_name(number);
    if (type == NULL)
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the group '%s' of a DHCP server has a condition of the unknown kind %u",
                    group->name, number);
    dhcp_group_add(group, !is_inclusive, type, value);
    return TRUE;
}

static gboolean read_conditions(Object *config, DhcpGroup *group, GError **error)
{
    g_autoptr(GPtrArray) conditions = NULL;
    if (!vbox_call(config, IDHCPGroupConfig_get_conditions, error, &conditions))
        return FALSE;
    for (guint i = 0; i < conditions->len; i++)
        if (!read_condition(conditions->pdata[i], group, error))
            return FALSE;
    return TRUE;
}

static DhcpGroup *read_group(Object *config, GError **error)
{
    DhcpGroup *group = dhcp_group_new();
    dhcp_config_clear(&group->config);
    if (dhcp_config_read(config, FALSE, &group->config, error) &&
        vbox_call(config, IDHCPGroupConfig_get_name, error, &group->name) &&
        read_conditions(config, group, error))
        return group;
    dhcp_group_free(group);
    return NULL;
}

gboolean dhcp_groups_read(Object *server, GPtrArray *groups, GError **error)
{
    g_autoptr(GPtrArray) configs = NULL;
    if (!vbox_call(server, IDHCPServer_get_groupConfigs, error, &configs))
        return FALSE;
    for (guint i = 0; i < configs->len; i++) {
        DhcpGroup *group = read_group(configs->pdata[i], error);
        if (group == NULL)
            return FALSE;
        g_ptr_array_add(groups, group);
    }
    return TRUE;
}

static gboolean remove_groups(Object *server, const GPtrArray *wanted, GError **error)
{
    g_autoptr(GPtrArray) configs = NULL;
    if (!vbox_call(server, IDHCPServer_get_groupConfigs, error, &configs))
        return FALSE;
    for (guint i = 0; i < configs->len; i++) {
        g_autofree char *name = NULL;
        gboolean stays = FALSE;
        if (!vbox_call(configs->pdata[i], IDHCPGroupConfig_get_name, error, &name))
            return FALSE;
        for (guint j = 0; j < wanted->len && !stays; j++)
            stays = g_str_equal(((DhcpGroup *)wanted->pdata[j])->name, name);
        if (!stays && !vbox_call(configs->pdata[i], IDHCPConfig_remove, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean has_conditions(const DhcpGroup *a, const DhcpGroup *b)
{
    if (a->conditions->len != b->conditions->len)
        return FALSE;
    for (guint i = 0; i < a->conditions->len; i++) {
        const DhcpCondition *one = a->conditions->pdata[i], *other = b->conditions->pdata[i];
        if (one->is_exclusive != other->is_exclusive || !g_str_equal(one->type, other->type) ||
            !g_str_equal(one->value, other->value))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_condition(Object *config, const DhcpGroup *group,
                              const DhcpCondition *condition, GError **error)
{
    g_autoptr(Object) made = NULL;
    g_autoptr(GError) failure = NULL;
    if (vbox_call(config, IDHCPGroupConfig_addCondition, &failure, !condition->is_exclusive,
                  type_number(condition->type), condition->value, &made))
        return TRUE;
    if (!g_error_matches(failure, XPCOM_ERROR, (gint)E_INVALIDARG)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "VirtualBox's DHCP server does not take '%s' as a %s of the group '%s' (it says: "
                "%s)",
                condition->value, condition->type, group->name, failure->message);
}

static gboolean write_conditions(Object *config, const DhcpGroup *group, GError **error)
{
    DhcpGroup *is = read_group(config, error);
    if (is == NULL)
        return FALSE;
    gboolean is_same = has_conditions(is, group);
    dhcp_group_free(is);
    if (is_same)
        return TRUE;
    if (!vbox_call(config, IDHCPGroupConfig_removeAllConditions, error))
        return FALSE;
    for (guint i = 0; i < group->conditions->len; i++)
        if (!add_condition(config, group, group->conditions->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean dhcp_groups_write(Object *server, const GPtrArray *groups, GError **error)
{
    if (!remove_groups(server, groups, error))
        return FALSE;
    for (guint i = 0; i < groups->len; i++) {
        const DhcpGroup *group = groups->pdata[i];
        g_autoptr(Object) config = NULL;
        if (!vbox_call(server, IDHCPServer_getConfig, error, vbox_enum(DHCPConfigScope_Group),
                       group->name, 0u, TRUE, &config))
            return FALSE;
        g_autoptr(Object) own = object_query(config, vbox_interface("IDHCPGroupConfig"), error);
        if (own == NULL || !write_conditions(own, group, error) ||
            !dhcp_config_write(own, FALSE, &group->config, error))
            return FALSE;
    }
    return TRUE;
}
