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
    LANE_READ,  /* beside everything */
    LANE_WRITE, /* in order with the other writers of the object in its first argument */
    LANE_NOW,   /* on the reserved worker: destroy, abort */
} Lane;

/* Which way a stream of a procedure's call runs. */
typedef enum StreamWay { STREAM_NONE, STREAM_TO_CLIENT, STREAM_TO_SERVER, STREAM_BOTH } StreamWay;

typedef struct Procedure {
    guint32 number;
    const char *name; /* DOMAIN_DEFINE_XML */
    const char *api;  /* virDomainDefineXML; NULL: none */
    Server server;
    Lane lane;
    StreamWay stream;
    gboolean fds_in, fds_out; /* the call, its reply carry file descriptors */
    gboolean is_event;        /* its content is in ret */
    gboolean before_auth;     /* may be called before authentication */
    gboolean read_only;       /* a read-only connection may call it … */
    guint32 read_only_denied; /* … unless its flags have one of these */
    guint32 flags_known;      /* other flags are refused before the handler runs */
    const XdrStruct *args;    /* NULL: none */
    const XdrStruct *ret;     /* NULL: none */
    gssize flags_offset;      /* of the member "flags" in args; -1: it has none */
    gssize uuid_offset;       /* of the UUID of the object that args begin with; -1: none */
} Procedure;

/* NULL: the remote program has no such procedure. */
const Procedure *procedure_find(guint32 number);
const Procedure *procedure_find_by_name(const char *name);

/* The flags of a call; 0: it has none.  args is the decoded struct (may be NULL without args). */
guint32 procedure_flags(const Procedure *self, const void *args);

/* Refuses flags that we do not know (VIR_ERR_INVALID_ARG). */
gboolean procedure_check_flags(const Procedure *self, const void *args,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses what a read-only connection may not do (VIR_ERR_OPERATION_DENIED). */
gboolean procedure_check_read_only(const Procedure *self, const void *args,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
