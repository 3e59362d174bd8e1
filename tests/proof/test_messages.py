# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a user reads when a machine cannot do what is asked: what is wrong and what to do, not VirtualBox's own words."""
import os
import pathlib

import libvirt
import pytest

import commands
import waiting
from domains import FLOPPY, fails, xml

INVALID = libvirt.VIR_ERR_OPERATION_INVALID
FAILED = libvirt.VIR_ERR_OPERATION_FAILED


@pytest.mark.parametrize('call', ['reset', 'shutdown', 'reboot'])
def test_paused(running, call):
    running.suspend()
    with fails(INVALID, containing='domain is paused: resume it first'):
        getattr(running, call)()
    running.resume()


def test_no_power_button(connection, machines):
    """A domain without ACPI; and no reboot is left over that starts it again."""
    domain = connection.defineXML(xml('a', devices=FLOPPY))
    domain.create()
    for call in (domain.shutdown, domain.reboot):
        with fails(INVALID, containing='defined without <features><acpi/></features>'):
            call()
    domain.destroy()
    assert domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF


def test_no_guest_agent(running, machine):
    """Where libvirt's clients name both ways, there is one."""
    for call, agent in ((running.shutdownFlags, libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT),
                        (running.reboot, libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT)):
        with fails(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, containing='no QEMU guest agent'):
            call(agent)
    running.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT | libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)
    machine.guest.wait_for('PWRBTN')


@pytest.mark.parametrize('flags', [0, libvirt.VIR_DOMAIN_START_PAUSED])
def test_window_without_its_program(connection, machines, flags):
    """The test bed has no VirtualBoxVM."""
    domain = connection.defineXML(xml('a', devices=FLOPPY + "<graphics type='desktop'/>"))
    with fails(FAILED, containing="VirtualBoxVM, which has the window of <graphics type='desktop'/>, is not in"):
        domain.createWithFlags(flags)
    assert domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF


def test_window_without_display(connection, machines):
    for name, display, said in (('a', '', 'no DISPLAY is set'), ('b', "display=':55'", 'DISPLAY is :55')):
        domain = connection.defineXML(xml(name, devices=f"{FLOPPY}<graphics type='sdl' {display}/>"))
        with fails(FAILED, containing=said):
            domain.create()


def test_autostart_names_the_machine(connection, machines, service):
    """What cannot be told to a client is in the log."""
    domain = connection.defineXML(xml('nowhere to be seen', devices=FLOPPY + "<graphics type='desktop'/>"))
    domain.setAutostart(1)
    pathlib.Path(os.environ['XDG_RUNTIME_DIR'], 'vboxvirt', 'autostarted').unlink()
    said = len(service.log())
    service.kill_engine()
    assert commands.virsh('list', '--autostart', '--all').count('nowhere') == 1  # another engine
    waiting.until(lambda: "autostart of domain 'nowhere to be seen': VirtualBox's VirtualBoxVM" in service.log()[said:],
                  'the log names the machine')


def test_what_follows_a_power_off_names_the_machine(connection, machines, service, tmp_path):
    """What it was to be next cannot be any more; nobody waits for that."""
    image = tmp_path / 'a.vdi'
    commands.vboxmanage('createmedium', 'disk', '--filename', image, '--size', 1)
    commands.vboxmanage('closemedium', 'disk', image)
    domain = connection.defineXML(xml('going on', devices=FLOPPY))
    domain.create()
    domain.attachDeviceFlags(f"<disk type='file' device='disk'><source file='{image}'/><target dev='sda' bus='sata'/>"
                             '</disk>', libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    image.unlink()
    said = len(service.log())
    domain.destroy()
    waiting.until(lambda: f"change after the power off of domain 'going on': what was to be changed when the domain starts next: "
                          f"/domain/devices/disk[2]/source/@file: '{image}' does not exist" in service.log()[said:],
                  'the log names the machine')
