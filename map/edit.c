/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Edit: see edit.h. */
#include "map/edit.h"
#include "base/libvirt.h"
#include "map/xml.h"

struct Edit {
    xmlDoc *doc;
    xmlNode *root;
};

Edit *edit_new(const Schema *schema, const char *xml, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, schema->root, error);
    if (doc == NULL)
        return NULL;
    Edit *self = g_new0(Edit, 1);
    self->doc = g_steal_pointer(&doc);
    self->root = xmlDocGetRootElement(self->doc);
    return self;
}

void edit_free(Edit *self)
{
    if (self == NULL)
        return;
    xmlFreeDoc(self->doc);
    g_free(self);
}

char *edit_text(Edit *self)
{
    return xml_write(self->root);
}

/* The element of some XML, as a node of our document.  Owned by the caller. */
static xmlNode *read_node(Edit *self, const char *xml, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, NULL, error);
    if (doc == NULL)
        return NULL;
    return xmlDocCopyNode(xmlDocGetRootElement(doc), self->doc, 1);
}

gboolean edit_add(Edit *self, const char *parent, const char *xml, GError **error)
{
    xmlNode *node = read_node(self, xml, error);
    if (node == NULL)
        return FALSE;
    xmlAddChild(xml_make(self->root, parent).node, node);
    return TRUE;
}

static xmlNode *node_of(Edit *self, const Item *item)
{
    g_autoptr(GPtrArray) nodes = xml_children(self->root, item->element->path);
    g_assert(item->number > 0 && item->number <= nodes->len);
    return g_ptr_array_index(nodes, item->number - 1);
}

static void remove_node(xmlNode *node)
{
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

void edit_remove(Edit *self, const Item *item)
{
    remove_node(node_of(self, item));
}

gboolean edit_replace(Edit *self, const Item *item, const char *xml, GError **error)
{
    xmlNode *node = read_node(self, xml, error);
    if (node == NULL)
        return FALSE;
    xmlFreeNode(xmlReplaceNode(node_of(self, item), node));
    return TRUE;
}

static void set_below(xmlNode *node, const char *path, const char *text)
{
    XmlPlace place = text == NULL ? xml_find(node, path) : xml_make(node, path);
    if (place.node == NULL)
        return;
    if (place.attribute != NULL)
        xmlUnsetProp(place.node, (const xmlChar *)place.attribute);
    else if (text == NULL)
        remove_node(place.node);
    else
        xmlNodeSetContent(place.node, NULL);
    if (text != NULL)
        xml_set_text(place, text);
}

void edit_set(Edit *self, const char *path, const char *text)
{
    set_below(self->root, path, text);
}

void edit_set_of(Edit *self, const Item *item, const char *path, const char *text)
{
    set_below(node_of(self, item), path, text);
}

static xmlNode *metadata_node(Edit *self, const char *uri)
{
    xmlNode *parent = xml_find(self->root, "metadata").node;
    for (xmlNode *node = parent == NULL ? NULL : parent->children; node != NULL; node = node->next)
        if (node->type == XML_ELEMENT_NODE && node->ns != NULL &&
            g_strcmp0((const char *)node->ns->href, uri) == 0)
            return node;
    return NULL;
}

/* libvirt files an element and all below it in the application's namespace, and hands it out
 * without: moves all that are in one namespace to another. */
static void change_namespace(xmlNode *node, xmlNs *from, xmlNs *to)
{
    if (node->type != XML_ELEMENT_NODE)
        return;
    if (node->ns == from)
        xmlSetNs(node, to);
    for (xmlNode *child = node->children; child != NULL; child = child->next)
        change_namespace(child, from, to);
}

static char *read_element(Edit *self, const char *uri)
{
    xmlNode *node = metadata_node(self, uri);
    if (node == NULL)
        return NULL;
    g_autoptr(xmlDoc) doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *copy = xmlDocCopyNode(node, doc, 1);
    xmlDocSetRootElement(doc, copy);
    xmlNs *ns = copy->ns, **at = &copy->nsDef;
    change_namespace(copy, ns, NULL);
    while (*at != NULL && *at != ns)
        at = &(*at)->next;
    if (*at != NULL) {
        *at = ns->next;
        xmlFreeNs(ns);
    }
    return g_strchomp(xml_write(copy));
}

static gboolean write_element(Edit *self, const char *prefix, const char *uri, const char *xml,
                              GError **error)
{
    xmlNode *old = metadata_node(self, uri);
    xmlNode *new = xml == NULL ? NULL : read_node(self, xml, error);
    if (xml != NULL && new == NULL)
        return FALSE;
    if (old != NULL)
        remove_node(old);
    xmlNode *parent = xml_find(self->root, "metadata").node;
    if (new != NULL) {
        xmlAddChild(parent != NULL ? parent : xml_make(self->root, "metadata").node, new);
        change_namespace(new, NULL, xmlNewNs(new, (const xmlChar *)uri, (const xmlChar *)prefix));
    } else if (parent != NULL && xmlFirstElementChild(parent) == NULL) {
        remove_node(parent);
    }
    return TRUE;
}

static const char *place_of(gint type)
{
    return type == VIR_DOMAIN_METADATA_TITLE ? "title" : "description";
}

static gboolean check_type(gint type, const char *uri, GError **error)
{
    if (type < VIR_DOMAIN_METADATA_DESCRIPTION || type > VIR_DOMAIN_METADATA_ELEMENT)
        return fail(error, VIR_ERR_INVALID_ARG, "unknown metadata type %d", type);
    if (type == VIR_DOMAIN_METADATA_ELEMENT && uri == NULL)
        return fail(error, VIR_ERR_INVALID_ARG, "an element of <metadata> has a namespace: say it");
    return TRUE;
}

gboolean edit_get_metadata(Edit *self, gint type, const char *uri, VirErrorNumber missing,
                           char **ret_text, GError **error)
{
    if (!check_type(type, uri, error))
        return FALSE;
    gboolean is_element = type == VIR_DOMAIN_METADATA_ELEMENT;
    XmlPlace place = is_element ? (XmlPlace){0} : xml_find(self->root, place_of(type));
    *ret_text = is_element ? read_element(self, uri) : xml_text(place);
    return *ret_text != NULL ||
           fail(error, missing, "Requested metadata element is not present: %s",
                is_element ? uri : place_of(type));
}

gboolean edit_set_metadata(Edit *self, gint type, const char *prefix, const char *uri,
                           const char *text, GError **error)
{
    if (!check_type(type, uri, error))
        return FALSE;
    if (text != NULL && *text == '\0')
        text = NULL;
    if (type == VIR_DOMAIN_METADATA_ELEMENT && text != NULL && (prefix == NULL || *prefix == '\0'))
        return fail(error, VIR_ERR_INVALID_ARG, "an element of <metadata> needs a prefix");
    if (type == VIR_DOMAIN_METADATA_ELEMENT)
        return write_element(self, prefix, uri, text, error);
    edit_set(self, place_of(type), text);
    return TRUE;
}
