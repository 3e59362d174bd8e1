/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of bags: libffi's closures, arguments, and what a call means that is no behaviour. */
#include "tests/unit/versions/bag_call.h"
#include <ffi.h>
#include <string.h>

/* --- arguments ----------------------------------------------------------------------------- */

/* What libffi has for a parameter: the first is the object, an array is two. */
static void **argument(const BagCall *self, guint param)
{
    guint at = 1;
    for (guint i = 0; i < param; i++)
        at += self->method->params[i].is_array ? 2 : 1;
    return &self->args[at];
}

gint64 call_number(const BagCall *self, guint param)
{
    const void *value = *argument(self, param);
    switch (self->method->params[param].tag) {
    case TYPE_INT8:
    case TYPE_UINT8:
        return *(const guint8 *)value;
    case TYPE_INT16:
        return *(const gint16 *)value;
    case TYPE_UINT16:
        return *(const guint16 *)value;
    case TYPE_UINT32:
        return *(const guint32 *)value;
    case TYPE_INT32:
    case TYPE_BOOL:
        return *(const gint32 *)value;
    default:
        return *(const gint64 *)value;
    }
}

static gboolean is_text(const Param *param)
{
    return param->tag == TYPE_STRING || param->tag == TYPE_WSTRING;
}

static char *text_from(const Param *param, const void *text)
{
    return param->tag == TYPE_STRING ? g_strdup(text) : g_utf16_to_utf8(text, -1, NULL, NULL, NULL);
}

char *call_text(const BagCall *self, guint param)
{
    return text_from(&self->method->params[param], *(void **)*argument(self, param));
}

/* An array of texts as lines, which is how a cell has it. */
static char *call_lines(const BagCall *self, guint param)
{
    void **place = argument(self, param);
    guint32 count = *(guint32 *)place[0];
    void **texts = *(void ***)place[1];
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(lines, text_from(&self->method->params[param], texts[i]));
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}

char *call_numbers(const BagCall *self, guint param)
{
    void **place = argument(self, param);
    const guint32 *numbers = *(guint32 **)place[1];
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < *(guint32 *)place[0]; i++)
        g_string_append_printf(text, "%s%u", i == 0 ? "" : " ", numbers[i]);
    return g_string_free(text, FALSE);
}

Bag *call_object(const BagCall *self, guint param)
{
    return *(Bag **)*argument(self, param);
}

static void *result(const BagCall *self, guint param)
{
    return *(void **)*argument(self, param);
}

void call_return_number(const BagCall *self, guint param, gint64 value)
{
    void *place = result(self, param);
    switch (self->method->params[param].tag) {
    case TYPE_INT8:
    case TYPE_UINT8:
        *(guint8 *)place = (guint8)value;
        return;
    case TYPE_INT16:
    case TYPE_UINT16:
        *(guint16 *)place = (guint16)value;
        return;
    case TYPE_INT32:
    case TYPE_UINT32:
    case TYPE_BOOL:
        *(guint32 *)place = (guint32)value;
        return;
    default:
        *(gint64 *)place = value;
    }
}

static void *text_for(const Param *param, const char *text)
{
    return param->tag == TYPE_STRING ? (void *)fake_text(text) : (void *)fake_wide(text);
}

void call_return_text(const BagCall *self, guint param, const char *value)
{
    *(void **)result(self, param) = text_for(&self->method->params[param], value);
}

void call_return_object(const BagCall *self, guint param, Bag *object)
{
    if (object != NULL)
        fake_add_ref(&object->fake);
    *(Bag **)result(self, param) = object;
}

static void return_array(const BagCall *self, guint param, const void *items, guint count,
                         gsize width)
{
    void **place = argument(self, param);
    **(guint32 **)place[0] = count;
    **(void ***)place[1] = fake_memory(items, count * width);
}

void call_return_objects(const BagCall *self, guint param, const GPtrArray *objects)
{
    for (guint i = 0; i < objects->len; i++)
        fake_add_ref(g_ptr_array_index(objects, i));
    return_array(self, param, objects->pdata, objects->len, sizeof(void *));
}

void call_return_numbers(const BagCall *self, guint param, const GArray *numbers)
{
    return_array(self, param, numbers == NULL ? NULL : numbers->data,
                 numbers == NULL ? 0 : numbers->len, sizeof(guint32));
}

void call_return_texts(const BagCall *self, guint param, const GPtrArray *texts)
{
    g_autoptr(GPtrArray) copies = g_ptr_array_new();
    for (guint i = 0; i < texts->len; i++)
        g_ptr_array_add(copies, text_for(&self->method->params[param], texts->pdata[i]));
    return_array(self, param, copies->pdata, copies->len, sizeof(void *));
}

/* --- what a call means --------------------------------------------------------------------- */

static const char *base_name(const Method *method)
{
    static const char *const prefixes[] = {"get", "set", "is"};
    for (guint i = 0; method->kind == METHOD_CALL && i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(method->name, prefixes[i]))
            return method->name + strlen(prefixes[i]);
    return method->kind == METHOD_CALL ? NULL : method->name;
}

static guint count_ins(const Method *method)
{
    guint count = 0;
    while (count < method->n_params && !method->params[count].is_out)
        count++;
    return count;
}

/* How many of the parameters say which value it is: of setFoo() as many as getFoo() has. */
static guint count_keys(const Method *method)
{
    g_autofree char *getter = g_strconcat("get", base_name(method), NULL);
    const Method *get = method_find(method->owner, getter, METHOD_CALL);
    guint ins = count_ins(method);
    if (ins < method->n_params || method->kind != METHOD_CALL)
        return method->kind == METHOD_CALL ? ins : 0;
    return get != NULL ? count_ins(get) : ins - 1;
}

/* "Foo(1,a)" of getFoo(1, "a"). */
static char *key_of(const BagCall *self, guint n_keys)
{
    GString *key = g_string_new(base_name(self->method));
    for (guint i = 0; i < n_keys; i++) {
        g_autofree char *text = is_text(&self->method->params[i])
                                    ? call_text(self, i)
                                    : g_strdup_printf("%" G_GINT64_FORMAT, call_number(self, i));
        g_string_append_printf(key, "%s%s", i == 0 ? "(" : ",", text);
    }
    return g_string_free(g_string_append(key, n_keys > 0 ? ")" : ""), FALSE);
}

static void get(const BagCall *self, guint param, const char *key)
{
    const Param *type = &self->method->params[param];
    const Cell *cell = bag_cell(self->self, key);
    if (type->is_array && type->tag == TYPE_INTERFACE) {
        call_return_objects(self, param, bag_list(self->self, key));
    } else if (type->is_array && is_text(type)) {
        const char *text = bag_text(self->self, key);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        GPtrArray array = {.pdata = (gpointer *)lines, .len = g_strv_length(lines)};
        call_return_texts(self, param, &array);
    } else if (type->is_array) {
        call_return_numbers(self, param, cell->numbers);
    } else if (type->tag == TYPE_INTERFACE) {
        if (!cell->is_object && type->interface != NULL)
            bag_set_object(self->self, key, bag_new(type->interface->name, self->self));
        call_return_object(self, param, bag_object(self->self, key));
    } else if (is_text(type)) {
        call_return_text(self, param, bag_text(self->self, key));
    } else {
        call_return_number(self, param, cell->number);
    }
}

static gboolean is_frozen(const Bag *bag)
{
    for (; bag != NULL; bag = bag->whole)
        if (bag->is_frozen)
            return TRUE;
    return FALSE;
}

static void note_change(const Method *method)
{
    g_string_append_printf(world.changes, "%s::%s\n", method->owner->name, method->name);
}

static guint32 set(const BagCall *self, guint param, const char *key)
{
    const Param *type = &self->method->params[param];
    if (is_frozen(self->self))
        return VBOX_E_INVALID_VM_STATE;
    note_change(self->method);
    if (is_text(type)) {
        g_autofree char *text = type->is_array ? call_lines(self, param) : call_text(self, param);
        bag_set_text(self->self, key, text);
    } else {
        bag_set_number(self->self, key, call_number(self, param));
    }
    return FAKE_OK;
}

/* Several values of one call are the cells "Foo", "Foo/1", … */
static guint32 get_or_set(const BagCall *self)
{
    const Method *method = self->method;
    guint32 code = FAKE_OK;
    guint n_keys = base_name(method) == NULL ? method->n_params : count_keys(method);
    g_autofree char *first = n_keys < method->n_params ? key_of(self, n_keys) : NULL;
    for (guint i = n_keys; i < method->n_params && !RESULT_FAILED(code); i++) {
        const Param *type = &method->params[i];
        g_autofree char *key =
            i == n_keys ? g_strdup(first) : g_strdup_printf("%s/%u", first, i - n_keys);
        if (type->is_out)
            get(self, i, key);
        else if ((type->is_array && !is_text(type)) || type->tag == TYPE_INTERFACE)
            g_clear_pointer(&first, g_free);
        else
            code = set(self, i, key);
    }
    if (first == NULL)
        g_error("the property bag does not know what %s::%s does; write it a behaviour in "
                "tests/unit/versions/parts.c",
                method->owner->name, method->name);
    return code;
}

static const Behaviour *find_behaviour(const Method *method)
{
    for (guint i = 0; i < G_N_ELEMENTS(world.behaviours); i++)
        for (const Behaviour *each = world.behaviours[i]; each->interface != NULL; each++)
            if (g_str_equal(each->method, method->name) &&
                g_str_equal(each->interface, method->owner->name))
                return each;
    return NULL;
}

static guint32 run(BagCall *call)
{
    const Behaviour *behaviour = find_behaviour(call->method);
    if (behaviour == NULL)
        return get_or_set(call);
    if (behaviour->is_change && is_frozen(call->self))
        return VBOX_E_INVALID_VM_STATE;
    if (behaviour->is_change)
        note_change(call->method);
    return behaviour->run(call);
}

/* What VirtualBox says of a failure, for this thread. */
static void explain(const Method *method, const char *what)
{
    Bag *info = bag_new("IVirtualBoxErrorInfo", NULL);
    g_autofree char *text = g_strdup_printf("%s::%s %s", method->owner->name, method->name, what);
    bag_set_text(info, "text", text);
    bag_set_object(info, "next", NULL);
    fake_exception = (FakeError *)info; /* only its head, the Fake, is looked at */
}

static void on_call(ffi_cif *cif, void *ret, void **args, void *data)
{
    BagCall call = {.self = *(Bag **)args[0], .method = data, .args = args};
    gboolean is_error = g_str_equal(call.self->interface->name, ERROR_INTERFACE);
    guint32 code = world.fail_with;
    if (!is_error && ++world.calls == world.fail_at) {
        g_free(world.failed);
        world.failed = g_strdup_printf("%s::%s", call.method->owner->name, call.method->name);
        explain(call.method, "was made to fail");
    } else {
        code = run(&call);
        if (RESULT_FAILED(code))
            explain(call.method, xpcom_result_name(code));
    }
    *(ffi_arg *)ret = code;
}

/* --- tables -------------------------------------------------------------------------------- */

static GHashTable *tables; /* Interface → FakeSlot * */
static GPtrArray *closures;

static void put_closures(const Interface *interface, FakeSlot *table)
{
    for (guint i = 0; i < interface->n_methods; i++) {
        const Method *method = &interface->methods[i];
        void *code = NULL;
        if (!method->callable)
            continue;
        ffi_closure *closure = ffi_closure_alloc(sizeof(ffi_closure), &code);
        g_assert_true(ffi_prep_closure_loc(closure, call_cif(method), on_call, (void *)method,
                                           code) == FFI_OK);
        g_ptr_array_add(closures, closure);
        memcpy(&table[method->slot], &code, sizeof code);
    }
}

/* By the ids of the type library, which are the installed one's. */
static guint32 query(Fake *self, const guint8 *iid, void **ret_object)
{
    const Bag *bag = (const Bag *)self;
    for (const Interface *each = bag->interface; each != NULL; each = each->parent) {
        if (memcmp(each->iid, iid, sizeof each->iid) != 0)
            continue;
        fake_add_ref(self);
        *ret_object = self;
        return FAKE_OK;
    }
    return fake_query(self, iid, ret_object);
}

const FakeSlot *bag_table(const Interface *interface)
{
    static const FakeSlot unknown[] = {FAKE_SLOT(query), FAKE_SLOT(fake_add_ref),
                                       FAKE_SLOT(fake_release)};
    if (tables == NULL) {
        tables = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        closures = g_ptr_array_new_with_free_func(ffi_closure_free);
    }
    FakeSlot *table = g_hash_table_lookup(tables, interface);
    if (table != NULL)
        return table;
    guint slots = 0;
    for (const Interface *each = interface; each != NULL; each = each->parent)
        slots += each->n_methods;
    table = g_new0(FakeSlot, slots);
    for (const Interface *each = interface; each != NULL; each = each->parent)
        put_closures(each, table);
    memcpy(table, unknown, sizeof unknown);
    g_hash_table_insert(tables, (gpointer)interface, table);
    return table;
}

void bag_tables_free(void)
{
    g_clear_pointer(&tables, g_hash_table_unref);
    g_clear_pointer(&closures, g_ptr_array_unref);
}
