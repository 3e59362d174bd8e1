#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: "storageattach --hotpluggable off" of a disk on a USB controller reports success and changes nothing.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# IDE refuses the option ("does not support changing the hot-pluggable device flag") and SATA obeys it, so one would
# expect one of both of USB. The call succeeds, and the settings file says hotpluggable="true" as before. Who compares
# what was asked for with what is there never comes to an end.
#
# Output seen:
#   sata off: status 0, hotpluggable="false"
#   sata on: status 0, hotpluggable="true"
#   usb off: status 0, hotpluggable="true"
#   usb on: status 0, hotpluggable="true"
#   ide off: status 1, no flag
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

attach() {
	local controller=$1 wanted=$2 status=0 flag
	manage storageattach lab --storagectl "$controller" --port 0 --device 0 --type hdd \
		--medium "/root/$controller.vdi" --hotpluggable "$wanted" >/dev/null 2>&1 || status=$?
	flag=$(grep -A 3 "<StorageController name=\"$controller\"" "$root/root/VirtualBox VMs/lab/lab.vbox" |
		grep -o 'hotpluggable="[a-z]*"' || echo 'no flag')
	echo "$controller $wanted: status $status, $flag"
}

look() {
	local controller
	manage createvm --name lab --register >/dev/null
	for controller in sata usb ide; do
		manage storagectl lab --name "$controller" --add "$controller"
		manage createmedium disk --size 4 --filename "/root/$controller.vdi" >/dev/null 2>&1
	done
	attach sata off
	attach sata on
	attach usb off
	attach usb on
	attach ide off
}

expected='sata off: status 0, hotpluggable="false"
sata on: status 0, hotpluggable="true"
usb off: status 0, hotpluggable="true"
usb on: status 0, hotpluggable="true"
ide off: status 1, no flag'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
