/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <lease>, <vbox:lease> and <vbox:option>: what is said to guests of a DHCP server. */
#include "network/document.h"

#define LEASE_LEAST 120 /* seconds; libvirt refuses less in <lease>, as its own server does */
#define HOUR 3600
#define MINUTE 60

/* clang-format off */
const Word lease_units[] = { { "seconds" }, { "minutes" }, { "hours" }, END };
static const Word encodings[] = { { "hex" }, END };
static const Word sends[] = { { "always" }, { "never" }, END };

typedef struct OptionItem {
    Item item;
    gint64 number;
    const char *encoding, *send;
    char *value;
} OptionItem;

static const Field option_fields[] = {
    F("@number",   OptionItem, number,   NULL, NUMBER(0, 255), REQUIRED),
    F("@encoding", OptionItem, encoding, NULL, WORD(encodings, NULL)),
    F("@value",    OptionItem, value,    NULL, STR),
    F("@send",     OptionItem, send,     NULL, WORD(sends, NULL)),
    END };
/* clang-format on */

static const Element option_element = {
    .path = "vbox:option", .size = sizeof(OptionItem), .fields = option_fields};
static const Element *const option_elements[] = {&option_element, NULL};
static const Schema option_schema = {.root = "options", .elements = option_elements};

/* --- from the XML -------------------------------------------------------------------------- */

static gint64 seconds_of(const char *unit)
{
    if (g_strcmp0(unit, "seconds") == 0)
        return 1;
    return g_strcmp0(unit, "hours") == 0 ? HOUR : MINUTE;
}

static gboolean take_expiry(const ConfigItem *item, const char *place, DhcpConfig *config,
                            GError **error)
{
    gint64 seconds = item->expiry * seconds_of(item->unit);
    if (item->expiry == 0)
        seconds = DHCP_LEASE_INFINITE;
    else if (seconds < LEASE_LEAST)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: a <lease> is of 2 minutes at least; for less say <vbox:lease "
                    "default='…'/>",
                    place);
    else if (seconds >= DHCP_LEASE_INFINITE)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: a <lease> is shorter than %u seconds, or never ends with expiry='0'",
                    place, DHCP_LEASE_INFINITE);
    config->lease = (guint32)seconds;
    return TRUE;
}

/* VirtualBox's server takes them the other way round, and VirtualBox says nothing. */
static gboolean check_bounds(const DhcpConfig *config, const DhcpConfig *old, const char *place,
                             GError **error)
{
    if (config->lease_max == 0 || config->lease_min <= config->lease_max)
        return TRUE;
    if (old != NULL && old->lease_min == config->lease_min && old->lease_max == config->lease_max)
        return TRUE;
    return fail(error, VIR_ERR_XML_ERROR,
                "%s: the shortest lease, of %u seconds, is longer than the longest one, of %u",
                place, config->lease_min, config->lease_max);
}

static gboolean take_lease(const ConfigItem *item, const char *place, const DhcpConfig *old,
                           DhcpConfig *config, GError **error)
{
    gboolean has_expiry = item->expiry != NUMBER_ABSENT;
    if (!has_expiry && item->unit != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "%s: a <lease> needs its expiry", place);
    if (has_expiry && item->standard != NUMBER_ABSENT)
        return fail(error, VIR_ERR_XML_ERROR,
                    "%s: <lease> and the default of <vbox:lease> are the same: give one", place);
    if (has_expiry && !take_expiry(item, place, config, error))
        return FALSE;
    if (item->standard != NUMBER_ABSENT)
        config->lease = (guint32)item->standard;
    config->lease_min = item->min != NUMBER_ABSENT ? (guint32)item->min : 0;
    /* As with libvirt's server, no guest gets a longer one. */
    config->lease_max = item->max != NUMBER_ABSENT ? (guint32)item->max : config->lease;
    return check_bounds(config, old, place, error);
}

static gboolean is_bytes(const char *text)
{
    static const char form[] = "^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2})*$";
    return g_regex_match_simple(form, text, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT);
}

/* VirtualBox takes any, and its server ends at its start when it meets bytes that are none. */
static gboolean check_option(const DhcpOption *option, const DhcpConfig *old, const char *place,
                             GError **error)
{
    const DhcpOption *was = old != NULL ? dhcp_config_find(old, option->number) : NULL;
    if (was != NULL && was->is_hex == option->is_hex && g_strcmp0(was->value, option->value) == 0)
        return TRUE;
    if (option->number == 0 || option->number == G_MAXUINT8)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s/@number: options have the numbers 1 to 254", place);
    if (option->is_hex && !is_bytes(option->value))
        return fail(error, VIR_ERR_XML_ERROR,
                    "%s/@value: '%s' are not bytes, which look like 0a:00:00:01", place,
                    option->value);
    return TRUE;
}

static gboolean take_option(const OptionItem *item, const char *place, const DhcpConfig *old,
                            DhcpConfig *config, GError **error)
{
    if (item->value == NULL && (item->send == NULL || item->encoding != NULL))
        return fail(error, VIR_ERR_XML_ERROR, "missing %s/@value", place);
    DhcpOption *option = dhcp_config_need(config, (guint8)item->number);
    if ((item->value != NULL && option->value != NULL) ||
        (item->send != NULL && option->send != DHCP_SEND_ASKED))
        return fail(error, VIR_ERR_XML_ERROR,
                    "%s: the option %u is given before, or by an element of its own", place,
                    option->number);
    if (item->value != NULL) {
        option->value = g_strdup(item->value);
        option->is_hex = item->encoding != NULL;
    }
    if (item->send != NULL)
        option->send = g_str_equal(item->send, "always") ? DHCP_SEND_ALWAYS : DHCP_SEND_NEVER;
    return check_option(option, old, place, error);
}

static gboolean take_options(const ConfigItem *item, const char *place, const DhcpConfig *old,
                             DhcpConfig *config, GError **error)
{
    if (item->options == NULL)
        return TRUE;
    g_autoptr(Model) model = map_parse_inner(&option_schema, item->options, place, error);
    g_autoptr(Refusals) refusals = refusals_new();
    const GPtrArray *options = model != NULL ? model_items(model, &option_element) : NULL;
    for (guint i = 0; options != NULL && i < options->len; i++) {
        const OptionItem *option = options->pdata[i];
        GError *reason = NULL;
        g_autofree char *below = item_path(&option->item, NULL);
        g_autofree char *where = g_strconcat(place, below + strlen("/options"), NULL);
        refusals_note(refusals, take_option(option, where, old, config, &reason), &reason);
    }
    return model != NULL && refusals_tell(refusals, error);
}

gboolean config_take(const ConfigItem *item, const char *place, const DhcpConfig *old,
                     DhcpConfig *config, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, take_lease(item, place, old, config, &reason), &reason);
    refusals_note(refusals, take_options(item, place, old, config, &reason), &reason);
    return refusals_tell(refusals, error);
}

/* --- to the XML ---------------------------------------------------------------------------- */

/* In the greatest unit that divides it. */
static void put_lease(ConfigItem *item, const DhcpConfig *config)
{
    guint32 seconds = config->lease;
    if (seconds == DHCP_LEASE_INFINITE) {
        item->expiry = 0;
    } else if (seconds >= LEASE_LEAST) {
        item->unit = seconds % HOUR == 0 ? "hours" : seconds % MINUTE == 0 ? "minutes" : "seconds";
        item->expiry = seconds / seconds_of(item->unit);
    } else if (seconds > 0) {
        item->standard = seconds;
    }
    if (config->lease_min > 0)
        item->min = config->lease_min;
    if (config->lease_max != config->lease)
        item->max = config->lease_max;
}

static void put_option(Model *model, const DhcpOption *option, gboolean is_hidden)
{
    if (is_hidden && option->send == DHCP_SEND_ASKED)
        return;
    OptionItem *item = model_add(model, &option_element);
    item->number = option->number;
    if (!is_hidden && option->value != NULL) {
        item->value = g_strdup(option->value);
        item->encoding = option->is_hex ? "hex" : NULL;
    }
    if (option->send != DHCP_SEND_ASKED)
        item->send = option->send == DHCP_SEND_ALWAYS ? "always" : "never";
}

void config_put(ConfigItem *item, const DhcpConfig *config, const guint8 *hidden)
{
    g_autoptr(Model) model = model_new(&option_schema);
    put_lease(item, config);
    for (guint i = 0; i < config->options->len; i++) {
        const DhcpOption *option = config->options->pdata[i];
        const guint8 *at = hidden;
        while (*at != 0 && *at != option->number)
            at++;
        put_option(model, option, *at != 0);
    }
    item->options = map_format_inner(model, NULL);
}
