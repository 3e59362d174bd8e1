/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records and XML of pools: what is written is read again, and what is not ours stays. */
#include <string.h>
#include "storage/pool_record.h"

static const guint8 some_uuid[UUID_BYTES] = {1, 2, 3};

static Pool *make(const char *path)
{
    Pool *pool = pool_new();
    pool->name = g_strdup("odd = name; [x] \"ü\\");
    memcpy(pool->uuid, some_uuid, UUID_BYTES);
    pool->path = g_strdup(path);
    pool->mode = 0750;
    pool->persistent = pool->autostart = pool->active = TRUE;
    return pool;
}

static void test_record(void)
{
    g_autoptr(Pool) before = make("/no where/\n&");
    g_autofree char *text = pool_record_format(before, "[pool]\nquota=9\n\n[future]\nkey=value\n");
    g_assert_nonnull(strstr(text, "quota=9"));
    g_assert_nonnull(strstr(text, "[future]\nkey=value"));
    g_autoptr(GError) error = NULL;
    g_autoptr(Pool) after = pool_record_parse(some_uuid, text, &error);
    g_assert_no_error(error);
    g_autofree char *again = pool_record_format(after, text);
    g_assert_cmpstr(text, ==, again);
    g_assert_cmpstr(after->name, ==, before->name);
    g_assert_cmpstr(after->path, ==, before->path);
    g_assert_true(after->active && after->autostart && after->persistent);
    g_assert_cmpint(after->mode, ==, 0750);
    g_assert_cmpint(after->owner, ==, NUMBER_ABSENT);
}

static void test_broken(void)
{
    static const char *const bad[] = {"x", "[pool]\nname=a\n", "[pool]\npath=/a\n",
                                      "[pool]\nname=a\npath=a\n", "[other]\nname=a\npath=/a\n"};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(pool_record_parse(some_uuid, bad[i], &error));
        g_assert_nonnull(error);
    }
    guint8 uuid[UUID_BYTES];
    g_assert_true(
        pool_record_key_parse("vboxvirt/pool/01020300-0000-0000-0000-000000000000", uuid));
    g_assert_cmpmem(uuid, UUID_BYTES, some_uuid, UUID_BYTES);
    g_assert_false(
        pool_record_key_parse("vboxvirt/network/01020300-0000-0000-0000-000000000000", uuid));
}

static void test_xml(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Pool) pool = make("/no where/&");
    pool->active = FALSE;
    g_autofree char *xml = pool_format(pool, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(xml, "<path>/no where/&amp;</path>"));
    g_assert_nonnull(strstr(xml, "<mode>0750</mode>"));
    g_assert_nonnull(strstr(xml, "<capacity unit='bytes'>0</capacity>"));
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Pool) same = pool_parse(xml, refusals, &error);
    g_assert_true(refusals_are_none(refusals));
    g_assert_no_error(error);
    g_assert_cmpstr(same->name, ==, pool->name);
    g_assert_cmpstr(same->path, ==, pool->path);
    g_assert_cmpmem(same->uuid, UUID_BYTES, some_uuid, UUID_BYTES);
    g_assert_cmpint(same->mode, ==, 0750);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/record", test_record);
    g_test_add_func("/pool/broken", test_broken);
    g_test_add_func("/pool/xml", test_xml);
    return g_test_run();
}
