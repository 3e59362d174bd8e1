/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints docs/mapping.md: what each element of <domain> becomes, from the tables themselves. */
#include "domain/domain.h"
#include <stdio.h>
#include "network/document.h"

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
        "VIR_DOMAIN_DEFINE_VALIDATE changes nothing: this check is always made, and is stricter "
        "than libvirt's schema.\n");
    map_docs(&domain_schema, page);
    g_string_append(page, "\nWhat stands behind a network's rows, and how long it lives: "
                          "docs/networks.md.\n");
    map_docs(&network_schema, page);
    fputs(page->str, stdout);
    return 0;
}
