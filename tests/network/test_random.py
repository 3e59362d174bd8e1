# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random networks: what is defined is dumped, the dump means the same, and nothing is left."""
import ipaddress
import random
import xml.etree.ElementTree as ElementTree

import pytest

SEED = 20261122
CHUNKS, ROUNDS = 2, 26  # of each kind: 208 networks in all
STARTED = 5  # each of these many is started and stopped as well
RANGES = [ipaddress.ip_network(text) for text in ('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')]
# What VirtualBox takes for some options: each kind of value that it knows.
OPTIONS = {2: '-3600', 5: '10.0.0.1', 9: '10.0.0.1 10.0.0.2', 13: '7', 14: 'a &amp; b', 17: '/x y', 19: 'true',
           21: '10.0.0.0/8 172.16.0.0/12', 23: '64', 26: '1400', 42: '10.0.0.3,10.0.0.4', 44: '10.0.0.5', 46: '8'}
BYTES = {43: '01:02:ff', 119: '00', 121: '18:0a:00:00', 252: '68:74:74:70', 254: 'ff'}


def words(dice, index):
    """Parts of a network that VirtualBox has no field for."""
    parts = ['', f'<title>t{dice.random()}</title>', '<description>a\nb</description>', f"<domain name='d{index}.example'/>",
             f"<metadata><a:b xmlns:a='urn:{index}'>{dice.random()}</a:b></metadata>"]
    return ''.join(dice.sample(parts, 2))


def name_of(dice, index):
    """A name of any letters."""
    name = ''.join(dice.choice('abc äß<&"\'-_.;=[]%') for _ in range(dice.randint(1, 30)))
    return f'{name.strip()}{index}'.replace('&', '&amp;').replace('<', '&lt;')


def settings(dice, range_lease):
    """Leases and options of one configuration; a lease is in its greatest unit, as a dump says it."""
    unit, most = dice.choice([('seconds', 59), ('minutes', 59), ('hours', 999)])
    expiry = f"expiry='{dice.randint(2, most)}' unit='{unit}'" if unit != 'seconds' else "expiry='121' unit='seconds'"
    lease = dice.choice(['', '<lease expiry=\'0\'/>', f'<lease {expiry}/>'])
    ours = dice.choice(['', f"<vbox:lease min='{dice.randint(1, 9)}' max='{dice.randint(10000000, 99999999)}'/>"])
    options = ''.join(
        f"<vbox:option number='{number}' value='{OPTIONS[number]}'" + dice.choice(['', " send='always'"]) + '/>'
        for number in sorted(dice.sample(list(OPTIONS), dice.randint(0, 3))))
    options += ''.join(f"<vbox:option number='{number}' value='{BYTES[number]}' encoding='hex'/>"
                       for number in sorted(dice.sample(list(BYTES), dice.randint(0, 2))))
    if dice.random() < 0.2:
        options += "<vbox:option number='28' send='never'/>"
    return (lease, ours + options) if range_lease else lease + ours + options


def guest(dice, number, address):
    """What is said of one guest."""
    mac, name = f"mac='08:00:27:{dice.randint(0, 255):02x}:00:{number:02x}'", dice.choice(['', f" name='h{number}'"])
    machine = f"machine='11111111-2222-3333-4444-{dice.randint(0, 10 ** 12 - 1):012d}' slot='{dice.randint(0, 7)}'"
    kind, who = dice.choice([('host', f"{mac} ip='{address}'"), ('vbox:guest', mac), ('vbox:guest', machine),
                             ('vbox:guest', f"{machine} ip='{address}'")])
    return f'<{kind} {who}{name}>{settings(dice, False)}</{kind}>'


def dhcp(dice, low, high, hosts):
    """What stands in a <dhcp>."""
    lease, rest = settings(dice, True)
    boot = dice.choice(['', f"<bootp file='f{dice.random()}' server='10.0.0.9'/>"])
    guests = ''.join(guest(dice, number, host) for number, host in enumerate(hosts))
    groups = ''.join(
        f"<vbox:group name='g &amp; {number}'><vbox:condition type='MACWildcard' value='08:00:27:*'/>"
        f"<vbox:condition type='MAC' value='08:00:27:00:00:0{number}' inclusive='no'/>{settings(dice, False)}</vbox:group>"
        for number in range(dice.choice([0, 0, 0, 2])))
    return f"<range start='{low}' end='{high}'>{lease}</range>{boot}{rest}{guests}{groups}"


def network_of(dice, reserved):
    """A network, and addresses in it that are in order: the first for itself, a range's ends, and for hosts."""
    prefix = dice.randint(16, 28)
    network = dice.choice(list(dice.choice(RANGES).subnets(new_prefix=16)))
    network = ipaddress.ip_network((dice.choice(list(network)), prefix), strict=False)
    numbers = sorted(dice.sample(range(int(network[1]) + reserved, int(network[-2]) + 1), 6))
    own, low, high, *hosts = [ipaddress.ip_address(number) for number in numbers]
    mask = dice.choice([f"prefix='{prefix}'", f"netmask='{network.netmask}'"])
    return network[1] if reserved else own, low, high, hosts[:dice.randint(0, 3)], mask


def with_ip(dice, index, forward, reserved, more):
    """A network that has an <ip>; GUEST in more is an address of it."""
    own, low, high, hosts, mask = network_of(dice, reserved)
    inner = f'<dhcp>{dhcp(dice, low, high, hosts)}</dhcp>' if dice.random() < 0.7 else ''
    six = dice.choice(['', f"<ip family='ipv6' address='fd00:{index + 1:x}::1' prefix='64'/>"])
    return f"<name>n{index}</name>{forward}<ip address='{own}' {mask}>{inner}</ip>{six}{more.replace('GUEST', str(low))}"


def internal(dice, index):
    """What stands in an internal network."""
    own, low, high, hosts, mask = network_of(dice, 0)
    server = f"<vbox:dhcp address='{own}' {mask}>{dhcp(dice, low, high, hosts)}</vbox:dhcp>"
    return f"<name>{name_of(dice, index)}</name>{words(dice, index)}{dice.choice(['', server])}"


def bridged(dice, index):
    """What stands in a bridged network."""
    return (f"<name>{name_of(dice, index)}</name>{words(dice, index)}"
            "<forward mode='bridge'><interface dev='eth0'/></forward>")


def host_only(dice, index):
    """What stands in a host-only network."""
    return with_ip(dice, index, '', 0, '')


def nat(dice, index):
    """What stands in a NAT network."""
    rules = ''.join(
        f"<vbox:portForward name='r{i}{dice.choice(['', ' , x', 'ä'])}' proto='{dice.choice(['tcp', 'udp'])}'"
        + dice.choice(['', " hostip='127.0.0.1'"])
        + f" hostport='{dice.randint(1, 65535)}' guestip='GUEST' guestport='{dice.randint(1, 65535)}'/>"
        for i in range(dice.randint(0, 3)))
    loopback = dice.choice(['', "<vbox:loopback address='127.0.0.1' offset='7'/>"
                                "<vbox:loopback address='127.0.0.2' offset='8'/>"])
    return with_ip(dice, index, "<forward mode='nat'/>", 3, rules + loopback)


def said(xml):
    """What an XML says, element by element, without what only VirtualBox knows."""
    return sorted((each.tag, (each.text or '').strip(), sorted(each.attrib.items()))
                  for each in ElementTree.fromstring(xml).iter()
                  if each.tag not in ('network', 'uuid', 'bridge', 'mac'))


@pytest.mark.parametrize('chunk', range(CHUNKS))
@pytest.mark.parametrize('make', [internal, host_only, nat, bridged])
def test_round_trips(connection, only_networks, make, chunk):
    """Each is defined, dumped, defined by its dump, and removed; some are started and stopped."""
    dice = random.Random(f'{SEED} {chunk}')
    for index in range(ROUNDS):
        xml = f"<network xmlns:vbox='urn:vboxvirt:1'>{make(dice, index)}</network>"
        network = connection.networkDefineXML(xml)
        dump = network.XMLDesc()
        assert said(dump) == said(xml), (xml, dump)
        connection.networkDefineXML(dump)
        assert network.XMLDesc() == dump
        if index % STARTED == chunk:
            network.create()
            assert network.XMLDesc() == dump
            network.destroy()
            assert network.XMLDesc() == dump
        network.undefine()
    assert only_networks.adapters() == {} and only_networks.servers() == {}
    assert only_networks.nat_networks() == {}
