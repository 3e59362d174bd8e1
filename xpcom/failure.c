/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Failure: what VirtualBox says of a failed call, as a GError. */
#include <string.h>
#include "xpcom/binding.h"

/* What a job of VirtualBox's says that failed without a reason (IProgress, 7.2.22). */
#define NO_REASON "No error info"
#define SILENT "VirtualBox gave no reason"
#define ADVICE "; try again, and if it stays so, look into VBoxSVC.log in VirtualBox's folder"

/* A chain has a link for each layer that the error passed; a limit in case it is a ring. */
#define LINKS_MAX 16

typedef struct ResultName {
    guint32 result;
    const char *text;    /* what xpcom_result_name() says */
    const char *meaning; /* NULL: the name says it all */
} ResultName;

/* VirtualBox's numbers are in no type library; NSPR's and COM's are fixed. */
#define RESULT(name, number, meaning) {number, #name " (" #number ")", meaning}
static const ResultName results[] = {
    RESULT(NS_OK, 0x00000000, NULL),
    RESULT(NS_ERROR_NOT_IMPLEMENTED, 0x80004001, "this build of VirtualBox has none of it"),
    RESULT(NS_ERROR_NO_INTERFACE, 0x80004002, "the object has no such interface"),
    RESULT(NS_ERROR_INVALID_POINTER, 0x80004003, "an argument may not be empty"),
    RESULT(NS_ERROR_ABORT, 0x80004004, "its service has gone"),
    RESULT(NS_ERROR_FAILURE, 0x80004005, NULL),
    RESULT(NS_ERROR_UNEXPECTED, 0x8000ffff, NULL),
    RESULT(NS_ERROR_FACTORY_NOT_REGISTERED, 0x80040154, "its service cannot be reached"),
    RESULT(E_ACCESSDENIED, 0x80070005, "access is denied or the object not accessible"),
    RESULT(NS_ERROR_OUT_OF_MEMORY, 0x8007000e, NULL),
    RESULT(NS_ERROR_INVALID_ARG, 0x80070057, NULL),
    RESULT(NS_ERROR_CALL_FAILED, 0x800706be, "its service went away during the call"),
    RESULT(NS_ERROR_NOT_INITIALIZED, 0xc1f30001, NULL),
    {0xc1f30200, "0xc1f30200", "its service did not start"},
    RESULT(NS_ERROR_FILE_ACCESS_DENIED, 0x80520015, "its service could not be started"),
    RESULT(VBOX_E_OBJECT_NOT_FOUND, 0x80bb0001, NULL),
    RESULT(VBOX_E_INVALID_VM_STATE, 0x80bb0002, NULL),
    RESULT(VBOX_E_VM_ERROR, 0x80bb0003, NULL),
    RESULT(VBOX_E_FILE_ERROR, 0x80bb0004, NULL),
    RESULT(VBOX_E_IPRT_ERROR, 0x80bb0005, NULL),
    RESULT(VBOX_E_PDM_ERROR, 0x80bb0006, NULL),
    RESULT(VBOX_E_INVALID_OBJECT_STATE, 0x80bb0007, NULL),
    RESULT(VBOX_E_HOST_ERROR, 0x80bb0008, NULL),
    RESULT(VBOX_E_NOT_SUPPORTED, 0x80bb0009, NULL),
    RESULT(VBOX_E_XML_ERROR, 0x80bb000a, NULL),
    RESULT(VBOX_E_INVALID_SESSION_STATE, 0x80bb000b, NULL),
    RESULT(VBOX_E_OBJECT_IN_USE, 0x80bb000c, NULL),
    RESULT(VBOX_E_PASSWORD_INCORRECT, 0x80bb000d, NULL),
    RESULT(VBOX_E_MAXIMUM_REACHED, 0x80bb000e, NULL),
    RESULT(VBOX_E_GSTCTL_GUEST_ERROR, 0x80bb000f, NULL),
    RESULT(VBOX_E_TIMEOUT, 0x80bb0010, NULL),
    RESULT(VBOX_E_DND_ERROR, 0x80bb0011, NULL),
};

GQuark xpcom_error_quark(void)
{
    return g_quark_from_static_string("xpcom-error");
}

static const ResultName *result_find(guint32 result)
{
    for (gsize i = 0; i < G_N_ELEMENTS(results); i++) {
        if (results[i].result == result)
            return &results[i];
    }
    return NULL;
}

const char *xpcom_result_name(guint32 result)
{
    const ResultName *name = result_find(result);
    if (name != NULL)
        return name->text;
    g_autofree char *text = g_strdup_printf("0x%08x", result);
    return g_intern_string(text);
}

/* Appends a text's lines as sentences of one line, but for those that say where in VirtualBox's
 * source it happened: "/build/…/MachineImpl.cpp[706] (nsresult Machine::…)". */
static void append_sentences(GString *sentences, const char *text)
{
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(g_strdelimit(lines[i], "\t", ' '));
        if (*line == '\0' || (*line == '/' && strstr(line, ".cpp[") != NULL) ||
            g_str_equal(line, NO_REASON))
            continue;
        if (sentences->len > 0)
            g_string_append(sentences, sentences->str[sentences->len - 1] == '.' ? " " : ". ");
        g_string_append(sentences, line);
    }
}

char *xpcom_one_line(const char *text)
{
    GString *sentences = g_string_new(NULL);
    append_sentences(sentences, text);
    return g_string_free(sentences, FALSE);
}

/* All texts of the chain that begins with info; "" when it has none. */
static char *chain_text(Object *info)
{
    const Xpcom *xpcom = object_xpcom(info);
    GString *sentences = g_string_new(NULL);
    g_autoptr(Object) link = object_ref(info);
    for (guint i = 0; i < LINKS_MAX && link != NULL; i++) {
        g_autofree char *text = NULL;
        if (xpcom->error_text != NULL && object_call(link, xpcom->error_text, NULL, &text))
            append_sentences(sentences, text);
        g_autoptr(Object) next = NULL;
        if (xpcom->error_next == NULL || !object_call(link, xpcom->error_next, NULL, &next))
            break;
        object_unref(link);
        link = g_steal_pointer(&next);
    }
    return g_string_free(sentences, FALSE);
}

/* What this thread's last exception says, NULL when there is none.  Forgets it. */
static char *exception_text(Xpcom *self)
{
    void *exception = NULL;
    if (RESULT_FAILED(self->functions->GetException(&exception)) || exception == NULL)
        return NULL;
    g_autoptr(Object) object = object_new(self, exception, NULL);
    self->functions->ClearException();
    if (self->error_interface == NULL)
        return NULL;
    g_autoptr(Object) info = object_query(object, self->error_interface, NULL);
    g_autofree char *text = info != NULL ? chain_text(info) : NULL;
    return text != NULL && *text != '\0' ? g_steal_pointer(&text) : NULL;
}

gboolean failure_set_nameless(const char *interface, const char *method, guint32 result,
                              GError **error)
{
    const ResultName *name = result_find(result);
    const char *meaning = name != NULL ? name->meaning : NULL;
    g_set_error(error, XPCOM_ERROR, (gint)result, "VirtualBox did not answer %s::%s: %s%s%s",
                interface, method, xpcom_result_name(result), meaning != NULL ? ", " : "",
                meaning != NULL ? meaning : ADVICE);
    return FALSE;
}

gboolean failure_set(Xpcom *self, const Method *method, guint32 result, GError **error)
{
    if (error == NULL) {
        self->functions->ClearException();
        return FALSE;
    }
    g_autofree char *text = exception_text(self);
    if (text != NULL)
        g_set_error_literal(error, XPCOM_ERROR, (gint)result, text);
    else
        failure_set_nameless(method->owner->name, method->name, result, error);
    return FALSE;
}

gboolean object_fail(Object *info, guint32 result, GError **error)
{
    g_autofree char *text = info != NULL ? chain_text(info) : g_strdup("");
    if (*text != '\0')
        g_set_error_literal(error, XPCOM_ERROR, (gint)result, text);
    else
        g_set_error(error, XPCOM_ERROR, (gint)result, SILENT ": %s" ADVICE,
                    xpcom_result_name(result));
    return FALSE;
}

gboolean object_failed_silently(const GError *failure)
{
    return failure != NULL && failure->domain == XPCOM_ERROR &&
           g_str_has_prefix(failure->message, SILENT);
}
