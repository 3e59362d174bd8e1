/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VirtualBox: see virtualbox.h. */
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"
#include "xpcom/xpcom.h"

VirtualBox virtualbox;

static struct {
    Xpcom *xpcom;
    Functions functions;
    guint version;
} process;

/* --- what is always there ------------------------------------------------------------------ */

/* What the system has, and since 7.1 each platform: the fake does not tell them apart. */
static void fill_properties(Bag *self)
{
    static const struct {
        const char *key;
        gint64 value;
    } numbers[] = {
        {"maxGuestRAM", 65536},   {"maxGuestCPUCount", 64},     {"serialPortCount", 4},
        {"parallelPortCount", 2}, {"MaxNetworkAdapters(1)", 8}, {"MaxNetworkAdapters(2)", 36},
    };
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        bag_set_number(self, numbers[i].key, numbers[i].value);
    for (guint bus = 1; bus <= 8; bus++) {
        g_autofree char *key = g_strdup_printf("MaxPortCountForStorageBus(%u)", bus);
        bag_set_number(self, key, 30);
    }
    bag_set_numbers(self, "SupportedPlatformArchitectures", "1");
    bag_set_numbers(self, "SupportedChipsetTypes", "1 2");
    bag_set_numbers(self, "SupportedAudioControllerTypes", "0 1 2");
    bag_set_numbers(self, "SupportedGfxControllerTypes", "1 2 3");
    bag_set_numbers(self, "SupportedGraphicsControllerTypes", "1 2 3");
}

static void fill(void)
{
    Bag *system = bag_new("ISystemProperties", virtualbox.root);
    bag_set_object(virtualbox.root, "systemProperties", system);
    fill_properties(system);
    if (typelib_find(world.typelib, "IPlatformProperties") != NULL) {
        Bag *platform = bag_new("IPlatformProperties", system);
        bag_set_object(system, "platform", platform);
        bag_set_object(virtualbox.root, "PlatformProperties(1)", platform);
        fill_properties(platform);
    }
    Bag *host = bag_new("IHost", virtualbox.root);
    g_autofree char *feature =
        g_strdup_printf("ProcessorFeature(%u)", vbox_enum(ProcessorFeature_LongMode));
    bag_set_number(host, feature, TRUE);
    bag_set_object(virtualbox.root, "host", host);
    Bag *profile = bag_new("ICPUProfile", system);
    bag_set_text(profile, "name", "Intel 80386");
    g_ptr_array_add(bag_list(system, "CPUProfiles"), profile);
    Bag *packs = bag_new("IExtPackManager", virtualbox.root);
    Bag *pack = bag_new("IExtPack", packs);
    bag_set_object(virtualbox.root, "extensionPackManager", packs);
    g_ptr_array_add(bag_list(packs, "InstalledExtPacks"), pack);
    bag_set_text(pack, "name", "VNC");
    bag_set_text(pack, "VRDEModule", "VBoxVNC");
    bag_set_number(pack, "usable", TRUE);
    bag_set_object(virtualbox.client, "virtualBox", virtualbox.root);
    bag_set_object(virtualbox.client, "session", bag_new("ISession", virtualbox.client));
}

static unsigned version(void)
{
    return process.version;
}

void virtualbox_start(const Release *release, Typelib *typelib)
{
    g_autoptr(GError) error = NULL;
    process.version = release->version;
    process.functions = fake_functions;
    process.functions.GetVersion = version;
    g_autofree char *directory = xpcom_find(&error); /* a start looks for programs there */
    g_assert_no_error(error);
    process.xpcom = xpcom_new(directory, typelib, &process.functions);
    world = (BagWorld){
        .typelib = typelib,
        .behaviours = {machine_behaviours, part_behaviours, network_behaviours, adapter_behaviours},
        .changes = g_string_new(NULL)};
    virtualbox.client = bag_new("IVirtualBoxClient", NULL);
    virtualbox.root = bag_new("IVirtualBox", NULL);
    virtualbox.client->is_lasting = virtualbox.root->is_lasting = TRUE;
    fake.client = &virtualbox.client->fake;
    bag_set_object(virtualbox.client, "virtualBox", virtualbox.root);
    if (!vbox_start_on(process.xpcom, &error))
        g_error("%s", error->message);
    fill();
}

void virtualbox_reset(void)
{
    bags_clear();
    fill();
    g_string_truncate(world.changes, 0);
    world.calls = world.fail_at = 0;
}

void virtualbox_stop(void)
{
    vbox_stop();
    bags_clear();
    bags_free();
    xpcom_free(process.xpcom);
    g_assert_cmpint(fake.memory, ==, 0);
}

/* --- what it has now ----------------------------------------------------------------------- */

static char *print(const char *const *lists, gboolean has_extra_data)
{
    GString *lines = g_string_new(NULL);
    GPtrArray *files = bag_list(virtualbox.root, "SettingsFiles");
    for (guint i = 0; i < files->len; i++)
        g_string_append_printf(lines, "settings file of %s\n",
                               bag_text(g_ptr_array_index(files, i), "name"));
    for (; *lists != NULL; lists++) {
        GPtrArray *list = bag_list(virtualbox.root, *lists);
        for (guint i = 0; i < list->len; i++) {
            Bag *bag = g_ptr_array_index(list, i);
            g_autofree char *path = g_strdup_printf("%s %s%s", *lists, bag_text(bag, "name"),
                                                    bag_text(bag, "location"));
            bag_print(bag, path, lines);
        }
    }
    g_autoptr(GPtrArray) keys = bag_keys(virtualbox.root, "ExtraData(");
    for (guint i = 0; has_extra_data && i < keys->len; i++) {
        g_autofree char *key = g_strconcat("ExtraData(", keys->pdata[i], NULL);
        const char *value = bag_text(virtualbox.root, key);
        if (*value != '\0')
            g_string_append_printf(lines, "%s = '%s'\n", key, value);
    }
    return g_string_free(lines, FALSE);
}

char *virtualbox_print(void)
{
    static const char *const all[] = {"Machines", "HardDisks", "DVDImages", "FloppyImages", NULL};
    return print(all, TRUE);
}

char *virtualbox_print_machines(void)
{
    static const char *const all[] = {"Machines", NULL};
    return print(all, FALSE);
}

char *virtualbox_print_networks(void)
{
    static const char *const all[] = {"HostOnlyAdapters", "NATNetworks", "DHCPServers", NULL};
    return print(all, TRUE);
}
