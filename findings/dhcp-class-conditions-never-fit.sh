#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: a group of VirtualBox's DHCP server takes MAC conditions, but no vendor or user class, however short.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# The manual and the API offer conditions by vendor class and user class beside those by MAC address. One would expect
# that a class of one character is taken. Each is refused with "Value is too long: 1 bytes"; the wildcard forms too.
# So guests cannot be told apart by what they are (PXE, a certain system), by their MAC addresses only.
#
# Output seen:
#   --incl-mac=52:54:00:00:00:01: status 0
#   --incl-mac-wild=52:54:*: status 0
#   --incl-vendor=x: status 1, Value is too long: 1 bytes
#   --incl-vendor-wild=PXE*: status 1, Value is too long: 4 bytes
#   --incl-user=x: status 1, Value is too long: 1 bytes
#   --incl-user-wild=x*: status 1, Value is too long: 2 bytes
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

condition() {
	local status=0 reason
	manage dhcpserver modify --network=lab --group=some "$1" >"$work/said" 2>&1 || status=$?
	reason=$(sed -n '1s/^VBoxManage: error: /, /p' "$work/said")
	echo "$1: status $status$reason"
}

look() {
	manage dhcpserver add --network=lab --server-ip=10.9.0.2 --netmask=255.255.255.0 --lower-ip=10.9.0.10 \
		--upper-ip=10.9.0.20 --enable
	condition --incl-mac=52:54:00:00:00:01
	condition '--incl-mac-wild=52:54:*'
	condition --incl-vendor=x
	condition '--incl-vendor-wild=PXE*'
	condition --incl-user=x
	condition '--incl-user-wild=x*'
}

expected='--incl-mac=52:54:00:00:00:01: status 0
--incl-mac-wild=52:54:*: status 0
--incl-vendor=x: status 1, Value is too long: 1 bytes
--incl-vendor-wild=PXE*: status 1, Value is too long: 4 bytes
--incl-user=x: status 1, Value is too long: 1 bytes
--incl-user-wild=x*: status 1, Value is too long: 2 bytes'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
