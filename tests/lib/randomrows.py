# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which rows random domains have: see randomxml.py."""

# Rows whose text or number may be any of their kind; of others the element's function says one.
ANY = ('alias/@name', 'title', 'description', '@display', '@xauth', '@passwd', '@ports', 'audio/@id', 'mtu/@size',
       'boot/@order', 'vbox:nat/@TFTPPrefix', 'vbox:nat/@TFTPBootFile', 'vbox:nat/@aliasMode',
       'vbox:nat/@sockSnd', 'vbox:nat/@sockRcv', 'vbox:nat/@tcpWndSnd', 'vbox:nat/@tcpWndRcv',
       'vbox:trace/@file', 'vbox:line/@speed', 'vbox:cpu/@CPUIDPortabilityLevel')
# Rows that no random machine has, each with its reason; a path of None: all of the element.
SHARED = 'it is the image that changes, for all machines of this test'
TOGETHER = 'tests/domain/test_platform.py says what belongs together'
LEFT_OUT = {
    ('features', 'hyperv'): TOGETHER,
    ('features', 'kvm'): TOGETHER,
    ('features', 'vbox:paravirt/@provider'): TOGETHER,
    ('features', 'vmport'): TOGETHER,
    ('features', 'smm'): TOGETHER,
    ('features', 'vmcoreinfo'): TOGETHER,
    ('features', 'pvspinlock'): TOGETHER,
    ('features', 'pmu'): TOGETHER,
    ('clock', '@basis'): TOGETHER,
    ('clock', '@adjustment'): TOGETHER,
    ('clock', 'vbox:clock/@milliseconds'): TOGETHER,
    ('clock', 'timer[name=rtc]'): TOGETHER,
    ('clock', 'timer[name=pit]'): TOGETHER,
    ('clock', 'timer[name=kvmclock]'): TOGETHER,
    ('clock', 'timer[name=hypervclock]'): TOGETHER,
    ('clock', 'timer[name=hpet]/@present'): TOGETHER,
    ('os', 'vbox:ostype/@id'): TOGETHER,
    ('os', 'vbox:firmware/@type'): TOGETHER,
    ('os', 'firmware/feature[name=enrolled-keys]/@enabled'): TOGETHER,
    ('os', 'firmware/feature[name=secure-boot]/@enabled'): TOGETHER,
    ('os', 'bootmenu/@timeout'): TOGETHER,
    ('os', 'vbox:firmware/@logoImagePath'): TOGETHER,
    ('', 'sysinfo/@type'): TOGETHER,
    ('', 'os/smbios/@mode'): TOGETHER,
    ('devices', 'iommu/@model'): TOGETHER,
    ('devices', 'vbox:iommu/@type'): TOGETHER,
    **{('os', f'vbox:firmware/@{name}'): TOGETHER for name in (
        'logoFadeIn', 'logoFadeOut', 'APICMode', 'PXEDebugEnabled', 'SMBIOSUuidLittleEndian', 'AutoSerialNumGen')},
    **{('', f'sysinfo/{part}/entry[name={name}]'): TOGETHER for part, names in (
        ('bios', 'vendor version date'), ('system', 'manufacturer product version serial uuid sku family'),
        ('baseBoard', 'manufacturer product version serial asset location'),
        ('chassis', 'manufacturer version serial asset')) for name in names.split()},
    ('vbox:bandwidthGroup', None): 'groups are named by other elements',
    ('devices/interface', 'vbox:bandwidthGroup/@name'): 'groups are named by other elements',
    ('devices/disk', 'vbox:bandwidthGroup/@name'): 'groups are named by other elements',
    ('devices/disk', 'shareable'): SHARED, ('devices/disk', 'transient'): SHARED,
    ('devices/disk', 'vbox:medium/@type'): SHARED,
    ('devices/disk', 'driver/@type'): 'it must be what the image is',
    ('devices/disk', 'vbox:attachment/@passthrough'): 'of a drive of the host',
    ('devices/disk', 'vbox:attachment/@hotPluggable'): 'of some controllers only',
    ('devices/disk', 'target/@rotation_rate'): 'of some controllers only',
    ('devices/disk', 'driver/@discard'): 'of some formats and controllers only',
    ('devices/disk', 'iotune/total_bytes_sec'): 'its group stays in use when another disk comes in its place',
    ('devices/interface', 'bandwidth/outbound/@average'): 'its group stays in use when the adapter goes',
    ('devices/disk', 'driver/@cache'): 'all disks of a controller share it',
    ('devices/controller with type', 'vbox:cache/@useHostIOCache'): 'of some controllers only',
    ('devices/controller with type', 'vbox:ports/@count'): 'of some controllers only',
    ('devices/interface', 'vbox:boot/@priority'): 'what the order of devices says',
    ('', 'vbox:cpu/@GICITS'): 'of the ARM platform',
    ('devices/serial', 'vbox:uart/@type'): 'what the model says',
    ('devices/sound', 'vbox:codec/@chip'): 'of some cards only',
    ('devices/filesystem', 'vbox:mount/@autoMountPoint'): 'not made yet',
    ('devices/graphics', 'vbox:auth/@timeout'): 'not made yet',
    ('devices/graphics', 'vbox:auth/@library'): 'not made yet',
    ('devices', 'channel'): 'not made yet', ('devices', 'redirdev'): 'not made yet',
    **{('devices/hostdev', f'vbox:filter/@{name}'): 'not made yet' for name in (
        'revision', 'manufacturer', 'product', 'serialNumber', 'port', 'maskedInterfaces')},
}


def is_left_out(section, row):
    """Whether no random machine has such a row."""
    return (section.name, None) in LEFT_OUT or (section.name, row.path) in LEFT_OUT


def is_free(row):
    """Whether any value of its kind will do; one that is required always gets one."""
    return row.required or row.ignored or row.path in ANY or row.kind not in (
        'text', 'number', 'hexadecimal number', 'size', 'the elements as they are')
