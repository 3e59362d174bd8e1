# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small machines that VirtualBox itself makes, without us: 16 MiB, a BIOS without logo, and the test
bed's boot sector on a floppy, which talks on COM1 (tools/testbed.d/root/boot.S)."""
import itertools
import os
import pathlib
import re
import shutil
import socket
import tempfile
import time
import uuid as uuids

import commands
import processes
import settings
import waiting

BOOT_IMAGE = '/usr/share/testbed/boot.img'
FAST_BIOS = ('--firmware-boot-menu', 'disabled', '--firmware-logo-fade-in', 'off',
             '--firmware-logo-fade-out', 'off', '--firmware-logo-display-time', '0')
COUNTER = itertools.count(1)

# A settings file as VirtualBox 7.2 writes it for such a machine.
SETTINGS = '''<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">
  <Machine uuid="{{{uuid}}}" name="{name}" OSType="Other" snapshotFolder="Snapshots">
    <MediaRegistry>
      <FloppyImages>
        <Image uuid="{{{medium}}}" location="{image}"/>
      </FloppyImages>
    </MediaRegistry>
    <Hardware>
      <Memory RAMSize="16"/>
      <Firmware/>
      <BIOS>
        <Logo fadeIn="false" fadeOut="false" displayTime="0"/>
        <BootMenu mode="Disabled"/>
        <SmbiosUuidLittleEndian enabled="true"/>
        <AutoSerialNumGen enabled="true"/>
      </BIOS>
      <Network>
        <Adapter slot="0" enabled="false"/>
      </Network>
      <UART>
        <Port slot="0" enabled="true" IOBase="0x3f8" IRQ="4" server="true" path="{serial}" hostMode="HostPipe"/>
      </UART>
      <AudioAdapter driver="Null"/>
      <Clipboard/>
      <StorageControllers>
        <StorageController name="floppy" type="I82078" PortCount="1" useHostIOCache="true" Bootable="true">
          <AttachedDevice type="Floppy" hotpluggable="false" port="0" device="0">
            <Image uuid="{{{medium}}}"/>
          </AttachedDevice>
        </StorageController>
      </StorageControllers>
      <CPU>
        <HardwareVirtExLargePages enabled="false"/>
        <PAE enabled="false"/>
        <LongMode enabled="false"/>
      </CPU>
    </Hardware>
  </Machine>
</VirtualBox>
'''


class Guest:
    """The boot sector at the other end of a serial port that is a pipe."""

    def __init__(self, path):
        self.path, self.heard, self.line = str(path), '', None

    def connect(self):
        """Connects once the machine has made its end."""
        def connected():
            self.line = socket.socket(socket.AF_UNIX)
            self.line.settimeout(waiting.LIMIT)
            if self.line.connect_ex(self.path) == 0:
                return True
            self.line.close()
            return False
        waiting.until(connected, f'the serial port {self.path} is there')
        return self

    def wait_for(self, text):
        """Reads until the guest has said text, and forgets it."""
        if self.line is None:
            self.connect()
        while text not in self.heard:
            data = self.line.recv(1000)
            assert data, f'the machine ended before it said {text}: {self.heard!r}'
            self.heard += data.decode(errors='replace')
        self.heard = self.heard.partition(text)[2]

    def is_silent(self, seconds):
        """Whether the guest says nothing for so long."""
        if self.line is None:
            self.connect()
        self.line.settimeout(seconds)
        try:
            self.heard += self.line.recv(1000).decode(errors='replace')
        except TimeoutError:
            pass
        self.line.settimeout(waiting.LIMIT)
        return not self.heard.strip()

    def say(self, text):
        """Sends characters; some are commands, see boot.S."""
        if self.line is None:
            self.connect()
        self.line.sendall(text.encode())

    def close(self):
        """Hangs up."""
        if self.line is not None:
            self.line.close()
            self.line = None


def state_of(name):
    """VirtualBox's state of a machine, by name or uuid: powered off, running, paused, saved, aborted …

    `showvminfo` of one machine takes a session, which fails when the machine goes down just then, and now and
    then VBoxSVC hangs after that; the list takes none."""
    text = commands.vboxmanage('list', '--long', 'vms')
    found = re.search(rf'^(?:UUID|Name): +{re.escape(name)}$.*?^State: +([^(]*) \(', text, re.MULTILINE | re.DOTALL)
    assert found, text
    return found[1]


def save(name):
    """Has VBoxManage save the state of a machine, by name or uuid.

    It fails now and then although the state is saved (7.2.22: 2 of 180 on a busy machine, without vboxvirt): the VM
    had ended before VBoxSVC wrote the settings."""
    result = commands.vboxmanage_run('controlvm', name, 'savestate', check=False)
    if 'i_saveStorageControllers' not in result.stderr:
        commands.succeeded(result)
    waiting.until(lambda: state_of(name) == 'saved', 'its state is saved')


class Machine:
    """One registered machine, as VirtualBox's own tools see it."""

    def __init__(self, name, uuid, folder):
        self.name, self.uuid, self.folder = name, uuid, folder
        self.guest = Guest(folder / 'serial')

    def manage(self, verb, *words):
        """VBoxManage VERB machine WORDS…"""
        return commands.vboxmanage(verb, self.uuid, *words)

    def state(self):
        """VirtualBox's state of it, see state_of()."""
        return state_of(self.uuid)

    def save(self):
        """Saves its state."""
        save(self.uuid)

    def start(self, ready=True):
        """Starts it without us, and waits for the guest."""
        self.manage('startvm', '--type', 'headless')
        if ready:
            self.guest.wait_for('READY')
        return self

    def spoil(self, change):
        """See spoil()."""
        return spoil(self.folder / f'{self.name}.vbox', change)

    def wait_until_off(self):
        """Until VirtualBox would let it be changed or deleted."""
        off = ('powered off', 'aborted', 'saved', 'aborted-saved')
        waiting.until(lambda: self.state() in off, f'{self.name} is off')
        return self.state()


def write_settings(name, uuid, folder):
    """The settings file of a machine in a folder of its own."""
    image = folder / 'boot.img'
    shutil.copyfile(BOOT_IMAGE, image)
    path = folder / f'{name}.vbox'
    path.write_text(SETTINGS.format(name=name, uuid=uuid, medium=uuids.uuid4(), image=image,
                                    serial=folder / 'serial'), encoding='utf-8')
    return path


def spoil(path, change):
    """A settings file becomes change(text), which VirtualBox cannot read, and notices; returns the good text.
    VirtualBox looks at its start alone, so its service is killed."""
    good = path.read_text(encoding='utf-8')
    path.write_text(change(good), encoding='utf-8')
    for pid in processes.pids_of('VBoxSVC'):
        processes.kill(pid)
    waiting.until(lambda: 'inaccessible' in commands.vboxmanage('list', 'vms'), 'VirtualBox notices')
    return good


class Factory:
    """Makes machines, and removes all that are registered, whoever made them."""

    def __init__(self):
        self.folders = []

    def name(self):
        """A name that no other test of this process has."""
        return f'm{os.getpid()}-{next(COUNTER)}'

    def make(self, name=None, *words):
        """A machine of that name; the words are for VBoxManage modifyvm."""
        name = name or self.name()
        folder = pathlib.Path(tempfile.mkdtemp(prefix='machine-'))
        self.folders.append(folder)
        uuid = str(uuids.uuid4())
        commands.vboxmanage('registervm', write_settings(name, uuid, folder))
        machine = Machine(name, uuid, folder)
        if words:
            machine.manage('modifyvm', *words)
        return machine

    def known(self, name):
        """A machine that somebody else has made."""
        facts = commands.machine_facts(name)
        serial = facts.get('uartmode1', '').partition(',')[2]
        machine = Machine(facts['name'], facts['UUID'], pathlib.Path(facts['CfgFile']).parent)
        if serial:
            machine.guest = Guest(serial)
        return machine

    def remove_all(self):
        """Powers everything off and removes it, with its files.

        What cannot be removed fails this test and no other: it goes with VirtualBox's service."""
        stuck = [uuid for uuid in registered() if not is_removed(uuid)]
        if stuck:
            processes.end_all('VBoxSVC')
        still = [uuid for uuid in stuck if not is_removed(uuid)]
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        self.folders.clear()
        assert not stuck, f'{stuck} could not be removed before VBoxSVC was ended, {still} not even then'


def is_removed(uuid):
    """Whether a machine has gone, after as many tries as a VM process on a busy computer takes to end."""
    end = time.monotonic() + waiting.LIMIT
    while not (gone := remove(uuid)) and time.monotonic() < end:
        time.sleep(0.1)
    return gone


def registered():
    """The UUIDs of all machines."""
    return [uuid.strip('{}') for uuid in settings.known('MachineRegistry/MachineEntry', 'uuid')]


def remove(uuid):
    """One try to be rid of a machine; whether it has gone."""
    def manage(*words):
        return commands.vboxmanage_run(*words, check=False).returncode == 0
    if manage('unregistervm', uuid, '--delete') or uuid not in registered():
        return True
    if uuid in commands.vboxmanage('list', 'runningvms'):
        manage('controlvm', uuid, 'poweroff')
    manage('discardstate', uuid)
    if manage('unregistervm', uuid, '--delete'):
        return True
    # Files of a machine with snapshots are not deleted with it; those of one that was locked just now neither: left
    # behind, they would keep the name from the next one.
    paths = settings.known(f'MachineRegistry/MachineEntry[@uuid="{{{uuid}}}"]', 'src')
    if not manage('unregistervm', uuid):
        return False
    for path in paths:
        pathlib.Path(path).unlink(missing_ok=True)
    return True
