# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changing a domain: at rest, while it runs, and when it starts next (issue 3)."""
import subprocess

import libvirt
import pytest
from lxml import etree

import domains
import settings
import waiting
from commands import environment, machine_facts, virsh, virsh_error, vboxmanage
from domains import fails

LIVE, CONFIG = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG
BOTH = LIVE | CONFIG
NIC = "<interface type='user'><mac address='08:00:27:aa:bb:{}'/><model type='82540EM'/></interface>"
INVALID, UNSUPPORTED = libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_OPERATION_UNSUPPORTED


def inactive(domain):
    """The XML with which it starts next."""
    return domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE)


def macs(xml):
    """The addresses of its network adapters."""
    return [mac.get('address') for mac in etree.fromstring(xml).iter('mac')]


@pytest.fixture
def disc(tmp_path):
    """Makes CD-ROM images."""
    def make(name):
        path = tmp_path / name
        with path.open('wb') as file:
            file.truncate(2048 * 64)
        return path
    return make


@pytest.fixture
def unlocked(machine):
    """The machine again when nobody has it locked."""
    def wait():
        machine.wait_until_off()
        return machine
    return wait


# --- at rest


def test_attach_and_detach(domain, same_settings):
    before = inactive(domain)
    with same_settings():
        domain.attachDeviceFlags(NIC.format('01'), CONFIG)
        domain.attachDeviceFlags(NIC.format('02'))
        assert macs(inactive(domain)) == ['08:00:27:aa:bb:01', '08:00:27:aa:bb:02']
        assert machine_facts(domain.name())['macaddress2'] == '080027AABB02'
        domain.detachDeviceFlags(NIC.format('02'), CONFIG)
        domain.detachDeviceFlags("<interface type='user'><mac address='08:00:27:AA:BB:01'/></interface>")
        assert inactive(domain) == before


def test_attach_at_rest_is_refused_where_it_must_be(domain):
    domain.attachDeviceFlags(NIC.format('01'))
    with settings.Unchanged():
        with fails(INVALID, containing='not running'):
            domain.attachDevice(NIC.format('02'))
        with fails(INVALID, containing='not running'):
            domain.attachDeviceFlags(NIC.format('02'), LIVE)
        with fails(INVALID, containing='already'):
            domain.attachDeviceFlags(NIC.format('01'))
        with fails(libvirt.VIR_ERR_DEVICE_MISSING):
            domain.detachDeviceFlags(NIC.format('07'))
        with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='/vlan'):
            domain.attachDeviceFlags("<interface type='user'><vlan/></interface>")
        with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='nonsense'):
            domain.attachDeviceFlags('<nonsense/>')
        with fails(libvirt.VIR_ERR_XML_DETAIL):
            domain.attachDeviceFlags('<interface')


def test_update_at_rest(domain):
    domain.attachDeviceFlags(NIC.format('01'))
    domain.updateDeviceFlags(NIC.format('01').replace('82540EM', 'virtio'))
    assert machine_facts(domain.name())['nictype1'] == 'virtio'
    with fails(libvirt.VIR_ERR_DEVICE_MISSING):
        domain.updateDeviceFlags(NIC.format('02'))


def test_detach_by_alias(domain):
    nic = NIC.format('01').replace('<model', "<alias name='ua-first'/><model")
    domain.attachDeviceFlags(nic)
    with fails(libvirt.VIR_ERR_DEVICE_MISSING, containing='ua-other'):
        domain.detachDeviceAlias('ua-other')
    domain.detachDeviceAlias('ua-first')
    assert macs(inactive(domain)) == []


def test_virsh_at_rest(domain, tmp_path):
    name, image = domain.name(), tmp_path / 'disk.vdi'
    vboxmanage('createmedium', 'disk', '--filename', image, '--size', '4')
    vboxmanage('closemedium', 'disk', image)
    virsh('attach-disk', name, image, 'sda', '--targetbus', 'sata', '--config')
    virsh('attach-interface', name, 'bridge', 'eth0', '--mac', '08:00:27:00:00:09', '--config')
    assert machine_facts(name)['macaddress1'] == '080027000009'
    assert str(image) in virsh('domblklist', name)
    virsh('detach-disk', name, 'sda', '--config')
    virsh('detach-interface', name, 'bridge', '--mac', '08:00:27:00:00:09', '--config')
    assert str(image) not in virsh('domblklist', name)
    assert macs(inactive(domain)) == []


def test_memory_and_processors_at_rest(domain):
    name = domain.name()
    virsh('setmaxmem', name, '64M', '--config')
    virsh('setmem', name, '32M', '--config')
    assert domain.maxMemory() == 64 * 1024
    assert machine_facts(name)['GuestMemoryBalloon'] == '32'
    virsh('setmaxmem', name, '24M')
    root = etree.fromstring(inactive(domain))
    assert (root.findtext('memory'), root.findtext('currentMemory')) == ('24576', '24576')
    with fails(libvirt.VIR_ERR_INVALID_ARG):
        domain.setMemoryFlags(48 * 1024, CONFIG)
    virsh('setvcpus', name, '3', '--maximum', '--config')
    assert machine_facts(name)['cpus'] == '3'
    with fails(libvirt.VIR_ERR_INVALID_ARG):
        domain.setVcpusFlags(4, CONFIG)


def test_rename(domain, machine, machines):
    other = machines.make()
    with settings.Unchanged():
        with fails(INVALID, containing='already exists'):
            domain.rename(other.name)
        with fails(libvirt.VIR_ERR_XML_ERROR):
            domain.rename('a/b')
    new = machine.name + ' äöü'
    virsh('domrename', machine.name, new)
    assert domain.connect().lookupByUUIDString(machine.uuid).name() == new
    assert machine_facts(machine.uuid)['name'] == new


def test_metadata(domain, running_or_not):
    name = domain.name()
    virsh('desc', name, 'more words', *running_or_not)
    virsh('desc', name, '--title', 'a title', *running_or_not)
    assert virsh('desc', name).strip() == 'more words'
    assert virsh('desc', name, '--title').strip() == 'a title'
    assert machine_facts(name)['description'] == 'more words'
    uri = 'https://example.org/app'
    with fails(libvirt.VIR_ERR_NO_DOMAIN_METADATA):
        domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, uri)
    virsh('metadata', name, uri, '--key', 'app', '--set', "<data a='1'><b>c</b></data>",
          *running_or_not)
    element = etree.fromstring(domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, uri))
    assert (element.tag, element.get('a'), element.findtext('b')) == ('data', '1', 'c')
    found = etree.fromstring(domain.XMLDesc()).find(f'metadata/{{{uri}}}data/{{{uri}}}b')
    assert found is not None
    assert found.prefix == 'app'
    virsh('metadata', name, uri, '--remove', *running_or_not)
    assert '<metadata>' not in domain.XMLDesc()
    virsh('desc', name, '', *running_or_not)
    with fails(libvirt.VIR_ERR_NO_DOMAIN_METADATA):
        domain.metadata(libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, None)


@pytest.fixture(params=['at rest', 'running'])
def running_or_not(request):
    """The options of virsh that fit: --config, or --live --config."""
    if request.param == 'running':
        request.getfixturevalue('running')
        return ['--live', '--config']
    return ['--config']


@pytest.fixture
def same_settings():
    """A block after which VirtualBox's settings are as before; what we keep is no setting."""
    def files():
        return {path: [line for line in text.splitlines() if 'vboxvirt/domain' not in line]
                for path, text in settings.files().items() if not path.endswith('-prev')}

    class Same:
        """Compares at its end."""
        def __enter__(self):
            self.before = files()

        def __exit__(self, kind, *_):
            if kind is None:
                assert files() == self.before
    return Same


# --- while it runs


def test_link_goes_down_and_up(machine, domain, unlocked):
    domain.attachDeviceFlags(NIC.format('01'))
    domain.create()
    virsh('domif-setlink', machine.name, '08:00:27:aa:bb:01', 'down')
    assert machine_facts(machine.name)['cableconnected1'] == 'off'
    assert 'down' in virsh('domif-getlink', machine.name, '08:00:27:aa:bb:01')
    assert 'up' in virsh('domif-getlink', machine.name, '08:00:27:aa:bb:01', '--config')
    domain.destroy()
    unlocked()
    assert 'up' in virsh('domif-getlink', machine.name, '08:00:27:aa:bb:01')
    domain.create()
    assert machine_facts(machine.name)['cableconnected1'] == 'on'


def test_another_network(machine, domain):
    domain.attachDeviceFlags(NIC.format('01'))
    domain.create()
    nic = NIC.format('01').replace("type='user'>", "type='internal'><source name='lab'/>", 1)
    domain.updateDeviceFlags(nic, BOTH)
    assert machine_facts(machine.name)['intnet1'] == 'lab'
    assert domain.isUpdated() == 0
    assert "network='lab'" in inactive(domain)


def test_what_cannot_change_now(machine, running):
    before = inactive(running)
    serial = etree.tostring(etree.fromstring(before).find('devices/serial'), encoding='unicode')
    with settings.Unchanged():
        for flags in (LIVE, BOTH):
            with fails(UNSUPPORTED, containing='--config'):
                running.attachDeviceFlags(NIC.format('01'), flags)
            with fails(UNSUPPORTED, containing='--config'):
                running.setMemoryFlags(8192, flags | libvirt.VIR_DOMAIN_MEM_MAXIMUM)
            with fails(UNSUPPORTED, containing='--config'):
                running.detachDeviceFlags(serial, flags)
        assert inactive(running) == before
    assert machine.state() == 'running'


def test_config_of_what_runs(machine, running, unlocked):
    live = running.XMLDesc()
    running.attachDeviceFlags(NIC.format('01'), CONFIG)
    running.setVcpusFlags(2, CONFIG | libvirt.VIR_DOMAIN_VCPU_MAXIMUM)
    assert running.XMLDesc() == live
    assert macs(inactive(running)) == ['08:00:27:aa:bb:01']
    assert running.isUpdated() == 1
    running.detachDeviceFlags(NIC.format('01'), CONFIG)
    running.setVcpusFlags(1, CONFIG | libvirt.VIR_DOMAIN_VCPU_MAXIMUM)
    assert running.isUpdated() == 0
    running.attachDeviceFlags(NIC.format('02'), CONFIG)
    planned = inactive(running)
    running.destroy()
    unlocked()
    assert inactive(running) == running.XMLDesc() == planned
    running.create()
    assert machine_facts(machine.name)['macaddress1'] == '080027AABB02'
    assert running.isUpdated() == 0


def test_define_over_what_runs(machine, running, connection, unlocked):
    connection.defineXML(inactive(running))
    assert running.isUpdated() == 0
    wanted = inactive(running).replace('16384', '32768')
    connection.defineXML(wanted)
    assert running.maxMemory() == 16384
    assert '32768' in inactive(running)
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED):
        connection.defineXML(wanted.replace('32768', '999999999999'))
    assert '32768' in inactive(running)
    running.destroy()
    unlocked()
    running.create()
    assert machine_facts(machine.name)['memory'] == '32'


def test_define_over_a_saved_state(machine, running, connection, unlocked):
    machine.save()
    unlocked()
    connection.defineXML(inactive(running).replace('16384', '32768'))
    assert '32768' in running.XMLDesc()
    assert machine_facts(machine.name)['memory'] == '16'
    running.create()
    assert machine_facts(machine.name)['memory'] == '16'
    running.destroy()
    unlocked()
    running.create()
    assert machine_facts(machine.name)['memory'] == '32'


def test_a_definition_makes_it_persistent(machines, connection):
    machine = machines.make()
    xml = connection.lookupByName(machine.name).XMLDesc()
    connection.lookupByName(machine.name).undefine()
    domain = connection.createXML(xml)
    assert domain.isPersistent() == 0
    with fails(INVALID, containing='transient'):
        domain.attachDeviceFlags(NIC.format('01'), CONFIG)
    assert connection.defineXML(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)).isPersistent() == 1
    domain.destroy()
    assert domain.isActive() == 0


def test_running_once_by_another_definition(machine, domain, connection, unlocked):
    before = inactive(domain)
    connection.createXML(before.replace('16384', '32768'))
    assert domain.maxMemory() == 32768
    assert domain.isPersistent() == 1
    assert inactive(domain) == before
    with fails(INVALID, containing='already active'):
        connection.createXML(before)
    domain.destroy()
    unlocked()
    assert inactive(domain) == before
    domain.create()
    assert machine_facts(machine.name)['memory'] == '16'


def test_a_definition_is_not_lost_with_a_failed_start(machine, domain, connection, tmp_path):
    before = inactive(domain)
    elsewhere = f"<serial type='file'><source path='{tmp_path}/no/such/folder'/>" \
                "<target port='1'/></serial>"
    bad = before.replace('16384', '32768').replace('</devices>', elsewhere + '</devices>')
    with fails(libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_ERR_OPERATION_FAILED):
        connection.createXML(bad)
    assert inactive(domain) == before
    assert machine_facts(machine.name)['memory'] == '16'


def test_next_is_so_when_destroy_returns(connection, machine, running):
    """A definition that follows at once is the last word."""
    xml = running.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    connection.defineXML(xml.replace('16384', '24576'))
    running.destroy()
    assert machine_facts(machine.name)['memory'] == '24'
    connection.defineXML(xml)
    assert machine_facts(machine.name)['memory'] == '16'


def test_next_brings_nothing_back(connection, machines):
    """A domain that is undefined as soon as it has stopped has gone."""
    names = [machines.name() for _ in range(6)]
    for name in names:
        domain = connection.defineXML(domains.xml(name, devices=domains.FLOPPY))
        domain.create()
        connection.defineXML(domains.xml(name, domain.UUIDString(), memory=24, devices=domains.FLOPPY))
        vboxmanage('controlvm', name, 'poweroff')
        domain.undefine()
    waiting.never(connection.listAllDomains, 'one came back', 1)


def test_next_outlives_the_engine(machine, running, service, unlocked):
    running.attachDeviceFlags(NIC.format('03'), CONFIG)
    service.kill_engine()
    machine.manage('controlvm', 'poweroff')
    unlocked()
    assert macs(running.XMLDesc()) == ['08:00:27:aa:bb:03']
    running.create()
    assert machine_facts(machine.name)['macaddress1'] == '080027AABB03'


def test_media(machine, domain, disc):
    first, second = disc('first.iso'), disc('second.iso')
    domain.attachDeviceFlags(f"<disk type='file' device='cdrom'><source file='{first}'/>"
                             "<target dev='hdc' bus='ide'/></disk>")
    domain.create()
    name = machine.name
    virsh('change-media', name, 'hdc', '--eject')
    assert str(first) not in virsh('domblklist', name)
    assert str(first) in virsh('domblklist', name, '--inactive')
    virsh('change-media', name, 'hdc', second, '--update', '--live', '--config')
    assert str(second) in virsh('domblklist', name)
    assert str(second) in virsh('domblklist', name, '--inactive')
    virsh('change-media', name, 'hdc', first, '--update', '--force')
    assert str(first) in virsh('domblklist', name)


def test_disk_comes_and_goes(machine, domain, tmp_path):
    image = tmp_path / 'hot.vdi'
    vboxmanage('createmedium', 'disk', '--filename', image, '--size', '4')
    vboxmanage('closemedium', 'disk', image)
    domain.attachDeviceFlags("<controller type='sata' index='0'/>")
    domain.create()
    name = machine.name
    virsh('attach-disk', name, image, 'sdb', '--targetbus', 'sata', '--live')
    assert str(image) in virsh('domblklist', name)
    assert str(image) not in virsh('domblklist', name, '--inactive')
    virsh('detach-disk', name, 'sdb', '--live')
    assert str(image) not in virsh('domblklist', name)
    assert str(image) not in vboxmanage('list', 'hdds')
    assert domain.isUpdated() == 0


def test_shared_folder_comes_and_goes(machine, running, tmp_path):
    folder = f"<filesystem type='mount'><source dir='{tmp_path}'/><target dir='share'/></filesystem>"
    running.attachDeviceFlags(folder, BOTH)
    assert machine_facts(machine.name)['SharedFolderPathMachineMapping1'] == str(tmp_path)
    assert 'share' in inactive(running)
    running.detachDeviceFlags(folder, BOTH)
    assert 'share' not in inactive(running)
    assert 'share' not in running.XMLDesc()


def test_usb_filter_comes_and_goes(machine, domain):
    machine.manage('modifyvm', '--usb-ohci', 'on')
    domain.create()
    running = domain
    device = "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/>" \
             "<product id='0x5678'/></source></hostdev>"
    running.attachDeviceFlags(device, LIVE)
    assert '0x1234' in running.XMLDesc()
    assert '0x1234' not in inactive(running)


def test_balloon(machine, running):
    virsh('setmem', machine.name, '12M', '--live')
    assert machine_facts(machine.name)['GuestMemoryBalloon'] == '4'
    assert running.info()[1:3] == [16384, 12288]
    root = etree.fromstring(inactive(running))
    assert root.findtext('currentMemory') == '16384'


def test_edit_by_hand(machine, running, tmp_path):
    """virsh edit, as a person does it."""
    script = tmp_path / 'editor'
    script.write_text("#!/bin/sh\nsed -i 's/>16384</>32768</' \"$1\"\n", encoding='utf-8')
    script.chmod(0o755)
    said = subprocess.run(['virsh', '-c', 'vbox:///session', 'edit', machine.name], check=True,
                          capture_output=True, text=True,
                          env=environment(EDITOR=str(script))).stdout
    assert 'edited' in said
    assert '32768' in inactive(running)


def test_renaming_what_runs_is_refused(machine, running):
    assert 'active' in virsh_error('domrename', machine.name, 'another')
