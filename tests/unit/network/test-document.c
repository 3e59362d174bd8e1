/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <network> documents: what they mean, what is refused and where, and that a dump means the same.
 */
#include <string.h>
#include "network/document.h"

#define UUID_TEXT "11111111-2222-3333-4444-555555555555"
#define HOST_ONLY(ip) "<network xmlns:vbox='urn:vboxvirt:1'><name>n</name>" ip "</network>"
#define IP "<ip address='10.0.0.1' prefix='24'>"
#define RANGE "<range start='10.0.0.5' end='10.0.0.6'/>"
#define DHCP(more) IP "<dhcp>" RANGE more "</dhcp></ip>"
#define HOST(more, inner) "<host mac='08:00:27:00:00:01' ip='10.0.0.9' " more ">" inner "</host>"
#define RULE(more, guest) \
    "<vbox:portForward hostport='1' guestip='" guest "' guestport='1' " more "/>"
#define LOOPBACK(last, offset) "<vbox:loopback address='127.0.0." #last "' offset='" #offset "'/>"
#define LAN(more, inner) "<vbox:dhcp " more ">" inner "</vbox:dhcp>"

static Network *read_new(const char *xml, char **ret_bridge, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Model) model = map_parse_all(&network_schema, xml, refusals, error);
    g_autoptr(Network) network =
        model != NULL ? document_take(model, NULL, ret_bridge, refusals) : NULL;
    return model != NULL && refusals_tell(refusals, error) ? g_steal_pointer(&network) : NULL;
}

static Network *parse(const char *xml)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bridge = NULL;
    Network *network = read_new(xml, &bridge, &error);
    g_assert_no_error(error);
    return network;
}

static void test_internal(void)
{
    g_autoptr(Network) network = parse(
        "<network connections='3' ipv6='yes'><name>a &amp; b</name>"
        "<uuid>11111111222233334444555555555555</uuid><bridge name='virbr1' stp='on' delay='0' "
        "macTableManager='libvirt' zone='z'/><mac address='52:54:00:11:22:33'/>"
        "<domain name='d' localOnly='yes'/><dns enable='no'/><forward mode='none'/></network>");
    g_assert_cmpint(network->kind, ==, NETWORK_INTERNAL);
    g_assert_cmpstr(network->name, ==, "a & b");
    g_assert_cmpstr(network->domain, ==, "d");
    g_assert_cmpuint(network->uuid[0], ==, 0x11);
    g_autofree char *xml = document_format(network, NULL);
    g_assert_cmpstr(xml, ==,
                    "<network>\n  <name>a &amp; b</name>\n"
                    "  <uuid>11111111-2222-3333-4444-555555555555</uuid>\n"
                    "  <domain name='d'/>\n</network>\n");
}

static const char full[] = "<network>\n"
                           "  <name>n</name>\n"
                           "  <uuid>11111111-2222-3333-4444-555555555555</uuid>\n"
                           "  <title>t</title>\n"
                           "  <description>d</description>\n"
                           "  <bridge name='vboxnet4'/>\n"
                           "  <mac address='0a:00:27:00:00:04'/>\n"
                           "  <domain name='example.org'/>\n"
                           "  <ip address='192.168.56.1' netmask='255.255.255.0'>\n"
                           "    <dhcp>\n"
                           "      <range start='192.168.56.100' end='192.168.56.200'/>\n"
                           "      <host mac='08:00:27:aa:bb:cc' name='web' ip='192.168.56.10'/>\n"
                           "      <host mac='08:00:27:aa:bb:cd' ip='192.168.56.11'/>\n"
                           "    </dhcp>\n"
                           "  </ip>\n"
                           "  <ip family='ipv6' address='fd00::1' prefix='64'/>\n"
                           "</network>\n";

static void test_host_only(void)
{
    g_autoptr(Network) network = parse(full);
    g_assert_cmpint(network->kind, ==, NETWORK_HOST_ONLY);
    g_assert_cmpuint(network->v4.prefix, ==, 24);
    g_assert_false(network->v4_as_prefix);
    g_assert_cmpuint(network->v6.prefix, ==, 64);
    g_assert_cmpuint(network->dhcp->hosts->len, ==, 2);
    g_assert_cmpstr(dhcp_config_text(&network->dhcp->config, DHCP_DOMAIN), ==, "example.org");
    /* What VirtualBox would say of it. */
    network->vbox_name = g_strdup("vboxnet4");
    network->mac = g_strdup("0a:00:27:00:00:04");
    g_autofree char *xml = document_format(network, NULL);
    g_assert_cmpstr(xml, ==, full);
}

/* Whatever stands in it comes back, and a dump of a dump is the same. */
static void test_metadata(void)
{
    g_autoptr(Network) network =
        parse("<network><name>n</name><uuid>11111111-2222-3333-4444-555555555555</uuid>"
              "<metadata><x:y xmlns:x='urn:x' a='1'>z <b/></x:y></metadata></network>");
    g_autofree char *first = document_format(network, NULL);
    g_assert_nonnull(strstr(first, "urn:x"));
    g_assert_nonnull(strstr(first, ">z <b/></x:y>"));
    g_autoptr(Network) again = parse(first);
    g_autofree char *second = document_format(again, NULL);
    g_assert_cmpstr(first, ==, second);
}

/* What is said in other words, or left out, is shown in those that say it best. */
static void test_leases(void)
{
    const struct {
        const char *given, *shown;
    } cases[] = {
        {"<lease expiry='180'/>", "<lease expiry='3' unit='hours'/>"},
        {"<lease expiry='7260' unit='seconds'/>", "<lease expiry='121' unit='minutes'/>"},
        {"<lease expiry='121' unit='seconds'/>", "<lease expiry='121' unit='seconds'/>"},
        {"<lease expiry='0' unit='hours'/>", "<lease expiry='0'/>"},
        {"<vbox:lease default='3600' max='3600'/>",
         "<lease expiry='1' unit='hours'/>\n      </host>"},
        {"<vbox:lease default='9' max='0'/>", "<vbox:lease default='9' max='0'/>"},
        {"<vbox:lease max='9'/>", "<vbox:lease max='9'/>"},
        {"<vbox:option number='9' send='never' value='a&quot;&lt;'/>",
         "<vbox:option number='9' value='a\"&lt;' send='never'/>"},
        {"<vbox:option number='12' value='x' send='always'/>",
         "name='x' ip='10.0.0.9'>\n        <vbox:option number='12' send='always'/>"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *host = g_strdup_printf(HOST("", "%s"), cases[i].given);
        g_autofree char *xml = g_strdup_printf(HOST_ONLY(DHCP("%s")), host);
        g_autoptr(Network) network = parse(xml);
        g_autofree char *dump = document_format(network, NULL);
        g_assert_nonnull(strstr(dump, cases[i].shown));
        g_autoptr(Network) again = parse(dump);
        g_autofree char *same = document_format(again, NULL);
        g_assert_cmpstr(dump, ==, same);
    }
}

static void test_boot(void)
{
    g_autoptr(Network) network = parse(HOST_ONLY(DHCP("<bootp file='x'/>")));
    g_autofree char *dump = document_format(network, NULL);
    g_assert_nonnull(strstr(dump, "<bootp file='x' server='10.0.0.1'/>"));
}

static void test_prefixes(void)
{
    const struct {
        const char *ip;
        guint prefix;
        const char *shown;
    } cases[] = {
        {"<ip address='10.0.0.1'/>", 8, "netmask='255.0.0.0'"},
        {"<ip address='172.16.0.1'/>", 16, "netmask='255.255.0.0'"},
        {"<ip address='192.168.0.1'/>", 24, "netmask='255.255.255.0'"},
        {"<ip address='10.0.0.1' prefix='24'/>", 24, "prefix='24'"},
        {"<ip family='ipv4' address='10.0.0.1' netmask='255.255.255.252'/>", 30,
         "netmask='255.255.255.252'"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = g_strdup_printf("<network><name>n</name>%s</network>", cases[i].ip);
        g_autoptr(Network) network = parse(xml);
        g_assert_cmpuint(network->v4.prefix, ==, cases[i].prefix);
        g_autofree char *dump = document_format(network, NULL);
        g_assert_nonnull(strstr(dump, cases[i].shown));
    }
}

static const struct {
    const char *xml;
    VirErrorNumber code;
    const char *part; /* of the message */
} refusals[] = {
    {"<network/>", VIR_ERR_XML_ERROR, "/network/name"},
    {"<network><name/></network>", VIR_ERR_XML_ERROR, "/network/name"},
    {"<network><name>a/b</name></network>", VIR_ERR_XML_ERROR, "'/'"},
    {"<network><name>n</name><uuid>1</uuid></network>", VIR_ERR_INTERNAL_ERROR, "uuid"},
    {"<domain/>", VIR_ERR_XML_ERROR, "network"},
    {"<network>", VIR_ERR_XML_DETAIL, "network"},
    {HOST_ONLY("<forward/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/ip"},
    {HOST_ONLY("<forward mode='nat'><nat><address start='1.1.1.1' end='1.1.1.2'/></nat></forward>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "/network/forward/nat/address"},
    {HOST_ONLY("<forward mode='bridge'/>"), VIR_ERR_XML_ERROR, "<interface dev="},
    {HOST_ONLY("<forward mode='hostdev'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "hostdev"},
    {HOST_ONLY("<mtu size='1400'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/mtu"},
    {HOST_ONLY("<bandwidth/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/bandwidth"},
    {HOST_ONLY("<vlan/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/vlan"},
    {HOST_ONLY("<portgroup name='p'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/portgroup"},
    {HOST_ONLY("<route/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/route"},
    {HOST_ONLY("<surprise/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/surprise"},
    {HOST_ONLY("<dns/>"
               "<dns><txt/></dns>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "/network/dns"},
    {HOST_ONLY("<dns enable='yes'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/dns"},
    {HOST_ONLY("<domain name='d' register='yes'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "@register"},
    {HOST_ONLY("<mac address='x'/>"), VIR_ERR_XML_ERROR, "/network/mac/@address"},
    {HOST_ONLY("<ip/>"), VIR_ERR_XML_ERROR, "/network/ip/@address"},
    {HOST_ONLY("<ip address='host'/>"), VIR_ERR_XML_ERROR, "/network/ip/@address"},
    {HOST_ONLY("<ip address='fd00::1'/>"), VIR_ERR_XML_ERROR, "/network/ip/@address"},
    {HOST_ONLY("<ip address='127.0.0.1'/>"), VIR_ERR_XML_ERROR, "/network/ip/@address"},
    {HOST_ONLY("<ip address='10.0.0.0' prefix='24'/>"), VIR_ERR_XML_ERROR, "@address"},
    {HOST_ONLY("<ip address='10.0.0.255' prefix='24'/>"), VIR_ERR_XML_ERROR, "@address"},
    {HOST_ONLY("<ip address='10.0.0.1' prefix='31'/>"), VIR_ERR_XML_ERROR, "@prefix"},
    {HOST_ONLY("<ip address='10.0.0.1' prefix='99'/>"), VIR_ERR_XML_ERROR, "@prefix"},
    {HOST_ONLY("<ip address='10.0.0.1' netmask='255.0.255.0'/>"), VIR_ERR_XML_ERROR, "@netmask"},
    {HOST_ONLY("<ip address='10.0.0.1' netmask='255.0.0.0' prefix='8'/>"), VIR_ERR_XML_ERROR,
     "@netmask"},
    {HOST_ONLY("<ip family='ipx' address='10.0.0.1'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "@family"},
    {HOST_ONLY("<ip family='ipv6' address='fd00::1' prefix='64'/>"), VIR_ERR_CONFIG_UNSUPPORTED,
     "IPv4"},
    {HOST_ONLY(IP "</ip><ip address='10.9.0.1'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "one ipv4"},
    {HOST_ONLY(IP "<tftp root='/x'/></ip>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/ip/tftp"},
    {HOST_ONLY(IP "<dhcp><bootp file='x'/></dhcp></ip>"), VIR_ERR_XML_ERROR, "<range>"},
    {HOST_ONLY(IP "<dhcp><range start='10.0.0.5'/></dhcp></ip>"), VIR_ERR_XML_ERROR,
     "/network/ip/dhcp/range/@start: a <range> needs"},
    {HOST_ONLY("<forward mode='open'/>"), VIR_ERR_XML_ERROR, "needs an <ip>"},
    {HOST_ONLY("<forward mode='route' dev='eth0'/>" IP "</ip>"), VIR_ERR_CONFIG_UNSUPPORTED,
     "/network/forward/@dev"},
    {HOST_ONLY("<forward><nat><port start='1024' end='2048'/></nat></forward>" IP "</ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "1024 to 65535"},
    {HOST_ONLY("<forward/><dns enable='no'/>" IP "</ip>"), VIR_ERR_CONFIG_UNSUPPORTED,
     "<vbox:option number='6'"},
    {HOST_ONLY("<dns><forwarder addr='10.0.0.9'/></dns>"), VIR_ERR_CONFIG_UNSUPPORTED,
     "the host's resolver"},
    {HOST_ONLY(DHCP("<vbox:option number='0' value='1'/>")), VIR_ERR_CONFIG_UNSUPPORTED,
     "/network/ip/dhcp/vbox:option/@number"},
    {HOST_ONLY(DHCP("<vbox:option number='9' encoding='hex' value='0a:0'/>")), VIR_ERR_XML_ERROR,
     "are not bytes"},
    {HOST_ONLY(DHCP("<vbox:guest machine='" UUID_TEXT "' slot='8'/>")), VIR_ERR_CONFIG_UNSUPPORTED,
     "0 to 7"},
    {HOST_ONLY(IP "<dhcp><range start='10.0.0.9' end='10.0.0.9'/></dhcp></ip>"
                  "<ip address='10.0.0.2'/>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "one ipv4"},
    {HOST_ONLY("<ip address='10.0.0.1' prefix='30'><dhcp><range start='10.0.0.2' end='10.0.0.2'/>"
               "</dhcp></ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "no address is left"},
    {HOST_ONLY("<forward/>" IP "<dhcp><range start='10.0.0.2' end='10.0.0.3'/></dhcp></ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "10.0.0.4 is the first"},
    {HOST_ONLY("<forward/>" IP "<dhcp><host mac='08:00:27:00:00:01' ip='10.0.0.3'/></dhcp></ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "host[1]/@ip"},
    {HOST_ONLY("<forward/>" IP "</ip>" RULE("name='a:b'", "10.0.0.9")), VIR_ERR_CONFIG_UNSUPPORTED,
     "/network/vbox:portForward/@name"},
    {HOST_ONLY("<forward/>" IP "</ip>" RULE("", "10.1.0.9")), VIR_ERR_XML_ERROR,
     "/network/vbox:portForward/@guestip"},
    {HOST_ONLY("<forward/>" IP "</ip>" RULE("proto='udp'", "x")), VIR_ERR_XML_ERROR, "IPv4"},
    {HOST_ONLY("<forward/>" IP "</ip>" LOOPBACK(2, 1)), VIR_ERR_XML_ERROR, "offsets 2 to 254"},
    {HOST_ONLY("<forward/>" IP "</ip>" LOOPBACK(2, 255)), VIR_ERR_XML_ERROR, "offsets 2 to 254"},
    {HOST_ONLY("<forward/>" IP "</ip>" LOOPBACK(2, 9) LOOPBACK(3, 9)), VIR_ERR_XML_ERROR,
     "127.0.0.2 is at 9 as well"},
    {HOST_ONLY(IP "<dhcp><range start='10.0.0.9' end='10.0.1.9'/></dhcp></ip>"),
     VIR_ERR_INTERNAL_ERROR, "not entirely within"},
    {HOST_ONLY(IP "<dhcp><range start='10.0.0.9' end='10.0.0.8'/></dhcp></ip>"),
     VIR_ERR_INTERNAL_ERROR, "reversed"},
    {HOST_ONLY(IP "<dhcp><range start='10.0.0.5' end='10.0.0.6'/><range start='10.0.0.8' "
                  "end='10.0.0.9'/></dhcp></ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "range[2]"},
    {HOST_ONLY(IP "<dhcp><range start='10.0.0.5' end='10.0.0.6'/><host name='a' "
                  "ip='10.0.0.9'/></dhcp></ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "host/@mac is missing: VirtualBox's DHCP server knows guests"},
    {HOST_ONLY("<a:options xmlns:a='http://libvirt.org/schemas/network/dnsmasq/1.0'>"
               "<a:option value='foo=bar'/></a:options>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "/network/dnsmasq:options is not supported"},
    {HOST_ONLY("<a:options xmlns:a='urn:a'/>"), VIR_ERR_CONFIG_UNSUPPORTED, "/network/a:options"},
    {HOST_ONLY(DHCP("<bootp server='x'/>")), VIR_ERR_XML_ERROR, "/network/ip/dhcp/bootp/@file"},
    {HOST_ONLY(DHCP("<bootp file='x'/><bootp file='y'/>")), VIR_ERR_CONFIG_UNSUPPORTED, "bootp[2]"},
    {HOST_ONLY(DHCP("<bootp file='x'/><vbox:option number='67' value='y'/>")), VIR_ERR_XML_ERROR,
     "/network/ip/dhcp/vbox:option: the option 67"},
    {HOST_ONLY(DHCP("<vbox:option number='1' value='255.0.0.0'/>")), VIR_ERR_CONFIG_UNSUPPORTED,
     "mask"},
    {HOST_ONLY(DHCP("<vbox:option number='2'/>")), VIR_ERR_XML_ERROR, "vbox:option/@value"},
    {HOST_ONLY(DHCP("<vbox:option number='255' value='x'/>")), VIR_ERR_CONFIG_UNSUPPORTED,
     "/network/ip/dhcp/vbox:option/@number"},
    {HOST_ONLY(DHCP("<vbox:option number='2' value='x'/><vbox:option number='2' surprise=''/>")),
     VIR_ERR_CONFIG_UNSUPPORTED, "/network/ip/dhcp/vbox:option[2]/@surprise"},
    {HOST_ONLY(DHCP("<vbox:option number='2' value='1'/><vbox:option number='2' value='1'/>")),
     VIR_ERR_XML_ERROR, "/network/ip/dhcp/vbox:option[2]"},
    {HOST_ONLY(DHCP("<vbox:option number='2' send='maybe'/>")), VIR_ERR_CONFIG_UNSUPPORTED,
     "always"},
    {HOST_ONLY("<domain name='d'/>" DHCP("<vbox:option number='15' value='d'/>")),
     VIR_ERR_XML_ERROR, "option 15"},
    {HOST_ONLY(DHCP(HOST("name='a'", "<vbox:option number='12' value='b'/>"))), VIR_ERR_XML_ERROR,
     "/network/ip/dhcp/host/vbox:option"},
    {HOST_ONLY(DHCP(HOST("", "<lease expiry='1'/>"))), VIR_ERR_CONFIG_UNSUPPORTED, "2 minutes"},
    {HOST_ONLY(DHCP(HOST("", "<lease expiry='4294967295' unit='seconds'/>"))),
     VIR_ERR_CONFIG_UNSUPPORTED, "expiry='0'"},
    {HOST_ONLY(DHCP(HOST("", "<lease expiry='9' unit='days'/>"))), VIR_ERR_CONFIG_UNSUPPORTED,
     "host/lease/@unit"},
    {HOST_ONLY(DHCP(HOST("", "<lease unit='hours'/>"))), VIR_ERR_XML_ERROR, "expiry"},
    {HOST_ONLY(DHCP(HOST("", "<lease expiry='9'/><vbox:lease default='9'/>"))), VIR_ERR_XML_ERROR,
     "give one"},
    {HOST_ONLY(DHCP("<vbox:guest/>")), VIR_ERR_XML_ERROR, "machine and slot"},
    {HOST_ONLY(DHCP("<vbox:guest mac='08:00:27:00:00:01' machine='" UUID_TEXT "' slot='0'/>")),
     VIR_ERR_XML_ERROR, "machine and slot"},
    {HOST_ONLY(DHCP("<vbox:guest machine='" UUID_TEXT "'/>")), VIR_ERR_XML_ERROR,
     "machine and slot"},
    {HOST_ONLY(DHCP("<vbox:guest machine='" UUID_TEXT "' slot='1'/><vbox:guest machine='" UUID_TEXT
                    "' slot='1'/>")),
     VIR_ERR_XML_ERROR, "twice"},
    {HOST_ONLY(DHCP("<vbox:group name=''/>")), VIR_ERR_XML_ERROR, "vbox:group/@name"},
    {HOST_ONLY(DHCP("<vbox:group name='a'/><vbox:group name='a'/>")), VIR_ERR_XML_ERROR,
     "two groups"},
    {HOST_ONLY(DHCP("<vbox:group name='a'><vbox:condition type='x' value=''/></vbox:group>")),
     VIR_ERR_CONFIG_UNSUPPORTED, "vbox:group/vbox:condition/@type"},
    {HOST_ONLY(LAN("address='10.0.0.2'", RANGE) IP "</ip>"), VIR_ERR_CONFIG_UNSUPPORTED,
     "has its <dhcp> there"},
    {HOST_ONLY(
         "<forward mode='bridge'><interface dev='e'/></forward>" LAN("address='10.0.0.2'", RANGE)),
     VIR_ERR_CONFIG_UNSUPPORTED, "/network/vbox:dhcp"},
    {HOST_ONLY(LAN("", RANGE)), VIR_ERR_XML_ERROR, "/network/vbox:dhcp/@address"},
    {HOST_ONLY(LAN("address='10.0.0.2'", "")), VIR_ERR_XML_ERROR,
     "/network/vbox:dhcp/range/@start"},
    {HOST_ONLY(LAN("address='10.0.0.2' prefix='31'", RANGE)), VIR_ERR_XML_ERROR,
     "/network/vbox:dhcp/@prefix"},
    {HOST_ONLY(LAN("address='10.9.0.2' prefix='24'", RANGE)), VIR_ERR_INTERNAL_ERROR,
     "not entirely within"},
    {HOST_ONLY(LAN("address='10.0.0.2'", RANGE "<bootp file='x'/>")), VIR_ERR_CONFIG_UNSUPPORTED,
     "/network/vbox:dhcp/bootp"},
    {HOST_ONLY(LAN("address='10.0.0.2'", RANGE) LAN("address='10.0.0.3'", RANGE)),
     VIR_ERR_CONFIG_UNSUPPORTED, "at most 1"},
    {HOST_ONLY(IP "</ip><ip family='ipv6' address='fd00::1' prefix='64'><dhcp><range "
                  "start='fd00::5' end='fd00::9'/></dhcp></ip>"),
     VIR_ERR_CONFIG_UNSUPPORTED, "IPv4 only"},
};

static void test_refused(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *bridge = NULL;
        g_autoptr(Network) network = read_new(refusals[i].xml, &bridge, &error);
        if (network != NULL || error->code != (gint)refusals[i].code ||
            strstr(error->message, refusals[i].part) == NULL)
            g_error("%s: %d %s", refusals[i].xml, error != NULL ? error->code : 0,
                    error != NULL ? error->message : "accepted");
    }
}

static void test_long_name(void)
{
    g_autofree char *longest = g_strnfill(127, 'x');
    g_autofree char *good = g_strdup_printf("<network><name>%s</name></network>", longest);
    g_autofree char *bad = g_strdup_printf("<network><name>%sx</name></network>", longest);
    g_autoptr(Network) network = parse(good);
    g_autoptr(GError) error = NULL;
    g_autofree char *bridge = NULL;
    g_assert_null(read_new(bad, &bridge, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_CONFIG_UNSUPPORTED);
    g_assert_cmpstr(network->name, ==, longest);
}

static void test_bridge(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bridge = NULL;
    g_autoptr(Network) G_GNUC_UNUSED network = read_new(full, &bridge, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(bridge, ==, "vboxnet4");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/document/internal", test_internal);
    g_test_add_func("/document/host-only", test_host_only);
    g_test_add_func("/document/metadata", test_metadata);
    g_test_add_func("/document/prefixes", test_prefixes);
    g_test_add_func("/document/leases", test_leases);
    g_test_add_func("/document/boot", test_boot);
    g_test_add_func("/document/refused", test_refused);
    g_test_add_func("/document/long-name", test_long_name);
    g_test_add_func("/document/bridge", test_bridge);
    return g_test_run();
}
