# SPDX-License-Identifier: LGPL-2.1-or-later
"""undefine --keep-nvram and --keep-tpm: the file that holds both stays, and a machine finds it again."""
import pathlib
import re
import tarfile
import uuid as uuids

import libvirt
import pytest

import domains
from commands import virsh, virsh_error, vboxmanage
from domains import fails

INVALID = libvirt.VIR_ERR_OPERATION_INVALID
MACHINES = pathlib.Path.home() / 'VirtualBox VMs'
KEYS = "<firmware><feature name='enrolled-keys' enabled='yes'/>" \
       "<feature name='secure-boot' enabled='yes'/></firmware>"
TPM = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"


def efi(name, uuid=None, **parts):
    """An EFI machine with keys: defining it makes the NVRAM file."""
    xml = domains.xml(name, uuid=uuid, **parts)
    return xml.replace('<os>', "<os firmware='efi'>").replace("<boot dev='fd'/>", KEYS)


def nvram(name):
    """Where VirtualBox has the file of a machine of that name."""
    return MACHINES / name / f'{name}.nvram'


@pytest.fixture(name='names')
def _names(machines):
    """Two names; nothing stays of machines that have them."""
    made = [machines.name(), machines.name()]
    yield made
    machines.remove_all()
    for name in made:
        nvram(name).unlink(missing_ok=True)
        if nvram(name).parent.exists():
            nvram(name).parent.rmdir()
    for key in re.findall(r'Key: (vboxvirt/nvram/\S+),', vboxmanage('getextradata', 'global')):
        vboxmanage('setextradata', 'global', key)


@pytest.mark.parametrize('option', ['--keep-nvram', '--keep-tpm'])
def test_machine_of_that_name_finds_it(connection, names, option):
    name = names[0]
    connection.defineXML(efi(name))
    kept = nvram(name).read_bytes()
    assert 'undefined' in virsh('undefine', name, option)
    assert not domains.exists(connection, name)
    assert [path.name for path in nvram(name).parent.iterdir()] == [f'{name}.nvram']
    assert nvram(name).read_bytes() == kept
    connection.defineXML(efi(name))
    assert nvram(name).read_bytes() == kept


def test_machine_of_that_uuid_finds_it(connection, names):
    uuid = str(uuids.uuid4())
    connection.defineXML(efi(names[0], uuid))
    kept = nvram(names[0]).read_bytes()
    virsh('undefine', uuid, '--keep-nvram', '--keep-tpm')
    connection.defineXML(efi(names[1], uuid))
    assert nvram(names[1]).read_bytes() == kept
    assert not nvram(names[0]).parent.exists()
    assert uuid not in vboxmanage('getextradata', 'global')


def test_definition_that_fails_leaves_it(connection, names):
    """VirtualBox refuses the group when the machine is there already."""
    connection.defineXML(efi(names[0]))
    kept = nvram(names[0]).read_bytes()
    virsh('undefine', names[0], '--keep-nvram')
    with pytest.raises(libvirt.libvirtError):
        connection.defineXML(efi(names[0], top='<vbox:groups>/a/</vbox:groups>'))
    assert not domains.exists(connection, names[0])
    assert nvram(names[0]).read_bytes() == kept


def test_state_of_the_tpm_stays(connection, names):
    xml = efi(names[0], devices=TPM)
    domain = connection.defineXML(xml)
    domain.create()
    domain.destroy()
    with tarfile.open(nvram(names[0])) as file:
        kept = {each.name: file.extractfile(each).read() for each in file}
    assert any('Tpm' in each for each in kept), kept.keys()
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_KEEP_TPM)
    connection.defineXML(xml)
    with tarfile.open(nvram(names[0])) as file:
        assert {each.name: file.extractfile(each).read() for each in file} == kept


def test_another_machine_has_taken_it(connection, names):
    """A record does not take a file from a machine that has it."""
    uuid = str(uuids.uuid4())
    connection.defineXML(efi(names[0], uuid))
    virsh('undefine', names[0], '--keep-nvram')
    connection.defineXML(efi(names[0]))
    taken = nvram(names[0]).read_bytes()
    connection.defineXML(efi(names[1], uuid))
    assert nvram(names[0]).read_bytes() == taken
    assert nvram(names[1]).exists()


def test_of_a_running_one(connection, names):
    domain = connection.defineXML(efi(names[0]))
    domain.create()
    virsh('undefine', names[0], '--keep-nvram')
    domain.destroy()
    assert nvram(names[0]).exists()
    assert not domains.exists(connection, names[0])
    # a transient one that finds a kept file leaves it, as it does with QEMU
    connection.createXML(efi(names[0])).destroy()
    assert nvram(names[0]).exists()
    # and a plain undefine is meant
    domain = connection.defineXML(efi(names[0]))
    domain.create()
    domain.undefine()
    domain.destroy()
    assert not nvram(names[0]).parent.exists()


@pytest.mark.parametrize('options', [(), ('--nvram',), ('--tpm',), ('--nvram', '--tpm')])
def test_goes_otherwise(connection, names, options):
    connection.defineXML(efi(names[0]))
    virsh('undefine', names[0], *options)
    assert not nvram(names[0]).parent.exists()


@pytest.mark.parametrize('keep, delete', [('KEEP_NVRAM', 'NVRAM'), ('KEEP_TPM', 'TPM'),
                                          ('KEEP_NVRAM', 'TPM'), ('KEEP_TPM', 'NVRAM')])
def test_both(connection, names, keep, delete):
    domain = connection.defineXML(efi(names[0]))
    flags = [getattr(libvirt, f'VIR_DOMAIN_UNDEFINE_{each}') for each in (keep, delete)]
    with fails(INVALID, containing='both'):
        domain.undefineFlags(flags[0] | flags[1])
    assert nvram(names[0]).exists()


def test_virsh_does_not_fall_back(connection, names):
    """It takes some codes for "unknown flag", and undefines without them then."""
    connection.defineXML(efi(names[0]))
    assert 'one file' in virsh_error('undefine', names[0], '--tpm', '--keep-nvram')
    assert nvram(names[0]).exists()
    assert domains.exists(connection, names[0])


def test_machine_without_such_a_file(connection, names):
    connection.defineXML(domains.xml(names[0]))
    virsh('undefine', names[0], '--keep-nvram', '--keep-tpm')
    assert not domains.exists(connection, names[0])
