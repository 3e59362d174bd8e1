/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Native: domain XML from and to VirtualBox's own settings file (.vbox).
 *
 * Theory of operation.  VirtualBox itself reads and writes the file, so that the tables' rows are
 * all that knows of settings.
 *
 * From native: the text goes into a folder of our own, where IVirtualBox::openMachine opens it; it
 * is never registered.  It gets another uuid (one of a registered machine is refused), and its
 * images get other uuids and places, where there is nothing: else VirtualBox would find its own
 * images in it.  What is then read is what the file says, with these names exchanged again.  What
 * is no setting is left out: snapshots, a saved state.
 *
 * To native: VirtualBox attaches disks to registered machines only, so a machine is registered
 * (hidden.h), under a name and uuid of its own, its file is read, and it is removed; in the text
 * the names are exchanged again. */
#include "base/path.h"
#include "domain/build.h"
#include "domain/define.h"
#include "domain/domain.h"
#include "domain/hidden.h"
#include "domain/medium.h"
#include "map/xml.h"
#include "rpc/handlers.h"
#include "storage/flat.h"
#include "storage/image.h"
#include "vbox/machine.h"
#include <glib/gstdio.h>
#include <libxml/parser.h>
#include <string.h>
#include <unistd.h>

/* What virsh's users call it: virsh domxml-from-native vbox FILE. */
#define FORMAT "vbox"
#define ROOT "VirtualBox"
#define QCOW2_BEGINNING "QFI\xfb\0\0\0\2"

static gboolean check_format(const char *format, GError **error)
{
    if (g_str_equal(format, FORMAT))
        return TRUE;
    return fail(error, VIR_ERR_INVALID_ARG,
                "unsupported config type '%s'; there is '" FORMAT
                "', a machine's settings file (.vbox)",
                format);
}

/* The folder that a machine of that uuid and name has, or would have.  Owned. */
static char *machine_folder(const char *uuid, const char *name, GError **error)
{
    guint8 bytes[UUID_BYTES];
    g_autofree char *path = NULL;
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) machine = NULL;
    if (uuid != NULL && uuid_parse(uuid, bytes))
        machine = machine_find(bytes, NULL, &failure);
    if (machine == NULL)
        path = machine_file_of_name(name, error);
    else if (!vbox_call(machine, IMachine_get_settingsFilePath, error, &path))
        return NULL;
    return path != NULL ? g_path_get_dirname(path) : NULL;
}

/* Removes a folder of ours with all that VirtualBox put there. */
static void remove_folder(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        if (g_file_test(below, G_FILE_TEST_IS_DIR) && !g_file_test(below, G_FILE_TEST_IS_SYMLINK))
            remove_folder(below);
        else if (g_unlink(below) < 0)
            g_warning("removing %s: %s", below, g_strerror(errno));
    }
    if (g_rmdir(path) < 0 && errno != ENOENT)
        g_warning("removing %s: %s", path, g_strerror(errno));
}

/* --- documents ------------------------------------------------------------------------------ */

static char *get(xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
    char *text = g_strdup((const char *)value);
    xmlFree(value);
    return text;
}

static void set(xmlNode *node, const char *name, const char *text)
{
    xmlSetProp(node, (const xmlChar *)name, (const xmlChar *)text);
}

static gboolean is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && g_str_equal((const char *)node->name, name);
}

static xmlNode *child_of(xmlNode *node, const char *name)
{
    for (xmlNode *child = node == NULL ? NULL : node->children; child != NULL; child = child->next)
        if (is_element(child, name))
            return child;
    return NULL;
}

/* Names that stand for others: from, to, from, …; each replaces the one before it. */
typedef GPtrArray Names;

static void names_add(Names *self, const char *from, const char *to)
{
    g_ptr_array_add(self, g_strdup(from));
    g_ptr_array_add(self, g_strdup(to));
}

/* NULL: nothing of it stands there. */
static char *names_replace(const Names *self, const char *text)
{
    g_autoptr(GString) out = g_string_new(text);
    guint count = 0;
    for (guint i = 0; i < self->len; i += 2)
        count += g_string_replace(out, self->pdata[i], self->pdata[i + 1], 0);
    return count > 0 ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

/* In all attributes and texts. */
static void names_exchange(const Names *self, xmlNode *node)
{
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        xmlChar *has = xmlNodeListGetString(node->doc, attribute->children, 1);
        g_autofree char *text = has != NULL ? names_replace(self, (const char *)has) : NULL;
        if (text != NULL)
            xmlSetNsProp(node, attribute->ns, attribute->name, (const xmlChar *)text);
        xmlFree(has);
    }
    for (xmlNode *child = node->children; child != NULL; child = child->next) {
        g_autofree char *text =
            child->type == XML_TEXT_NODE ? names_replace(self, (const char *)child->content) : NULL;
        if (text != NULL)
            xmlNodeSetContent(child, (const xmlChar *)text);
        if (child->type == XML_ELEMENT_NODE)
            names_exchange(self, child);
    }
}

/* White space between elements is none of the document's. */
static void drop_blanks(xmlNode *node)
{
    for (xmlNode *child = node->children, *next; child != NULL; child = next) {
        next = child->next;
        if (child->type == XML_ELEMENT_NODE)
            drop_blanks(child);
        else if (xmlIsBlankNode(child) && (child->prev != NULL || next != NULL)) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        }
    }
}

/* As libxml2 writes it; neat: on lines of their own, as VirtualBox has it. */
static char *document_text(xmlDoc *doc, gboolean is_neat)
{
    xmlChar *memory = NULL;
    int length = 0;
    if (is_neat)
        drop_blanks(xmlDocGetRootElement(doc));
    xmlDocDumpFormatMemory(doc, &memory, &length, is_neat);
    char *text = g_strndup((const char *)memory, (gsize)length);
    xmlFree(memory);
    return text;
}

/* --- from native ---------------------------------------------------------------------------- */

typedef struct Opening {
    char *folder;         /* ours */
    char *machine_folder; /* where the file's relative paths lead to */
    Names *ours;          /* of the file's names: ours */
    Names *theirs;        /* of our names: what the XML shall say */
} Opening;

/* Whether it is still in VirtualBox's list; a closed medium answers nothing. */
static gboolean stays(Object *medium)
{
    g_autofree char *id = NULL;
    medium_forget(medium);
    return vbox_call(medium, IMedium_get_id, NULL, &id);
}

/* An image leaves once VirtualBox has seen that nobody holds the opened machine any more. */
#define LEAVING_POLL (20 * 1000) /* microseconds */
#define LEAVING_POLLS 250
static void forget_image(Object *medium)
{
    for (guint i = 0; stays(medium); i++) {
        if (i == LEAVING_POLLS) {
            g_warning("an image of a converted file stays in VirtualBox's list");
            return;
        }
        g_usleep(LEAVING_POLL);
    }
}

/* The images that VirtualBox took into its list when it opened the file. */
static void forget_images(const Opening *self)
{
    static const VboxName lists[] = {IVirtualBox_get_hardDisks, IVirtualBox_get_DVDImages,
                                     IVirtualBox_get_floppyImages};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GPtrArray) media = NULL;
        if (!vbox_call(vbox_root(), lists[i], NULL, &media))
            continue;
        for (guint k = 0; k < media->len; k++) {
            g_autofree char *id = NULL, *ours = NULL;
            if (vbox_call(media->pdata[k], IMedium_get_id, NULL, &id))
                ours = names_replace(self->theirs, id);
            if (ours != NULL)
                forget_image(media->pdata[k]);
        }
    }
}

static void opening_clear(Opening *self)
{
    if (self->folder != NULL) {
        forget_images(self);
        remove_folder(self->folder);
    }
    g_free(self->folder);
    g_free(self->machine_folder);
    g_clear_pointer(&self->ours, g_ptr_array_unref);
    g_clear_pointer(&self->theirs, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Opening, opening_clear)

static gboolean opening_init(Opening *self, GError **error)
{
    g_autoptr(GError) failure = NULL;
    self->ours = g_ptr_array_new_with_free_func(g_free);
    self->theirs = g_ptr_array_new_with_free_func(g_free);
    self->folder = g_dir_make_tmp("vboxvirt-native-XXXXXX", &failure);
    return self->folder != NULL || fail(error, VIR_ERR_SYSTEM_ERROR, "%s", failure->message);
}

/* VirtualBox has one name for all versions of QCOW: the file's beginning tells (flat_format()). */
static void show_version(const char *path, const char *place)
{
    g_auto(Image) image = {0};
    g_autoptr(GError) failure = NULL;
    if (image_read(path, &image, NULL) && g_str_equal(image.format, "qcow2") &&
        !g_file_set_contents(place, QCOW2_BEGINNING, sizeof QCOW2_BEGINNING - 1, &failure))
        g_warning("%s", failure->message);
}

/* A uuid and a place of ours for an image; one that is no file (iSCSI) stays where it is. */
static void hide_image(Opening *self, xmlNode *image)
{
    g_autofree char *location = get(image, "location"), *format = get(image, "format");
    g_autofree char *uuid = get(image, "uuid"), *fresh = g_uuid_string_random();
    g_autofree char *braced = g_strdup_printf("{%s}", fresh);
    if (uuid == NULL || location == NULL || *uuid == '\0')
        return;
    names_add(self->ours, uuid, braced);
    if (g_strcmp0(format, "iSCSI") != 0) {
        g_autofree char *place = g_build_filename(self->folder, fresh, NULL);
        g_autofree char *path = g_canonicalize_filename(location, self->machine_folder);
        g_autofree char *raw = flat_image(path);
        g_autofree char *stand_in = raw != NULL ? flat_stand_in(place) : NULL;
        show_version(path, place);
        set(image, "location", stand_in != NULL ? stand_in : place);
        names_add(self->theirs, place, stand_in != NULL ? raw : path);
    }
    names_add(self->theirs, fresh, uuid);
}

/* An image of a snapshot stands below another one; without snapshots each stands alone. */
static void hide_images(Opening *self, xmlNode *list)
{
    for (xmlNode *image = list->children; image != NULL; image = image->next) {
        if (image->type != XML_ELEMENT_NODE)
            continue;
        hide_image(self, image);
        for (xmlNode *below; (below = child_of(image, "HardDisk")) != NULL;)
            xmlAddNextSibling(image, below);
    }
}

/* What is no setting goes, and what VirtualBox would take for a thing that it has is renamed. */
static void hide(Opening *self, xmlNode *machine)
{
    static const char *const states[] = {"stateFile", "currentSnapshot", "aborted",
                                         "currentStateModified"};
    for (guint i = 0; i < G_N_ELEMENTS(states); i++)
        xmlUnsetProp(machine, (const xmlChar *)states[i]);
    for (xmlNode *snapshot; (snapshot = child_of(machine, "Snapshot")) != NULL;) {
        xmlUnlinkNode(snapshot);
        xmlFreeNode(snapshot);
    }
    xmlNode *registry = child_of(machine, "MediaRegistry");
    for (xmlNode *list = registry != NULL ? registry->children : NULL; list != NULL;
         list = list->next)
        hide_images(self, list);
    names_add(self->theirs, self->folder, self->machine_folder);
    names_exchange(self->ours, machine);
}

/* The machine's own names; fails where the document has no machine. */
static gboolean hide_machine(Opening *self, xmlNode *root, GError **error)
{
    guint8 bytes[UUID_BYTES];
    char uuid[UUID_STRING];
    xmlNode *machine = child_of(root, "Machine");
    g_autofree char *has = machine != NULL ? get(machine, "uuid") : NULL;
    g_autofree char *name = machine != NULL ? get(machine, "name") : NULL;
    g_autofree char *fresh = g_uuid_string_random();
    g_autofree char *plain = g_strdup(has);
    if (has == NULL || name == NULL ||
        !uuid_parse(g_strstrip(g_strdelimit(plain, "{}", ' ')), bytes))
        return fail(error, VIR_ERR_XML_ERROR,
                    "/VirtualBox/Machine has no name and uuid: this is no machine's settings file");
    uuid_format(bytes, uuid);
    self->machine_folder = machine_folder(uuid, name, error);
    if (self->machine_folder == NULL)
        return FALSE;
    names_add(self->ours, plain, fresh);
    names_add(self->theirs, fresh, uuid);
    hide(self, machine);
    return TRUE;
}

static char *read_opened(const char *path, GError **error)
{
    g_autoptr(Object) machine = NULL;
    gboolean is_accessible;
    if (!vbox_call(vbox_root(), IVirtualBox_openMachine, error, path, NULL, &machine) ||
        !vbox_call(machine, IMachine_get_accessible, error, &is_accessible))
        return NULL;
    if (is_accessible) {
        g_autoptr(Model) domain = domain_read(machine, error);
        return domain != NULL ? map_format(domain, MAP_SECURE, error) : NULL;
    }
    g_autofree char *why = machine_fault(machine, error);
    if (why != NULL)
        fail(error, VIR_ERR_XML_ERROR, "VirtualBox cannot read this settings file: %s", why);
    return NULL;
}

static char *from_native(const char *text, GError **error)
{
    g_auto(Opening) opening = {0};
    g_autoptr(xmlDoc) native = xml_read(text, ROOT, error);
    if (native == NULL || !opening_init(&opening, error) ||
        !hide_machine(&opening, xmlDocGetRootElement(native), error))
        return NULL;
    g_autoptr(GError) failure = NULL;
    g_autofree char *ours = document_text(native, FALSE);
    g_autofree char *path = g_build_filename(opening.folder, "machine.vbox", NULL);
    if (!g_file_set_contents(path, ours, -1, &failure)) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "%s", failure->message);
        return NULL;
    }
    g_autofree char *read = read_opened(path, error);
    g_autoptr(xmlDoc) domain = read != NULL ? xml_read(read, domain_schema.root, error) : NULL;
    if (domain == NULL)
        return NULL;
    names_exchange(opening.theirs, xmlDocGetRootElement(domain));
    return xml_write(xmlDocGetRootElement(domain));
}

gboolean do_connect_domain_xml_from_native(Call *call, const ConnectDomainXmlFromNativeArgs *args,
                                           ConnectDomainXmlFromNativeRet *ret, GError **error)
{
    char *xml =
        check_format(args->nativeFormat, error) ? from_native(args->nativeConfig, error) : NULL;
    ret->domainXml = xml != NULL ? call_take(call, xml) : NULL;
    domain_save_hits();
    return xml != NULL;
}

/* --- to native ------------------------------------------------------------------------------ */

/* VirtualBox shares only what is there: for a moment another folder stands for one that is gone.
 * folder: ours, where these are made. */
static gboolean stand_in(xmlNode *filesystem, const char *folder, Names *names, GError **error)
{
    xmlNode *source = child_of(filesystem, "source");
    g_autofree char *path = source != NULL ? get(source, "dir") : NULL;
    g_autofree char *problem = path != NULL ? path_problem(path, F_OK) : NULL;
    if (problem == NULL || !g_path_is_absolute(path))
        return TRUE;
    g_autofree char *name = g_strdup_printf("%06u", names->len);
    g_autofree char *place = g_build_filename(folder, name, NULL);
    if (g_mkdir(place, 0700) < 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot make '%s': %s", place, g_strerror(errno));
    set(source, "dir", place);
    names_add(names, place, path);
    return TRUE;
}

static gboolean stand_in_all(xmlNode *root, const char *folder, Names *names, GError **error)
{
    xmlNode *devices = child_of(root, "devices");
    for (xmlNode *node = devices == NULL ? NULL : devices->children; node != NULL;
         node = node->next)
        if (is_element(node, "filesystem") && !stand_in(node, folder, names, error))
            return FALSE;
    return TRUE;
}

/* The domain with another name and uuid, as XML; names: those of folders to exchange again. */
static char *rename_domain(const char *xml, const char *name, const char *uuid, const char *folder,
                           Names *names, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, domain_schema.root, error);
    if (doc == NULL)
        return NULL;
    xmlNode *root = xmlDocGetRootElement(doc), *old = child_of(root, "uuid");
    if (old == NULL)
        old = xmlNewChild(root, NULL, (const xmlChar *)"uuid", NULL);
    xmlNodeSetContent(old, (const xmlChar *)uuid);
    xmlNodeSetContent(child_of(root, "name"), (const xmlChar *)name);
    if (!stand_in_all(root, folder, names, error))
        return NULL;
    return document_text(doc, FALSE);
}

static const char *medium_type(guint32 type)
{
    const Interface *constants = vbox_interface("MediumType");
    for (guint i = 0; i < constants->n_constants; i++)
        if (constants->constants[i].value == type)
            return constants->constants[i].name;
    return "Normal";
}

/* The first child of that name, made when there is none. */
static xmlNode *first_child(xmlNode *parent, const char *name)
{
    xmlNode *node = child_of(parent, name);
    if (node != NULL)
        return node;
    node = xmlNewDocNode(parent->doc, parent->ns, (const xmlChar *)name, NULL);
    return parent->children != NULL ? xmlAddPrevSibling(parent->children, node)
                                    : xmlAddChild(parent, node);
}

/* The entry of an image in the file's list, below that of the image it stands on.  One that
 * another machine has too stands in that machine's file only. */
static xmlNode *list_image(xmlNode *list, Object *medium, GError **error)
{
    g_autofree char *id = NULL, *location = NULL, *format = NULL;
    g_autoptr(Object) parent = NULL;
    guint32 type;
    if (!vbox_call(medium, IMedium_get_id, error, &id) ||
        !vbox_call(medium, IMedium_get_location, error, &location) ||
        !vbox_call(medium, IMedium_get_format, error, &format) ||
        !vbox_call(medium, IMedium_get_type, error, &type) ||
        !vbox_call(medium, IMedium_get_parent, error, &parent))
        return NULL;
    xmlNode *above = parent != NULL ? list_image(list, parent, error) : list;
    g_autofree char *uuid = g_strdup_printf("{%s}", id);
    for (xmlNode *node = above == NULL ? NULL : above->children; node != NULL; node = node->next) {
        g_autofree char *has = node->type == XML_ELEMENT_NODE ? get(node, "uuid") : NULL;
        if (g_strcmp0(has, uuid) == 0)
            return node;
    }
    if (above == NULL)
        return NULL;
    xmlNode *node = xmlNewChild(above, NULL, (const xmlChar *)"HardDisk", NULL);
    set(node, "uuid", uuid);
    set(node, "location", location);
    set(node, "format", format);
    if (parent == NULL)
        set(node, "type", medium_type(type));
    return node;
}

static gboolean list_images(Object *machine, xmlNode *settings, GError **error)
{
    g_autoptr(GPtrArray) attachments = NULL;
    if (!vbox_call(machine, IMachine_get_mediumAttachments, error, &attachments))
        return FALSE;
    for (guint i = 0; i < attachments->len; i++) {
        g_autoptr(Object) medium = NULL;
        guint32 type;
        if (!vbox_call(attachments->pdata[i], IMediumAttachment_get_type, error, &type) ||
            !vbox_call(attachments->pdata[i], IMediumAttachment_get_medium, error, &medium))
            return FALSE;
        if (medium == NULL || type != vbox_enum(DeviceType_HardDisk))
            continue;
        xmlNode *registry = first_child(settings, "MediaRegistry");
        if (list_image(first_child(registry, "HardDisks"), medium, error) == NULL)
            return FALSE;
    }
    return TRUE;
}

/* What VirtualBox wrote for the machine. */
static xmlDoc *read_settings(Object *machine, char **ret_folder, GError **error)
{
    g_autofree char *path = NULL, *text = NULL;
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(machine, IMachine_get_settingsFilePath, error, &path))
        return NULL;
    *ret_folder = g_path_get_dirname(path);
    if (!g_file_get_contents(path, &text, NULL, &failure)) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "%s", failure->message);
        return NULL;
    }
    g_autoptr(xmlDoc) doc = xml_read(text, ROOT, error);
    xmlNode *settings = doc != NULL ? child_of(xmlDocGetRootElement(doc), "Machine") : NULL;
    return settings != NULL && list_images(machine, settings, error) ? g_steal_pointer(&doc) : NULL;
}

/* The settings of a machine of that XML, which is made and removed. */
static xmlDoc *build_settings(const char *xml, char **ret_folder, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(Object) machine = build_machine(xml, FALSE, uuid, error);
    if (machine == NULL)
        return NULL;
    g_autoptr(xmlDoc) doc = read_settings(machine, ret_folder, error);
    gboolean is_gone = domain_remove(machine, NVRAM_GOES, doc != NULL ? error : NULL);
    if (*ret_folder != NULL)
        remove_folder(*ret_folder);
    return is_gone ? g_steal_pointer(&doc) : NULL;
}

/* VirtualBox writes images in the machine's own folder without it. */
static void shorten_locations(xmlNode *node, const char *folder)
{
    g_autofree char *location = get(node, "location");
    gsize length = strlen(folder);
    if (location != NULL && g_str_has_prefix(location, folder) && location[length] == '/')
        set(node, "location", location + length + 1);
    for (xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            shorten_locations(child, folder);
}

static char *to_native(const char *xml, const char *stand_ins, GError **error)
{
    guint8 bytes[UUID_BYTES];
    char uuid[UUID_STRING];
    g_autoptr(Model) domain = domain_parse_own(xml, error);
    if (domain == NULL)
        return NULL;
    const General *general = domain_general(domain);
    hidden_uuid(bytes);
    uuid_format(bytes, uuid);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = g_strdup_printf("vboxvirt-native-%s", uuid);
    g_autofree char *folder = machine_folder(general->uuid, general->name, error);
    g_autofree char *ours =
        folder != NULL ? rename_domain(xml, name, uuid, stand_ins, names, error) : NULL;
    g_autofree char *our_folder = NULL;
    g_autoptr(xmlDoc) native = ours != NULL ? build_settings(ours, &our_folder, error) : NULL;
    if (native == NULL)
        return NULL;
    names_add(names, our_folder, folder);
    names_add(names, name, general->name);
    if (general->uuid != NULL)
        names_add(names, uuid, general->uuid);
    names_exchange(names, xmlDocGetRootElement(native));
    shorten_locations(xmlDocGetRootElement(native), folder);
    return document_text(native, TRUE);
}

static char *convert_to_native(const char *xml, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *folder = g_dir_make_tmp("vboxvirt-native-XXXXXX", &failure);
    if (folder == NULL) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "%s", failure->message);
        return NULL;
    }
    char *native = to_native(xml, folder, error);
    remove_folder(folder);
    return native;
}

gboolean do_connect_domain_xml_to_native(Call *call, const ConnectDomainXmlToNativeArgs *args,
                                         ConnectDomainXmlToNativeRet *ret, GError **error)
{
    char *text =
        check_format(args->nativeFormat, error) ? convert_to_native(args->domainXml, error) : NULL;
    ret->nativeConfig = text != NULL ? call_take(call, text) : NULL;
    return text != NULL;
}
