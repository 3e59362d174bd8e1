/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of networks of which one call of VirtualBox fails: then all is as before, or the change
 * is made whole.  The VirtualBox is a property bag, of the installed one's type library. */
#include <string.h>
#include "network/define.h"
#include "tests/unit/versions/virtualbox.h"

#define ONE_UUID "11111111-2222-3333-4444-555555555555"
#define HEAD "<network xmlns:vbox='urn:vboxvirt:1'><name>n</name><uuid>" ONE_UUID "</uuid>"
#define LITTLE "<range start='10.7.0.10' end='10.7.0.20'/>"
#define MUCH                                                                                       \
    "<range start='10.7.0.11' end='10.7.0.30'><lease expiry='3' unit='hours'/></range>"            \
    "<bootp file='f' server='s'/><vbox:option number='42' value='10.0.0.1' send='always'/>"        \
    "<vbox:option number='28' send='never'/><host mac='08:00:27:00:00:01' name='h' ip='10.7.0.7'>" \
    "<lease expiry='0'/></host><vbox:guest machine='" ONE_UUID "' slot='1'>"                       \
    "<vbox:option number='43' value='01' encoding='hex'/></vbox:guest><vbox:group name='g'>"       \
    "<vbox:condition type='MAC' value='08:00:27:00:00:02'/><vbox:lease min='5'/></vbox:group>"

static const char *const documents[][2] = {
    {HEAD "<vbox:dhcp address='10.7.0.2' prefix='24'>" LITTLE "</vbox:dhcp></network>", HEAD
     "<title>t</title><vbox:dhcp address='10.7.0.3' prefix='24'>" MUCH "</vbox:dhcp></network>"},
    {HEAD "</network>",
     HEAD "<vbox:dhcp address='10.7.0.3' prefix='24'>" MUCH "</vbox:dhcp></network>"},
    {HEAD "<forward mode='nat'/><ip address='10.7.0.1' prefix='24'><dhcp>" LITTLE
          "</dhcp></ip></network>",
     HEAD "<forward mode='nat'/><ip address='10.7.0.1' prefix='16'><dhcp>" MUCH "</dhcp></ip>"
          "<ip family='ipv6' address='fd00::1' prefix='64'/><vbox:portForward name='r' "
          "hostport='80' guestip='10.7.0.7' guestport='80'/><vbox:loopback address='127.0.0.2' "
          "offset='9'/></network>"},
    {HEAD "<ip address='192.168.56.7' prefix='24'/></network>",
     HEAD "<title>t</title><ip address='192.168.57.1' prefix='24'><dhcp>"
          "<range start='192.168.57.10' end='192.168.57.20'/></dhcp></ip>"
          "<ip family='ipv6' address='fe80::7' prefix='64'/></network>"},
    {HEAD "<forward mode='nat'/><ip address='10.7.0.1' prefix='24'/></network>",
     HEAD "<forward mode='nat'/><ip address='10.8.0.1' prefix='24'/></network>"},
};

typedef enum Step { DEFINE, START, STOP, UNDEFINE } Step;

static gboolean run(Step step, const char *xml, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_assert_true(uuid_parse(ONE_UUID, uuid));
    if (step == START)
        return network_start(uuid, "n", error);
    if (step == STOP)
        return network_stop(uuid, "n", error);
    if (step == UNDEFINE)
        return network_undefine(uuid, "n", error);
    g_autoptr(Network) network = network_define(xml, DEFINE_ONLY, error);
    return network != NULL;
}

/* Where a change starts from: NULL is no network. */
typedef struct Before {
    const char *xml;
    gboolean is_started;
} Before;

static void reset(const Before *before)
{
    g_autoptr(GError) error = NULL;
    virtualbox_reset();
    gboolean ok = (before->xml == NULL || run(DEFINE, before->xml, &error)) &&
                  (!before->is_started || run(START, NULL, &error));
    g_assert_no_error(error);
    g_assert_true(ok);
}

static gboolean fail_once(const Before *before, Step step, const char *xml, const char *wanted,
                          guint at)
{
    reset(before);
    g_autoptr(GError) error = NULL;
    g_autofree char *old = virtualbox_print_networks();
    world.calls = 0;
    world.fail_at = at;
    world.fail_with = NS_ERROR_CALL_FAILED; /* which is never an answer */
    gboolean ok = run(step, xml, &error);
    gboolean has_failed = world.calls >= at;
    world.fail_at = 0;
    g_autofree char *now = virtualbox_print_networks();
    const char *should = ok ? wanted : old;
    if (!g_str_equal(now, should))
        g_error("call %u, %s: %s; there is\n%s\ninstead of\n%s", at,
                has_failed ? world.failed : "none", ok ? "done all the same" : error->message, now,
                should);
    return has_failed;
}

static void fail_each(const Before *before, Step step, const char *xml)
{
    g_autoptr(GError) error = NULL;
    reset(before);
    gboolean ok = run(step, xml, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    g_autofree char *wanted = virtualbox_print_networks();
    guint at = 1;
    while (fail_once(before, step, xml, wanted, at))
        at++;
    g_test_message("step %d: %u calls", step, at - 1);
    g_assert_cmpuint(at, >, 3);
}

static void test_failures(gconstpointer data)
{
    const char *const *pair = data;
    const Before none = {0}, one = {pair[0], FALSE}, other = {pair[1], FALSE};
    const Before running = {pair[1], TRUE}, simple = {pair[0], TRUE};
    fail_each(&none, DEFINE, pair[0]);
    fail_each(&none, DEFINE, pair[1]);
    fail_each(&one, DEFINE, pair[1]);
    fail_each(&other, DEFINE, pair[0]);
    fail_each(&running, DEFINE, pair[0]);
    fail_each(&simple, DEFINE, pair[1]);
    fail_each(&other, START, NULL);
    fail_each(&running, STOP, NULL);
    fail_each(&other, UNDEFINE, NULL);
    virtualbox_reset();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* A failure on the way out is a warning. */
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = xpcom_find(&error);
    g_assert_no_error(error);
    virtualbox_start(releases, typelib_load(directory, &error));
    g_assert_no_error(error);
    for (guint i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autofree char *path = g_strdup_printf("/networks/failures/%u", i);
        g_test_add_data_func(path, documents[i], test_failures);
    }
    int status = g_test_run();
    virtualbox_stop();
    return status;
}
