/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lease: see lease.h.
 *
 * VirtualBox's API finds a lease by its MAC address only; all of them are in the file that its DHCP
 * server writes at each change, "<network>-Dhcpd.leases" in VirtualBox's home:
 * <Leases><Lease mac= id= state=><Address value=/><Time issued= expiration=/></Lease>…, where
 * expiration is a duration in seconds and state is free, released, expired, offered or acked (files
 * of before 6.1 have none, and VirtualBox takes those for expired).  Fixed addresses are not in it.
 * There is no IPv6. */
#include "network/lease.h"
#include <libxml/parser.h>
#include <string.h>
#include "network/kind.h"

#define FILE_MAX (4 * 1024 * 1024) /* some 20000 leases: more than a /16 has in practice */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

void lease_free(Lease *self)
{
    g_free(self->mac);
    g_free(self->address);
    g_free(self->client);
    g_free(self);
}

static char *attribute(xmlNode *node, const char *name)
{
    xmlChar *text = node != NULL ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
    char *copy = g_strdup((const char *)text);
    xmlFree(text);
    return copy;
}

static xmlNode *child(xmlNode *node, const char *name)
{
    for (xmlNode *at = xmlFirstElementChild(node); at != NULL; at = xmlNextElementSibling(at))
        if (g_str_equal((const char *)at->name, name))
            return at;
    return NULL;
}

static gint64 number(xmlNode *node, const char *name)
{
    g_autofree char *text = attribute(node, name);
    return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* "0108…" is "01:08:…", as libvirt writes it; VirtualBox reads both. */
static char *with_colons(const char *hex)
{
    GString *out = g_string_new(NULL);
    while (g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1])) {
        g_string_append_printf(out, "%s%.2s", out->len > 0 ? ":" : "", hex);
        hex += hex[2] == ':' ? 3 : 2;
    }
    return g_string_free(out, FALSE);
}

/* NULL: it does not hold any more, or is none. */
static Lease *read_one(xmlNode *node, guint prefix)
{
    g_autofree char *mac = attribute(node, "mac"), *state = attribute(node, "state");
    g_autofree char *id = attribute(node, "id");
    g_autofree char *text = attribute(child(node, "Address"), "value");
    xmlNode *time = child(node, "Time");
    gint64 expires = number(time, "issued") + number(time, "expiration");
    Address address;
    if (mac == NULL || text == NULL || !address_parse(text, &address) ||
        g_strcmp0(state, "acked") != 0 || expires <= g_get_real_time() / G_USEC_PER_SEC)
        return NULL;
    Lease *self = g_new0(Lease, 1);
    self->mac = g_ascii_strdown(mac, -1);
    self->address = g_steal_pointer(&text);
    self->prefix = prefix;
    self->expires = expires;
    self->client = id != NULL ? with_colons(id) : NULL;
    return self;
}

static char *file_of(const Network *network, GError **error)
{
    g_autofree char *home = NULL, *server = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_homeFolder, error, &home))
        return NULL;
    server = network->kind == NETWORK_HOST_ONLY ? dhcp_network_name(network->vbox_name)
                                                : g_strdup(network->vbox_name);
    g_autofree char *name = g_strconcat(server, "-Dhcpd.leases", NULL);
    return g_build_filename(home, name, NULL);
}

/* A server that never ran has no file; one that is being written is read next time. */
static xmlDoc *read_file(const char *path)
{
    g_autofree char *text = NULL;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, NULL) || length > FILE_MAX)
        return NULL;
    return xmlReadMemory(text, (int)length, NULL, NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

GPtrArray *lease_read(const Network *network, const char *mac, GError **error)
{
    g_autoptr(GPtrArray) leases = g_ptr_array_new_with_free_func((GDestroyNotify)lease_free);
    if (network->dhcp == NULL)
        return g_steal_pointer(&leases);
    g_autofree char *path = file_of(network, error);
    if (path == NULL)
        return NULL;
    g_autoptr(xmlDoc) doc = read_file(path);
    xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    for (xmlNode *node = root != NULL ? xmlFirstElementChild(root) : NULL; node != NULL;
         node = xmlNextElementSibling(node)) {
        Lease *lease = read_one(node, network->dhcp->prefix);
        if (lease != NULL && (mac == NULL || g_ascii_strcasecmp(mac, lease->mac) == 0))
            g_ptr_array_add(leases, lease);
        else if (lease != NULL)
            lease_free(lease);
    }
    return g_steal_pointer(&leases);
}
