/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tune: limits of processors, disks and adapters as libvirt's typed parameters.
 *
 * Each is a row of the domain's XML, so that to set one is to edit that, as attaching a device is.
 * What QEMU's driver has besides is told as 0, which is no limit, and only that can be set. */
#include "base/libvirt.h"
#include "domain/change.h"
#include "rpc/handlers.h"

typedef struct Parameter {
    const char *name;
    gint type;
    const char *path; /* of the row; NULL: VirtualBox has none */
    const char *why;  /* when it has none */
} Parameter;

#define ONE_WAY "VirtualBox limits bytes, and of both directions: total_bytes_sec"
#define INBOUND "VirtualBox limits only what the guest sends: outbound"
#define AVERAGE "VirtualBox has one limit: average"

/* clang-format off */
static const Parameter of_scheduler[] = {
    { "vcpu_period", VIR_TYPED_PARAM_ULLONG, "period", NULL },
    { "vcpu_quota", VIR_TYPED_PARAM_LLONG, "quota", NULL },
};
static const Parameter of_disk[] = {
    { "total_bytes_sec", VIR_TYPED_PARAM_ULLONG, "iotune/total_bytes_sec", NULL },
    { "read_bytes_sec", VIR_TYPED_PARAM_ULLONG, NULL, ONE_WAY },
    { "write_bytes_sec", VIR_TYPED_PARAM_ULLONG, NULL, ONE_WAY },
    { "total_iops_sec", VIR_TYPED_PARAM_ULLONG, NULL, ONE_WAY },
    { "read_iops_sec", VIR_TYPED_PARAM_ULLONG, NULL, ONE_WAY },
    { "write_iops_sec", VIR_TYPED_PARAM_ULLONG, NULL, ONE_WAY },
};
static const Parameter of_adapter[] = {
    { "inbound.average", VIR_TYPED_PARAM_UINT, NULL, INBOUND },
    { "inbound.peak", VIR_TYPED_PARAM_UINT, NULL, INBOUND },
    { "inbound.burst", VIR_TYPED_PARAM_UINT, NULL, INBOUND },
    { "inbound.floor", VIR_TYPED_PARAM_UINT, NULL, INBOUND },
    { "outbound.average", VIR_TYPED_PARAM_UINT, "bandwidth/outbound/@average", NULL },
    { "outbound.peak", VIR_TYPED_PARAM_UINT, NULL, AVERAGE },
    { "outbound.burst", VIR_TYPED_PARAM_UINT, NULL, AVERAGE },
};
/* clang-format on */

/* What has such parameters, and which item of its element is meant. */
typedef struct Target {
    const Element *element;
    const Parameter *parameters;
    guint count;
    const char *places[2]; /* rows that name an item; none: there is one item */
    const char *noun;
} Target;

static const Target scheduler = {&domain_cputune_element, of_scheduler, G_N_ELEMENTS(of_scheduler)};
static const Target disk = {
    &domain_disk_element, of_disk, G_N_ELEMENTS(of_disk), {"target/@dev", "source/@file"}, "disk"};
static const Target adapter = {&domain_interface_element,
                               of_adapter,
                               G_N_ELEMENTS(of_adapter),
                               {"mac/@address"},
                               "interface with MAC address"};

static const Item *find(const Target *target, Domain *domain, const char *name, GError **error)
{
    GPtrArray *items = model_items(domain, target->element);
    if (target->places[0] == NULL)
        return g_ptr_array_index(items, 0);
    for (guint i = 0; i < items->len; i++)
        for (guint place = 0; place < G_N_ELEMENTS(target->places); place++) {
            const char *path = target->places[place];
            g_autofree char *text = path != NULL ? item_text(items->pdata[i], path) : NULL;
            if (text != NULL && g_ascii_strcasecmp(text, name) == 0)
                return items->pdata[i];
        }
    fail(error, VIR_ERR_INVALID_ARG, "the domain has no %s '%s'", target->noun, name);
    return NULL;
}

/* --- asking -------------------------------------------------------------------------------- */

static RemoteTypedParamValue value_of(const Parameter *parameter, const Item *item)
{
    g_autofree char *text = parameter->path != NULL ? item_text(item, parameter->path) : NULL;
    RemoteTypedParamValue value = {.type = parameter->type};
    gint64 number = text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
    if (parameter->type == VIR_TYPED_PARAM_UINT)
        value.ui = (guint32)MIN(number, G_MAXUINT32);
    else if (parameter->type == VIR_TYPED_PARAM_LLONG)
        value.l = number;
    else
        value.ul = (guint64)number;
    return value;
}

/* most: how many the caller has room for; 0: it asks how many there are. */
static gboolean get(Call *call, const Target *target, const RemoteDomain *dom, const char *name,
                    gint32 most, guint32 flags, RemoteTypedParam **ret_params, guint32 *ret_length,
                    GError **error)
{
    g_autoptr(Model) domain = domain_model_of(dom, flags, error);
    if (domain == NULL || most <= 0)
        return domain != NULL;
    const Item *item = find(target, domain, name == NULL ? "" : name, error);
    if (item == NULL)
        return FALSE;
    *ret_length = MIN(target->count, (guint32)most);
    *ret_params = arena_alloc(call->arena, target->count * sizeof **ret_params);
    for (guint i = 0; i < *ret_length; i++)
        (*ret_params)[i] = (RemoteTypedParam){
            arena_strdup(call->arena, target->parameters[i].name),
            value_of(&target->parameters[i], item),
        };
    return TRUE;
}

/* --- setting ------------------------------------------------------------------------------- */

typedef struct Wish {
    const Target *target;
    const char *name;
    const RemoteTypedParam *params;
    guint count;
} Wish;

static const Parameter *known(const Target *target, const RemoteTypedParam *param, GError **error)
{
    for (guint i = 0; i < target->count; i++) {
        const Parameter *parameter = &target->parameters[i];
        if (g_strcmp0(parameter->name, param->field) != 0)
            continue;
        if (parameter->type == param->value.type)
            return parameter;
        fail(error, VIR_ERR_INVALID_ARG, "parameter '%s' is of type %d, not %d", param->field,
             parameter->type, param->value.type);
        return NULL;
    }
    fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "parameter '%s' not supported", param->field);
    return NULL;
}

/* Owned; NULL: 0, which is no limit. */
static char *text_of(const RemoteTypedParamValue *value)
{
    guint64 number = value->type == VIR_TYPED_PARAM_UINT ? value->ui : value->ul;
    if (value->type == VIR_TYPED_PARAM_LLONG && value->l < 0)
        return g_strdup_printf("%" G_GINT64_FORMAT, value->l);
    return number != 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, number) : NULL;
}

static gboolean edit_one(Edit *edit, const Wish *wish, const Item *item,
                         const RemoteTypedParam *param, GError **error)
{
    const Parameter *parameter = known(wish->target, param, error);
    if (parameter == NULL)
        return FALSE;
    g_autofree char *text = text_of(&param->value);
    if (parameter->path == NULL)
        return text == NULL || fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "%s cannot be set: %s",
                                    parameter->name, parameter->why);
    g_autofree char *path = g_strconcat(item->element->path, "/", parameter->path, NULL);
    if (item->element->single)
        edit_set(edit, path, text);
    else
        edit_set_of(edit, item, parameter->path, text);
    return TRUE;
}

static gboolean edit_all(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const Wish *wish = data;
    const Item *item = find(wish->target, domain, wish->name, error);
    for (guint i = 0; item != NULL && i < wish->count; i++)
        if (!edit_one(edit, wish, item, &wish->params[i], error))
            return FALSE;
    return item != NULL;
}

/* --- calls --------------------------------------------------------------------------------- */

/* The kernel's own scheduler. */
gboolean do_domain_get_scheduler_type(Call *call, const DomainGetSchedulerTypeArgs *args,
                                      DomainGetSchedulerTypeRet *ret, GError **error)
{
    g_autofree char *xml = domain_xml_of(&args->dom, 0, error);
    ret->type = call_strdup(call, "posix");
    ret->nparams = (gint32)scheduler.count;
    return xml != NULL;
}

gboolean do_domain_get_scheduler_parameters(Call *call,
                                            const DomainGetSchedulerParametersArgs *args,
                                            DomainGetSchedulerParametersRet *ret, GError **error)
{
    return get(call, &scheduler, &args->dom, NULL, args->nparams, 0, &ret->params, &ret->params_len,
               error);
}

gboolean do_domain_get_scheduler_parameters_flags(Call *call,
                                                  const DomainGetSchedulerParametersFlagsArgs *args,
                                                  DomainGetSchedulerParametersFlagsRet *ret,
                                                  GError **error)
{
    return get(call, &scheduler, &args->dom, NULL, args->nparams, args->flags, &ret->params,
               &ret->params_len, error);
}

gboolean do_domain_set_scheduler_parameters(Call *call,
                                            const DomainSetSchedulerParametersArgs *args,
                                            GError **error)
{
    const Wish wish = {&scheduler, "", args->params, args->params_len};
    return domain_change(&args->dom, 0, edit_all, &wish, error);
}

gboolean do_domain_set_scheduler_parameters_flags(Call *call,
                                                  const DomainSetSchedulerParametersFlagsArgs *args,
                                                  GError **error)
{
    const Wish wish = {&scheduler, "", args->params, args->params_len};
    return domain_change(&args->dom, args->flags, edit_all, &wish, error);
}

gboolean do_domain_get_block_io_tune(Call *call, const DomainGetBlockIoTuneArgs *args,
                                     DomainGetBlockIoTuneRet *ret, GError **error)
{
    gboolean is_good = get(call, &disk, &args->dom, args->disk, args->nparams, args->flags,
                           &ret->params, &ret->params_len, error);
    ret->nparams = (gint32)(args->nparams == 0 ? disk.count : ret->params_len);
    return is_good;
}

gboolean do_domain_set_block_io_tune(Call *call, const DomainSetBlockIoTuneArgs *args,
                                     GError **error)
{
    const Wish wish = {&disk, args->disk, args->params, args->params_len};
    return domain_change(&args->dom, args->flags, edit_all, &wish, error);
}

gboolean do_domain_get_interface_parameters(Call *call,
                                            const DomainGetInterfaceParametersArgs *args,
                                            DomainGetInterfaceParametersRet *ret, GError **error)
{
    gboolean is_good = get(call, &adapter, &args->dom, args->device, args->nparams, args->flags,
                           &ret->params, &ret->params_len, error);
    ret->nparams = (gint32)(args->nparams == 0 ? adapter.count : ret->params_len);
    return is_good;
}

gboolean do_domain_set_interface_parameters(Call *call,
                                            const DomainSetInterfaceParametersArgs *args,
                                            GError **error)
{
    const Wish wish = {&adapter, args->device, args->params, args->params_len};
    return domain_change(&args->dom, args->flags, edit_all, &wish, error);
}
