/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Record: see record.h. */
#include "network/record.h"
#include <string.h>
#include "network/kind.h"
#include "vbox/machine.h"
#include "vbox/record.h"

#define KEY_PREFIX "vboxvirt/network/"
#define GROUP "network"

static gint names_now = 1; /* atomic */

gint network_names_now(void)
{
    return g_atomic_int_get(&names_now);
}

void record_told(void)
{
    g_atomic_int_inc(&names_now);
}

gboolean record_key_parse(const char *key, guint8 ret_uuid[UUID_BYTES])
{
    return vbox_record_key_parse(KEY_PREFIX, key, ret_uuid);
}

static void set_text(GKeyFile *file, const char *key, const char *text)
{
    if (text != NULL)
        g_key_file_set_string(file, GROUP, key, text);
    else
        g_key_file_remove_key(file, GROUP, key, NULL);
}

static void set_ip(GKeyFile *file, const char *key, const AdapterIp *ip)
{
    g_autofree char *text = NULL;
    if (ip->address.family != 0) {
        g_autofree char *address = address_format(&ip->address);
        text = g_strdup_printf("%s/%u", address, ip->prefix);
    }
    set_text(file, key, text);
}

char *record_format(const Network *network, const char *old)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) ignored = NULL;
    if (old != NULL && !g_key_file_load_from_data(file, old, (gsize)-1, 0, &ignored))
        g_debug("a record is rewritten: %s", ignored->message);
    set_text(file, "name", network->name);
    set_text(file, "kind", kind_ops(network->kind)->word);
    set_text(file, "virtualbox", network->vbox_name);
    g_key_file_set_boolean(file, GROUP, "persistent", network->persistent);
    g_key_file_set_boolean(file, GROUP, "autostart", network->autostart);
    g_key_file_set_boolean(file, GROUP, "started", network->active);
    g_key_file_set_boolean(file, GROUP, "adopted", network->is_adopted);
    if (network->kind != NETWORK_BRIDGED)
        g_key_file_set_boolean(file, GROUP, "dhcp", network->wants_dhcp);
    g_key_file_set_uint64(file, GROUP, "revision", network->revision);
    set_text(file, "title", network->title);
    set_text(file, "description", network->description);
    set_text(file, "metadata", network->metadata);
    set_text(file, "domain", network->domain);
    set_text(file, "forward", network->forward);
    set_ip(file, "ipv4", &network->v4);
    set_ip(file, "ipv6", &network->v6);
    if (network->v4_as_prefix)
        g_key_file_set_boolean(file, GROUP, "ipv4-as-prefix", TRUE);
    else
        g_key_file_remove_key(file, GROUP, "ipv4-as-prefix", NULL);
    return g_key_file_to_data(file, NULL, NULL);
}

static gboolean parse_kind(const char *word, NetworkKind *ret_kind)
{
    for (*ret_kind = 0; *ret_kind < KINDS; ++*ret_kind)
        if (g_strcmp0(word, kind_ops(*ret_kind)->word) == 0)
            return TRUE;
    return FALSE;
}

static void parse_ip(GKeyFile *file, const char *key, AdapterIp *ret)
{
    g_autofree char *text = g_key_file_get_string(file, GROUP, key, NULL);
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", "/", 2);
    guint64 prefix;
    if (parts[0] == NULL || parts[1] == NULL || !address_parse(parts[0], &ret->address))
        return;
    if (g_ascii_string_to_unsigned(parts[1], 10, 0, address_bits(&ret->address), &prefix, NULL))
        ret->prefix = (guint)prefix;
    else
        ret->address.family = 0;
}

Network *record_parse(const guint8 uuid[UUID_BYTES], const char *text, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, text, (gsize)-1, 0, error))
        return NULL;
    g_autoptr(Network) self = network_new();
    memcpy(self->uuid, uuid, UUID_BYTES);
    self->is_ours = TRUE;
    self->name = g_key_file_get_string(file, GROUP, "name", error);
    self->vbox_name =
        self->name != NULL ? g_key_file_get_string(file, GROUP, "virtualbox", error) : NULL;
    if (self->vbox_name == NULL)
        return NULL;
    g_autofree char *kind = g_key_file_get_string(file, GROUP, "kind", NULL);
    if (!parse_kind(kind, &self->kind)) {
        fail(error, VIR_ERR_INTERNAL_ERROR, "network '%s' is of the unknown kind '%s'", self->name,
             kind != NULL ? kind : "");
        return NULL;
    }
    self->persistent = g_key_file_get_boolean(file, GROUP, "persistent", NULL);
    self->autostart = g_key_file_get_boolean(file, GROUP, "autostart", NULL);
    self->active = g_key_file_get_boolean(file, GROUP, "started", NULL);
    self->is_adopted = g_key_file_get_boolean(file, GROUP, "adopted", NULL);
    self->wants_dhcp = g_key_file_get_boolean(file, GROUP, "dhcp", NULL);
    self->revision = (guint)g_key_file_get_uint64(file, GROUP, "revision", NULL);
    self->title = g_key_file_get_string(file, GROUP, "title", NULL);
    self->description = g_key_file_get_string(file, GROUP, "description", NULL);
    self->metadata = g_key_file_get_string(file, GROUP, "metadata", NULL);
    self->domain = g_key_file_get_string(file, GROUP, "domain", NULL);
    self->forward = g_key_file_get_string(file, GROUP, "forward", NULL);
    parse_ip(file, "ipv4", &self->v4);
    parse_ip(file, "ipv6", &self->v6);
    self->v4_as_prefix = g_key_file_get_boolean(file, GROUP, "ipv4-as-prefix", NULL);
    return g_steal_pointer(&self);
}

static gpointer parse_any(const guint8 uuid[UUID_BYTES], const char *text, GError **error)
{
    return record_parse(uuid, text, error);
}

GPtrArray *record_all(GError **error)
{
    return vbox_records(KEY_PREFIX, "network", parse_any, (GDestroyNotify)network_free, error);
}

gboolean record_save(Network *network, GError **error)
{
    g_autofree char *key = vbox_record_key(KEY_PREFIX, network->uuid);
    g_autofree char *old = extra_data_get(NULL, key, error);
    if (old == NULL)
        return FALSE;
    g_autofree char *text = record_format(network, old);
    gboolean ok = g_str_equal(old, text) || extra_data_set(NULL, key, text, error);
    record_told();
    network->is_ours |= ok;
    return ok;
}

gboolean record_remove(const Network *network, GError **error)
{
    g_autofree char *key = vbox_record_key(KEY_PREFIX, network->uuid);
    gboolean ok = extra_data_set(NULL, key, NULL, error);
    record_told();
    return ok;
}
