/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Usage: see usage.h.  The XML is what the registry remembers: nothing is asked of VirtualBox but
 * what changes by itself. */
#include "domain/usage.h"
#include "map/xml.h"
#include "storage/flat.h"
#include <string.h>
#include <sys/stat.h>

/* VirtualBox's names of its controllers when it counts, by <controller> type and model. */
static const struct {
    const char *type, *model, *name;
} controllers[] = {
    {"fdc", NULL, "I82078"},
    {"ide", NULL, "PIIX3IDE"},
    {"sata", NULL, "AHCI"},
    {"nvme", NULL, "NVME"},
    {"scsi", "lsilogic", "LSILOGICSCSI"},
    {"scsi", "buslogic", "BUSLOGIC"},
    {"scsi", "lsisas1068", "LSILOGICSAS"},
    {"scsi", "virtio-scsi", "VIRTIO-SCSI"},
};

static void block_free(gpointer data)
{
    Block *self = data;
    g_free(self->target);
    g_free(self->path);
    g_free(self->device);
    g_free(self);
}

void usage_free(Usage *self)
{
    g_ptr_array_unref(self->blocks);
    g_ptr_array_unref(self->adapters);
    g_clear_pointer(&self->counters, counters_free);
    g_free(self);
}

static char *text_of(xmlNode *node, const char *path)
{
    return xml_text(xml_find(node, path));
}

static guint64 number_of(xmlNode *node, const char *path)
{
    g_autofree char *text = text_of(node, path);
    return text != NULL ? g_ascii_strtoull(text, NULL, 10) : 0;
}

static const char *controller_name(xmlNode *controller, const char *type)
{
    g_autofree char *has = text_of(controller, "@type"), *model = text_of(controller, "@model");
    for (guint i = 0; g_strcmp0(has, type) == 0 && i < G_N_ELEMENTS(controllers); i++)
        if (g_str_equal(controllers[i].type, type) &&
            (controllers[i].model == NULL || g_strcmp0(controllers[i].model, model) == 0))
            return controllers[i].name;
    return NULL;
}

/* "AHCI0": the controllers of one name are counted from 0. */
static char *controller_device(xmlNode *root, const char *type, guint64 index)
{
    g_autoptr(GPtrArray) nodes = xml_children(root, "devices/controller");
    const char *name = NULL;
    guint instance = 0;
    for (guint i = 0; i < nodes->len && name == NULL; i++)
        if (number_of(nodes->pdata[i], "@index") == index)
            name = controller_name(nodes->pdata[i], type);
    for (guint i = 0; i < nodes->len && name != NULL; i++)
        instance += number_of(nodes->pdata[i], "@index") < index &&
                    g_strcmp0(controller_name(nodes->pdata[i], type), name) == 0;
    return name != NULL ? g_strdup_printf("%s%u", name, instance) : NULL;
}

static void add_block(Usage *self, xmlNode *root, xmlNode *disk)
{
    Block *block = g_new0(Block, 1);
    g_ptr_array_add(self->blocks, block);
    g_autofree char *bus = text_of(disk, "target/@bus");
    g_autofree char *controller =
        bus != NULL ? controller_device(root, bus, number_of(disk, "address/@controller")) : NULL;
    guint64 unit = number_of(disk, "address/@unit"), channel = number_of(disk, "address/@bus");
    block->target = text_of(disk, "target/@dev");
    block->path = text_of(disk, "source/@file");
    if (controller != NULL)
        block->device = g_strdup_printf("/Public/Storage/%s/Port%" G_GUINT64_FORMAT, controller,
                                        channel * 2 + unit + number_of(disk, "address/@target"));
}

static gboolean read_xml(Usage *self, const char *xml, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, "domain", error);
    if (doc == NULL)
        return FALSE;
    xmlNode *root = xmlDocGetRootElement(doc);
    g_autoptr(GPtrArray) disks = xml_children(root, "devices/disk");
    g_autoptr(GPtrArray) adapters = xml_children(root, "devices/interface");
    self->memory = number_of(root, "memory");
    self->current = number_of(root, "currentMemory");
    self->vcpus = (guint)number_of(root, "vcpu");
    self->current_vcpus = (guint)number_of(root, "vcpu/@current");
    if (self->current_vcpus == 0)
        self->current_vcpus = self->vcpus;
    for (guint i = 0; i < disks->len; i++)
        add_block(self, root, disks->pdata[i]);
    for (guint i = 0; i < adapters->len; i++) {
        char *mac = text_of(adapters->pdata[i], "mac/@address");
        g_ptr_array_add(self->adapters, mac != NULL ? mac : g_strdup(""));
    }
    return TRUE;
}

Usage *usage_read(Entry *entry, gboolean with_counters, GError **error)
{
    g_autofree char *xml = NULL;
    g_autoptr(Usage) self = g_new0(Usage, 1);
    g_autoptr(GError) failure = NULL;
    self->blocks = g_ptr_array_new_with_free_func(block_free);
    self->adapters = g_ptr_array_new_with_free_func(g_free);
    if (!entry_run(entry, &self->run, error) || (xml = entry_xml(entry, 0, error)) == NULL ||
        !read_xml(self, xml, error))
        return NULL;
    /* A machine that starts or ends just now has a process, and no answer. */
    if (with_counters && self->run.id >= 0)
        self->counters = counters_read(entry_machine(entry), &failure);
    if (failure != NULL)
        g_debug("a machine's counters: %s", failure->message);
    return g_steal_pointer(&self);
}

static gboolean size_block(Block *self, Object *medium, GError **error)
{
    gint64 logical, size;
    struct stat file;
    if (!vbox_call(medium, IMedium_get_logicalSize, error, &logical) ||
        !vbox_call(medium, IMedium_get_size, error, &size))
        return FALSE;
    gboolean is_there = stat(self->path, &file) == 0;
    self->is_sized = TRUE;
    self->physical = is_there ? (guint64)file.st_size : (guint64)MAX(size, 0);
    self->allocation = is_there ? (guint64)file.st_blocks * 512 : self->physical;
    self->capacity = logical > 0 ? (guint64)logical : self->physical;
    return TRUE;
}

gboolean usage_size(Usage *self, Entry *entry, GError **error)
{
    g_autoptr(GPtrArray) attachments = NULL;
    if (!vbox_call(entry_machine(entry), IMachine_get_mediumAttachments, error, &attachments))
        return FALSE;
    for (guint i = 0; i < attachments->len; i++) {
        g_autoptr(Object) medium = NULL;
        g_autofree char *location = NULL;
        if (!vbox_call(attachments->pdata[i], IMediumAttachment_get_medium, error, &medium) ||
            (medium != NULL && !flat_location(medium, &location, error)))
            return FALSE;
        for (guint k = 0; k < self->blocks->len && medium != NULL; k++) {
            Block *block = self->blocks->pdata[k];
            if (g_strcmp0(block->path, location) == 0 && !size_block(block, medium, error))
                return FALSE;
        }
    }
    return TRUE;
}

const Block *usage_block(const Usage *self, const char *name, GError **error)
{
    for (guint i = 0; i < self->blocks->len; i++) {
        const Block *block = self->blocks->pdata[i];
        if (g_strcmp0(block->target, name) == 0 || g_strcmp0(block->path, name) == 0)
            return block;
    }
    fail(error, VIR_ERR_INVALID_ARG, "the domain has no disk '%s'", name);
    return NULL;
}

char *usage_adapter_device(const Usage *self, guint number)
{
    gint slot = self->counters != NULL ? counters_adapter(self->counters, number) : -1;
    return slot >= 0 ? g_strdup_printf("/Public/NetAdapter/%d", slot) : NULL;
}
