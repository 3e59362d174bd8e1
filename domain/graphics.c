/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <graphics>: the display server (vnc, rdp) and the window (sdl, desktop).
 *
 * Theory of operation.  A machine has at most one of each.  The server is VirtualBox's VRDE, with
 * the module of an extension pack: the one of the pack "VNC" speaks VNC, Oracle's RDP.  A machine
 * that names no pack has the first that is installed, and VirtualBox does not tell that from one
 * that is named; so that type='rdp', where only VNC is installed, is kept: it is what was asked
 * for, and what is served when Oracle's pack is installed.  The window is the machine's own
 * default front end.  Neither means headless.
 *
 * VRDE takes its port from a list like "5900,5910-5920".  A list of one is a fixed port; any other
 * is libvirt's autoport.  The module for VNC only ever tries the first of the list, so that
 * graphics_choose_port() rewrites the list before a start to begin with a free one. */
#include "domain/graphics.h"
#include "domain/device.h"
#include <string.h>

typedef struct Graphics {
    Item item; /* the slot is SERVER or WINDOW */
    const char *type;
    gint64 port, live_port;
    Switch autoport, multi, reuse;
    char *listen, *listen_address, *password;
    char *display, *xauth; /* of a window */
    const char *listen_type, *auth;
    gint64 auth_timeout;
    char *auth_library;
    char *pack, *ports, *address, *front_end; /* VirtualBox's side */
    gboolean is_pack_new;                     /* name the pack, even if it is VirtualBox's choice */
} Graphics;

enum { SERVER, WINDOW };

#define VNC_PACK "VNC"
#define VNC_PORT 5900
#define PORT_MAX 65535

/* clang-format off */
static const Word types[] = { { "vnc" }, { "rdp" }, { "sdl" }, { "desktop" }, END };
static const Word auths[] = {
    { "null", "Null" }, { "external", "External" }, { "guest", "Guest" }, END };
static const Word listens[] = { { "address" }, END };

static gboolean get_pack(MapContext *context, Object *machine, const Field *field,
                         Value *ret_value, GError **error);
static gboolean set_pack(MapContext *context, Object *machine, const Field *field,
                         const Value *value, GError **error);
static gboolean get_property(MapContext *context, Object *machine, const Field *field,
                             Value *ret_value, GError **error);
static gboolean set_property(MapContext *context, Object *machine, const Field *field,
                             const Value *value, GError **error);
static gboolean set_ports(MapContext *context, Object *machine, const Field *field,
                          const Value *value, GError **error);

enum { PORTS, ADDRESS, PASSWORD };
static const char *const properties[] = {
    [PORTS] = "TCP/Ports", [ADDRESS] = "TCP/Address", [PASSWORD] = "VNCPassword" };

#define SERVERS WHEN("vnc|rdp")
#define WINDOWS WHEN("sdl|desktop")
#define PROPERTY(name) HOOK(get_property, set_property, name)

static const Field fields[] = {
    /* XML               member               VirtualBox               kind, and what else holds */
    F("@type",           Graphics, type,      NULL,                    WORD(types, NULL), KEY, REQUIRED, KEEP, IDENTITY),
    F(NULL,              Graphics, pack,      "VRDEServer.VRDEExtPack", STR, SERVERS, HOOK(get_pack, set_pack, 0)),
    F("@port",           Graphics, port,      NULL,                    NUMBER(-1, PORT_MAX), SERVERS),
    F("@autoport",       Graphics, autoport,  NULL,                    YESNO, SERVERS),
    F(NULL,              Graphics, ports,     "VRDEServer.getVRDEProperty(TCP/Ports)", STR, SERVERS, HOOK(get_property, set_ports, PORTS), HOT),
    F("@port",           Graphics, live_port, NULL,                    NUMBER(-1, PORT_MAX), SERVERS, LIVE),
    F("@replaceUser",    Graphics, reuse,     "VRDEServer.reuseSingleConnection", YESNO, SERVERS),
    F("@multiUser",      Graphics, multi,     "VRDEServer.allowMultiConnection", YESNO, SERVERS),
    F("@listen",         Graphics, listen,    NULL,                    STR, SERVERS),
    F("@passwd",         Graphics, password,  "VRDEServer.getVRDEProperty(VNCPassword)", STR, SERVERS, SECRET, PROPERTY(PASSWORD), HOT),
    F("listen/@type",    Graphics, listen_type, NULL,                  WORD(listens, NULL), SERVERS),
    F("listen/@address", Graphics, listen_address, NULL,               STR, SERVERS),
    F(NULL,              Graphics, address,   "VRDEServer.getVRDEProperty(TCP/Address)", STR, SERVERS, PROPERTY(ADDRESS)),
    F("vbox:auth/@type", Graphics, auth,      "VRDEServer.authType",   WORD(auths, "AuthType"), SERVERS, FALLBACK("null"), QUIET),
    F("vbox:auth/@timeout", Graphics, auth_timeout, "VRDEServer.authTimeout", NUMBER(0, G_MAXUINT32), SERVERS, FALLBACK("5000"), QUIET),
    F("vbox:auth/@library", Graphics, auth_library, "VRDEServer.authLibrary", STR, SERVERS, FALLBACK("VBoxAuth"), QUIET),
    F("@display",        Graphics, display,   NULL,                    STR, WINDOWS, KEEP),
    F("@xauth",          Graphics, xauth,     NULL,                    STR, WHEN("sdl"), KEEP),
    F(NULL,              Graphics, front_end, "defaultFrontend",       STR, WINDOWS, FALLBACK("")),
    REFUSE("@username",  "VirtualBox's server has users of its authentication library only", BLANK),
    REFUSE("@socket",    "its server listens on TCP only"),
    REFUSE("@websocket", ""),
    REFUSE("@keymap",    ""),
    REFUSE("@passwdValidTo", "passwords do not expire", BLANK),
    REFUSE("@connected", "", BLANK),
    REFUSE("@sharePolicy", ""),
    REFUSE("@powerControl", ""),
    REFUSE("@wait",      ""),
    REFUSE("@fullscreen", "", BLANK),
    REFUSE("listen[2]",  "it listens on one address, or on all"),
    REFUSE("audio",      ""),
    REFUSE("gl",         ""),
    END };
/* clang-format on */

/* A pack that a machine names and that is gone, or cannot be used, is an error of VirtualBox's;
 * here it is none. */
static gboolean is_pack_lost(const GError *failure)
{
    return g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND) ||
           g_error_matches(failure, XPCOM_ERROR, (gint)NS_ERROR_FAILURE);
}

static gboolean get_pack(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                         GError **error)
{
    Object *server = NULL;
    g_autoptr(GError) failure = NULL;
    ret_value->is_text = TRUE;
    if (!map_object(context, machine, IMachine_get_VRDEServer, &server, error))
        return FALSE;
    if (vbox_call(server, IVRDEServer_get_VRDEExtPack, &failure, &ret_value->text))
        return TRUE;
    ret_value->is_absent = is_pack_lost(failure);
    if (ret_value->is_absent)
        g_debug("the display server's extension pack: %s", failure->message);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return ret_value->is_absent;
}

static gboolean set_pack(MapContext *context, Object *machine, const Field *field,
                         const Value *value, GError **error)
{
    Object *server = NULL;
    return map_object(context, machine, IMachine_get_VRDEServer, &server, error) &&
           vbox_call(server, IVRDEServer_set_VRDEExtPack, error, value->text);
}

static gboolean get_property(MapContext *context, Object *machine, const Field *field,
                             Value *ret_value, GError **error)
{
    Object *server = NULL;
    ret_value->is_text = TRUE;
    return map_object(context, machine, IMachine_get_VRDEServer, &server, error) &&
           vbox_call(server, IVRDEServer_getVRDEProperty, error, properties[field->arg],
                     &ret_value->text);
}

static gboolean set_property(MapContext *context, Object *machine, const Field *field,
                             const Value *value, GError **error)
{
    Object *server = NULL;
    return map_object(context, machine, IMachine_get_VRDEServer, &server, error) &&
           vbox_call(server, IVRDEServer_setVRDEProperty, error, properties[field->arg],
                     value->text);
}

static gboolean set_ports(MapContext *context, Object *machine, const Field *field,
                          const Value *value, GError **error)
{
    g_autofree char *ports = graphics_ports_to_write(machine, value->text, error);
    return ports != NULL &&
           set_property(context, machine, field, &(Value){.is_text = TRUE, .text = ports}, error);
}

/* --- parsing --------------------------------------------------------------------------------- */

static gboolean is_type(const Graphics *self, const char *type)
{
    return g_strcmp0(self->type, type) == 0;
}

static gboolean is_server(const Graphics *self)
{
    return words_have("vnc|rdp", self->type);
}

static gboolean check_one_each(Model *model, const Item *item, GError **error)
{
    GPtrArray *items = model_items(model, item->element);
    for (guint i = 0; g_ptr_array_index(items, i) != item; i++)
        if (((const Item *)g_ptr_array_index(items, i))->slot == item->slot)
            return device_refuse(item, NULL, error, "a machine has one %s",
                                 item->slot == SERVER ? "display server (vnc or rdp)"
                                                      : "window (sdl or desktop)");
    return TRUE;
}

/* What belongs to the other type of server; both are read of either. */
static gboolean check_server(Graphics *self, GError **error)
{
    const Item *item = &self->item;
    if (is_type(self, "vnc") && (self->multi != SWITCH_ABSENT || self->reuse != SWITCH_ABSENT))
        return device_refuse(item, self->multi != SWITCH_ABSENT ? "@multiUser" : "@replaceUser",
                             error, "it is a setting of type='rdp'");
    if (is_type(self, "rdp") && self->password != NULL)
        return device_refuse(item, "@passwd", error,
                             "VirtualBox's RDP server takes passwords from its authentication "
                             "library only");
    if (self->listen == NULL)
        device_set_text(&self->listen, self->listen_address);
    if (self->listen_address != NULL && !g_str_equal(self->listen, self->listen_address))
        return device_refuse(item, "@listen", error, "'%s' is not <listen>'s '%s'", self->listen,
                             self->listen_address);
    if (self->autoport == SWITCH_NO && (self->port == NUMBER_ABSENT || self->port <= 0))
        return device_refuse(item, "@port", error, "autoport='no' needs a port");
    if (self->autoport == SWITCH_ABSENT)
        self->autoport = self->port == NUMBER_ABSENT || self->port <= 0 ? SWITCH_YES : SWITCH_NO;
    return TRUE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Graphics *self = (Graphics *)item;
    item->slot = is_server(self) ? SERVER : WINDOW;
    return check_one_each(model, item, error) &&
           (item->slot == WINDOW || check_server(self, error));
}

/* --- extension packs ------------------------------------------------------------------------- */

/* The usable packs that have a display server.  Names are freed with the array. */
static GPtrArray *server_packs(GError **error)
{
    g_autoptr(Object) manager = NULL;
    g_autoptr(GPtrArray) packs = NULL, names = g_ptr_array_new_with_free_func(g_free);
    if (!vbox_call(vbox_root(), IVirtualBox_get_extensionPackManager, error, &manager) ||
        !vbox_call(manager, IExtPackManager_get_installedExtPacks, error, &packs))
        return NULL;
    for (guint i = 0; i < packs->len; i++) {
        Object *pack = g_ptr_array_index(packs, i);
        g_autofree char *name = NULL, *module = NULL;
        gboolean is_usable;
        if (!vbox_call(pack, IExtPackBase_get_usable, error, &is_usable) ||
            !vbox_call(pack, IExtPackBase_get_name, error, &name) ||
            !vbox_call(pack, IExtPackBase_get_VRDEModule, error, &module))
            return NULL;
        if (is_usable && *module != '\0')
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
    return g_steal_pointer(&names);
}

static gboolean is_vnc(const char *pack)
{
    return g_strcmp0(pack, VNC_PACK) == 0;
}

/* The first pack that speaks the type; NULL: none is installed. */
static const char *pack_for(const GPtrArray *packs, const char *type)
{
    for (guint i = 0; i < packs->len; i++)
        if (is_vnc(g_ptr_array_index(packs, i)) == g_str_equal(type, "vnc"))
            return g_ptr_array_index(packs, i);
    return NULL;
}

/* --- from the XML to VirtualBox -------------------------------------------------------------- */

typedef struct Server {
    gboolean is_enabled;
    char *pack, *ports, *address;
} Server;

static void server_clear(Server *self)
{
    g_free(self->pack);
    g_free(self->ports);
    g_free(self->address);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Server, server_clear)

static gboolean read_pack(MapContext *context, char **ret_pack, GError **error)
{
    Value value = {0};
    gboolean is_good = get_pack(context, map_machine(context), NULL, &value, error);
    *ret_pack = value.text;
    return is_good;
}

/* What there is; nothing when the machine is yet to be made. */
static gboolean server_read(Server *self, MapContext *context, GError **error)
{
    Object *server = NULL;
    if (map_machine(context) == NULL)
        return TRUE;
    return map_object(context, map_machine(context), IMachine_get_VRDEServer, &server, error) &&
           vbox_call(server, IVRDEServer_get_enabled, error, &self->is_enabled) &&
           read_pack(context, &self->pack, error) &&
           vbox_call(server, IVRDEServer_getVRDEProperty, error, properties[PORTS], &self->ports) &&
           vbox_call(server, IVRDEServer_getVRDEProperty, error, properties[ADDRESS],
                     &self->address);
}

static gboolean is_list(const char *ports)
{
    return ports != NULL && strpbrk(ports, ",-") != NULL;
}

/* A server that speaks the type already keeps its pack, and so does one whose pack is gone. */
static gboolean plan_pack(Graphics *self, const Server *has, GError **error)
{
    if (has->is_enabled && (has->pack == NULL || is_vnc(has->pack) == is_type(self, "vnc")))
        return TRUE;
    g_autoptr(GPtrArray) packs = server_packs(error);
    if (packs == NULL)
        return FALSE;
    const char *pack = pack_for(packs, self->type);
    if (pack == NULL && is_type(self, "vnc"))
        return device_refuse(&self->item, "@type", error,
                             "VirtualBox's extension pack VNC is not installed");
    self->is_pack_new = TRUE;
    device_set_text(&self->pack, pack == NULL ? "" : pack);
    return TRUE;
}

static gboolean plan_server(MapContext *context, Graphics *self, GError **error)
{
    g_auto(Server) has = {0};
    if (!server_read(&has, context, error) || !plan_pack(self, &has, error))
        return FALSE;
    g_free(self->ports);
    if (self->autoport == SWITCH_NO)
        self->ports = g_strdup_printf("%d", (int)self->port);
    else if (is_list(has.ports))
        self->ports = g_strdup(has.ports);
    else
        self->ports = g_strdup_printf(
            "%d-%d", is_type(self, "vnc") ? VNC_PORT : GRAPHICS_DEFAULT_PORT, PORT_MAX);
    /* VirtualBox's own default is to listen everywhere; libvirt's is to listen to nobody else. */
    gboolean is_everywhere =
        has.is_enabled && *has.address == '\0' && g_strcmp0(self->listen, "0.0.0.0") == 0;
    if (self->listen != NULL && !is_everywhere)
        device_set_text(&self->address, self->listen);
    else if (!has.is_enabled)
        device_set_text(&self->address, "127.0.0.1");
    return TRUE;
}

/* A machine whose user interface runs in a process of its own is one with a window, too. */
static gboolean plan_window(MapContext *context, Graphics *self, GError **error)
{
    g_autofree char *has = NULL;
    if (map_machine(context) != NULL &&
        !vbox_call(map_machine(context), IMachine_get_defaultFrontend, error, &has))
        return FALSE;
    const char *wanted = is_type(self, "sdl") ? "sdl" : "gui";
    gboolean is_separate = is_type(self, "desktop") && g_strcmp0(has, "separate") == 0;
    device_set_text(&self->front_end, is_separate ? has : wanted);
    return TRUE;
}

static gboolean look(MapContext *context, Item *item, GError **error)
{
    Graphics *self = (Graphics *)item;
    if (self->type == NULL)
        return TRUE;
    return is_server(self) ? plan_server(context, self, error) : plan_window(context, self, error);
}

static Graphics *find(const GPtrArray *items, guint slot)
{
    for (guint i = 0; i < items->len; i++) {
        Graphics *self = g_ptr_array_index(items, i);
        if (self->item.slot == slot)
            return self;
    }
    return NULL;
}

static gboolean apply_server(MapContext *context, Graphics *self, GError **error)
{
    Object *server = NULL;
    gboolean is_enabled, is_wanted = self != NULL;
    if (!map_object(context, map_machine(context), IMachine_get_VRDEServer, &server, error) ||
        !vbox_call(server, IVRDEServer_get_enabled, error, &is_enabled) ||
        (is_wanted && self->is_pack_new &&
         !vbox_call(server, IVRDEServer_set_VRDEExtPack, error, self->pack)) ||
        (is_wanted && !map_apply_item(context, &self->item, map_machine(context), error)))
        return FALSE;
    return is_enabled == is_wanted || vbox_call(server, IVRDEServer_set_enabled, error, is_wanted);
}

/* The window of a front end; NULL: it has none. */
static const char *window_type(const char *front_end)
{
    if (g_str_equal(front_end, "sdl"))
        return "sdl";
    return words_have("gui|separate", front_end) ? "desktop" : NULL;
}

static gboolean apply_window(MapContext *context, Graphics *self, GError **error)
{
    Object *machine = map_machine(context);
    g_autofree char *front_end = NULL;
    if (self != NULL)
        return map_apply_item(context, &self->item, machine, error);
    if (!vbox_call(machine, IMachine_get_defaultFrontend, error, &front_end))
        return FALSE;
    return window_type(front_end) == NULL ||
           vbox_call(machine, IMachine_set_defaultFrontend, error, "");
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    return apply_server(context, find(items, SERVER), error) &&
           apply_window(context, find(items, WINDOW), error);
}

/* --- from VirtualBox to the XML -------------------------------------------------------------- */

static void finish_server(Graphics *self)
{
    /* Beside VNC it is rdp only if that was kept; of a pack that is gone, only that is known. */
    if (self->pack != NULL && !is_vnc(self->pack))
        self->type = "rdp";
    gint64 first = self->ports == NULL ? 0 : g_ascii_strtoll(self->ports, NULL, 10);
    if (first == 0)
        first = GRAPHICS_DEFAULT_PORT;
    gboolean is_auto = is_list(self->ports);
    self->autoport = is_auto ? SWITCH_YES : SWITCH_NO;
    self->port = is_auto ? -1 : first;
    self->live_port = first;
    if (is_type(self, "vnc")) {
        self->multi = SWITCH_ABSENT;
        self->reuse = SWITCH_ABSENT;
    } else {
        device_set_text(&self->password, NULL);
    }
    device_set_text(&self->listen, self->address == NULL ? "0.0.0.0" : self->address);
    device_set_text(&self->listen_address, self->listen);
    self->listen_type = listens[0].word;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Graphics *self = (Graphics *)item;
    if (item->slot == SERVER)
        finish_server(self);
    else
        self->type = window_type(self->front_end);
    return TRUE;
}

static Graphics *add_item(MapContext *context, guint slot, const char *type)
{
    Graphics *self = model_add(map_model(context), &domain_graphics_element);
    self->item.slot = slot;
    self->type = type;
    return self;
}

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    Object *machine = map_machine(context), *server = NULL;
    g_autofree char *front_end = NULL;
    gboolean is_enabled;
    if (!map_object(context, machine, IMachine_get_VRDEServer, &server, error) ||
        !vbox_call(server, IVRDEServer_get_enabled, error, &is_enabled) ||
        !vbox_call(machine, IMachine_get_defaultFrontend, error, &front_end))
        return FALSE;
    g_autofree char *pack = NULL;
    const char *window = window_type(front_end);
    if (window != NULL &&
        !map_read_item(context, &add_item(context, WINDOW, window)->item, machine, error))
        return FALSE;
    if (!is_enabled)
        return TRUE;
    if (!read_pack(context, &pack, error))
        return FALSE;
    Graphics *self = add_item(context, SERVER, is_vnc(pack) ? "vnc" : "rdp");
    return map_read_item(context, &self->item, machine, error);
}

char **graphics_model_environment(Model *model)
{
    const Graphics *self = find(model_items(model, &domain_graphics_element), WINDOW);
    char **environment = g_new0(char *, 1);
    if (self != NULL && self->display != NULL)
        environment = g_environ_setenv(environment, "DISPLAY", self->display, TRUE);
    if (self != NULL && self->xauth != NULL)
        environment = g_environ_setenv(environment, "XAUTHORITY", self->xauth, TRUE);
    return environment;
}

static char *name(const Item *item)
{
    return g_strdup(item->slot == SERVER ? "graphics server" : "graphics window");
}

const Element domain_graphics_element = {
    .path = "devices/graphics",
    .interface = "IMachine",
    .about =
        "At most one display server (`vnc` needs VirtualBox's extension pack VNC, `rdp` is "
        "served where Oracle's is installed) and one window (`desktop`, `sdl`). A machine "
        "without a window starts headless. Without `listen` a new server listens on "
        "127.0.0.1. A VNC client always needs a password (`passwd`); a definition without "
        "one leaves the one that there is, an empty one removes it. `autoport` (or no port) "
        "is a free port from 5900 (`rdp`: 3389) on at each start; a port that is named must be "
        "free then, or the machine does not start; nor does a machine that runs take one that is "
        "not free. Beware: VirtualBox's VNC "
        "module listens on [::]:5900 as well, whatever address and port it is given.",
    .size = sizeof(Graphics),
    .fields = fields,
    .max = 2,
    .late = LATE, /* the server's properties stay when the session is discarded (7.2.22) */
    .check = check,
    .look = look,
    .apply = apply,
    .read = read_items,
    .finish = finish,
    .name = name,
    .serves = "IVRDEServer.enabled",
};
