/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Type library: what the installed VirtualBox says of its interfaces, read from its .xpt files. */
#pragma once
#include <glib.h>

/* The tag of a type: the low five bits of its first byte, XPCOM's own numbers. */
typedef enum TypeTag {
    TYPE_INT8 = 0,
    TYPE_INT16,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_UINT8,
    TYPE_UINT16,
    TYPE_UINT32,
    TYPE_UINT64,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_BOOL,
    TYPE_CHAR,
    TYPE_WCHAR,
    TYPE_VOID,
    TYPE_IID,
    TYPE_DOMSTRING,
    TYPE_STRING,
    TYPE_WSTRING,
    TYPE_INTERFACE,
    TYPE_INTERFACE_IS,
    TYPE_ARRAY,
    TYPE_STRING_SIZE,
    TYPE_WSTRING_SIZE,
    TYPE_UTF8STRING,
    TYPE_CSTRING,
    TYPE_ASTRING,
} TypeTag;

typedef struct Interface Interface;

typedef struct Param {
    guint8 tag;                 /* TypeTag; of the element where it is an array */
    gboolean is_array;          /* the u32 count is the parameter before it, and not listed */
    gboolean is_out;            /* a pointer that the callee fills, the result included */
    const Interface *interface; /* of TYPE_INTERFACE; NULL when the library does not say */
} Param;

typedef enum MethodKind { METHOD_CALL, METHOD_GET, METHOD_SET } MethodKind;

typedef struct Method {
    const char *name; /* as in the IDL: lockMachine, name, getMachineStates */
    MethodKind kind;
    guint slot; /* in the vtable, parents' methods included */
    guint n_params;
    Param *params;
    char *signature;   /* the parameters in letters, see method_find() */
    gboolean callable; /* FALSE: hidden, notxpcom, or of a type that VirtualBox never uses */
    const Interface *owner;
    gpointer plan; /* private to call.c: how libffi calls it, made by the first call */
} Method;

typedef struct Constant {
    const char *name;
    gint64 value;
} Constant;

struct Interface {
    const char *name; /* IMachine */
    guint8 iid[16];   /* in memory order: as a C nsID struct */
    const Interface *parent;
    guint n_methods; /* its own */
    Method *methods;
    guint n_constants;
    Constant *constants;
    /* private to the reader */
    gboolean is_defined;
    const Method **method_index;
    const Constant **constant_index;
};

typedef struct Typelib Typelib;

/* An empty library.  Add files (any order, one that refers to another included), then link. */
Typelib *typelib_new(void);
void typelib_free(Typelib *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Typelib, typelib_free)

/* Reads one .xpt file's bytes.  Nothing in them is trusted: every offset and count is checked
 * before use, memory taken is proportional to length.  Errors: VIR_ERR_INTERNAL_ERROR. */
gboolean typelib_add(Typelib *self, const guint8 *data, gsize length,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Resolves parents and parameter types, numbers the slots.  Call it once, after the last add. */
gboolean typelib_link(Typelib *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads all components/ *.xpt below directory (a VirtualBox installation) and links them. */
Typelib *typelib_load(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL: there is none of that name.  What is returned lives as long as the library. */
const Interface *typelib_find(const Typelib *self, const char *name);

/* All interfaces, sorted by name; *ret_n of them. */
const Interface *const *typelib_interfaces(const Typelib *self, guint *ret_n);

/* Looks in the interface and its parents.  A getter of an array attribute is found by
 * METHOD_GET and the attribute's name too, though the library has it as a plain method
 * "getXxx"/"setXxx".  NULL: none.
 *
 * A signature has one group a parameter: '>' when it is an out parameter, 'a' when it is an
 * array, then the type: b bool, y int8/uint8, h int16, q uint16, i int32, u uint32, l int64,
 * t uint64, s string (wide or not), o object, ? what cannot be called.  "uos>o": three in, an
 * object out. */
const Method *method_find(const Interface *self, const char *name, MethodKind kind);

/* A constant by its name: constant_find(typelib_find(t, "LockType"), "Write", &value). */
gboolean constant_find(const Interface *self, const char *name, gint64 *ret_value);
