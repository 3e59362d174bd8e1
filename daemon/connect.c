/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections: the procedures that need no VirtualBox. */
#include "daemon/client.h"
#include "rpc/handlers.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The level of libvirt's API whose procedures and constants we know: 12.8.0, as libvirt counts
 * (major * 1,000,000 + minor * 1000 + micro).  Clients print it as the daemon's library. */
#define LIBVIRT_LEVEL 12008000

#define OPEN_READ_ONLY 1u /* VIR_CONNECT_RO; the other bits are clients' own, some send them */

/* What clients ask by CONNECT_SUPPORTS_FEATURE (libvirt's VIR_DRV_FEATURE_…). */
typedef enum Feature {
    FEATURE_FD_PASSING = 8,
    FEATURE_TYPED_PARAM_STRING = 9,
    FEATURE_KEEPALIVE = 10,
    FEATURE_EVENT_CALLBACK = 14, /* event messages with callback ids */
    FEATURE_CLOSE_CALLBACK = 15,
    FEATURE_NETWORK_UPDATE_ORDER = 16, /* NETWORK_UPDATE has its arguments in the right order */
} Feature;

/* ---- open and close ---- */

/* Ours are vbox:///session and, of the system daemon, vbox:///system; query and fragment are left
 * to whoever put them there.  A transport ("vbox+ssh") has brought the client here and may still
 * be in the name. */
static gboolean check_uri(const Client *client, const char *text, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    if (uri == NULL)
        return fail(error, VIR_ERR_INVALID_ARG, "%s is no URI: try %s", text, client->default_uri);
    const char *scheme = g_uri_get_scheme(uri), *host = g_uri_get_host(uri);
    const char *path = g_uri_get_path(uri);
    if (!g_str_equal(scheme, "vbox") && !g_str_has_prefix(scheme, "vbox+"))
        return fail(error, VIR_ERR_INVALID_ARG, "no connection driver available for %s: try %s",
                    text, client->default_uri);
    if (host != NULL && *host != '\0')
        return fail(error, VIR_ERR_INVALID_ARG, "%s names the host %s, which is not served: try %s",
                    text, host, client->default_uri);
    gboolean system = g_str_has_suffix(client->default_uri, "/system");
    if (!g_str_equal(path, "/session") && !(system && g_str_equal(path, "/system")))
        return fail(error, VIR_ERR_INVALID_ARG, "unknown driver path '%s' specified: try %s", path,
                    client->default_uri);
    return TRUE;
}

gboolean daemon_connect_open(Client *client, const ConnectOpenArgs *args, GError **error)
{
    if (client->uri != NULL)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "the connection is open already");
    gboolean named = args->name != NULL && *args->name != '\0';
    if (named && !check_uri(client, args->name, error))
        return FALSE;
    client->uri = g_strdup(named ? args->name : client->default_uri);
    client->read_only = client->read_only_socket || (args->flags & OPEN_READ_ONLY);
    client->calls->changed(client);
    return TRUE;
}

gboolean daemon_connect_close(Client *client, GError **error)
{
    client->closing = TRUE;
    return TRUE;
}

gboolean daemon_connect_supports_feature(Client *client, const ConnectSupportsFeatureArgs *args,
                                         ConnectSupportsFeatureRet *ret, GError **error)
{
    switch ((Feature)args->feature) {
    case FEATURE_KEEPALIVE:
        keepalive_start(client);
        ret->supported = 1;
        return TRUE;
    case FEATURE_FD_PASSING:
    case FEATURE_TYPED_PARAM_STRING:
    case FEATURE_EVENT_CALLBACK:
    case FEATURE_CLOSE_CALLBACK:
    case FEATURE_NETWORK_UPDATE_ORDER:
        ret->supported = 1;
        break;
    default:
        ret->supported = 0;
    }
    if (client->uri == NULL)
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the hypervisor connection is not open: open it before asking for features");
    return TRUE;
}

/* ---- who is it? ---- */

gboolean daemon_auth_list(Client *client, AuthListRet *ret, GError **error)
{
    /* None (0): who may connect was checked when the connection was accepted. */
    ret->types = arena_alloc(client->arena, sizeof *ret->types);
    ret->types_len = 1;
    return TRUE;
}

gboolean daemon_auth_polkit(Client *client, AuthPolkitRet *ret, GError **error)
{
    ret->complete = 1;
    return TRUE;
}

gboolean daemon_connect_set_identity(Client *client, const ConnectSetIdentityArgs *args,
                                     GError **error)
{
    /* A proxy says for whom it speaks.  Nothing here depends on that. */
    if (client->uid != 0)
        return fail(error, VIR_ERR_OPERATION_DENIED, "only root may speak for others");
    return TRUE;
}

/* ---- what is this? ---- */

gboolean daemon_connect_get_type(Client *client, ConnectGetTypeRet *ret, GError **error)
{
    ret->type = arena_strdup(client->arena, "VBOX");
    return TRUE;
}

gboolean daemon_connect_get_lib_version(Client *client, ConnectGetLibVersionRet *ret,
                                        GError **error)
{
    ret->lib_ver = LIBVIRT_LEVEL;
    return TRUE;
}

/* Asked each time, because it can change; never of DNS, which can take its time. */
gboolean daemon_connect_get_hostname(Client *client, ConnectGetHostnameRet *ret, GError **error)
{
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot read the host's name: %s",
                    g_strerror(errno));
    ret->hostname = arena_strdup(client->arena, name);
    return TRUE;
}

gboolean daemon_connect_get_uri(Client *client, ConnectGetUriRet *ret, GError **error)
{
    ret->uri = arena_strdup(client->arena, client->uri);
    return TRUE;
}

gboolean daemon_connect_is_secure(Client *client, ConnectIsSecureRet *ret, GError **error)
{
    ret->secure = 1; /* a local socket that others cannot open */
    return TRUE;
}

/* ---- the end of the connection ---- */

/* Libvirt's server tells a client when its own driver loses the hypervisor.  Ours gets another
 * engine instead, so there is never anything to tell. */
gboolean daemon_connect_register_close_callback(Client *client, GError **error)
{
    return TRUE;
}

gboolean daemon_connect_unregister_close_callback(Client *client, GError **error)
{
    return TRUE;
}
