/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nvram: see nvram.h.
 *
 * Theory of operation.  The file is a firmware volume, or a tar archive that has one as "efi/nvram"
 * beside other things (a TPM's state, since 7.0).  In the volume stands a store of variables one
 * after the other, as the UEFI Platform Initialization specification and its reference firmware
 * define it; a variable that was changed is there twice, and the state of each says which one
 * counts.  Nothing in it is believed: what does not fit into the bytes ends the reading. */
#include "vbox/nvram.h"
#include <string.h>
#include "base/bytes.h"

#define FILE_MAX (1024 * 1024) /* VirtualBox reads no larger one */

/* --- the archive ---------------------------------------------------------------------------- */

#define TAR_BLOCK 512
#define TAR_SIZE_AT 124 /* octal digits */
#define TAR_SIZE_DIGITS 12
#define TAR_MAGIC_AT 257

static Bytes tar_member(Bytes tar, const char *name)
{
    for (gsize at = 0;
         bytes_has(tar, at, TAR_BLOCK) && bytes_has_text(tar, at + TAR_MAGIC_AT, "ustar");) {
        const char *header = (const char *)tar.data + at;
        char digits[TAR_SIZE_DIGITS + 1] = {0};
        memcpy(digits, header + TAR_SIZE_AT, TAR_SIZE_DIGITS);
        guint64 size = g_ascii_strtoull(digits, NULL, 8);
        at += TAR_BLOCK;
        if (size > tar.length || !bytes_has(tar, at, (gsize)size))
            break;
        if (strncmp(header, name, TAR_SIZE_AT) == 0)
            return (Bytes){tar.data + at, (gsize)size};
        at += ((gsize)size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    }
    return (Bytes){NULL, 0};
}

/* --- the store of variables ------------------------------------------------------------------ */

/* EFI_FIRMWARE_VOLUME_HEADER */
#define VOLUME_SIGNATURE_AT 40
#define VOLUME_LENGTH_AT 48 /* of the header */
#define VOLUME_HEADER 50
/* VARIABLE_STORE_HEADER */
#define STORE_SIZE_AT 16
#define STORE_HEADER 28
/* AUTHENTICATED_VARIABLE_HEADER */
#define VARIABLE_START 0x55aa
#define VARIABLE_STATE_AT 2
#define VARIABLE_NAME_SIZE_AT 36
#define VARIABLE_DATA_SIZE_AT 40
#define VARIABLE_HEADER 60
#define VARIABLE_ALIGNMENT 4
/* Bits that are clear count: written whole, and not yet deleted; perhaps about to be. */
#define VARIABLE_ADDED 0x3f
#define VARIABLE_LEAVING 0x3e

/* The store without its header; no bytes: it is no firmware volume. */
static Bytes store_of(Bytes volume)
{
    const Bytes none = {NULL, 0};
    if (!bytes_has(volume, 0, VOLUME_HEADER) ||
        !bytes_has_text(volume, VOLUME_SIGNATURE_AT, "_FVH"))
        return none;
    gsize at = bytes_little(volume, VOLUME_LENGTH_AT, 2);
    if (!bytes_has(volume, at, STORE_HEADER))
        return none;
    gsize size = bytes_little(volume, at + STORE_SIZE_AT, 4);
    if (size < STORE_HEADER || !bytes_has(volume, at, size))
        return none;
    return (Bytes){volume.data + at + STORE_HEADER, size - STORE_HEADER};
}

/* UTF-16 with its end. */
static gboolean is_named(Bytes name, const char *ascii)
{
    gsize length = strlen(ascii) + 1;
    if (name.length != 2 * length)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (bytes_little(name, 2 * i, 2) != (guchar)ascii[i])
            return FALSE;
    return TRUE;
}

static void take_variable(Bytes name, Bytes value, Nvram *ret_nvram, gboolean *ret_is_off)
{
    if (is_named(name, "PK"))
        ret_nvram->has_platform_key = TRUE;
    else if (is_named(name, "SecureBootEnable") && value.length == 1)
        *ret_is_off = value.data[0] == 0;
}

gboolean nvram_parse(const guint8 *data, gsize length, Nvram *ret_nvram)
{
    Bytes store = store_of((Bytes){data, length});
    *ret_nvram = (Nvram){0};
    if (store.data == NULL)
        store = store_of(tar_member((Bytes){data, length}, "efi/nvram"));
    if (store.data == NULL)
        return FALSE;
    gboolean is_off = FALSE;
    for (gsize at = 0;
         bytes_has(store, at, VARIABLE_HEADER) && bytes_little(store, at, 2) == VARIABLE_START;) {
        gsize name = bytes_little(store, at + VARIABLE_NAME_SIZE_AT, 4);
        gsize value = bytes_little(store, at + VARIABLE_DATA_SIZE_AT, 4);
        guint8 state = store.data[at + VARIABLE_STATE_AT];
        at += VARIABLE_HEADER;
        if (!bytes_has(store, at, name) || !bytes_has(store, at + name, value))
            break;
        if (state == VARIABLE_ADDED || state == VARIABLE_LEAVING)
            take_variable((Bytes){store.data + at, name}, (Bytes){store.data + at + name, value},
                          ret_nvram, &is_off);
        at = (at + name + value + VARIABLE_ALIGNMENT - 1) / VARIABLE_ALIGNMENT * VARIABLE_ALIGNMENT;
    }
    /* As VirtualBox sees it: with a platform key it is on, unless it was turned off. */
    ret_nvram->secure_boot = ret_nvram->has_platform_key && !is_off;
    return TRUE;
}

gboolean nvram_read(const char *path, Nvram *ret_nvram)
{
    g_autofree char *bytes = NULL;
    gsize length;
    return g_file_get_contents(path, &bytes, &length, NULL) && length <= FILE_MAX &&
           nvram_parse((const guint8 *)bytes, length, ret_nvram);
}
