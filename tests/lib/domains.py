# SPDX-License-Identifier: LGPL-2.1-or-later
"""Domain XML for tests, and what libvirt's errors are called."""
import contextlib

import libvirt
from lxml import etree

import machines

CODES = {number: name for name, number in vars(libvirt).items()
         if name.startswith('VIR_ERR_') and isinstance(number, int)
         and name not in ('VIR_ERR_NONE', 'VIR_ERR_WARNING', 'VIR_ERR_ERROR')}

XML = '''<domain type='vbox' xmlns:vbox='urn:vboxvirt:1'>
  <name>{name}</name>
  {identity}
  <memory unit='MiB'>{memory}</memory>
  <vcpu>1</vcpu>
  <os>
    <type>hvm</type>
    <boot dev='fd'/>
    <bootmenu enable='no'/>
  </os>
  {top}
  <devices>
    {devices}
  </devices>
</domain>
'''
FLOPPY = f'''<disk type='file' device='floppy'>
  <source file='{machines.BOOT_IMAGE}'/>
  <target dev='fda' bus='fdc'/>
  <readonly/>
</disk>'''
# How a definition says each type of a disk's image, and how VBoxManage does.
DISK_TYPES = {'': 'normal', '<transient/>': 'immutable', '<shareable/>': 'shareable',
              "<vbox:medium type='writethrough'/>": 'writethrough', "<vbox:medium type='multi-attach'/>": 'multiattach'}


def xml(name, uuid=None, memory=16, top='', devices=''):
    """A small domain; top and devices are XML to be put in."""
    identity = f'<uuid>{uuid}</uuid>' if uuid else ''
    return XML.format(name=name, identity=identity, memory=memory, top=top, devices=devices)


def booting(name, serial, **parts):
    """One that boots the talking guest; serial: the path of its pipe."""
    devices = f"<serial type='unix'><source mode='bind' path='{serial}'/>" \
              "<target port='0'/></serial>"
    return xml(name, devices=FLOPPY + devices, **parts)


def without_ours(xml):
    """The XML without the elements of our namespace, which libvirt's schema does not know."""
    tree = etree.fromstring(xml)
    for each in tree.xpath("//*[namespace-uri()='urn:vboxvirt:1']"):
        each.getparent().remove(each)
    etree.cleanup_namespaces(tree)
    return etree.tostring(tree, encoding='unicode')


@contextlib.contextmanager
def fails(*codes, containing=''):
    """The block must fail with one of libvirt's codes, and the message must contain the text."""
    try:
        yield
    except libvirt.libvirtError as error:
        code = error.get_error_code()
        assert code in codes, \
            f'{CODES.get(code, code)} instead of {[CODES[each] for each in codes]}: {error}'
        assert containing.lower() in str(error).lower(), f'not "{containing}": {error}'
        return
    raise AssertionError(f'it did not fail with {[CODES[each] for each in codes]}')


def exists(connection, name):
    """Whether there is a domain of that name."""
    try:
        connection.lookupByName(name)
        return True
    except libvirt.libvirtError as error:
        assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN, error
        return False
