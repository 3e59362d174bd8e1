/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domain's tables without VirtualBox: what they accept, refuse, and write. */
#include "domain/domain.h"
#include <string.h>

#define DOMAIN(inner)                                                                              \
    "<domain type='vbox'><name>m</name><memory>65536</memory><os><type>hvm</type></os>" inner     \
    "</domain>"

static char *round_trip(const char *xml)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(xml, &error);
    g_assert_no_error(error);
    char *text = map_format(domain, 0, &error);
    g_assert_no_error(error);
    return text;
}

static void assert_refused(const char *xml, gint code, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(xml, &error);
    g_assert_null(domain);
    g_assert_error(error, VIR_ERROR, code);
    if (!g_pattern_match_simple(message, error->message))
        g_error("'%s' is not like '%s'", error->message, message);
}

static void test_smallest(void)
{
    g_autofree char *text = round_trip(DOMAIN(""));
    g_assert_cmpstr(text, ==,
                    "<domain type='vbox'>\n"
                    "  <name>m</name>\n"
                    "  <memory unit='KiB'>65536</memory>\n"
                    "  <currentMemory unit='KiB'>65536</currentMemory>\n"
                    "  <vcpu>1</vcpu>\n"
                    "  <os>\n"
                    "    <type arch='x86_64' machine='piix3'>hvm</type>\n"
                    "  </os>\n"
                    "  <clock offset='utc'/>\n"
                    "  <on_poweroff>destroy</on_poweroff>\n"
                    "  <on_reboot>restart</on_reboot>\n"
                    "  <on_crash>destroy</on_crash>\n"
                    "</domain>\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain/smallest", test_smallest);
    (void)assert_refused;
    return g_test_run();
}
