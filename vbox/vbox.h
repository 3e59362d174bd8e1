/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VirtualBox in C terms: the connection, and calls by the names that vbox/names.def lists. */
#pragma once
#include "base/error.h"
#include "xpcom/xpcom.h"

/* A method or attribute of names.def: IVirtualBox_findMachine, IMachine_get_name,
 * IMachine_set_name; and its enum constants: LockType_Write. */
typedef enum VboxName {
#define VBOX_CALL(interface, method, signature, feature) interface##_##method,
#define VBOX_GET(interface, attribute, signature, feature) interface##_get_##attribute,
#define VBOX_SET(interface, attribute, signature, feature) interface##_set_##attribute,
#define VBOX_ENUM(type, constant)
#include "vbox/names.def"
#undef VBOX_CALL
#undef VBOX_GET
#undef VBOX_SET
#undef VBOX_ENUM
    VBOX_NAMES
} VboxName;

typedef enum VboxEnum {
#define VBOX_CALL(interface, method, signature, feature)
#define VBOX_GET(interface, attribute, signature, feature)
#define VBOX_SET(interface, attribute, signature, feature)
#define VBOX_ENUM(type, constant) type##_##constant,
#include "vbox/names.def"
#undef VBOX_CALL
#undef VBOX_GET
#undef VBOX_SET
#undef VBOX_ENUM
    VBOX_ENUMS
} VboxEnum;

/* What a user loses when a name is missing in the installed VirtualBox. */
typedef enum VboxFeature {
    FEATURE_CONNECT, /* nothing works without it */
    FEATURE_DOMAINS, /* machines: list, define, change */
    FEATURE_LIFECYCLE,
    FEATURE_EVENTS,
    FEATURE_SCREENSHOT,
    FEATURE_STORAGE,
    FEATURE_NETWORKS,
    FEATURE_DEVICES, /* sound, serial, USB and the like */
    FEATURE_HOST,
    FEATURE_VARIANT, /* one version's spelling of what others spell differently: never missed, the
                      * code asks vbox_has() */
    VBOX_FEATURES
} VboxFeature;

/* Finds, loads and connects to VirtualBox, and resolves all names.  On the main thread, once. */
gboolean vbox_start(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same with a VirtualBox that is loaded already; borrowed. */
gboolean vbox_start_on(Xpcom *xpcom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For tests, which start with another one then: VirtualBox itself is never unloaded. */
void vbox_stop(void);

/* IVirtualBox and IVirtualBoxClient.  Borrowed; they live as long as the process. */
Object *vbox_root(void);
Object *vbox_client(void);
guint vbox_version(void); /* 7002022 is 7.2.22 */
const char *vbox_directory(void);
GSource *vbox_source_new(GError **error) G_GNUC_WARN_UNUSED_RESULT; /* see xpcom_source_new() */

/* Calls by name; arguments as object_call().  A name that this VirtualBox lacks is
 * VIR_ERR_NO_SUPPORT with a sentence that names feature and version. */
gboolean vbox_call(Object *self, VboxName name, GError **error, ...) G_GNUC_WARN_UNUSED_RESULT;
gboolean vbox_has(VboxName name);

/* The number of a constant in this VirtualBox; G_MAXUINT32, which no enum has, when it is lacking
 * (vbox_enum_known() is FALSE then). */
guint32 vbox_enum(VboxEnum constant);
gboolean vbox_enum_known(VboxEnum constant);

/* By text, for tables: enum "NetworkAttachmentType", constant "NAT"; other versions' names of the
 * enum after '|'.  FALSE: lacking. */
gboolean vbox_enum_find(const char *type, const char *constant, guint32 *ret_value);

/* The interface of that name; aborts when the library has none: for names of names.def only. */
const Interface *vbox_interface(const char *name);
const Typelib *vbox_typelib(void);

/* One line a feature: works, or what is lacking.  For vboxvirtd --check; owned by the caller. */
char *vbox_names_report(gboolean *ret_complete);

/* Turns what VirtualBox answered (XPCOM_ERROR) into libvirt's code, in place; other domains stay.
 * Called once, where an error leaves the engine. */
void vbox_error_translate(GError **error);

/* Whether a find…() failed because there is no such object: VBOX_E_OBJECT_NOT_FOUND, and of host
 * interfaces, DHCP servers and their options, and network adapters E_INVALIDARG. */
gboolean vbox_is_missing(const GError *failure);

/* Whether a call failed because VBoxSVC has gone.  A VM process that dies during a call looks the
 * same; asking VBoxSVC itself tells them apart.  failure may be NULL. */
gboolean vbox_is_gone(const GError *failure);
