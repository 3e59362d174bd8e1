#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: "VBoxManage modifymedium --resize" of a sparse VMDK reports 100 % and leaves the size as it was, or not.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# One would expect an error, or a bigger disk. Whether a VMDK grows depends on how far: steps
# of 1, 16 and 100 MiB are answered by exit status 0 and change nothing that VirtualBox sees, a step of 1000 MiB works.
# A VDI always grows. Who resizes has to read the size again afterwards, and not believe the status.
#
# Output seen:
#   VMDK 24 to 40: status 0, now 24 MBytes
#   VMDK 24 to 1024: status 0, now 1024 MBytes
#   VMDK 1000 to 1100: status 0, now 1000 MBytes
#   VMDK 1000 to 2000: status 0, now 2000 MBytes
#   VMDK 2048 to 2049: status 0, now 2048 MBytes
#   VDI 24 to 40: status 0, now 40 MBytes
#   VDI 1000 to 1100: status 0, now 1100 MBytes
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

grow() {
	local format=$1 from=$2 to=$3 status=0
	local file=/root/$format-$from-$to.${format,,}
	manage createmedium disk --format "$format" --size "$from" --filename "$file" >/dev/null 2>&1
	manage modifymedium disk "$file" --resize "$to" >/dev/null 2>&1 || status=$?
	echo "$format $from to $to: status $status, now $(manage showmediuminfo "$file" | sed -n 's/^Capacity: *//p')"
}

expected='VMDK 24 to 40: status 0, now 24 MBytes
VMDK 24 to 1024: status 0, now 1024 MBytes
VMDK 1000 to 1100: status 0, now 1000 MBytes
VMDK 1000 to 2000: status 0, now 2000 MBytes
VMDK 2048 to 2049: status 0, now 2048 MBytes
VDI 24 to 40: status 0, now 40 MBytes
VDI 1000 to 1100: status 0, now 1100 MBytes'
seen=$(
	grow VMDK 24 40
	grow VMDK 24 1024
	grow VMDK 1000 1100
	grow VMDK 1000 2000
	grow VMDK 2048 2049
	grow VDI 24 40
	grow VDI 1000 1100
)
echo "$seen"
[ "$seen" = "$expected" ]
