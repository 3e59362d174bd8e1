# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random networks: what is defined is dumped, the dump means the same, and nothing is left."""
import ipaddress
import random
import xml.etree.ElementTree as ElementTree

import pytest

SEED = 20261122
ROUNDS = 40  # of each kind
RANGES = [ipaddress.ip_network(text) for text in ('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')]


def internal(dice, index):
    """XML of an internal network."""
    name = ''.join(dice.choice('abc äß<&"\'-_.;=[]%') for _ in range(dice.randint(1, 30)))
    name = f'{name.strip()}{index}'.replace('&', '&amp;').replace('<', '&lt;')
    parts = ['', f"<title>t{dice.random()}</title>", f"<domain name='d{index}.example'/>",
             f"<metadata><a:b xmlns:a='urn:{index}'>{dice.random()}</a:b></metadata>"]
    return f'<network><name>{name}</name>{"".join(dice.sample(parts, 2))}</network>'


def host_only(dice, index):
    """XML of a host-only network."""
    prefix = dice.randint(16, 28)
    network = dice.choice(list(dice.choice(RANGES).subnets(new_prefix=16)))
    network = ipaddress.ip_network((dice.choice(list(network)), prefix), strict=False)
    first, last = int(network[1]), int(network[-2])
    numbers = sorted(dice.sample(range(first, last + 1), 6))
    address, low, high, *hosts = [ipaddress.ip_address(number) for number in numbers]
    mask = dice.choice([f"prefix='{prefix}'", f"netmask='{network.netmask}'"])
    dhcp = ''
    if dice.random() < 0.7:
        entries = ''.join(f"<host mac='08:00:27:{dice.randint(0, 255):02x}:00:0{i}' ip='{host}'"
                          + dice.choice(['', f" name='h{i}'"]) + '/>'
                          for i, host in enumerate(hosts[:dice.randint(0, 3)]))
        dhcp = f"<dhcp><range start='{low}' end='{high}'/>{entries}</dhcp>"
    six = dice.choice(['', f"<ip family='ipv6' address='fd00:{index + 1:x}::1' prefix='64'/>"])
    return f"<network><name>n{index}</name><ip address='{address}' {mask}>{dhcp}</ip>{six}</network>"


def nat(dice, index):
    """XML of a NAT network."""
    prefix = dice.randint(16, 28)
    network = dice.choice(list(dice.choice(RANGES).subnets(new_prefix=16)))
    network = ipaddress.ip_network((network[0], prefix), strict=False)
    first = int(network[1])
    numbers = sorted(dice.sample(range(first + 3, int(network[-2]) + 1), 5))
    low, high, *hosts = [ipaddress.ip_address(number) for number in numbers]
    dhcp = ''
    if dice.random() < 0.7:
        entries = ''.join(f"<host mac='08:00:27:{dice.randint(0, 255):02x}:00:0{i}' ip='{host}'/>"
                          for i, host in enumerate(hosts[:dice.randint(0, 3)]))
        dhcp = f"<dhcp><range start='{low}' end='{high}'/>{entries}</dhcp>"
    rules = ''.join(
        f"<vbox:portForward name='r{i}{dice.choice(['', ' : x', 'ä'])}' proto='{dice.choice(['tcp', 'udp'])}'"
        + dice.choice(['', " hostip='127.0.0.1'"])
        + f" hostport='{dice.randint(1, 65535)}' guestip='{low}' guestport='{dice.randint(1, 65535)}'/>"
        for i in range(dice.randint(0, 3)))
    loopback = dice.choice(['', "<vbox:loopback address='127.0.0.1' offset='7'/><vbox:loopback address='127.0.0.2' offset='8'/>"])
    six = dice.choice(['', f"<ip family='ipv6' address='fd00:{index + 1:x}::1' prefix='64'/>"])
    return (f"<network xmlns:vbox='urn:vboxvirt:1'><name>n{index}</name><forward mode='nat'/>"
            f"<ip address='{network[1]}' prefix='{prefix}'>{dhcp}</ip>{six}{rules}{loopback}</network>")


def said(xml):
    """What an XML says, element by element, without what only VirtualBox knows."""
    return sorted((each.tag, (each.text or '').strip(), sorted(each.attrib.items()))
                  for each in ElementTree.fromstring(xml).iter()
                  if each.tag not in ('network', 'uuid', 'bridge', 'mac'))


@pytest.mark.parametrize('make', [internal, host_only, nat])
def test_round_trips(connection, only_networks, make):
    """Each is defined, dumped, defined by its dump, started, stopped and removed."""
    dice = random.Random(SEED)
    for index in range(ROUNDS):
        xml = make(dice, index)
        network = connection.networkDefineXML(xml)
        dump = network.XMLDesc()
        assert said(dump) == said(xml), (xml, dump)
        connection.networkDefineXML(dump)
        network.create()
        assert network.XMLDesc() == dump
        network.destroy()
        assert network.XMLDesc() == dump
        network.undefine()
    assert only_networks.adapters() == {} and only_networks.servers() == {}
    assert only_networks.nat_networks() == {}
