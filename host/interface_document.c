/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interface document: <interface>, in the words of libvirt's udev backend. */
#include "host/interface.h"
#include "host/text.h"

typedef struct Writer {
    const char *root;
    GString *xml;
    guint depth;
} Writer;

static void line(Writer *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void line(Writer *self, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_markup_vprintf_escaped(format, args);
    va_end(args);
    g_string_append_printf(self->xml, "%*s%s\n", (int)self->depth * 2, "", text);
}

/* An attribute of the kernel's; NULL: the interface has none, or an empty one. */
static char *attribute(const Writer *self, const char *name, const char *what)
{
    char *text = host_text(self->root, "/sys/class/net/%s/%s", name, what);
    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

/* 0: not known.  The kernel says -1 for a speed that it does not know. */
static gint64 number(const Writer *self, const char *name, const char *what)
{
    g_autofree char *text = attribute(self, name, what);
    return text != NULL ? MAX(g_ascii_strtoll(text, NULL, 10), 0) : 0;
}

static void format_one(Writer *self, const char *name);

static void format_members(Writer *self, char **names)
{
    for (char **name = names; *name != NULL; name++)
        if (interface_exists(self->root, *name) && !interface_is_tap(self->root, *name))
            format_one(self, *name);
}

/* --- what is below its kind's element ----------------------------------------------------------
 */

static void format_bridge(Writer *self, const char *name)
{
    g_autofree char *path = g_strdup_printf("/sys/class/net/%s/brif", name);
    g_auto(GStrv) names = host_folder(self->root, path);
    /* As the kernel has it, in hundredths of a second: so does libvirt. */
    line(self, "<bridge stp='%s' delay='%" G_GINT64_FORMAT "'>",
         number(self, name, "bridge/stp_state") != 0 ? "on" : "off",
         number(self, name, "bridge/forward_delay"));
    self->depth++;
    format_members(self, names);
    self->depth--;
    line(self, "</bridge>");
}

/* The first word of "balance-rr 0"; of several targets libvirt's XML has room for one. */
static char *word(const Writer *self, const char *name, const char *what)
{
    char *text = attribute(self, name, what);
    return text != NULL ? g_strdelimit(text, " ", '\0') : NULL;
}

static void format_monitor(Writer *self, const char *name)
{
    gint64 interval = number(self, name, "bonding/arp_interval");
    gint64 frequency = number(self, name, "bonding/miimon");
    g_autofree char *target = word(self, name, "bonding/arp_ip_target");
    g_autofree char *validate = word(self, name, "bonding/arp_validate");
    if (interval > 0 && target != NULL)
        line(self, "<arpmon interval='%" G_GINT64_FORMAT "' target='%s' validate='%s'/>", interval,
             target, validate != NULL ? validate : "none");
    else if (frequency > 0)
        line(self,
             "<miimon freq='%" G_GINT64_FORMAT "' downdelay='%" G_GINT64_FORMAT
             "' updelay='%" G_GINT64_FORMAT "' carrier='%s'/>",
             frequency, number(self, name, "bonding/downdelay"),
             number(self, name, "bonding/updelay"),
             number(self, name, "bonding/use_carrier") != 0 ? "netif" : "ioctl");
}

static void format_bond(Writer *self, const char *name)
{
    g_autofree char *mode = word(self, name, "bonding/mode");
    g_autofree char *slaves = attribute(self, name, "bonding/slaves");
    g_auto(GStrv) names = g_strsplit(slaves != NULL ? slaves : "", " ", -1);
    line(self, "<bond mode='%s'>", mode != NULL ? mode : "");
    self->depth++;
    format_monitor(self, name);
    format_members(self, names);
    self->depth--;
    line(self, "</bond>");
}

/* "VID: 42" and "Device: eth0" of /proc/net/vlan.  FALSE: it is no VLAN. */
static gboolean read_vlan(const Writer *self, const char *name, char **ret_tag, char **ret_device)
{
    g_autofree char *text = host_text(self->root, "/proc/net/vlan/%s", name);
    g_auto(GStrv) words = g_strsplit_set(text != NULL ? text : "", " \t\n", -1);
    const char *tag = NULL, *device = NULL, *last = "";
    for (char **each = words; *each != NULL; each++) {
        if (**each == '\0')
            continue;
        if (g_str_equal(last, "VID:"))
            tag = *each;
        if (g_str_equal(last, "Device:"))
            device = *each;
        last = *each;
    }
    if (tag == NULL || device == NULL)
        return FALSE;
    *ret_tag = g_strdup(tag);
    *ret_device = g_strdup(device);
    return TRUE;
}

static void format_vlan(Writer *self, const char *tag, const char *device)
{
    line(self, "<vlan tag='%s'>", tag);
    line(self, "  <interface name='%s'/>", device);
    line(self, "</vlan>");
}

/* --- all of it ------------------------------------------------------------------------------ */

static void format_link(Writer *self, const char *name)
{
    g_autofree char *state = attribute(self, name, "operstate");
    /* Drivers tell nonsense about the speed of an interface that is down. */
    gint64 speed = interface_is_up(self->root, name) ? number(self, name, "speed") : 0;
    if (state != NULL && speed > 0)
        line(self, "<link speed='%" G_GINT64_FORMAT "' state='%s'/>", speed, state);
    else if (state != NULL)
        line(self, "<link state='%s'/>", state);
}

static void format_one(Writer *self, const char *name)
{
    g_autofree char *tag = NULL, *device = NULL;
    g_autofree char *stp = attribute(self, name, "bridge/stp_state");
    g_autofree char *mode = attribute(self, name, "bonding/mode");
    g_autofree char *mac = interface_mac(self->root, name);
    gboolean is_vlan = read_vlan(self, name, &tag, &device);
    const char *type = stp != NULL    ? "bridge"
                       : mode != NULL ? "bond"
                       : is_vlan      ? "vlan"
                                      : "ethernet";
    gint64 mtu = number(self, name, "mtu");
    line(self, "<interface type='%s' name='%s'>", type, name);
    self->depth++;
    /* Members have it of what they are members of. */
    if (self->depth == 1 && mtu > 0)
        line(self, "<mtu size='%" G_GINT64_FORMAT "'/>", mtu);
    if (stp == NULL)
        format_link(self, name);
    if (stp != NULL)
        format_bridge(self, name);
    else if (mode != NULL)
        format_bond(self, name);
    else if (is_vlan)
        format_vlan(self, tag, device);
    else if (*mac != '\0')
        line(self, "<mac address='%s'/>", mac);
    self->depth--;
    line(self, "</interface>");
}

char *interface_format(const char *root, const char *name)
{
    Writer self = {root, g_string_new(NULL), 0};
    format_one(&self, name);
    return g_string_free(self.xml, FALSE);
}
