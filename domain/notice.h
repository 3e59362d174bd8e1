/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notice: what libvirt tells of a running domain by events of its own: devices that come and go,
 * what is in its drives, its limits.
 *
 * Each is a fact, a key with a value: "device sata0-0-1".  The facts of two XMLs of one domain,
 * compared, are what clients hear of. */
#pragma once
#include "base/uuid.h"
#include "domain/domain.h"

/* One fact that changed; before, now NULL: there was, there is none. */
typedef struct Notice {
    char *key, *before, *now;
} Notice;

/* Key → value, of a parsed domain.  Owned by the caller. */
GHashTable *notice_facts(Domain *domain);

/* What changed (Notice *), in the order in which it is told.  Free the array. */
GPtrArray *notice_compare(GHashTable *before, GHashTable *now);

/* The same of two domains. */
GPtrArray *notice_between(Domain *is, Domain *now);

/* As the parts of a mark (vbox/mark.h), and back; NULL: they are none. */
char **notice_parts(const GPtrArray *notices);
GPtrArray *notice_parse(char **parts);

/* Clients hear of it: of a change of what runs, or of what is gone when it starts. */
void notice_emit(const guint8 uuid[UUID_BYTES], const Notice *notice);
void notice_emit_missing(const guint8 uuid[UUID_BYTES], const Notice *notice);
