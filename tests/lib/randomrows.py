# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which rows random domains have: see randomxml.py."""

# Rows whose text or number may be any of their kind; of others the element's function says one.
ANY = ('alias/@name', 'title', 'description', '@display', '@xauth', '@passwd', '@ports', 'audio/@id', 'mtu/@size',
       'boot/@order', 'vbox:nat/@TFTPPrefix', 'vbox:nat/@TFTPBootFile', 'vbox:nat/@aliasMode',
       'vbox:nat/@sockSnd', 'vbox:nat/@sockRcv', 'vbox:nat/@tcpWndSnd', 'vbox:nat/@tcpWndRcv',
       'vbox:trace/@file', 'vbox:line/@speed', 'vbox:cpu/@CPUIDPortabilityLevel',
       'vbox:auth/@timeout', 'vbox:clock/@milliseconds', 'vbox:filter/@maskedInterfaces', 'vbox:firmware/@logoImagePath')
# Rows that no random machine has, each with its reason.
SHARED = 'it is the image that changes, for all machines of this test'
LEFT_OUT = {
    ('devices/disk', 'shareable'): SHARED, ('devices/disk', 'transient'): SHARED,
    ('devices/disk', 'vbox:medium/@type'): SHARED,
    ('', 'vbox:cpu/@GICITS'): 'of the ARM platform',
}
# Words that no PC of this test can have, each with its reason.
NOT_HERE = {
    ('os', 'type/@arch', 'aarch64'): 'another platform, with other devices',
    ('os', 'type/@machine', 'armv8virtual'): 'of the ARM platform',
    ('os', 'type/@machine', 'virt'): 'of the ARM platform',
    ('os', 'type/@machine', 'virt-'): 'of the ARM platform',
    ('devices/video', 'model/@type', 'ramfb'): 'of the ARM platform',
    ('devices/audio', '@type', 'coreaudio'): 'of a macOS host',
    ('devices/sound', '@model', 'virtio'): 'of the ARM platform',
    **{('devices/disk', 'driver/@type', word): 'VirtualBox makes no images of this format'
       for word in ('qcow2', 'qcow', 'qed', 'dmg')},
}


def is_left_out(section, row):
    """Whether no random machine has such a row."""
    return (section.name, row.path) in LEFT_OUT


def is_free(row):
    """Whether any value of its kind will do; one that is required always gets one."""
    return row.required or row.ignored or row.path in ANY or row.kind not in (
        'text', 'number', 'hexadecimal number', 'size', 'the elements as they are')
