/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <sound> and <audio>: the one sound card of a machine, and the host's side of it. */
#include "domain/device.h"

typedef struct Sound {
    Item item;
    const char *model, *codec, *chip;
    Switch in, out;
    gint64 audio;
    char *alias, *address;
} Sound;

typedef struct Audio {
    Item item;
    gint64 id;
    const char *type;
} Audio;

/* clang-format off */
static const Word models[] = {
    { "sb16", "SB16" }, { "ac97", "AC97" }, { "ich6", "HDA" }, { "ich7", "HDA" }, { "ich9", "HDA" },
    { "virtio", "VirtioSound" }, END };

static const Word codecs[] = {
    { "duplex" }, { "micro" }, { "output" }, END };

/* The others are those that VirtualBox gives a card of each model by itself. */
static const Word chips[] = { { "ad1980", "AD1980" }, END };

static const Field sound_fields[] = {
    /* XML               member         VirtualBox         kind, and what else holds */
    F("@model",          Sound, model,  "audioController", WORD(models, "AudioControllerType"), REQUIRED),
    F("vbox:codec/@chip", Sound, chip,  "audioCodec",      WORD(chips, "AudioCodecType")),
    F("codec/@type",     Sound, codec,  NULL,              WORD(codecs, NULL), KEEP),
    F(NULL,              Sound, out,    "enabledOut",      YESNO, HOT),
    F(NULL,              Sound, in,     "enabledIn",       YESNO, HOT),
    F("audio/@id",       Sound, audio,  NULL,              NUMBER(1, 255), KEEP),
    PLACE_ROWS(Sound),
    REFUSE("@multichannel", "it is QEMU's USB sound card", BLANK),
    REFUSE("@streams", "it is QEMU's virtio sound card", BLANK),
    REFUSE("codec[2]", "the card has one codec"),
    REFUSE("driver", ""),
    END };

static const Word drivers[] = {
    { "none", "Null" }, { "oss", "OSS" }, { "alsa", "ALSA" }, { "pulseaudio", "Pulse" },
    { "coreaudio", "CoreAudio" }, END };

static const Field audio_fields[] = {
    F("@id",             Audio, id,     NULL,              NUMBER(1, 255), KEEP, FALLBACK("1")),
    F("@type",           Audio, type,   "audioDriver",     WORD(drivers, "AudioDriverType"), REQUIRED),
    REFUSE("@timerPeriod", ""),
    REFUSE("@serverName", "VirtualBox asks PulseAudio itself for its server"),
    REFUSE("input", "VirtualBox has no settings of streams"),
    REFUSE("output", "VirtualBox has no settings of streams"),
    END };
/* clang-format on */

static gboolean slots(MapContext *context, guint *ret_count, GError **error)
{
    *ret_count = 1;
    return TRUE;
}

static Object *slot(MapContext *context, guint number, GError **error)
{
    Object *settings = NULL, *adapter = NULL;
    if (!map_object(context, map_machine(context), IMachine_get_audioSettings, &settings, error) ||
        !vbox_call(settings, IAudioSettings_get_adapter, error, &adapter))
        return NULL;
    return adapter;
}

/* A card that is not there yet plays, and does not listen, as VirtualBox's own user interface has
 * it; one that is there stays as it is. */
static gboolean plan(MapContext *context, Sound *self, GError **error)
{
    gboolean is_enabled = FALSE;
    if (self->codec != NULL) {
        self->out = SWITCH_YES;
        self->in = g_str_equal(self->codec, "output") ? SWITCH_NO : SWITCH_YES;
        if (!g_str_equal(self->codec, "micro")) /* the others need not be kept */
            self->codec = NULL;
        return TRUE;
    }
    if (map_machine(context) != NULL) {
        Object *adapter = map_slot(context, self->item.element, 0, error);
        if (adapter == NULL || !vbox_call(adapter, IAudioAdapter_get_enabled, error, &is_enabled))
            return FALSE;
    }
    if (!is_enabled)
        self->out = SWITCH_YES;
    return TRUE;
}

/* VirtualBox takes a card of another platform, and then forgets it or does not start. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    return device_check_supported(context, item, "@model", ((const Sound *)item)->model,
                                  IPlatformProperties_get_supportedAudioControllerTypes, error);
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    return items->len == 0 ||
           (map_place(context, items, error) && plan(context, g_ptr_array_index(items, 0), error));
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Sound *self = (Sound *)item;
    gboolean is_micro = g_strcmp0(self->codec, "micro") == 0;
    self->codec = NULL;
    if (self->out == SWITCH_YES && self->in == SWITCH_YES)
        self->codec = is_micro ? "micro" : "duplex";
    else if (self->out == SWITCH_YES)
        self->codec = "output";
    return TRUE;
}

/* --- <audio> --------------------------------------------------------------------------------- */

static gboolean has_word(guint32 driver)
{
    Value value = {.number = driver};
    return field_word(element_field(&domain_audio_element, "@type"), &value) != NULL;
}

/* Without the element the host's default plays; but a driver that has no word in libvirt (of
 * another host's system) cannot have been taken out of the XML, so it stays. */
static gboolean audio_apply(MapContext *context, GPtrArray *items, GError **error)
{
    Object *adapter = map_slot(context, &domain_sound_element, 0, error);
    guint32 driver;
    if (adapter == NULL)
        return FALSE;
    if (items->len > 0)
        return map_apply_item(context, g_ptr_array_index(items, 0), adapter, error);
    if (!vbox_call(adapter, IAudioAdapter_get_audioDriver, error, &driver))
        return FALSE;
    return !has_word(driver) || vbox_call(adapter, IAudioAdapter_set_audioDriver, error,
                                          vbox_enum(AudioDriverType_Default));
}

static gboolean audio_read(MapContext *context, GPtrArray *items, GError **error)
{
    Object *adapter = map_slot(context, &domain_sound_element, 0, error);
    if (adapter == NULL)
        return FALSE;
    Audio *self = model_add(map_model(context), &domain_audio_element);
    if (!map_read_item(context, &self->item, adapter, error))
        return FALSE;
    if (self->type == NULL)
        device_drop_last(items);
    return TRUE;
}

static char *audio_name(const Item *item)
{
    return g_strdup("audio");
}

const Element domain_sound_element = {
    .path = "devices/sound",
    .interface = "IAudioAdapter",
    .about = "A machine has one sound card. `codec` says what of the host it reaches: `output` "
             "plays, `duplex` plays and records. Without it a new card plays, and one that is "
             "there stays as it is (a card that neither plays, or only records, has no word). The "
             "chip of `ac97` may be another one by `<vbox:codec>`, else it is VirtualBox's choice.",
    .size = sizeof(Sound),
    .fields = sound_fields,
    .max = 1,
    .slots = slots,
    .slot = slot,
    .enabled = "enabled",
    .look = look,
    .prepare = prepare,
    .finish = finish,
};

const Element domain_audio_element = {
    .path = "devices/audio",
    .interface = "IAudioAdapter",
    .about = "The host's sound system. Without the element VirtualBox chooses it "
             "(`AudioDriverType::Default`); drivers of other hosts (DirectSound, …) have no word "
             "here and stay as they are.",
    .size = sizeof(Audio),
    .fields = audio_fields,
    .max = 1,
    .apply = audio_apply,
    .read = audio_read,
    .name = audio_name,
};
