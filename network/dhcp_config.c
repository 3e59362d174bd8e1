/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DhcpConfig: see dhcp_config.h. */
#include "network/dhcp_config.h"
#include <string.h>

static void option_free(gpointer data)
{
    DhcpOption *self = data;
    g_free(self->value);
    g_free(self);
}

void dhcp_config_init(DhcpConfig *self)
{
    *self = (DhcpConfig){.options = g_ptr_array_new_with_free_func(option_free)};
}

void dhcp_config_clear(DhcpConfig *self)
{
    g_clear_pointer(&self->options, g_ptr_array_unref);
}

DhcpOption *dhcp_config_find(const DhcpConfig *self, guint8 number)
{
    for (guint i = 0; i < self->options->len; i++) {
        DhcpOption *option = self->options->pdata[i];
        if (option->number == number)
            return option;
    }
    return NULL;
}

DhcpOption *dhcp_config_need(DhcpConfig *self, guint8 number)
{
    guint at = 0;
    for (; at < self->options->len; at++) {
        DhcpOption *option = self->options->pdata[at];
        if (option->number == number)
            return option;
        if (option->number > number)
            break;
    }
    DhcpOption *option = g_new0(DhcpOption, 1);
    option->number = number;
    g_ptr_array_insert(self->options, (gint)at, option);
    return option;
}

static void drop(DhcpConfig *self, guint8 number)
{
    DhcpOption *option = dhcp_config_find(self, number);
    if (option != NULL)
        g_ptr_array_remove(self->options, option);
}

const char *dhcp_config_text(const DhcpConfig *self, guint8 number)
{
    const DhcpOption *option = dhcp_config_find(self, number);
    return option != NULL && !option->is_hex ? option->value : NULL;
}

void dhcp_config_set_text(DhcpConfig *self, guint8 number, const char *text)
{
    DhcpOption *option = dhcp_config_need(self, number);
    option->is_hex = FALSE;
    g_free(option->value);
    option->value = g_strdup(text);
    if (text == NULL && option->send == DHCP_SEND_ASKED)
        drop(self, number);
}

/* Pairs of digits; beside a colon, or alone, one digit or none is a byte as well. */
static gboolean is_readable(const DhcpOption *option)
{
    static const char form[] =
        "^([0-9A-Fa-f]?|([0-9A-Fa-f]{2})+)(:([0-9A-Fa-f]?|([0-9A-Fa-f]{2})+))*\\z";
    return !option->is_hex || option->value == NULL ||
           g_regex_match_simple(form, option->value, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT);
}

const DhcpOption *dhcp_config_find_unreadable(const DhcpConfig *self)
{
    for (guint i = 0; i < self->options->len; i++)
        if (!is_readable(self->options->pdata[i]))
            return self->options->pdata[i];
    return NULL;
}

/* --- reading ----------------------------------------------------------------------------------
 */

static gboolean read_values(Object *config, DhcpConfig *self, GError **error)
{
    g_autoptr(GArray) numbers = NULL, encodings = NULL;
    g_auto(GStrv) values = NULL;
    if (!vbox_call(config, IDHCPConfig_getAllOptions, error, &numbers, &encodings, &values))
        return FALSE;
    for (guint i = 0; i < numbers->len; i++) {
        DhcpOption *option = dhcp_config_need(self, (guint8)g_array_index(numbers, guint32, i));
        option->is_hex = g_array_index(encodings, guint32, i) == vbox_enum(DHCPOptionEncoding_Hex);
        g_free(option->value);
        option->value = g_strdup(values[i]);
    }
    return TRUE;
}

static gboolean read_send(Object *config, VboxName getter, DhcpSend send, DhcpConfig *self,
                          GError **error)
{
    g_autoptr(GArray) numbers = NULL;
    if (!vbox_call(config, getter, error, &numbers))
        return FALSE;
    for (guint i = 0; i < numbers->len; i++)
        dhcp_config_need(self, (guint8)g_array_index(numbers, guint32, i))->send = send;
    return TRUE;
}

gboolean dhcp_config_read(Object *config, gboolean is_global, DhcpConfig *self, GError **error)
{
    dhcp_config_init(self);
    /* An option that is forced and suppressed is suppressed. */
    if (!vbox_call(config, IDHCPConfig_get_defaultLeaseTime, error, &self->lease) ||
        !vbox_call(config, IDHCPConfig_get_minLeaseTime, error, &self->lease_min) ||
        !vbox_call(config, IDHCPConfig_get_maxLeaseTime, error, &self->lease_max) ||
        !read_values(config, self, error) ||
        !read_send(config, IDHCPConfig_get_forcedOptions, DHCP_SEND_ALWAYS, self, error) ||
        !read_send(config, IDHCPConfig_get_suppressedOptions, DHCP_SEND_NEVER, self, error)) {
        dhcp_config_clear(self);
        return FALSE;
    }
    if (is_global)
        dhcp_config_set_text(self, DHCP_MASK, NULL);
    return TRUE;
}

/* --- writing ----------------------------------------------------------------------------------
 */

static gboolean write_lease(Object *config, VboxName setter, guint32 is, guint32 wanted,
                            GError **error)
{
    return is == wanted || vbox_call(config, setter, error, wanted);
}

static gboolean write_value(Object *config, const DhcpOption *is, const DhcpOption *wanted,
                            GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (is != NULL && is->is_hex == wanted->is_hex && g_strcmp0(is->value, wanted->value) == 0)
        return TRUE;
    guint32 encoding =
        wanted->is_hex ? vbox_enum(DHCPOptionEncoding_Hex) : vbox_enum(DHCPOptionEncoding_Normal);
    if (vbox_call(config, IDHCPConfig_setOption, &failure, (guint32)wanted->number, encoding,
                  wanted->value))
        return TRUE;
    if (!g_error_matches(failure, XPCOM_ERROR, (gint)E_INVALIDARG)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "VirtualBox's DHCP server does not take '%s' for the option %u; bytes can be "
                "given with encoding='hex', like 0a:00:00:01 (it says: %s)",
                wanted->value, wanted->number, failure->message);
}

static gboolean write_values(Object *config, const DhcpConfig *is, const DhcpConfig *wanted,
                             GError **error)
{
    for (guint i = 0; i < is->options->len; i++) {
        const DhcpOption *old = is->options->pdata[i];
        const DhcpOption *new = dhcp_config_find(wanted, old->number);
        if (old->value != NULL && (new == NULL || new->value == NULL) &&
            !vbox_call(config, IDHCPConfig_removeOption, error, (guint32)old->number))
            return FALSE;
    }
    for (guint i = 0; i < wanted->options->len; i++) {
        const DhcpOption *option = wanted->options->pdata[i];
        if (option->value != NULL &&
            !write_value(config, dhcp_config_find(is, option->number), option, error))
            return FALSE;
    }
    return TRUE;
}

static GArray *sent(const DhcpConfig *self, DhcpSend send)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint i = 0; i < self->options->len; i++) {
        const DhcpOption *option = self->options->pdata[i];
        guint32 number = option->number;
        if (option->send == send)
            g_array_append_val(numbers, number);
    }
    return numbers;
}

static gboolean write_send(Object *config, VboxName setter, DhcpSend send, const DhcpConfig *is,
                           const DhcpConfig *wanted, GError **error)
{
    g_autoptr(GArray) old = sent(is, send), new = sent(wanted, send);
    if (old->len == new->len && memcmp(old->data, new->data, old->len * sizeof(guint32)) == 0)
        return TRUE;
    return vbox_call(config, setter, error, new->len, new->data);
}

gboolean dhcp_config_write(Object *config, gboolean is_global, const DhcpConfig *self,
                           GError **error)
{
    DhcpConfig is;
    if (!dhcp_config_read(config, is_global, &is, error))
        return FALSE;
    gboolean ok =
        write_lease(config, IDHCPConfig_set_defaultLeaseTime, is.lease, self->lease, error) &&
        write_lease(config, IDHCPConfig_set_minLeaseTime, is.lease_min, self->lease_min, error) &&
        write_lease(config, IDHCPConfig_set_maxLeaseTime, is.lease_max, self->lease_max, error) &&
        write_values(config, &is, self, error) &&
        write_send(config, IDHCPConfig_set_forcedOptions, DHCP_SEND_ALWAYS, &is, self, error) &&
        write_send(config, IDHCPConfig_set_suppressedOptions, DHCP_SEND_NEVER, &is, self, error);
    dhcp_config_clear(&is);
    return ok;
}
