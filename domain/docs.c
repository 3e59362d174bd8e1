/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints docs/mapping.md: what each element of <domain> becomes, from the tables themselves, and
 * what of the installed VirtualBox none maps, by its type library. */
#include "domain/domain.h"
#include <stdio.h>
#include "network/document.h"
#include "xpcom/xpcom.h"

static const Unmapped unmapped[] = {
#define LIST(interface) {#interface, NULL, NULL, NULL},
#define PROPERTY(interface, method, type) {#interface, #method, #type, NULL},
#define REASON(interface, attributes, why) {#interface, attributes, NULL, why},
#include "domain/unmapped.def"
    {NULL, NULL, NULL, NULL},
};

/* Those who must repair it see all at once.  TRUE: there is nothing to repair. */
static gboolean append_coverage(GString *page)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GString) problems = g_string_new(NULL);
    g_autofree char *directory = xpcom_find(&failure);
    g_autoptr(Typelib) typelib = directory != NULL ? typelib_load(directory, &failure) : NULL;
    if (typelib == NULL) {
        g_assert(failure != NULL);
        fprintf(stderr, "map-docs: %s\n", failure->message);
        return FALSE;
    }
    g_string_append(
        page,
        "\n## What VirtualBox has\n\n"
        "Each attribute of VirtualBox 7.2's machines and devices: what maps it, or why nothing "
        "does. `getX` is a value\nthat VirtualBox's getX and setX keep; with a name in "
        "parentheses, one of several. A definition leaves what is\nnot mapped as it is, and a "
        "new machine has VirtualBox's own defaults there.\n");
    map_coverage(&domain_schema, typelib, unmapped, page, problems);
    fputs(problems->str, stderr);
    return problems->len == 0;
}

int main(void)
{
    g_autoptr(GString) page = g_string_new(
        "<!-- Made from the tables: see HACKING.md, \"How to add an element\". -->\n"
        "# What each element becomes\n\n"
        "The rows of every table in domain/ and network/, in the order in which they are applied. "
        "`–` as XML: "
        "a function fills the row\nfrom others. `–` as VirtualBox: it has no attribute for it; the "
        "notes say what happens instead.\n\n"
        "What a row calls refused is an error (VIR_ERR_CONFIG_UNSUPPORTED) with the element's "
        "path, "
        "and so is everything that\nno row names. What is kept in extra data (key "
        "`vboxvirt/domain` of the machine) has no effect in VirtualBox, and a dump\nshows it "
        "again.\n\n"
        "A document that is refused for several reasons is answered by all of them in one error, "
        "a line each: what rows refuse,\nwhat no row names, and, when all values are known, what "
        "does not fit together; thirty lines, and then how many more there\nare. A path in a "
        "message means all that it finds: `/domain/devices/controller[type=pci]` each of them. "
        "What is wrong only\nbecause something else is, is not told.\n\n"
        "As libvirt reads it, an element without its text is as good as none, unless the notes say "
        "that an empty one is not\nabsent; of attributes only those where they say that it is. "
        "White "
        "space before a number is taken, after it is not.\n\n"
        "An alias is a client's own name of a device, `ua-` and letters, digits, `-` or `_`; "
        "another one is as good as none. What\nruns has more of them: docs/events.md.\n\n"
        "Of a machine type that ends with `-`, as `pc-q35-`, all that begin so are meant.\n\n"
        "VIR_DOMAIN_DEFINE_VALIDATE changes nothing: this check is always made, and is stricter "
        "than libvirt's schema.\n");
    map_docs(&domain_schema, page);
    g_string_append(page, "\nWhat stands behind a network's rows, and how long it lives: "
                          "docs/networks.md.\n");
    map_docs(&network_schema, page);
    gboolean is_good = append_coverage(page);
    fputs(page->str, stdout);
    return is_good ? 0 : 1;
}
