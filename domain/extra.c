/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Extra: see extra.h. */
#include "domain/extra.h"
#include <string.h>

#define KEYS "extra keys"
/* Without it VirtualBox takes what looks like a number for one. */
#define TEXT "string:"

static gboolean has_key(MapContext *context, Object *machine, const char *key, gboolean *ret_has,
                        GError **error)
{
    char **keys = map_data(context, KEYS);
    if (keys == NULL) {
        if (!vbox_call(machine, IMachine_getExtraDataKeys, error, &keys))
            return FALSE;
        map_set_data(context, KEYS, keys, (GDestroyNotify)g_strfreev);
    }
    *ret_has = g_strv_contains((const char *const *)keys, key);
    return TRUE;
}

gboolean extra_get(MapContext *context, Object *machine, const char *key, char **ret_text,
                   GError **error)
{
    gboolean is_there;
    g_autofree char *text = NULL;
    *ret_text = NULL;
    if (!has_key(context, machine, key, &is_there, error))
        return FALSE;
    if (!is_there)
        return TRUE;
    if (!vbox_call(machine, IMachine_getExtraData, error, key, &text))
        return FALSE;
    *ret_text = g_strdup(g_str_has_prefix(text, TEXT) ? text + strlen(TEXT) : text);
    return TRUE;
}

gboolean extra_set_text(Object *machine, const char *key, const char *text, GError **error)
{
    g_autofree char *value = g_strconcat(*text == '\0' ? "" : TEXT, text, NULL);
    return vbox_call(machine, IMachine_setExtraData, error, key, value);
}
