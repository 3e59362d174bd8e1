/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses documents by the tables, without VirtualBox, for tests (tests/lib/tables.py): each comes
 * on stdin as "kind length\n" and its text; the answer is "code length\n" and the message, code 0
 * for a document that is accepted, whose message is then what it is written as. */
#include "domain/domain.h"
#include "network/document.h"
#include "storage/pool.h"
#include "storage/volume.h"
#include <stdio.h>

static char *parse_domain(const char *xml, GError **error)
{
    g_autoptr(Model) domain = domain_parse(xml, error);
    return domain != NULL ? map_format(domain, MAP_SECURE, error) : NULL;
}

static char *parse_network(const char *xml, GError **error)
{
    g_autofree char *bridge = NULL;
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Model) model = map_parse_all(&network_schema, xml, refusals, error);
    g_autoptr(Network) network =
        model != NULL ? document_take(model, NULL, &bridge, refusals) : NULL;
    return model != NULL && refusals_tell(refusals, error) ? g_strdup("") : NULL;
}

static char *parse_pool(const char *xml, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Pool) pool = pool_parse(xml, refusals, error);
    return pool != NULL && refusals_tell(refusals, error) ? g_strdup("") : NULL;
}

static char *parse_volume(const char *xml, GError **error)
{
    g_auto(VolumeWish) wish = {0};
    g_autoptr(Refusals) refusals = refusals_new();
    return volume_parse(xml, TRUE, &wish, refusals, error) && refusals_tell(refusals, error)
               ? g_strdup("")
               : NULL;
}

/* Bytes; the protocol takes no longer string. */
#define LENGTH_MAX (4u << 20)

static const struct {
    const char *name;
    char *(*parse)(const char *xml, GError **error);
} kinds[] = {{"domain", parse_domain},
             {"network", parse_network},
             {"pool", parse_pool},
             {"volume", parse_volume}};

static void answer(const char *kind, const char *xml)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].name, kind))
            text = kinds[i].parse(xml, &error);
    g_assert(text != NULL || error != NULL);
    const char *message = text != NULL ? text : error->message;
    printf("%d %zu\n%s", error != NULL ? error->code : 0, strlen(message), message);
    fflush(stdout);
}

int main(void)
{
    char kind[16];
    gsize length;
    while (scanf("%15s %zu", kind, &length) == 2 && getchar() == '\n') {
        if (length > LENGTH_MAX)
            return 1;
        g_autofree char *xml = g_malloc0(length + 1);
        if (fread(xml, 1, length, stdin) != length)
            return 1;
        answer(kind, xml);
    }
    return 0;
}
