#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: VirtualBox clones a qcow2 overlay as if it had no backing file: zeros where the base has data, and success.
#
# Versions: virtualbox 7.2.22-dfsg-2 and qemu-utils 1:11.1.3+ds-1 (Debian sid).
#
# VirtualBox knows differencing images, of QCOW too, so one would expect that it follows the backing file or refuses an
# image that has one. It reads the overlay alone: "VBoxManage clonemedium" ends with 100 % and status 0, showmediuminfo
# calls the overlay a base image, and what stood in the backing file only is zeros in the copy. Bytes 8 to 15 of the
# header tell (the offset of the backing file's name; 0: none), and qemu-img convert copies all.
#
# Output seen:
#   VirtualBox: status 0, parent base, first bytes 00 00 00 00
#   qemu-img: status 0, first bytes 5a 5a 5a 5a
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
	inside qemu-io -r -c 'read -v 0 4' "$1" | sed -n '1s/^0*:  \(.. .. .. ..\).*/\1/p'
}

look() {
	local status=0 parent
	inside qemu-img create -q -f qcow2 /root/base.qcow2 4M
	inside qemu-io -c 'write -q -P 0x5a 0 64k' /root/base.qcow2
	inside qemu-img create -q -f qcow2 -b /root/base.qcow2 -F qcow2 /root/overlay.qcow2
	inside qemu-io -c 'write -q -P 0x33 1M 64k' /root/overlay.qcow2 # VirtualBox opens none that is empty
	manage clonemedium disk /root/overlay.qcow2 /root/virtualbox.vdi --format VDI >/dev/null 2>&1 || status=$?
	parent=$(manage showmediuminfo disk /root/overlay.qcow2 | sed -n 's/^Parent UUID: *//p')
	echo "VirtualBox: status $status, parent $parent, first bytes $(first_bytes /root/virtualbox.vdi)"
	status=0
	inside qemu-img convert -O vdi /root/overlay.qcow2 /root/qemu.vdi || status=$?
	echo "qemu-img: status $status, first bytes $(first_bytes /root/qemu.vdi)"
}

expected='VirtualBox: status 0, parent base, first bytes 00 00 00 00
qemu-img: status 0, first bytes 5a 5a 5a 5a'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
