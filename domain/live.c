/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Live: see live.h. */
#include "domain/live.h"
#include "domain/next.h"
#include "domain/storage.h"
#include "vbox/session.h"

/* Collects the elements that differ (Element *), and refuses what cannot change now. */
static gboolean check_hot(const Item *is, const Item *wanted, const Field *field, gpointer data,
                          GError **error)
{
    GPtrArray *elements = data;
    const Item *item = wanted != NULL ? wanted : is;
    if (!g_ptr_array_find(elements, item->element, NULL))
        g_ptr_array_add(elements, (gpointer)item->element);
    if (field != NULL ? field->hot || field->keep : item->element->hot)
        return TRUE;
    g_autofree char *path = item_path(item, field);
    const char *what = field != NULL ? "changed" : wanted != NULL ? "added" : "removed";
    const char *detail =
        field != NULL && field->path == NULL && field->attribute != NULL ? field->attribute : "";
    return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "%s%s%s%s cannot be %s while the machine runs; ask for it with --config, and it "
                "will be so when the machine starts next",
                path, *detail != '\0' ? " (" : "", detail, *detail != '\0' ? ")" : "", what);
}

static gboolean apply(MapContext *context, Session *session, const GPtrArray *elements,
                      const char *config, GError **error)
{
    gboolean is_saved = FALSE;
    if (map_apply_some(context, elements, error) && map_keep(context, &is_saved, error) &&
        (is_saved || session_save(session, error)) &&
        (config == NULL || next_plan(session_machine(session), config, error)))
        return TRUE;
    session_discard(session);
    return FALSE;
}

gboolean live_apply(Object *machine, Domain *wanted, const char *config, gboolean force,
                    LiveBegin begin, gpointer data, GError **error)
{
    g_autoptr(Session) session = session_shared(machine, error);
    g_autoptr(Model) is =
        session != NULL ? domain_as_wanted(session_machine(session), error) : NULL;
    if (is == NULL)
        return FALSE;
    g_autoptr(GPtrArray) elements = g_ptr_array_new();
    g_autoptr(MapContext) context = map_context_new(wanted, session_machine(session));
    map_set_data(context, DISK_FORCE, GINT_TO_POINTER(force), NULL);
    if ((config != NULL && !next_check(machine, config, error)) || !map_prepare(context, error) ||
        !map_compare(is, wanted, check_hot, elements, error) || !begin(is, wanted, data, error) ||
        !apply(context, session, elements, config, error))
        return FALSE;
    map_commit(context);
    return TRUE;
}
