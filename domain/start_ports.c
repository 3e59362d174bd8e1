/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Start, ports: see start_ports.h. */
#include "domain/start_ports.h"
#include "domain/forward.h"
#include "domain/graphics.h"
#include "network/nat.h"
#include "vbox/machine.h"
#include <errno.h>

/* A machine that was just powered off may have its sockets for a moment more. */
#define BUSY_PAUSE (100 * 1000) /* µs between two tries */
#define BUSY_TRIES 10

/* What a machine's settings say. */
typedef struct Wants {
    GPtrArray *ports;    /* HostPort * */
    GPtrArray *networks; /* char *, of NAT networks */
} Wants;

static Wants wants_new(void)
{
    return (Wants){host_ports_new(), g_ptr_array_new_with_free_func(g_free)};
}

static void wants_clear(Wants *self)
{
    g_ptr_array_unref(self->ports);
    g_ptr_array_unref(self->networks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wants, wants_clear)

/* --- what a machine wants ------------------------------------------------------------------ */

static gboolean add_forwards(Wants *self, Object *adapter, guint slot, GError **error)
{
    g_autoptr(Object) engine = NULL;
    if (!vbox_call(adapter, INetworkAdapter_get_NATEngine, error, &engine))
        return FALSE;
    g_autoptr(GPtrArray) forwards = forward_read(engine, error);
    for (guint i = 0; forwards != NULL && i < forwards->len; i++) {
        const Forward *forward = forwards->pdata[i];
        host_ports_add(self->ports, forward->proto, forward->host, forward->host_port,
                       g_strdup_printf("the port forwarding of adapter %u", slot + 1));
    }
    return forwards != NULL;
}

static gboolean add_network(Wants *self, Object *adapter, GError **error)
{
    char *name;
    if (!vbox_call(adapter, INetworkAdapter_get_NATNetwork, error, &name))
        return FALSE;
    g_ptr_array_add(self->networks, name);
    return TRUE;
}

static gboolean add_adapter(Wants *self, Object *adapter, guint slot, GError **error)
{
    gboolean is_enabled;
    guint32 type;
    if (!vbox_call(adapter, INetworkAdapter_get_enabled, error, &is_enabled) ||
        !vbox_call(adapter, INetworkAdapter_get_attachmentType, error, &type))
        return FALSE;
    if (is_enabled && type == vbox_enum(NetworkAttachmentType_NAT))
        return add_forwards(self, adapter, slot, error);
    return !is_enabled || type != vbox_enum(NetworkAttachmentType_NATNetwork) ||
           add_network(self, adapter, error);
}

static gboolean add_adapters(Wants *self, Object *machine, GError **error)
{
    for (guint slot = 0;; slot++) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(Object) adapter = NULL;
        if (!vbox_call(machine, IMachine_getNetworkAdapter, &failure, slot, &adapter)) {
            if (vbox_is_missing(failure))
                return TRUE;
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        if (!add_adapter(self, adapter, slot, error))
            return FALSE;
    }
}

static gboolean wants_read(Wants *self, Object *machine, gboolean is_running, GError **error)
{
    g_autofree char *address = NULL;
    guint port;
    if (!graphics_port(machine, is_running, &address, &port, error))
        return FALSE;
    if (port != 0)
        host_ports_add(self->ports, "tcp", address, port, g_strdup("the display server"));
    return add_adapters(self, machine, error);
}

static gboolean add_rules(GPtrArray *ports, const char *network, GError **error)
{
    g_autoptr(GPtrArray) rules = nat_rules_read(network, error);
    for (guint i = 0; rules != NULL && i < rules->len; i++) {
        const NatRule *rule = rules->pdata[i];
        if (!rule->is_v6)
            host_ports_add(ports, rule->is_udp ? "udp" : "tcp", rule->host, rule->host_port,
                           g_strdup_printf("the port forwarding of NAT network '%s'", network));
    }
    return rules != NULL;
}

/* --- what the others have ------------------------------------------------------------------ */

static gboolean is_other_running(Object *machine, const char *uuid)
{
    g_autofree char *other = NULL;
    guint32 state;
    return vbox_call(machine, IMachine_get_id, NULL, &other) && !g_str_equal(other, uuid) &&
           machine_state(machine, &state, NULL) && machine_state_is_online(state);
}

/* What machines that run want, those of VBoxManage too; calls each() until it is TRUE.  One that
 * cannot be read is not told of: this only makes a message better. */
typedef gboolean (*OtherCall)(const Wants *wants, Object *machine, gpointer data);

static gboolean others_find(Object *self, OtherCall each, gpointer data)
{
    g_autofree char *uuid = NULL;
    g_autoptr(GPtrArray) all = machine_all(NULL);
    if (all == NULL || !vbox_call(self, IMachine_get_id, NULL, &uuid))
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        g_auto(Wants) wants = wants_new();
        if (is_other_running(all->pdata[i], uuid) &&
            wants_read(&wants, all->pdata[i], TRUE, NULL) && each(&wants, all->pdata[i], data))
            return TRUE;
    }
    return FALSE;
}

typedef struct Holder {
    const HostPort *port;
    char *text;
} Holder;

static gboolean is_holder(const Wants *wants, Object *machine, gpointer data)
{
    Holder *self = data;
    g_autofree char *name = NULL;
    g_autoptr(GPtrArray) ports = host_ports_new();
    for (guint i = 0; i < wants->networks->len; i++)
        if (!add_rules(ports, wants->networks->pdata[i], NULL))
            g_debug("a NAT network cannot be read");
    const HostPort *has = host_ports_find(wants->ports, self->port);
    if (has == NULL)
        has = host_ports_find(ports, self->port);
    if (has == NULL || !vbox_call(machine, IMachine_get_name, NULL, &name))
        return FALSE;
    self->text = g_strdup_printf("domain '%s' has for %s", name, has->user);
    return TRUE;
}

/* NULL: no machine of this user that runs.  Owned by the caller. */
static char *holder_find(Object *machine, const HostPort *port)
{
    Holder holder = {port, NULL};
    return others_find(machine, is_holder, &holder) ? holder.text : NULL;
}

static gboolean uses_network(const Wants *wants, Object *machine, gpointer network)
{
    return g_ptr_array_find_with_equal_func(wants->networks, network, g_str_equal, NULL);
}

/* VirtualBox starts a network's service with its first machine: who comes later finds it there. */
static gboolean add_networks(Wants *self, Object *machine, GError **error)
{
    for (guint i = 0; i < self->networks->len; i++)
        if (!others_find(machine, uses_network, self->networks->pdata[i]) &&
            !add_rules(self->ports, self->networks->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- taking them --------------------------------------------------------------------------- */

static gboolean check_twice(const GPtrArray *ports, GError **error)
{
    for (guint i = 1; i < ports->len; i++)
        for (guint j = 0; j < i; j++) {
            const HostPort *port = ports->pdata[i], *other = ports->pdata[j];
            g_autofree char *text = host_port_text(port);
            if (host_port_meets(port, other))
                return fail(error, VIR_ERR_OPERATION_FAILED,
                            "%s and %s both need %s; give one of them another port", other->user,
                            port->user, text);
        }
    return TRUE;
}

static gboolean take(HostClaim *claim, Object *machine, const HostPort *port, GError **error)
{
    g_autofree char *holder = NULL;
    int reason = host_claim_take(claim, port);
    for (guint i = 0; i < BUSY_TRIES && reason == EADDRINUSE && holder == NULL; i++) {
        holder = holder_find(machine, port);
        if (holder != NULL)
            break;
        g_usleep(BUSY_PAUSE);
        reason = host_claim_take(claim, port);
    }
    return reason == 0 || host_port_refuse(port, reason, holder, error);
}

gboolean start_ports_check(Object *machine, const HostPort *port, GError **error)
{
    g_autoptr(HostClaim) claim = host_claim_new();
    return take(claim, machine, port, error);
}

HostClaim *start_ports_claim(Object *machine, GError **error)
{
    g_autoptr(HostClaim) claim = host_claim_new();
    g_auto(Wants) wants = wants_new();
    if (!wants_read(&wants, machine, FALSE, error) || !add_networks(&wants, machine, error) ||
        !check_twice(wants.ports, error))
        return NULL;
    for (guint i = 0; i < wants.ports->len; i++)
        if (!take(claim, machine, wants.ports->pdata[i], error))
            return NULL;
    return graphics_choose_port(machine, claim, error) ? g_steal_pointer(&claim) : NULL;
}
