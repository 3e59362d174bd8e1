/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VirtualBox in C terms: see vbox.h. */
#include "vbox/vbox.h"
#include <string.h>
#include "vbox/machine.h"

typedef struct Name {
    const char *interface, *name;
    MethodKind kind;
    const char *signature;
    VboxFeature feature;
} Name;

/* clang-format off */
static const Name names[] = {
#define VBOX_CALL(interface, method, signature, feature) \
    { #interface, #method, METHOD_CALL, signature, feature },
#define VBOX_GET(interface, attribute, signature, feature) \
    { #interface, #attribute, METHOD_GET, signature, feature },
#define VBOX_SET(interface, attribute, signature, feature) \
    { #interface, #attribute, METHOD_SET, signature, feature },
#define VBOX_ENUM(type, constant)
#include "vbox/names.def"
#undef VBOX_CALL
#undef VBOX_GET
#undef VBOX_SET
#undef VBOX_ENUM
};

static const struct { const char *type, *constant; } enums[] = {
#define VBOX_CALL(interface, method, signature, feature)
#define VBOX_GET(interface, attribute, signature, feature)
#define VBOX_SET(interface, attribute, signature, feature)
#define VBOX_ENUM(type, constant) { #type, #constant },
#include "vbox/names.def"
#undef VBOX_CALL
#undef VBOX_GET
#undef VBOX_SET
#undef VBOX_ENUM
};

/* What a person loses, by VboxFeature. */
static const char *const features[] = {
    [FEATURE_CONNECT] = "connecting",
    [FEATURE_DOMAINS] = "machines",
    [FEATURE_LIFECYCLE] = "starting and stopping machines",
    [FEATURE_EVENTS] = "events",
    [FEATURE_SCREENSHOT] = "screenshots",
    [FEATURE_STORAGE] = "disks",
    [FEATURE_NETWORKS] = "networks",
    [FEATURE_DEVICES] = "sound, serial, USB and other devices",
    [FEATURE_HOST] = "host information",
    [FEATURE_VARIANT] = "what it spells differently",
};
/* clang-format on */
G_STATIC_ASSERT(G_N_ELEMENTS(features) == VBOX_FEATURES);
G_STATIC_ASSERT(G_N_ELEMENTS(names) == VBOX_NAMES);

/* The process's one VirtualBox; written by vbox_start() alone, before other threads exist. */
static struct {
    Xpcom *xpcom;
    Object *client, *root;
    const Method *methods[VBOX_NAMES];
    guint32 enums[VBOX_ENUMS];
} process;

static void resolve(const Typelib *typelib)
{
    for (guint i = 0; i < VBOX_NAMES; i++) {
        const Interface *interface = typelib_find(typelib, names[i].interface);
        const Method *method =
            interface != NULL ? method_find(interface, names[i].name, names[i].kind) : NULL;
        process.methods[i] = NULL;
        /* One of another shape is as good as none: calling it would crash. */
        if (method != NULL && method->callable &&
            g_str_equal(method->signature, names[i].signature))
            process.methods[i] = method;
    }
    for (guint i = 0; i < VBOX_ENUMS; i++)
        if (!vbox_enum_find(enums[i].type, enums[i].constant, &process.enums[i]))
            process.enums[i] = G_MAXUINT32;
}

void vbox_stop(void)
{
    g_clear_pointer(&process.root, object_unref);
    g_clear_pointer(&process.client, object_unref);
    process.xpcom = NULL;
}

gboolean vbox_start_on(Xpcom *xpcom, GError **error)
{
    process.xpcom = xpcom;
    resolve(vbox_typelib());
    process.client = xpcom_connect(process.xpcom, error);
    if (process.client == NULL)
        return FALSE;
    if (!vbox_call(process.client, IVirtualBoxClient_get_virtualBox, error, &process.root))
        return FALSE;
    /* A client whose service died gets success and no object. */
    if (process.root == NULL)
        return fail(
            error, VIR_ERR_OPERATION_FAILED,
            "VirtualBox's service VBoxSVC gave no answer; see ~/.config/VirtualBox/VBoxSVC.log");
    return TRUE;
}

gboolean vbox_start(GError **error)
{
    g_autofree char *directory = xpcom_find(error);
    if (directory == NULL)
        return FALSE;
    Xpcom *xpcom = xpcom_load(directory, error);
    return xpcom != NULL && vbox_start_on(xpcom, error);
}

Object *vbox_root(void)
{
    return process.root;
}

Object *vbox_client(void)
{
    return process.client;
}

guint vbox_version(void)
{
    return xpcom_version(process.xpcom);
}

const char *vbox_directory(void)
{
    return xpcom_directory(process.xpcom);
}

const Typelib *vbox_typelib(void)
{
    return xpcom_typelib(process.xpcom);
}

GSource *vbox_source_new(GError **error)
{
    return xpcom_source_new(process.xpcom, error);
}

gboolean vbox_has(VboxName name)
{
    return process.methods[name] != NULL;
}

gboolean vbox_call(Object *self, VboxName name, GError **error, ...)
{
    if (!vbox_has(name)) {
        guint version = vbox_version();
        return fail(error, VIR_ERR_NO_SUPPORT,
                    "VirtualBox %u.%u.%u has no %s::%s as vboxvirt knows it, so %s cannot work; "
                    "update vboxvirt",
                    version / 1000000, version / 1000 % 1000, version % 1000, names[name].interface,
                    names[name].name, features[names[name].feature]);
    }
    va_list args;
    va_start(args, error);
    gboolean ok = object_call_va(self, process.methods[name], error, args);
    va_end(args);
    if (!ok && g_str_equal(names[name].interface, "IMachine"))
        machine_explain(self, error);
    return ok;
}

guint32 vbox_enum(VboxEnum constant)
{
    return process.enums[constant];
}

gboolean vbox_enum_known(VboxEnum constant)
{
    return process.enums[constant] != G_MAXUINT32;
}

static gboolean enum_find(const char *type, const char *constant, guint32 *ret_value)
{
    const Interface *interface = typelib_find(vbox_typelib(), type);
    gint64 value;
    if (interface == NULL || !constant_find(interface, constant, &value))
        return FALSE;
    *ret_value = (guint32)value;
    return TRUE;
}

gboolean vbox_enum_find(const char *type, const char *constant, guint32 *ret_value)
{
    if (strchr(type, '|') == NULL)
        return enum_find(type, constant, ret_value);
    g_auto(GStrv) alternatives = g_strsplit(type, "|", -1);
    for (char **each = alternatives; *each != NULL; each++)
        if (enum_find(*each, constant, ret_value))
            return TRUE;
    return FALSE;
}

const Interface *vbox_interface(const char *name)
{
    const Interface *interface = typelib_find(vbox_typelib(), name);
    if (interface == NULL)
        g_error("the type library has no %s", name);
    return interface;
}

/* " IFoo::bar IFoo::baz" */
static char *feature_lacks(VboxFeature feature)
{
    GString *lacking = g_string_new(NULL);
    for (guint i = 0; i < VBOX_NAMES; i++)
        if (names[i].feature == feature && !vbox_has(i))
            g_string_append_printf(lacking, " %s::%s", names[i].interface, names[i].name);
    return g_string_free(lacking, FALSE);
}

char *vbox_names_report(gboolean *ret_complete)
{
    GString *report = g_string_new(NULL);
    *ret_complete = TRUE;
    for (guint i = 0; i < FEATURE_VARIANT; i++) {
        g_autofree char *lacking = feature_lacks(i);
        if (*lacking == '\0') {
            g_string_append_printf(report, "%s: works\n", features[i]);
            continue;
        }
        *ret_complete = FALSE;
        g_string_append_printf(report, "%s: limited, this VirtualBox lacks%s\n", features[i],
                               lacking);
    }
    return g_string_free(report, FALSE);
}
