/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parsing: from XML to items; what no row read is refused, and all that is refused is told at once.
 */
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
    XmlPlace beside = {place.attribute == NULL ? place.node : NULL, "unit"};
    g_autofree char *unit = xml_text(beside);
    if (number == NULL || *number == '\0' || unit == NULL || *unit == '\0')
        return g_steal_pointer(&number);
    return g_strdup_printf("%s %s", number, unit);
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

/* --- rows ---------------------------------------------------------------------------------- */

/* A document that is parsed.  All of it is, whatever is refused: a person is told at once of all
 * that is wrong, and of nothing that is wrong only because something else is. */
typedef struct Parse {
    Model *model;
    Refusals *refusals;
    gboolean is_incomplete; /* what a row says is not known: no check can rely on the items */
} Parse;

static void refuse(Parse *self, XmlPlace place, GError *reason)
{
    if (place.node != NULL)
        xml_refuse(place);
    refusals_add(self->refusals, reason);
}

/* A REFUSE row speaks of all that its path means. */
static void parse_refused(Parse *self, const Item *item, const Field *field, XmlPlace place)
{
    if (!is_there(place) || (field->blank && xml_is_empty(place)))
        return;
    GError *reason = NULL;
    g_autofree char *path = item_path(item, field);
    (void)fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED, "%s is not supported by VirtualBox%s%s", path,
               *field->text != '\0' ? ": " : "; remove it", field->text);
    refuse(self, place, reason);
    xmlNode *like = place.attribute == NULL ? xml_next_like(place.node, field->path) : NULL;
    for (; like != NULL; like = xml_next_like(like, field->path))
        xml_refuse((XmlPlace){like, NULL});
}

static void parse_ignored(XmlPlace place)
{
    if (!is_there(place))
        return;
    if (place.attribute == NULL)
        xml_mark_all(place.node);
    else
        g_free(xml_text(place));
}

static void parse_fixed(Parse *self, const Item *item, const Field *field, XmlPlace place)
{
    g_autofree char *text = is_there(place) ? xml_text(place) : NULL;
    if (text == NULL ? !field->required : g_str_equal(text, field->text))
        return;
    GError *reason = NULL;
    g_autofree char *path = item_path(item, field);
    if (text == NULL)
        (void)fail(&reason, VIR_ERR_XML_ERROR, "missing %s", path);
    else
        (void)fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                   "%s: VirtualBox has no '%s' here, only '%s'", path, text, field->text);
    refusals_add(self->refusals, reason);
}

/* Rows that have no member: accepted or refused by being there. */
static void parse_memberless(Parse *self, const Item *item, const Field *field, xmlNode *node)
{
    XmlPlace place = xml_find(node, field->path);
    if (xml_is_refused(place))
        return;
    if (field->kind == &kind_refuse)
        parse_refused(self, item, field, place);
    else if (field->kind == &kind_ignore)
        parse_ignored(place);
    else
        parse_fixed(self, item, field, place);
}

/* As libvirt reads it: an element without its text is as good as none, and so are some attributes.
 */
static gboolean is_blank(const Field *field, XmlPlace place, const char *text)
{
    return text != NULL && *text == '\0' &&
           (place.attribute != NULL ? field->blank : !field->filled);
}

static gboolean parse_value(Item *item, const Field *field, const char *text, GError **error)
{
    if (text != NULL)
        return parse_text(item, field, text, error);
    if (field->required) {
        g_autofree char *path = item_path(item, field);
        return fail(error, VIR_ERR_XML_ERROR, "missing %s", path);
    }
    return field->fallback == NULL || parse_text(item, field, field->fallback, error);
}

/* FALSE: what the row says is not known. */
static gboolean parse_member(Parse *self, Item *item, const Field *field, xmlNode *node)
{
    XmlPlace place = {0};
    if (node != NULL && field->path != NULL)
        place = xml_find(node, field->path);
    if (xml_is_refused(place))
        return FALSE;
    g_autofree char *text = field_text(field, place);
    GError *reason = NULL;
    if (is_blank(field, place, text))
        g_clear_pointer(&text, g_free);
    if (field->live || parse_value(item, field, text, &reason))
        return TRUE;
    if (place.attribute != NULL)
        xml_refuse(place);
    refusals_add(self->refusals, reason);
    return FALSE;
}

static gboolean parse_field(Parse *self, Item *item, const Field *field, xmlNode *node)
{
    hits_count(field, MAP_PARSE);
    if (field_has_member(field))
        return parse_member(self, item, field, node);
    if (node != NULL)
        parse_memberless(self, item, field, node);
    return TRUE;
}

static gboolean lacks_key(const Element *element, xmlNode *node)
{
    FIELDS(element, field)
    if (field->key && field->required && !is_there(xml_find(node, field->path)))
        return TRUE;
    return FALSE;
}

/* Of an item whose KEY row says nothing: what stands there and is wrong in any case is told.  What
 * is missing, and rows for some keys only, may be right by the key that it is to have.  Without
 * one, nothing can be said: it may even be another element's. */
static void parse_without_key(Parse *self, Item *item, xmlNode *node)
{
    if (node != NULL && lacks_key(item->element, node))
        xml_refuse((XmlPlace){node, NULL});
    FIELDS(item->element, field)
    {
        XmlPlace place = {0};
        if (node != NULL && field->path != NULL && !field->key)
            place = xml_find(node, field->path);
        if (!is_there(place))
            continue;
        if (field->when == NULL)
            (void)parse_field(self, item, field, node);
        else
            g_free(field_text(field, place));
    }
}

/* KEY rows first: they say which others apply. */
static void parse_item(Parse *self, Item *item, xmlNode *node)
{
    gboolean has_key = TRUE, is_complete = TRUE;
    FIELDS(item->element, field)
    if (field->key && !parse_field(self, item, field, node))
        has_key = FALSE;
    FIELDS(item->element, field)
    if (has_key && !field->key && field_applies(field, item) &&
        !parse_field(self, item, field, node))
        is_complete = FALSE;
    if (!has_key)
        parse_without_key(self, item, node);
    item->is_incomplete = !has_key || !is_complete;
    self->is_incomplete |= item->is_incomplete;
}

/* --- elements ------------------------------------------------------------------------------ */

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

static gboolean has_room(Parse *self, const Element *element)
{
    guint most = element->max > 0 ? element->max : ITEMS_MAX;
    if (model_items(self->model, element)->len < most)
        return TRUE;
    GError *reason = NULL;
    (void)fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED, "/%s/%s: VirtualBox has at most %u of them",
               model_schema(self->model)->root, element->path, most);
    refusals_add(self->refusals, reason);
    return FALSE;
}

static void parse_node(Parse *self, const Element *element, xmlNode *node)
{
    if (!has_room(self, element)) {
        xml_mark_all(node);
        return;
    }
    xml_mark(node);
    Item *item = model_add(self->model, element);
    item->number = xml_position(node, &item->is_only);
    parse_item(self, item, node);
}

/* Of several the first one counts. */
static void parse_single(Parse *self, const Element *element, const GPtrArray *nodes)
{
    for (guint i = 1; i < nodes->len; i++)
        xml_mark_all(g_ptr_array_index(nodes, i));
    if (nodes->len > 1) {
        GError *reason = NULL;
        (void)fail(&reason, VIR_ERR_XML_ERROR, "there is more than one /%s/%s",
                   model_schema(self->model)->root, element->path);
        refusals_add(self->refusals, reason);
    }
    xmlNode *node = nodes->len > 0 ? g_ptr_array_index(nodes, 0) : NULL;
    if (node != NULL)
        xml_mark(node);
    parse_item(self, model_add(self->model, element), node);
}

static void parse_element(Parse *self, const Element *element, xmlNode *root)
{
    g_autoptr(GPtrArray) nodes = xml_children(root, element->path);
    if (element->single) {
        parse_single(self, element, nodes);
        return;
    }
    for (guint i = 0; i < nodes->len; i++) {
        xmlNode *node = g_ptr_array_index(nodes, i);
        if (is_selected(element, node) && !xml_is_refused((XmlPlace){node, NULL}))
            parse_node(self, element, node);
    }
}

/* --- documents ----------------------------------------------------------------------------- */

static void refuse_unread(const xmlNode *node, const xmlAttr *attribute, gpointer data)
{
    Parse *self = data;
    if (!refusals_have_room(self->refusals)) {
        refusals_count(self->refusals);
        return;
    }
    GError *reason = NULL;
    g_autofree char *path = xml_path(node, attribute);
    (void)fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
               "%s is not supported by VirtualBox, or not known; remove it", path);
    refusals_add(self->refusals, reason);
}

/* An item that is refused is not seen by the checks of others. */
static void check_element(Parse *self, const Element *element)
{
    GPtrArray *items = model_items(self->model, element);
    for (guint i = 0; i < items->len && element->check != NULL;) {
        GError *reason = NULL;
        Item *item = g_ptr_array_index(items, i);
        if (element->check(self->model, item, &reason)) {
            i++;
            continue;
        }
        refusals_add(self->refusals, reason);
        if (element->single)
            i++;
        else
            model_set_aside(self->model, item);
    }
}

/* Each item is checked when all are parsed, in the schema's order: a check may look at others. */
static void check_all(Parse *self)
{
    for (const Element *const *element = model_schema(self->model)->elements;
         !self->is_incomplete && *element != NULL; element++)
        check_element(self, *element);
}

Model *map_parse_all(const Schema *schema, const char *xml, Refusals *refusals, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, schema->root, error);
    if (doc == NULL)
        return NULL;
    Parse parse = {model_new(schema), refusals, FALSE};
    xmlNode *root = xmlDocGetRootElement(doc);
    xml_mark(root);
    for (const Element *const *element = schema->elements; *element != NULL; element++)
        parse_element(&parse, *element, root);
    xml_each_unread(root, refuse_unread, &parse);
    check_all(&parse);
    return parse.model;
}

Model *map_parse(const Schema *schema, const char *xml, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Model) model = map_parse_all(schema, xml, refusals, error);
    return model != NULL && refusals_tell(refusals, error) ? g_steal_pointer(&model) : NULL;
}

/* A document that has this part alone.  Takes nothing over. */
static xmlDoc *make_around(const Schema *schema, const char *parent, xmlNode *part)
{
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root = xmlNewDocNode(doc, NULL, (const xmlChar *)schema->root, NULL);
    xmlDocSetRootElement(doc, root);
    xmlAddChild(xml_make(root, parent).node, xmlDocCopyNode(part, doc, 1));
    xml_mark(root);
    return doc;
}

Model *map_parse_part(const Schema *schema, const char *parent, const char *xml, Item **ret_item,
                      GError **error)
{
    g_autoptr(xmlDoc) part = xml_read(xml, NULL, error);
    if (part == NULL)
        return NULL;
    g_autoptr(xmlDoc) doc = make_around(schema, parent, xmlDocGetRootElement(part));
    g_autofree char *name = xml_name(xmlDocGetRootElement(part));
    g_autofree char *path = *parent == '\0' ? g_strdup(name) : g_strconcat(parent, "/", name, NULL);
    g_autoptr(Model) model = model_new(schema);
    g_autoptr(Refusals) refusals = refusals_new();
    Parse parse = {model, refusals, FALSE};
    *ret_item = NULL;
    for (const Element *const *element = schema->elements; *element != NULL; element++) {
        if ((*element)->single || !g_str_equal((*element)->path, path))
            continue;
        parse_element(&parse, *element, xmlDocGetRootElement(doc));
        if (*ret_item == NULL)
            *ret_item = model_first(model, *element);
    }
    if (*ret_item == NULL) {
        fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
             "<%s> is no device that a machine can get or lose by itself; change the domain's XML",
             name);
        return NULL;
    }
    xml_each_unread(xmlDocGetRootElement(doc), refuse_unread, &parse);
    return refusals_tell(refusals, error) ? g_steal_pointer(&model) : NULL;
}

/* A reason that names no path is one about the whole. */
static char *move_line(const char *line, const char *root, const char *place)
{
    const char *at = strstr(line, root);
    if (at == NULL)
        return g_str_has_prefix(line, "…") ? g_strdup(line)
                                           : g_strdup_printf("%s: %s", place, line);
    return g_strdup_printf("%.*s%s%s", (int)(at - line), line, place, at + strlen(root));
}

Model *map_parse_inner(const Schema *schema, const char *inner, const char *place, GError **error)
{
    g_autofree char *xml = g_strdup_printf("<%s>%s</%s>", schema->root, inner, schema->root);
    g_autofree char *root = g_strconcat("/", schema->root, NULL);
    g_autoptr(GError) failure = NULL;
    Model *model = map_parse(schema, xml, &failure);
    if (model != NULL)
        return model;
    g_auto(GStrv) lines = g_strsplit(failure->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *old = *line;
        *line = move_line(old, root, place);
    }
    g_autofree char *text = g_strjoinv("\n", lines);
    fail(error, failure->code, "%s", text);
    return NULL;
}
