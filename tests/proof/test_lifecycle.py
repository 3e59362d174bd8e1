# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.3: starting, stopping and all between on a real running machine, by virsh and by the binding."""
import io
import os
import signal

import libvirt
import PIL.Image
import pytest

import domains
import processes
import waiting
from commands import vboxmanage, virsh, virsh_error
from domains import fails

INVALID = libvirt.VIR_ERR_OPERATION_INVALID


def reason(machine):
    """What virsh says of the state."""
    return virsh('domstate', '--reason', machine.name).strip()


def current_id(domain):
    """The id now; a virDomainPtr keeps the one that it was made with."""
    return domain.connect().lookupByUUID(domain.UUID()).ID()


def write(folder, xml):
    """A file with that XML."""
    path = folder / 'domain.xml'
    path.write_text(xml, encoding='utf-8')
    return path


def headless(machine):
    """The pid of the machine's VM process, as the system knows it."""
    found = [pid for pid in processes.pids_of('VBoxHeadless')
             if machine.uuid in processes.command_line(pid)]
    assert len(found) == 1, f'processes of {machine.name}: {found}'
    return found[0]


def test_start_and_destroy(machine, domain):
    assert reason(machine).startswith('shut off')
    assert 'started' in virsh('start', machine.name)
    machine.guest.wait_for('READY')
    assert reason(machine) == 'running (booted)'
    assert machine.state() == 'running'
    assert domain.isActive() == 1
    assert 'destroyed' in virsh('destroy', machine.name)
    assert reason(machine) == 'shut off (destroyed)'
    assert machine.state() == 'powered off'
    assert domain.isActive() == 0


def test_start_again_at_once(machine, domain):
    for _ in range(3):
        domain.create()
        assert domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING
        domain.destroy()
        assert domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF
    assert machine.state() == 'powered off'


def test_suspend_and_resume(machine, running):
    virsh('suspend', machine.name)
    assert reason(machine) == 'paused (user)'
    assert machine.state() == 'paused'
    machine.guest.say('x')
    assert machine.guest.is_silent(0.5)
    virsh('resume', machine.name)
    assert reason(machine) == 'running (unpaused)'
    machine.guest.wait_for('x')


def test_reset(machine, running):
    before = current_id(running)
    virsh('reset', machine.name)
    machine.guest.wait_for('READY')
    assert current_id(running) == before


def test_shutdown(machine, running):
    virsh('shutdown', machine.name)
    machine.guest.wait_for('PWRBTN')
    assert running.isActive() == 1
    machine.guest.say('q')
    waiting.until(lambda: not running.isActive(), 'the guest has powered off')
    assert machine.wait_until_off() == 'powered off'
    assert reason(machine) == 'shut off (shutdown)'


@pytest.mark.parametrize('flags', [0, libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN])
def test_shutdown_flags(machine, running, flags):
    running.shutdownFlags(flags)
    machine.guest.wait_for('PWRBTN')


def test_reboot(machine, running):
    first = running.ID()
    virsh('reboot', '--mode', 'acpi', machine.name)
    machine.guest.wait_for('PWRBTN')
    machine.guest.say('q')
    waiting.until(lambda: current_id(running) not in (first, -1),
                  'the machine runs again')
    machine.guest.close()
    machine.guest.wait_for('READY')
    # that was all: the next power off is one
    machine.guest.say('q')
    waiting.until(lambda: not running.isActive(), 'the guest has powered off')
    waiting.never(running.isActive, 'the machine started once more', 1)


@pytest.mark.parametrize('end', ['poweroff', 'kill'])
def test_reboot_that_somebody_else_ends(machine, running, end):
    """Only the guest's own power off fulfils a reboot."""
    virsh('reboot', machine.name)
    machine.guest.wait_for('PWRBTN')
    if end == 'kill':
        os.kill(running.ID(), signal.SIGKILL)
    else:
        machine.manage('controlvm', 'poweroff')
    machine.guest.close()
    waiting.until(lambda: not running.isActive(), 'the machine is off')
    waiting.never(running.isActive, 'the machine started again', 1)
    # nor is it fulfilled later
    running.create()
    machine.guest.wait_for('READY')
    machine.guest.say('q')
    waiting.until(lambda: not running.isActive(), 'the guest has powered off')
    waiting.never(running.isActive, 'the machine started once more', 1)


def light_points(machine, path):
    """How many points of a screenshot are light."""
    assert 'image/png' in virsh('screenshot', machine.name, path)
    with PIL.Image.open(path) as image:
        assert image.format == 'PNG'
        assert image.size == (720, 400)
        colours = image.convert('RGB').getcolors(100000)
    return sum(count for count, (red, *_) in colours if red > 100)


def test_screenshot_by_virsh(machine, running, tmp_path):
    """As many light points as the letters of READY have; VirtualBox paints a moment after the guest."""
    waiting.until(lambda: 100 < light_points(machine, tmp_path / 'screen.png') < 100000,
                  'the picture is not blank')


def test_screenshot_by_the_binding(connection, machine, running):
    stream = connection.newStream()
    assert running.screenshot(stream, 0, 0) == 'image/png'
    picture = io.BytesIO()
    stream.recvAll(lambda _stream, data, file: file.write(data), picture)
    stream.finish()
    assert PIL.Image.open(picture).size == (720, 400)


def test_screenshot_of_a_screen_that_is_not_there(connection, running):
    with fails(libvirt.VIR_ERR_INVALID_ARG):
        running.screenshot(connection.newStream(), 1, 0)


def test_screenshot_that_nobody_finishes(connection, running):
    for _ in range(50):
        stream = connection.newStream()
        running.screenshot(stream, 0, 0)
        stream.abort()
    assert running.isActive() == 1


def test_start_paused(machine, domain):
    virsh('start', '--paused', machine.name)
    assert domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED
    assert machine.state() == 'paused'
    assert current_id(domain) == headless(machine)
    assert machine.guest.is_silent(0.5), f'the guest ran: {machine.guest.heard}'
    virsh('resume', machine.name)
    machine.guest.wait_for('READY')


def test_id_is_the_process(connection, machine, domain):
    assert current_id(domain) == -1
    domain.create()
    pid = headless(machine)
    assert current_id(domain) == domain.ID() == pid
    assert connection.lookupByID(pid).UUIDString() == machine.uuid
    domain.suspend()
    domain.resume()
    machine.manage('controlvm', 'reset')
    assert current_id(domain) == pid
    assert virsh('domid', machine.name).strip() == str(pid)
    domain.destroy()
    assert current_id(domain) == -1
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        connection.lookupByID(pid)


def test_guest_that_crashes(machine, running):
    machine.guest.say('t')
    waiting.until(lambda: running.state()[0] == libvirt.VIR_DOMAIN_CRASHED, 'the guest has crashed')
    assert reason(machine) == 'crashed (panicked)'
    running.destroy()
    assert running.isActive() == 0


def test_process_that_is_killed(machine, running):
    os.kill(running.ID(), signal.SIGKILL)
    waiting.until(lambda: not running.isActive(), 'the machine is off')
    assert reason(machine) == 'shut off (crashed)'
    running.create()
    assert running.isActive() == 1


def test_destroy_gracefully(running):
    running.destroyFlags(libvirt.VIR_DOMAIN_DESTROY_GRACEFUL)
    assert running.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED]


def test_destroy_of_a_paused_one(machine, running):
    running.suspend()
    running.destroy()
    assert machine.state() == 'powered off'


# ---- wrong states ----

@pytest.mark.parametrize('call', ['suspend', 'resume', 'reset', 'shutdown', 'destroy', 'reboot'])
def test_what_needs_a_running_machine(domain, call):
    with fails(INVALID):
        getattr(domain, call)()


def test_screenshot_needs_a_running_machine(connection, domain):
    with fails(INVALID):
        domain.screenshot(connection.newStream(), 0, 0)


def test_what_a_running_machine_refuses(running):
    with fails(INVALID, containing='already running'):
        running.create()
    with fails(INVALID):
        running.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    with fails(INVALID):
        running.resume()


def test_suspend_of_a_paused_one_is_fine(running):
    running.suspend()
    running.suspend()
    assert running.state()[0] == libvirt.VIR_DOMAIN_PAUSED


def test_start_with_flags_we_do_not_know(domain):
    with fails(libvirt.VIR_ERR_INVALID_ARG, containing='flags'):
        domain.createWithFlags(1 << 20)
    assert domain.isActive() == 0


def test_transient_one_that_cannot_start(connection, machines, tmp_path):
    """The reason is told, not that the machine has gone because of it."""
    disk = str(tmp_path / 'disk.vdi')
    vboxmanage('createmedium', 'disk', '--filename', disk, '--size', '4')
    disk_xml = f"<disk type='file' device='disk'><driver type='vdi'/><source file='{disk}'/>" \
               "<target dev='sda' bus='sata'/></disk>"
    holder = connection.createXML(domains.xml(machines.name(), devices=disk_xml))
    for flags in (0, libvirt.VIR_DOMAIN_START_PAUSED):
        name = machines.name()
        with fails(libvirt.VIR_ERR_RESOURCE_BUSY,
                   containing=f"'{disk}' is in use: domain '{holder.name()}' runs with it"):
            connection.createXML(domains.xml(name, devices=disk_xml), flags)
        assert not domains.exists(connection, name)
    assert holder.isActive() == 1
    holder.destroy()
    vboxmanage('closemedium', 'disk', disk, check=False)


def test_force_boot_drops_the_saved_state(machine, running):
    machine.save()
    machine.guest.close()
    virsh('start', '--force-boot', machine.name)
    machine.guest.wait_for('READY')
    assert reason(machine) == 'running (booted)'


@pytest.mark.parametrize('option', ['--bypass-cache', '--reset-nvram'])
def test_refused_start_flag_keeps_the_saved_state(machine, running, option):
    """virsh takes some codes for "unknown flag", and removes the saved state by itself then."""
    machine.save()
    assert 'VirtualBox' in virsh_error('start', '--force-boot', option, machine.name)
    assert machine.state() == 'saved'


def test_virsh_says_what_is_wrong(machine, domain):
    assert 'not running' in virsh_error('destroy', machine.name)


# ---- saved states ----

def test_saved_machine(machine, running):
    machine.guest.say('+++')
    machine.guest.say('=')
    machine.guest.wait_for('0003')
    machine.save()
    machine.guest.close()
    assert running.hasManagedSaveImage() == 1
    assert reason(machine) == 'shut off (saved)'
    running.create()
    machine.guest.say('=')
    machine.guest.wait_for('0003')
    assert reason(machine) == 'running (restored)'
    assert running.hasManagedSaveImage() == 0


def test_undefine_of_a_saved_machine(connection, machine, running):
    machine.save()
    with fails(INVALID, containing='managed save'):
        running.undefine()
    assert machine.state() == 'saved'
    running.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        connection.lookupByName(machine.name)
    assert machine.uuid not in vboxmanage('list', 'vms')


# ---- undefine ----

def test_undefine(connection, machine, domain):
    assert 'undefined' in virsh('undefine', machine.name)
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        domain.info()
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        connection.lookupByUUIDString(machine.uuid)
    assert machine.uuid not in vboxmanage('list', 'vms')
    assert (machine.folder / 'boot.img').exists(), 'a disk image is the user\'s'


def test_undefine_of_a_running_one(connection, machine, running):
    virsh('undefine', machine.name)
    assert running.isActive() == 1
    assert running.isPersistent() == 0
    machine.guest.say('x')
    machine.guest.wait_for('x')
    with fails(INVALID):
        running.undefine()
    running.destroy()
    waiting.until(lambda: machine.uuid not in vboxmanage('list', 'vms'), 'it has vanished')
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        connection.lookupByName(machine.name)


def test_undefine_of_one_with_snapshots(machine, domain):
    machine.manage('snapshot', 'take', 'one')
    with fails(INVALID, containing='snapshot'):
        domain.undefine()
    assert machine.uuid in vboxmanage('list', 'vms')
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)
    assert machine.uuid not in vboxmanage('list', 'vms')
