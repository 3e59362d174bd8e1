/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a person reads when a call meets a machine in a state that does not last.  The VirtualBox is
 * a property bag: a real one is in most of these for a moment only. */
#include <string.h>
#include "domain/build.h"
#include "domain/console.h"
#include "domain/domain.h"
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"

#define XML                                                                               \
    "<domain type='vbox'><name>m</name><uuid>11111111-2222-3333-4444-555555555555</uuid>" \
    "<memory>65536</memory><os><type>hvm</type></os></domain>"
#define SAID "Invalid machine state"

/* What is said of the machine when VirtualBox refuses a call for its state.  Owned by the caller.
 */
static char *explain(Object *machine, gint64 state, gint *ret_code)
{
    g_autoptr(GError) error = NULL;
    Bag *bag = g_ptr_array_index(bag_list(virtualbox.root, "Machines"), 0);
    bag_set_number(bag, "state", state);
    g_set_error(&error, XPCOM_ERROR, (gint)VBOX_E_INVALID_VM_STATE, SAID);
    g_assert_false(console_explain(machine, &error));
    *ret_code = error->domain == VIR_ERROR ? error->code : 0;
    return g_strdup(error->message);
}

static Object *make(void)
{
    g_autoptr(GError) error = NULL;
    guint8 uuid[UUID_BYTES];
    virtualbox_reset();
    bag_set_text(virtualbox.root, "homeFolder", g_get_tmp_dir()); /* for locks */
    Object *machine = build_machine(XML, FALSE, uuid, &error);
    g_assert_no_error(error);
    return machine;
}

static void test_each(void)
{
    static const struct {
        VboxEnum state;
        const char *wrong, *what_to_do;
    } texts[] = {
        {MachineState_Paused, "domain is paused", "resume it first"},
        {MachineState_Stuck, "domain has crashed", "destroy it and start it again"},
        {MachineState_Starting, "domain is just starting", "try again when it runs"},
        {MachineState_Restoring, "domain is just starting", "try again when it runs"},
        {MachineState_Stopping, "domain is just stopping", "wait until it is shut off"},
        {MachineState_Saving, "state is just being saved", "wait until it is shut off"},
        {MachineState_Teleporting, "moving the domain to another host", "look for it there"},
        {MachineState_TeleportingPausedVM, "moving the domain to another host",
         "look for it there"},
        {MachineState_TeleportingIn, "just coming from another host", "try again when it runs"},
        {MachineState_LiveSnapshotting, "just making a snapshot", "try again when that is done"},
        {MachineState_OnlineSnapshotting, "just making a snapshot", "try again when that is done"},
        {MachineState_DeletingSnapshotOnline, "deleting a snapshot", "try again when that is done"},
        {MachineState_DeletingSnapshotPaused, "deleting a snapshot", "try again when that is done"},
    };
    g_autoptr(Object) machine = make();
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        gint code;
        g_autofree char *said = explain(machine, vbox_enum(texts[i].state), &code);
        const char *wrong = strstr(said, texts[i].wrong);
        g_assert_nonnull(wrong);
        g_assert_nonnull(strstr(wrong, texts[i].what_to_do));
        g_assert_cmpint(code, ==, VIR_ERR_OPERATION_INVALID);
    }
}

/* Those too that a later release may have between the others. */
static void test_all(void)
{
    g_autoptr(Object) machine = make();
    for (gint64 state = vbox_enum(MachineState_FirstOnline);
         state <= vbox_enum(MachineState_LastOnline); state++) {
        gint code;
        g_autofree char *said = explain(machine, state, &code);
        gboolean is_plain = state == vbox_enum(MachineState_Running);
        g_assert_cmpint(code, ==, is_plain ? 0 : VIR_ERR_OPERATION_INVALID);
        g_assert_true(is_plain ? g_str_equal(said, SAID) : strchr(said, ':') != NULL);
    }
}

static void test_off(void)
{
    g_autoptr(Object) machine = make();
    gint code;
    g_autofree char *said = explain(machine, vbox_enum(MachineState_PoweredOff), &code);
    g_assert_cmpstr(said, ==, "domain is not running");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = xpcom_find(&error);
    g_assert_no_error(error);
    virtualbox_start(releases, typelib_load(directory, &error));
    g_assert_no_error(error);
    g_autoptr(GString) lacking = g_string_new(NULL);
    g_assert_true(domain_bind(lacking));
    g_test_add_func("/console/each", test_each);
    g_test_add_func("/console/all", test_all);
    g_test_add_func("/console/off", test_off);
    int status = g_test_run();
    virtualbox_stop();
    return status;
}
