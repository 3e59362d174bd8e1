#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: an image becomes multi-attach only after a machine had it and lost it again; the error speaks of an old VirtualBox.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# The manual offers "modifymedium --type multiattach" and "storageattach --mtype multiattach". One would expect that a
# new image takes either. It takes neither: "can only be used on media registered with a machine that was created with
# VirtualBox 4.0 or later", although the machine was created just now; and while it is attached it is "attached to 1
# virtual machines". What works is to attach it plainly, detach it, and set the type then.
#
# Output seen:
#   modifymedium, never attached: status 1
#   storageattach --mtype: status 1
#   modifymedium, attached: status 1
#   modifymedium, detached again: status 0, Type: multiattach
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
	--include=virtualbox=7.2.22-dfsg-2 sid "$root" >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
mount -t proc proc "$root/proc"

manage() {
	env -i PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C chroot "$root" /usr/lib/virtualbox/VBoxManage -q "$@"
}

try() {
	local what=$1 status=0
	shift
	manage "$@" >/dev/null 2>&1 || status=$?
	echo "$what: status $status"
}

look() {
	manage createvm --name lab --register >/dev/null
	manage storagectl lab --name SATA --add sata
	manage createmedium disk --size 4 --filename /root/disk.vdi >/dev/null 2>&1
	try 'modifymedium, never attached' modifymedium disk /root/disk.vdi --type multiattach
	try 'storageattach --mtype' storageattach lab --storagectl SATA --port 0 --type hdd --medium /root/disk.vdi \
		--mtype multiattach
	manage storageattach lab --storagectl SATA --port 0 --type hdd --medium /root/disk.vdi
	try 'modifymedium, attached' modifymedium disk /root/disk.vdi --type multiattach
	manage storageattach lab --storagectl SATA --port 0 --medium none
	echo "$(try 'modifymedium, detached again' modifymedium disk /root/disk.vdi --type multiattach), $(
		manage showmediuminfo disk /root/disk.vdi | sed -n 's/^Type: *[a-z]* (\?\(.*[a-z]\))\?$/Type: \1/p')"
}

expected='modifymedium, never attached: status 1
storageattach --mtype: status 1
modifymedium, attached: status 1
modifymedium, detached again: status 0, Type: multiattach'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
