/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects: the wrapper, its count, its interfaces, and numbers of any width. */
#include <string.h>
#include "base/error.h"
#include "xpcom/binding.h"

struct Object {
    gint refs; /* atomic */
    Xpcom *xpcom;
    Unknown *unknown;
    const Interface *interface;
};

Object *object_new(Xpcom *xpcom, Unknown *unknown, const Interface *interface)
{
    Object *self = g_new(Object, 1);
    *self = (Object){.refs = 1, .xpcom = xpcom, .unknown = unknown, .interface = interface};
    return self;
}

Object *object_ref(Object *self)
{
    g_atomic_int_inc(&self->refs);
    return self;
}

void object_unref(Object *self)
{
    if (self == NULL || !g_atomic_int_dec_and_test(&self->refs))
        return;
    /* A thread that cannot be registered leaks the reference: Release would crash there. */
    if (xpcom_enter(self->xpcom, NULL))
        self->unknown->table->Release(self->unknown);
    g_free(self);
}

const Interface *object_interface(const Object *self)
{
    return self->interface;
}

Xpcom *object_xpcom(const Object *self)
{
    return self->xpcom;
}

Unknown *object_unknown(const Object *self)
{
    return self->unknown;
}

Object *object_query(Object *self, const Interface *as, GError **error)
{
    if (!xpcom_enter(self->xpcom, error))
        return NULL;
    void *unknown = NULL;
    guint32 result = self->unknown->table->QueryInterface(self->unknown, as->iid, &unknown);
    if (RESULT_FAILED(result) || unknown == NULL) {
        failure_set_nameless(as->name, "QueryInterface",
                             RESULT_FAILED(result) ? result : NS_ERROR_NO_INTERFACE, error);
        return NULL;
    }
    return object_new(self->xpcom, unknown, as);
}

/* The least and the most that a number's type can hold, as far as a gint64 can. */
static void number_range(guint8 tag, gint64 *ret_least, gint64 *ret_most)
{
    static const struct {
        gint64 least;
        gint64 most;
    } ranges[] = {
        [TYPE_INT8] = {G_MININT8, G_MAXINT8},
        [TYPE_INT16] = {G_MININT16, G_MAXINT16},
        [TYPE_INT32] = {G_MININT32, G_MAXINT32},
        [TYPE_INT64] = {G_MININT64, G_MAXINT64},
        [TYPE_UINT8] = {0, G_MAXUINT8},
        [TYPE_UINT16] = {0, G_MAXUINT16},
        [TYPE_UINT32] = {0, G_MAXUINT32},
        [TYPE_UINT64] = {0, G_MAXINT64},
        [TYPE_BOOL] = {0, 1},
    };
    *ret_least = ranges[tag].least;
    *ret_most = ranges[tag].most;
}

/* Whether the method has that one parameter, a number. */
static gboolean is_accessor(const Method *method, const char *prefix)
{
    return g_str_has_prefix(method->signature, prefix) &&
           strspn(method->signature + strlen(prefix), "byhqiult") == 1 && method->n_params == 1;
}

gboolean object_get_number(Object *self, const Method *getter, gint64 *ret_value, GError **error)
{
    union {
        gint8 int8;
        gint16 int16;
        gint32 int32;
        gint64 int64;
        guint8 uint8;
        guint16 uint16;
        guint32 uint32;
    } value = {0};
    if (!is_accessor(getter, ">"))
        g_error("%s::%s is no number", getter->owner->name, getter->name);
    if (!object_call(self, getter, error, &value))
        return FALSE;
    switch (getter->params[0].tag) {
    case TYPE_INT8:
        *ret_value = value.int8;
        return TRUE;
    case TYPE_UINT8:
        *ret_value = value.uint8;
        return TRUE;
    case TYPE_INT16:
        *ret_value = value.int16;
        return TRUE;
    case TYPE_UINT16:
        *ret_value = value.uint16;
        return TRUE;
    case TYPE_INT32:
    case TYPE_BOOL:
        *ret_value = value.int32;
        return TRUE;
    case TYPE_UINT32:
        *ret_value = value.uint32;
        return TRUE;
    default:
        *ret_value = value.int64;
        return TRUE;
    }
}

gboolean object_set_number(Object *self, const Method *setter, gint64 value, GError **error)
{
    if (!is_accessor(setter, ""))
        g_error("%s::%s is no number that can be set", setter->owner->name, setter->name);
    guint8 tag = setter->params[0].tag;
    gint64 least, most;
    number_range(tag, &least, &most);
    if (value < least || value > most)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "VirtualBox's %s of %s must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                    ", not %" G_GINT64_FORMAT,
                    setter->name, setter->owner->name, least, most, value);
    if (tag == TYPE_INT64 || tag == TYPE_UINT64)
        return object_call(self, setter, error, value);
    return object_call(self, setter, error, (guint)value);
}
