/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DHCP's start: see dhcp_start.h.
 *
 * Measured on VirtualBox 7.2.22 by running its server upon settings that VBoxManage, other programs
 * of VirtualBox's interface, or an editor had made.  What we define ourselves is checked before. */
#include "network/dhcp_start.h"
#include "network/dhcp_guest.h"

/* --- addresses ------------------------------------------------------------------------------ */

static gboolean check_range(const Dhcp *self, const AdapterIp *ip, GError **error)
{
    g_autofree char *server = address_format(&self->address);
    g_autofree char *network = address_format(&ip->address);
    g_autofree char *first = address_format(&self->first), *last = address_format(&self->last);
    if (!address_in(&self->address, &ip->address, ip->prefix))
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "the DHCP server %s/%u is not of the network %s/%u: define the network with a "
                    "<range> that is",
                    server, self->prefix, network, ip->prefix);
    if (!address_in(&self->first, &ip->address, ip->prefix) ||
        !address_in(&self->last, &ip->address, ip->prefix))
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "the DHCP server gives away %s to %s, which are not all of the network %s/%u: "
                    "define the network with a <range> that is",
                    first, last, network, ip->prefix);
    return TRUE;
}

/* What is in the range must be given away once. */
static gboolean is_given_twice(const Dhcp *self, guint index)
{
    const DhcpHost *host = self->hosts->pdata[index];
    gboolean is_twice = address_equal(&host->address, &self->address);
    for (guint i = 0; i < index && !is_twice; i++)
        is_twice = address_equal(&host->address, &((DhcpHost *)self->hosts->pdata[i])->address);
    return is_twice && dhcp_has_in_range(self, &host->address);
}

static gboolean check_host(const Dhcp *self, guint index, const AdapterIp *ip, GError **error)
{
    const DhcpHost *host = self->hosts->pdata[index];
    g_autofree char *address = address_format(&host->address);
    const char *whose = host->mac != NULL ? host->mac : host->machine;
    if (host->address.family == 0)
        return TRUE;
    if (!address_in(&host->address, &self->address, self->prefix) || is_given_twice(self, index))
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "VirtualBox's DHCP server ends as soon as it starts, because the address %s of "
                    "the host %s is %s: define the network with another one",
                    address, whose,
                    is_given_twice(self, index) ? "given away twice" : "not of its network");
    g_autofree char *network = address_format(&ip->address);
    return address_in(&host->address, &ip->address, ip->prefix) ||
           fail(error, VIR_ERR_OPERATION_INVALID,
                "the address %s of the host %s is not of the network %s/%u: define the network "
                "with another one",
                address, whose, network, ip->prefix);
}

/* --- bytes of options ----------------------------------------------------------------------- */

/* words: those of VBoxManage for what the configuration is of. */
static gboolean check_options(const DhcpConfig *config, const char *name, const char *whose,
                              const char *words, GError **error)
{
    const DhcpOption *option = dhcp_config_find_unreadable(config);
    if (option == NULL)
        return TRUE;
    g_autofree char *quoted = g_shell_quote(name);
    return fail(error, VIR_ERR_OPERATION_INVALID,
                "VirtualBox's DHCP server cannot read '%s', the bytes of the option %u of %s, and "
                "ends as soon as it starts or leaves some out: give it bytes like 0a:00:00:01, or "
                "take it away by: VBoxManage dhcpserver modify --network=%s%s --del-opt=%u",
                option->value, option->number, whose, quoted, words, option->number);
}

static gboolean check_host_options(const DhcpHost *host, const char *name, GError **error)
{
    g_autofree char *whose = host->mac != NULL ? g_strdup_printf("the host %s", host->mac)
                                               : g_strdup_printf("the adapter %u of the machine %s",
                                                                 host->slot, host->machine);
    g_autofree char *words =
        host->mac != NULL ? g_strdup_printf(" --mac-address=%s", host->mac)
                          : g_strdup_printf(" --vm=%s --nic=%u", host->machine, host->slot + 1);
    return check_options(&host->config, name, whose, words, error);
}

static gboolean check_group_options(const DhcpGroup *group, const char *name, GError **error)
{
    g_autofree char *quoted = g_shell_quote(group->name);
    g_autofree char *whose = g_strdup_printf("the group '%s'", group->name);
    g_autofree char *words = g_strdup_printf(" --group=%s", quoted);
    return check_options(&group->config, name, whose, words, error);
}

static gboolean check_all_options(const Dhcp *self, const char *name, GError **error)
{
    if (!check_options(&self->config, name, "all guests", "", error))
        return FALSE;
    for (guint i = 0; i < self->hosts->len; i++)
        if (!check_host_options(self->hosts->pdata[i], name, error))
            return FALSE;
    for (guint i = 0; i < self->groups->len; i++)
        if (!check_group_options(self->groups->pdata[i], name, error))
            return FALSE;
    return TRUE;
}

/* --- all ------------------------------------------------------------------------------------ */

gboolean dhcp_check_start(const Dhcp *self, const char *name, const AdapterIp *ip, GError **error)
{
    g_autofree char *quoted = g_shell_quote(name);
    if (self->prefix == 0)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "VirtualBox's DHCP server ends as soon as it starts, because its network mask "
                    "is 0.0.0.0: set another by: VBoxManage dhcpserver modify --network=%s "
                    "--netmask=255.255.255.0",
                    quoted);
    if (!check_range(self, ip, error))
        return FALSE;
    for (guint i = 0; i < self->hosts->len; i++)
        if (!check_host(self, i, ip, error))
            return FALSE;
    return check_all_options(self, name, error) && dhcp_check_guests(self, NULL, error);
}
