/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Next: see next.h. */
#include "domain/next.h"
#include "domain/storage.h"
#include "vbox/machine.h"
#include "vbox/session.h"

char *next_get(Object *machine, GError **error)
{
    return extra_data_get(machine, DOMAIN_NEXT_KEY, error);
}

Domain *next_read(Object *machine, GError **error)
{
    g_autofree char *xml = next_get(machine, error);
    if (xml == NULL)
        return NULL;
    return *xml == '\0' ? domain_read(machine, error) : domain_parse(xml, error);
}

static gboolean note_difference(const Item *is, const Item *wanted, const Field *field,
                                gpointer data, GError **error)
{
    g_autofree char *path = item_path(wanted != NULL ? wanted : is, field);
    g_debug("next: %s differs (%s)", path,
            field != NULL && field->attribute != NULL ? field->attribute : "");
    *(gboolean *)data = TRUE;
    return TRUE;
}

/* The contexts of both end without a commit: images that they opened are closed again. */
gboolean next_check(Object *machine, const char *xml, GError **error)
{
    g_autoptr(Model) wanted = domain_parse(xml, error);
    if (wanted == NULL)
        return FALSE;
    g_autoptr(MapContext) context = map_context_new(wanted, machine);
    return map_prepare(context, error);
}

/* The document with what prepare() chose. */
static char *completed(const char *xml, Domain *prepared, GError **error)
{
    g_autoptr(Model) shown = domain_parse(xml, error);
    if (shown == NULL)
        return NULL;
    General *general = domain_general(shown);
    if (general->uuid == NULL)
        general->uuid = g_strdup(domain_general(prepared)->uuid);
    map_fill(shown, prepared);
    return map_format(shown, MAP_SECURE, error);
}

gboolean next_await(Object *machine, const char *xml, Domain *prepared, GError **error)
{
    g_autofree char *text = completed(xml, prepared, error);
    return text != NULL && session_set_extra_data(machine, DOMAIN_NEXT_KEY, text, error);
}

/* An empty drive has nothing to say of its image. */
static gboolean note_but_of_image(const Item *is, const Item *wanted, const Field *field,
                                  gpointer data, GError **error)
{
    gboolean is_empty = wanted != NULL && field != NULL &&
                        wanted->element == &domain_disk_element &&
                        ((const Disk *)wanted)->file == NULL;
    return (is_empty && (g_str_equal(field->path, "driver/@type") ||
                         g_str_equal(field->path, "source/@startupPolicy"))) ||
           note_difference(is, wanted, field, data, error);
}

static gboolean differs(Object *machine, Domain *wanted, MapContext *context, MapDifference note,
                        gboolean *ret_differs, GError **error)
{
    g_autoptr(Model) is = domain_as_wanted(machine, error);
    *ret_differs = FALSE;
    return is != NULL && map_prepare(context, error) &&
           map_compare(is, wanted, note, ret_differs, error);
}

gboolean next_still_waits(Object *machine, const char *xml, gboolean *ret_waits, GError **error)
{
    g_autoptr(Model) wanted = domain_parse(xml, error);
    if (wanted == NULL)
        return FALSE;
    g_autoptr(MapContext) context = map_context_new(wanted, machine);
    gboolean is_other;
    if (!differs(machine, wanted, context, note_but_of_image, &is_other, error))
        return FALSE;
    *ret_waits = !is_other && map_data(context, DISK_AWAITED) != NULL;
    return TRUE;
}

/* What is to be kept of it; "": nothing, it is so already. */
static char *xml_of(Object *machine, const char *xml, GError **error)
{
    g_autoptr(Model) wanted = domain_parse(xml, error);
    if (wanted == NULL)
        return NULL;
    g_autoptr(MapContext) context = map_context_new(wanted, machine);
    gboolean is_other;
    if (!differs(machine, wanted, context, note_difference, &is_other, error))
        return NULL;
    if (!is_other && map_data(context, DISK_AWAITED) == NULL)
        return g_strdup("");
    return completed(xml, wanted, error);
}

gboolean next_plan(Object *machine, const char *xml, GError **error)
{
    g_autofree char *next = xml_of(machine, xml, error);
    g_autofree char *before = next != NULL ? next_get(machine, error) : NULL;
    if (before == NULL)
        return FALSE;
    return g_str_equal(before, next) ||
           session_set_extra_data(machine, DOMAIN_NEXT_KEY, next, error);
}
