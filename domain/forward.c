/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forward: see forward.h.
 *
 * Theory of operation.  libvirt's <portForward> names a protocol, an address of the host and ranges
 * of ports; VirtualBox has one redirect a port, with a name and, if somebody gave one, an address
 * of the guest.  Both become a Forward; a sorted list of them, as text, is what a row of
 * <interface> compares and applies.  What <portForward> cannot say (an address of the guest, a host
 * that is no address) stands in <vbox:redirect>, with its name; the names of others are kept while
 * they stay, and made for new ones. */
#include "domain/forward.h"
#include "base/address.h"
#include "domain/start_ports.h"
#include "vbox/machine.h"
#include <string.h>

/* Of one adapter: a range is as many redirects as it has ports. */
#define FORWARDS_MAX 1024

static void forward_free(gpointer data)
{
    Forward *self = data;
    g_free(self->host);
    g_free(self->guest);
    g_free(self->name);
    g_free(self);
}

/* --- the XML's elements -------------------------------------------------------------------- */

typedef struct Group {
    Item item;
    const char *proto;
    char *address, *ranges;
} Group;

typedef struct Range {
    Item item;
    gint64 start, end, to;
    const char *exclude;
} Range;

typedef struct Redirect {
    Item item;
    const char *proto;
    char *name, *host, *guest;
    gint64 host_port, guest_port;
} Redirect;

#define PORT NUMBER(1, G_MAXUINT16)

/* clang-format off */
static const Word protos[] = { { "tcp" }, { "udp" }, END };
static const Word no[] = { { "no" }, END };

static const Field group_fields[] = {
    F("@proto",     Group, proto,   NULL, WORD(protos, NULL), REQUIRED),
    F("@address",   Group, address, NULL, STR),
    F("range",      Group, ranges,  NULL, SUBTREES),
    REFUSE("@dev",  "it listens at an address; say address='…'"),
    END };

static const Field range_fields[] = {
    F("@start",     Range, start,   NULL, PORT, REQUIRED),
    F("@end",       Range, end,     NULL, PORT),
    F("@to",        Range, to,      NULL, PORT),
    F("@exclude",   Range, exclude, NULL, WORD(no, NULL), FALLBACK("no")),
    END };

static const Field redirect_fields[] = {
    F("@name",      Redirect, name,       NULL, STR, REQUIRED),
    F("@proto",     Redirect, proto,      NULL, WORD(protos, NULL), REQUIRED),
    F("@hostIP",    Redirect, host,       NULL, STR, FALLBACK("")),
    F("@hostPort",  Redirect, host_port,  NULL, PORT, REQUIRED),
    F("@guestIP",   Redirect, guest,      NULL, STR, FALLBACK("")),
    F("@guestPort", Redirect, guest_port, NULL, PORT, REQUIRED),
    END };
/* clang-format on */

static const Element group_element = {
    .path = "portForward", .size = sizeof(Group), .fields = group_fields};
static const Element range_element = {
    .path = "range", .size = sizeof(Range), .fields = range_fields};
static const Element redirect_element = {
    .path = "vbox:redirect", .size = sizeof(Redirect), .fields = redirect_fields};
static const Element *const interface_elements[] = {&group_element, &redirect_element, NULL};
static const Element *const group_elements[] = {&range_element, NULL};
static const Schema interface_schema = {.root = "interface", .elements = interface_elements};
static const Schema group_schema = {.root = "portForward", .elements = group_elements};

static gboolean add(GPtrArray *list, const char *place, const Forward *from, GError **error)
{
    if (list->len == FORWARDS_MAX)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: each port is a rule of VirtualBox's, and vboxvirt makes at most %d", place,
                    FORWARDS_MAX);
    Forward *self = g_new(Forward, 1);
    *self = (Forward){from->proto,          g_strdup(from->host), g_strdup(from->guest),
                      g_strdup(from->name), from->host_port,      from->guest_port};
    g_ptr_array_add(list, self);
    return TRUE;
}

static gboolean add_range(GPtrArray *list, const Range *range, const char *place,
                          const Forward *like, GError **error)
{
    gint64 end = range->end == NUMBER_ABSENT ? range->start : range->end;
    gint64 to = range->to == NUMBER_ABSENT ? range->start : range->to;
    if (end < range->start || to + (end - range->start) > G_MAXUINT16)
        return fail(error, VIR_ERR_XML_ERROR,
                    "%s/range: the ports end before they begin, or at "
                    "more than 65535",
                    place);
    for (gint64 port = range->start; port <= end; port++) {
        Forward each = *like;
        each.host_port = (guint)port;
        each.guest_port = (guint)(to + port - range->start);
        if (!add(list, place, &each, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_group(GPtrArray *list, const Group *group, const char *place, GError **error)
{
    Address address;
    g_autofree char *host = NULL;
    if (group->address != NULL && !address_parse(group->address, &address))
        return fail(error, VIR_ERR_XML_ERROR, "%s/@address: '%s' is no IP address", place,
                    group->address);
    if (group->ranges == NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: VirtualBox forwards single ports; name them with <range start='…'/>",
                    place);
    host = group->address == NULL ? g_strdup("") : address_format(&address);
    g_autoptr(Model) ranges = map_parse_inner(&group_schema, group->ranges, place, error);
    char none[] = "";
    const Forward like = {group->proto, host, none, none, 0, 0};
    GPtrArray *items = ranges == NULL ? NULL : model_items(ranges, &range_element);
    for (guint i = 0; items != NULL && i < items->len; i++)
        if (!add_range(list, g_ptr_array_index(items, i), place, &like, error))
            return FALSE;
    return ranges != NULL;
}

/* Without an address of the guest, and with one of the host's or none: <portForward> says it. */
static gboolean is_plain(const char *host, const char *guest)
{
    Address address;
    return *guest == '\0' && (*host == '\0' || address_parse(host, &address));
}

static gboolean add_redirect(GPtrArray *list, const Redirect *redirect, const char *place,
                             GError **error)
{
    if (is_plain(redirect->host, redirect->guest))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: without guestIP, say <portForward proto='%s'>", place, redirect->proto);
    if (*redirect->name == '\0' || strpbrk(redirect->name, ",\n") != NULL ||
        strpbrk(redirect->host, ",\n") != NULL || strpbrk(redirect->guest, ",\n") != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: a name and addresses without commas are needed", place);
    const Forward like = {redirect->proto,
                          redirect->host,
                          redirect->guest,
                          redirect->name,
                          (guint)redirect->host_port,
                          (guint)redirect->guest_port};
    return add(list, place, &like, error);
}

/* --- lists --------------------------------------------------------------------------------- */

static gint compare(gconstpointer a, gconstpointer b)
{
    const Forward *one = *(Forward *const *)a, *two = *(Forward *const *)b;
    gint order = strcmp(one->proto, two->proto);
    order = order != 0 ? order : strcmp(one->host, two->host);
    return order != 0 ? order : (gint)one->host_port - (gint)two->host_port;
}

static char *line_of(const Forward *self)
{
    return g_strdup_printf("%s,%s,%u,%s,%u,%s\n", self->proto, self->host, self->host_port,
                           self->guest, self->guest_port, self->name);
}

static char *list_text(GPtrArray *list)
{
    GString *text = g_string_new(NULL);
    g_ptr_array_sort(list, compare);
    for (guint i = 0; i < list->len; i++) {
        g_autofree char *line = line_of(g_ptr_array_index(list, i));
        g_string_append(text, line);
    }
    return g_string_free(text, FALSE);
}

static GPtrArray *list_parse(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(forward_free);
    g_auto(GStrv) lines = g_strsplit(text == NULL ? "" : text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) cells = g_strsplit(*line, ",", 6);
        if (g_strv_length(cells) != 6)
            continue;
        const Forward like = {g_str_equal(cells[0], "udp") ? "udp" : "tcp",
                              cells[1],
                              cells[3],
                              cells[5],
                              (guint)g_ascii_strtoull(cells[2], NULL, 10),
                              (guint)g_ascii_strtoull(cells[4], NULL, 10)};
        (void)add(list, "", &like, NULL);
    }
    return list;
}

/* VirtualBox has one of a protocol, host's address and port. */
static gboolean check_twice(GPtrArray *list, const char *place, GError **error)
{
    g_ptr_array_sort(list, compare);
    for (guint i = 1; i < list->len; i++) {
        const Forward *self = g_ptr_array_index(list, i);
        if (compare(&g_ptr_array_index(list, i - 1), &g_ptr_array_index(list, i)) == 0)
            return fail(error, VIR_ERR_XML_ERROR, "%s/portForward: %s port %u is forwarded twice",
                        place, self->proto, self->host_port);
    }
    return TRUE;
}

gboolean forward_list(const Item *item, const char *plain, const char *redirects, char **ret_list,
                      GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(forward_free);
    g_autofree char *inner = g_strconcat(plain == NULL ? "" : plain, redirects, NULL);
    g_autofree char *place = item_path(item, NULL);
    g_autoptr(Model) model = map_parse_inner(&interface_schema, inner, place, error);
    if (model == NULL)
        return FALSE;
    const GPtrArray *groups = model_items(model, &group_element);
    const GPtrArray *others = model_items(model, &redirect_element);
    for (guint i = 0; i < groups->len + others->len; i++) {
        gboolean is_group = i < groups->len;
        Item *each =
            is_group ? g_ptr_array_index(groups, i) : g_ptr_array_index(others, i - groups->len);
        g_autofree char *below = item_path(each, NULL);
        g_autofree char *where = g_strconcat(place, below + strlen("/interface"), NULL);
        if (is_group ? !add_group(list, (Group *)each, where, error)
                     : !add_redirect(list, (Redirect *)each, where, error))
            return FALSE;
    }
    if (!check_twice(list, place, error))
        return FALSE;
    *ret_list = list_text(list);
    return TRUE;
}

static void append_range(GString *out, const Forward *first, guint count)
{
    g_string_append_printf(out, "<range start=\"%u\"", first->host_port);
    if (count > 1)
        g_string_append_printf(out, " end=\"%u\"", first->host_port + count - 1);
    if (first->guest_port != first->host_port)
        g_string_append_printf(out, " to=\"%u\"", first->guest_port);
    g_string_append(out, "/>");
}

/* One <portForward> of a protocol and address; returns how many forwards it took. */
static guint append_group(GString *out, const GPtrArray *list, guint from)
{
    const Forward *self = g_ptr_array_index(list, from);
    g_string_append_printf(out, "<portForward proto=\"%s\"", self->proto);
    if (*self->host != '\0')
        g_string_append_printf(out, " address=\"%s\"", self->host);
    g_string_append_c(out, '>');
    guint count = 0;
    while (from + count < list->len) {
        const Forward *first = g_ptr_array_index(list, from + count);
        if (first->proto != self->proto || !g_str_equal(first->host, self->host))
            break;
        guint run = 1;
        for (; from + count + run < list->len; run++) {
            const Forward *next = g_ptr_array_index(list, from + count + run);
            if (next->proto != self->proto || !g_str_equal(next->host, self->host) ||
                next->host_port != first->host_port + run ||
                next->guest_port != first->guest_port + run)
                break;
        }
        append_range(out, first, run);
        count += run;
    }
    g_string_append(out, "</portForward>");
    return count;
}

static char *end_text(GString *text)
{
    return g_string_free(text, text->len == 0);
}

void forward_split(const char *list, char **ret_plain, char **ret_redirects)
{
    g_autoptr(GPtrArray) all = list_parse(list), plain = g_ptr_array_new();
    GString *out = g_string_new(NULL), *others = g_string_new(NULL);
    for (guint i = 0; i < all->len; i++) {
        Forward *self = g_ptr_array_index(all, i);
        if (is_plain(self->host, self->guest)) {
            g_ptr_array_add(plain, self);
            continue;
        }
        g_autofree char *text = g_markup_printf_escaped(
            "<vbox:redirect xmlns:vbox=\"urn:vboxvirt:1\" name=\"%s\" proto=\"%s\" hostIP=\"%s\" "
            "hostPort=\"%u\" guestIP=\"%s\" guestPort=\"%u\"/>",
            self->name, self->proto, self->host, self->host_port, self->guest, self->guest_port);
        g_string_append(others, text);
    }
    for (guint i = 0; i < plain->len;)
        i += append_group(out, plain, i);
    *ret_plain = end_text(out);
    *ret_redirects = end_text(others);
}

/* --- VirtualBox ---------------------------------------------------------------------------- */

/* "NAME,1,127.0.0.1,2222,,22": the name may have commas, what follows has none. */
static Forward *redirect_parse(const char *text)
{
    g_autofree char *copy = g_strdup(text);
    char *cells[5] = {0};
    for (guint i = G_N_ELEMENTS(cells); i > 0; i--) {
        char *comma = strrchr(copy, ',');
        if (comma == NULL)
            return NULL;
        cells[i - 1] = comma + 1;
        *comma = '\0';
    }
    Forward *self = g_new0(Forward, 1);
    guint32 protocol = (guint32)g_ascii_strtoull(cells[0], NULL, 10);
    self->proto = protocol == vbox_enum(NATProtocol_TCP) ? "tcp" : "udp";
    self->host_port = (guint)g_ascii_strtoull(cells[2], NULL, 10);
    self->guest_port = (guint)g_ascii_strtoull(cells[4], NULL, 10);
    Address address;
    self->host = address_parse(cells[1], &address) ? address_format(&address) : g_strdup(cells[1]);
    self->guest = g_strdup(cells[3]);
    self->name = g_strdup(copy);
    return self;
}

GPtrArray *forward_read(Object *engine, GError **error)
{
    g_auto(GStrv) texts = NULL;
    if (!vbox_call(engine, INATEngine_get_redirects, error, &texts))
        return NULL;
    GPtrArray *list = g_ptr_array_new_with_free_func(forward_free);
    for (char **text = texts; text != NULL && *text != NULL; text++) {
        Forward *self = redirect_parse(*text);
        if (self != NULL)
            g_ptr_array_add(list, self);
    }
    return list;
}

static gboolean read_redirects(MapContext *context, Object *adapter, Object **ret_engine,
                               GPtrArray **ret_list, GError **error)
{
    if (!map_object(context, adapter, INetworkAdapter_get_NATEngine, ret_engine, error))
        return FALSE;
    *ret_list = forward_read(*ret_engine, error);
    return *ret_list != NULL;
}

static void forget_plain_name(Forward *self)
{
    if (!is_plain(self->host, self->guest))
        return;
    g_free(self->name);
    self->name = g_strdup("");
}

gboolean forward_get(MapContext *context, Object *adapter, const Field *field, Value *ret_value,
                     GError **error)
{
    g_autoptr(GPtrArray) list = NULL;
    Object *engine = NULL;
    if (!read_redirects(context, adapter, &engine, &list, error))
        return FALSE;
    for (guint i = 0; i < list->len; i++)
        forget_plain_name(g_ptr_array_index(list, i));
    *ret_value = (Value){.is_text = TRUE, .text = list_text(list)};
    return TRUE;
}

static gboolean is_same(const Forward *a, const Forward *b)
{
    return compare(&a, &b) == 0 && a->guest_port == b->guest_port &&
           g_str_equal(a->guest, b->guest) &&
           (is_plain(a->host, a->guest) || g_str_equal(a->name, b->name));
}

static gboolean has(const GPtrArray *list, const Forward *wanted)
{
    for (guint i = 0; i < list->len; i++)
        if (is_same(g_ptr_array_index(list, i), wanted))
            return TRUE;
    return FALSE;
}

static gboolean has_port(const GPtrArray *list, const Forward *wanted)
{
    for (guint i = 0; i < list->len; i++)
        if (compare(&g_ptr_array_index(list, i), &wanted) == 0)
            return TRUE;
    return FALSE;
}

static gboolean has_name(const GPtrArray *list, const char *name)
{
    for (guint i = 0; i < list->len; i++)
        if (g_str_equal(((const Forward *)g_ptr_array_index(list, i))->name, name))
            return TRUE;
    return FALSE;
}

/* "tcp2222"; of several addresses "tcp2222 1". */
static char *make_name(const GPtrArray *list, const Forward *self)
{
    char *name = g_strdup_printf("%s%u", self->proto, self->host_port);
    for (guint i = 1; has_name(list, name); i++) {
        g_free(name);
        name = g_strdup_printf("%s%u %u", self->proto, self->host_port, i);
    }
    return name;
}

static gboolean add_to_engine(Object *engine, GPtrArray *list, const Forward *wanted,
                              GError **error)
{
    guint32 protocol =
        vbox_enum(g_str_equal(wanted->proto, "tcp") ? NATProtocol_TCP : NATProtocol_UDP);
    g_autofree char *name =
        *wanted->name == '\0' ? make_name(list, wanted) : g_strdup(wanted->name);
    Forward named = *wanted;
    named.name = name;
    return vbox_call(engine, INATEngine_addRedirect, error, name, protocol, wanted->host,
                     wanted->host_port, wanted->guest, wanted->guest_port) &&
           add(list, "", &named, error);
}

/* VirtualBox takes a redirect of a machine that runs, and tells nobody that it does not listen. */
static gboolean check_free(MapContext *context, const GPtrArray *old, const GPtrArray *wanted,
                           GError **error)
{
    guint32 state;
    if (!machine_state(map_machine(context), &state, error))
        return FALSE;
    if (!machine_state_is_online(state))
        return TRUE;
    for (guint i = 0; i < wanted->len; i++) {
        const Forward *self = wanted->pdata[i];
        const HostPort port = {self->proto, self->host, self->host_port,
                               (char *)"the port forwarding"};
        if (!has_port(old, self) && !start_ports_check(map_machine(context), &port, error))
            return FALSE;
    }
    return TRUE;
}

gboolean forward_set(MapContext *context, Object *adapter, const Field *field, const Value *value,
                     GError **error)
{
    g_autoptr(GPtrArray) list = NULL, wanted = list_parse(value->text);
    Object *engine = NULL;
    if (!read_redirects(context, adapter, &engine, &list, error) ||
        !check_free(context, list, wanted, error))
        return FALSE;
    for (guint i = list->len; i > 0; i--) {
        const Forward *self = g_ptr_array_index(list, i - 1);
        if (has(wanted, self))
            continue;
        if (!vbox_call(engine, INATEngine_removeRedirect, error, self->name))
            return FALSE;
        g_ptr_array_remove_index(list, i - 1);
    }
    for (guint i = 0; i < wanted->len; i++) {
        const Forward *self = g_ptr_array_index(wanted, i);
        if (!has(list, self) && !add_to_engine(engine, list, self, error))
            return FALSE;
    }
    return TRUE;
}
