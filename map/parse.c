/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parsing: from XML to items; what no row read is refused. */
#include "map/kind.h"
#include "map/xml.h"
#include <string.h>

/* Puts the path of the row before what is wrong with its text. */
static gboolean fail_at(const Item *item, const Field *field, GError **error)
{
    g_autofree char *path = item_path(item, field);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

static gboolean parse_text(Item *item, const Field *field, const char *text, GError **error)
{
    if (field->kind->parse(field, text, field_member(field, item), error))
        return TRUE;
    return fail_at(item, field, error);
}

/* A size says its unit beside it: <memory unit='MiB'>512</memory>. */
static char *size_text(XmlPlace place)
{
    g_autofree char *number = xml_text(place);
    if (number == NULL || place.attribute != NULL)
        return g_steal_pointer(&number);
    g_autofree char *unit = xml_text((XmlPlace){place.node, "unit"});
    return unit == NULL ? g_steal_pointer(&number) : g_strdup_printf("%s %s", number, unit);
}

/* All elements like the first that a row found, as one text. */
static char *subtrees_text(const Field *field, xmlNode *first)
{
    const char *last = strrchr(field->path, '/');
    g_autoptr(GPtrArray) nodes = xml_children(first->parent, last == NULL ? field->path : last + 1);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < nodes->len; i++) {
        xml_mark_all(g_ptr_array_index(nodes, i));
        g_autofree char *each = xml_to_text(g_ptr_array_index(nodes, i));
        g_string_append(text, each);
    }
    return g_string_free(text, FALSE);
}

/* The text that a row finds; NULL: it is not there. */
static char *field_text(const Field *field, XmlPlace place)
{
    if (place.node == NULL)
        return field->kind == &kind_present ? g_strdup("no") : NULL;
    if (field->kind == &kind_present)
        return g_strdup("yes");
    if (field->kind->unit != NULL)
        return size_text(place);
    if (field->kind == &kind_subtrees)
        return subtrees_text(field, place.node);
    if (field->kind == &kind_subtree) {
        xml_mark_all(place.node);
        return xml_to_text(place.node);
    }
    return xml_text(place);
}

static gboolean is_there(XmlPlace place)
{
    return place.node != NULL && (place.attribute == NULL ||
                                  xmlHasProp(place.node, (const xmlChar *)place.attribute) != NULL);
}

/* Rows that have no member: accepted or refused by being there. */
static gboolean parse_memberless(Item *item, const Field *field, xmlNode *node, GError **error)
{
    XmlPlace place = xml_find(node, field->path);
    if (!is_there(place))
        return TRUE;
    g_autofree char *path = item_path(item, field);
    if (field->kind == &kind_refuse)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s is not supported by VirtualBox%s%s",
                    path, *field->text != '\0' ? ": " : "; remove it", field->text);
    if (field->kind == &kind_ignore) {
        if (place.attribute == NULL)
            xml_mark_all(place.node);
        else
            g_free(xml_text(place));
        return TRUE;
    }
    g_autofree char *text = xml_text(place);
    if (!g_str_equal(text, field->text))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s: VirtualBox has no '%s' here, only '%s'",
                    path, text, field->text);
    return TRUE;
}

static gboolean parse_field(Item *item, const Field *field, xmlNode *node, GError **error)
{
    hits_count(field, MAP_PARSE);
    if (!field_has_member(field))
        return node == NULL || parse_memberless(item, field, node, error);
    XmlPlace place = {0};
    if (node != NULL && field->path != NULL)
        place = xml_find(node, field->path);
    g_autofree char *text = field_text(field, place);
    if (field->live)
        return TRUE;
    if (text != NULL)
        return parse_text(item, field, text, error);
    if (field->required) {
        g_autofree char *path = item_path(item, field);
        return fail(error, VIR_ERR_XML_ERROR, "missing %s", path);
    }
    return field->fallback == NULL || parse_text(item, field, field->fallback, error);
}

/* KEY rows first: they say which others apply. */
static gboolean parse_item(Item *item, xmlNode *node, GError **error)
{
    FIELDS(item->element, field)
    if (field->key && !parse_field(item, field, node, error))
        return FALSE;
    FIELDS(item->element, field)
    if (!field->key && field_applies(field, item) && !parse_field(item, field, node, error))
        return FALSE;
    return TRUE;
}

/* Whether an element that shares its path with others takes this node. */
static gboolean is_selected(const Element *element, xmlNode *node)
{
    if (element->select == NULL)
        return TRUE;
    const char *words = strchr(element->select, '=') + 1;
    g_autofree char *attribute = g_strndup(element->select, (gsize)(words - 1 - element->select));
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)attribute);
    g_autofree char *word =
        value != NULL ? g_strdup((const char *)value) : g_strndup(words, strcspn(words, "|"));
    xmlFree(value);
    return words_have(words, word);
}

/* More of a kind than any machine has; checks that compare each with each stay quick. */
#define ITEMS_MAX 1024

static gboolean parse_node(Model *model, const Element *element, xmlNode *node, GError **error)
{
    GPtrArray *items = model_items(model, element);
    if (items->len == (element->max > 0 ? element->max : ITEMS_MAX))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "/%s/%s: VirtualBox has at most %u of them",
                    model_schema(model)->root, element->path, items->len);
    xml_mark(node);
    Item *item = model_add(model, element);
    item->number = xml_position(node, &item->is_only);
    return parse_item(item, node, error);
}

static gboolean parse_element(Model *model, const Element *element, xmlNode *root, GError **error)
{
    g_autoptr(GPtrArray) nodes = xml_children(root, element->path);
    if (element->single) {
        if (nodes->len > 1)
            return fail(error, VIR_ERR_XML_ERROR, "there is more than one /%s/%s",
                        model_schema(model)->root, element->path);
        xmlNode *node = nodes->len == 1 ? g_ptr_array_index(nodes, 0) : NULL;
        if (node != NULL)
            xml_mark(node);
        return parse_item(model_add(model, element), node, error);
    }
    for (guint i = 0; i < nodes->len; i++) {
        xmlNode *node = g_ptr_array_index(nodes, i);
        if (is_selected(element, node) && !parse_node(model, element, node, error))
            return FALSE;
    }
    return TRUE;
}

/* Each item is checked when all are parsed, in the schema's order: a check may look at others. */
static gboolean check_items(Model *model, GError **error)
{
    for (const Element *const *element = model_schema(model)->elements; *element != NULL;
         element++) {
        GPtrArray *items = model_items(model, *element);
        for (guint i = 0; i < items->len && (*element)->check != NULL; i++)
            if (!(*element)->check(model, g_ptr_array_index(items, i), error))
                return FALSE;
    }
    return TRUE;
}

static gboolean check_read(xmlNode *root, GError **error)
{
    g_autofree char *unread = xml_find_unread(root);
    return unread == NULL ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "%s is not supported by VirtualBox, or not known; remove it", unread);
}

Model *map_parse(const Schema *schema, const char *xml, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, schema->root, error);
    if (doc == NULL)
        return NULL;
    g_autoptr(Model) model = model_new(schema);
    xmlNode *root = xmlDocGetRootElement(doc);
    xml_mark(root);
    for (const Element *const *element = schema->elements; *element != NULL; element++)
        if (!parse_element(model, *element, root, error))
            return NULL;
    if (!check_read(root, error) || !check_items(model, error))
        return NULL;
    return g_steal_pointer(&model);
}

Model *map_parse_part(const Schema *schema, const char *parent, const char *xml, Item **ret_item,
                      GError **error)
{
    g_autoptr(xmlDoc) part = xml_read(xml, NULL, error);
    if (part == NULL)
        return NULL;
    g_autoptr(xmlDoc) doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root = xmlNewDocNode(doc, NULL, (const xmlChar *)schema->root, NULL);
    xmlDocSetRootElement(doc, root);
    xmlAddChild(xml_make(root, parent).node, xmlDocCopyNode(xmlDocGetRootElement(part), doc, 1));
    xml_mark(root);
    g_autofree char *name = xml_name(xmlDocGetRootElement(part));
    g_autofree char *path = *parent == '\0' ? g_strdup(name) : g_strconcat(parent, "/", name, NULL);
    g_autoptr(Model) model = model_new(schema);
    *ret_item = NULL;
    for (const Element *const *element = schema->elements; *element != NULL; element++) {
        if ((*element)->single || !g_str_equal((*element)->path, path))
            continue;
        if (!parse_element(model, *element, root, error))
            return NULL;
        if (*ret_item == NULL)
            *ret_item = model_first(model, *element);
    }
    if (*ret_item == NULL) {
        fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
             "<%s> is no device that a machine can get or lose by itself; change the domain's XML",
             name);
        return NULL;
    }
    return check_read(root, error) ? g_steal_pointer(&model) : NULL;
}

Model *map_parse_inner(const Schema *schema, const char *inner, const char *place, GError **error)
{
    g_autofree char *xml = g_strdup_printf("<%s>%s</%s>", schema->root, inner, schema->root);
    g_autofree char *root = g_strconcat("/", schema->root, NULL);
    g_autoptr(GError) failure = NULL;
    Model *model = map_parse(schema, xml, &failure);
    if (model != NULL)
        return model;
    char *at = strstr(failure->message, root);
    if (at == NULL)
        fail(error, failure->code, "%s: %s", place, failure->message);
    else
        fail(error, failure->code, "%.*s%s%s", (int)(at - failure->message), failure->message,
             place, at + strlen(root));
    return NULL;
}
