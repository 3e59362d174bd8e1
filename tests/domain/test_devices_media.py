# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sound, video, graphics: what a person hears and sees of a machine."""
import socket

import libvirt
import pytest

import commands
import settings
import waiting
from domains import FLOPPY, fails, xml

UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
SECURE = libvirt.VIR_DOMAIN_XML_SECURE


@pytest.fixture
def redefine(connection):
    """Defines a domain anew with other devices."""
    def define(domain, devices):
        return connection.defineXML(xml(domain.name(), uuid=domain.UUIDString(), devices=devices))
    return define


def sound_card(domain):
    """The line of `VBoxManage showvminfo` about the sound card."""
    lines = commands.vboxmanage('showvminfo', domain.UUIDString()).splitlines()
    return next(line for line in lines if line.startswith('Audio:'))


# --- sound -----------------------------------------------------------------------------------

@pytest.mark.parametrize('given, controller, model', [
    ('sb16', 'SB16', 'sb16'), ('ac97', 'AC97', 'ac97'), ('ich6', 'HDA', 'ich6'),
    ('ich9', 'HDA', 'ich6')])
def test_sound_model(defined, stands, facts, given, controller, model):
    domain = defined(xml('a', devices=f"<sound model='{given}'/>"))
    assert f'Controller: {controller}' in sound_card(domain)
    assert (facts(domain)['audio_out'], facts(domain)['audio_in']) == ('on', 'off')
    shown = stands(domain).find('devices/sound')
    assert (shown.get('model'), shown.find('codec').get('type')) == (model, 'output')


def test_sound_directions(defined, redefine, stands, facts):
    domain = defined(xml('a', devices="<sound model='ich6'><codec type='duplex'/></sound>"))
    assert (facts(domain)['audio_out'], facts(domain)['audio_in']) == ('on', 'on')
    assert stands(domain).find('devices/sound/codec').get('type') == 'duplex'
    redefine(domain, "<sound model='ich6'/>")
    assert facts(domain)['audio_in'] == 'on'
    redefine(domain, "<sound model='ich6'><codec type='output'/></sound>")
    assert (facts(domain)['audio_out'], facts(domain)['audio_in']) == ('on', 'off')
    redefine(domain, '')
    assert facts(domain)['audio'] == 'none'
    assert stands(domain).find('devices/sound') is None


@pytest.mark.parametrize('type_, driver', [('none', 'null'), ('alsa', 'alsa'), ('oss', 'oss'),
                                           ('pulseaudio', 'pulse')])
def test_audio(defined, redefine, stands, facts, type_, driver):
    devices = f"<sound model='sb16'><audio id='3'/></sound><audio id='3' type='{type_}'/>"
    domain = defined(xml('a', devices=devices))
    assert facts(domain)['audio'] == driver
    tree = stands(domain)
    assert dict(tree.find('devices/audio').attrib) == {'id': '3', 'type': type_}
    assert tree.find('devices/sound/audio').get('id') == '3'
    redefine(domain, "<sound model='sb16'/>")
    assert facts(domain)['audio'] == 'default'


@pytest.mark.parametrize('words', [
    ('--audio-enabled', 'off'),
    ('--audio-enabled', 'on', '--audio-in', 'on', '--audio-out', 'off'),
    ('--audio-enabled', 'on', '--audio-in', 'off', '--audio-out', 'off'),
    ('--audio-enabled', 'on', '--audio-in', 'on', '--audio-out', 'on', '--audio-driver', 'pulse'),
])
def test_foreign_sound(connection, machines, stands, facts, words):
    machine = machines.make(None, '--audio-controller', 'hda', *words)
    domain = connection.lookupByName(machine.name)
    tree = stands(domain)
    assert (tree.find('devices/sound') is not None) == (words[1] == 'on')
    # what is switched off keeps what it was
    connection.defineXML(domain.XMLDesc(INACTIVE))
    assert 'HDA' in sound_card(domain) or words[1] == 'off'


def test_foreign_audio_driver(connection, machines, stands):
    """Drivers of other systems have no word in libvirt, and stay."""
    machine = machines.make()
    path = machine.folder / f'{machine.name}.vbox'
    machine.manage('unregistervm')
    text = path.read_text(encoding='utf-8')
    path.write_text(text.replace('driver="Null"', 'driver="DirectSound" useDefault="false"'),
                    encoding='utf-8')
    commands.vboxmanage('registervm', path)
    stands(connection.lookupByName(machine.name))


# --- video -----------------------------------------------------------------------------------

@pytest.mark.parametrize('model, controller', [('vga', 'vboxvga'), ('vbox', 'vboxsvga'),
                                               ('vmvga', 'vmsvga'), ('none', 'null')])
def test_video_model(defined, stands, facts, model, controller):
    domain = defined(xml('a', devices=f"<video><model type='{model}'/></video>"))
    assert facts(domain)['graphicscontroller'] == controller
    assert stands(domain).find('devices/video/model').get('type') == model


def test_video(defined, redefine, stands, facts):
    model = "<video><model type='vmvga' vram='20000' heads='3'>" \
            "<acceleration accel3d='yes'/></model></video>"
    domain = defined(xml('a', devices=model))
    said = facts(domain)
    assert (said['vram'], said['monitorcount'], said['accelerate3d']) == ('20', '3', 'on')
    shown = stands(domain).find('devices/video/model')
    assert (shown.get('vram'), shown.find('acceleration').get('accel3d')) == ('20480', 'yes')
    # neither without the element nor without a model in it anything changes
    for devices in ('', '<video/>'):
        redefine(domain, devices)
        assert facts(domain) == said
    redefine(domain, "<video><model type='vga' heads='1'/></video>")
    said = facts(domain)
    assert (said['graphicscontroller'], said['monitorcount']) == ('vboxvga', '1')
    assert said['accelerate3d'] == 'off'
    stands(domain)


def test_foreign_video(connection, machines, stands):
    """What does not start stays what it is."""
    machine = machines.make(None, '--graphicscontroller', 'qemuramfb')
    domain = connection.lookupByName(machine.name)
    assert stands(domain).find('devices/video/model').get('type') == 'ramfb'


def test_other_platforms(connection, unchanged):
    for devices, path in (("<video><model type='ramfb'/></video>", 'video/model/@type'),
                          ("<sound model='virtio'/>", 'sound/@model')):
        with fails(UNSUPPORTED, containing=f'/domain/devices/{path}: VirtualBox has no'):
            connection.defineXML(xml('a', devices=devices))


def test_video_refused(connection, unchanged):
    refused = {
        "<model type='vga' vram='1000000'/>": '/domain/devices/video/model/@vram: Invalid VRAM',
        "<model type='vga' vram='0'/>": '/domain/devices/video/model/@vram: Invalid VRAM',
        "<model type='vga'><acceleration accel3d='yes'/></model>":
            '/domain/devices/video/model/acceleration/@accel3d: The graphics controller does not',
    }
    for model, message in refused.items():
        with fails(*range(1, 100), containing=message):
            connection.defineXML(xml('a', devices=f'<video>{model}</video>'))


# --- graphics --------------------------------------------------------------------------------

def test_vnc(defined, redefine, stands, facts):
    domain = defined(xml('a', devices="<graphics type='vnc' port='5987' passwd='a b'/>"))
    said = facts(domain)
    assert (said['vrde'], said['vrdeports'], said['vrdeaddress']) == ('on', '5987', '127.0.0.1')
    assert 'passwd' not in domain.XMLDesc(INACTIVE)
    shown = stands(domain).find('devices/graphics')
    assert dict(shown.attrib) == {'type': 'vnc', 'port': '5987', 'autoport': 'no',
                                  'listen': '127.0.0.1'}
    assert "passwd='a b'" in domain.XMLDesc(INACTIVE | SECURE)
    # a dump has no password, so that a definition by it must not lose it
    redefine(domain, "<graphics type='vnc' port='5988' listen='0.0.0.0'/>")
    assert "passwd='a b'" in domain.XMLDesc(INACTIVE | SECURE)
    assert (facts(domain)['vrdeports'], facts(domain)['vrdeaddress']) == ('5988', '0.0.0.0')
    redefine(domain, "<graphics type='vnc' port='5988' passwd=''/>")
    assert 'passwd' not in domain.XMLDesc(INACTIVE | SECURE)
    redefine(domain, '')
    assert facts(domain)['vrde'] == 'off'
    assert stands(domain).find('devices/graphics') is None


def test_rdp(defined, redefine, stands, facts):
    """Kept where only the pack for VNC is installed, and forgotten when VNC is asked for."""
    rdp = "<graphics type='rdp' port='3390' multiUser='yes' replaceUser='yes'/>"
    domain = defined(xml('a', devices=rdp))
    said = facts(domain)
    assert (said['vrdeports'], said['vrdemulticon'], said['vrdereusecon']) == ('3390', 'on', 'on')
    shown = stands(domain).find('devices/graphics')
    assert (shown.get('type'), shown.get('multiUser')) == ('rdp', 'yes')
    redefine(domain, "<graphics type='vnc' port='3390'/>")
    assert stands(domain).find('devices/graphics').get('type') == 'vnc'
    redefine(domain, rdp)
    assert stands(domain).find('devices/graphics').get('type') == 'rdp'


def test_windows(defined, redefine, stands, facts):
    for graphics, front_end in (("<graphics type='desktop' display=':3'/>", 'gui'),
                                ("<graphics type='sdl' display=':3' xauth='/x'/>", 'sdl')):
        domain = defined(xml('a' + front_end, devices=graphics))
        assert facts(domain)['defaultfrontend'] == front_end
        assert stands(domain).find('devices/graphics').get('display') == ':3'
        redefine(domain, graphics + "<graphics type='vnc' port='5999'/>")
        assert facts(domain)['vrde'] == 'on'
        assert len(stands(domain).findall('devices/graphics')) == 2
        redefine(domain, '')
        assert facts(domain)['defaultfrontend'] == ''


def test_authentication(defined, redefine, stands):
    auth = "<vbox:auth type='external' timeout='1000' library='VBoxAuthSimple'/>"
    domain = defined(xml('a', devices=f"<graphics type='vnc' port='5999'>{auth}</graphics>"))
    assert 'authType="External"' in settings.of_machine(domain.UUIDString())
    shown = stands(domain).find('devices/graphics/{urn:vboxvirt:1}auth')
    assert dict(shown.attrib) == {'type': 'external', 'timeout': '1000', 'library': 'VBoxAuthSimple'}
    redefine(domain, "<graphics type='vnc' port='5999'/>")
    assert stands(domain).find('devices/graphics/{urn:vboxvirt:1}auth') is None
    assert 'authType' not in settings.of_machine(domain.UUIDString())


@pytest.mark.parametrize('words', [
    ('--vrde', 'on'),
    ('--vrde', 'on', '--vrde-port', '5000,5010-5012', '--vrde-address', '10.1.2.3',
     '--vrde-auth-type', 'external', '--vrde-multi-con', 'on', '--vrde-reuse-con', 'on',
     '--vrde-video-channel', 'on', '--vrde-video-channel-quality', '50'),
    ('--vrde', 'on', '--vrde-extpack', 'VNC', '--vrde-property', 'VNCPassword=secret'),
    ('--vrde', 'off', '--vrde-port', '77'),
    ('--default-frontend', 'headless'), ('--default-frontend', 'gui'),
    ('--default-frontend', 'separate'), ('--default-frontend', 'sdl'),
])
def test_foreign_graphics(connection, machines, stands, words):
    machine = machines.make(None, *words)
    types = [each.get('type') for each in
             stands(connection.lookupByName(machine.name)).iterfind('devices/graphics')]
    expected = {'on': ['vnc'], 'gui': ['desktop'], 'separate': ['desktop'], 'sdl': ['sdl']}
    assert types == expected.get(words[1], [])


def vnc_greeting(port):
    """What a VNC client is told first."""
    with socket.create_connection(('127.0.0.1', port), timeout=waiting.LIMIT) as client:
        return client.recv(12)


def test_autoport(defined, stands):
    """Machines with autoport get different ports, and dump them while they run."""
    domains = [defined(xml(name, devices=FLOPPY + "<graphics type='vnc' port='-1'/>"))
               for name in ('a', 'b')]
    for domain in domains:
        assert "port='-1' autoport='yes'" in domain.XMLDesc()
        stands(domain)
        domain.create()
    ports = [int(commands.virsh('vncdisplay', domain.name()).strip().rpartition(':')[2]) + 5900
             for domain in domains]
    assert len(set(ports)) == 2
    for domain, port in zip(domains, ports):
        assert f"port='{port}' autoport='yes'" in domain.XMLDesc()
        assert "port='-1'" in domain.XMLDesc(INACTIVE)
        assert vnc_greeting(port).startswith(b'RFB ')
    for domain in domains:
        domain.destroy()
        stands(domain)


def test_autoport_of_a_list(machines, connection):
    """A list of ports of the user's own is tried in its order, and stays."""
    machine = machines.make(None, '--vrde', 'on', '--vrde-port', '5990-5992',
                            '--vrde-address', '127.0.0.1')
    domain = connection.lookupByName(machine.name)
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 5990))
        taken.listen()
        domain.create()
        assert "port='5991'" in domain.XMLDesc()
        domain.destroy()
    assert commands.machine_facts(machine.uuid)['vrdeports'] == '5991,5990-5992'
    domain.create()
    assert "port='5990'" in domain.XMLDesc()
    domain.destroy()
    assert commands.machine_facts(machine.uuid)['vrdeports'] == '5990,5990-5992'


def test_no_port_is_free(machines, connection):
    machine = machines.make(None, '--vrde', 'on', '--vrde-port', '5990-5991',
                            '--vrde-address', '127.0.0.1')
    with socket.socket() as first, socket.socket() as second:
        for port, taken in ((5990, first), (5991, second)):
            taken.bind(('127.0.0.1', port))
            taken.listen()
        with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing='no port of 5990-5991 is free'):
            connection.lookupByName(machine.name).create()
    assert machine.state() == 'powered off'
