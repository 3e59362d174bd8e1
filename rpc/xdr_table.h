/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How remote.c describes C structs to xdr.c.  Only those two, and tests, include this. */
#pragma once
#include <stddef.h>
#include "rpc/xdr.h"

typedef enum XdrKind {
    XDR_U32,    /* gint32, guint32 */
    XDR_U64,    /* gint64, guint64, double */
    XDR_I8,     /* gint8, char: 4 bytes on the wire */
    XDR_U8,     /* guint8: 4 bytes on the wire */
    XDR_U16,    /* guint16: 4 bytes on the wire */
    XDR_STRING, /* char * */
    XDR_BYTES,  /* guint8: single bytes on the wire, padded at the end */
    XDR_STRUCT, /* type's struct */
    XDR_UNION,  /* type's struct: gint32, then the arm of that number */
} XdrKind;

typedef enum XdrForm {
    XDR_ONE,
    XDR_OPTIONAL, /* a pointer; NULL: absent */
    XDR_COUNTED,  /* a pointer, and a guint32 that says how many it points to */
    XDR_FIXED,    /* an array */
} XdrForm;

typedef struct XdrMember {
    const char *name;
    guint8 kind; /* XdrKind */
    guint8 form; /* XdrForm */
    guint16 offset;
    guint16 count_offset;  /* XDR_COUNTED: of the guint32 */
    guint32 limit;         /* elements; of a single string: bytes */
    const XdrStruct *type; /* XDR_STRUCT, XDR_UNION */
} XdrMember;

struct XdrStruct {
    const char *name;
    guint32 size;     /* of the C struct */
    guint32 wire_min; /* fewest bytes on the wire */
    guint32 members_len;
    const XdrMember
        *members; /* a union's: its arms 1, 2, 3, … behind the gint32 that selects one */
};

/* clang-format off */
#define XDR_HEAD(T, wire_min, members_len) #T, sizeof(T), wire_min, members_len
#define XDR_MEMBER(T, member, kind, form, limit, type) \
    { #member, XDR_##kind, XDR_##form, offsetof(T, member), 0, limit, type }
#define XDR_MEMBER_COUNTED(T, member, kind, limit, type) \
    { #member, XDR_##kind, XDR_COUNTED, offsetof(T, member), offsetof(T, member##_len), limit, type }
/* clang-format on */
