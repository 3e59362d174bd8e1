/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domain's tables without VirtualBox: what they accept, refuse, and write. */
#include "domain/storage.h"
#include <string.h>

#define DOMAIN(inner)                                                                            \
    "<domain type='vbox'><name>m</name><memory>65536</memory><os><type arch='x86_64'>hvm</type>" \
    "</os>" inner "</domain>"
#define DEVICES(inner) DOMAIN("<devices>" inner "</devices>")

static Domain *parse(const char *xml)
{
    g_autoptr(GError) error = NULL;
    Domain *domain = domain_parse(xml, &error);
    g_assert_no_error(error);
    return domain;
}

static char *format(Domain *domain, guint flags)
{
    g_autoptr(GError) error = NULL;
    char *text = map_format(domain, flags, &error);
    g_assert_no_error(error);
    return text;
}

static char *round_trip(const char *xml)
{
    g_autoptr(Model) domain = parse(xml);
    return format(domain, 0);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        g_error("'%s' is not in:\n%s", part, text);
}

static void assert_refused(const char *xml, gint code, const char *pattern)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(xml, &error);
    if (domain != NULL)
        g_error("accepted, though '%s': %s", pattern, xml);
    if (!g_error_matches(error, VIR_ERROR, code) ||
        !g_pattern_match_simple(pattern, error->message))
        g_error("%d: '%s' is not %d: '%s'", error->code, error->message, code, pattern);
}

static void test_smallest(void)
{
    g_autofree char *text = round_trip(DOMAIN(""));
    g_assert_cmpstr(text, ==,
                    "<domain type='vbox'>\n"
                    "  <name>m</name>\n"
                    "  <memory unit='KiB'>65536</memory>\n"
                    "  <currentMemory unit='KiB'>65536</currentMemory>\n"
                    "  <vcpu>1</vcpu>\n"
                    "  <os>\n"
                    "    <type arch='x86_64' machine='piix3'>hvm</type>\n"
                    "  </os>\n"
                    "  <clock offset='utc'/>\n"
                    "  <on_poweroff>destroy</on_poweroff>\n"
                    "  <on_reboot>restart</on_reboot>\n"
                    "  <on_crash>destroy</on_crash>\n"
                    "</domain>\n");
    g_autofree char *again = round_trip(text);
    g_assert_cmpstr(again, ==, text);
}

/* Every unit of libvirt's, and what VirtualBox then counts: whole MiB, never less than asked. */
static void test_memory(void)
{
    static const struct {
        const char *xml;
        gint64 kib;
    } cases[] = {
        {"<memory>654321</memory>", 654336},
        {"<memory unit='KiB'>65536</memory>", 65536},
        {"<memory unit='k'>65537</memory>", 66560},
        {"<memory unit='KB'>100000</memory>", 98304},
        {"<memory unit='MiB'>64</memory>", 65536},
        {"<memory unit='M'>64</memory>", 65536},
        {"<memory unit='MB'>64</memory>", 63488},
        {"<memory unit='b'>1048577</memory>", 2048},
        {"<memory unit='bytes'>1048576</memory>", 1024},
        {"<memory unit='GiB'>2</memory>", 2097152},
        {"<memory unit='G'>2</memory>", 2097152},
        {"<memory unit='GB'>1</memory>", 976896},
        {"<memory unit='TiB'>1</memory>", 1073741824},
        {"<memory unit='t'>1</memory>", 1073741824},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = g_strdup_printf("<domain type='vbox'><name>m</name>%s<os>"
                                               "<type>hvm</type></os></domain>",
                                               cases[i].xml);
        g_autoptr(Model) domain = parse(xml);
        g_assert_cmpint(domain_general(domain)->memory, ==, cases[i].kib);
        g_assert_cmpint(domain_general(domain)->balloon, ==, 0);
    }
}

static void test_balloon(void)
{
    g_autoptr(Model) domain = parse(DOMAIN("<currentMemory unit='MiB'>32</currentMemory>"));
    g_assert_cmpint(domain_general(domain)->balloon, ==, 32768);
    g_autofree char *text = format(domain, 0);
    assert_has(text, "<currentMemory unit='KiB'>32768</currentMemory>");
}

static void test_words(void)
{
    g_autofree char *text = round_trip(
        "<domain type='vbox'><name>M &amp; &lt;m&gt;</name><uuid>A7C2D01E5B9F4836BD44E0917F3C6A52"
        "</uuid><title>A 'title'</title><description>two\nlines</description><metadata>"
        "<x:y xmlns:x='urn:x' a=\"1'\"> <x:z/> text</x:y></metadata><memory>65536</memory>"
        "<os firmware='efi'><type arch='i686' machine='q35'>hvm</type><boot dev='cdrom'/>"
        "<boot dev='hd'/><boot dev='fd'/><boot dev='network'/><bootmenu enable='no'/></os>"
        "<features><acpi/><pae/></features><clock offset='localtime'/>"
        "<on_crash>preserve</on_crash><devices><emulator>/usr/bin/vbox</emulator></devices>"
        "</domain>");
    assert_has(text, "<name>M &amp; &lt;m&gt;</name>");
    assert_has(text, "<uuid>a7c2d01e-5b9f-4836-bd44-e0917f3c6a52</uuid>");
    assert_has(text, "<title>A 'title'</title>");
    assert_has(text, "<description>two\nlines</description>");
    assert_has(text, "<x:y xmlns:x='urn:x' a='1&#39;'> <x:z/> text</x:y>");
    assert_has(text, "<os firmware='efi'>");
    assert_has(text, "<type arch='i686' machine='ich9'>hvm</type>\n    <boot dev='cdrom'/>\n"
                     "    <boot dev='hd'/>\n    <boot dev='fd'/>\n    <boot dev='network'/>\n"
                     "    <bootmenu enable='no'/>");
    assert_has(text, "<features>\n    <acpi/>\n    <pae/>\n  </features>");
    assert_has(text, "<clock offset='localtime'/>");
    assert_has(text, "<on_crash>preserve</on_crash>");
    assert_has(text, "<emulator>/usr/bin/vbox</emulator>");
    g_autofree char *again = round_trip(text);
    g_assert_cmpstr(again, ==, text);
}

/* QEMU's, with the versions that other hosts' definitions have, mean ours. */
static void test_machine_types(void)
{
    static const char *const types[][3] = {
        {"x86_64", "pc", "piix3"},           {"x86_64", "pc-i440fx-noble", "piix3"},
        {"x86_64", "q35", "ich9"},           {"i686", "pc-q35-4.2", "ich9"},
        {"aarch64", "virt", "armv8virtual"}, {"aarch64", "virt-9.2", "armv8virtual"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *xml =
            g_strdup_printf("<domain type='vbox'><name>m</name><memory>65536</memory><os><type "
                            "arch='%s' machine='%s'>hvm</type></os></domain>",
                            types[i][0], types[i][1]);
        g_autofree char *text = round_trip(xml);
        g_autofree char *machine = g_strdup_printf(" machine='%s'>hvm<", types[i][2]);
        assert_has(text, machine);
    }
    assert_refused("<domain type='vbox'><name>m</name><memory>65536</memory><os><type "
                   "machine='pc-9.2'>hvm</type></os></domain>",
                   VIR_ERR_CONFIG_UNSUPPORTED, "*'pc-9.2' here; it has: piix3, ich9, *");
}

static void test_active(void)
{
    g_autoptr(Model) domain = parse(DOMAIN(""));
    domain_general(domain)->id = 4711;
    g_autofree char *active = format(domain, MAP_ACTIVE);
    g_autofree char *inactive = format(domain, 0);
    assert_has(active, "<domain type='vbox' id='4711'>");
    assert_has(inactive, "<domain type='vbox'>");
    /* Which a client may send back. */
    g_autoptr(Model) again = parse(active);
    g_assert_cmpint(domain_general(again)->id, ==, NUMBER_ABSENT);
}

static void test_interfaces(void)
{
    g_autofree char *text = round_trip(DEVICES(
        "<interface type='bridge'><source bridge='eth0'/><model type='AM79C973'/></interface>"
        "<interface type='user'><mac address='00:16:3E:5a:21:08'/><model type='82540eM'/>"
        "<link state='down'/></interface>"
        "<interface type='network'><source network='n'/><model type='e1000'/><link state='up'/>"
        "<driver name='x'/><address type='pci' slot='0x03'/><target dev='vnet0'/></interface>"
        "<interface type='null'><model type='virtio-net'/></interface>"));
    assert_has(text, "<interface type='bridge'>\n      <source bridge='eth0'/>\n"
                     "      <model type='am79c973'/>\n    </interface>");
    assert_has(text, "<mac address='00:16:3e:5a:21:08'/>\n      <model type='82540EM'/>\n"
                     "      <link state='down'/>\n    </interface>");
    assert_has(text, "<source network='n'/>\n      <model type='82540EM'/>\n"
                     "      <driver name='x'/>\n      <address type='pci' slot='0x03'/>\n"
                     "    </interface>");
    assert_has(text, "<interface type='null'>\n      <model type='virtio'/>");
}

static const Disk *disk_at(Domain *domain, guint index)
{
    return g_ptr_array_index(model_items(domain, &domain_disk_element), index);
}

/* Target names, buses and addresses to places. */
static void test_disk_places(void)
{
#define DISK(device, target, more) \
    "<disk type='file' device='" device "'><source file='/d'/><target " target "/>" more "</disk>"
    static const struct {
        const char *xml, *bus;
        gint64 controller, port, lun;
    } cases[] = {
        {DISK("disk", "dev='hda'", ""), "ide", 0, 0, 0},
        {DISK("cdrom", "dev='hdc'", ""), "ide", 0, 1, 0},
        {DISK("disk", "dev='hdd' bus='ide'", ""), "ide", 0, 1, 1},
        {DISK("disk", "dev='hde'", ""), "ide", 1, 0, 0},
        {DISK("disk", "dev='sdb'", ""), "scsi", 0, 1, 0},
        {DISK("disk", "dev='sdab' bus='sata'", ""), "sata", 0, 27, 0},
        {DISK("floppy", "dev='fdb'", ""), "fdc", 0, 0, 1},
        {DISK("disk", "dev='nvme1n2'", ""), "nvme", 1, 1, 0},
        {DISK("disk", "dev='sda' bus='usb'", ""), "usb", 0, 0, 0},
        {DISK("disk", "dev='sda' bus='scsi'",
              "<address type='drive' controller='1' bus='0' target='0' unit='5'/>"),
         "scsi", 1, 5, 0},
        {DISK("disk", "dev='sda' bus='scsi'",
              "<address type='drive' controller='1' bus='0' target='3' unit='0'/>"),
         "scsi", 1, 3, 0},
        {DISK("disk", "dev='sda' bus='ide'",
              "<address type='drive' controller='0' bus='1' target='0' unit='0'/>"),
         "ide", 0, 1, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = g_strdup_printf(DEVICES("%s"), cases[i].xml);
        g_autoptr(Model) domain = parse(xml);
        const Disk *disk = disk_at(domain, 0);
        g_assert_cmpstr(disk->bus, ==, cases[i].bus);
        g_assert_cmpint(disk->controller, ==, cases[i].controller);
        g_assert_cmpint(disk->port, ==, cases[i].port);
        g_assert_cmpint(disk->lun, ==, cases[i].lun);
        g_assert_nonnull(controller_find(domain, disk->bus, disk->controller));
    }
}

static void test_disks(void)
{
    g_autofree char *text = round_trip(DEVICES(
        DISK("cdrom", "dev='hdc'", "") "<disk device='floppy'><target dev='fda'/></disk>" DISK(
            "disk", "dev='sda' bus='scsi'",
            "<driver name='qemu' type='raw'/>"
            "<address type='drive' controller='1' bus='0' target='0' unit='0'/>") "<controller type"
                                                                                  "='scsi' "
                                                                                  "index='1' "
                                                                                  "model='"
                                                                                  "lsisas1068'/>"));
    assert_has(text, "<controller type='scsi' index='1' model='lsisas1068'/>");
    assert_has(text, "<controller type='ide' index='0'/>");
    assert_has(text, "<controller type='fdc' index='0'/>");
    assert_has(text, "<disk type='file' device='cdrom'>\n      <source file='/d'/>\n"
                     "      <target dev='hdc' bus='ide'/>\n      <readonly/>\n"
                     "      <address type='drive' controller='0' bus='1' target='0' unit='0'/>");
    assert_has(text, "<driver name='qemu' type='raw'/>\n      <source file='/d'/>");
}

/* The order of kinds is that of their first devices. */
static void test_device_order(void)
{
#define BOOT(order) "<boot order='" order "'/>"
    g_autoptr(Model) domain =
        parse(DEVICES(DISK("cdrom", "dev='hdc'", BOOT("3")) DISK("disk", "dev='hda'", BOOT("7"))
                          DISK("disk", "dev='hdb'", BOOT("1")) "<interface type='user'>" BOOT(
                              "2") "</interface>"
                                   "<interface type='user'/>"));
    const Os *os = domain_os(domain);
    g_assert_cmpstr(os->order[0], ==, "hd");
    g_assert_cmpstr(os->order[1], ==, "network");
    g_assert_cmpstr(os->order[2], ==, "cdrom");
    g_assert_cmpstr(os->order[3], ==, "none");
    g_autofree char *text = format(domain, 0);
    assert_has(text, "<boot order='7'/>");
    g_autofree char *again = round_trip(text);
    g_assert_cmpstr(again, ==, text);
    assert_refused(DEVICES("<interface type='user'>" BOOT("1") "</interface>" DISK(
                       "cdrom", "dev='hdc'", BOOT("1"))),
                   VIR_ERR_XML_ERROR, "/domain/devices/*boot order '1' used for more than one*");
    assert_refused("<domain type='vbox'><name>x</name><memory>1</memory><os><boot dev='hd'/></os>"
                   "<devices><interface type='user'>" BOOT("1") "</interface></devices></domain>",
                   VIR_ERR_CONFIG_UNSUPPORTED, "per-device boot elements cannot be used*");
    assert_refused(DEVICES("<interface type='user'>" BOOT("0") "</interface>"),
                   VIR_ERR_CONFIG_UNSUPPORTED, "*/boot/@order: 0 *");
}

static void assert_refused_as(const char *xml, const char *reasons)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(xml, &error);
    g_assert_null(domain);
    g_assert_cmpstr(error->message, ==, reasons);
}

#define UNKNOWN " is not supported by VirtualBox, or not known; remove it"

/* All that is wrong is told at once, and nothing that is wrong only because something else is. */
static void test_reasons(void)
{
    /* clang-format off */
    static const char reasons[] =
        "/domain/@type: VirtualBox has no 'kvm' here, only 'vbox'\n"
        "/domain/memory: 'lots' is not a size\n"
        "/domain/os/boot[1]/@dev: VirtualBox has no 'none' here; it has: fd, cdrom, hd, network\n"
        "/domain/genid is not supported by VirtualBox: it tells a guest of no generations\n"
        "/domain/devices/interface[1]/@type: VirtualBox has no 'a' here; it has: user, bridge, network, null, udp, ethernet, internal\n"
        "/domain/devices/interface[2]/mac/@address: unable to parse mac address '1'\n"
        "/domain/@x" UNKNOWN "\n"
        "/domain/devices/text()" UNKNOWN "\n"
        "/domain/devices/foo" UNKNOWN "\n"
        "/domain/devices/interface[1]/x" UNKNOWN "\n"
        "/domain/devices/interface[2]/y" UNKNOWN;
    /* clang-format on */
    assert_refused_as(
        "<domain type='kvm' x='1'><name>m</name><memory>lots</memory><os><type>hvm</type>"
        "<boot dev='none'/></os><genid/><devices>text<foo a='1'><bar/></foo>"
        "<interface type='a'><source network='n'/><x/></interface>"
        "<interface type='user'><mac address='1'/><y/></interface></devices></domain>",
        reasons);
}

/* One refusal of what there are several, and nothing of what stands in it. */
static void test_reasons_of_elements(void)
{
    /* clang-format off */
    static const char reasons[] =
        "/domain/devices/controller[type=pci] is not supported by VirtualBox: a machine has the buses of its chipset; leave them out\n"
        "/domain/devices/disk[1]/target[bus=virtio] is not supported by VirtualBox: it has no virtio disks; say bus='sata', or bus='scsi' and a controller of model='virtio-scsi'\n"
        "/domain/devices/disk[1]/address[type=pci] is not supported by VirtualBox: a disk has its place on a controller, an address of type='drive'; leave it out";
    /* clang-format on */
    assert_refused_as(DEVICES("<controller type='pci'><x/></controller><controller type='ide'/>"
                              "<controller type='pci' model='pcie-root'/>" DISK(
                                  "disk", "dev='vda' bus='virtio'", "<address type='pci' x='1'/>")
                                  DISK("disk", "dev='x'", "")),
                      reasons);
}

/* Checks of items, of which one does not see another that is refused. */
static void test_reasons_of_checks(void)
{
    static const char reasons[] =
        "/domain/genid is not supported by VirtualBox: it tells a guest of no generations\n"
        "/domain/devices/bar" UNKNOWN "\n"
        "/domain/vcpu: maxvcpus must not be less than current vcpus (1 < 2)\n"
        "/domain/devices/disk[1]/readonly: VirtualBox has no read-only hard disks; <transient/> "
        "forgets at the next start what was written\n"
        "/domain/devices/disk[3]/target/@bus: a disk cannot stand on bus 'fdc'";
    assert_refused_as(DOMAIN("<vcpu current='2'>1</vcpu><genid/><devices>" DISK(
                          "disk", "dev='sda'", "<readonly/>") DISK("disk", "dev='sda'", "")
                                 DISK("disk", "dev='sdx' bus='fdc'", "") "<bar/></devices>"),
                      reasons);
}

/* Thirty lines are enough for one round, and one line does not crowd out the others. */
static void test_many_reasons(void)
{
    g_autoptr(GString) many = g_string_new("<domain type='vbox'><name>m</name><uuid>");
    for (guint i = 0; i < 1000; i++)
        g_string_append(many, "\303\244");
    g_string_append(many, "</uuid><memory>1</memory><os><type>hvm</type></os>");
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(many, "<x%u/>", i);
    g_string_append(many, "</domain>");
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(many->str, &error);
    g_assert_null(domain);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 31);
    g_assert_cmpstr(lines[29], ==, "/domain/x28" UNKNOWN);
    g_assert_cmpstr(lines[30], ==, "… and 11 more");
}

static void test_refused(void)
{
    const gint unsupported = VIR_ERR_CONFIG_UNSUPPORTED, wrong = VIR_ERR_XML_ERROR;
    assert_refused("", VIR_ERR_XML_DETAIL, "(domain_definition)*");
    assert_refused("<domain", VIR_ERR_XML_DETAIL, "(domain_definition):1: *");
    assert_refused("<network/>", wrong, "unexpected root element <network>, expecting <domain>");
    assert_refused("<domain type='vbox'/>", wrong, "missing /domain/name\nmissing /domain/memory");
    assert_refused("<domain><name>x</name><memory>65536</memory></domain>", wrong,
                   "missing /domain/@type");
    assert_refused("<domain type='vbox'><name>x</name></domain>", wrong, "missing /domain/memory");
    assert_refused("<domain type='kvm'/>", unsupported, "/domain/@type: *'kvm'*'vbox'*");
    assert_refused(DOMAIN("<name>n</name>"), unsupported, "/domain/name[2]*");
    assert_refused(DOMAIN("<foo/>"), unsupported, "/domain/foo is not supported*");
    assert_refused(DOMAIN("stray"), unsupported, "/domain/text() *");
    assert_refused(DOMAIN("<clock offset='utc' x='1'/>"), unsupported, "/domain/clock/@x *");
    assert_refused(DOMAIN("<vcpu>0</vcpu>"), unsupported, "/domain/vcpu: 0 *");
    assert_refused(DOMAIN("<vcpu>two</vcpu>"), wrong, "/domain/vcpu: 'two' is not a number");
    assert_refused("<domain type='vbox'><name>x</name><memory>1</memory><os><boot dev='none'/></os>"
                   "</domain>",
                   unsupported, "/domain/os/boot[1]/@dev: *'none'*fd, cdrom, hd, network");
    assert_refused(DOMAIN("<genid/>"), unsupported, "/domain/genid is not supported by Virt*");
    assert_refused(DOMAIN("<on_reboot>preserve</on_reboot>"), unsupported, "*'preserve'*restart*");
    assert_refused(DEVICES("<watchdog model='i6300esb'/>"), unsupported,
                   "/domain/devices/watchdog *");
    assert_refused(DEVICES("<interface type='user'/><interface type='user'><filterref/>"
                           "</interface>"),
                   unsupported, "/domain/devices/interface[2]/filterref is not supported*");
    assert_refused(DEVICES("<interface type='user'><source bridge='x'/></interface>"), unsupported,
                   "/domain/devices/interface/source/@bridge *");
    assert_refused(DEVICES("<interface type='bridge'/>"), wrong,
                   "missing /domain/devices/interface/source/@bridge");
    assert_refused(DEVICES("<interface type='direct'/>"), unsupported, "*'direct'*user, bridge,*");
    assert_refused(DEVICES("<interface/>"), wrong, "missing /domain/devices/interface/@type");
    assert_refused(DEVICES("<interface type='user'><model type='rtl8139'/></interface>"),
                   unsupported, "*/model/@type: *'rtl8139'*am79c970a, am79c973, 82540EM*");
    assert_refused(DEVICES("<interface type='user'><mac address='08:00:27'/></interface>"), wrong,
                   "*/mac/@address: unable to parse mac address '08:00:27'");
    assert_refused(DEVICES("<interface type='user'><mac address='09:00:27:00:00:01'/></interface>"),
                   wrong, "*expected unicast*");
}

static void test_refused_disks(void)
{
    const gint unsupported = VIR_ERR_CONFIG_UNSUPPORTED, wrong = VIR_ERR_XML_ERROR;
    assert_refused(DEVICES("<disk type='network'><target dev='sda'/></disk>"), unsupported,
                   "/domain/devices/disk[type=network] is not supported by VirtualBox: *");
    assert_refused(DEVICES("<disk><source file='/d'/></disk>"), wrong, "missing *target/@dev");
    assert_refused(DEVICES("<disk><target dev='sda'/></disk>"), unsupported, "*missing source*");
    assert_refused(DEVICES("<disk><source file='d'/><target dev='sda'/></disk>"), unsupported,
                   "*not an absolute path");
    assert_refused(DEVICES(DISK("disk", "dev='vda'", "")), unsupported, "*'vda' names no bus*");
    assert_refused(DEVICES(DISK("disk", "dev='vda' bus='virtio'", "")), unsupported,
                   "*disk/target*bus=virtio* it has no virtio disks; say bus='sata'*");
    assert_refused(DEVICES(DISK("disk", "dev='a'", "")), unsupported, "*'a' is no name*");
    assert_refused(DEVICES(DISK("disk", "dev='sd1'", "")), unsupported, "*'sd1' stands for no*");
    assert_refused(DEVICES(DISK("disk", "dev='sdzzz'", "")), unsupported, "*stands for no place*");
    assert_refused(DEVICES(DISK("disk", "dev='fda'", "")), unsupported, "*bus 'fdc'");
    assert_refused(DEVICES(DISK("disk", "dev='sda'", "<readonly/>")), unsupported, "*read-only*");
    assert_refused(DEVICES(DISK("disk", "dev='sda'", "<address type='pci'/>")), unsupported,
                   "*/disk/address?type=pci? is not *type='drive'; leave it out");
    assert_refused(
        DEVICES(DISK("disk", "dev='sda' bus='sata'", "") DISK("disk", "dev='sda' bus='sata'", "")),
        unsupported, "/domain/devices/disk[2]/target/@dev: 'sda' stands where *");
    assert_refused(DEVICES("<controller type='ide' model='lsilogic'/>"), unsupported,
                   "*'lsilogic' is no ide controller");
    assert_refused(DEVICES("<controller type='ide' index='0'/><controller type='ide' index='0'/>"),
                   wrong, "Multiple 'ide' controllers with index '0'");
    assert_refused(DEVICES("<controller type='pci'/>"), unsupported,
                   "/domain/devices/controller[type=pci] is not supported*");
}

/* Expansion bombs, files from outside, depth, and broken text. */
static void test_hostile(void)
{
    assert_refused("<!DOCTYPE domain [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>"
                   "<domain type='vbox'><name>&b;</name></domain>",
                   VIR_ERR_XML_ERROR, "*<!DOCTYPE>*");
    assert_refused("<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain type='vbox'/>",
                   VIR_ERR_XML_ERROR, "*<!DOCTYPE>*");
    assert_refused("<domain type='vbox'><name>&unknown;</name></domain>", VIR_ERR_XML_DETAIL, "*");
    assert_refused("<domain type='vbox'><name>\xff</name></domain>", VIR_ERR_XML_DETAIL, "*");
    g_autoptr(GString) deep = g_string_new("<domain type='vbox'>");
    for (guint i = 0; i < 100; i++)
        g_string_append(deep, "<a>");
    for (guint i = 0; i < 100; i++)
        g_string_append(deep, "</a>");
    g_string_append(deep, "</domain>");
    assert_refused(deep->str, VIR_ERR_XML_ERROR, "*nested deeper than 64");
}

static void test_word_lists(void)
{
    g_autoptr(GPtrArray) models = map_words(&domain_interface_element, "model/@type");
    g_assert_true(g_ptr_array_find_with_equal_func(models, "82540EM", g_str_equal, NULL));
    g_assert_false(g_ptr_array_find_with_equal_func(models, "e1000", g_str_equal, NULL));
    g_autoptr(GPtrArray) firmwares = map_words(&domain_os_element, "@firmware");
    g_assert_cmpuint(firmwares->len, ==, 2);
}

/* Many megabytes of devices are refused as quickly as they are read. */
static void test_many(void)
{
    g_autoptr(GString) xml = g_string_new("<domain type='vbox'><name>m</name><memory>1</memory>"
                                          "<devices>");
    for (guint i = 0; i < 200000; i++)
        g_string_append(xml, "<interface type='user'/>");
    g_string_append(xml, "</devices></domain>");
    assert_refused(xml->str, VIR_ERR_CONFIG_UNSUPPORTED, "*/interface: VirtualBox has at most *");
}

static void test_names(void)
{
    assert_refused("<domain type='vbox'><name>a/b</name><memory>1</memory></domain>",
                   VIR_ERR_XML_ERROR, "/domain/name: 'a/b' cannot be*");
    assert_refused("<domain type='vbox'><name></name><memory>1</memory></domain>",
                   VIR_ERR_XML_ERROR, "missing /domain/name");
    assert_refused("<domain type='vbox'><name>a</name><uuid>12</uuid><memory>1</memory></domain>",
                   VIR_ERR_INTERNAL_ERROR, "/domain/uuid: malformed uuid element");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain/smallest", test_smallest);
    g_test_add_func("/domain/memory", test_memory);
    g_test_add_func("/domain/balloon", test_balloon);
    g_test_add_func("/domain/words", test_words);
    g_test_add_func("/domain/machine-types", test_machine_types);
    g_test_add_func("/domain/active", test_active);
    g_test_add_func("/domain/interfaces", test_interfaces);
    g_test_add_func("/domain/disk-places", test_disk_places);
    g_test_add_func("/domain/disks", test_disks);
    g_test_add_func("/domain/device-order", test_device_order);
    g_test_add_func("/domain/reasons", test_reasons);
    g_test_add_func("/domain/reasons-of-elements", test_reasons_of_elements);
    g_test_add_func("/domain/reasons-of-checks", test_reasons_of_checks);
    g_test_add_func("/domain/many-reasons", test_many_reasons);
    g_test_add_func("/domain/refused", test_refused);
    g_test_add_func("/domain/refused-disks", test_refused_disks);
    g_test_add_func("/domain/hostile", test_hostile);
    g_test_add_func("/domain/word-lists", test_word_lists);
    g_test_add_func("/domain/many", test_many);
    g_test_add_func("/domain/names", test_names);
    return g_test_run();
}
