/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NIC of a UDP tunnel: VirtualBox's generic driver of that name, and its three properties. */
#include "base/address.h"
#include "domain/nic.h"
#include <string.h>

gboolean udp_plan(Nic *self, GError **error)
{
    NicUdp *udp = &self->udp;
    Address address;
    if (!address_parse(udp->address, &address) || address.family != AF_INET)
        return device_refuse(&self->item, "source/@address", error, "'%s' is no IPv4 address",
                             udp->address);
    g_free(udp->properties);
    udp->properties = g_strdup_printf("dest=%s\ndport=%u\nsport=%u\n", udp->address,
                                      (guint)udp->port, (guint)udp->local_port);
    return TRUE;
}

static const char *value_of(GStrv lines, const char *name)
{
    gsize length = strlen(name);
    for (char **line = lines; *line != NULL; line++)
        if (strncmp(*line, name, length) == 0 && (*line)[length] == '=')
            return *line + length + 1;
    return "";
}

gboolean udp_finish(Nic *self)
{
    NicUdp *udp = &self->udp;
    g_auto(GStrv) lines = g_strsplit(udp->properties == NULL ? "" : udp->properties, "\n", -1);
    Address address;
    guint64 port, local;
    const char *destination = value_of(lines, "dest");
    if (g_strcmp0(self->driver_name, UDP_TUNNEL) != 0 || !address_parse(destination, &address) ||
        address.family != AF_INET ||
        !g_ascii_string_to_unsigned(value_of(lines, "dport"), 10, 1, G_MAXUINT16, &port, NULL) ||
        !g_ascii_string_to_unsigned(value_of(lines, "sport"), 10, 1, G_MAXUINT16, &local, NULL))
        return FALSE;
    device_set_text(&udp->address, destination);
    udp->port = (gint64)port;
    udp->local_port = (gint64)local;
    udp->local_address = "0.0.0.0";
    return TRUE;
}

/* --- VirtualBox ---------------------------------------------------------------------------- */

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

gboolean udp_get_properties(MapContext *context, Object *adapter, const Field *field,
                            Value *ret_value, GError **error)
{
    g_auto(GStrv) names = NULL, values = NULL;
    if (!vbox_call(adapter, INetworkAdapter_getProperties, error, "", &names, &values))
        return FALSE;
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; names != NULL && names[i] != NULL && values[i] != NULL; i++)
        g_ptr_array_add(lines, g_strdup_printf("%s=%s\n", names[i], values[i]));
    g_ptr_array_sort(lines, compare);
    g_ptr_array_add(lines, NULL);
    *ret_value = (Value){.is_text = TRUE, .text = g_strjoinv("", (char **)lines->pdata)};
    return TRUE;
}

/* A property without a value is none. */
static gboolean clear_others(Object *adapter, GStrv wanted, GError **error)
{
    g_auto(GStrv) names = NULL, values = NULL;
    if (!vbox_call(adapter, INetworkAdapter_getProperties, error, "", &names, &values))
        return FALSE;
    for (char **name = names; name != NULL && *name != NULL; name++)
        if (*value_of(wanted, *name) == '\0' &&
            !vbox_call(adapter, INetworkAdapter_setProperty, error, *name, ""))
            return FALSE;
    return TRUE;
}

gboolean udp_set_properties(MapContext *context, Object *adapter, const Field *field,
                            const Value *value, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(value->text, "\n", -1);
    if (!clear_others(adapter, lines, error))
        return FALSE;
    for (char **line = lines; *line != NULL; line++) {
        const char *equals = strchr(*line, '=');
        if (equals == NULL)
            continue;
        g_autofree char *name = g_strndup(*line, (gsize)(equals - *line));
        if (!vbox_call(adapter, INetworkAdapter_setProperty, error, name, equals + 1))
            return FALSE;
    }
    return TRUE;
}
