/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kinds: see kind.h. */
#include "map/kind.h"
#include "base/uuid.h"
#include <string.h>

void value_clear(Value *self)
{
    g_clear_pointer(&self->text, g_free);
}

/* --- text, and what is text in VirtualBox as well ------------------------------------------ */

static void replace(gpointer member, char *text)
{
    char **place = member;
    g_free(*place);
    *place = text;
}

static gboolean text_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return fail(error, VIR_ERR_XML_ERROR, "the text is not UTF-8");
    replace(member, g_strdup(text));
    return TRUE;
}

static char *text_format(const Field *field, gconstpointer member)
{
    return g_strdup(*(char *const *)member);
}

static gboolean text_to_value(const Field *field, gconstpointer member, Value *ret_value,
                              GError **error)
{
    *ret_value = (Value){.is_text = TRUE, .text = text_format(field, member)};
    return TRUE;
}

/* VirtualBox does not tell empty from absent; where the XML can (fallback ""), it is empty. */
static void text_from_value(const Field *field, const Value *value, gpointer member)
{
    gboolean is_empty = value->text == NULL || *value->text == '\0';
    replace(member, g_strdup(is_empty ? field->fallback : value->text));
}

const Kind kind_text = {"text",     sizeof(char *), TRUE,          FALSE,
                        text_parse, text_format,    text_to_value, text_from_value};
const Kind kind_subtree = {
    "the element as it is", sizeof(char *), TRUE, FALSE, text_parse, text_format,
    text_to_value,          text_from_value};
const Kind kind_subtrees = {"the elements as they are",
                            sizeof(char *),
                            TRUE,
                            FALSE,
                            text_parse,
                            text_format,
                            text_to_value,
                            text_from_value};

static gboolean any_mac_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    guint bytes[6];
    int end = 0;
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3],
               &bytes[4], &bytes[5], &end) != 6 ||
        text[end] != '\0')
        return fail(error, VIR_ERR_XML_ERROR, "unable to parse mac address '%s'", text);
    replace(member, g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
                                    bytes[3], bytes[4], bytes[5]));
    return TRUE;
}

gboolean mac_check_unicast(const char *mac, GError **error)
{
    return (g_ascii_xdigit_value(mac[1]) & 1) == 0 ||
           fail(error, VIR_ERR_XML_ERROR, "expected unicast mac address, found multicast '%s'",
                mac);
}

static gboolean mac_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    return any_mac_parse(field, text, member, error) && mac_check_unicast(*(char **)member, error);
}

/* VirtualBox has twelve capital digits without colons. */
static gboolean mac_to_value(const Field *field, gconstpointer member, Value *ret_value,
                             GError **error)
{
    g_auto(GStrv) bytes = g_strsplit(*(char *const *)member, ":", 6);
    g_autofree char *plain = g_strjoinv("", bytes);
    *ret_value = (Value){.is_text = TRUE, .text = g_ascii_strup(plain, -1)};
    return TRUE;
}

static void mac_from_value(const Field *field, const Value *value, gpointer member)
{
    replace(member, NULL);
    if (value->text == NULL || strlen(value->text) != 12)
        return;
    const char *t = value->text;
    g_autofree char *mac =
        g_strdup_printf("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", t, t + 2, t + 4, t + 6, t + 8, t + 10);
    replace(member, g_ascii_strdown(mac, -1));
}

const Kind kind_any_mac = {"MAC address", sizeof(char *), TRUE,         FALSE,
                           any_mac_parse, text_format,    mac_to_value, mac_from_value};
const Kind kind_mac = {"MAC address", sizeof(char *), TRUE,         FALSE,
                       mac_parse,     text_format,    mac_to_value, mac_from_value};

/* As libvirt has it: a client's own name of a device begins so and has no other characters.  Others
 * are the server's, of devices that run, and mean nothing in a definition. */
#define ALIAS_PREFIX "ua-"
#define ALIAS_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-"

static gboolean alias_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    gboolean is_own =
        g_str_has_prefix(text, ALIAS_PREFIX) && strspn(text, ALIAS_CHARACTERS) == strlen(text);
    replace(member, is_own ? g_strdup(text) : NULL);
    return TRUE;
}

const Kind kind_alias = {"alias",     sizeof(char *), TRUE,          FALSE,
                         alias_parse, text_format,    text_to_value, text_from_value};

static gboolean uuid_kind_parse(const Field *field, const char *text, gpointer member,
                                GError **error)
{
    guint8 uuid[UUID_BYTES];
    if (!uuid_parse(text, uuid))
        return fail(error, VIR_ERR_INTERNAL_ERROR, "malformed uuid element");
    char canonical[UUID_STRING];
    uuid_format(uuid, canonical);
    replace(member, g_strdup(canonical));
    return TRUE;
}

const Kind kind_uuid = {"UUID",          sizeof(char *), TRUE,          FALSE,
                        uuid_kind_parse, text_format,    text_to_value, text_from_value};

/* --- numbers ------------------------------------------------------------------------------- */

static gboolean check_range(const Field *field, gint64 number, GError **error)
{
    if (field->min == 0 && field->max == 0)
        return TRUE;
    if (number >= field->min && number <= field->max)
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "%" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                ", VirtualBox's limits",
                number, field->min, field->max);
}

/* libvirt takes white space before a number, and none after it. */
static const char *skip_spaces(const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    return text;
}

static gboolean number_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    gint64 number = 0;
    if (!g_ascii_string_to_signed(skip_spaces(text), 10, -G_MAXINT64, G_MAXINT64, &number, NULL))
        return fail(error, VIR_ERR_XML_ERROR, "'%s' is not a number", text);
    if (!check_range(field, number, error))
        return FALSE;
    *(gint64 *)member = number;
    return TRUE;
}

static char *number_format(const Field *field, gconstpointer member)
{
    gint64 number = *(const gint64 *)member;
    return number == NUMBER_ABSENT ? NULL : g_strdup_printf("%" G_GINT64_FORMAT, number);
}

static gboolean number_to_value(const Field *field, gconstpointer member, Value *ret_value,
                                GError **error)
{
    *ret_value = (Value){.number = *(const gint64 *)member};
    return TRUE;
}

static void number_from_value(const Field *field, const Value *value, gpointer member)
{
    *(gint64 *)member = value->number;
}

const Kind kind_number = {"number",     sizeof(gint64), FALSE,           TRUE,
                          number_parse, number_format,  number_to_value, number_from_value};

static gboolean hex_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    guint64 number = 0;
    const char *digits = skip_spaces(text);
    gboolean has_prefix = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    if (!g_ascii_string_to_unsigned(has_prefix ? digits + 2 : digits, has_prefix ? 16 : 10, 0,
                                    G_MAXINT64, &number, NULL))
        return fail(error, VIR_ERR_XML_ERROR, "'%s' is not a number like 0x1234", text);
    if (!check_range(field, (gint64)number, error))
        return FALSE;
    *(gint64 *)member = (gint64)number;
    return TRUE;
}

static char *hex_format(const Field *field, gconstpointer member)
{
    gint64 number = *(const gint64 *)member;
    int digits = field->scale > 0 ? (int)field->scale : 4;
    return number == NUMBER_ABSENT ? NULL : g_strdup_printf("0x%0*x", digits, (guint)number);
}

const Kind kind_hex = {"hexadecimal number", sizeof(gint64),   FALSE, TRUE, hex_parse, hex_format,
                       number_to_value,      number_from_value};

/* The bytes of a unit as libvirt reads it: "KiB" and "k" are 1024, "KB" is 1000; the case of
 * letters does not matter.  0: it is none. */
static guint64 unit_bytes(const char *unit)
{
    static const char prefixes[] = "kmgtpe";
    if (g_ascii_strcasecmp(unit, "b") == 0 || g_ascii_strcasecmp(unit, "byte") == 0 ||
        g_ascii_strcasecmp(unit, "bytes") == 0)
        return 1;
    const char *prefix = strchr(prefixes, g_ascii_tolower(unit[0]));
    if (unit[0] == '\0' || prefix == NULL)
        return 0;
    guint64 base = 0;
    if (unit[1] == '\0' || g_ascii_strcasecmp(unit + 1, "ib") == 0)
        base = 1024;
    else if (g_ascii_strcasecmp(unit + 1, "b") == 0)
        base = 1000;
    guint64 bytes = base;
    for (const char *p = prefixes; p < prefix; p++)
        bytes *= base;
    return bytes;
}

/* "654321 KiB", "512": a number and its unit, or none. */
static gboolean parse_bytes(const char *text, guint64 default_unit, guint64 *ret_bytes,
                            GError **error)
{
    char *rest = NULL;
    guint64 count = g_ascii_strtoull(text, &rest, 10);
    gboolean has_unit = rest[0] == ' ' && rest[1] != '\0';
    const char *name = has_unit ? rest + 1 : "";
    guint64 bytes = has_unit ? unit_bytes(name) : default_unit;
    if (rest == text || strchr(text, '-') != NULL || (*rest != '\0' && !has_unit))
        return fail(error, VIR_ERR_XML_ERROR, "'%s' is not a size", text);
    if (bytes == 0)
        return fail(error, VIR_ERR_XML_ERROR, "unknown unit '%s'", name);
    if (count > (guint64)G_MAXINT64 / bytes)
        return fail(error, VIR_ERR_XML_ERROR, "the size '%s' is too large", text);
    *ret_bytes = count * bytes;
    return TRUE;
}

/* Rounded up to the attribute's unit, so that a machine never gets less than was asked for and a
 * dump says what it really has. */
static gboolean size_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    guint64 bytes = 0, step = (guint64)field->scale * 1024;
    if (!parse_bytes(text, 1024, &bytes, error))
        return FALSE;
    gint64 kib = (gint64)((bytes + step - 1) / step) * field->scale;
    if (!check_range(field, kib, error))
        return FALSE;
    *(gint64 *)member = kib;
    return TRUE;
}

static gboolean size_to_value(const Field *field, gconstpointer member, Value *ret_value,
                              GError **error)
{
    *ret_value = (Value){.number = *(const gint64 *)member / field->scale};
    return TRUE;
}

static void size_from_value(const Field *field, const Value *value, gpointer member)
{
    *(gint64 *)member = value->number * field->scale;
}

const Kind kind_size = {"size",        sizeof(gint64), FALSE,           TRUE, size_parse,
                        number_format, size_to_value,  size_from_value, "KiB"};

static gboolean bytes_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    guint64 bytes = 0;
    if (!parse_bytes(text, 1, &bytes, error))
        return FALSE;
    *(gint64 *)member = (gint64)bytes;
    return TRUE;
}

const Kind kind_bytes = {"size in bytes", sizeof(gint64), FALSE,           TRUE,
                         bytes_parse,     number_format,  number_to_value, number_from_value,
                         "bytes"};

/* --- switches ------------------------------------------------------------------------------ */

static gboolean switch_parse(const char *text, const char *yes, const char *no, gpointer member,
                             GError **error)
{
    if (!g_str_equal(text, yes) && !g_str_equal(text, no))
        return fail(error, VIR_ERR_XML_ERROR, "'%s' is neither '%s' nor '%s'", text, yes, no);
    *(Switch *)member = g_str_equal(text, yes) ? SWITCH_YES : SWITCH_NO;
    return TRUE;
}

static char *switch_format(const char *yes, const char *no, gconstpointer member)
{
    Switch state = *(const Switch *)member;
    return state == SWITCH_ABSENT ? NULL : g_strdup(state == SWITCH_YES ? yes : no);
}

static gboolean switch_to_value(const Field *field, gconstpointer member, Value *ret_value,
                                GError **error)
{
    *ret_value = (Value){.number = *(const Switch *)member == SWITCH_YES};
    return TRUE;
}

static void switch_from_value(const Field *field, const Value *value, gpointer member)
{
    *(Switch *)member = value->number != 0 ? SWITCH_YES : SWITCH_NO;
}

#define SWITCH_KIND(noun, yes, no)                                                      \
    static gboolean noun##_parse(const Field *field, const char *text, gpointer member, \
                                 GError **error)                                        \
    {                                                                                   \
        return switch_parse(text, yes, no, member, error);                              \
    }                                                                                   \
    static char *noun##_format(const Field *field, gconstpointer member)                \
    {                                                                                   \
        return switch_format(yes, no, member);                                          \
    }                                                                                   \
    const Kind kind_##noun = {yes "/" no,   sizeof(Switch), FALSE,           FALSE,     \
                              noun##_parse, noun##_format,  switch_to_value, switch_from_value}

SWITCH_KIND(yes_no, "yes", "no");
SWITCH_KIND(on_off, "on", "off");
SWITCH_KIND(up_down, "up", "down");

/* The element itself is the value; its text, in files and messages, is yes or no. */
const Kind kind_present = {"presence",   sizeof(Switch), FALSE,           FALSE,
                           yes_no_parse, yes_no_format,  switch_to_value, switch_from_value};

/* --- words --------------------------------------------------------------------------------- */

/* The word that a dump says for a constant. */
static const char *word_of_constant(const Word *words, const char *constant)
{
    for (const Word *word = words; word->word != NULL; word++)
        if (g_strcmp0(word->constant, constant) == 0)
            return word->word;
    return NULL;
}

static gboolean is_alias(const Field *field, const Word *word)
{
    return word->constant != NULL && word_of_constant(field->words, word->constant) != word->word;
}

char *kind_word_list(const Field *field)
{
    GString *list = g_string_new(NULL);
    for (const Word *word = field->words; word->word != NULL; word++) {
        gboolean is_repeated = FALSE;
        for (const Word *before = field->words; before < word; before++)
            is_repeated |= g_str_equal(before->word, word->word);
        if (!is_repeated && !is_alias(field, word))
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", word->word);
    }
    return g_string_free(list, FALSE);
}

/* Whether it is the word, or one of those that the word is the beginning of. */
static gboolean is_word(const Field *field, const Word *word, const char *text)
{
    if (g_str_has_suffix(word->word, "-"))
        return field->nocase ? g_ascii_strncasecmp(text, word->word, strlen(word->word)) == 0
                             : g_str_has_prefix(text, word->word);
    return (field->nocase ? g_ascii_strcasecmp(text, word->word) : strcmp(text, word->word)) == 0;
}

static gboolean word_parse(const Field *field, const char *text, gpointer member, GError **error)
{
    for (const Word *word = field->words; word->word != NULL; word++) {
        if (!is_word(field, word, text))
            continue;
        *(const char **)member =
            word->constant == NULL ? word->word : word_of_constant(field->words, word->constant);
        return TRUE;
    }
    g_autofree char *list = kind_word_list(field);
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "VirtualBox has no '%s' here; it has: %s", text,
                list);
}

static char *word_format(const Field *field, gconstpointer member)
{
    return g_strdup(*(const char *const *)member);
}

static gboolean word_to_value(const Field *field, gconstpointer member, Value *ret_value,
                              GError **error)
{
    const char *text = *(const char *const *)member;
    for (const Word *word = field->words; word->word != NULL; word++) {
        if (!g_str_equal(word->word, text))
            continue;
        if (field->enum_type == NULL) {
            *ret_value = (Value){.is_text = TRUE,
                                 .text = g_strdup(word->constant),
                                 .number = g_ascii_strtoll(word->constant, NULL, 10)};
            return TRUE;
        }
        guint32 number = 0;
        if (vbox_enum_find(field->enum_type, word->constant, &number)) {
            *ret_value = (Value){.number = number};
            return TRUE;
        }
    }
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "this VirtualBox (%u) has no '%s'",
                vbox_version(), text);
}

static void word_from_value(const Field *field, const Value *value, gpointer member)
{
    *(const char **)member = NULL;
    g_autofree char *text = value->text != NULL
                                ? g_strdup(value->text)
                                : g_strdup_printf("%" G_GINT64_FORMAT, value->number);
    for (const Word *word = field->words; word->word != NULL; word++) {
        guint32 number = 0;
        gboolean is_it = field->enum_type == NULL
                             ? g_strcmp0(word->constant, text) == 0
                             : vbox_enum_find(field->enum_type, word->constant, &number) &&
                                   number == value->number;
        if (!is_it)
            continue;
        *(const char **)member = word->word;
        return;
    }
}

const char *field_word(const Field *field, const Value *value)
{
    const char *word = NULL;
    word_from_value(field, value, &word);
    return word;
}

const Kind kind_word = {"word",     sizeof(const char *), FALSE,         FALSE,
                        word_parse, word_format,          word_to_value, word_from_value};

/* --- rows without a member ----------------------------------------------------------------- */

const Kind kind_fixed = {.name = "fixed"};
const Kind kind_refuse = {.name = "refused"};
const Kind kind_ignore = {.name = "ignored"};
