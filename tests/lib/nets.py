# SPDX-License-Identifier: LGPL-2.1-or-later
"""Networks for tests: XML, and VirtualBox's side of them by VBoxManage and ip(8)."""
import glob
import json
import re
import signal

import libvirt

import commands
import settings
from commands import vboxmanage
from domains import fails

VBOX = 'urn:vboxvirt:1'
INTERNAL = '<network><name>{name}</name>{more}</network>'
HOST_ONLY = ("<network><name>{name}</name>{more}<ip address='{address}' netmask='255.255.255.0'>"
             '{dhcp}</ip></network>')
DHCP = "<dhcp><range start='192.168.56.100' end='192.168.56.200'/></dhcp>"


def listing(*words):
    """What VBoxManage lists; it crashes now and then when it has listed it (7.2.22, one in 1000)."""
    for _ in range(3):
        result = commands.vboxmanage_run(*words, check=False)
        if result.returncode != -signal.SIGSEGV:
            break
    assert result.returncode == 0, result
    return result.stdout


class Networks:
    """VirtualBox's side of networks, by VBoxManage and the host."""

    @staticmethod
    def internal(name='lan', more=''):
        """XML of an internal network."""
        return INTERNAL.format(name=name, more=more)

    @staticmethod
    def host_only(name='ho', address='192.168.56.1', more='', dhcp=''):
        """XML of a host-only network."""
        return HOST_ONLY.format(name=name, address=address, more=more, dhcp=dhcp)

    @staticmethod
    def nat(name='out', address='192.168.130.1', more='', dhcp=''):
        """XML of a NAT network; more may have vbox: elements."""
        return (f"<network xmlns:vbox='{VBOX}'><name>{name}</name><forward mode='nat'/>"
                f"<ip address='{address}' netmask='255.255.255.0'>{dhcp}</ip>{more}</network>")

    @staticmethod
    def bridged(name='lan', interface='eth0'):
        """XML of a bridged network."""
        return (f"<network><name>{name}</name><forward mode='bridge'><interface dev='{interface}'/>"
                '</forward></network>')

    dhcp = DHCP

    @staticmethod
    def nat_networks():
        """VirtualBox's NAT networks: name → what VBoxManage says of each."""
        blocks = re.split(r'\n(?=Name: )', listing('natnetwork', 'list'))
        return {re.search(r'Name: +(.*)', block)[1]: block for block in blocks if 'Name:' in block}

    @staticmethod
    def adapters():
        """Host-only adapters: name → dict of what VBoxManage says."""
        found = {}
        for block in listing('list', 'hostonlyifs').split('\n\n'):
            facts = dict(re.findall(r'^(\w+): +(.*)$', block, re.MULTILINE))
            if facts:
                found[facts['Name']] = facts
        return found

    @staticmethod
    def servers():
        """DHCP servers: the network's name → dict of what VBoxManage says, the text as 'all'."""
        found = {}
        for block in re.split(r'\n(?=NetworkName:)', listing('list', 'dhcpservers')):
            facts = dict(re.findall(r'^([\w ]+?): +(.*)$', block, re.MULTILINE))
            if 'NetworkName' in facts:
                found[facts['NetworkName']] = {**facts, 'all': block}
        return found

    @staticmethod
    def addresses(interface):
        """The addresses that an interface of the host has, without the kernel's own; None: no such one."""
        result = commands.run('ip', '-j', 'address', 'show', 'dev', interface, check=False)
        if result.returncode != 0:
            return None
        return {f'{each["local"]}/{each["prefixlen"]}'
                for entry in json.loads(result.stdout) for each in entry.get('addr_info', ())
                if each['scope'] == 'global'}

    @staticmethod
    def keys():
        """Our keys, and those of adapters, in VirtualBox's extra data."""
        return settings.keys('vboxvirt/network/', 'HostOnly/')

    def remove_all(self):
        """Leaves neither adapters nor DHCP servers nor keys, without asking the daemon."""
        for name in glob.glob('vboxnet*', root_dir='/sys/class/net'):
            vboxmanage('hostonlyif', 'remove', name)
        for name in settings.known('NetserviceRegistry/DHCPServers/DHCPServer', 'networkName'):
            vboxmanage('dhcpserver', 'remove', f'--network={name}')
        for name in settings.known('NetserviceRegistry/NATNetworks/NATNetwork', 'networkName'):
            vboxmanage('natnetwork', 'remove', '--netname', name)
        for key in self.keys():
            vboxmanage('setextradata', 'global', key)


def refused(code, part=''):
    """The block must fail with VIR_ERR_<code>, and the message must contain the part."""
    return fails(getattr(libvirt, f'VIR_ERR_{code}'), containing=part)
