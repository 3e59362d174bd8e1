/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphics at a start: where the window goes, and the server's port. */
#include "domain/graphics.h"
#include "domain/start_ports.h"
#include "vbox/machine.h"
#include "vbox/session.h"
#include <string.h>

#define PORTS_PROPERTY "TCP/Ports"
#define ADDRESS_PROPERTY "TCP/Address"

char **graphics_environment(Object *machine, GError **error)
{
    static const Element *const elements[] = {&domain_graphics_element, NULL};
    const Schema schema = {
        .root = domain_schema.root, .elements = elements, .store = domain_schema.store};
    g_autoptr(Model) model = model_new(&schema);
    g_autoptr(MapContext) context = map_context_new(model, machine);
    if (!map_read(context, error))
        return NULL;
    return graphics_model_environment(model);
}

/* --- ports ----------------------------------------------------------------------------------- */

/* One entry of a list like "5900,5910-5920". */
typedef struct PortRange {
    guint first, last;
} PortRange;

static GArray *ranges_parse(const char *ports)
{
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(PortRange));
    g_auto(GStrv) entries = g_strsplit(ports, ",", -1);
    for (char **entry = entries; *entry != NULL; entry++) {
        char *end = NULL;
        PortRange range = {.first = (guint)g_ascii_strtoull(*entry, &end, 10)};
        range.last = *end == '-' ? (guint)g_ascii_strtoull(end + 1, NULL, 10) : range.first;
        range.last = MIN(range.last, G_MAXUINT16);
        if (range.first > 0 && range.first <= range.last)
            g_array_append_val(ranges, range);
    }
    return ranges;
}

static gboolean ranges_have(const GArray *ranges, guint from, guint port)
{
    for (guint i = from; i < ranges->len; i++) {
        const PortRange *range = &g_array_index(ranges, PortRange, i);
        if (port >= range->first && port <= range->last)
            return TRUE;
    }
    return FALSE;
}

/* An earlier start put its port before the list; without it, the list is as it was defined. */
static const char *ports_defined(const char *ports)
{
    g_autoptr(GArray) ranges = ranges_parse(ports);
    const char *rest = strchr(ports, ',');
    if (rest == NULL || ranges->len < 2)
        return ports;
    const PortRange *first = &g_array_index(ranges, PortRange, 0);
    gboolean is_ours = first->first == first->last && ranges_have(ranges, 1, first->first);
    return is_ours ? rest + 1 : ports;
}

static guint choose(HostClaim *claim, const char *address, const char *ports)
{
    g_autoptr(GArray) ranges = ranges_parse(ports);
    for (guint i = 0; i < ranges->len; i++) {
        const PortRange *range = &g_array_index(ranges, PortRange, i);
        for (guint port = range->first; port <= range->last; port++)
            if (host_claim_take(claim, &(const HostPort){.proto = "tcp",
                                                         .address = (char *)address,
                                                         .port = port}) == 0)
                return port;
    }
    return 0;
}

static gboolean write_ports(Object *machine, const char *ports, GError **error)
{
    g_autoptr(Session) session = session_write(machine, error);
    g_autoptr(Object) server = NULL;
    return session != NULL &&
           vbox_call(session_machine(session), IMachine_get_VRDEServer, error, &server) &&
           vbox_call(server, IVRDEServer_setVRDEProperty, error, PORTS_PROPERTY, ports) &&
           session_save(session, error);
}

/* What VirtualBox has of a server; enabled FALSE: the rest is not said. */
typedef struct Server {
    gboolean is_enabled;
    char *ports, *address;
} Server;

static void server_clear(Server *self)
{
    g_free(self->ports);
    g_free(self->address);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Server, server_clear)

static gboolean server_read(Server *self, Object *machine, GError **error)
{
    g_autoptr(Object) server = NULL;
    return vbox_call(machine, IMachine_get_VRDEServer, error, &server) &&
           vbox_call(server, IVRDEServer_get_enabled, error, &self->is_enabled) &&
           vbox_call(server, IVRDEServer_getVRDEProperty, error, PORTS_PROPERTY, &self->ports) &&
           vbox_call(server, IVRDEServer_getVRDEProperty, error, ADDRESS_PROPERTY, &self->address);
}

static gboolean is_list(const char *ports)
{
    return strpbrk(ports, ",-") != NULL;
}

static guint first_port(const char *ports)
{
    guint port = (guint)g_ascii_strtoull(ports, NULL, 10);
    return port == 0 ? GRAPHICS_DEFAULT_PORT : port;
}

gboolean graphics_port(Object *machine, gboolean is_running, char **ret_address, guint *ret_port,
                       GError **error)
{
    g_auto(Server) server = {0};
    *ret_port = 0;
    if (!server_read(&server, machine, error))
        return FALSE;
    if (!server.is_enabled || (is_list(server.ports) && !is_running))
        return TRUE;
    *ret_port = first_port(server.ports);
    *ret_address = g_steal_pointer(&server.address);
    return TRUE;
}

/* The list that begins with a port that is free.  Owned by the caller. */
static char *choose_of(HostClaim *claim, const char *address, const char *defined, GError **error)
{
    guint port = choose(claim, address, defined);
    if (port != 0)
        return g_strdup_printf("%u,%s", port, defined);
    fail(error, VIR_ERR_OPERATION_FAILED, "no port of %s is free for the display server", defined);
    return NULL;
}

gboolean graphics_choose_port(Object *machine, HostClaim *claim, GError **error)
{
    g_auto(Server) server = {0};
    if (!server_read(&server, machine, error))
        return FALSE;
    if (!server.is_enabled || !is_list(server.ports))
        return TRUE;
    g_autofree char *wanted = choose_of(claim, server.address, ports_defined(server.ports), error);
    if (wanted == NULL)
        return FALSE;
    return g_str_equal(wanted, server.ports) || write_ports(machine, wanted, error);
}

/* --- while it runs --------------------------------------------------------------------------- */

/* Of a server that listens at a port, which does not count as taken. */
static char *move(Object *machine, const Server *server, const char *ports, GError **error)
{
    const char *defined = ports_defined(ports);
    guint is = first_port(server->ports), wanted = first_port(ports);
    g_autoptr(GArray) ranges = ranges_parse(defined);
    g_autoptr(HostClaim) claim = host_claim_new();
    if (is_list(ports))
        return ranges_have(ranges, 0, is) ? g_strdup_printf("%u,%s", is, defined)
                                          : choose_of(claim, server->address, defined, error);
    const HostPort port = {"tcp", server->address, wanted, (char *)"the display server"};
    return wanted == is || start_ports_check(machine, &port, error) ? g_strdup(ports) : NULL;
}

char *graphics_ports_to_write(Object *machine, const char *ports, GError **error)
{
    g_auto(Server) server = {0};
    guint32 state;
    if (!machine_state(machine, &state, error) || !server_read(&server, machine, error))
        return NULL;
    return server.is_enabled && machine_state_is_online(state)
               ? move(machine, &server, ports, error)
               : g_strdup(ports);
}
