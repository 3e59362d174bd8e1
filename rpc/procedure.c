/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Look-up of procedures, and the checks that their rows ask for. */
#include "rpc/procedure.h"
#include <string.h>
#include "base/error.h"
#include "rpc/remote.h"

const Procedure *procedure_find(guint32 number)
{
    if (number < 1 || number > REMOTE_PROC_LAST)
        return NULL;
    return &remote_procedures[number];
}

const Procedure *procedure_find_by_name(const char *name)
{
    for (guint32 number = 1; number <= REMOTE_PROC_LAST; number++) {
        if (strcmp(remote_procedures[number].name, name) == 0)
            return &remote_procedures[number];
    }
    return NULL;
}

guint32 procedure_flags(const Procedure *self, const void *args)
{
    if (self->flags_offset < 0)
        return 0;
    guint32 flags;
    memcpy(&flags, (const guint8 *)args + self->flags_offset, sizeof flags);
    return flags;
}

/* The name that a user knows. */
static const char *public_name(const Procedure *self)
{
    return self->api ? self->api : self->name;
}

gboolean procedure_check_flags(const Procedure *self, const void *args, GError **error)
{
    guint32 unknown = procedure_flags(self, args) & ~self->flags_known;
    if (unknown == 0)
        return TRUE;
    return fail(error, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x) in function %s", unknown,
                public_name(self));
}

gboolean procedure_check_read_only(const Procedure *self, const void *args, GError **error)
{
    if (!self->read_only)
        return fail(error, VIR_ERR_OPERATION_DENIED,
                    "read-only access prevents %s: connect "
                    "without the read-only option",
                    public_name(self));
    guint32 denied = procedure_flags(self, args) & self->read_only_denied;
    if (denied == 0)
        return TRUE;
    return fail(error, VIR_ERR_OPERATION_DENIED, "read-only access prevents %s with flags 0x%x",
                public_name(self), denied);
}
