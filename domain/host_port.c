/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host port: see host_port.h. */
#include "domain/host_port.h"
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANY "0.0.0.0"

static void port_free(gpointer data)
{
    HostPort *self = data;
    g_free(self->address);
    g_free(self->user);
    g_free(self);
}

GPtrArray *host_ports_new(void)
{
    return g_ptr_array_new_with_free_func(port_free);
}

void host_ports_add(GPtrArray *list, const char *proto, const char *address, guint port, char *user)
{
    HostPort *self = g_new(HostPort, 1);
    *self = (HostPort){proto, g_strdup(address), port, user};
    g_ptr_array_add(list, self);
}

static gboolean is_any(const char *address)
{
    return *address == '\0' || g_str_equal(address, ANY);
}

gboolean host_port_meets(const HostPort *self, const HostPort *other)
{
    return self->port == other->port && g_str_equal(self->proto, other->proto) &&
           (is_any(self->address) || is_any(other->address) ||
            g_str_equal(self->address, other->address));
}

const HostPort *host_ports_find(const GPtrArray *list, const HostPort *wanted)
{
    for (guint i = 0; i < list->len; i++)
        if (host_port_meets(list->pdata[i], wanted))
            return list->pdata[i];
    return NULL;
}

char *host_port_text(const HostPort *self)
{
    return g_strdup_printf("%s port %u%s%s", self->proto, self->port,
                           *self->address == '\0' ? "" : " at ", self->address);
}

/* As servers do: what only waits for its connections' end is free.  Not with UDP, where two that
 * say so both get the port. */
static int try_address(const struct addrinfo *place, gboolean is_tcp)
{
    int fd = socket(place->ai_family, place->ai_socktype | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (is_tcp)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    int reason = 0;
    if (bind(fd, place->ai_addr, place->ai_addrlen) != 0 || (is_tcp && listen(fd, 1) != 0))
        reason = errno;
    close(fd);
    return reason;
}

int host_port_try(const HostPort *self)
{
    gboolean is_tcp = g_str_equal(self->proto, "tcp");
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = is_tcp ? SOCK_STREAM : SOCK_DGRAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    g_autofree char *service = g_strdup_printf("%u", self->port);
    struct addrinfo *found = NULL;
    if (getaddrinfo(is_any(self->address) ? ANY : self->address, service, &hints, &found) != 0)
        return 0;
    int reason = try_address(found, is_tcp);
    freeaddrinfo(found);
    return reason;
}

gboolean host_port_refuse(const HostPort *self, int reason, const char *holder, GError **error)
{
    g_autofree char *text = host_port_text(self);
    if (reason == EACCES)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "%s needs %s, and ports as low as that are root's; choose a higher one, or see "
                    "`sysctl net.ipv4.ip_unprivileged_port_start`",
                    self->user, text);
    if (reason == EADDRNOTAVAIL)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "%s needs %s, and this host has no such address now; give it one that the host "
                    "has, or none",
                    self->user, text);
    if (reason != EADDRINUSE)
        return fail(error, VIR_ERR_OPERATION_FAILED, "%s cannot have %s: %s", self->user, text,
                    g_strerror(reason));
    if (holder != NULL)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "%s needs %s, which %s; stop that domain, or choose another port", self->user,
                    text, holder);
    return fail(error, VIR_ERR_OPERATION_FAILED,
                "%s needs %s, which another program of this host has; end that, or choose another "
                "port",
                self->user, text);
}

/* --- claims -------------------------------------------------------------------------------- */

struct HostClaim {
    GPtrArray *ports; /* HostPort * */
};

static GMutex claims_lock;
static GPtrArray *claims; /* HostClaim *, of all starts that go on now */

HostClaim *host_claim_new(void)
{
    HostClaim *self = g_new(HostClaim, 1);
    self->ports = host_ports_new();
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&claims_lock);
    if (claims == NULL)
        claims = g_ptr_array_new();
    g_ptr_array_add(claims, self);
    return self;
}

void host_claim_free(HostClaim *self)
{
    g_mutex_lock(&claims_lock);
    g_ptr_array_remove_fast(claims, self);
    g_mutex_unlock(&claims_lock);
    g_ptr_array_unref(self->ports);
    g_free(self);
}

int host_claim_take(HostClaim *self, const HostPort *port)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&claims_lock);
    for (guint i = 0; i < claims->len; i++)
        if (host_ports_find(((const HostClaim *)claims->pdata[i])->ports, port) != NULL)
            return EADDRINUSE;
    int reason = host_port_try(port);
    if (reason == 0)
        host_ports_add(self->ports, port->proto, port->address, port->port, g_strdup(port->user));
    return reason;
}
