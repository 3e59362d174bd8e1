/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <serial>: a serial port; <console>: the first of them once more.
 *
 * What a port is connected to has two sides: the XML's type with what stands in <source>, and
 * VirtualBox's host mode with a location ("path").  plan() makes the second of the first, finish()
 * the first of the second.  Where two types are one mode (a host pipe is a Unix socket; neither
 * null nor pty are connected), the type that was asked for is kept. */
#include "domain/port.h"
#include <string.h>

typedef struct Serial {
    Item item;
    const char *type, *mode, *append, *protocol; /* the XML's side */
    char *path, *host, *service;
    const char *host_mode; /* VirtualBox's side */
    char *location;
    Switch server;
    const char *target, *model, *uart;
    PortPlace place;
    char *alias;
} Serial;

/* A type, the PortMode that it is, and, of several types with one mode, the one that a dump says
 * of a machine that we did not make: the first. */
static const struct {
    const char *type, *mode;
} modes[] = {
    {"null", "Disconnected"}, {"pty", "Disconnected"}, {"unix", "HostPipe"}, {"pipe", "HostPipe"},
    {"dev", "HostDevice"},    {"file", "RawFile"},     {"tcp", "TCP"},
};

/* clang-format off */
static const Word types[] = {
    { "null" }, { "pty" }, { "unix" }, { "pipe" }, { "dev" }, { "file" }, { "tcp" }, END };
static const Word ends[] = { { "bind" }, { "connect" }, END };
static const Word appends[] = { { "off" }, END };
static const Word protocols[] = { { "raw" }, END };
static const Word targets[] = { { "isa-serial" }, END };
static const Word console_targets[] = { { "serial" }, END };
static const Word uarts[] = { { "isa-serial", "U16550A" }, { "16550a", "U16550A" }, END };
static const Word other_uarts[] = { { "16450", "U16450" }, { "16750", "U16750" }, END };
static const Word host_modes[] = {
    { "Disconnected", "Disconnected" }, { "HostPipe", "HostPipe" }, { "HostDevice", "HostDevice" },
    { "RawFile", "RawFile" }, { "TCP", "TCP" }, END };

#define SOURCE_ROWS                                                                                \
    F("source/@mode",    Serial, mode,     NULL, WORD(ends, NULL), WHEN("unix|pipe|tcp"), FALLBACK("connect")), \
    F("source/@path",    Serial, path,     NULL, STR, WHEN("unix|pipe|dev|file"), REQUIRED),       \
    IGNORE("source/@path", "it is where libvirt found it the last time", WHEN("pty|null")),        \
    F("source/@append",  Serial, append,   NULL, WORD(appends, NULL), WHEN("file"), FALLBACK("off"), QUIET), \
    F("source/@host",    Serial, host,     NULL, STR, WHEN("tcp")),                                \
    F("source/@service", Serial, service,  NULL, STR, WHEN("tcp"), REQUIRED),                      \
    F("protocol/@type",  Serial, protocol, NULL, WORD(protocols, NULL), WHEN("tcp"), FALLBACK("raw")), \
    REFUSE("source/@tls", "", BLANK),                                                                     \
    REFUSE("source/reconnect", "VirtualBox connects once, when the machine starts"),               \
    REFUSE("source/seclabel", "it has no security driver"),                                        \
    REFUSE("log", "let the port be a file")

static const Field serial_fields[] = {
    /* XML               member            VirtualBox  kind, and what else holds */
    F("@type",           Serial, type,     NULL,       WORD(types, NULL), KEY, REQUIRED, KEEP),
    SOURCE_ROWS,
    F(NULL,              Serial, location, "path",     STR, WHEN("HostPipe|HostDevice|RawFile|TCP"), HOT),
    F(NULL,              Serial, server,   "server",   YESNO, WHEN("HostPipe|TCP"), HOT),
    F(NULL,              Serial, host_mode, "hostMode", WORD(host_modes, "PortMode"), KEY, HOT),
    F("target/@type",    Serial, target,   NULL,       WORD(targets, NULL), FALLBACK("isa-serial")),
    PORT_PLACE_ROWS(Serial, "IOAddress|IOBase"),
    F("target/model/@name", Serial, model, "uartType", WORD(uarts, "UartType"), BLANK),
    F("vbox:uart/@type", Serial, uart,     "uartType", WORD(other_uarts, "UartType")),
    F("alias/@name",     Serial, alias,    NULL,       ALIAS, KEEP),
    END };

static const Field console_fields[] = {
    F("@type",           Serial, type,     NULL,       WORD(types, NULL), KEY, REQUIRED),
    SOURCE_ROWS,
    F("target/@type",    Serial, target,   NULL,       WORD(console_targets, NULL), FALLBACK("serial")),
    F("target/@port",    Serial, place.number, NULL,   NUMBER(0, 255), IDENTITY),
    IGNORE("@tty",       "it is where libvirt found it the last time"),
    IGNORE("alias",      "it is the serial port's"),
    IGNORE("address",    "it is the serial port's"),
    END };
/* clang-format on */

/* The addresses of COM1 to COM4. */
static const PortStandard standards[] = {{0x3f8, 4}, {0x2f8, 3}, {0x3e8, 4}, {0x2e8, 3}};

static const char *mode_of_type(const char *type)
{
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
        if (g_str_equal(modes[i].type, type))
            return modes[i].mode;
    g_assert_not_reached();
}

static const char *type_of_mode(const char *mode)
{
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
        if (g_strcmp0(modes[i].mode, mode) == 0)
            return modes[i].type;
    return "null";
}

/* --- slots ----------------------------------------------------------------------------------- */

static gboolean slots(MapContext *context, guint *ret_count, GError **error)
{
    static PortCount count = {.platform = IPlatformProperties_get_serialPortCount,
                              .system = ISystemProperties_get_serialPortCount};
    return port_count(&count, context, ret_count, error);
}

static Object *slot(MapContext *context, guint number, GError **error)
{
    Object *port = NULL;
    if (!vbox_call(map_machine(context), IMachine_getSerialPort, error, number, &port))
        return NULL;
    return port;
}

/* --- from the XML to VirtualBox -------------------------------------------------------------- */

static gboolean is_port_number(const char *text)
{
    guint64 number;
    return g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT16, &number, NULL);
}

/* Those of all addresses: a server of VirtualBox's listens on no other. */
static gboolean is_everywhere(const char *host)
{
    return host == NULL || g_str_equal(host, "0.0.0.0") || g_str_equal(host, "*") || *host == '\0';
}

static gboolean check_source(const Serial *self, GError **error)
{
    if (self->path != NULL && *self->path == '\0')
        return device_refuse(&self->item, "source/@path", error, "it is empty");
    if (!g_str_equal(self->type, "tcp"))
        return TRUE;
    if (!is_port_number(self->service))
        return device_refuse(&self->item, "source/@service", error,
                             "'%s' is not a port number of TCP", self->service);
    if (g_str_equal(self->mode, "connect") && (self->host == NULL || *self->host == '\0'))
        return device_refuse(&self->item, "source/@host", error, "it says to what to connect");
    return TRUE;
}

static gboolean serial_check(Model *model, Item *item, GError **error)
{
    const Serial *self = (const Serial *)item;
    if (self->model != NULL && self->uart != NULL)
        return device_refuse(item, "vbox:uart/@type", error, "<model name='%s'/> is another one",
                             self->model);
    return check_source((Serial *)item, error);
}

static gboolean is_server(const Serial *self)
{
    return g_strcmp0(self->mode, "bind") == 0;
}

/* VirtualBox's text for where it leads.  Owned by the caller. */
static char *location_of(const Serial *self)
{
    if (self->service == NULL)
        return g_strdup(self->path);
    if (is_server(self) && is_everywhere(self->host))
        return g_strdup(self->service);
    return g_strdup_printf("%s:%s", self->host, self->service);
}

static void plan(Serial *self)
{
    self->host_mode = mode_of_type(self->type);
    self->server = is_server(self) ? SWITCH_YES : SWITCH_NO;
    port_plan(&self->place, self->item.slot, standards, G_N_ELEMENTS(standards));
    g_autofree char *location = location_of(self);
    device_set_text(&self->location, location);
}

static gboolean has_location(MapContext *context, const Serial *self, gboolean *ret_has,
                             GError **error)
{
    guint count = 0;
    *ret_has = FALSE;
    if (map_machine(context) == NULL)
        return TRUE;
    if (!slots(context, &count, error))
        return FALSE;
    g_autofree char *wanted = location_of(self);
    for (guint i = 0; i < count && !*ret_has; i++) {
        g_autofree char *location = NULL;
        Object *port = map_slot(context, self->item.element, i, error);
        if (port == NULL || !vbox_call(port, ISerialPort_get_path, error, &location))
            return FALSE;
        *ret_has = g_str_equal(location, wanted);
    }
    return TRUE;
}

/* VirtualBox cannot bind to one address, and does not start a machine that shall.  One that is
 * like that already may stay. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    const Serial *self = (const Serial *)item;
    gboolean has;
    if (g_strcmp0(self->type, "tcp") != 0 || !is_server(self) || is_everywhere(self->host))
        return TRUE;
    return has_location(context, self, &has, error) &&
           (has || device_refuse(item, "source/@host", error,
                                 "VirtualBox listens on all addresses of the host or none; "
                                 "say host='0.0.0.0', or type='unix'"));
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    if (!port_place(context, items, G_STRUCT_OFFSET(Serial, place), error))
        return FALSE;
    for (guint i = 0; i < items->len; i++)
        plan(g_ptr_array_index(items, i));
    return TRUE;
}

/* --- from VirtualBox to the XML -------------------------------------------------------------- */

static void finish_tcp(Serial *self)
{
    const char *colon = strrchr(self->location, ':');
    gboolean is_bound = self->server == SWITCH_YES;
    g_free(self->host);
    self->host = colon != NULL ? g_strndup(self->location, (gsize)(colon - self->location))
                               : g_strdup(is_bound ? "0.0.0.0" : NULL);
    device_set_text(&self->service, colon != NULL ? colon + 1 : self->location);
    self->protocol = "raw";
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Serial *self = (Serial *)item;
    if (self->type == NULL || g_strcmp0(mode_of_type(self->type), self->host_mode) != 0)
        self->type = type_of_mode(self->host_mode);
    self->target = targets[0].word;
    if (words_have("unix|pipe|tcp", self->type))
        self->mode = self->server == SWITCH_YES ? "bind" : "connect";
    if (g_str_equal(self->type, "tcp") && self->location != NULL)
        finish_tcp(self);
    else
        device_set_text(&self->path, self->location);
    port_finish(&self->place, item->slot, standards, G_N_ELEMENTS(standards));
    return TRUE;
}

/* --- <console> ------------------------------------------------------------------------------- */

static void copy_source(Serial *self, const Serial *from)
{
    self->type = from->type;
    self->mode = from->mode;
    self->append = from->append;
    self->protocol = from->protocol;
    device_set_text(&self->path, from->path);
    device_set_text(&self->host, from->host);
    device_set_text(&self->service, from->service);
}

/* As libvirt: a console without any serial port is one; else it is the first of them, whatever it
 * says. */
static gboolean console_check(Model *model, Item *item, GError **error)
{
    const Serial *self = (const Serial *)item;
    if (!check_source(self, error))
        return FALSE;
    if (model_items(model, &domain_serial_element)->len > 0)
        return TRUE;
    Serial *serial = model_add(model, &domain_serial_element);
    copy_source(serial, self);
    serial->target = targets[0].word;
    serial->place.number = self->place.number;
    return TRUE;
}

static gboolean console_read(MapContext *context, GPtrArray *items, GError **error)
{
    const Serial *serial = model_first(map_model(context), &domain_serial_element);
    if (serial == NULL)
        return TRUE;
    Serial *self = model_add(map_model(context), &domain_console_element);
    copy_source(self, serial);
    self->target = console_targets[0].word;
    self->place.number = serial->place.number;
    return TRUE;
}

const Element domain_serial_element = {
    .path = "devices/serial",
    .interface = "ISerialPort",
    .about =
        "A serial port. `unix` is VirtualBox's host pipe, a Unix socket that it makes (`bind`) "
        "or connects to; `pipe` is another word for it. A TCP server listens on all addresses "
        "of the host. A file is emptied when the machine starts. `null` is connected to "
        "nothing, and so is `pty`, which VirtualBox does not have: it is accepted because "
        "clients add it unasked, and shown again, but without effect. The target's port "
        "number is its place (0 is COM1); without `<address type='isa'>` it is at the PC's "
        "usual address. A UART other than the 16550A is `<vbox:uart>`; one that is not said stays "
        "as it is.",
    .size = sizeof(Serial),
    .fields = serial_fields,
    .slots = slots,
    .slot = slot,
    .enabled = "enabled",
    .check = serial_check,
    .look = look,
    .prepare = prepare,
    .finish = finish,
    .serves = "ISerialPort.slot",
};

const Element domain_console_element = {
    .path = "devices/console",
    .interface = "ISerialPort",
    .about = "The first serial port once more, as in libvirt: a definition that has no `<serial>` "
             "gets one of it; beside a `<serial>` it has no effect.",
    .size = sizeof(Serial),
    .fields = console_fields,
    .max = 1,
    .check = console_check,
    .read = console_read,
};
