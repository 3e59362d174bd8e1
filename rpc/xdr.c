/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XDR: one interpreter of the descriptions in remote.c, for all types and procedures.
 *
 * Theory of operation
 *
 * Decoding moves a cursor over the bytes, and never beyond their end.  Memory is taken only for
 * elements that the bytes left can hold (count × the type's fewest bytes), so it stays within a
 * small factor of the message's size, whatever counts the message claims.  What libvirt's own
 * server takes is taken in the same sense, for clients are tried against that one.
 *
 * Encoding is done twice: measure_…() adds up the size and refuses what may not be sent, then
 * write_…(), which cannot fail, fills the bytes that one allocation made. */
#include "rpc/xdr_table.h"
#include <string.h>
#include "base/error.h"
#include "rpc/message.h"

#define STRING_LIMIT \
    4194304u /* REMOTE_STRING_MAX: of a string in an array, which has no own limit */

/* Bytes of one element in memory and, at least, on the wire; structs have their own. */
static const struct {
    guint8 memory, wire;
} sizes[] = {
    [XDR_U32] = {4, 4}, [XDR_U64] = {8, 8}, [XDR_I8] = {1, 4},
    [XDR_U8] = {1, 4},  [XDR_U16] = {2, 4}, [XDR_STRING] = {sizeof(char *), 4},
};

static gsize element_memory(const XdrMember *member)
{
    return member->type ? member->type->size : sizes[member->kind].memory;
}

static gsize element_wire(const XdrMember *member)
{
    return member->type ? member->type->wire_min : sizes[member->kind].wire;
}

static gsize padding_of(gsize length)
{
    return -length & 3;
}

gsize xdr_size(const XdrStruct *type)
{
    return type->size;
}

/* What went wrong, and in which member: made into a GError once, at the top. */
typedef struct Trouble {
    const char *what, *type, *member;
} Trouble;

static gboolean trouble_set(Trouble *self, const char *what)
{
    self->what = what;
    return FALSE;
}

/* Keeps the innermost place. */
static gboolean trouble_locate(Trouble *self, const XdrStruct *type, const XdrMember *member)
{
    if (!self->type) {
        self->type = type->name;
        self->member = member->name;
    }
    return FALSE;
}

static gboolean trouble_report(const Trouble *self, const char *action, GError **error)
{
    if (!self->type)
        return fail(error, VIR_ERR_RPC, "Cannot %s the message: %s", action, self->what);
    return fail(error, VIR_ERR_RPC, "Cannot %s the message: %s.%s %s", action, self->type,
                self->member, self->what);
}

/* ---- decoding ---- */

typedef struct Reader {
    const guint8 *at, *end;
    Arena *arena;
    Trouble trouble;
} Reader;

static gboolean read_struct(Reader *self, const XdrStruct *type, guint8 *out);

static gsize reader_left(const Reader *self)
{
    return (gsize)(self->end - self->at);
}

static gboolean read_u32(Reader *self, guint32 *out)
{
    if (reader_left(self) < 4)
        return trouble_set(&self->trouble, "ends too early");
    guint32 value;
    memcpy(&value, self->at, 4);
    self->at += 4;
    *out = GUINT32_FROM_BE(value);
    return TRUE;
}

static gboolean read_u64(Reader *self, guint64 *out)
{
    if (reader_left(self) < 8)
        return trouble_set(&self->trouble, "ends too early");
    guint64 value;
    memcpy(&value, self->at, 8);
    self->at += 8;
    *out = GUINT64_FROM_BE(value);
    return TRUE;
}

/* A number of 4 bytes on the wire that must be within low … high. */
static gboolean read_small(Reader *self, gint32 low, gint32 high, gint32 *out)
{
    guint32 value;
    if (!read_u32(self, &value))
        return FALSE;
    *out = (gint32)value;
    if (*out < low || *out > high)
        return trouble_set(&self->trouble, "is out of range");
    return TRUE;
}

/* length bytes and their padding, whatever is in it; *out points into the message. */
static gboolean read_bytes(Reader *self, gsize length, const guint8 **out)
{
    gsize padding = padding_of(length);
    if (length > reader_left(self) || padding > reader_left(self) - length)
        return trouble_set(&self->trouble, "ends too early");
    *out = self->at;
    self->at += length + padding;
    return TRUE;
}

/* Text ends at its first NUL, if it has one. */
static gboolean read_string(Reader *self, guint32 limit, char **out)
{
    guint32 length;
    const guint8 *bytes;
    if (!read_u32(self, &length))
        return FALSE;
    if (length > limit)
        return trouble_set(&self->trouble, "is longer than allowed");
    if (!read_bytes(self, length, &bytes))
        return FALSE;
    *out = arena_strndup(self->arena, bytes, strnlen((const char *)bytes, length));
    return TRUE;
}

static gboolean read_union(Reader *self, const XdrStruct *type, guint8 *out);

static gboolean read_element(Reader *self, const XdrMember *member, guint32 limit, guint8 *out)
{
    gint32 small;
    switch ((XdrKind)member->kind) {
    case XDR_U32:
        return read_u32(self, (guint32 *)(void *)out);
    case XDR_U64:
        return read_u64(self, (guint64 *)(void *)out);
    case XDR_I8:
        /* 128 … 255 too: what a client on a machine with unsigned char sends. */
        if (!read_small(self, G_MININT8, G_MAXUINT8, &small))
            return FALSE;
        *out = (guint8)small;
        return TRUE;
    case XDR_U8:
        if (!read_small(self, 0, G_MAXUINT8, &small))
            return FALSE;
        *out = (guint8)small;
        return TRUE;
    case XDR_U16:
        if (!read_small(self, 0, G_MAXUINT16, &small))
            return FALSE;
        *(guint16 *)(void *)out = (guint16)small;
        return TRUE;
    case XDR_STRING:
        return read_string(self, limit, (char **)(void *)out);
    case XDR_STRUCT:
        return read_struct(self, member->type, out);
    case XDR_UNION:
        return read_union(self, member->type, out);
    case XDR_BYTES:
        break;
    }
    g_assert_not_reached();
}

static gboolean read_array(Reader *self, const XdrMember *member, guint32 count, guint8 *out)
{
    if (member->kind == XDR_BYTES) {
        const guint8 *bytes;
        if (!read_bytes(self, count, &bytes))
            return FALSE;
        memcpy(out, bytes, count);
        return TRUE;
    }
    gsize step = element_memory(member);
    for (guint32 i = 0; i < count; i++) {
        if (!read_element(self, member, STRING_LIMIT, out + i * step))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_counted(Reader *self, const XdrMember *member, guint8 *out)
{
    guint32 *count = (guint32 *)(void *)(out + member->count_offset);
    guint32 claimed;
    if (!read_u32(self, &claimed))
        return FALSE;
    if (claimed > member->limit)
        return trouble_set(&self->trouble, "has more elements than allowed");
    gsize wire = member->kind == XDR_BYTES ? 1 : element_wire(member);
    if (claimed > reader_left(self) / wire)
        return trouble_set(&self->trouble, "ends too early");
    if (claimed == 0)
        return TRUE;
    gsize size = member->kind == XDR_BYTES ? 1 : element_memory(member);
    guint8 *elements = arena_alloc(self->arena, claimed * size);
    *(void **)(void *)(out + member->offset) = elements;
    *count = claimed;
    return read_array(self, member, claimed, elements);
}

static gboolean read_optional(Reader *self, const XdrMember *member, guint8 *out)
{
    guint32 present;
    if (!read_u32(self, &present))
        return FALSE;
    /* Any value but 0: go-libvirt writes 0x01000000. */
    if (!present)
        return TRUE;
    if (member->kind == XDR_STRING)
        return read_string(self, member->limit, (char **)(void *)out);
    void *value = arena_alloc(self->arena, member->type->size);
    *(void **)(void *)out = value;
    return read_struct(self, member->type, value);
}

static gboolean read_member(Reader *self, const XdrMember *member, guint8 *out)
{
    switch ((XdrForm)member->form) {
    case XDR_ONE:
        return read_element(self, member, member->limit, out + member->offset);
    case XDR_OPTIONAL:
        return read_optional(self, member, out + member->offset);
    case XDR_COUNTED:
        return read_counted(self, member, out);
    case XDR_FIXED:
        return read_array(self, member, member->limit, out + member->offset);
    }
    g_assert_not_reached();
}

static gboolean read_struct(Reader *self, const XdrStruct *type, guint8 *out)
{
    const XdrMember *end = type->members + type->members_len;
    for (const XdrMember *member = type->members; member < end; member++) {
        if (!read_member(self, member, out))
            return trouble_locate(&self->trouble, type, member);
    }
    return TRUE;
}

static gboolean read_union(Reader *self, const XdrStruct *type, guint8 *out)
{
    guint32 arm;
    if (!read_u32(self, &arm))
        return FALSE;
    if (arm < 1 || arm > type->members_len)
        return trouble_set(&self->trouble, "is of an unknown type");
    *(guint32 *)(void *)out = arm;
    const XdrMember *member = &type->members[arm - 1];
    if (!read_member(self, member, out))
        return trouble_locate(&self->trouble, type, member);
    return TRUE;
}

gboolean xdr_decode(const XdrStruct *type, const guint8 *data, gsize length, void *out,
                    Arena *arena, GError **error)
{
    Reader reader = {.at = data, .end = length > 0 ? data + length : data, .arena = arena};
    if (!type)
        return TRUE;
    memset(out, 0, type->size);
    return read_struct(&reader, type, out) || trouble_report(&reader.trouble, "read", error);
}

/* ---- encoding: how much ---- */

typedef struct Sizer {
    gsize size;
    Trouble trouble;
} Sizer;

static gboolean measure_struct(Sizer *self, const XdrStruct *type, const guint8 *in);

static gboolean measure_string(Sizer *self, guint32 limit, const char *text)
{
    if (!text)
        return trouble_set(&self->trouble, "is missing");
    gsize length = strlen(text);
    if (length > limit)
        return trouble_set(&self->trouble, "is longer than allowed");
    self->size += 4 + length + padding_of(length);
    return TRUE;
}

static gboolean measure_union(Sizer *self, const XdrStruct *type, const guint8 *in);

static gboolean measure_element(Sizer *self, const XdrMember *member, guint32 limit,
                                const guint8 *in)
{
    switch ((XdrKind)member->kind) {
    case XDR_STRING:
        return measure_string(self, limit, *(char *const *)(const void *)in);
    case XDR_STRUCT:
        return measure_struct(self, member->type, in);
    case XDR_UNION:
        return measure_union(self, member->type, in);
    default:
        g_assert(member->kind < G_N_ELEMENTS(sizes));
        self->size += sizes[member->kind].wire;
        return TRUE;
    }
}

static gboolean measure_array(Sizer *self, const XdrMember *member, guint32 count, const guint8 *in)
{
    if (member->kind == XDR_BYTES) {
        self->size += count + padding_of(count);
        return TRUE;
    }
    if (member->kind < XDR_STRING) {
        self->size += (gsize)count * sizes[member->kind].wire;
        return TRUE;
    }
    gsize step = element_memory(member);
    for (guint32 i = 0; i < count; i++) {
        if (!measure_element(self, member, STRING_LIMIT, in + i * step))
            return FALSE;
    }
    return TRUE;
}

static gboolean measure_member(Sizer *self, const XdrMember *member, const guint8 *in)
{
    const guint8 *place = in + member->offset;
    const void *pointer;
    guint32 count;
    switch ((XdrForm)member->form) {
    case XDR_ONE:
        return measure_element(self, member, member->limit, place);
    case XDR_OPTIONAL:
        self->size += 4;
        pointer = *(void *const *)(const void *)place;
        if (!pointer)
            return TRUE;
        if (member->kind == XDR_STRING)
            return measure_string(self, member->limit, pointer);
        return measure_struct(self, member->type, pointer);
    case XDR_COUNTED:
        self->size += 4;
        pointer = *(void *const *)(const void *)place;
        count = *(const guint32 *)(const void *)(in + member->count_offset);
        if (count > member->limit)
            return trouble_set(&self->trouble, "has more elements than allowed");
        if (count > 0 && !pointer)
            return trouble_set(&self->trouble, "is missing");
        return measure_array(self, member, count, pointer);
    case XDR_FIXED:
        return measure_array(self, member, member->limit, place);
    }
    g_assert_not_reached();
}

static gboolean measure_struct(Sizer *self, const XdrStruct *type, const guint8 *in)
{
    for (guint32 i = 0; i < type->members_len; i++) {
        if (!measure_member(self, &type->members[i], in))
            return trouble_locate(&self->trouble, type, &type->members[i]);
    }
    return TRUE;
}

static gboolean measure_union(Sizer *self, const XdrStruct *type, const guint8 *in)
{
    guint32 arm = *(const guint32 *)(const void *)in;
    if (arm < 1 || arm > type->members_len)
        return trouble_set(&self->trouble, "is of an unknown type");
    self->size += 4;
    const XdrMember *member = &type->members[arm - 1];
    if (!measure_member(self, member, in))
        return trouble_locate(&self->trouble, type, member);
    return TRUE;
}

/* ---- encoding: the bytes; each function returns where the next go ---- */

static guint8 *write_struct(guint8 *at, const XdrStruct *type, const guint8 *in);

static guint8 *write_u32(guint8 *at, guint32 value)
{
    value = GUINT32_TO_BE(value);
    memcpy(at, &value, 4);
    return at + 4;
}

static guint8 *write_u64(guint8 *at, guint64 value)
{
    value = GUINT64_TO_BE(value);
    memcpy(at, &value, 8);
    return at + 8;
}

static guint8 *write_bytes(guint8 *at, const void *bytes, gsize length)
{
    if (length > 0)
        memcpy(at, bytes, length);
    at += length;
    for (gsize padding = padding_of(length); padding > 0; padding--)
        *at++ = 0;
    return at;
}

static guint8 *write_string(guint8 *at, const char *text)
{
    gsize length = strlen(text);
    return write_bytes(write_u32(at, (guint32)length), text, length);
}

static guint8 *write_union(guint8 *at, const XdrStruct *type, const guint8 *in);

static guint8 *write_element(guint8 *at, const XdrMember *member, const guint8 *in)
{
    switch ((XdrKind)member->kind) {
    case XDR_U32:
        return write_u32(at, *(const guint32 *)(const void *)in);
    case XDR_U64:
        return write_u64(at, *(const guint64 *)(const void *)in);
    case XDR_I8:
        return write_u32(at, (guint32)(gint32)(gint8)*in);
    case XDR_U8:
        return write_u32(at, *in);
    case XDR_U16:
        return write_u32(at, *(const guint16 *)(const void *)in);
    case XDR_STRING:
        return write_string(at, *(char *const *)(const void *)in);
    case XDR_STRUCT:
        return write_struct(at, member->type, in);
    case XDR_UNION:
        return write_union(at, member->type, in);
    case XDR_BYTES:
        break;
    }
    g_assert_not_reached();
}

static guint8 *write_array(guint8 *at, const XdrMember *member, guint32 count, const guint8 *in)
{
    if (member->kind == XDR_BYTES)
        return write_bytes(at, in, count);
    gsize step = element_memory(member);
    for (guint32 i = 0; i < count; i++)
        at = write_element(at, member, in + i * step);
    return at;
}

static guint8 *write_member(guint8 *at, const XdrMember *member, const guint8 *in)
{
    const guint8 *place = in + member->offset;
    const void *pointer;
    guint32 count;
    switch ((XdrForm)member->form) {
    case XDR_ONE:
        return write_element(at, member, place);
    case XDR_OPTIONAL:
        pointer = *(void *const *)(const void *)place;
        at = write_u32(at, pointer != NULL);
        if (!pointer)
            return at;
        if (member->kind == XDR_STRING)
            return write_string(at, pointer);
        return write_struct(at, member->type, pointer);
    case XDR_COUNTED:
        pointer = *(void *const *)(const void *)place;
        count = *(const guint32 *)(const void *)(in + member->count_offset);
        return write_array(write_u32(at, count), member, count, pointer);
    case XDR_FIXED:
        return write_array(at, member, member->limit, place);
    }
    g_assert_not_reached();
}

static guint8 *write_struct(guint8 *at, const XdrStruct *type, const guint8 *in)
{
    for (guint32 i = 0; i < type->members_len; i++)
        at = write_member(at, &type->members[i], in);
    return at;
}

static guint8 *write_union(guint8 *at, const XdrStruct *type, const guint8 *in)
{
    guint32 arm = *(const guint32 *)(const void *)in;
    return write_member(write_u32(at, arm), &type->members[arm - 1], in);
}

gboolean xdr_encode(const XdrStruct *type, const void *in, GByteArray *bytes, GError **error)
{
    if (!type)
        return TRUE;
    Sizer sizer = {0};
    if (!measure_struct(&sizer, type, in))
        return trouble_report(&sizer.trouble, "write", error);
    if (sizer.size > MESSAGE_LIMIT - MIN(bytes->len, MESSAGE_LIMIT))
        return fail(error, VIR_ERR_RPC,
                    "Cannot write the message: it is longer than the %u bytes "
                    "that a client takes",
                    MESSAGE_LIMIT);
    guint before = bytes->len;
    g_byte_array_set_size(bytes, before + (guint)sizer.size);
    guint8 *end = write_struct(bytes->data + before, type, in);
    g_assert(end == bytes->data + bytes->len);
    return TRUE;
}
