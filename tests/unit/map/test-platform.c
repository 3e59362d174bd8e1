/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of the machine itself without VirtualBox: what they accept, imply, refuse, and write.
 */
#include "tests/unit/map/writes.h"

#define DOMAIN(inner)                                                                   \
    "<domain type='vbox' xmlns:v='urn:vboxvirt:1'><name>m</name><memory>65536</memory>" \
    "<vcpu>4</vcpu><os><type arch='x86_64'>hvm</type></os>" inner "</domain>"
#define assert_refused(inner, pattern) \
    assert_fails(DOMAIN(inner), VIR_ERR_CONFIG_UNSUPPORTED, "/domain/" pattern)
/* What is written as it is read. */
#define assert_kept(inner) assert_writes(DOMAIN(inner), inner)

static void test_cpu(void)
{
    assert_kept("<cpu mode='host-passthrough' check='none' migratable='on'/>");
    assert_kept("<cpu mode='host-model' check='partial'/>");
    assert_kept("<cpu mode='maximum'><topology sockets='1' dies='1' cores='4' threads='1'/></cpu>");
    assert_kept(
        "<cpu mode='custom' match='exact'><model fallback='allow'>Intel 80386</model></cpu>");
    assert_kept("<cpu mode='host-model'><feature name='vmx' policy='disable'/></cpu>");
    assert_writes(DOMAIN("<cpu mode='host-model'><feature policy='optional' name='x2apic'/></cpu>"),
                  "<feature name='x2apic' policy='require'/>");
    assert_lacks(DOMAIN("<cpu mode='host-model'><feature policy='require' name='apic'/></cpu>"),
                 "feature");
    assert_lacks(DOMAIN("<cpu mode='host-model'><model fallback='allow'/></cpu>"), "</model>");
    assert_refused("<cpu mode='qemu64'/>", "cpu/@mode: *'qemu64'*host-passthrough, *");
    assert_refused("<cpu match='strict'/>", "cpu/@match: *");
    assert_refused("<cpu mode='host-model'><model>Intel 80386</model></cpu>", "cpu/model: *");
    assert_refused("<cpu><topology sockets='1' cores='3' threads='1'/></cpu>", "cpu/topology: *");
    assert_refused("<cpu><topology sockets='4' cores='1' threads='1'/></cpu>", "cpu/topology: *");
    assert_refused("<cpu><feature name='apic' policy='forbid'/><feature name='x2apic' "
                   "policy='force'/></cpu>",
                   "cpu/feature: x2apic needs apic");
    assert_refused("<cpu><feature name='vmx' policy='require'/><feature name='vmx' "
                   "policy='require'/></cpu>",
                   "cpu/feature[2] *");
    assert_refused("<cpu><feature name='avx' policy='require'/></cpu>", "cpu/feature *");
    assert_refused("<cpu><vendor>Intel</vendor></cpu>", "cpu/vendor *");
}

static void test_cputune(void)
{
    assert_kept("<cputune><period>1000000</period><quota>10000</quota></cputune>");
    assert_kept("<cputune><quota>-1</quota></cputune>");
    assert_refused("<cputune><quota>1</quota></cputune>", "cputune/quota: *1 is none");
    assert_refused("<cputune><period>10</period></cputune>", "cputune/period: 10 is not between*");
    assert_refused("<cputune><vcpupin vcpu='0' cpuset='1'/></cputune>", "cputune/vcpupin *");
}

#define VCPU(text)                                                                           \
    "<domain type='vbox' xmlns:v='urn:vboxvirt:1'><name>m</name><memory>65536</memory>" text \
    "<os><type arch='x86_64'>hvm</type></os></domain>"

static void test_processors(void)
{
    assert_writes(VCPU("<vcpu current='1'>2</vcpu>"), "<vcpu current='1'>2</vcpu>");
    assert_writes(VCPU("<vcpu>2</vcpu><v:vcpu hotPlug='yes'/>"), "<vbox:vcpu hotPlug='yes'/>");
    assert_fails(VCPU("<vcpu current='3'>2</vcpu>"), VIR_ERR_XML_ERROR,
                 "/domain/vcpu: maxvcpus must not be less than current vcpus (2 < 3)");
    assert_fails(VCPU("<vcpu cpuset='1'>2</vcpu>"), VIR_ERR_CONFIG_UNSUPPORTED, "*/@cpuset *");
}

static void test_ours(void)
{
    assert_writes(DOMAIN("<v:clipboard mode='hostToGuest'/>"),
                  "<vbox:clipboard mode='hostToGuest'/>");
    assert_writes(DOMAIN("<v:groups>/a,/b/c</v:groups>"), "<vbox:groups>/a,/b/c</vbox:groups>");
    assert_lacks(DOMAIN("<v:clipboard mode='disabled'/><v:HWVirtEx VPID='yes'/>"), "vbox:");
    assert_refused("<clipboard mode='hostToGuest'/>", "clipboard *");
    assert_refused("<v:clipboard mode='both'/>", "vbox:clipboard/@mode: *'both'*hostToGuest*");
    assert_refused("<v:clipboard mood='x'/>", "vbox:clipboard/@mood *");
    assert_refused("<v:cpu GICITS='yes'/>", "vbox:cpu/@GICITS: *'x86_64'*");
    assert_fails(DOMAIN("<v:groups>a</v:groups>"), VIR_ERR_XML_ERROR, "/domain/vbox:groups: *");
}

static void test_features(void)
{
    assert_kept("<features><acpi/><hyperv mode='passthrough'/></features>");
    assert_kept("<features><vmport state='off'/></features>");
    assert_lacks(DOMAIN("<features><hap state='on'/></features>"), "hap");
    assert_refused("<features><vmport/></features>", "features/vmport *state='off'");
    assert_refused("<features><smm state='on'/></features>", "features/smm *");
    assert_refused("<features><kvm/><hyperv mode='passthrough'/></features>", "features: *");
    assert_refused("<features><viridian/></features>", "features/viridian *");
}

static void test_clock(void)
{
    assert_kept("<clock offset='variable' adjustment='-5' basis='localtime'/>");
    assert_writes(DOMAIN("<clock offset='variable'/>"),
                  "<clock offset='variable' adjustment='0' basis='utc'/>");
    assert_kept("<clock offset='utc'><timer name='hpet' present='yes'/></clock>");
    assert_kept("<clock offset='localtime'><timer name='rtc' tickpolicy='catchup'/></clock>");
    assert_refused("<clock offset='utc' adjustment='5'/>", "clock/@adjustment *");
    assert_refused("<clock offset='utc'><timer name='hpet' tickpolicy='delay'/></clock>",
                   "clock/timer/@tickpolicy *");
    assert_refused("<clock offset='utc'><timer name='odd'/></clock>", "clock/timer *");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/platform/cpu", test_cpu);
    g_test_add_func("/platform/cputune", test_cputune);
    g_test_add_func("/platform/processors", test_processors);
    g_test_add_func("/platform/features", test_features);
    g_test_add_func("/platform/clock", test_clock);
    g_test_add_func("/platform/ours", test_ours);
    return g_test_run();
}
