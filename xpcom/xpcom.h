/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading: the installed VirtualBox's C binding, its event queue, its threads. */
#pragma once
#include "xpcom/object.h"

/* Finds VirtualBox's directory: $VBOX_APP_HOME, else where packages install it.  Returns the
 * first that has VBoxXPCOMC.so and components/, to be freed; on failure the message lists what
 * was tried. */
char *xpcom_find(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The process's one connection to VirtualBox's library.  Never unloaded. */
typedef struct Xpcom Xpcom;

/* Reads the type library and loads VBoxXPCOMC.so from directory.  The calling thread becomes the
 * main thread: only it may call xpcom_connect() and xpcom_pump().  Block signals and set
 * LOGNAME before (facts: a second VBoxSVC starts otherwise). */
Xpcom *xpcom_load(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

const char *xpcom_directory(const Xpcom *self);
const Typelib *xpcom_typelib(const Xpcom *self);
guint xpcom_version(const Xpcom *self); /* 7002022 is 7.2.22 */

/* Starts the client side (VBoxSVC with it, if it does not run).  Returns the IVirtualBoxClient. */
Object *xpcom_connect(Xpcom *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A source that pumps the event queue whenever it has something; attach it to the main thread's
 * context.  Without it each call leaks memory. */
GSource *xpcom_source_new(Xpcom *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Other threads need nothing: their first call registers them, their end unregisters them. */
