/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Binding: VirtualBox's C function table, and what the files of xpcom/ share about it.  Private to
 * xpcom/ and its tests, which bring a table of their own. */
#pragma once
#include "xpcom/xpcom.h"

/* The only names of VirtualBox's interfaces that xpcom/ knows. */
#define CLIENT_INTERFACE "IVirtualBoxClient"
#define ERROR_INTERFACE "IVirtualBoxErrorInfo"
#define EXCEPTION_INTERFACE "nsIException"
#define EVENT_QUEUE_INTERFACE "nsIEventQueue"

#define BINDING_VERSION 0x00040000u /* only the major, the upper half, is compared */
#define RESULT_FAILED(result) (((result) & 0x80000000u) != 0)

/* Version 4 of the table that VBoxGetCAPIFunctions() returns, with its own names; same in 6.1 to
 * 7.2.  Facts: xpcom.md. */
typedef struct Functions {
    unsigned cb;
    unsigned uVersion;
    unsigned (*GetVersion)(void);
    unsigned (*GetAPIVersion)(void);
    guint32 (*ClientInitialize)(const char *iid, void **ret_client);
    guint32 (*ClientThreadInitialize)(void);
    guint32 (*ClientThreadUninitialize)(void);
    void (*ClientUninitialize)(void);
    void (*ComInitialize)(void);
    void (*ComUninitialize)(void);
    void (*ComUnallocString)(void *memory);
    int (*Utf16ToUtf8)(const gunichar2 *wide, char **ret_text);
    int (*Utf8ToUtf16)(const char *text, gunichar2 **ret_wide);
    void (*Utf8Free)(char *text);
    void (*Utf16Free)(gunichar2 *wide);
    void (*safe_array_helpers[7])(void);
    void (*GetEventQueue)(void **ret_queue);
    guint32 (*GetException)(void **ret_exception);
    guint32 (*ClearException)(void);
    int (*ProcessEventQueue)(gint64 milliseconds);
    int (*InterruptEventQueueProcessing)(void);
    void (*Utf8Clear)(char *text);
    void (*Utf16Clear)(gunichar2 *wide);
    unsigned uEndVersion;
} Functions;
G_STATIC_ASSERT(sizeof(void *) != 8 || sizeof(Functions) == 232); /* its cb, as measured */

struct Xpcom {
    const Functions *functions;
    Typelib *typelib;
    char *directory;
    GThread *main;
    const Interface *error_interface; /* NULL: this type library has none */
    const Method *error_text;
    const Method *error_next;
};

/* Takes the type library.  The calling thread becomes the main thread. */
Xpcom *xpcom_new(const char *directory, Typelib *typelib, const Functions *functions);
/* For tests: VirtualBox itself is never unloaded. */
void xpcom_free(Xpcom *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Xpcom, xpcom_free)

/* Registers the calling thread with VirtualBox until it ends, when that has not been done. */
gboolean xpcom_enter(Xpcom *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The first three slots of every object. */
typedef struct UnknownTable {
    guint32 (*QueryInterface)(void *self, const guint8 *iid, void **ret_object);
    guint32 (*AddRef)(void *self);
    guint32 (*Release)(void *self);
} UnknownTable;

typedef struct Unknown {
    const UnknownTable *table;
} Unknown;

/* Wraps a reference, which the wrapper then owns.  interface NULL: it can only be queried. */
Object *object_new(Xpcom *xpcom, Unknown *unknown, const Interface *interface);
Xpcom *object_xpcom(const Object *self);
Unknown *object_unknown(const Object *self);

/* How libffi calls a method: its ffi_cif.  For tests whose objects are called in just that way. */
gpointer call_cif(const Method *method);

/* Sets error from what VirtualBox says of the call that has just failed on this thread, and makes
 * it forget that.  Always FALSE. */
gboolean failure_set(Xpcom *self, const Method *method, guint32 result, GError **error);

/* The same when VirtualBox has no words for it: a sentence that names the call and the result. */
gboolean failure_set_nameless(const char *interface, const char *method, guint32 result,
                              GError **error);

/* UTF-8 to VirtualBox's strings, to be freed with g_free().  NULL is "". */
gunichar2 *wide_from_utf8(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The way back never fails: half a surrogate pair becomes U+FFFD.  NULL is "". */
char *wide_to_utf8(const gunichar2 *wide);
