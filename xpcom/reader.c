/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reader: one .xpt file's bytes into interfaces.
 *
 * Theory of operation.  A file is a header, a directory of interfaces, and a data pool that holds
 * their names and descriptors; all numbers are big-endian.  Nothing is trusted:
 *
 * - A Cursor yields zeros past the end and remembers that it ran over, so that reading needs no
 *   check a byte; whoever takes memory for a count checks first that the rest can hold that many.
 * - Descriptors of an honest file do not overlap.  The bytes of all descriptors together may
 *   therefore not exceed the file's length, which bounds both time and memory of a directory whose
 *   entries all point at the same large descriptor.
 * - Names are short C identifiers inside the file, used in place.
 *
 * An entry without a descriptor only names an interface that another file defines.  The first
 * definition of a name wins. */
#include <string.h>
#include "base/error.h"
#include "xpcom/reader.h"

#define MAGIC "XPCOM\nTypeLib\r\n\x1a"
#define MAGIC_BYTES 16
#define ENTRY_BYTES 28
#define METHOD_BYTES_MIN 8 /* flags, name, count, and a result of flags and tag */
#define CONSTANT_BYTES_MIN 6
#define PARAM_BYTES_MIN 2
#define NAME_BYTES_MAX 255

#define METHOD_FLAG_GETTER 0x80
#define METHOD_FLAG_SETTER 0x40
#define METHOD_FLAG_NOTXPCOM 0x20
#define METHOD_FLAG_HIDDEN 0x08
#define PARAM_FLAG_IN 0x80
#define PARAM_FLAG_OUT 0x40
#define TYPE_FLAG_POINTER 0x80
#define TYPE_TAG_MASK 0x1f

typedef struct Cursor {
    const guint8 *data;
    gsize length;
    gsize at;
    gboolean is_over; /* something was read past the end */
} Cursor;

typedef struct Reader {
    const guint8 *data;
    gsize length;
    gsize pool;
    gsize budget; /* what is left for descriptors, see above */
    guint n_entries;
    Interface **entries;
} Reader;

/* A parameter as the file has it, the arrays' counts included. */
typedef struct RawParam {
    guint8 flags;
    guint8 tag;
    gboolean is_pointer;
    gboolean is_array;
    gboolean is_nested; /* an array of arrays */
    guint8 size_is;
    Interface *interface;
} RawParam;

static gsize cursor_left(const Cursor *self)
{
    return self->length - self->at;
}

static guint64 cursor_read(Cursor *self, guint bytes)
{
    if (cursor_left(self) < bytes) {
        self->at = self->length;
        self->is_over = TRUE;
        return 0;
    }
    guint64 value = 0;
    for (guint i = 0; i < bytes; i++)
        value = value << 8 | self->data[self->at++];
    return value;
}

/* A name by its 1-based offset in the data pool; NULL: it is none. */
static const char *read_name(const Reader *self, guint64 offset)
{
    gsize at = self->pool + offset - 1;
    if (offset == 0 || at >= self->length)
        return NULL;
    const char *name = (const char *)self->data + at;
    gsize most = MIN(self->length - at, NAME_BYTES_MAX + 1);
    gsize n = 0;
    while (n < most && (g_ascii_isalnum(name[n]) || name[n] == '_'))
        n++;
    return n > 0 && n < most && name[n] == '\0' ? name : NULL;
}

static Interface *read_interface_index(const Reader *self, Cursor *cursor)
{
    guint64 index = cursor_read(cursor, 2);
    return index == 0 || index > self->n_entries ? NULL : self->entries[index - 1];
}

static void read_type(const Reader *self, Cursor *cursor, RawParam *ret_param)
{
    guint64 byte = cursor_read(cursor, 1);
    while ((byte & TYPE_TAG_MASK) == TYPE_ARRAY && !cursor->is_over) {
        ret_param->is_nested = ret_param->is_array;
        ret_param->is_array = TRUE;
        ret_param->size_is = (guint8)cursor_read(cursor, 1);
        cursor_read(cursor, 1); /* length_is: VirtualBox's arrays are always full */
        byte = cursor_read(cursor, 1);
    }
    ret_param->tag = byte & TYPE_TAG_MASK;
    ret_param->is_pointer = (byte & TYPE_FLAG_POINTER) != 0;
    switch (ret_param->tag) {
    case TYPE_INTERFACE:
        ret_param->interface = read_interface_index(self, cursor);
        break;
    case TYPE_INTERFACE_IS:
        cursor_read(cursor, 1);
        break;
    case TYPE_STRING_SIZE:
    case TYPE_WSTRING_SIZE:
        cursor_read(cursor, 2);
        break;
    default:
        break;
    }
}

static char type_letter(const RawParam *param)
{
    static const char letters[] = {
        [TYPE_INT8] = 'y',  [TYPE_INT16] = 'h',  [TYPE_INT32] = 'i',   [TYPE_INT64] = 'l',
        [TYPE_UINT8] = 'y', [TYPE_UINT16] = 'q', [TYPE_UINT32] = 'u',  [TYPE_UINT64] = 't',
        [TYPE_BOOL] = 'b',  [TYPE_STRING] = 's', [TYPE_WSTRING] = 's', [TYPE_INTERFACE] = 'o',
    };
    char letter = param->tag < sizeof letters ? letters[param->tag] : '\0';
    gboolean wants_pointer = letter == 's' || letter == 'o';
    if (letter == '\0' || wants_pointer != param->is_pointer)
        return '?';
    return letter;
}

/* Whether the parameter before raw[i] is the count of the array raw[i]. */
static gboolean has_count(const RawParam *raw, guint i)
{
    return i > 0 && raw[i].size_is == i - 1 && raw[i - 1].tag == TYPE_UINT32 &&
           !raw[i - 1].is_array && !raw[i - 1].is_pointer &&
           (raw[i - 1].flags & PARAM_FLAG_OUT) == (raw[i].flags & PARAM_FLAG_OUT);
}

/* Folds counts into their arrays and writes the signature. */
static void method_set_params(Method *self, const RawParam *raw, guint n_raw)
{
    g_autoptr(GString) signature = g_string_sized_new(16);
    self->params = n_raw == 0 ? NULL : g_new0(Param, n_raw);
    for (guint i = 0; i < n_raw; i++) {
        if (i + 1 < n_raw && raw[i + 1].is_array && has_count(raw, i + 1))
            continue;
        Param *param = &self->params[self->n_params++];
        param->tag = raw[i].tag;
        param->is_array = raw[i].is_array;
        param->is_out = (raw[i].flags & PARAM_FLAG_OUT) != 0;
        param->interface = raw[i].interface;
        gboolean is_both = param->is_out && (raw[i].flags & PARAM_FLAG_IN) != 0;
        gboolean is_bare = raw[i].is_array && (raw[i].is_nested || !has_count(raw, i));
        char letter = is_both || is_bare ? '?' : type_letter(&raw[i]);
        if (letter == '?')
            self->callable = FALSE;
        if (param->is_out)
            g_string_append_c(signature, '>');
        if (param->is_array)
            g_string_append_c(signature, 'a');
        g_string_append_c(signature, letter);
    }
    if (self->n_params > METHOD_PARAMS_MAX)
        self->callable = FALSE;
    self->signature = g_string_free(g_steal_pointer(&signature), FALSE);
}

static gboolean read_method(const Reader *self, Cursor *cursor, Method *method)
{
    guint8 flags = (guint8)cursor_read(cursor, 1);
    method->name = read_name(self, cursor_read(cursor, 4));
    guint n_raw = (guint)cursor_read(cursor, 1);
    if (method->name == NULL || n_raw * PARAM_BYTES_MIN > cursor_left(cursor))
        return FALSE;
    RawParam raw[G_MAXUINT8];
    for (guint i = 0; i < n_raw; i++) {
        raw[i] = (RawParam){.flags = (guint8)cursor_read(cursor, 1)};
        read_type(self, cursor, &raw[i]);
    }
    RawParam result = {.flags = (guint8)cursor_read(cursor, 1)};
    read_type(self, cursor, &result);
    method->kind = (flags & METHOD_FLAG_GETTER) != 0   ? METHOD_GET
                   : (flags & METHOD_FLAG_SETTER) != 0 ? METHOD_SET
                                                       : METHOD_CALL;
    method->callable = (flags & (METHOD_FLAG_NOTXPCOM | METHOD_FLAG_HIDDEN)) == 0;
    method_set_params(method, raw, n_raw);
    return !cursor->is_over;
}

static gboolean read_constant(const Reader *self, Cursor *cursor, Constant *ret_constant)
{
    ret_constant->name = read_name(self, cursor_read(cursor, 4));
    switch (cursor_read(cursor, 1) & TYPE_TAG_MASK) {
    case TYPE_INT8:
        ret_constant->value = (gint8)cursor_read(cursor, 1);
        break;
    case TYPE_UINT8:
        ret_constant->value = (guint8)cursor_read(cursor, 1);
        break;
    case TYPE_INT16:
        ret_constant->value = (gint16)cursor_read(cursor, 2);
        break;
    case TYPE_UINT16:
        ret_constant->value = (guint16)cursor_read(cursor, 2);
        break;
    case TYPE_INT32:
        ret_constant->value = (gint32)cursor_read(cursor, 4);
        break;
    case TYPE_UINT32:
        ret_constant->value = (guint32)cursor_read(cursor, 4);
        break;
    case TYPE_INT64:
    case TYPE_UINT64:
        ret_constant->value = (gint64)cursor_read(cursor, 8);
        break;
    default: /* of unknown size: what follows cannot be read */
        return FALSE;
    }
    return ret_constant->name != NULL && !cursor->is_over;
}

static gboolean read_members(const Reader *self, Cursor *cursor, Interface *interface)
{
    interface->parent = read_interface_index(self, cursor);
    guint n_methods = (guint)cursor_read(cursor, 2);
    if (n_methods * METHOD_BYTES_MIN > cursor_left(cursor))
        return FALSE;
    interface->methods = g_new0(Method, n_methods);
    for (guint i = 0; i < n_methods; i++) {
        interface->n_methods++; /* also when it fails: what it has must be freed */
        interface->methods[i].owner = interface;
        if (!read_method(self, cursor, &interface->methods[i]))
            return FALSE;
    }
    guint n_constants = (guint)cursor_read(cursor, 2);
    if (n_constants * CONSTANT_BYTES_MIN > cursor_left(cursor))
        return FALSE;
    interface->constants = g_new0(Constant, n_constants);
    interface->n_constants = n_constants;
    for (guint i = 0; i < n_constants; i++) {
        if (!read_constant(self, cursor, &interface->constants[i]))
            return FALSE;
    }
    cursor_read(cursor, 1); /* scriptable, function: of no use to us */
    return !cursor->is_over;
}

/* An IID as a C nsID struct has it in memory: three numbers of the machine's order, eight bytes. */
static void read_iid(const guint8 *data, guint8 ret_iid[16])
{
    guint32 first;
    guint16 second, third;
    memcpy(&first, data, 4);
    memcpy(&second, data + 4, 2);
    memcpy(&third, data + 6, 2);
    first = GUINT32_FROM_BE(first);
    second = GUINT16_FROM_BE(second);
    third = GUINT16_FROM_BE(third);
    memcpy(ret_iid, &first, 4);
    memcpy(ret_iid + 4, &second, 2);
    memcpy(ret_iid + 6, &third, 2);
    memcpy(ret_iid + 8, data + 8, 8);
}

static gboolean read_definition(Reader *self, const guint8 *entry, Interface *interface,
                                GError **error)
{
    Cursor cursor = {.data = entry, .length = ENTRY_BYTES, .at = 24};
    guint64 descriptor = cursor_read(&cursor, 4);
    if (descriptor == 0 || interface->is_defined)
        return TRUE;
    if (self->pool + descriptor - 1 >= self->length)
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the type library's interface %s lies outside of the file", interface->name);
    read_iid(entry, interface->iid);
    gsize start = self->pool + descriptor - 1;
    gsize end = MIN(self->length, start + self->budget);
    cursor = (Cursor){.data = self->data, .length = end, .at = start};
    if (!read_members(self, &cursor, interface))
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the type library's interface %s is malformed near offset %zu", interface->name,
                    cursor.at);
    self->budget -= cursor.at - start;
    interface->is_defined = TRUE;
    return TRUE;
}

static gboolean read_directory(Reader *self, Typelib *typelib, const guint8 *entries,
                               GError **error)
{
    for (guint i = 0; i < self->n_entries; i++) {
        Cursor cursor = {.data = entries + i * ENTRY_BYTES, .length = ENTRY_BYTES, .at = 16};
        const char *name = read_name(self, cursor_read(&cursor, 4));
        if (name == NULL)
            return fail(error, VIR_ERR_INTERNAL_ERROR,
                        "the type library's entry %u has no valid name", i + 1);
        self->entries[i] = typelib_declare(typelib, name);
    }
    for (guint i = 0; i < self->n_entries; i++) {
        if (!read_definition(self, entries + i * ENTRY_BYTES, self->entries[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean reader_read(Typelib *self, const guint8 *data, gsize length, GError **error)
{
    if (length < MAGIC_BYTES || memcmp(data, MAGIC, MAGIC_BYTES) != 0)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "the file is no XPCOM type library");
    Cursor cursor = {.data = data, .length = length, .at = MAGIC_BYTES};
    guint64 major = cursor_read(&cursor, 1);
    cursor_read(&cursor, 1); /* minor versions add nothing that we read */
    guint n_entries = (guint)cursor_read(&cursor, 2);
    guint64 file_length = cursor_read(&cursor, 4);
    guint64 directory = cursor_read(&cursor, 4);
    guint64 pool = cursor_read(&cursor, 4);
    if (cursor.is_over || file_length > length)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "the type library is cut short");
    if (major != 1)
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the type library has format %u, and only format 1 is known", (guint)major);
    if (n_entries > 0 && (directory == 0 || directory > length ||
                          length - (directory - 1) < (gsize)n_entries * ENTRY_BYTES))
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the type library's directory of %u interfaces lies outside of the file",
                    n_entries);
    g_autofree Interface **entries = g_new0(Interface *, n_entries);
    Reader reader = {.data = data,
                     .length = length,
                     .pool = pool,
                     .budget = length,
                     .n_entries = n_entries,
                     .entries = entries};
    return n_entries == 0 || read_directory(&reader, self, data + directory - 1, error);
}
