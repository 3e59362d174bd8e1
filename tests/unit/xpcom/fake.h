/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fake: a VirtualBox inside the test's process, whose objects and memory are counted. */
#pragma once
#include "xpcom/binding.h"

#define FAKE_OK 0u
#define FAKE_FAILURE 0x80004005u

typedef void (*FakeSlot)(void);
#define FAKE_SLOT(function) ((FakeSlot)(function))

/* An object.  A test's own begins with it. */
typedef struct Fake {
    const FakeSlot *table; /* the first three are FAKE_UNKNOWN */
    gint refs;
    const char *interfaces[4]; /* what QueryInterface answers, by name */
} Fake;

guint32 fake_query(Fake *self, const guint8 *iid, void **ret_object);
guint32 fake_add_ref(Fake *self);
guint32 fake_release(Fake *self);
#define FAKE_UNKNOWN FAKE_SLOT(fake_query), FAKE_SLOT(fake_add_ref), FAKE_SLOT(fake_release)

/* A link of an error's chain: IVirtualBoxErrorInfo. */
typedef struct FakeError {
    Fake fake;
    const char *text;
    struct FakeError *next;
} FakeError;
#define FAKE_ERROR_INTERFACES {"nsISupports", ERROR_INTERFACE}
extern const FakeSlot fake_error_table[];

/* What the fake does and has seen.  Memory and references must be 0 at a test's end. */
typedef struct FakeState {
    gint memory;          /* allocations handed out and not yet freed */
    gint threads_entered; /* ClientThreadInitialize and -Uninitialize */
    gint threads_left;
    guint32 thread_result;
    Fake *client; /* what ClientInitialize answers */
    guint32 client_result;
    char *client_iid;
    Fake *queue;
    gint pumped; /* calls of ProcessEventQueue */
    int queue_read;
} FakeState;
extern FakeState fake;

/* What GetException answers to this thread; ClearException clears it. */
extern _Thread_local FakeError *fake_exception;

extern const Functions fake_functions;

/* A connection to the fake; typelib_bytes is not taken. */
Xpcom *fake_xpcom(GBytes *typelib_bytes);

/* Memory as VirtualBox hands it out: a copy of it, wide text, narrow text. */
void *fake_memory(const void *data, gsize length);
gunichar2 *fake_wide(const char *text);
char *fake_text(const char *text);
