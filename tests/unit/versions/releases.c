/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Releases: what older ones of VirtualBox have instead, by their public interface descriptions.
 *
 * A new release: one table of what the one before had otherwise, and its line in releases[]. */
#include "tests/unit/versions/release.h"

/* clang-format off */
static const Change none[] = { {NULL} };
static const char *const nothing[] = { NULL };

/* --- 7.1 to 7.2 ---------------------------------------------------------------------------- */

static const Change of_7_1[] = {
    { "CPUPropertyTypeARM",    "-" },
    { "GraphicsFeature",       "Acceleration2DVideo#1" },
    { "INATEngine",            "-enableTFTP -IPv6Enabled -IPv6Prefix -natMRU" },
    { "INATNetwork",           "-forwardBroadcast -localhostReachable -natMRU -natMTU" },
    { "IPlatformARM",          "-getCPUProperty -setCPUProperty" },
    { "NetworkAdapterType",    "-UsbNet -I82583V" },
    {NULL}
};

#define NIC_MODELS \
    "/domain/devices/interface/model/@type: not '82583V', 'e1000e', 'usbnet', as there is no " \
    "I82583V, UsbNet of NetworkAdapterType"

#define NIC_TFTP \
    "/domain/devices/interface/vbox:nat/@enableTFTP: not at all, as INetworkAdapter has no " \
    "NATEngine.enableTFTP"

static const char *const not_in_7_1[] = { NIC_MODELS, NIC_TFTP, NULL };

/* --- 7.0 to 7.1: there is but one platform, so all of it is the machine's and the system's -- */

static const Change of_7_0[] = {
    { "AudioControllerType",   "-VirtioSound" },
    { "BIOSBootMenuMode",      "Disabled#0 MenuOnly#1 MessageAndMenu#2" },
    { "CPUPropertyType",       "Null#0 PAE#1 LongMode#2 TripleFaultReset#3 APIC#4 X2APIC#5 "
                               "IBPBOnVMExit#6 IBPBOnVMEntry#7 HWVirt#8 SpecCtrl#9 "
                               "SpecCtrlByHost#10 L1DFlushOnEMTScheduling#11 L1DFlushOnVMEntry#12 "
                               "MDSClearOnEMTScheduling#13 MDSClearOnVMEntry#14" },
    { "CPUPropertyTypeX86",    "-" },
    { "ChipsetType",           "-ARMv8Virtual" },
    { "FirmwareBootMenuMode",  "-" },
    { "GraphicsControllerType", "-QemuRamFB" },
    { "GraphicsFeature",       "-" },
    { "IBIOSSettings",         "ACPIEnabled=b APICMode=u IOAPICEnabled=b PXEDebugEnabled=b "
                               "SMBIOSUuidLittleEndian=b bootMenuMode=u logoDisplayTime=u "
                               "logoFadeIn=b logoFadeOut=b logoImagePath=s timeOffset=l" },
    { "IFirmwareSettings",     "-" },
    { "IGraphicsAdapter",      "-isFeatureEnabled -setFeature accelerate2DVideoEnabled=b "
                               "accelerate3DEnabled=b" },
    { "IGuestOSType",          "-platformArchitecture -subtype recommended2DVideoAcceleration:b" },
    { "IHost",                 "-architecture -x86 -isExecutionEngineSupported "
                               "acceleration3DAvailable:b "
                               "getProcessorCPUIDLeaf(u,u,u,>u,>u,>u,>u)" },
    { "IHostX86",              "-" },
    { "IMachine",              "-firmwareSettings -platform -VMExecutionEngine "
                               "BIOSSettings:oIBIOSSettings HPETEnabled=b RTCUseUTC=b "
                               "chipsetType=u firmwareType=u iommuType=u "
                               "getCPUIDLeaf(u,u,>u,>u,>u,>u) "
                               "getCPUIDLeafByOrdinal(u,>u,>u,>u,>u,>u,>u) "
                               "getCPUProperty(u,>b) getHWVirtExProperty(u,>b) "
                               "removeAllCPUIDLeaves() removeCPUIDLeaf(u,u) "
                               "setCPUIDLeaf(u,u,u,u,u,u) "
                               "setCPUProperty(u,b) setHWVirtExProperty(u,b)" },
    { "INATEngine",            "-forwardBroadcast" },
    { "IPlatform",             "-" },
    { "IPlatformARM",          "-" },
    { "IPlatformProperties",   "-" },
    { "IPlatformX86",          "-" },
    { "ISerialPort",           "-IOAddress IOBase=u" },
    { "ISharedFolder",         "-symlinkPolicy" },
    { "ISystemProperties",     "-getExecutionEnginesForVmCpuArchitecture -platform "
                               "-getSupportedGraphicsFeatures -getSupportedPlatformArchitectures "
                               "exclusiveHwVirt=b maxBootPosition:u parallelPortCount:u "
                               "rawModeSupported:b serialPortCount:u "
                               "getDeviceTypesForStorageBus(u,>au) "
                               "getMaxDevicesPerPortForStorageBus(u,>u) "
                               "getMaxInstancesOfStorageBus(u,u,>u) "
                               "getMaxInstancesOfUSBControllerType(u,u,>u) "
                               "getMaxNetworkAdapters(u,>u) getMaxNetworkAdaptersOfType(u,u,>u) "
                               "getMaxPortCountForStorageBus(u,>u) "
                               "getMinPortCountForStorageBus(u,>u) "
                               "getStorageBusForStorageControllerType(u,>u) "
                               "getStorageControllerHotplugCapable(u,>b) "
                               "getStorageControllerTypesForStorageBus(u,>au) "
                               "getSupportedAudioControllerTypes(>au) getSupportedChipsetTypes(>au) "
                               "getSupportedFirmwareTypes(>au) "
                               "getSupportedGraphicsControllerTypes(>au) "
                               "getSupportedIommuTypes(>au) getSupportedNetworkAdapterTypes(>au) "
                               "getSupportedParavirtProviders(>au) getSupportedStorageBuses(>au) "
                               "getSupportedStorageControllerTypes(>au) getSupportedTpmTypes(>au) "
                               "getSupportedUSBControllerTypes(>au) getSupportedUartTypes(>au)" },
    { "IVirtualBox",           "-createMachine -getPlatformProperties "
                               "createMachine(s,s,as,s,s,s,s,s,>oIMachine)" },
    { "PlatformArchitecture",  "-" },
    { "SymlinkPolicy",         "-" },
    {NULL}
};

static const char *const not_in_7_0[] = {
    NIC_MODELS, NIC_TFTP,
    "/domain/devices/interface/vbox:nat/@forwardBroadcast: not at all, as INetworkAdapter has no "
    "NATEngine.forwardBroadcast",
    "/domain/vbox:process/@executionEngine: not at all, as IMachine has no VMExecutionEngine",
    "/domain/os/vbox:firmware/@AutoSerialNumGen: not at all, as IMachine has no "
    "firmwareSettings.AutoSerialNumGen|BIOSSettings.AutoSerialNumGen",
    "/domain/os/type/@machine: not 'armv8virtual', 'virt', 'virt-', as there is no ARMv8Virtual of ChipsetType",
    "/domain/devices/sound/@model: not 'virtio', as there is no VirtioSound of AudioControllerType",
    "/domain/devices/video/model/@type: not 'ramfb', as there is no QemuRamFB of "
    "GraphicsControllerType",
    NULL };

/* --- all ----------------------------------------------------------------------------------- */

const char *const newer_words[] = {
    " enableTFTP='yes'", " forwardBroadcast='yes'", " executionEngine='interpreter'", NULL };

const Release releases[] = {
    { "7.2", 7002022, none,   nothing },
    { "7.1", 7001012, of_7_1, not_in_7_1 },
    { "7.0", 7000014, of_7_0, not_in_7_0 },
    {NULL}
};
/* clang-format on */
