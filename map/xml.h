/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML: read without trust, walked by the paths of table rows, written as libvirt writes it.
 * Private to map/, and to domain/native.c, whose documents are VirtualBox's. */
#pragma once
#include <libxml/tree.h>
#include "base/error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

/* What libvirt has no word for stands in elements of this namespace; in tables "vbox:audio".  Its
 * prefix in a document may be another one. */
#define XML_NAMESPACE "urn:vboxvirt:1"
#define XML_PREFIX "vbox"
/* libvirt's own for its DNS and DHCP server, which tables refuse: "dnsmasq:options". */
#define XML_DNSMASQ_NAMESPACE "http://libvirt.org/schemas/network/dnsmasq/1.0"

/* Deeper documents are refused; libvirt's own are at most 12 deep. */
#define XML_DEPTH_MAX 64

/* Reads a document whose root must be of that name; NULL: of any. */
xmlDoc *xml_read(const char *text, const char *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A place: a node, and an attribute's name when the path ends in one; node NULL: not there. */
typedef struct XmlPlace {
    xmlNode *node;
    const char *attribute;
} XmlPlace;

/* Finds a row's path below a node; marks the nodes on the way as read.  The place's attribute may
 * still be missing. */
XmlPlace xml_find(xmlNode *node, const char *path);
/* The same, and makes what is missing. */
XmlPlace xml_make(xmlNode *node, const char *path);

/* The next sibling that the last step of a path means as well, where the path found a node: of
 * "listen[2]" each after it, of "timer[name=tsc]" each that has this name too; NULL: none. */
xmlNode *xml_next_like(const xmlNode *node, const char *path);

/* Appends a new child of that name, of a table's: "interface", "vbox:audio". */
xmlNode *xml_new_child(xmlNode *parent, const char *name);

/* An element's name, as tables say it; of a namespace that they do not know, with the document's
 * prefix.
 * Owned by the caller. */
char *xml_name(const xmlNode *node);

/* The children at a path of plain names ("devices/interface"), through all parents of that name;
 * "" is the node itself.  Free the array. */
GPtrArray *xml_children(xmlNode *node, const char *path);

/* The text of a place, marked as read; NULL: there is none.  Owned by the caller. */
char *xml_text(XmlPlace place);
/* Whether an element has nothing in it, or an attribute no text; then it is marked as read. */
gboolean xml_is_empty(XmlPlace place);
void xml_set_text(XmlPlace place, const char *text);

/* The position of a node among its siblings of the same name, from 1. */
guint xml_position(const xmlNode *node, gboolean *ret_is_only);

/* Marks a node, its attributes and all below it as read. */
void xml_mark_all(xmlNode *node);
void xml_mark(xmlNode *node);

/* Marks an attribute, or a node and all below it, as refused: that counts as read, and nothing else
 * is to be said about it. */
void xml_refuse(XmlPlace place);
/* Whether a place was refused, or stands in what was. */
gboolean xml_is_refused(XmlPlace place);

/* The path of a node, of its attribute, for messages.  Owned by the caller. */
char *xml_path(const xmlNode *node, const xmlAttr *attribute);

/* Calls each() for every node, attribute or text that nobody read, in the document's order; not for
 * what stands in one of them. */
typedef void (*XmlUnread)(const xmlNode *node, const xmlAttr *attribute, gpointer data);
void xml_each_unread(xmlNode *root, XmlUnread each, gpointer data);

/* A node with its namespaces as text, and back: appended to a parent. */
char *xml_to_text(xmlNode *node);
gboolean xml_append_text(xmlNode *parent, const char *text,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole document: two spaces a level, single quotes; nodes with text in them are kept as they
 * are. */
char *xml_write(xmlNode *root);
