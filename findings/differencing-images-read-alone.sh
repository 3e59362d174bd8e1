#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: qemu-img reads a differencing VHD or VMDK of VirtualBox's alone, as an empty disk, without any error.
#
# Versions: virtualbox 7.2.22-dfsg-2 and qemu-utils 1:11.1.3+ds-1 (Debian sid).
#
# A snapshot of a VirtualBox machine leaves the current disk in a differencing image. Of VDI qemu-img refuses one ("non-
# NULL link UUID"). For VHD and VMDK one would expect the same, or that the parent is read: but the VMDK that VirtualBox
# writes says parentCID=ffffffff, which means "no parent", and qemu-img has no code for differencing VHDs; both are
# converted with status 0 and zeros where the parent has data. So a tool that hands out a machine's disk has to let
# VirtualBox clone it first.
#
# Output seen:
#   VDI: base ab ab ab ab, child by VirtualBox ab ab ab ab, by qemu-img: status 1
#   VHD: base ab ab ab ab, child by VirtualBox ab ab ab ab, by qemu-img: status 0, 00 00 00 00
#   VMDK: base ab ab ab ab, child by VirtualBox ab ab ab ab, by qemu-img: status 0, 00 00 00 00
#
# Run as root on Debian 12. VirtualBox runs in a chroot in a temporary folder; no machine is started, so no kernel
# driver is needed.
set -euo pipefail

# In namespaces of its own, so that VirtualBox's service and the mounts end with the script.
[ "${1-}" = inside ] || exec unshare --mount --pid --fork --kill-child --mount-proc "$0" inside

work=$(mktemp -d)
root=$work/root
trap 'kill -KILL -1; umount "$root/proc"; rm -rf "$work"' EXIT
command -v mmdebstrap >/dev/null || apt-get install -qq -y mmdebstrap >/dev/null

# stands in for the kernel modules, which the package depends on
mkdir -p "$work/stand-in/DEBIAN"
printf '%s\n' 'Package: no-modules' 'Version: 1' 'Architecture: all' 'Maintainer: nobody' \
	'Provides: virtualbox-modules' 'Description: stand-in' >"$work/stand-in/DEBIAN/control"
dpkg-deb --build "$work/stand-in" "$work/no-modules.deb" >/dev/null
mmdebstrap --mode=root --variant=essential --components=main,contrib \
	--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
	--aptopt='Acquire::Check-Date "false"' --dpkgopt=force-unsafe-io \
	--essential-hook="cp '$work/no-modules.deb' \"\$1\" && chroot \"\$1\" dpkg --install /no-modules.deb" \
	--include=virtualbox=7.2.22-dfsg-2,qemu-utils=1:11.1.3+ds-1 sid "$root" >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
mount -t proc proc "$root/proc"

manage() {
	env -i PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C chroot "$root" /usr/lib/virtualbox/VBoxManage -q "$@"
}

inside() {
	env -i PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C chroot "$root" "$@"
}

first_bytes() {
	inside qemu-io -r -f raw -c 'read -v 0 4' "$1" | sed -n '1s/^0*:  \(.. .. .. ..\).*/\1/p'
}

child_of() {
	local format=$1 status=0 base=/root/base-$1.${1,,} child=/root/child-$1.${1,,} by_qemu=
	manage convertfromraw /root/raw "$base" --format "$format" >/dev/null 2>&1
	manage createmedium disk --diffparent "$base" --filename "$child" --format "$format" >/dev/null 2>&1
	manage clonemedium disk "$base" "/root/$format-base.raw" --format RAW >/dev/null 2>&1
	manage clonemedium disk "$child" "/root/$format-child.raw" --format RAW >/dev/null 2>&1
	inside qemu-img convert -O raw "$child" "/root/$format-qemu.raw" >/dev/null 2>&1 || status=$?
	[ $status != 0 ] || by_qemu=", $(first_bytes "/root/$format-qemu.raw")"
	echo "$format: base $(first_bytes "/root/$format-base.raw"), child by VirtualBox $(
		first_bytes "/root/$format-child.raw"), by qemu-img: status $status$by_qemu"
}

look() {
	inside qemu-img create -q -f raw /root/raw 4M
	inside qemu-io -f raw -c 'write -q -P 0xab 0 64k' /root/raw
	child_of VDI
	child_of VHD
	child_of VMDK
}

expected='VDI: base ab ab ab ab, child by VirtualBox ab ab ab ab, by qemu-img: status 1
VHD: base ab ab ab ab, child by VirtualBox ab ab ab ab, by qemu-img: status 0, 00 00 00 00
VMDK: base ab ab ab ab, child by VirtualBox ab ab ab ab, by qemu-img: status 0, 00 00 00 00'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
