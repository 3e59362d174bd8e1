/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Call: one method of an object, its arguments converted to and from what VirtualBox takes.
 *
 * Theory of operation.  Every method is a C function whose first argument is the object and whose
 * result is an nsresult; libffi calls it by the types of the type library.  A parameter becomes one
 * argument, an array two (the count first).  A Frame has a cell for each argument: an in argument's
 * value, or the address of a second cell that the callee fills.  What conversions allocated lives
 * until the frame is cleared; what the callee allocated is converted into the caller's variables,
 * or dropped where the caller wants none of it.  Nothing can fail after a successful call, so
 * that the outs are set all or not at all.
 *
 * How libffi calls a method is worked out by the first call, and kept in Method.plan. */
#include <ffi.h>
#include "base/error.h"
#include "xpcom/binding.h"
#include "xpcom/reader.h"

#define ARGUMENTS_MAX (1 + 2 * METHOD_PARAMS_MAX)

typedef struct Plan {
    ffi_cif cif;
    ffi_type *types[ARGUMENTS_MAX];
} Plan;

typedef union Cell {
    gint8 int8;
    gint16 int16;
    gint32 int32;
    gint64 int64;
    guint8 uint8;
    guint16 uint16;
    guint32 uint32;
    guint64 uint64;
    void *pointer;
} Cell;

typedef struct Frame {
    Object *self;
    const Method *method;
    guint n;                          /* arguments so far */
    Cell arguments[ARGUMENTS_MAX];    /* the first is the object */
    Cell outs[ARGUMENTS_MAX];         /* what the callee fills, by argument */
    guint firsts[METHOD_PARAMS_MAX];  /* a parameter's first argument */
    void *targets[METHOD_PARAMS_MAX]; /* the caller's variables, NULL: not wanted */
    GPtrArray *memory;                /* what conversions allocated; NULL: nothing */
    GPtrArray *objects;               /* what conversions queried; NULL: nothing */
} Frame;

static void frame_clear(Frame *self)
{
    g_clear_pointer(&self->memory, g_ptr_array_unref);
    g_clear_pointer(&self->objects, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Frame, frame_clear)

/* Keeps memory until the frame is cleared. */
static gpointer frame_keep(Frame *self, gpointer memory)
{
    if (self->memory == NULL)
        self->memory = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->memory, memory);
    return memory;
}

static ffi_type *param_type(const Param *param)
{
    if (param->is_out || param->is_array)
        return &ffi_type_pointer;
    switch (param->tag) {
    case TYPE_INT8:
        return &ffi_type_sint8;
    case TYPE_UINT8:
        return &ffi_type_uint8;
    case TYPE_INT16:
        return &ffi_type_sint16;
    case TYPE_UINT16:
        return &ffi_type_uint16;
    case TYPE_INT32:
    case TYPE_BOOL:
        return &ffi_type_sint32;
    case TYPE_UINT32:
        return &ffi_type_uint32;
    case TYPE_INT64:
        return &ffi_type_sint64;
    case TYPE_UINT64:
        return &ffi_type_uint64;
    default:
        return &ffi_type_pointer;
    }
}

static Plan *plan_new(const Method *method)
{
    Plan *self = g_new0(Plan, 1);
    guint n = 0;
    self->types[n++] = &ffi_type_pointer;
    for (guint i = 0; i < method->n_params; i++) {
        const Param *param = &method->params[i];
        if (param->is_array)
            self->types[n++] = param->is_out ? &ffi_type_pointer : &ffi_type_uint32;
        self->types[n++] = param_type(param);
    }
    if (ffi_prep_cif(&self->cif, FFI_DEFAULT_ABI, n, &ffi_type_uint32, self->types) != FFI_OK)
        g_error("libffi cannot call %s::%s", method->owner->name, method->name);
    return self;
}

/* The library's methods are const to everybody but for this one cell, filled once. */
static Plan *method_plan(const Method *method)
{
    gpointer *cell = &((Method *)method)->plan;
    Plan *plan = g_atomic_pointer_get(cell);
    if (plan != NULL)
        return plan;
    plan = plan_new(method);
    if (g_atomic_pointer_compare_and_exchange(cell, NULL, plan))
        return plan;
    g_free(plan); /* another thread was faster */
    return g_atomic_pointer_get(cell);
}

gpointer call_cif(const Method *method)
{
    return &method_plan(method)->cif;
}

static gboolean is_string(const Param *param)
{
    return param->tag == TYPE_STRING || param->tag == TYPE_WSTRING;
}

static gsize number_width(guint8 tag)
{
    static const guint8 widths[] = {
        [TYPE_INT8] = 1,   [TYPE_INT16] = 2,  [TYPE_INT32] = 4,  [TYPE_INT64] = 8, [TYPE_UINT8] = 1,
        [TYPE_UINT16] = 2, [TYPE_UINT32] = 4, [TYPE_UINT64] = 8, [TYPE_BOOL] = 4,
    };
    return widths[tag];
}

/* Whether an object called by have may be passed where want is expected: the same vtable begins
 * both. */
static gboolean interface_is(const Interface *have, const Interface *want)
{
    while (have != NULL && have != want)
        have = have->parent;
    return have == want;
}

/* A text as VirtualBox takes it. */
static gboolean string_in(Frame *self, const Param *param, const char *text, void **ret_pointer,
                          GError **error)
{
    if (param->tag == TYPE_STRING) {
        *ret_pointer = text != NULL ? (char *)text : (char *)"";
        return TRUE;
    }
    gunichar2 *wide = wide_from_utf8(text, error);
    if (wide == NULL)
        return FALSE;
    *ret_pointer = frame_keep(self, wide);
    return TRUE;
}

/* An object as VirtualBox takes it, by the parameter's interface. */
static gboolean object_in(Frame *self, const Param *param, Object *object, void **ret_pointer,
                          GError **error)
{
    *ret_pointer = NULL;
    if (object == NULL)
        return TRUE;
    if (param->interface != NULL && !interface_is(object_interface(object), param->interface)) {
        object = object_query(object, param->interface, error);
        if (object == NULL)
            return FALSE;
        if (self->objects == NULL)
            self->objects = g_ptr_array_new_with_free_func((GDestroyNotify)object_unref);
        g_ptr_array_add(self->objects, object);
    }
    *ret_pointer = object_unknown(object);
    return TRUE;
}

/* An array; of numbers it is passed as it is, of others a converted copy. */
static gboolean array_in(Frame *self, const Param *param, guint count, const void *items,
                         GError **error)
{
    static guint64 nothing; /* VirtualBox refuses a NULL array, also an empty one */
    self->arguments[self->n++].uint32 = count;
    Cell *cell = &self->arguments[self->n++];
    cell->pointer = items != NULL ? (void *)items : &nothing;
    if (count == 0 || (!is_string(param) && param->tag != TYPE_INTERFACE))
        return TRUE;
    g_assert(items != NULL);
    void **pointers = frame_keep(self, g_new0(void *, count));
    cell->pointer = pointers;
    for (guint i = 0; i < count; i++) {
        gboolean is_done =
            is_string(param)
                ? string_in(self, param, ((const char *const *)items)[i], &pointers[i], error)
                : object_in(self, param, ((Object *const *)items)[i], &pointers[i], error);
        if (!is_done)
            return FALSE;
    }
    return TRUE;
}

static gboolean scalar_in(Frame *self, const Param *param, va_list *args, GError **error)
{
    Cell *cell = &self->arguments[self->n++];
    switch (param->tag) {
    case TYPE_BOOL:
        cell->int32 = va_arg(*args, gboolean) != FALSE;
        return TRUE;
    case TYPE_INT8:
    case TYPE_UINT8:
        cell->uint8 = (guint8)va_arg(*args, guint);
        return TRUE;
    case TYPE_INT16:
    case TYPE_UINT16:
        cell->uint16 = (guint16)va_arg(*args, guint);
        return TRUE;
    case TYPE_INT32:
    case TYPE_UINT32:
        cell->uint32 = va_arg(*args, guint);
        return TRUE;
    case TYPE_INT64:
    case TYPE_UINT64:
        cell->uint64 = va_arg(*args, guint64);
        return TRUE;
    case TYPE_INTERFACE:
        return object_in(self, param, va_arg(*args, Object *), &cell->pointer, error);
    default:
        return string_in(self, param, va_arg(*args, const char *), &cell->pointer, error);
    }
}

static gboolean frame_fill(Frame *self, va_list *args, GError **error)
{
    self->arguments[self->n++].pointer = object_unknown(self->self);
    for (guint i = 0; i < self->method->n_params; i++) {
        const Param *param = &self->method->params[i];
        self->firsts[i] = self->n;
        if (param->is_out) {
            self->targets[i] = va_arg(*args, void *);
            for (guint j = 0; j < (param->is_array ? 2 : 1); j++, self->n++)
                self->arguments[self->n].pointer = &self->outs[self->n];
        } else if (param->is_array) {
            guint count = va_arg(*args, guint);
            if (!array_in(self, param, count, va_arg(*args, const void *), error))
                return FALSE;
        } else if (!scalar_in(self, param, args, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static guint32 frame_call(Frame *self)
{
    void *addresses[ARGUMENTS_MAX];
    for (guint i = 0; i < self->n; i++)
        addresses[i] = &self->arguments[i];
    void (*const *table)(void) = *(void (*const **)(void))object_unknown(self->self);
    ffi_arg result = 0;
    ffi_call(&method_plan(self->method)->cif, table[self->method->slot], &result, addresses);
    return (guint32)result;
}

/* Takes one text or object out of VirtualBox's memory.  ret_value NULL: drops it. */
static void pointer_out(Xpcom *xpcom, const Param *param, void *pointer, void *ret_value)
{
    if (param->tag == TYPE_INTERFACE) {
        g_autoptr(Object) object =
            pointer != NULL ? object_new(xpcom, pointer, param->interface) : NULL;
        if (ret_value != NULL)
            *(Object **)ret_value = g_steal_pointer(&object);
        return;
    }
    if (ret_value != NULL)
        *(char **)ret_value =
            param->tag == TYPE_WSTRING ? wide_to_utf8(pointer) : g_strdup(pointer ? pointer : "");
    if (pointer != NULL)
        xpcom->functions->ComUnallocString(pointer);
}

static void strings_out(Xpcom *xpcom, const Param *param, guint count, void **items, void *target)
{
    char **texts = target != NULL ? g_new0(char *, (gsize)count + 1) : NULL;
    for (guint i = 0; i < count; i++)
        pointer_out(xpcom, param, items[i], texts != NULL ? &texts[i] : NULL);
    if (target != NULL)
        *(char ***)target = texts;
}

static void objects_out(Xpcom *xpcom, const Param *param, guint count, void **items, void *target)
{
    g_autoptr(GPtrArray) objects = g_ptr_array_new_full(count, (GDestroyNotify)object_unref);
    for (guint i = 0; i < count; i++) {
        Object *object = NULL;
        pointer_out(xpcom, param, items[i], &object);
        g_ptr_array_add(objects, object);
    }
    if (target != NULL)
        *(GPtrArray **)target = g_steal_pointer(&objects);
}

static void numbers_out(const Param *param, guint count, const void *items, void *target)
{
    if (target == NULL)
        return;
    guint width = (guint)number_width(param->tag);
    if (width == 1) {
        *(GBytes **)target = g_bytes_new(items, count);
        return;
    }
    GArray *numbers = g_array_sized_new(FALSE, FALSE, width, count);
    if (count > 0)
        g_array_append_vals(numbers, items, count);
    *(GArray **)target = numbers;
}

static void array_out(Xpcom *xpcom, const Param *param, const Cell *outs, void *target)
{
    void *items = outs[1].pointer;
    guint count = items != NULL ? outs[0].uint32 : 0;
    if (is_string(param))
        strings_out(xpcom, param, count, items, target);
    else if (param->tag == TYPE_INTERFACE)
        objects_out(xpcom, param, count, items, target);
    else
        numbers_out(param, count, items, target);
    if (items != NULL)
        xpcom->functions->ComUnallocString(items);
}

static void number_out(const Param *param, const Cell *out, void *target)
{
    if (target == NULL)
        return;
    switch (number_width(param->tag)) {
    case 1:
        *(guint8 *)target = out->uint8;
        return;
    case 2:
        *(guint16 *)target = out->uint16;
        return;
    case 4:
        *(guint32 *)target = param->tag == TYPE_BOOL ? out->uint32 != 0 : out->uint32;
        return;
    default:
        *(guint64 *)target = out->uint64;
        return;
    }
}

static void frame_deliver(Frame *self)
{
    Xpcom *xpcom = object_xpcom(self->self);
    for (guint i = 0; i < self->method->n_params; i++) {
        const Param *param = &self->method->params[i];
        const Cell *outs = &self->outs[self->firsts[i]];
        if (!param->is_out)
            continue;
        if (param->is_array)
            array_out(xpcom, param, outs, self->targets[i]);
        else if (is_string(param) || param->tag == TYPE_INTERFACE)
            pointer_out(xpcom, param, outs->pointer, self->targets[i]);
        else
            number_out(param, outs, self->targets[i]);
    }
}

gboolean object_call_va(Object *self, const Method *method, GError **error, va_list args)
{
    if (!method->callable || !interface_is(object_interface(self), method->owner))
        g_error("%s::%s(%s) cannot be called on an object of %s", method->owner->name, method->name,
                method->signature,
                object_interface(self) != NULL ? object_interface(self)->name : "no interface");
    Xpcom *xpcom = object_xpcom(self);
    g_auto(Frame) frame = {.self = self, .method = method};
    va_list list;
    va_copy(list, args);
    gboolean is_filled = xpcom_enter(xpcom, error) && frame_fill(&frame, &list, error);
    va_end(list);
    if (!is_filled)
        return FALSE;
    xpcom->functions->ClearException(); /* of a call that succeeded after all; costs 0.1 µs */
    guint32 result = frame_call(&frame);
    if (RESULT_FAILED(result))
        return failure_set(xpcom, method, result, error);
    frame_deliver(&frame);
    return TRUE;
}

gboolean object_call(Object *self, const Method *method, GError **error, ...)
{
    va_list args;
    va_start(args, error);
    gboolean is_done = object_call_va(self, method, error, args);
    va_end(args);
    return is_done;
}
