/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Procedures: one row for each of the protocol, made from rpc/protocol.spec. */
#pragma once
#include <glib.h>
#include "rpc/xdr.h"

#define REMOTE_PROGRAM 0x20008086u
#define KEEPALIVE_PROGRAM 0x6b656570u

/* Who serves a procedure. */
typedef enum Server {
    SERVER_NONE,   /* nobody: "not supported by the connection driver" */
    SERVER_DAEMON, /* the daemon itself, without VirtualBox */
    SERVER_ENGINE, /* a handler do_…() in the engine */
} Server;

/* How the engine may run it. */
typedef enum Lane {
    LANE_READ,   /* beside everything */
    LANE_WRITE,  /* in order with the other writers of the object in its first argument */
    LANE_NOW,    /* on the reserved worker: destroy, abort */
} Lane;

typedef struct Procedure {
    guint32 number;
    const char *name; /* DOMAIN_DEFINE_XML */
    const char *api;  /* virDomainDefineXML; NULL: none */
    Server server;
    Lane lane;
    gboolean is_event;
    gboolean before_auth;     /* may be called before authentication */
    gboolean read_only;       /* a read-only connection may call it … */
    guint32 read_only_denied; /* … unless its flags have one of these */
    guint32 flags_known;      /* other flags are refused before the handler runs */
    const XdrStruct *args;    /* NULL: none */
    const XdrStruct *ret;     /* NULL: none */
    gssize flags_offset;      /* of the member "flags" in args; -1: it has none */
} Procedure;

/* NULL: the remote program has no such procedure. */
const Procedure *procedure_find(guint32 number);
const Procedure *procedure_find_by_name(const char *name);
