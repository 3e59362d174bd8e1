/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pseudo-random values: see values.h. */
#include "tests/unit/rpc/values.h"

static void fill_struct(const XdrStruct *type, guint8 *out, Arena *arena);

static guint32 random_u32(void)
{
    return (guint32)g_test_rand_int();
}

static char *random_string(Arena *arena)
{
    gint length = g_test_rand_int_range(0, 41);
    char *text = arena_alloc(arena, (gsize)length + 1);
    for (gint i = 0; i < length; i++)
        text[i] = (char)g_test_rand_int_range(1, 256);
    return text;
}

static void fill_union(const XdrStruct *type, guint8 *out, Arena *arena);

static void fill_element(const XdrMember *member, guint8 *out, Arena *arena)
{
    switch ((XdrKind)member->kind) {
    case XDR_U32:
        *(guint32 *)(void *)out = random_u32();
        break;
    case XDR_U64:
        *(guint64 *)(void *)out = (guint64)random_u32() << 32 | random_u32();
        break;
    case XDR_I8:
    case XDR_U8:
    case XDR_BYTES:
        *out = (guint8)random_u32();
        break;
    case XDR_U16:
        *(guint16 *)(void *)out = (guint16)random_u32();
        break;
    case XDR_STRING:
        *(char **)(void *)out = random_string(arena);
        break;
    case XDR_STRUCT:
        fill_struct(member->type, out, arena);
        break;
    case XDR_UNION:
        fill_union(member->type, out, arena);
        break;
    }
}

static gsize element_size(const XdrMember *member)
{
    switch ((XdrKind)member->kind) {
    case XDR_U32:
        return 4;
    case XDR_U64:
        return 8;
    case XDR_U16:
        return 2;
    case XDR_STRING:
        return sizeof(char *);
    case XDR_STRUCT:
    case XDR_UNION:
        return member->type->size;
    default:
        return 1;
    }
}

static void fill_member(const XdrMember *member, guint8 *out, Arena *arena)
{
    gsize step = element_size(member);
    guint8 *elements = out + member->offset;
    guint32 count = member->form == XDR_FIXED ? member->limit : 1;
    if (member->form == XDR_OPTIONAL && member->kind == XDR_STRING) {
        *(char **)(void *)elements = g_test_rand_bit() ? random_string(arena) : NULL;
        return;
    }
    if (member->form == XDR_OPTIONAL || member->form == XDR_COUNTED) {
        count = (guint32)g_test_rand_int_range(0, member->form == XDR_COUNTED ? 4 : 2);
        guint8 *place = elements;
        elements = count ? arena_alloc(arena, count * step) : NULL;
        *(guint8 **)(void *)place = elements;
    }
    if (member->form == XDR_COUNTED)
        *(guint32 *)(void *)(out + member->count_offset) = count;
    for (guint32 i = 0; i < count; i++)
        fill_element(member, elements + i * step, arena);
}

static void fill_struct(const XdrStruct *type, guint8 *out, Arena *arena)
{
    for (guint32 i = 0; i < type->members_len; i++)
        fill_member(&type->members[i], out, arena);
}

static void fill_union(const XdrStruct *type, guint8 *out, Arena *arena)
{
    guint32 arm = (guint32)g_test_rand_int_range(0, (gint32)type->members_len);
    *(guint32 *)(void *)out = arm + 1;
    fill_member(&type->members[arm], out, arena);
}

void *random_value(const XdrStruct *type, Arena *arena)
{
    void *value = arena_alloc(arena, type->size);
    fill_struct(type, value, arena);
    return value;
}
