/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <domain>: name, uuid, words about it, memory, processors. */
#include "domain/domain.h"
#include <string.h>

/* --- processors that are not plugged in ---------------------------------------------------- */

static gboolean count_plugged(Object *machine, guint32 total, guint32 *ret_count, GError **error)
{
    *ret_count = 0;
    for (guint32 i = 0; i < total; i++) {
        gboolean is_plugged;
        if (!vbox_call(machine, IMachine_getCPUStatus, error, i, &is_plugged))
            return FALSE;
        *ret_count += is_plugged ? 1 : 0;
    }
    return TRUE;
}

gboolean general_count_vcpus(Object *machine, guint32 total, guint32 *ret_current, GError **error)
{
    gboolean can_plug;
    *ret_current = total;
    return vbox_call(machine, IMachine_get_CPUHotPlugEnabled, error, &can_plug) &&
           (!can_plug || count_plugged(machine, total, ret_current, error));
}

/* Absent where processors cannot be plugged: all are in. */
static gboolean get_plugged(MapContext *context, Object *machine, const Field *field,
                            Value *ret_value, GError **error)
{
    gboolean can_plug;
    guint32 total, count;
    if (!vbox_call(machine, IMachine_get_CPUHotPlugEnabled, error, &can_plug))
        return FALSE;
    ret_value->is_absent = !can_plug;
    if (!can_plug)
        return TRUE;
    if (!vbox_call(machine, IMachine_get_CPUCount, error, &total) ||
        !count_plugged(machine, total, &count, error))
        return FALSE;
    ret_value->number = count;
    return TRUE;
}

/* A guest without Guest Additions never gives one up. */
static gboolean unplug(Object *machine, guint32 number, GError **error)
{
    g_autoptr(GError) failure = NULL;
    return vbox_call(machine, IMachine_hotUnplugCPU, &failure, number) ||
           fail(error, VIR_ERR_OPERATION_FAILED,
                "%s; when its guest does not give a processor up, ask for it with --config",
                failure->message);
}

/* Plugs the lowest that are out, or unplugs the highest that are in. */
static gboolean set_plugged(MapContext *context, Object *machine, const Field *field,
                            const Value *value, GError **error)
{
    guint32 total, count, wanted = (guint32)value->number;
    if (!vbox_call(machine, IMachine_get_CPUCount, error, &total) ||
        !count_plugged(machine, total, &count, error))
        return FALSE;
    for (guint32 i = 0; i < total && count != wanted; i++) {
        gboolean is_plugged, plug = count < wanted;
        guint32 number = plug ? i : total - 1 - i;
        if (!vbox_call(machine, IMachine_getCPUStatus, error, number, &is_plugged))
            return FALSE;
        if (is_plugged == plug)
            continue;
        if (plug ? !vbox_call(machine, IMachine_hotPlugCPU, error, number)
                 : !unplug(machine, number, error))
            return FALSE;
        count += plug ? 1 : -1;
    }
    return TRUE;
}

/* How many VirtualBox keeps such a state of: its largest machine's. */
#define PLUGS_MAX 64

static gboolean unplug_from(Object *machine, guint32 first, guint32 end, GError **error)
{
    for (guint32 i = first; i < end; i++) {
        gboolean is_plugged;
        if (!vbox_call(machine, IMachine_getCPUStatus, error, i, &is_plugged) ||
            (is_plugged && !vbox_call(machine, IMachine_hotUnplugCPU, error, i)))
            return FALSE;
    }
    return TRUE;
}

/* All are in before plugging is switched off: VirtualBox wants that.  When it is switched on, those
 * count as in that once were, even beyond the number that there is now. */
static gboolean set_hot_plug(MapContext *context, Object *machine, const Field *field,
                             const Value *value, GError **error)
{
    guint32 total;
    if (!vbox_call(machine, IMachine_get_CPUCount, error, &total))
        return FALSE;
    if (value->number == 0 &&
        !set_plugged(context, machine, NULL, &(Value){.number = total}, error))
        return FALSE;
    return vbox_call(machine, IMachine_set_CPUHotPlugEnabled, error, value->number != 0) &&
           (value->number == 0 || unplug_from(machine, total, PLUGS_MAX, error));
}

/* VirtualBox takes away only processors that are out. */
static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    General *self = g_ptr_array_index(items, 0);
    Object *machine = map_machine(context);
    gboolean can_plug;
    guint32 total;
    if (!vbox_call(machine, IMachine_get_CPUHotPlugEnabled, error, &can_plug) ||
        !vbox_call(machine, IMachine_get_CPUCount, error, &total) ||
        (can_plug && !unplug_from(machine, (guint32)self->vcpus, total, error)))
        return FALSE;
    return map_apply_item(context, &self->item, machine, error);
}

/* Fewer than there are implies plugging; with all of them it stays as it is, unless it is said. */
static gboolean check_processors(General *self, GError **error)
{
    self->plugged = self->current_vcpus == NUMBER_ABSENT ? self->vcpus : self->current_vcpus;
    if (self->plugged > self->vcpus)
        return fail(error, VIR_ERR_XML_ERROR,
                    "/domain/vcpu: maxvcpus must not be less than current vcpus (%" G_GINT64_FORMAT
                    " < %" G_GINT64_FORMAT ")",
                    self->vcpus, self->plugged);
    self->hot_plug = self->plugged < self->vcpus ? SWITCH_YES : self->hot_plug_said;
    return TRUE;
}

static void show_processors(General *self)
{
    gboolean is_out = self->plugged != NUMBER_ABSENT && self->plugged < self->vcpus;
    self->current_vcpus = is_out ? self->plugged : NUMBER_ABSENT;
    self->hot_plug_said = self->hot_plug == SWITCH_YES && !is_out ? SWITCH_YES : SWITCH_ABSENT;
}

/* clang-format off */
static const Word placements[] = { { "static" }, END };

static const Field fields[] = {
    FIXED("@type", "vbox", REQUIRED),
    F("@id",             General, id,          NULL,                NUMBER(0, 0), LIVE),
    F("name",            General, name,        "name",              STR, REQUIRED),
    F("uuid",            General, uuid,        "id",                UUID),
    F("hwuuid",          General, hardware_uuid, "hardwareUUID",    UUID),
    F("title",           General, title,       NULL,                STR, KEEP),
    F("description",     General, description, "description",       STR, FALLBACK(""), QUIET, HOT),
    F("metadata",        General, metadata,    NULL,                SUBTREE, KEEP),
    F("memory",          General, memory,      "memorySize",        SIZE(1024), REQUIRED),
    F("currentMemory",   General, current,     NULL,                SIZE(1024)),
    F(NULL,              General, balloon,     "memoryBalloonSize", SIZE(1024), HOT),
    IGNORE("memory/@dumpCore", "it is QEMU's"),
    F("vcpu",            General, vcpus,       "CPUCount",          NUMBER(1, 1024), FALLBACK("1"), FILLED),
    F("vcpu/@placement", General, placement,   NULL,                WORD(placements, NULL), KEEP),
    REFUSE("vcpu/@cpuset", "it does not pin processors"),
    F("vcpu/@current",   General, current_vcpus, NULL,              NUMBER(1, 1024)),
    F("vbox:vcpu/@hotPlug", General, hot_plug_said, NULL,           YESNO),
    F(NULL,              General, hot_plug,    "CPUHotPlugEnabled", YESNO, HOOK(NULL, set_hot_plug, 0)),
    F(NULL,              General, plugged,     "getCPUStatus",      NUMBER(0, 0), HOOK(get_plugged, set_plugged, 0), HOT),
    END };
/* clang-format on */

gboolean general_check_name(const char *name, GError **error)
{
    if (*name == '\0' || strchr(name, '/') != NULL || strchr(name, '\n') != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "/domain/name: '%s' cannot be a domain's name", name);
    return TRUE;
}

/* As libvirt: without <currentMemory>, or with more than there is, all of it. */
static gboolean check(Model *model, Item *item, GError **error)
{
    General *self = (General *)item;
    if (!general_check_name(self->name, error))
        return FALSE;
    if (self->memory == 0)
        return fail(error, VIR_ERR_XML_ERROR, "/domain/memory: a machine needs memory");
    if (self->title != NULL && strchr(self->title, '\n') != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "/domain/title: it must be one line");
    if (self->current == NUMBER_ABSENT || self->current > self->memory || self->current == 0)
        self->current = self->memory;
    self->balloon = self->memory - self->current;
    return check_processors(self, error);
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    General *self = (General *)item;
    self->current = self->memory - self->balloon;
    show_processors(self);
    if (g_strcmp0(self->hardware_uuid, self->uuid) == 0)
        g_clear_pointer(&self->hardware_uuid, g_free);
    return TRUE;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    General *self = g_ptr_array_index(items, 0);
    if (self->hardware_uuid == NULL)
        self->hardware_uuid = g_strdup(self->uuid);
    return TRUE;
}

/* What VirtualBox would only refuse half way. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    const General *self = (const General *)item;
    g_autoptr(Object) system = NULL;
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    guint32 most_memory, most_vcpus;
    if (!vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &system) ||
        !vbox_call(system, ISystemProperties_get_maxGuestRAM, error, &most_memory) ||
        !vbox_call(system, ISystemProperties_get_maxGuestCPUCount, error, &most_vcpus))
        return FALSE;
    refusals_note(refusals,
                  self->memory <= (gint64)most_memory * 1024 ||
                      fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                           "/domain/memory: VirtualBox gives a machine at most %u MiB",
                           most_memory),
                  &reason);
    refusals_note(refusals,
                  self->vcpus <= most_vcpus ||
                      fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                           "/domain/vcpu: VirtualBox gives a machine at most %u processors",
                           most_vcpus),
                  &reason);
    return refusals_tell(refusals, error);
}

const Element domain_general_element = {
    .path = "",
    .interface = "IMachine",
    .about =
        "VirtualBox counts memory in MiB: a size in between is rounded up when the XML is "
        "read, and a dump says what the machine has. `currentMemory` is the memory without "
        "the balloon (`memoryBalloonSize`). With fewer `current` processors than there are, "
        "the others can be plugged in while the machine runs; `vbox:vcpu` says that of a machine "
        "that has all of them, and stays as it is when it is left out.",
    .size = sizeof(General),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .apply = apply,
    .look = look,
    .prepare = prepare,
    .finish = finish,
};
