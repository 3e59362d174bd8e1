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
    ret->is_blank = is_new && bytes_has(head, 0x184, 4) && bytes_little(head, 0x184, 4) == 0;
    return TRUE;
}

#define QCOW_ENTRY 8     /* bytes of a table's entry */
#define QCOW_BITS_MAX 30 /* no image has larger clusters, or tables with more entries */

static guint64 round_up(guint64 number, guint64 unit)
{
    return (number + unit - 1) / unit * unit;
}

static guint64 power_of_two(guint64 bits)
{
    return G_GUINT64_CONSTANT(1) << MIN(bits, QCOW_BITS_MAX);
}

/* The first table has an entry for each table of the second kind. */
static void note_table(Image *ret, guint64 offset, guint64 entries, guint64 cluster_bits)
{
    ret->table.offset = MIN(offset, G_MAXINT64 / 4);
    ret->table.length = MIN(entries, G_MAXINT32) * QCOW_ENTRY;
    ret->table.end = ret->table.offset + round_up(ret->table.length, power_of_two(cluster_bits));
}

/* QEMU marks what was not closed (bit 0); the rest changes how the file is to be read. */
#define QCOW_HARMLESS 1u

static guint qcow2_traits(Bytes head, guint64 version, Image *ret)
{
    guint64 features = version > 2 ? bytes_big(head, 72, 8) : 0;
    note_table(ret, bytes_big(head, 40, 8), bytes_big(head, 36, 4), bytes_big(head, 20, 4));
    return (bytes_big(head, 32, 4) != 0 ? IMAGE_ENCRYPTED : 0u) |
           (bytes_big(head, 60, 4) != 0 ? IMAGE_SNAPSHOTS : 0u) |
           ((features & ~QCOW_HARMLESS) != 0 ? IMAGE_FEATURES : 0u);
}

static guint qcow1_traits(Bytes head, Image *ret)
{
    guint64 cluster_bits = bytes_big(head, 32, 1);
    guint64 reach = power_of_two(cluster_bits) * power_of_two(bytes_big(head, 33, 1));
    guint64 entries = ret->capacity / reach + (ret->capacity % reach != 0);
    note_table(ret, bytes_big(head, 40, 8), entries, cluster_bits);
    return bytes_big(head, 36, 4) != 0 ? IMAGE_ENCRYPTED : 0u;
}

static gboolean is_qcow(Bytes head, guint64 size, Image *ret)
{
    if (!bytes_has_text(head, 0, "QFI\xfb"))
        return FALSE;
    guint64 version = bytes_big(head, 4, 4);
    guint64 name = bytes_big(head, 8, 8), length = bytes_big(head, 16, 4);
    ret->format = version == 1 ? "qcow" : "qcow2";
    ret->capacity = bytes_big(head, 24, 8);
    ret->traits = version == 1 ? qcow1_traits(head, ret) : qcow2_traits(head, version, ret);
    ret->traits |= name != 0 ? IMAGE_ON_ANOTHER : 0u;
    ret->traits |= ret->table.end > size ? IMAGE_SHORT : 0u;
    if (name != 0 && name < head.length && length <= BACKING_MAX && bytes_has(head, name, length))
        ret->backing = take_name(head.data + name, length);
    return TRUE;
}

#define QED_BACKING 1u /* a feature */

static gboolean is_qed(Bytes head, Image *ret)
{
    if (!bytes_has(head, 0, 64) || memcmp(head.data, "QED", 4) != 0)
        return FALSE;
    ret->format = "qed";
    ret->capacity = bytes_little(head, 48, 8);
    ret->traits = (bytes_little(head, 16, 8) & QED_BACKING) != 0 ? IMAGE_ON_ANOTHER : 0;
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
static guint64 extent_sectors(const char *line, char **ret_rest)
{
    static const char *const accesses[] = {"RW ", "RDONLY ", "NOACCESS "};
    for (guint i = 0; i < G_N_ELEMENTS(accesses); i++)
        if (g_str_has_prefix(line, accesses[i]))
            return g_ascii_strtoull(line + strlen(accesses[i]), ret_rest, 10);
    return 0;
}

/* What stands between the first and the last quotation mark; NULL: no name. */
static char *quoted(const char *text)
{
    const char *start = strchr(text, '"'), *end = strrchr(text, '"');
    return start != NULL && start < end
               ? take_name((const guint8 *)start + 1, (gsize)(end - start) - 1)
               : NULL;
}

/* What a descriptor says. */
typedef struct Description {
    guint64 sectors;      /* of all extents */
    char *parent;         /* its file, as QEMU and VMware write it */
    gboolean has_parent;  /* by a number */
    gboolean has_uuid;    /* of VirtualBox's */
    gboolean knows_above; /* VirtualBox's uuid of the image that it stands on */
    gboolean has_sparse;
    GPtrArray *extents; /* files; of a description that stands in one: itself */
} Description;

static void description_clear(Description *self)
{
    g_clear_pointer(&self->parent, g_free);
    g_clear_pointer(&self->extents, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Description, description_clear)

#define NO_UUID "00000000-0000-0000-0000-000000000000"

static gboolean has_uuid(const char *line, const char *key)
{
    return g_str_has_prefix(line, key) && strstr(line, NO_UUID) == NULL;
}

static void read_extent(const char *line, Description *ret)
{
    char *rest = NULL;
    guint64 more = extent_sectors(line, &rest);
    char *name = rest != NULL ? quoted(rest) : NULL;
    if (more <= G_MAXINT64 / SECTOR - ret->sectors)
        ret->sectors += more;
    if (name != NULL)
        g_ptr_array_add(ret->extents, name);
    if (rest != NULL && g_str_has_prefix(rest, " SPARSE"))
        ret->has_sparse = TRUE;
}

static void read_line(const char *line, Description *ret)
{
    if (g_str_has_prefix(line, "parentFileNameHint=")) {
        g_free(ret->parent);
        ret->parent = quoted(line);
    }
    ret->has_parent |=
        g_str_has_prefix(line, "parentCID=") && g_ascii_strcasecmp(line, "parentCID=ffffffff") != 0;
    ret->has_uuid |= has_uuid(line, "ddb.uuid.image");
    ret->knows_above |= has_uuid(line, "ddb.uuid.parent");
    read_extent(line, ret);
}

static void read_descriptor(const guint8 *data, gsize length, Description *ret)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    ret->extents = g_ptr_array_new_with_free_func(g_free);
    for (char **line = lines; *line != NULL; line++)
        read_line(*line, ret);
}

static guint vmdk_traits(const Description *description)
{
    gboolean is_above = description->has_parent || description->parent != NULL;
    return (is_above && !description->knows_above ? IMAGE_ON_ANOTHER : 0u) |
           (description->has_uuid ? 0u : IMAGE_NO_UUID);
}

/* The description stands in the one file that there is. */
static void read_sparse_vmdk(Bytes head, Image *ret)
{
    g_auto(Description) description = {0};
    guint64 sectors = bytes_little(head, 12, 8);
    guint64 start = bytes_little(head, 28, 8), count = bytes_little(head, 36, 8);
    if (start > 0 && start < IMAGE_HEAD && count < IMAGE_HEAD &&
        bytes_has(head, start * SECTOR, count * SECTOR)) {
        read_descriptor(head.data + start * SECTOR, count * SECTOR, &description);
        ret->backing = g_steal_pointer(&description.parent);
        ret->traits = vmdk_traits(&description);
    }
    /* where they differ VirtualBox goes by the description */
    sectors = description.sectors > 0 ? description.sectors : sectors;
    ret->capacity = sectors <= G_MAXINT64 / SECTOR ? sectors * SECTOR : 0;
}

static gboolean is_vmdk(Bytes head, Image *ret)
{
    static const char title[] = "# Disk DescriptorFile";
    g_auto(Description) description = {0};
    gboolean is_one = bytes_has_text(head, 0, "KDMV");
    if (!is_one && (!bytes_has(head, 0, strlen(title)) ||
                    g_ascii_strncasecmp((const char *)head.data, title, strlen(title)) != 0))
        return FALSE;
    ret->format = "vmdk";
    if (is_one) {
        read_sparse_vmdk(head, ret);
        return TRUE;
    }
    read_descriptor(head.data, head.length, &description);
    ret->capacity = description.sectors * SECTOR;
    ret->traits = vmdk_traits(&description);
    ret->has_sparse_extents = description.has_sparse;
    ret->backing = g_steal_pointer(&description.parent);
    ret->extents = g_steal_pointer(&description.extents);
    return TRUE;
}

/* --- what libvirt has no word for ---------------------------------------------------------------
 */

/* VirtualBox reads the older Parallels disks, and takes the newer ones, with "Ext", for raw. */
static gboolean is_other(Bytes head, guint64 size, Image *ret)
{
    gboolean is_new = bytes_has_text(head, 0, "WithouFreSpacExt");
    if (is_new || bytes_has_text(head, 0, "WithoutFreeSpace")) {
        guint64 sectors = bytes_little(head, 36, is_new ? 8 : 4);
        ret->title = "Parallels";
        ret->capacity = sectors <= G_MAXINT64 / SECTOR ? sectors * SECTOR : 0;
        ret->traits = is_new ? IMAGE_UNREAD : 0;
    } else if (bytes_has_text(head, 0, "vhdxfile")) {
        ret->title = "VHDX";
        ret->capacity = size;
        ret->traits = IMAGE_UNREAD;
    } else
        return FALSE;
    ret->format = "unknown";
    return TRUE;
}

/* --- all ----------------------------------------------------------------------------------------
 */

void image_parse(const guint8 *head_data, gsize length, const guint8 *tail_data, guint64 size,
                 Image *ret)
{
    Bytes head = {head_data, length}, tail = {tail_data, tail_data != NULL ? IMAGE_TAIL : 0};
    *ret = (Image){0};
    if (!is_vdi(head, size, ret) && !is_qcow(head, size, ret) && !is_qed(head, ret) &&
        !is_vmdk(head, ret) && !is_vhd(head, tail, ret) && !is_other(head, size, ret)) {
        ret->format = bytes_has_text(head, 32769, "CD001") ? "iso" : "raw";
        ret->capacity = size;
    }
    ret->title = ret->title != NULL ? ret->title : ret->format;
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

#define TABLE_PART (32 * 1024)
#define TABLE_MAX (64 * 1024 * 1024) /* of a disk of many TiB */

/* VirtualBox (7.2) writes the first table of a QCOW image of version 1 with zeros to the end of its
 * last cluster; its own images have room for them, and QEMU's the next table. */
static gboolean is_mixed(gint fd, const Image *image, guint64 size)
{
    guint64 start = image->table.offset, end = start + image->table.length;
    g_autofree guint8 *part = g_malloc(TABLE_PART);
    if (image->table.end > size || image->table.length > TABLE_MAX)
        return TRUE;
    while (start < end) {
        gssize got = read_at(fd, part, MIN(TABLE_PART, end - start), (off_t)start);
        if (got <= 0)
            return TRUE;
        Bytes entries = {part, (gsize)got};
        for (gsize at = 0; bytes_has(entries, at, QCOW_ENTRY); at += QCOW_ENTRY) {
            guint64 entry = bytes_big(entries, at, QCOW_ENTRY);
            if (entry != 0 && entry < image->table.end)
                return TRUE;
        }
        start += (guint64)got;
    }
    return FALSE;
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
    if (g_str_equal(ret->format, "qcow") && ret->table.length > 0 &&
        is_mixed(fd, ret, (guint64)file.st_size))
        ret->traits |= IMAGE_MIXED;
    return TRUE;
}

void image_clear(Image *self)
{
    g_clear_pointer(&self->backing, g_free);
    g_clear_pointer(&self->extents, g_ptr_array_unref);
}
