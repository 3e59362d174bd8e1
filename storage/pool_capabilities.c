/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool capabilities: which pools there are, and which images can be made in them. */
#include "rpc/handlers.h"
#include "storage/volume.h"

/* libvirt's other types; its clients choose among those that are supported. */
static const char *const others[] = {"fs",           "netfs", "logical", "disk", "iscsi",
                                     "iscsi-direct", "scsi",  "mpath",   "rbd",  "sheepdog",
                                     "gluster",      "zfs",   "vstorage"};

gboolean do_connect_get_storage_pool_capabilities(Call *call,
                                                  const ConnectGetStoragePoolCapabilitiesArgs *args,
                                                  ConnectGetStoragePoolCapabilitiesRet *ret,
                                                  GError **error)
{
    GString *xml = g_string_new("<storagepoolCapabilities>\n"
                                "  <pool type='dir' supported='yes'>\n"
                                "    <volOptions>\n");
    g_string_append_printf(xml,
                           "      <defaultFormat type='%s'/>\n"
                           "      <enum name='targetFormatType'>\n",
                           volume_formats[0].word);
    for (const Word *format = volume_formats; format->word != NULL; format++)
        g_string_append_printf(xml, "        <value>%s</value>\n", format->word);
    g_string_append(xml, "      </enum>\n"
                         "    </volOptions>\n"
                         "  </pool>\n");
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_string_append_printf(xml, "  <pool type='%s' supported='no'/>\n", others[i]);
    g_string_append(xml, "</storagepoolCapabilities>\n");
    ret->capabilities = call_take(call, g_string_free(xml, FALSE));
    return TRUE;
}
