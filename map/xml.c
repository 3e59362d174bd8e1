/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML: see xml.h. */
#include "map/xml.h"
#include <libxml/parser.h>
#include <string.h>

/* A node or attribute that a row read has its _private set to the one of these, one that was
 * refused to the other; that stays. */
static char was_read, was_refused;

static void mark(void **private)
{
    if (*private != &was_refused)
        *private = &was_read;
}

/* --- reading ------------------------------------------------------------------------------- */

/* A document type declaration is the way to entities, and so to expansion bombs and to files.  No
 * client of libvirt needs one. */
static void refuse_dtd(void *data, const xmlChar *name, const xmlChar *public_id,
                       const xmlChar *system_id)
{
    xmlParserCtxt *parser = data;
    *(gboolean *)parser->_private = TRUE;
    xmlStopParser(parser);
}

static gboolean fail_parse(xmlParserCtxt *parser, gboolean has_dtd, const char *root,
                           GError **error)
{
    if (root == NULL)
        root = "part";
    if (has_dtd)
        return fail(error, VIR_ERR_XML_ERROR,
                    "(%s_definition): a document type declaration (<!DOCTYPE>) is not accepted",
                    root);
    const xmlError *cause = xmlCtxtGetLastError(parser);
    if (cause == NULL || cause->message == NULL)
        return fail(error, VIR_ERR_XML_DETAIL, "(%s_definition): failed to parse XML document",
                    root);
    g_autofree char *message = g_strchomp(g_strdup(cause->message));
    return fail(error, VIR_ERR_XML_DETAIL, "(%s_definition):%d: %s", root, cause->line, message);
}

static gboolean is_too_deep(const xmlNode *node, guint depth)
{
    if (depth > XML_DEPTH_MAX)
        return TRUE;
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE && is_too_deep(child, depth + 1))
            return TRUE;
    return FALSE;
}

xmlDoc *xml_read(const char *text, const char *root, GError **error)
{
    static gsize once = 0;
    if (g_once_init_enter(&once)) {
        xmlInitParser();
        g_once_init_leave(&once, 1);
    }
    gsize length = strlen(text);
    if (length > G_MAXINT) {
        fail(error, VIR_ERR_XML_ERROR, "the XML document is too large");
        return NULL;
    }
    xmlParserCtxt *parser = xmlNewParserCtxt();
    gboolean has_dtd = FALSE;
    parser->_private = &has_dtd;
    parser->sax->internalSubset = refuse_dtd;
    g_autoptr(xmlDoc) doc = xmlCtxtReadMemory(parser, text, (int)length, "domain.xml", NULL,
                                              XML_PARSE_NONET | XML_PARSE_NOERROR |
                                                  XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    gboolean is_good = doc != NULL && parser->wellFormed && !has_dtd;
    if (!is_good)
        (void)fail_parse(parser, has_dtd, root, error);
    xmlFreeParserCtxt(parser);
    if (!is_good)
        return NULL;
    xmlNode *top = xmlDocGetRootElement(doc);
    if (top == NULL || (root != NULL && g_strcmp0((const char *)top->name, root) != 0)) {
        fail(error, VIR_ERR_XML_ERROR, "unexpected root element <%s>, expecting <%s>",
             top == NULL ? "" : (const char *)top->name, root);
        return NULL;
    }
    if (is_too_deep(top, 1)) {
        fail(error, VIR_ERR_XML_ERROR, "elements are nested deeper than %d", XML_DEPTH_MAX);
        return NULL;
    }
    return g_steal_pointer(&doc);
}

/* --- walking ------------------------------------------------------------------------------- */

void xml_mark(xmlNode *node)
{
    mark(&node->_private);
}

void xml_mark_all(xmlNode *node)
{
    xml_mark(node);
    if (node->type != XML_ELEMENT_NODE)
        return;
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
        mark(&attribute->_private);
    for (xmlNode *child = node->children; child != NULL; child = child->next)
        xml_mark_all(child);
}

void xml_refuse(XmlPlace place)
{
    xmlAttr *attribute =
        place.attribute == NULL ? NULL : xmlHasProp(place.node, (const xmlChar *)place.attribute);
    if (attribute != NULL) {
        attribute->_private = &was_refused;
    } else if (place.attribute == NULL) {
        place.node->_private = &was_refused;
        xml_mark_all(place.node);
    }
}

gboolean xml_is_refused(XmlPlace place)
{
    xmlAttr *attribute = place.node == NULL || place.attribute == NULL
                             ? NULL
                             : xmlHasProp(place.node, (const xmlChar *)place.attribute);
    if (attribute != NULL && attribute->_private == &was_refused)
        return TRUE;
    for (const xmlNode *node = place.node; node != NULL; node = node->parent)
        if (node->_private == &was_refused)
            return TRUE;
    return FALSE;
}

/* The namespaces that tables speak of. */
typedef struct Namespace {
    const char *prefix, *uri;
} Namespace;

static const Namespace namespaces[] = {{XML_PREFIX, XML_NAMESPACE},
                                       {"dnsmasq", XML_DNSMASQ_NAMESPACE}};

/* Takes the prefix off a table's name; NULL: it had none. */
static const Namespace *skip_prefix(const char **name, gsize *length)
{
    for (guint i = 0; i < G_N_ELEMENTS(namespaces); i++) {
        gsize prefix = strlen(namespaces[i].prefix);
        if (*length <= prefix || strncmp(*name, namespaces[i].prefix, prefix) != 0 ||
            (*name)[prefix] != ':')
            continue;
        *name += prefix + 1;
        *length -= prefix + 1;
        return &namespaces[i];
    }
    return NULL;
}

/* NULL: it has none, or one that tables do not speak of. */
static const Namespace *namespace_of(const xmlNode *node)
{
    for (guint i = 0; node->ns != NULL && i < G_N_ELEMENTS(namespaces); i++)
        if (g_strcmp0((const char *)node->ns->href, namespaces[i].uri) == 0)
            return &namespaces[i];
    return NULL;
}

static gboolean is_named(const xmlNode *node, const char *name, gsize length)
{
    if (node->type != XML_ELEMENT_NODE)
        return FALSE;
    const Namespace *wanted = skip_prefix(&name, &length);
    return (wanted != NULL ? namespace_of(node) == wanted : node->ns == NULL) &&
           strncmp((const char *)node->name, name, length) == 0 && node->name[length] == '\0';
}

char *xml_name(const xmlNode *node)
{
    const Namespace *known = namespace_of(node);
    const char *prefix = node->ns == NULL ? NULL : (const char *)node->ns->prefix;
    if (known != NULL)
        prefix = known->prefix;
    return prefix == NULL ? g_strdup((const char *)node->name)
                          : g_strconcat(prefix, ":", (const char *)node->name, NULL);
}

static xmlNs *declare(xmlNode *parent, const Namespace *namespace)
{
    xmlNs *ns = xmlSearchNsByHref(parent->doc, parent, (const xmlChar *)namespace->uri);
    return ns != NULL ? ns
                      : xmlNewNs(xmlDocGetRootElement(parent->doc), (const xmlChar *)namespace->uri,
                                 (const xmlChar *)namespace->prefix);
}

xmlNode *xml_new_child(xmlNode *parent, const char *name)
{
    gsize length = strlen(name);
    const Namespace *namespace = skip_prefix(&name, &length);
    xmlNs *ns = namespace != NULL ? declare(parent, namespace) : NULL;
    /* xmlNewChild() would give it the parent's namespace. */
    xmlNode *child = xmlNewDocNode(parent->doc, ns, (const xmlChar *)name, NULL);
    return xmlAddChild(parent, child);
}

static xmlNode *find_child(xmlNode *parent, const char *name, gsize length, guint position)
{
    for (xmlNode *child = parent->children; child != NULL; child = child->next)
        if (is_named(child, name, length) && --position == 0)
            return child;
    return NULL;
}

/* The attribute that a step's condition names ("name=hpet]…"), when it has that value. */
static xmlAttr *find_condition(const xmlNode *node, const char *condition)
{
    gsize noun = strcspn(condition, "="), length = strcspn(condition, "]") - noun - 1;
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        if (attribute->ns != NULL || strncmp(name, condition, noun) != 0 || name[noun] != '\0')
            continue;
        xmlChar *text = xmlNodeListGetString(node->doc, attribute->children, 1);
        const char *value = text == NULL ? "" : (const char *)text;
        gboolean is_it =
            strlen(value) == length && strncmp(value, condition + noun + 1, length) == 0;
        xmlFree(text);
        return is_it ? attribute : NULL;
    }
    return NULL;
}

/* "timer[name=hpet]": the first of them that has the attribute with that value. */
static xmlNode *find_child_with(xmlNode *parent, const char *name, gsize length,
                                const char *condition)
{
    for (xmlNode *child = parent->children; child != NULL; child = child->next) {
        if (!is_named(child, name, length))
            continue;
        xmlAttr *attribute = find_condition(child, condition);
        if (attribute == NULL)
            continue;
        mark(&attribute->_private);
        return child;
    }
    return NULL;
}

static xmlNode *make_child(xmlNode *parent, const char *name, gsize length, const char *condition)
{
    g_autofree char *noun = g_strndup(name, length);
    xmlNode *child = xml_new_child(parent, noun);
    if (condition == NULL || g_ascii_isdigit(*condition))
        return child;
    g_autofree char *words = g_strndup(condition, strcspn(condition, "]"));
    g_auto(GStrv) pair = g_strsplit(words, "=", 2);
    xmlSetProp(child, (const xmlChar *)pair[0], (const xmlChar *)pair[1]);
    return child;
}

static XmlPlace walk(xmlNode *node, const char *path, gboolean make)
{
    while (node != NULL && *path != '@' && *path != '.' && *path != '\0') {
        gsize length = strcspn(path, "[/");
        const char *condition = path[length] == '[' ? path + length + 1 : NULL;
        const char *rest = condition == NULL ? path + length : strchr(condition, ']') + 1;
        xmlNode *child = NULL;
        if (condition == NULL || g_ascii_isdigit(*condition))
            child =
                find_child(node, path, length,
                           condition == NULL ? 1 : (guint)g_ascii_strtoull(condition, NULL, 10));
        else
            child = find_child_with(node, path, length, condition);
        if (child == NULL && make)
            child = make_child(node, path, length, condition);
        node = child;
        if (node != NULL)
            xml_mark(node);
        path = *rest == '/' ? rest + 1 : rest;
    }
    return (XmlPlace){node, *path == '@' ? path + 1 : NULL};
}

XmlPlace xml_find(xmlNode *node, const char *path)
{
    return walk(node, path, FALSE);
}

XmlPlace xml_make(xmlNode *node, const char *path)
{
    return walk(node, path, TRUE);
}

xmlNode *xml_next_like(const xmlNode *node, const char *path)
{
    const char *last = strrchr(path, '/');
    const char *step = last == NULL ? path : last + 1;
    gsize length = strcspn(step, "[");
    const char *condition =
        step[length] == '[' && !g_ascii_isdigit(step[length + 1]) ? step + length + 1 : NULL;
    for (xmlNode *next = node->next; next != NULL; next = next->next)
        if (is_named(next, step, length) &&
            (condition == NULL || find_condition(next, condition) != NULL))
            return next;
    return NULL;
}

static void collect(xmlNode *node, const char *path, GPtrArray *found)
{
    if (*path == '\0') {
        g_ptr_array_add(found, node);
        return;
    }
    gsize length = strcspn(path, "/");
    const char *rest = path[length] == '/' ? path + length + 1 : path + length;
    for (xmlNode *child = node->children; child != NULL; child = child->next) {
        if (!is_named(child, path, length))
            continue;
        if (*rest != '\0')
            xml_mark(child);
        collect(child, rest, found);
    }
}

GPtrArray *xml_children(xmlNode *node, const char *path)
{
    GPtrArray *found = g_ptr_array_new();
    collect(node, path, found);
    return found;
}

guint xml_position(const xmlNode *node, gboolean *ret_is_only)
{
    guint before = 0;
    gboolean is_last = TRUE;
    g_autofree char *name = xml_name(node);
    gsize length = strlen(name);
    for (const xmlNode *other = node->prev; other != NULL; other = other->prev)
        before += is_named(other, name, length) ? 1 : 0;
    for (const xmlNode *other = node->next; other != NULL && is_last; other = other->next)
        is_last = !is_named(other, name, length);
    if (ret_is_only != NULL)
        *ret_is_only = before == 0 && is_last;
    return before + 1;
}

char *xml_path(const xmlNode *node, const xmlAttr *attribute)
{
    g_autoptr(GString) path = g_string_new(node->type == XML_TEXT_NODE ? "/text()" : NULL);
    if (node->type == XML_TEXT_NODE)
        node = node->parent;
    for (; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent) {
        gboolean is_only = TRUE;
        guint position = xml_position(node, &is_only);
        g_autofree char *number = is_only ? g_strdup("") : g_strdup_printf("[%u]", position);
        g_autofree char *name = xml_name(node);
        g_autofree char *part = g_strdup_printf("/%s%s", name, number);
        g_string_prepend(path, part);
    }
    if (attribute != NULL)
        g_string_append_printf(path, "/@%s", (const char *)attribute->name);
    return g_string_free(g_steal_pointer(&path), FALSE);
}

static gboolean is_unread_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE && node->_private == NULL && !xmlIsBlankNode(node);
}

static void each_unread(xmlNode *node, XmlUnread each, gpointer data)
{
    if (node->_private == NULL) {
        each(node, NULL, data);
        return;
    }
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
        if (attribute->_private == NULL)
            each(node, attribute, data);
    gboolean has_text = FALSE;
    for (xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type == XML_ELEMENT_NODE)
            each_unread(child, each, data);
        else if (is_unread_text(child) && !has_text) {
            has_text = TRUE;
            each(child, NULL, data);
        }
    }
}

void xml_each_unread(xmlNode *root, XmlUnread each, gpointer data)
{
    each_unread(root, each, data);
}

/* --- values -------------------------------------------------------------------------------- */

char *xml_text(XmlPlace place)
{
    if (place.node == NULL)
        return NULL;
    if (place.attribute != NULL) {
        xmlAttr *attribute = xmlHasProp(place.node, (const xmlChar *)place.attribute);
        if (attribute == NULL || attribute->ns != NULL)
            return NULL;
        mark(&attribute->_private);
    } else {
        for (xmlNode *child = place.node->children; child != NULL; child = child->next)
            if (child->type == XML_TEXT_NODE)
                xml_mark(child);
    }
    xmlChar *text = place.attribute != NULL
                        ? xmlGetNoNsProp(place.node, (const xmlChar *)place.attribute)
                        : xmlNodeGetContent(place.node);
    char *copy = g_strdup((const char *)text);
    xmlFree(text);
    return copy;
}

gboolean xml_is_empty(XmlPlace place)
{
    g_autofree char *text = xml_text(place);
    return text != NULL && *text == '\0' &&
           (place.attribute != NULL ||
            (place.node->properties == NULL && xmlFirstElementChild(place.node) == NULL));
}

void xml_set_text(XmlPlace place, const char *text)
{
    if (place.attribute != NULL)
        xmlSetProp(place.node, (const xmlChar *)place.attribute, (const xmlChar *)text);
    else
        xmlNodeAddContent(place.node, (const xmlChar *)text);
}

/* Takes out the spaces that are only there to show the structure, as xml_write() puts them in: of
 * elements that have nothing else between their children. */
static void drop_indentation(xmlNode *node)
{
    gboolean has_elements = FALSE, has_text = FALSE;
    for (xmlNode *child = node->children; child != NULL; child = child->next) {
        has_elements |= child->type == XML_ELEMENT_NODE;
        has_text |= child->type != XML_ELEMENT_NODE && !xmlIsBlankNode(child);
    }
    for (xmlNode *child = node->children, *next; child != NULL; child = next) {
        next = child->next;
        if (child->type == XML_ELEMENT_NODE) {
            drop_indentation(child);
        } else if (has_elements && !has_text) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        }
    }
}

char *xml_to_text(xmlNode *node)
{
    /* The copy declares the namespaces that its ancestors declared, so it can stand alone. */
    g_autoptr(xmlDoc) doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *copy = xmlDocCopyNode(node, doc, 1);
    xmlDocSetRootElement(doc, copy);
    drop_indentation(copy);
    xmlBuffer *buffer = xmlBufferCreate();
    xmlNodeDump(buffer, doc, copy, 0, 0);
    char *text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

gboolean xml_append_text(xmlNode *parent, const char *text, GError **error)
{
    xmlNode *nodes = NULL;
    xmlParserErrors result =
        xmlParseInNodeContext(parent, text, (int)strlen(text),
                              XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING, &nodes);
    if (result != XML_ERR_OK) {
        xmlFreeNodeList(nodes);
        return fail(error, VIR_ERR_INTERNAL_ERROR, "what was kept is not XML any more: %s", text);
    }
    xmlNode *last = xmlAddChildList(parent, nodes);
    /* A namespace of tables is declared once, at the root. */
    for (xmlNode *node = nodes; node != NULL; node = node == last ? NULL : node->next)
        if (namespace_of(node) != NULL) {
            (void)declare(parent, namespace_of(node));
            (void)xmlDOMWrapReconcileNamespaces(NULL, node, 1 /* remove what is redundant */);
        }
    return TRUE;
}

/* --- writing ------------------------------------------------------------------------------- */

static void write_escaped(GString *out, const char *text, gboolean is_attribute)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '\r':
            g_string_append(out, "&#13;");
            break;
        case '\'':
        case '\n':
        case '\t':
            /* Unescaped, a parser reads line ends and tabs of an attribute as spaces. */
            if (is_attribute)
                g_string_append_printf(out, "&#%d;", *text);
            else
                g_string_append_c(out, *text);
            break;
        default:
            g_string_append_c(out, *text);
        }
    }
}

static void write_name(GString *out, const xmlNs *ns, const xmlChar *name)
{
    if (ns != NULL && ns->prefix != NULL)
        g_string_append_printf(out, "%s:", (const char *)ns->prefix);
    g_string_append(out, (const char *)name);
}

static void write_tag(GString *out, const xmlNode *node)
{
    g_string_append_c(out, '<');
    write_name(out, node->ns, node->name);
    for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next) {
        g_string_append(out, " xmlns");
        if (ns->prefix != NULL)
            g_string_append_printf(out, ":%s", (const char *)ns->prefix);
        g_string_append(out, "='");
        write_escaped(out, ns->href == NULL ? "" : (const char *)ns->href, TRUE);
        g_string_append_c(out, '\'');
    }
    for (const xmlAttr *attribute = node->properties; attribute != NULL;
         attribute = attribute->next) {
        xmlChar *value = xmlNodeListGetString(node->doc, attribute->children, 1);
        g_string_append_c(out, ' ');
        write_name(out, attribute->ns, attribute->name);
        g_string_append(out, "='");
        write_escaped(out, value == NULL ? "" : (const char *)value, TRUE);
        g_string_append_c(out, '\'');
        xmlFree(value);
    }
}

static gboolean has_text(const xmlNode *node)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type == XML_TEXT_NODE)
            return TRUE;
    return FALSE;
}

static void write_node(GString *out, const xmlNode *node, gint depth)
{
    if (node->type == XML_TEXT_NODE) {
        write_escaped(out, (const char *)node->content, FALSE);
        return;
    }
    if (node->type == XML_COMMENT_NODE) {
        g_string_append_printf(out, "<!--%s-->", (const char *)node->content);
        return;
    }
    if (node->type != XML_ELEMENT_NODE)
        return;
    write_tag(out, node);
    if (node->children == NULL) {
        g_string_append(out, "/>");
        return;
    }
    g_string_append_c(out, '>');
    gboolean is_plain = depth < 0 || has_text(node); /* depth < 0: white space is content here */
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (!is_plain)
            g_string_append_printf(out, "\n%*s", (depth + 1) * 2, "");
        write_node(out, child, is_plain ? -1 : depth + 1);
    }
    if (!is_plain)
        g_string_append_printf(out, "\n%*s", depth * 2, "");
    g_string_append(out, "</");
    write_name(out, node->ns, node->name);
    g_string_append_c(out, '>');
}

char *xml_write(xmlNode *root)
{
    GString *out = g_string_new(NULL);
    write_node(out, root, 0);
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}
