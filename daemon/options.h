/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options: the command line, and what follows from who runs the daemon. */
#pragma once
#include "base/error.h"
#include <sys/types.h>

typedef struct Options {
    gboolean system;   /* serve the whole machine; else one user */
    char *socket;      /* --socket; NULL: where clients look */
    char *group;       /* system mode: members may connect */
    guint timeout;     /* seconds without a client after which the daemon ends; 0: never */
    guint engine_idle; /* seconds without a use after which the engine ends */
    gboolean check;    /* --check: report and end */
    char *user;        /* who runs VirtualBox; NULL in system mode: not configured */
    uid_t uid;         /* user's */
    gid_t gid;         /* user's */
    char *home;        /* user's */
    char *engine;      /* path of the engine's executable */
} Options;

/* Reads the command line.  *ret_done: the question (--version, --help) is answered already. */
gboolean options_parse(Options *self, int argc, char **argv, gboolean *ret_done,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void options_clear(Options *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* What clients open when they name nothing: vbox:///session or vbox:///system. */
const char *options_uri(const Options *self);
