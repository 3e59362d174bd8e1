/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Map: one table of rows that parses XML, applies it to VirtualBox, reads it back and formats it.
 *
 * Theory of operation.  A Schema is a document (<domain>) and a list of Elements.  An Element is a
 * place in the document (devices/interface), a C struct (Nic) whose first member is an Item, and a
 * table of Fields.  A Field is one row: a place below the element in the XML, a member of the
 * struct, an attribute of VirtualBox, and a Kind that converts between the three.  A Model is the
 * content of one document or machine: for each element the list of its items.
 *
 *             map_parse            map_prepare, map_apply
 *      XML  ───────────▶  Model  ─────────────────────────▶  VirtualBox
 *           ◀───────────         ◀─────────────────────────
 *             map_format           map_read
 *
 * Row order is apply order and format order (KEY rows are parsed before the others).  A member
 * that is absent (NULL, SWITCH_ABSENT, NUMBER_ABSENT) is neither applied nor formatted.  A value
 * is set only when it differs from what VirtualBox has.  What no row reads is refused by
 * map_parse(), with its path.  What is irregular is a function: of a row (HOOK), or of the element
 * (check, look, prepare, apply, read, finish). */
#pragma once
#include <libxml/tree.h>
#include "map/refusals.h"
#include "vbox/vbox.h"

typedef struct Field Field;
typedef struct Element Element;
typedef struct Schema Schema;
typedef struct Kind Kind;
typedef struct Item Item;
typedef struct Model Model;
typedef struct MapContext MapContext;

typedef enum Switch { SWITCH_ABSENT, SWITCH_YES, SWITCH_NO } Switch;
#define NUMBER_ABSENT G_MININT64
#define SLOT_NONE G_MAXUINT

/* A word of the XML and the enum constant in the type library that it means.  Of several with one
 * constant the first is what a dump says, the others are aliases; of several with one word the
 * first constant is what a definition sets.  An alias that ends with '-' stands for all words that
 * begin so ("pc-q35-" for "pc-q35-9.2").  The list ends with END. */
typedef struct Word {
    const char *word, *constant;
} Word;
#define END {0}

/* What goes to and comes from VirtualBox.  Zero it, then value_clear() it. */
typedef struct Value {
    gboolean is_absent; /* this machine has no such thing: a getter may answer so */
    gboolean is_text;
    gint64 number; /* integers, enums, booleans */
    char *text;
} Value;
void value_clear(Value *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Value, value_clear)

typedef gboolean (*FieldGet)(MapContext *context, Object *object, const Field *field,
                             Value *ret_value, GError **error);
typedef gboolean (*FieldSet)(MapContext *context, Object *object, const Field *field,
                             const Value *value, GError **error);

struct Field {
    const char *path;      /* below the element: "@type", "mac/@address", "title", "boot[2]/@dev",
                            * "timer[name=hpet]/@present"; "." its own text; NULL: not in the XML */
    gsize offset;          /* of the member; G_MAXSIZE: none (FIXED, REFUSE, IGNORE) */
    const char *attribute; /* from the element's object: "MACAddress", dotted through objects,
                            * alternatives of other versions after '|'; NULL: none.  With get or
                            * set it is only what the docs say. */
    const Kind *kind;
    const Word *words;     /* of WORD */
    const char *enum_type; /* of WORD, other versions' after '|'; NULL: constants are the
                            * attribute's own text or number */
    gint64 min, max;       /* of NUMBER, SIZE; both 0: whatever the attribute can hold */
    gint64 scale;          /* of SIZE: KiB that one of the attribute's unit has; of HEX: how many
                            * digits it is written with at least (0: four) */
    const char *text;      /* of FIXED: the text.  Of REFUSE, IGNORE: the reason */
    const char *when;      /* applies only when the KEY row has one of these words ('|' between) */
    const char *fallback;  /* what a definition without it means; NULL: leave it as it is */
    FieldGet get;
    FieldSet set;
    guint arg;         /* for get and set */
    gboolean key;      /* selects which rows with `when` apply */
    gboolean required; /* an XML without it is refused */
    gboolean quiet;    /* not formatted when it is the fallback */
    gboolean hot;      /* can be changed while the machine runs */
    gboolean keep;     /* VirtualBox has no field for it: kept in extra data, shown again */
    gboolean live;     /* only in the active XML; accepted and ignored in a definition */
    gboolean secret;   /* formatted only on request */
    gboolean input;    /* another spelling: read, never written */
    gboolean nocase;   /* of WORD: the XML's case does not matter */
    gboolean or_none;  /* absent is a value too: there is none, not: leave it as it is */
    gboolean blank;    /* of an attribute, or REFUSE: an empty text is as good as none */
    gboolean filled;   /* of an element's own text: an empty one is not, as it is else */
    gboolean identity; /* says which device it is, to detach and update it */
};

/* Rows.  After the attribute: a kind, then what else holds, in any order. */
#define F(xml, Struct, member, vbox, ...) \
    {.path = xml, .offset = G_STRUCT_OFFSET(Struct, member), .attribute = vbox, __VA_ARGS__}
/* Accepted only with this text, which a dump shows, and what else holds. */
#define FIXED(xml, ...) {.path = xml, .offset = G_MAXSIZE, .kind = &kind_fixed, .text = __VA_ARGS__}
/* Known to libvirt, not to VirtualBox: refused with the reason, a half sentence or "". */
#define REFUSE(xml, ...) \
    {.path = xml, .offset = G_MAXSIZE, .kind = &kind_refuse, .text = __VA_ARGS__}
/* Accepted without effect and not shown again, as libvirt itself does; the reason is for the docs.
 */
#define IGNORE(xml, ...) \
    {.path = xml, .offset = G_MAXSIZE, .kind = &kind_ignore, .text = __VA_ARGS__}

/* Kinds, and the member that each needs. */
extern const Kind kind_text, kind_number, kind_hex, kind_size, kind_bytes, kind_yes_no, kind_on_off,
    kind_up_down, kind_present, kind_word, kind_mac, kind_any_mac, kind_alias, kind_uuid,
    kind_subtree, kind_subtrees, kind_fixed, kind_refuse, kind_ignore;
#define STR .kind = &kind_text                                          /* char * */
#define NUMBER(low, high) .kind = &kind_number, .min = low, .max = high /* gint64 */
#define HEX(low, high) .kind = &kind_hex, .min = low, .max = high       /* gint64, as 0x0000 */
#define DIGITS(count) .scale = count                                    /* of HEX */
#define SIZE(kib) .kind = &kind_size, .scale = kib /* gint64, KiB; has @unit in the XML */
#define BYTES .kind = &kind_bytes                  /* gint64, bytes; has @unit in the XML */
#define YESNO .kind = &kind_yes_no                 /* Switch */
#define ONOFF .kind = &kind_on_off                 /* Switch */
#define UPDOWN .kind = &kind_up_down               /* Switch */
#define PRESENT .kind = &kind_present              /* Switch; absence in the XML is NO */
#define WORD(list, type) .kind = &kind_word, .words = list, .enum_type = type /* const char * */
#define MAC .kind = &kind_mac         /* char *, 08:00:27:aa:bb:cc */
#define ANY_MAC .kind = &kind_any_mac /* the same, or multicast */
/* What a MAC is, and an ANY_MAC need not be; libvirt's words. */
gboolean mac_check_unicast(const char *mac, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* char *: a client's own name of a device ("ua-…"); another one is as good as none */
#define ALIAS .kind = &kind_alias
#define UUID .kind = &kind_uuid       /* char *, canonical */
#define SUBTREE .kind = &kind_subtree /* char *, XML: the element as it is */
/* char *, XML: all elements of that name below the place, as they are */
#define SUBTREES .kind = &kind_subtrees

/* What else holds of a row. */
#define KEY .key = TRUE
#define REQUIRED .required = TRUE
#define QUIET .quiet = TRUE
#define HOT .hot = TRUE
#define KEEP .keep = TRUE
#define LIVE .live = TRUE
#define SECRET .secret = TRUE
#define INPUT .input = TRUE
#define NOCASE .nocase = TRUE
#define OR_NONE .or_none = TRUE
#define BLANK .blank = TRUE
#define FILLED .filled = TRUE
#define IDENTITY .identity = TRUE
#define WHEN(words) .when = words
#define FALLBACK(text) .fallback = text
/* Without a getter the attribute is read, without a setter nothing is set. */
#define HOOK(getter, setter, argument) .get = getter, .set = setter, .arg = argument

/* Order of applying: what VirtualBox does not take back wholly comes late, and last what saves all
 * settings with it (extra data), so that nothing can fail after it. */
enum { LATE = 1, LAST };

struct Element {
    const char *path;      /* below the root: "devices/interface"; "" is the root itself */
    const char *select;    /* only nodes with one of these: "type=ide|sata"; an absent attribute is
                            * the first; NULL: all */
    const char *interface; /* of the object that its attributes start from: "INetworkAdapter" */
    const char *about;     /* a sentence or more for the docs */
    gsize size;            /* of the struct */
    const Field *fields;
    gboolean single; /* always exactly one item, whether the XML has it or not */
    gboolean hot;    /* items can come and go while the machine runs */
    guint late;      /* applied after all others: LATE, LAST */
    guint max;       /* most that a document may have; 0: no limit of its own */

    /* Numbered places in VirtualBox: NICs, ports.  slots says how many there are (the machine may
     * be NULL), slot opens one (owned by the caller), enabled is the attribute that switches one
     * on; NULL: it always is. */
    gboolean (*slots)(MapContext *context, guint *ret_count, GError **error);
    Object *(*slot)(MapContext *context, guint slot, GError **error);
    const char *enabled;

    /* After all is parsed: whether it makes sense, and what it implies.  Without VirtualBox. */
    gboolean (*check)(Model *model, Item *item, GError **error);
    /* Whether VirtualBox (the machine is NULL when it is to be made) and the host can have this
     * item, as far as it shows by itself; notes in it what they say.  Asked of all items before any
     * is prepared, and of a definition that is refused for other reasons, so that all are told at
     * once: no check need have seen the item then, what others say may not be known, and rows of
     * its own that were refused are absent. */
    gboolean (*look)(MapContext *context, Item *item, GError **error);
    /* Before anything is changed: what depends on other items, and refuses what cannot work with
     * them; gives each item its slot. */
    gboolean (*prepare)(MapContext *context, GPtrArray *items, GError **error);
    /* Instead of the standard apply and read (single, or by slots). */
    gboolean (*apply)(MapContext *context, GPtrArray *items, GError **error);
    gboolean (*read)(MapContext *context, GPtrArray *items, GError **error);
    /* After an item's rows were read: from VirtualBox's terms to the XML's. */
    gboolean (*finish)(MapContext *context, Item *item, GError **error);
    /* Names an item's group in the kept data; owned by the caller.  NULL: "interface 0". */
    char *(*name)(const Item *item);
    /* Frees what the struct has besides its rows' members. */
    void (*clear)(Item *item);
    /* The attributes that these functions read and set, for the docs: "IUSBDeviceFilter.active
     * IMachine.getBootOrder", or "IGraphicsAdapter.isFeatureEnabled(Acceleration3D)".  Those of the
     * rows and of `enabled` are known. */
    const char *serves;
};

struct Schema {
    const char *root;               /* the document's element: "domain" */
    const Element *const *elements; /* in apply and format order; ends with NULL */
    const char *store;              /* extra data key of what KEEP rows keep */
};

/* The head of each element's struct. */
struct Item {
    const Schema *schema;
    const Element *element;
    guint number;           /* its place among its like in the XML, from 1; 0: it is not from XML */
    gboolean is_only;       /* it has no siblings of its name: paths leave the number out */
    gboolean is_incomplete; /* a row of it was refused: what it says is not known */
    gboolean is_hidden;     /* VirtualBox has it, the XML cannot say it: not formatted */
    guint slot;             /* its place in VirtualBox, SLOT_NONE until prepare */
};

/* --- models -------------------------------------------------------------------------------- */

Model *model_new(const Schema *schema);
void model_free(Model *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Model, model_free)

const Schema *model_schema(const Model *self);

/* The items of an element (Item *), in XML order; the array owns them.  Borrowed. */
GPtrArray *model_items(Model *self, const Element *element);

/* The item of a single element, or the first; NULL: none. */
gpointer model_first(Model *self, const Element *element);

/* Makes an item, all absent, and appends it. */
gpointer model_add(Model *self, const Element *element);

/* "/domain/devices/interface[2]", with "/mac/@address" of a field; for messages.  Owned. */
char *item_path(const Item *item, const Field *field);

/* Each row of an element. */
#define FIELDS(element, field) \
    for (const Field *field = (element)->fields; field->kind != NULL; field++)

/* The row with that XML path (and member, when several share it); aborts when there is none. */
const Field *element_field(const Element *element, const char *path);

/* The word of a WORD row for what VirtualBox has; NULL: none.  Static. */
const char *field_word(const Field *field, const Value *value);

/* Whether an item has another value in a row than what leaving it out means. */
gboolean field_is_said(const Field *field, const Item *item);

/* A row's member in an item that has it: *FIELD_MEMBER(item, field, gint64). */
#define FIELD_MEMBER(item, field, Type) (&G_STRUCT_MEMBER(Type, item, (field)->offset))

/* Whether a text is one of the words of a list like "bridge|network". */
gboolean words_have(const char *list, const char *word);

/* --- XML ---------------------------------------------------------------------------------- */

/* Reads a document: no network, no DTD, no entities, bounded depth.  Everything that no row of the
 * schema reads is refused with its path; then all items are checked.
 * Errors: VIR_ERR_XML_DETAIL (not well-formed), VIR_ERR_XML_ERROR (a value or something missing),
 * VIR_ERR_CONFIG_UNSUPPORTED. */
Model *map_parse(const Schema *schema, const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, of which all is read, whatever is refused: why is added to refusals, and items that are
 * not known say so.  NULL, with error: it is not well-formed. */
Model *map_parse_all(const Schema *schema, const char *xml, Refusals *refusals,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One element of a document by itself, as it stands below parent ("devices"): a device.  Its rows
 * are parsed, but not checked against others.  *ret_item: it, in the model. */
Model *map_parse_part(const Schema *schema, const char *parent, const char *xml, Item **ret_item,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a SUBTREES row has, by a schema of its own; place: of what they stand in, for messages. */
Model *map_parse_inner(const Schema *schema, const char *inner, const char *place,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The items that are meant by a part: those with the same values in all IDENTITY rows that it has,
 * or, when it has none (*ret_by_identity FALSE), in all of its rows.  Free the array. */
GPtrArray *map_match(Model *model, const Item *like, gboolean *ret_by_identity);

/* The text of an item's row at an XML path; NULL: it has none.  Owned by the caller. */
char *item_text(const Item *item, const char *path);

/* The item that has this text in the row at an XML path ("alias/@name"); NULL: none has. */
Item *map_find_item(Model *model, const char *path, const char *text);

typedef enum MapFormat {
    MAP_ACTIVE = 1 << 0, /* rows with LIVE as well */
    MAP_SECURE = 1 << 1, /* rows with SECRET as well */
} MapFormat;

/* The document as libvirt writes one.  Owned by the caller. */
char *map_format(Model *model, guint flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What stands in the document, for a SUBTREES row; NULL without an error: nothing. */
char *map_format_inner(Model *model, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- VirtualBox ---------------------------------------------------------------------------- */

/* Resolves all attributes and words in the type library; once, after vbox_start() and before the
 * first context.  What this VirtualBox lacks is appended to report, a line a row: the place, ": ",
 * what a definition cannot say there, and the name that is missing.  Such a row is absent in a
 * dump, and refused in a definition unless it is the fallback.  FALSE: some are lacking. */
gboolean map_bind(const Schema *schema, GString *report);

/* One operation on one machine.  machine: what is read, or a session's to change; NULL: it is yet
 * to be made (only map_prepare(), then map_context_set_machine()). */
MapContext *map_context_new(Model *model, Object *machine);
void map_context_free(MapContext *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MapContext, map_context_free)

Object *map_machine(const MapContext *self);
/* From now on another object is the machine: the session's.  Forgets all objects. */
void map_context_set_machine(MapContext *self, Object *machine);
Model *map_model(const MapContext *self);

/* Calls action(data) when the context ends without map_commit(), the last first; or in
 * map_commit().  Takes data over: it is freed in either case. */
void map_on_failure(MapContext *self, void (*action)(gpointer data), gpointer data,
                    GDestroyNotify free);
void map_on_success(MapContext *self, void (*action)(gpointer data), gpointer data,
                    GDestroyNotify free);
void map_commit(MapContext *self);

/* What an element's functions remember during one operation, by a key of their own. */
gpointer map_data(MapContext *self, const char *key);
void map_set_data(MapContext *self, const char *key, gpointer data, GDestroyNotify free);

/* An object that this operation fetched before; NULL: none.  By what it came from, and a name and
 * number of the caller's.  Borrowed. */
Object *map_cached(MapContext *self, Object *from, gconstpointer tag, guint number);
/* What a getter of names.def that returns an object has; fetched once.  Borrowed. */
gboolean map_object(MapContext *self, Object *from, VboxName getter, Object **ret_object,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Keeps object (taken over) for map_cached(); returns it, borrowed.  NULL is passed through. */
Object *map_cache(MapContext *self, Object *from, gconstpointer tag, guint number, Object *object);

/* Fills an empty model from the machine. */
gboolean map_read(MapContext *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Asks VirtualBox of each item by itself; what it refuses is added to refusals. */
void map_look(MapContext *self, Refusals *refusals);

/* Looks at all items, then runs every element's prepare. */
gboolean map_prepare(MapContext *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the machine what the model says.  Saving is the caller's. */
gboolean map_apply(MapContext *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Applies these elements only (Element *); of late ones, all when it is one. */
gboolean map_apply_some(MapContext *self, const GPtrArray *elements,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a machine lacks of what is wanted: calls each() for every row that differs, for items that
 * are to come (is NULL) and to go (wanted NULL), which have field NULL.  FALSE from it ends all.
 * Both were parsed, and prepared for the same machine. */
typedef gboolean (*MapDifference)(const Item *is, const Item *wanted, const Field *field,
                                  gpointer data, GError **error);
gboolean map_compare(Model *is, Model *wanted, MapDifference each, gpointer data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts into a model the IDENTITY rows that its XML left open and that prepare() filled in another
 * one of the same XML. */
void map_fill(Model *self, Model *prepared);

/* Writes what KEEP rows keep into the machine's extra data, when it changed.  VirtualBox saves all
 * settings with it, *ret_saved TRUE then: the last step. */
gboolean map_keep(MapContext *self, gboolean *ret_saved, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For an element's own functions: the rows of one item, from and to one object of VirtualBox (of
 * the element's interface), and one row. */
gboolean map_read_item(MapContext *self, Item *item, Object *object,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean map_apply_item(MapContext *self, Item *item, Object *object,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The standard prepare of elements with slots: an item that has none gets the lowest free one. */
gboolean map_place(MapContext *self, GPtrArray *items, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One of an element's slots, fetched once per operation.  Borrowed. */
Object *map_slot(MapContext *self, const Element *element, guint slot,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- what tables tell ---------------------------------------------------------------------- */

/* The words of the row at an XML path, in table order, aliases left out, and those left out that
 * this VirtualBox lacks (when it is loaded).  Free the array, not the words. */
GPtrArray *map_words(const Element *element, const char *path);

/* Whether a definition may have it: a row, not a refusal, at "os/firmware/feature[name=x]/@enabled"
 * below the root. */
gboolean map_takes(const Schema *schema, const char *path);

/* docs/mapping.md's part about a schema. */
void map_docs(const Schema *schema, GString *markdown);

/* What no row maps, in three kinds of lines; the table ends with an interface NULL. */
typedef struct Unmapped {
    const char *interface;
    const char *attributes; /* NULL: docs/mapping.md lists this interface's attributes.  With
                             * enum_type: the getter of a value for each of its constants */
    const char *enum_type;
    const char *reason; /* why these attributes (blanks between) are not mapped */
} Unmapped;

/* docs/mapping.md's part about the attributes of the table's interfaces, by a type library: each is
 * mapped by rows, or not mapped for a reason, or unmapped.  What is neither, and what the table
 * says of mapped or unknown ones, is appended to problems, a line each. */
void map_coverage(const Schema *schema, const Typelib *typelib, const Unmapped *table,
                  GString *markdown, GString *problems);

typedef enum MapDirection { MAP_PARSE, MAP_APPLY, MAP_READ, MAP_FORMAT } MapDirection;
#define MAP_DIRECTIONS 4

/* Counts how often each row was used in each direction, from now on.  For tests. */
void map_hits_start(void);
/* A line each row: path, row, the four counts, separated by tabs. */
char *map_hits_report(const Schema *schema);
