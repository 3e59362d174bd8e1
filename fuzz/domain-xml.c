/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzzer of domain XML: what is accepted is written so that it is accepted again, and then stays as
 * it is. */
#include <string.h>
#include "domain/domain.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length);

static char *write_domain(Domain *domain)
{
    g_autoptr(GError) error = NULL;
    char *text = map_format(domain, MAP_SECURE, &error);
    if (text == NULL)
        g_error("what was read cannot be written: %s", error->message);
    return text;
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(text, &error);
    if (domain == NULL) {
        g_assert_nonnull(error);
        return 0;
    }
    g_autofree char *once = write_domain(domain);
    g_autoptr(Model) again = domain_parse(once, &error);
    if (again == NULL)
        g_error("what was written cannot be read: %s\n%s", error->message, once);
    g_autofree char *twice = write_domain(again);
    g_assert_cmpstr(twice, ==, once);
    return 0;
}
