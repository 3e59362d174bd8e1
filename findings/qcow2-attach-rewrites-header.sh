#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: attaching a qcow2 to a VirtualBox machine that never runs turns version 3 into 2 and breaks it for QEMU.
#
# Versions: virtualbox 7.2.22-dfsg-2 and qemu-utils 1:11.1.3+ds-1 (Debian sid).
#
# "VBoxManage storageattach" opens the image for writing, and VirtualBox's QCOW code writes the header as it knows it:
# version 2, refcounts of 16 bits. An image whose refcounts had another width, which qemu-img makes on request, is
# then inconsistent: qemu-img check finds errors in an image that nobody has written a byte of data to. One would
# expect a refusal, or no write before the machine runs. So an image of QEMU's is to be converted, not attached
# ("VBoxManage clonemedium" only reads it).
#
# Output seen:
#   before: compat 1.1, refcount bits 64, check status 0
#   after storageattach: compat 0.10, refcount bits 16, check status 2
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

state() {
	local status=0
	inside qemu-img check -q /root/disk.qcow2 >/dev/null 2>&1 || status=$?
	inside qemu-img info /root/disk.qcow2 | awk -v status="$status" '
		/compat:/ { compat = $2 } /refcount bits:/ { bits = $3 }
		END { printf "compat %s, refcount bits %s, check status %s\n", compat, bits, status }'
}

look() {
	inside qemu-img create -q -f qcow2 -o refcount_bits=64 /root/disk.qcow2 4M
	inside qemu-io -c 'write -q -P 0x5a 0 64k' /root/disk.qcow2
	echo "before: $(state)"
	manage createvm --name lab --register >/dev/null
	manage storagectl lab --name SATA --add sata
	manage storageattach lab --storagectl SATA --port 0 --type hdd --medium /root/disk.qcow2
	echo "after storageattach: $(state)"
}

expected='before: compat 1.1, refcount bits 64, check status 0
after storageattach: compat 0.10, refcount bits 16, check status 2'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
