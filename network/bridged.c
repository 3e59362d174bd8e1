/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bridged networks: an interface of the host that machines join. */
#include <string.h>
#include "map/refusals.h"
#include "network/kind.h"
#include "network/record.h"

/* VirtualBox's list of interfaces that it can bridge to. */
static char **interfaces(GError **error)
{
    g_autoptr(Object) host = NULL;
    g_autoptr(GPtrArray) all = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_host, error, &host) ||
        !vbox_call(host, IHost_get_networkInterfaces, error, &all))
        return NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (guint i = 0; i < all->len; i++) {
        g_autofree char *name = NULL;
        guint32 type;
        if (!vbox_call(all->pdata[i], IHostNetworkInterface_get_interfaceType, error, &type) ||
            !vbox_call(all->pdata[i], IHostNetworkInterface_get_name, error, &name))
            return NULL;
        if (type == vbox_enum(HostNetworkInterfaceType_Bridged))
            g_strv_builder_add(names, name);
    }
    return g_strv_builder_end(names);
}

/* A NIC says the interface, and so could not say which of two networks it is of. */
static gboolean check_alone(const Network *want, GError **error)
{
    g_autoptr(GPtrArray) records = record_all(error);
    for (guint i = 0; records != NULL && i < records->len; i++) {
        const Network *other = records->pdata[i];
        if (other->kind == NETWORK_BRIDGED && g_str_equal(other->vbox_name, want->device) &&
            memcmp(other->uuid, want->uuid, UUID_BYTES) != 0)
            return fail(error, VIR_ERR_OPERATION_FAILED,
                        "the host's interface %s is network '%s' already", want->device,
                        other->name);
    }
    return records != NULL;
}

gboolean network_check_bridge(const char *interface, GError **error)
{
    g_auto(GStrv) names = interfaces(error);
    if (names == NULL)
        return FALSE;
    if (g_strv_contains((const char *const *)names, interface))
        return TRUE;
    g_autofree char *list = g_strjoinv(", ", names);
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "VirtualBox cannot bridge to '%s'; there are: %s%s", interface,
                *list != '\0' ? list : "none",
                adapter_is_name(interface)
                    ? " (a host-only adapter is joined by <interface type='network'>)"
                    : "");
}

/* An interface that has vanished since stays as it is. */
static gboolean check(const Network *want, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, check_alone(want, &reason), &reason);
    if (g_strcmp0(want->vbox_name, want->device) != 0 &&
        !network_check_bridge(want->device, &reason)) {
        g_prefix_error(&reason, "/network/forward/interface/@dev: ");
        refusals_add(refusals, reason);
    }
    return refusals_tell(refusals, error);
}

static gboolean make(Network *want, GError **error)
{
    want->vbox_name = g_strdup(want->device);
    return TRUE;
}

static gboolean change(Network *want, const Network *is, GError **error)
{
    g_free(want->vbox_name);
    return make(want, error);
}

static gboolean fill(Network *self, GError **error)
{
    g_free(self->device);
    self->device = g_strdup(self->vbox_name);
    return TRUE;
}

const KindOps kind_bridged = {
    .word = "bridged",
    .noun = "bridged network",
    .suffix = "-bridged",
    .fill = fill,
    .check = check,
    .make = make,
    .change = change,
};
