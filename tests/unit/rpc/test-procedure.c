/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of the table of procedures: rows that must not change by accident, and the checks. */
#include "base/error.h"
#include "base/libvirt.h"
#include "rpc/remote.h"

static void test_table(void)
{
    guint events = 0, before_auth = 0;
    g_assert_cmpint(REMOTE_PROC_LAST, ==, 456);
    for (guint32 number = 1; number <= REMOTE_PROC_LAST; number++) {
        const Procedure *row = procedure_find(number);
        g_assert_cmpuint(row->number, ==, number);
        g_assert_true(procedure_find_by_name(row->name) == row);
        events += row->is_event != FALSE;
        before_auth += row->before_auth != FALSE;
        if (row->is_event) {
            g_assert_null(row->args);
            g_assert_nonnull(row->ret);
            g_assert_cmpint(row->server, ==, SERVER_NONE);
            g_assert_false(row->read_only);
        }
    }
    g_assert_cmpuint(events, ==, 55);
    g_assert_cmpuint(before_auth, ==, 5);
    for (guint32 number = REMOTE_PROC_AUTH_LIST; number <= REMOTE_PROC_AUTH_POLKIT; number++)
        g_assert_true(procedure_find(number)->before_auth);
}

static void test_find(void)
{
    g_assert_null(procedure_find(0));
    g_assert_null(procedure_find(457));
    g_assert_null(procedure_find(G_MAXUINT32));
    g_assert_null(procedure_find_by_name("DOMAIN"));
    const Procedure *row = procedure_find_by_name("DOMAIN_DEFINE_XML_FLAGS");
    g_assert_cmpuint(row->number, ==, REMOTE_PROC_DOMAIN_DEFINE_XML_FLAGS);
    g_assert_cmpstr(row->api, ==, "virDomainDefineXMLFlags");
}

static void test_kinds(void)
{
    const Procedure *screenshot = procedure_find(REMOTE_PROC_DOMAIN_SCREENSHOT);
    g_assert_cmpint(screenshot->stream, ==, STREAM_TO_CLIENT);
    g_assert_cmpint(procedure_find(REMOTE_PROC_STORAGE_VOL_UPLOAD)->stream, ==, STREAM_TO_SERVER);
    g_assert_cmpint(procedure_find(REMOTE_PROC_DOMAIN_OPEN_CONSOLE)->stream, ==, STREAM_BOTH);
    g_assert_true(procedure_find(REMOTE_PROC_DOMAIN_OPEN_GRAPHICS)->fds_in);
    g_assert_true(procedure_find(REMOTE_PROC_DOMAIN_OPEN_GRAPHICS_FD)->fds_out);
    g_assert_cmpint(procedure_find(REMOTE_PROC_DOMAIN_DESTROY)->lane, ==, LANE_NOW);
    g_assert_cmpint(procedure_find(REMOTE_PROC_DOMAIN_DEFINE_XML)->lane, ==, LANE_WRITE);
    g_assert_cmpint(procedure_find(REMOTE_PROC_DOMAIN_GET_INFO)->lane, ==, LANE_READ);
}

static void test_flags(void)
{
    g_autoptr(GError) error = NULL;
    const Procedure *dump = procedure_find(REMOTE_PROC_DOMAIN_GET_XML_DESC);
    const Procedure *info = procedure_find(REMOTE_PROC_DOMAIN_GET_INFO);
    const Procedure *open = procedure_find(REMOTE_PROC_CONNECT_OPEN);
    DomainGetXmlDescArgs args = {.flags = 15};
    ConnectOpenArgs stray = {.flags = 0xc7};
    g_assert_true(procedure_check_flags(dump, &args, &error));
    args.flags = 16 + 1;
    g_assert_false(procedure_check_flags(dump, &args, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    g_assert_cmpstr(error->message, ==, "unsupported flags (0x10) in function virDomainGetXMLDesc");
    g_assert_true(procedure_check_flags(info, NULL, NULL));
    /* Clients open with stray bits: facts/rpc.md, "Session". */
    g_assert_true(procedure_check_flags(open, &stray, NULL));
    g_assert_cmpuint(procedure_flags(open, &stray), ==, 0xc7);
}

static void test_read_only(void)
{
    g_autoptr(GError) error = NULL;
    const Procedure *dump = procedure_find(REMOTE_PROC_DOMAIN_GET_XML_DESC);
    const Procedure *create = procedure_find(REMOTE_PROC_DOMAIN_CREATE);
    DomainGetXmlDescArgs args = {.flags = VIR_DOMAIN_XML_INACTIVE};
    g_assert_true(procedure_check_read_only(dump, &args, NULL));
    args.flags |= VIR_DOMAIN_XML_SECURE;
    g_assert_false(procedure_check_read_only(dump, &args, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_DENIED);
    g_clear_error(&error);
    args.flags = VIR_DOMAIN_XML_MIGRATABLE;
    g_assert_false(procedure_check_read_only(dump, &args, NULL));
    g_assert_false(procedure_check_read_only(create, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_DENIED);
    /* In doubt (facts: "unproven"), and what would let a client name itself another. */
    g_assert_false(procedure_find(REMOTE_PROC_DOMAIN_OPEN_GRAPHICS)->read_only);
    g_assert_false(procedure_find(REMOTE_PROC_DOMAIN_FD_ASSOCIATE)->read_only);
    g_assert_false(procedure_find(REMOTE_PROC_CONNECT_SET_IDENTITY)->read_only);
}

/* Nothing that a read-only client may call is in the writers' lane. */
static void test_readers_read(void)
{
    for (guint32 number = 1; number <= REMOTE_PROC_LAST; number++) {
        const Procedure *row = procedure_find(number);
        if (row->read_only && row->lane != LANE_READ)
            g_error("%s is open to read-only clients and not in the lane read", row->name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/procedure/table", test_table);
    g_test_add_func("/procedure/find", test_find);
    g_test_add_func("/procedure/kinds", test_kinds);
    g_test_add_func("/procedure/flags", test_flags);
    g_test_add_func("/procedure/read-only", test_read_only);
    g_test_add_func("/procedure/readers-read", test_readers_read);
    return g_test_run();
}
