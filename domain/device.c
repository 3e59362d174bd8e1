/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device: see device.h. */
#include "domain/device.h"

gboolean device_refuse(const Item *item, const char *path, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *reason = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *place = item_path(item, NULL);
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s%s%s: %s", place, path == NULL ? "" : "/",
                path == NULL ? "" : path, reason);
}

gboolean device_fail(const Item *item, GError **error)
{
    g_autofree char *path = item_path(item, NULL);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

void device_set_text(char **member, const char *text)
{
    char *copy = g_strdup(text);
    g_free(*member);
    *member = copy;
}

void device_drop_last(GPtrArray *items)
{
    g_ptr_array_remove_index(items, items->len - 1);
}

gboolean device_is_arm(MapContext *context)
{
    return g_strcmp0(domain_os(map_model(context))->machine, "armv8virtual") == 0;
}

Object *device_limits(MapContext *context, GError **error)
{
    Object *limits = NULL;
    gboolean is_good =
        vbox_has(IVirtualBox_getPlatformProperties)
            ? vbox_call(vbox_root(), IVirtualBox_getPlatformProperties, error,
                        vbox_enum(device_is_arm(context) ? PlatformArchitecture_ARM
                                                         : PlatformArchitecture_x86),
                        &limits)
            : vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &limits);
    return is_good ? limits : NULL;
}

/* The numbers of a word: of several constants with that word, any will do. */
static gboolean is_listed(const Field *field, const char *word, const GArray *numbers)
{
    for (const Word *each = field->words; each->word != NULL; each++) {
        guint32 number;
        if (!g_str_equal(each->word, word) ||
            !vbox_enum_find(field->enum_type, each->constant, &number))
            continue;
        for (guint i = 0; i < numbers->len; i++)
            if (g_array_index(numbers, guint32, i) == number)
                return TRUE;
    }
    return FALSE;
}

gboolean device_check_supported(MapContext *context, const Item *item, const char *path,
                                const char *word, VboxName list, GError **error)
{
    /* Of a definition that is refused the platform, or the word, may not be known. */
    if (!vbox_has(list) || word == NULL || domain_os(map_model(context))->machine == NULL)
        return TRUE;
    g_autoptr(Object) limits = device_limits(context, error);
    g_autoptr(GArray) numbers = NULL;
    if (limits == NULL || !vbox_call(limits, list, error, &numbers))
        return FALSE;
    if (is_listed(element_field(item->element, path), word, numbers))
        return TRUE;
    return device_refuse(item, path, error, "VirtualBox has no '%s' on this platform", word);
}
