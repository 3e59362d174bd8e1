/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Known: images that are in VirtualBox's lists of media. */
#pragma once
#include "vbox/vbox.h"

/* The medium of a file, also by another path of it; *ret_medium NULL: VirtualBox does not have it
 * in its lists.  Asks about each of them: for calls that change something. */
gboolean known_find(const char *path, Object **ret_medium,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The name of the machine with that id, or else the id.  Owned by the caller. */
char *known_machine_name(const char *id);

/* Those that run with it, or with an image that stands on it, in the same form. */
char *known_runners(Object *medium);

/* Those that have it, or an image that stands on it, without the machine of that id (NULL: all). */
char *known_others(Object *medium, const char *but);

/* Whether nobody keeps a medium from being read, or written.  advice: what else can be done than to
 * stop those who run with it: "detach it there". */
#define DETACH "detach it there"
gboolean known_check_free(Object *medium, gboolean is_written, VirErrorNumber code,
                          const char *advice, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A hard disk's image that VirtualBox has in its lists for the time of a call: known, or opened
 * and closed again at the end.  VIR_ERR_OPERATION_INVALID, with their names: domains run with it.
 */
typedef struct Loan {
    Object *medium;
    gboolean is_opened;
    char *described; /* the raw image whose descriptor is there for this alone; NULL: none */
} Loan;
typedef enum LoanUse { LOAN_READ, LOAN_WRITE, LOAN_READ_RAW } LoanUse;
gboolean known_borrow(const char *path, LoanUse use, Loan *ret_loan,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void known_return(Loan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Loan, known_return)

/* Takes a medium out of the lists; FALSE: it stays, what VirtualBox says against it is logged. */
gboolean known_forget(Object *medium);
