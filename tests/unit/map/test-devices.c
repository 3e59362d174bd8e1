/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of devices without VirtualBox: what they accept, imply, refuse, and write. */
#include "domain/graphics.h"
#include "tests/unit/map/writes.h"

#define DEVICES(inner)                                                                           \
    "<domain type='vbox'><name>m</name><memory>65536</memory><os><type arch='x86_64'>hvm</type>" \
    "</os><devices>" inner "</devices></domain>"

#define assert_refused(inner, pattern) \
    assert_fails(DEVICES(inner), VIR_ERR_CONFIG_UNSUPPORTED, "/domain/devices/" pattern)

static void test_sound(void)
{
    assert_writes(DEVICES("<sound model='sb16'/>"), "<sound model='sb16'/>");
    assert_writes(DEVICES("<sound model='ich9'/>"), "<sound model='ich6'/>");
    assert_writes(DEVICES("<sound model='ac97'><codec type='micro'/><audio id='2'/></sound>"
                          "<audio id='2' type='pulseaudio'/>"),
                  "<sound model='ac97'><codec type='micro'/><audio id='2'/></sound>"
                  "<audio id='2' type='pulseaudio'/>");
    assert_refused("<sound model='es1370'/>", "sound/@model: *'es1370'*sb16, ac97*");
    assert_refused("<sound model='sb16'/><sound model='ac97'/>", "sound: *at most 1 of them");
    assert_refused("<audio id='1' type='spice'/>", "audio/@type: *'spice'*");
    assert_refused("<audio id='1' type='none'><input/></audio>", "audio/input *");
    assert_fails(DEVICES("<sound/>"), VIR_ERR_XML_ERROR, "missing /domain/devices/sound/@model");
}

static void test_serial(void)
{
    assert_writes(DEVICES("<serial type='dev'><source path='/dev/ttyS0'/></serial>"),
                  "<serial type='dev'><source path='/dev/ttyS0'/>");
    assert_writes(DEVICES("<serial type='unix'><source path='/s'/></serial>"),
                  "<source mode='connect' path='/s'/>");
    assert_writes(DEVICES("<serial type='tcp'><source mode='bind' service='9'/></serial>"),
                  "<serial type='tcp'><source mode='bind' service='9'/><protocol type='raw'/>"
                  "<target type='isa-serial'/></serial>");
    assert_writes(DEVICES("<serial type='file'><source path='/f' append='off'/>"
                          "<target port='3'><model name='16550a'/></target>"
                          "<address type='isa' iobase='0x2a8' irq='0xb'/></serial>"),
                  "<source path='/f'/><target type='isa-serial' port='3'>"
                  "<model name='isa-serial'/></target>"
                  "<address type='isa' iobase='0x02a8' irq='0xb'/>");
    assert_writes(DEVICES("<serial type='pty'><source path='/dev/pts/3'/></serial>"),
                  "<serial type='pty'><target type='isa-serial'/></serial>");
    assert_refused("<serial type='udp'/>", "serial/@type: *'udp'*pty*");
    assert_refused("<serial type='null'/><serial type='null'><log file='/l'/></serial>",
                   "serial[2]/log *");
    assert_refused("<serial type='file'><source path='/f' append='on'/></serial>",
                   "serial/source/@append: *'on'*off");
    assert_refused("<serial type='tcp'><source host='h' service='http'/></serial>",
                   "serial/source/@service: 'http' is not a port number*");
    assert_refused("<serial type='tcp'><source service='1'/></serial>", "serial/source/@host: *");
    assert_refused("<serial type='tcp'><source host='h' service='1'/><protocol type='telnet'/>"
                   "</serial>",
                   "serial/protocol/@type: *'telnet'*raw");
    assert_refused("<serial type='null'><target type='usb-serial'/></serial>",
                   "serial/target/@type: *'usb-serial'*");
    assert_refused("<serial type='null'><address type='pci'/></serial>",
                   "serial/address/@type: *'pci'*isa");
    assert_fails(DEVICES("<serial type='dev'/>"), VIR_ERR_XML_ERROR,
                 "missing /domain/devices/serial/source/@path");
}

/* A console is the first serial port, and is one where there is none. */
static void test_console(void)
{
    assert_writes(DEVICES("<console type='pty'/>"),
                  "<serial type='pty'><target type='isa-serial'/></serial>"
                  "<console type='pty'><target type='serial'/></console>");
    assert_writes(DEVICES("<console type='tcp' tty='/dev/pts/1'><source host='h' service='7'/>"
                          "<target port='1'/><alias name='serial0'/></console>"),
                  "<serial type='tcp'><source mode='connect' host='h' service='7'/>"
                  "<protocol type='raw'/><target type='isa-serial' port='1'/></serial>");
    assert_lacks(DEVICES("<console type='pty'/><serial type='null'/>"), "<serial type='pty'>");
    assert_refused("<console type='pty'><target type='virtio'/></console>",
                   "console/target/@type: *'virtio'*serial");
    assert_refused("<console type='pty'/><console type='pty'/>", "console: *at most 1 of them");
    assert_refused("<console type='tcp'><source service='7'/></console>",
                   "console/source/@host: *");
}

static void test_parallel(void)
{
    assert_writes(DEVICES("<parallel type='dev'><source path='/dev/parport0'/>"
                          "<target port='1'/></parallel>"),
                  "<parallel type='dev'><source path='/dev/parport0'/><target port='1'/>"
                  "</parallel>");
    assert_writes(DEVICES("<parallel type='null'><address type='isa' iobase='0x3bc' irq='0x2'/>"
                          "</parallel>"),
                  "<parallel type='null'><address type='isa' iobase='0x03bc' irq='0x2'/>");
    assert_refused("<parallel type='pty'/>", "parallel/@type: *'pty'*dev, null");
    assert_refused("<parallel type='null'><source path='/x'/></parallel>", "parallel/source *");
}

static void test_video(void)
{
    assert_writes(DEVICES("<video><model type='vmvga' vram='9000' heads='2' primary='yes'>"
                          "<acceleration accel3d='yes' accel2d='no'/></model></video>"),
                  "<video><model type='vmvga' vram='9216' heads='2'>"
                  "<acceleration accel3d='yes'/></model></video>");
    assert_refused("<video><model type='qxl'/></video>",
                   "video/model/@type: *'qxl'*vga, vbox, vmvga*");
    assert_refused("<video><model type='vga' heads='65'/></video>", "video/model/@heads: 65*64*");
    assert_refused("<video><model type='vga'><resolution x='1' y='1'/></model></video>",
                   "video/model/resolution *set it in the guest*");
    assert_refused("<video><model type='vga'><acceleration accel2d='yes'/></model></video>",
                   "video/model/acceleration/@accel2d: *'yes'*no");
    assert_refused("<video/><video/>", "video: *at most 1 of them");
}

static void test_graphics(void)
{
    const char *server = DEVICES("<graphics type='vnc' port='5901' listen='::1' passwd='p'/>");
    assert_writes(server, "<graphics type='vnc' port='5901' autoport='no' listen='::1' "
                          "passwd='p'/>");
    assert_lacks(server, "passwd");
    assert_writes(DEVICES("<graphics type='rdp'/>"), "<graphics type='rdp' autoport='yes'/>");
    assert_writes(DEVICES("<graphics type='vnc' port='-1'>"
                          "<listen type='address' address='1.2.3.4'/></graphics>"),
                  "<graphics type='vnc' port='-1' autoport='yes' listen='1.2.3.4'>"
                  "<listen type='address' address='1.2.3.4'/></graphics>");
    assert_writes(DEVICES("<graphics type='sdl' display=':1' xauth='/x'/>"
                          "<graphics type='rdp' port='1' multiUser='yes' replaceUser='no'/>"),
                  "<graphics type='sdl' display=':1' xauth='/x'/><graphics type='rdp' port='1' "
                  "autoport='no' replaceUser='no' multiUser='yes'/>");
    assert_refused("<graphics type='spice'/>", "graphics/@type: *'spice'*vnc, rdp, sdl, desktop");
    assert_refused("<graphics type='vnc'/><graphics type='rdp'/>", "graphics[2]: *display server*");
    assert_refused("<graphics type='sdl'/><graphics type='desktop'/>", "graphics[2]: *window*");
    assert_refused("<graphics type='vnc' multiUser='yes'/>", "graphics/@multiUser: *rdp*");
    assert_refused("<graphics type='vnc' replaceUser='yes'/>", "graphics/@replaceUser: *rdp*");
    assert_refused("<graphics type='rdp' passwd='p'/>", "graphics/@passwd: *");
    assert_refused("<graphics type='vnc' autoport='no'/>", "graphics/@port: *");
    assert_refused("<graphics type='vnc' listen='1.1.1.1'><listen type='address' "
                   "address='2.2.2.2'/></graphics>",
                   "graphics/@listen: '1.1.1.1' is not*'2.2.2.2'");
    assert_refused("<graphics type='vnc'><listen type='socket'/></graphics>",
                   "graphics/listen/@type: *'socket'*address");
    assert_refused("<graphics type='sdl' port='1'/>", "graphics/@port *");
    assert_refused("<graphics type='vnc' websocket='1'/>", "graphics/@websocket *");
}

/* Where the front end's window goes. */
static void test_environment(void)
{
    g_autoptr(Model) domain =
        domain_parse(DEVICES("<graphics type='vnc'/>"
                             "<graphics type='sdl' display=':1' xauth='/x'/>"),
                     NULL);
    g_auto(GStrv) environment = graphics_model_environment(domain);
    g_assert_cmpstr(g_environ_getenv(environment, "DISPLAY"), ==, ":1");
    g_assert_cmpstr(g_environ_getenv(environment, "XAUTHORITY"), ==, "/x");
    g_autoptr(Model) headless = domain_parse(DEVICES("<graphics type='vnc'/>"), NULL);
    g_auto(GStrv) nothing = graphics_model_environment(headless);
    g_assert_cmpuint(g_strv_length(nothing), ==, 0);
}

static void test_input(void)
{
    assert_writes(DEVICES("<controller type='usb' model='ehci'/><input type='mouse'/>"
                          "<input type='tablet'/><input type='keyboard' bus='usb'/>"),
                  "<input type='mouse' bus='ps2'/><input type='tablet' bus='usb'/>"
                  "<input type='keyboard' bus='usb'/>");
    assert_refused("<input type='tablet' bus='ps2'/>", "input/@bus: there is no tablet*ps2*");
    assert_refused("<input type='mouse' bus='virtio'/>", "input/@bus: *'virtio'*");
    assert_refused("<input type='mouse'/><input type='mouse' bus='ps2'/>", "input[2]: *one mouse*");
    assert_refused("<input type='passthrough' bus='virtio'/>", "input/@type: *");
}

/* USB devices bring a controller with them, unless the document says that there is none. */
static void test_usb(void)
{
    const char *ohci = "<controller type='usb' model='pci-ohci'/>";
    assert_writes(DEVICES("<controller type='usb'/>"), ohci);
    assert_writes(DEVICES("<input type='tablet'/>"), ohci);
    assert_writes(DEVICES("<input type='mouse' bus='usb'/>"), ohci);
    assert_writes(DEVICES("<hostdev type='usb'><source><vendor id='1'/><product id='2'/></source>"
                          "</hostdev>"),
                  ohci);
    assert_lacks(DEVICES("<input type='mouse'/>"), "usb");
    assert_lacks(DEVICES("<controller type='usb' model='none'/><input type='tablet'/>"), "ohci");
    assert_writes(DEVICES("<controller type='usb' index='1' model='ich9-ehci1'/>"
                          "<controller type='usb' index='0' model='nec-xhci' ports='15'/>"),
                  "<controller type='usb' index='1' model='ehci'/>"
                  "<controller type='usb' index='0' model='qemu-xhci' ports='15'/>");
    assert_refused("<controller type='usb'/><controller type='usb' model='pci-ohci'/>",
                   "controller[2]/@model: *one controller of a kind");
    assert_refused("<controller type='usb' index='0'/><controller type='usb' index='0' "
                   "model='ehci'/>",
                   "controller[2]/@index: *");
    assert_refused("<controller type='usb' model='none'/><controller type='usb' model='ehci'/>",
                   "controller[2]/@model: *none*");
    assert_refused("<controller type='usb' model='piix3-uhci'/>",
                   "controller/@model: *'piix3-uhci'*pci-ohci*");
    assert_refused("<controller type='usb' model='ehci'><master startport='0'/></controller>",
                   "controller/master *companion*");
}

static void test_hostdev(void)
{
    assert_writes(DEVICES("<hostdev mode='subsystem' type='usb' managed='yes'>"
                          "<source startupPolicy='optional'><vendor id='0x1D6b'/>"
                          "<product id='0x2'/></source></hostdev>"),
                  "<hostdev mode='subsystem' type='usb' managed='yes'>"
                  "<source startupPolicy='optional'><vendor id='0x1d6b'/><product id='0x0002'/>"
                  "</source></hostdev>");
    assert_refused("<hostdev type='pci'/>", "hostdev/@type: *'pci'*usb");
    assert_refused("<hostdev mode='capabilities' type='usb'/>", "hostdev/@mode: *");
    assert_refused("<hostdev type='usb'><source><address bus='1' device='2'/></source></hostdev>",
                   "hostdev/source/address *vendor and product*");
    assert_refused("<hostdev type='usb'><source><vendor id='0x12345'/></source></hostdev>",
                   "hostdev/source/vendor/@id: *");
    assert_fails(DEVICES("<hostdev type='usb'><source><vendor id='1'/></source></hostdev>"),
                 VIR_ERR_XML_ERROR, "missing /domain/devices/hostdev/source/product/@id");
}

static void test_filesystem(void)
{
    assert_writes(DEVICES("<filesystem><source dir='/tmp'/><target dir='t'/><readonly/>"
                          "</filesystem>"),
                  "<filesystem type='mount' accessmode='passthrough'><source dir='/tmp'/>"
                  "<target dir='t'/><readonly/></filesystem>");
    assert_refused("<filesystem type='block'/>", "filesystem/@type: *'block'*mount");
    assert_refused(
        "<filesystem><driver type='virtiofs'/><source dir='/tmp'/><target dir='t'/></filesystem>",
        "filesystem/driver/@type: *'virtiofs'*path");
    assert_refused("<filesystem><source dir='tmp'/><target dir='t'/></filesystem>",
                   "filesystem/source/@dir: 'tmp' is not an absolute path");
    assert_refused("<filesystem><source dir='/tmp'/><target dir=''/></filesystem>",
                   "filesystem/target/@dir: *");
    assert_refused("<filesystem><source dir='/a'/><target dir='t'/></filesystem>"
                   "<filesystem><source dir='/b'/><target dir='t'/></filesystem>",
                   "filesystem[2]/target/@dir: another one*'t'");
}

static void test_tpm(void)
{
    assert_writes(DEVICES("<tpm><backend type='emulator'/></tpm>"),
                  "<tpm><backend type='emulator' version='2.0'/></tpm>");
    assert_writes(DEVICES("<tpm model='tpm-tis'><backend type='passthrough'>"
                          "<device path='/dev/tpm0'/></backend></tpm>"),
                  "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/>"
                  "</backend></tpm>");
    assert_refused("<tpm><backend type='external'/></tpm>", "tpm/backend/@type: *'external'*");
    assert_refused("<tpm><backend type='emulator' version='3'/></tpm>",
                   "tpm/backend/@version: *'3'*");
}

/* What libvirt has no word for. */
static void test_ours(void)
{
#define OURS(noun, attributes) "<v:" noun " xmlns:v='urn:vboxvirt:1' " attributes "/>"
    assert_writes(DEVICES("<serial type='null'>" OURS("uart", "type='16750'") "</serial>"),
                  "<vbox:uart type='16750'/></serial>");
    assert_refused(
        "<serial type='null'><target type='isa-serial'><model name='16550a'/></target>" OURS(
            "uart", "type='16450'") "</serial>",
        "serial/vbox:uart/@type: *another one");
    assert_writes(DEVICES("<sound model='ac97'>" OURS("codec", "chip='ad1980'") "</sound>"),
                  "<sound model='ac97'><vbox:codec chip='ad1980'/></sound>");
    assert_writes(
        DEVICES("<hostdev type='usb'><source><vendor id='1'/><product id='2'/></source>" OURS(
            "filter", "serialNumber='s' port='' maskedInterfaces='0'") "</hostdev>"),
        "<vbox:filter serialNumber='s'/></hostdev>");
    assert_writes(
        DEVICES("<hostdev type='usb'><source><vendor id='1'/><product id='2'/></source>" OURS(
            "filter", "revision='0x1A' port='1'") "</hostdev>"),
        "<vbox:filter revision='001a' port='0001'/></hostdev>");
    assert_writes(
        DEVICES("<hostdev type='usb'><source><vendor id='1'/><product id='2'/></source>" OURS(
            "filter", "port='1-2'") "</hostdev>"),
        "<vbox:filter port='1-2'/></hostdev>");
    assert_writes(DEVICES("<filesystem><source dir='/tmp'/><target dir='t'/>" OURS(
                      "mount", "autoMount='yes' autoMountPoint=''") "</filesystem>"),
                  "<vbox:mount autoMount='yes'/></filesystem>");
    assert_writes(DEVICES("<graphics type='rdp'>" OURS("auth", "type='guest'") "</graphics>"),
                  "<vbox:auth type='guest'/></graphics>");
    assert_refused("<graphics type='rdp'>" OURS("auth", "type='null' x='y'") "</graphics>",
                   "graphics/vbox:auth/@x *");
}

static void test_nat(void)
{
    assert_writes(DEVICES("<interface type='user'><portForward proto='tcp'><range start='2222' "
                          "to='22'/><range start='8001'/><range start='8000'/></portForward>"
                          "<portForward proto='tcp' address='127.0.0.1'><range start='1' end='3' "
                          "to='11'/></portForward><ip address='10.9.0.0' prefix='16'/>"
                          "<mtu size='1400'/></interface>"),
                  "<ip family='ipv4' address='10.9.0.0' prefix='16'/>"
                  "<portForward proto='tcp'><range start='2222' to='22'/>"
                  "<range start='8000' end='8001'/></portForward>"
                  "<portForward proto='tcp' address='127.0.0.1'><range start='1' end='3' to='11'/>"
                  "</portForward><mtu size='1400'/></interface>");
    assert_writes(DEVICES("<interface type='user'><o:nat xmlns:o='urn:vboxvirt:1' DNSProxy='yes' "
                          "TFTPPrefix=''/><o:redirect xmlns:o='urn:vboxvirt:1' name='&lt;n' "
                          "proto='udp' hostPort='5' guestIP='10.0.2.15' guestPort='6'/>"
                          "</interface>"),
                  "<interface type='user'><vbox:redirect name='&lt;n' proto='udp' hostIP='' "
                  "hostPort='5' guestIP='10.0.2.15' guestPort='6'/><vbox:nat DNSProxy='yes'/>"
                  "</interface>");
}

#define NAT(inner) "<interface type='user'>" inner "</interface>"
#define FORWARD(inner) NAT("<portForward proto='tcp'>" inner "</portForward>")

static void test_nat_refused(void)
{
    assert_refused(FORWARD(""), "interface/portForward: *single ports*");
    assert_refused(FORWARD("<range start='5' exclude='yes'/>"),
                   "interface/portForward/range/@exclude: *'yes'*");
    assert_refused(NAT("") FORWARD("<range start='65536'/>"),
                   "interface[2]/portForward/range/@start: 65536 *");
    assert_refused(FORWARD("<range start='1' step='5'/>"), "interface/portForward/range/@step *");
    assert_refused(NAT("<portForward proto='tcp' dev='eth0'><range start='5'/></portForward>"),
                   "interface/portForward/@dev *address=*");
    assert_refused(NAT("<portForward proto='sctp'><range start='5'/></portForward>"),
                   "interface/portForward/@proto: *'sctp'*tcp, udp");
    assert_refused(FORWARD("<range start='1' end='2000'/>"), "interface/portForward: *most 1024");
    assert_refused(NAT("<ip address='10.9.0.0'/>"), "interface/ip/@prefix: *");
    assert_refused(NAT("<ip address='fd00::' prefix='32'/>"), "interface/ip/@address: *IPv4*");
    assert_refused(NAT("<ip address='fd00::' family='ipv6' prefix='32'/>"),
                   "interface/ip/@family: *'ipv6'*ipv4");
    assert_refused("<interface type='null'><portForward proto='tcp'/></interface>",
                   "interface/portForward *only type='user'*");
    assert_refused("<interface type='null'><mtu size='9000'/></interface>", "interface/mtu *guest");
    assert_fails(DEVICES(FORWARD("<range start='5'/><range start='4' end='6'/>")),
                 VIR_ERR_XML_ERROR, "/domain/devices/interface/portForward: tcp port 5 *twice");
    assert_fails(DEVICES(FORWARD("<range start='6' end='5'/>")), VIR_ERR_XML_ERROR,
                 "/domain/devices/interface/portForward/range: *");
    assert_fails(DEVICES(NAT("<portForward proto='tcp' address='x'><range start='5'/>"
                             "</portForward>")),
                 VIR_ERR_XML_ERROR, "/domain/devices/interface/portForward/@address: 'x' *");
    assert_refused(NAT("<v:redirect xmlns:v='urn:vboxvirt:1' name='n' proto='tcp' hostPort='5' "
                       "guestPort='6'/>"),
                   "interface/vbox:redirect: *<portForward proto='tcp'>");
}

static void test_udp(void)
{
    const char *tunnel = "<interface type='udp'><source address='10.0.0.1' port='5'>"
                         "<local address='0.0.0.0' port='6'/></source></interface>";
    g_autofree char *xml = g_strdup_printf(DEVICES("%s"), tunnel);
    assert_writes(xml, tunnel);
    assert_refused("<interface type='udp'><source address='10.0.0.1' port='5'>"
                   "<local address='127.0.0.1' port='6'/></source></interface>",
                   "interface/source/local/@address: *0.0.0.0");
    assert_refused("<interface type='udp'><source address='host' port='5'>"
                   "<local port='6'/></source></interface>",
                   "interface/source/@address: 'host' *");
    assert_refused("<interface type='network'><source network='n' portgroup='p'/></interface>",
                   "interface/source/@portgroup *");
    assert_writes(DEVICES("<interface type='network'><source network='n' bridge='virbr0' "
                          "portid='6b5a3c1e-0d4f-4b62-9f5e-000000000001'/></interface>"),
                  "<source network='n'/>");
}

/* What clients add unasked is shown as it was given. */
static void test_advice(void)
{
    const char *advice = "<memballoon model='virtio'><stats period='5'/></memballoon>"
                         "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>";
    g_autofree char *xml = g_strdup_printf(DEVICES("%s"), advice);
    assert_writes(xml, advice);
    assert_writes(DEVICES("<sound model='sb16'><alias name='sound0'/></sound>"),
                  "<sound model='sb16'/>");
    assert_writes(DEVICES("<sound model='sb16'><alias name='ua-ü'/></sound>"),
                  "<sound model='sb16'/>");
    assert_writes(DEVICES("<sound model='sb16'><alias name='ua-s'/><address type='pci' bus='0x01'/>"
                          "</sound>"),
                  "<alias name='ua-s'/><address type='pci' bus='0x01'/></sound>");
    assert_refused("<watchdog model='i6300esb' action='reset'/>", "watchdog *");
    assert_refused("<memballoon/><memballoon/>", "memballoon[2] *");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/devices/sound", test_sound);
    g_test_add_func("/devices/serial", test_serial);
    g_test_add_func("/devices/console", test_console);
    g_test_add_func("/devices/parallel", test_parallel);
    g_test_add_func("/devices/video", test_video);
    g_test_add_func("/devices/graphics", test_graphics);
    g_test_add_func("/devices/environment", test_environment);
    g_test_add_func("/devices/input", test_input);
    g_test_add_func("/devices/usb", test_usb);
    g_test_add_func("/devices/hostdev", test_hostdev);
    g_test_add_func("/devices/filesystem", test_filesystem);
    g_test_add_func("/devices/tpm", test_tpm);
    g_test_add_func("/devices/ours", test_ours);
    g_test_add_func("/devices/nat", test_nat);
    g_test_add_func("/devices/nat-refused", test_nat_refused);
    g_test_add_func("/devices/udp", test_udp);
    g_test_add_func("/devices/advice", test_advice);
    return g_test_run();
}
