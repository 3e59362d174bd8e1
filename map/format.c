/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Formatting: from items to XML. */
#include "map/kind.h"
#include "map/xml.h"
#include <string.h>

static gboolean is_wanted(const Field *field, const Item *item, guint flags)
{
    if (field->path == NULL || field->kind == &kind_refuse || field->kind == &kind_ignore)
        return FALSE;
    if ((field->live && !(flags & MAP_ACTIVE)) || (field->secret && !(flags & MAP_SECURE)))
        return FALSE;
    return field_applies(field, item);
}

/* The text of a row; NULL: it is not shown. */
static char *shown_text(const Field *field, const Item *item)
{
    if (field->kind == &kind_fixed)
        return g_strdup(field->text);
    g_autofree char *text = field->kind->format(field, field_member(field, item));
    if (text == NULL || (field->quiet && g_strcmp0(text, field->fallback) == 0) ||
        (field->kind == &kind_present && g_str_equal(text, "no")))
        return NULL;
    return g_steal_pointer(&text);
}

/* The node of an item: the root, one of its own, or a single element's when a row needs it. */
static xmlNode *item_node(const Item *item, xmlNode *root)
{
    const Element *element = item->element;
    if (element->single)
        return xml_make(root, element->path).node;
    const char *last = strrchr(element->path, '/');
    g_autofree char *above =
        last == NULL ? g_strdup("") : g_strndup(element->path, (gsize)(last - element->path));
    xmlNode *parent = xml_make(root, above).node;
    const char *noun = last == NULL ? element->path : last + 1;
    return xml_new_child(parent, noun);
}

static gboolean format_field(const Field *field, xmlNode *node, const char *text, GError **error)
{
    hits_count(field, MAP_FORMAT);
    if (field->kind == &kind_subtree || field->kind == &kind_subtrees) {
        const char *last = strrchr(field->path, '/');
        g_autofree char *above =
            last == NULL ? g_strdup("") : g_strndup(field->path, (gsize)(last - field->path));
        return xml_append_text(xml_make(node, above).node, text, error);
    }
    XmlPlace place = xml_make(node, field->path);
    if (field->kind == &kind_present)
        return TRUE;
    if (field->kind->unit != NULL && place.attribute == NULL)
        xml_set_text((XmlPlace){place.node, "unit"}, field->kind->unit);
    xml_set_text(place, text);
    return TRUE;
}

static gboolean format_item(const Item *item, xmlNode *root, guint flags, GError **error)
{
    if (item->is_hidden)
        return TRUE;
    xmlNode *node = item->element->single ? NULL : item_node(item, root);
    FIELDS(item->element, field)
    {
        if (!is_wanted(field, item, flags))
            continue;
        g_autofree char *text = shown_text(field, item);
        if (text == NULL)
            continue;
        if (node == NULL)
            node = item_node(item, root);
        if (!format_field(field, node, text, error))
            return FALSE;
    }
    return TRUE;
}

static xmlDoc *format(Model *model, guint flags, GError **error)
{
    const Schema *schema = model_schema(model);
    g_autoptr(xmlDoc) doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root = xmlNewDocNode(doc, NULL, (const xmlChar *)schema->root, NULL);
    xmlDocSetRootElement(doc, root);
    for (const Element *const *element = schema->elements; *element != NULL; element++) {
        GPtrArray *items = model_items(model, *element);
        for (guint i = 0; i < items->len; i++)
            if (!format_item(g_ptr_array_index(items, i), root, flags, error))
                return NULL;
    }
    return g_steal_pointer(&doc);
}

char *map_format(Model *model, guint flags, GError **error)
{
    g_autoptr(xmlDoc) doc = format(model, flags, error);
    return doc != NULL ? xml_write(xmlDocGetRootElement(doc)) : NULL;
}

char *map_format_inner(Model *model, GError **error)
{
    g_autoptr(xmlDoc) doc = format(model, 0, error);
    if (doc == NULL)
        return NULL;
    GString *text = g_string_new(NULL);
    for (xmlNode *node = xmlDocGetRootElement(doc)->children; node != NULL; node = node->next) {
        g_autofree char *each = xml_to_text(node);
        g_string_append(text, each);
    }
    return g_string_free(text, text->len == 0);
}
