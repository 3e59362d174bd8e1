/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphics at a start: where the window goes, and the server's port. */
#include "domain/graphics.h"
#include "vbox/session.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A machine needs no longer than this from its start until its server listens. */
#define PORT_RESERVED (30 * G_USEC_PER_SEC)
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

static gboolean can_bind(const char *address, guint port)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    g_autofree char *service = g_strdup_printf("%u", port);
    struct addrinfo *found = NULL;
    if (getaddrinfo(*address == '\0' ? NULL : address, service, &hints, &found) != 0)
        return TRUE; /* a name, or no address of this host: VirtualBox will say */
    gboolean is_free = TRUE;
    for (const struct addrinfo *each = found; each != NULL && is_free; each = each->ai_next) {
        int fd = socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        /* As servers do: what only waits for its connections' end is free. */
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
        is_free = bind(fd, each->ai_addr, each->ai_addrlen) == 0 && listen(fd, 1) == 0;
        close(fd);
    }
    freeaddrinfo(found);
    return is_free;
}

/* Two machines that start at the same time must not choose the same. */
static gboolean reserve(const char *address, guint port, const char *uuid)
{
    static GMutex mutex;
    static struct {
        gint64 until;
        guint owner;
    } reserved[G_MAXUINT16 + 1];
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&mutex);
    gint64 now = g_get_monotonic_time();
    guint owner = g_str_hash(uuid);
    if ((now < reserved[port].until && reserved[port].owner != owner) || !can_bind(address, port))
        return FALSE;
    reserved[port].until = now + PORT_RESERVED;
    reserved[port].owner = owner;
    return TRUE;
}

static guint choose(const char *address, const char *ports, const char *uuid)
{
    g_autoptr(GArray) ranges = ranges_parse(ports);
    for (guint i = 0; i < ranges->len; i++) {
        const PortRange *range = &g_array_index(ranges, PortRange, i);
        for (guint port = range->first; port <= range->last; port++)
            if (reserve(address, port, uuid))
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

gboolean graphics_choose_port(Object *machine, GError **error)
{
    g_autoptr(Object) server = NULL;
    g_autofree char *ports = NULL, *address = NULL, *uuid = NULL;
    gboolean is_enabled;
    if (!vbox_call(machine, IMachine_get_id, error, &uuid) ||
        !vbox_call(machine, IMachine_get_VRDEServer, error, &server) ||
        !vbox_call(server, IVRDEServer_get_enabled, error, &is_enabled) ||
        !vbox_call(server, IVRDEServer_getVRDEProperty, error, PORTS_PROPERTY, &ports) ||
        !vbox_call(server, IVRDEServer_getVRDEProperty, error, ADDRESS_PROPERTY, &address))
        return FALSE;
    if (!is_enabled || strpbrk(ports, ",-") == NULL)
        return TRUE;
    const char *defined = ports_defined(ports);
    guint port = choose(address, defined, uuid);
    if (port == 0)
        return fail(error, VIR_ERR_OPERATION_FAILED, "no port of %s is free for the display server",
                    defined);
    g_autofree char *wanted = g_strdup_printf("%u,%s", port, defined);
    return g_str_equal(wanted, ports) || write_ports(machine, wanted, error);
}
