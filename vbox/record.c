/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records: see record.h. */
#include "vbox/record.h"
#include <string.h>
#include "vbox/machine.h"

char *vbox_record_key(const char *prefix, const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    return g_strconcat(prefix, text, NULL);
}

gboolean vbox_record_key_parse(const char *prefix, const char *key, guint8 ret_uuid[UUID_BYTES])
{
    return g_str_has_prefix(key, prefix) && uuid_parse(key + strlen(prefix), ret_uuid);
}

GPtrArray *vbox_records(const char *prefix, const char *noun, VboxRecordParse parse,
                        GDestroyNotify free, GError **error)
{
    g_auto(GStrv) keys = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_getExtraDataKeys, error, &keys))
        return NULL;
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free);
    for (char **key = keys; *key != NULL; key++) {
        guint8 uuid[UUID_BYTES];
        if (!vbox_record_key_parse(prefix, *key, uuid))
            continue;
        g_autofree char *text = extra_data_get(NULL, *key, error);
        if (text == NULL)
            return NULL;
        if (*text == '\0')
            continue; /* somebody has just removed it */
        g_autoptr(GError) failure = NULL;
        gpointer record = parse(uuid, text, &failure);
        if (record != NULL)
            g_ptr_array_add(records, record);
        else
            g_warning("the extra data %s is no %s: %s", *key, noun, failure->message);
    }
    return g_steal_pointer(&records);
}
