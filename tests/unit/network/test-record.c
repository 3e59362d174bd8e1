/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of networks: what is written is read again, and what is not ours stays. */
#include <string.h>
#include "network/record.h"

static const guint8 some_uuid[UUID_BYTES] = {1, 2, 3};

static Network *make(void)
{
    Network *network = network_new();
    network->name = g_strdup("odd = name; [x] \"ü\\\n");
    memcpy(network->uuid, some_uuid, UUID_BYTES);
    network->kind = NETWORK_HOST_ONLY;
    network->vbox_name = g_strdup("vboxnet3");
    network->persistent = network->autostart = network->wants_dhcp = TRUE;
    network->title = g_strdup(" a title ");
    network->metadata = g_strdup("<metadata>\n  <x:y xmlns:x='urn:x'/>\n</metadata>");
    network->domain = g_strdup("example.org");
    network->revision = 7;
    g_assert_true(address_parse("10.0.0.1", &network->v4.address));
    network->v4.prefix = 8;
    g_assert_true(address_parse("fd00::1", &network->v6.address));
    network->v6.prefix = 64;
    network->v4_as_prefix = TRUE;
    return network;
}

static void test_round_trip(void)
{
    g_autoptr(Network) before = make();
    g_autofree char *text = record_format(before, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Network) after = record_parse(some_uuid, text, &error);
    g_assert_no_error(error);
    g_autofree char *again = record_format(after, NULL);
    g_assert_cmpstr(text, ==, again);
    g_assert_cmpstr(after->name, ==, before->name);
    g_assert_cmpstr(after->metadata, ==, before->metadata);
    g_assert_true(after->is_ours);
    g_assert_cmpuint(after->v6.prefix, ==, 64);
    g_assert_true(address_equal(&after->v4.address, &before->v4.address));
}

static void test_foreign_keys_stay(void)
{
    g_autoptr(Network) network = make();
    g_autofree char *old = record_format(network, NULL);
    g_autofree char *newer = g_strconcat(old, "mtu=9000\n\n[future]\nkey=value\n", NULL);
    g_clear_pointer(&network->title, g_free);
    g_autofree char *text = record_format(network, newer);
    g_assert_nonnull(strstr(text, "mtu=9000"));
    g_assert_nonnull(strstr(text, "[future]\nkey=value"));
    g_assert_null(strstr(text, "title"));
}

static void test_broken(void)
{
    static const char *const bad[] = {
        "x",
        "[network]\nname=a\nkind=internal\n",
        "[network]\nvirtualbox=a\nkind=internal\n",
        "[network]\nname=a\nvirtualbox=a\nkind=wormhole\n",
        "[other]\nname=a\nvirtualbox=a\nkind=internal\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(record_parse(some_uuid, bad[i], &error));
        g_assert_nonnull(error);
    }
}

static void test_keys(void)
{
    guint8 uuid[UUID_BYTES];
    g_assert_true(record_key_parse("vboxvirt/network/01020300-0000-0000-0000-000000000000", uuid));
    g_assert_cmpmem(uuid, UUID_BYTES, some_uuid, UUID_BYTES);
    g_assert_false(record_key_parse("vboxvirt/network/x", uuid));
    g_assert_false(record_key_parse("HostOnly/vboxnet0/IPAddress", uuid));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/record/round-trip", test_round_trip);
    g_test_add_func("/record/foreign-keys", test_foreign_keys_stay);
    g_test_add_func("/record/broken", test_broken);
    g_test_add_func("/record/keys", test_keys);
    return g_test_run();
}
