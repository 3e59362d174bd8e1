/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Image: see image.h.
 *
 * Nothing in an image is believed: what does not fit into the bytes that were read is left out. */
#include "storage/image.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/bytes.h"

#define SECTOR 512
#define BACKING_MAX 4096 /* longer names are no paths */

/* A name that libvirt's XML can hold; NULL: it is none. */
static char *take_name(const guint8 *data, gsize length)
{
    if (length == 0 || length > BACKING_MAX ||
        !g_utf8_validate((const char *)data, (gssize)length, NULL))
        return NULL;
    for (gsize i = 0; i < length; i++)
        if (data[i] < ' ')
            return NULL;
    return g_strndup((const char *)data, length);
}

/* --- VDI, qcow2, QED, VHD -----------------------------------------------------------------------
 */

#define VDI_SIGNATURE 0xbeda107fu

static gboolean is_vdi(Bytes head, guint64 size, Image *ret)
{
    if (bytes_little(head, 0x40, 4) != VDI_SIGNATURE)
        return FALSE;
    gboolean is_new = bytes_little(head, 0x44, 4) >> 16 == 1; /* 0 was VirtualBox 1.x's */
    ret->format = "vdi";
    ret->capacity = is_new ? bytes_little(head, 0x170, 8) : size;
    return TRUE;
}

static gboolean is_qcow(Bytes head, Image *ret)
{
    if (!bytes_has_text(head, 0, "QFI\xfb"))
        return FALSE;
    guint64 name = bytes_big(head, 8, 8), length = bytes_big(head, 16, 4);
    ret->format = bytes_big(head, 4, 4) == 1 ? "qcow" : "qcow2";
    ret->capacity = bytes_big(head, 24, 8);
    if (name != 0 && name < head.length && length <= BACKING_MAX && bytes_has(head, name, length))
        ret->backing = take_name(head.data + name, length);
    return TRUE;
}

static gboolean is_qed(Bytes head, Image *ret)
{
    if (!bytes_has(head, 0, 64) || memcmp(head.data, "QED", 4) != 0)
        return FALSE;
    ret->format = "qed";
    ret->capacity = bytes_little(head, 48, 8);
    return TRUE;
}

/* The footer of a dynamic one stands in front too. */
static gboolean is_vhd(Bytes head, Bytes tail, Image *ret)
{
    Bytes footer = bytes_has_text(head, 0, "conectix") ? head : tail;
    if (!bytes_has_text(footer, 0, "conectix"))
        return FALSE;
    ret->format = "vpc";
    ret->capacity = bytes_big(footer, 48, 8);
    return TRUE;
}

/* --- VMDK ---------------------------------------------------------------------------------------
 */

/* RW 20480 FLAT "disk-flat.vmdk" 0 */
static guint64 extent_sectors(const char *line)
{
    static const char *const accesses[] = {"RW ", "RDONLY ", "NOACCESS "};
    for (guint i = 0; i < G_N_ELEMENTS(accesses); i++)
        if (g_str_has_prefix(line, accesses[i]))
            return g_ascii_strtoull(line + strlen(accesses[i]), NULL, 10);
    return 0;
}

/* The sectors of all extents; the parent's name goes to the image. */
static guint64 read_descriptor(const guint8 *data, gsize length, Image *ret)
{
    static const char parent[] = "parentFileNameHint=\"";
    g_autofree char *text = g_strndup((const char *)data, length);
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    guint64 sectors = 0;
    for (char **line = lines; *line != NULL; line++) {
        guint64 more = extent_sectors(*line);
        sectors = more <= G_MAXINT64 / SECTOR - sectors ? sectors + more : sectors;
        const char *end = strrchr(*line, '"');
        if (!g_str_has_prefix(*line, parent) || end < *line + strlen(parent))
            continue;
        g_free(ret->backing);
        ret->backing = take_name((const guint8 *)*line + strlen(parent),
                                 (gsize)(end - *line) - strlen(parent));
    }
    return sectors;
}

static gboolean is_vmdk(Bytes head, Image *ret)
{
    static const char title[] = "# Disk DescriptorFile";
    if (bytes_has_text(head, 0, "KDMV")) {
        guint64 sectors = bytes_little(head, 12, 8), described = 0;
        guint64 start = bytes_little(head, 28, 8), count = bytes_little(head, 36, 8);
        if (start > 0 && start < IMAGE_HEAD && count < IMAGE_HEAD &&
            bytes_has(head, start * SECTOR, count * SECTOR))
            described = read_descriptor(head.data + start * SECTOR, count * SECTOR, ret);
        /* where they differ VirtualBox goes by the description */
        sectors = described > 0 ? described : sectors;
        ret->format = "vmdk";
        ret->capacity = sectors <= G_MAXINT64 / SECTOR ? sectors * SECTOR : 0;
        return TRUE;
    }
    if (!bytes_has(head, 0, strlen(title)) ||
        g_ascii_strncasecmp((const char *)head.data, title, strlen(title)) != 0)
        return FALSE;
    ret->format = "vmdk";
    ret->has_extents = TRUE;
    ret->capacity = read_descriptor(head.data, head.length, ret) * SECTOR;
    return TRUE;
}

/* --- all ----------------------------------------------------------------------------------------
 */

void image_parse(const guint8 *head_data, gsize length, const guint8 *tail_data, guint64 size,
                 Image *ret)
{
    Bytes head = {head_data, length}, tail = {tail_data, tail_data != NULL ? IMAGE_TAIL : 0};
    *ret = (Image){0};
    if (!is_vdi(head, size, ret) && !is_qcow(head, ret) && !is_qed(head, ret) &&
        !is_vmdk(head, ret) && !is_vhd(head, tail, ret)) {
        gboolean is_vhdx = bytes_has_text(head, 0, "vhdxfile");
        gboolean is_iso = bytes_has_text(head, 32769, "CD001");
        ret->format = is_vhdx ? "unknown" : is_iso ? "iso" : "raw";
        ret->capacity = size;
    }
    ret->capacity = MIN(ret->capacity, G_MAXINT64);
}

static void close_file(const gint *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* All that is there of count bytes; negative: errno. */
static gssize read_at(gint fd, guint8 *buffer, gsize count, off_t offset)
{
    gsize done = 0;
    while (done < count) {
        gssize got = pread(fd, buffer + done, count - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (gsize)got;
    }
    return (gssize)done;
}

gboolean image_read(const char *path, Image *ret, GError **error)
{
    struct stat file;
    g_autofree guint8 *head = g_malloc(IMAGE_HEAD);
    guint8 tail[IMAGE_TAIL];
    __attribute__((cleanup(close_file))) gint fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    gssize length = -1;
    if (fd >= 0 && fstat(fd, &file) == 0)
        length = read_at(fd, head, IMAGE_HEAD, 0);
    if (length < 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot read '%s': %s", path, g_strerror(errno));
    gboolean has_tail = file.st_size >= IMAGE_TAIL &&
                        read_at(fd, tail, IMAGE_TAIL, file.st_size - IMAGE_TAIL) == IMAGE_TAIL;
    image_parse(head, (gsize)length, has_tail ? tail : NULL, (guint64)file.st_size, ret);
    return TRUE;
}

void image_clear(Image *self)
{
    g_clear_pointer(&self->backing, g_free);
}
