/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts that VirtualBox refuses, with and without a reason.  The VirtualBox is a property bag: a
 * real one fails without a reason only now and then. */
#include <string.h>
#include "domain/build.h"
#include "domain/domain.h"
#include "domain/start.h"
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"

#define XML                                                                               \
    "<domain type='vbox'><name>m</name><uuid>11111111-2222-3333-4444-555555555555</uuid>" \
    "<memory>65536</memory><os><type>hvm</type></os></domain>"
#define SILENT "No error info" /* what VirtualBox says when it says nothing */

/* What each launch does. */
typedef struct Launch {
    guint32 refused;  /* by the call itself; FAKE_OK: it begins */
    guint32 result;   /* of its job */
    const char *said; /* why it failed */
} Launch;

static const Launch *launches;
static guint launched;

static guint32 launch(BagCall *call)
{
    const Launch *now = &launches[launched++];
    if (now->refused != FAKE_OK)
        return now->refused;
    Bag *progress = bag_new("IProgress", NULL);
    bag_set_number(progress, "completed", TRUE);
    bag_set_number(progress, "resultCode", (gint32)now->result);
    if (now->said != NULL) {
        Bag *info = bag_new("IVirtualBoxErrorInfo", progress);
        bag_set_text(info, "text", now->said);
        bag_set_object(info, "next", NULL);
        bag_set_object(progress, "errorInfo", info);
    }
    call_return_object(call, call->method->n_params - 1, progress);
    return FAKE_OK;
}

/* Without an end, a look at all adapters has none either. */
#define ADAPTERS 8
static guint32 get_adapter(BagCall *call)
{
    gint64 slot = call_number(call, 0);
    if (slot >= ADAPTERS)
        return E_INVALIDARG;
    g_autofree char *key = g_strdup_printf("NetworkAdapter(%" G_GINT64_FORMAT ")", slot);
    if (bag_object(call->self, key) == NULL)
        bag_set_object(call->self, key, bag_new("INetworkAdapter", call->self));
    call_return_object(call, 1, bag_object(call->self, key));
    return FAKE_OK;
}

static const Behaviour behaviours[] = {{"IMachine", "launchVMProcess", launch, FALSE},
                                       {"IMachine", "getNetworkAdapter", get_adapter, FALSE},
                                       {NULL}};

/* NULL: it has started. */
static char *start(const Launch *plan)
{
    g_autoptr(GError) error = NULL;
    guint8 uuid[UUID_BYTES];
    virtualbox_reset();
    bag_set_text(virtualbox.root, "homeFolder", g_get_tmp_dir()); /* for locks */
    g_autoptr(Object) machine = build_machine(XML, FALSE, uuid, &error);
    g_assert_no_error(error);
    launches = plan;
    launched = 0;
    return start_machine(machine, FALSE, TRUE, &error) ? NULL : g_strdup(error->message);
}

static void test_without_reason(void)
{
    static const Launch once[] = {{FAKE_OK, NS_ERROR_FAILURE, SILENT}, {FAKE_OK, FAKE_OK, NULL}};
    static const Launch again[] = {{FAKE_OK, NS_ERROR_FAILURE, SILENT},
                                   {FAKE_OK, NS_ERROR_FAILURE, "not any more"}};
    g_autofree char *none = start(once);
    g_assert_null(none);
    g_assert_cmpuint(launched, ==, 2);
    g_autofree char *first = start(again);
    g_assert_cmpuint(launched, ==, 2);
    g_assert_true(g_str_has_prefix(first, "VirtualBox gave no reason: NS_ERROR_FAILURE"));
}

/* What VirtualBox gives a reason for stays so, whatever its code is. */
static void test_with_a_reason(void)
{
    static const Launch plan[] = {{FAKE_OK, VBOX_E_INVALID_OBJECT_STATE, "Locking failed"}};
    g_autofree char *said = start(plan);
    g_assert_cmpuint(launched, ==, 1);
    g_assert_cmpstr(said, ==, "Locking failed");
}

/* Another session may hold it for a moment. */
static void test_locked(void)
{
    static const Launch plan[] = {{VBOX_E_INVALID_OBJECT_STATE, 0, NULL},
                                  {VBOX_E_INVALID_OBJECT_STATE, 0, NULL},
                                  {FAKE_OK, FAKE_OK, NULL}};
    static const Launch never[] = {{E_ACCESSDENIED, 0, NULL}};
    g_autofree char *none = start(plan);
    g_assert_null(none);
    g_assert_cmpuint(launched, ==, 3);
    g_autofree char *said = start(never);
    g_assert_cmpuint(launched, ==, 1);
    g_assert_nonnull(strstr(said, "E_ACCESSDENIED"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = xpcom_find(&error);
    g_assert_no_error(error);
    virtualbox_start(releases, typelib_load(directory, &error));
    g_assert_no_error(error);
    world.behaviours[3] = behaviours; /* in place of adapters' */
    g_autoptr(GString) lacking = g_string_new(NULL);
    g_assert_true(domain_bind(lacking));
    g_test_add_func("/start/without-reason", test_without_reason);
    g_test_add_func("/start/with-a-reason", test_with_a_reason);
    g_test_add_func("/start/locked", test_locked);
    int status = g_test_run();
    virtualbox_stop();
    return status;
}
