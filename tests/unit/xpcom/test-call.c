/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls: every conversion, in and out, on a fake VirtualBox. */
#include <string.h>
#include "base/error.h"
#include "tests/unit/xpcom/builder.h"
#include "tests/unit/xpcom/fake.h"
#include "tests/unit/xpcom/samples.h"

/* IAnimal's slots, as sample_whole() orders them. */
typedef struct Animal {
    Fake fake;
    guint32 result;    /* what its methods answer */
    gboolean is_empty; /* everythingOut: NULLs and nothing */
    guint calls;
    struct Animal *friend;
    const gunichar2 *name;
    FakeError *exception;
} Animal;

#define TEXT "\303\244\360\237\220\225!" /* 2, 4 and 1 bytes in UTF-8; 1, 2 and 1 units */

static guint32 animal_name(Animal *self, gunichar2 **ret_name)
{
    self->calls++;
    fake_exception = self->exception;
    if ((self->result & 0x80000000u) != 0)
        return self->result;
    gsize length = 0;
    while (self->name[length] != 0)
        length++;
    *ret_name = fake_memory(self->name, (length + 1) * sizeof *self->name);
    return self->result;
}

static guint32 animal_set_name(Animal *self, const gunichar2 *name)
{
    self->calls++;
    static const gunichar2 expected[] = {0xe4, 0xd83d, 0xdc15, '!', 0};
    g_assert_cmpmem(name, sizeof expected, expected, sizeof expected);
    return FAKE_OK;
}

static guint32 animal_age(Animal *self, guint32 *ret_age)
{
    *ret_age = 0xfffffffe;
    return 0x00004005; /* a warning: there is a result all the same */
}

static void assert_wide(const gunichar2 *wide, const char *expected)
{
    g_autofree char *text = wide_to_utf8(wide);
    g_assert_nonnull(wide);
    g_assert_cmpstr(text, ==, expected);
}

static guint32 animal_everything(Animal *self, gint32 b, guint8 y, gint8 Y, gint16 h, guint16 q,
                                 gint32 i, guint32 u, gint64 l, guint64 t, const gunichar2 *s,
                                 const char *S, Animal *o, guint32 n_ab, const gint32 *ab,
                                 guint32 n_ay, const guint8 *ay, guint32 n_aq, const guint16 *aq,
                                 guint32 n_au, const guint32 *au, guint32 n_at, const guint64 *at,
                                 guint32 n_as, gunichar2 *const *as, guint32 n_ao,
                                 Animal *const *ao)
{
    self->calls++;
    g_assert_true(ab != NULL && ay != NULL && aq != NULL && au != NULL && at != NULL);
    g_assert_true(as != NULL && ao != NULL);
    if (self->is_empty) {
        assert_wide(s, "");
        g_assert_cmpstr(S, ==, "");
        g_assert_null(o);
        g_assert_cmpuint(n_ab + n_ay + n_aq + n_au + n_at, ==, 0);
        g_assert_cmpuint(n_as, ==, 1);
        assert_wide(as[0], "");
        g_assert_cmpuint(n_ao, ==, 1);
        g_assert_null(ao[0]);
        return FAKE_OK;
    }
    g_assert_cmpint(b, ==, 1);
    g_assert_cmpuint(y, ==, 0xfe);
    g_assert_cmpint(Y, ==, -3);
    g_assert_cmpint(h, ==, -300);
    g_assert_cmpuint(q, ==, 0xfffc);
    g_assert_cmpint(i, ==, -70000);
    g_assert_cmpuint(u, ==, 0xfffffffb);
    g_assert_cmpint(l, ==, G_MININT64);
    g_assert_cmpuint(t, ==, G_MAXUINT64);
    assert_wide(s, TEXT);
    g_assert_cmpstr(S, ==, TEXT);
    g_assert_true(o == self->friend);
    g_assert_cmpmem(ab, n_ab * sizeof *ab, ((gint32[]){1, 0}), 8);
    g_assert_cmpmem(ay, n_ay, "\x01\xff\x03", 3);
    g_assert_cmpmem(aq, n_aq * sizeof *aq, ((guint16[]){7, 65535}), 4);
    g_assert_cmpmem(au, n_au * sizeof *au, ((guint32[]){9, 4000000000}), 8);
    g_assert_cmpmem(at, n_at * sizeof *at, ((guint64[]){G_MAXUINT64}), 8);
    g_assert_cmpuint(n_as, ==, 2);
    assert_wide(as[0], "one");
    assert_wide(as[1], TEXT);
    g_assert_cmpuint(n_ao, ==, 2);
    g_assert_true(ao[0] == self->friend && ao[1] == self->friend);
    return FAKE_OK;
}

typedef struct Outs {
    void *b, *y, *Y, *h, *q, *i, *u, *l, *t;
    gunichar2 **s;
    char **S;
    Animal **o;
    guint32 *n_ab;
    void **ab;
    guint32 *n_ay;
    void **ay;
    guint32 *n_au;
    void **au;
    guint32 *n_at;
    void **at;
    guint32 *n_as;
    void **as;
    guint32 *n_ao;
    void **ao;
} Outs;

static void outs_fill(const Outs *outs, Animal *friend)
{
    gint32 b = 0x100; /* true, though no byte of it is 1 */
    memcpy(outs->b, &b, 4);
    memcpy(outs->y, &(guint8){0xfe}, 1);
    memcpy(outs->Y, &(gint8){-3}, 1);
    memcpy(outs->h, &(gint16){-300}, 2);
    memcpy(outs->q, &(guint16){0xfffc}, 2);
    memcpy(outs->i, &(gint32){-70000}, 4);
    memcpy(outs->u, &(guint32){0xfffffffb}, 4);
    memcpy(outs->l, &(gint64){G_MININT64}, 8);
    memcpy(outs->t, &(guint64){G_MAXUINT64}, 8);
    *outs->s = fake_wide(TEXT);
    *outs->S = fake_text(TEXT);
    *outs->o = friend;
    *outs->n_ab = 2;
    *outs->ab = fake_memory((gint32[]){1, 0}, 8);
    *outs->n_ay = 3;
    *outs->ay = fake_memory("\x01\xff\x03", 3);
    *outs->n_au = 2;
    *outs->au = fake_memory((guint32[]){9, 4000000000}, 8);
    *outs->n_at = 1;
    *outs->at = fake_memory((guint64[]){G_MAXUINT64}, 8);
    *outs->n_as = 3;
    *outs->as =
        fake_memory((void *[]){fake_wide("one"), NULL, fake_wide(TEXT)}, 3 * sizeof(void *));
    *outs->n_ao = 3;
    *outs->ao = fake_memory((void *[]){friend, NULL, friend}, 3 * sizeof(void *));
    for (guint i = 0; i < 3; i++)
        fake_add_ref(&friend->fake);
}

static guint32 animal_everything_out(Animal *self, void *b, void *y, void *Y, void *h, void *q,
                                     void *i, void *u, void *l, void *t, gunichar2 **s, char **S,
                                     Animal **o, guint32 *n_ab, void **ab, guint32 *n_ay, void **ay,
                                     guint32 *n_au, void **au, guint32 *n_at, void **at,
                                     guint32 *n_as, void **as, guint32 *n_ao, void **ao)
{
    self->calls++;
    if (self->is_empty) {
        *n_as = 0;
        *as = fake_memory(NULL, 0);
        *n_ay = 7; /* and no array: nobody may read there */
        return FAKE_OK;
    }
    const Outs outs = {b,    y,  Y,    h,  q,    i,  u,    l,  t,    s,  S,    o,
                       n_ab, ab, n_ay, ay, n_au, au, n_at, at, n_as, as, n_ao, ao};
    outs_fill(&outs, self->friend);
    return FAKE_OK;
}

static const FakeSlot animal_table[] = {
    FAKE_UNKNOWN,          FAKE_SLOT(animal_name),       FAKE_SLOT(animal_set_name),
    FAKE_SLOT(animal_age), FAKE_SLOT(animal_everything), FAKE_SLOT(animal_everything_out),
};

#define ANIMAL {.table = animal_table, .refs = 1, .interfaces = {"nsISupports", "IAnimal", "IDog"}}

typedef struct Fixture {
    Xpcom *xpcom;
    Animal animal, friend;
    Object *object, *friend_object; /* IAnimal; IDog */
    GError *error;
} Fixture;

static const Method *method(Fixture *self, const char *name, MethodKind kind)
{
    return method_find(typelib_find(xpcom_typelib(self->xpcom), "IAnimal"), name, kind);
}

static void set_up(Fixture *self, gconstpointer data)
{
    g_autoptr(GBytes) bytes = sample_whole();
    self->xpcom = fake_xpcom(bytes);
    self->animal = (Animal){.fake = ANIMAL, .friend = &self->friend};
    self->friend = (Animal){.fake = ANIMAL};
    const Typelib *typelib = xpcom_typelib(self->xpcom);
    self->object =
        object_new(self->xpcom, (Unknown *)&self->animal, typelib_find(typelib, "IAnimal"));
    self->friend_object =
        object_new(self->xpcom, (Unknown *)&self->friend, typelib_find(typelib, "IDog"));
}

static void tear_down(Fixture *self, gconstpointer data)
{
    g_assert_no_error(self->error);
    object_unref(self->object);
    object_unref(self->friend_object);
    g_assert_cmpint(self->animal.fake.refs, ==, 0);
    g_assert_cmpint(self->friend.fake.refs, ==, 0);
    g_assert_cmpint(fake.memory, ==, 0);
    xpcom_free(self->xpcom);
}

static void test_in(Fixture *self, gconstpointer data)
{
    const char *const texts[] = {"one", TEXT};
    Object *const objects[] = {self->friend_object, self->friend_object};
    g_assert_true(object_call(
        self->object, method(self, "everything", METHOD_CALL), &self->error, 5, 0xfe, -3, -300,
        0xfffc, -70000, 0xfffffffb, G_MININT64, G_MAXUINT64, TEXT, TEXT, self->friend_object, 2u,
        (gboolean[]){1, 0}, 3u, "\x01\xff\x03", 2u, (guint16[]){7, 65535}, 2u,
        (guint32[]){9, 4000000000}, 1u, (guint64[]){G_MAXUINT64}, 2u, texts, 2u, objects));
    g_assert_cmpuint(self->animal.calls, ==, 1);
    g_assert_cmpint(self->friend.fake.refs, ==, 1);
}

static void test_in_nothing(Fixture *self, gconstpointer data)
{
    self->animal.is_empty = TRUE;
    const char *const texts[] = {NULL};
    Object *const objects[] = {NULL};
    g_assert_true(object_call(self->object, method(self, "everything", METHOD_CALL), &self->error,
                              0, 0, 0, 0, 0, 0, 0, (gint64)0, (guint64)0, NULL, NULL, NULL, 0u,
                              NULL, 0u, NULL, 0u, NULL, 0u, NULL, 0u, NULL, 1u, texts, 1u,
                              objects));
    g_assert_cmpuint(self->animal.calls, ==, 1);
}

/* The caller's variables, and what surrounds the small ones must stay. */
typedef struct Received {
    gboolean b;
    guint8 y, y_after;
    gint8 Y, Y_after;
    gint16 h, h_after;
    guint16 q, q_after;
    gint32 i;
    guint32 u, u_after;
    gint64 l;
    guint64 t;
    char *s, *S;
    Object *o;
    GArray *ab;
    GBytes *ay;
    GArray *au, *at;
    char **as;
    GPtrArray *ao;
} Received;

static gboolean receive(Fixture *self, Received *r)
{
    return object_call(self->object, method(self, "everythingOut", METHOD_CALL), &self->error,
                       &r->b, &r->y, &r->Y, &r->h, &r->q, &r->i, &r->u, &r->l, &r->t, &r->s, &r->S,
                       &r->o, &r->ab, &r->ay, &r->au, &r->at, &r->as, &r->ao);
}

static void received_clear(Received *self)
{
    g_free(self->s);
    g_free(self->S);
    object_unref(self->o);
    g_array_unref(self->ab);
    g_bytes_unref(self->ay);
    g_array_unref(self->au);
    g_array_unref(self->at);
    g_strfreev(self->as);
    g_ptr_array_unref(self->ao);
}

static void assert_array(const GArray *array, const void *expected, guint count, guint width)
{
    g_assert_cmpuint(g_array_get_element_size((GArray *)array), ==, width);
    g_assert_cmpmem(array->data, array->len * width, expected, count * width);
}

static void test_out(Fixture *self, gconstpointer data)
{
    Received r = {0};
    g_assert_true(receive(self, &r));
    g_assert_cmpint(r.b, ==, TRUE);
    g_assert_cmpuint(r.y, ==, 0xfe);
    g_assert_cmpint(r.Y, ==, -3);
    g_assert_cmpint(r.h, ==, -300);
    g_assert_cmpuint(r.q, ==, 0xfffc);
    g_assert_cmpint(r.i, ==, -70000);
    g_assert_cmpuint(r.u, ==, 0xfffffffb);
    g_assert_cmpint(r.l, ==, G_MININT64);
    g_assert_cmpuint(r.t, ==, G_MAXUINT64);
    g_assert_cmpuint(r.y_after + (guint)r.Y_after + (guint)r.h_after + r.q_after + r.u_after, ==,
                     0);
    g_assert_cmpstr(r.s, ==, TEXT);
    g_assert_cmpstr(r.S, ==, TEXT);
    g_assert_cmpstr(object_interface(r.o)->name, ==, "IDog");
    g_assert_true((Animal *)object_unknown(r.o) == &self->friend);
    assert_array(r.ab, (gint32[]){1, 0}, 2, 4);
    g_assert_cmpmem(g_bytes_get_data(r.ay, NULL), g_bytes_get_size(r.ay), "\x01\xff\x03", 3);
    assert_array(r.au, (guint32[]){9, 4000000000}, 2, 4);
    assert_array(r.at, (guint64[]){G_MAXUINT64}, 1, 8);
    g_assert_cmpuint(g_strv_length(r.as), ==, 3);
    g_assert_cmpstr(r.as[0], ==, "one");
    g_assert_cmpstr(r.as[1], ==, "");
    g_assert_cmpstr(r.as[2], ==, TEXT);
    g_assert_cmpuint(r.ao->len, ==, 3);
    g_assert_null(r.ao->pdata[1]);
    g_assert_true((Animal *)object_unknown(r.ao->pdata[2]) == &self->friend);
    g_assert_cmpint(self->friend.fake.refs, ==, 4);
    received_clear(&r);
}

static void test_out_nothing(Fixture *self, gconstpointer data)
{
    Received r = {0};
    self->animal.is_empty = TRUE;
    r.b = TRUE;
    r.o = self->object;
    g_assert_true(receive(self, &r));
    g_assert_cmpint(r.b, ==, FALSE);
    g_assert_cmpstr(r.s, ==, "");
    g_assert_cmpstr(r.S, ==, "");
    g_assert_null(r.o);
    g_assert_cmpuint(r.ab->len + r.au->len + r.at->len + r.ao->len, ==, 0);
    g_assert_cmpuint(g_bytes_get_size(r.ay), ==, 0);
    g_assert_cmpuint(g_strv_length(r.as), ==, 0);
    received_clear(&r);
}

static void test_out_unwanted(Fixture *self, gconstpointer data)
{
    g_assert_true(object_call(self->object, method(self, "everythingOut", METHOD_CALL),
                              &self->error, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                              NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    g_assert_cmpint(self->friend.fake.refs, ==, 1); /* and tear_down() counts the memory */
}

static void test_text(Fixture *self, gconstpointer data)
{
    static const struct {
        gunichar2 wide[6];
        const char *text;
    } texts[] = {
        {{0}, ""},
        {{'a', 0x7f, 0x80, 0x7ff, 0x800, 0}, "a\x7f\302\200\337\277\340\240\200"},
        {{0xffff, 0xd800, 0xdc00, 0xdbff, 0xdfff, 0},
         "\357\277\277\360\220\200\200\364\217\277\277"},
        {{0xd800, 'x', 0}, "\357\277\275x"},               /* a first half alone */
        {{0xdc00, 0xd800, 0}, "\357\277\275\357\277\275"}, /* the wrong way round, at the end */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        self->animal.name = texts[i].wide;
        g_autofree char *text = NULL;
        g_assert_true(
            object_call(self->object, method(self, "name", METHOD_GET), &self->error, &text));
        g_assert_cmpstr(text, ==, texts[i].text);
    }
    g_assert_true(object_call(self->object, method(self, "name", METHOD_SET), &self->error, TEXT));
}

static void test_bad_text(Fixture *self, gconstpointer data)
{
    const char *const texts[] = {"good", "\xff"};
    g_assert_false(
        object_call(self->object, method(self, "name", METHOD_SET), &self->error, "\303"));
    g_assert_error(self->error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    g_clear_error(&self->error);
    g_assert_false(object_call(self->object, method(self, "everything", METHOD_CALL), &self->error,
                               0, 0, 0, 0, 0, 0, 0, (gint64)0, (guint64)0, "", "", NULL, 0u, NULL,
                               0u, NULL, 0u, NULL, 0u, NULL, 0u, NULL, 2u, texts, 0u, NULL));
    g_assert_error(self->error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    g_clear_error(&self->error);
    g_assert_cmpuint(self->animal.calls, ==, 0);
}

/* An object of another interface is passed by the one that the method takes. */
static void test_in_queried(Fixture *self, gconstpointer data)
{
    const Typelib *typelib = xpcom_typelib(self->xpcom);
    g_autoptr(Object) plain =
        object_query(self->friend_object, typelib_find(typelib, "nsISupports"), &self->error);
    g_assert_no_error(self->error);
    Object *const objects[] = {plain, self->friend_object};
    self->animal.friend = &self->friend;
    self->friend.fake.interfaces[2] = NULL; /* no IDog any more */
    g_assert_false(object_call(self->object, method(self, "everything", METHOD_CALL), &self->error,
                               5, 0xfe, -3, -300, 0xfffc, -70000, 0xfffffffb, G_MININT64,
                               G_MAXUINT64, TEXT, TEXT, self->friend_object, 0u, NULL, 0u, NULL, 0u,
                               NULL, 0u, NULL, 0u, NULL, 0u, NULL, 2u, objects));
    g_assert_error(self->error, XPCOM_ERROR, (gint)NS_ERROR_NO_INTERFACE);
    g_clear_error(&self->error);
    g_assert_cmpuint(self->animal.calls, ==, 0);
    self->friend.fake.interfaces[2] = "IDog";
    const char *const texts[] = {"one", TEXT};
    g_assert_true(object_call(
        self->object, method(self, "everything", METHOD_CALL), &self->error, 5, 0xfe, -3, -300,
        0xfffc, -70000, 0xfffffffb, G_MININT64, G_MAXUINT64, TEXT, TEXT, plain, 2u,
        (gboolean[]){1, 0}, 3u, "\x01\xff\x03", 2u, (guint16[]){7, 65535}, 2u,
        (guint32[]){9, 4000000000}, 1u, (guint64[]){G_MAXUINT64}, 2u, texts, 2u, objects));
    g_assert_cmpint(self->friend.fake.refs, ==, 2);
}

static void test_warning(Fixture *self, gconstpointer data)
{
    guint32 age = 0;
    gint64 wide = 0;
    const Method *getter = method(self, "age", METHOD_GET);
    g_assert_true(object_call(self->object, getter, &self->error, &age));
    g_assert_cmpuint(age, ==, 0xfffffffe);
    g_assert_true(object_get_number(self->object, getter, &wide, &self->error));
    g_assert_cmpint(wide, ==, 0xfffffffe);
}

/* A second call uses the first one's plan, an inherited method its parent's. */
static void test_inherited(Fixture *self, gconstpointer data)
{
    static const gunichar2 name[] = {'R', 'e', 'x', 0};
    self->friend.name = name;
    for (guint i = 0; i < 2; i++) {
        g_autofree char *text = NULL;
        g_assert_true(object_call(self->friend_object, method(self, "name", METHOD_GET),
                                  &self->error, &text));
        g_assert_cmpstr(text, ==, "Rex");
    }
}

static void test_failure(Fixture *self, gconstpointer data)
{
    self->animal.result = NS_ERROR_ABORT;
    char *text = (char *)"untouched";
    g_assert_false(
        object_call(self->object, method(self, "name", METHOD_GET), &self->error, &text));
    g_assert_cmpstr(text, ==, "untouched");
    g_assert_error(self->error, XPCOM_ERROR, (gint)NS_ERROR_ABORT);
    g_assert_cmpstr(self->error->message, ==,
                    "VirtualBox did not answer IAnimal::name: NS_ERROR_ABORT (0x80004004), "
                    "its service has gone");
    g_clear_error(&self->error);
    g_assert_false(object_call(self->object, method(self, "name", METHOD_GET), NULL, &text));
}

static void wrong_interface(Fixture *self, gconstpointer data)
{
    if (g_test_subprocess()) {
        const Typelib *typelib = xpcom_typelib(self->xpcom);
        const Method *bark = method_find(typelib_find(typelib, "IDog"), "collar", METHOD_GET);
        char *text = NULL;
        (void)!object_call(self->object, bark, NULL, &text);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*IDog::collar(>s) cannot be called on an object of IAnimal*");
}

#define ADD(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/call/in", test_in);
    ADD("/call/in-nothing", test_in_nothing);
    ADD("/call/in-queried", test_in_queried);
    ADD("/call/out", test_out);
    ADD("/call/out-nothing", test_out_nothing);
    ADD("/call/out-unwanted", test_out_unwanted);
    ADD("/call/text", test_text);
    ADD("/call/bad-text", test_bad_text);
    ADD("/call/warning", test_warning);
    ADD("/call/inherited", test_inherited);
    ADD("/call/failure", test_failure);
    ADD("/call/wrong-interface", wrong_interface);
    return g_test_run();
}
