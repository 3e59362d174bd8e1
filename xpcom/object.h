/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects: VirtualBox's, called by what the type library says.  Knows no VirtualBox name. */
#pragma once
#include <glib.h>
#include "xpcom/typelib.h"

/* GError domain of what VirtualBox answers; the code is the nsresult (as gint), the message
 * VirtualBox's own text, all links of its error chain in one sentence each. */
#define XPCOM_ERROR xpcom_error_quark()
GQuark xpcom_error_quark(void);

/* An nsresult and its name, for messages: "VBOX_E_OBJECT_NOT_FOUND (0x80bb0001)".  Static. */
const char *xpcom_result_name(guint32 result);

/* A text of VirtualBox's in one line, without where in its source it happened.  Owned by the
 * caller. */
char *xpcom_one_line(const char *text);

#define NS_ERROR_ABORT 0x80004004u   /* VBoxSVC has gone */
#define NS_ERROR_FAILURE 0x80004005u /* E_FAIL in VirtualBox's source */
#define NS_ERROR_NO_INTERFACE 0x80004002u
#define NS_ERROR_NOT_IMPLEMENTED 0x80004001u
#define NS_ERROR_FACTORY_NOT_REGISTERED 0x80040154u
#define NS_ERROR_CALL_FAILED 0x800706beu /* VBoxSVC went during the call */
#define E_ACCESSDENIED 0x80070005u
#define E_INVALIDARG 0x80070057u
#define VBOX_E_OBJECT_NOT_FOUND 0x80bb0001u
#define VBOX_E_INVALID_VM_STATE 0x80bb0002u
#define VBOX_E_VM_ERROR 0x80bb0003u
#define VBOX_E_FILE_ERROR 0x80bb0004u
#define VBOX_E_IPRT_ERROR 0x80bb0005u
#define VBOX_E_PDM_ERROR 0x80bb0006u
#define VBOX_E_INVALID_OBJECT_STATE 0x80bb0007u
#define VBOX_E_HOST_ERROR 0x80bb0008u
#define VBOX_E_NOT_SUPPORTED 0x80bb0009u
#define VBOX_E_XML_ERROR 0x80bb000au
#define VBOX_E_INVALID_SESSION_STATE 0x80bb000bu
#define VBOX_E_OBJECT_IN_USE 0x80bb000cu

/* One reference to an object of VirtualBox, and the interface by which it is called.  Counted,
 * usable from any thread.  The last unref calls Release. */
typedef struct Object Object;
Object *object_ref(Object *self);
void object_unref(Object *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)

const Interface *object_interface(const Object *self);

/* The same object by another interface.  NULL with NS_ERROR_NO_INTERFACE: it has none such. */
Object *object_query(Object *self, const Interface *as, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Calls a method of the object's interface (or a parent of it; anything else is a programming
 * error and aborts).  One argument a parameter, in order:
 *
 *   in   b gboolean; y h q i u gint or guint; l gint64; t guint64; s const char * (UTF-8, NULL is
 *        ""); o Object * (NULL is none); arrays: guint count, const T * (T as above; y guint8)
 *   out  a pointer to the same (b gboolean *, y guint8 *, h gint16 *, q guint16 *, i gint32 *,
 *        u guint32 *, l gint64 *, t guint64 *, s char ** (g_free), o Object **); arrays: strings
 *        char *** (g_strfreev), objects GPtrArray ** (frees its objects), bytes GBytes **, other
 *        numbers GArray ** of their width; NULL: not wanted (an object is then released)
 *
 * A NULL object from VirtualBox is *out == NULL and no error.  Outs are set only on success.
 * Errors: XPCOM_ERROR. */
gboolean object_call(Object *self, const Method *method, GError **error,
                     ...) G_GNUC_WARN_UNUSED_RESULT;
gboolean object_call_va(Object *self, const Method *method, GError **error,
                        va_list args) G_GNUC_WARN_UNUSED_RESULT;

/* An attribute of any integer or boolean type, widened (an enum is its number). */
gboolean object_get_number(Object *self, const Method *getter, gint64 *ret_value,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Refuses (VIR_ERR_INVALID_ARG) what the attribute's type cannot hold. */
gboolean object_set_number(Object *self, const Method *setter, gint64 value,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets error from an IVirtualBoxErrorInfo that is no call's failure (a progress's errorInfo) and
 * the result that goes with it.  info NULL: a sentence that names the result.  Always FALSE. */
gboolean object_fail(Object *info, guint32 result, GError **error);

/* Whether that is an error of object_fail() for which VirtualBox gave no reason. */
gboolean object_failed_silently(const GError *failure);
