/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Change: one change of a domain: of what runs, of what it starts with next, or of both. */
#pragma once
#include "domain/domain.h"
#include "domain/registry.h"
#include "map/edit.h"
#include "rpc/remote.h"

/* Makes the change in a document; domain is what stands in it. */
typedef gboolean (*DomainEdit)(Edit *edit, Domain *domain, gconstpointer data, GError **error);

/* flags: of virDomainModificationImpact (VIR_DOMAIN_AFFECT_CURRENT, _LIVE, _CONFIG), and
 * VIR_DOMAIN_DEVICE_MODIFY_FORCE.  All or nothing.
 * Errors: those of edit and of a definition; VIR_ERR_OPERATION_INVALID, the flags do not fit the
 * domain's state; VIR_ERR_OPERATION_UNSUPPORTED, not while it runs. */
gboolean domain_change(const RemoteDomain *dom, guint32 flags, DomainEdit edit, gconstpointer data,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Which of LIVE and CONFIG the flags of a question mean, in *flags.  VIR_ERR_OPERATION_INVALID:
 * LIVE, and the domain does not run; CONFIG, and it is transient. */
gboolean domain_impact(gboolean is_running, gboolean is_transient, guint32 *flags,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The XML that flags mean of a domain, active or inactive: those of domain_impact(), and others.
 * Owned by the caller. */
char *domain_xml_of(const RemoteDomain *dom, guint32 flags,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refused of a machine whose settings VirtualBox cannot read, with what is wrong with it.  Of
 * others, what the registry knows is enough. */
gboolean domain_check_settings(Entry *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What stands in it.  Refused of a machine whose settings VirtualBox cannot read, with what is
 * wrong with it. */
Domain *domain_model_of(const RemoteDomain *dom, guint32 flags,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
