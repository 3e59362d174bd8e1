#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: "unregistervm --delete" of a machine with a broken settings file fails, has unregistered it, and blocks its name.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# A machine whose settings cannot be read is listed as <inaccessible>. One would expect that --delete removes it with
# its file, or that the error leaves it registered. The command fails ("The object is not ready") after it has taken the
# machine off the list: nothing refers to the broken file any more, which stays, and every new machine of that name is
# refused with "Machine settings file already exists" until somebody deletes it by hand.
#
# Output seen:
#   listed as: <inaccessible>
#   unregistervm --delete: status 1
#   listed: 0 machines
#   createvm of that name: status 1
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

status_of() {
	local what=$1 status=0
	shift
	manage "$@" >/dev/null 2>&1 || status=$?
	echo "$what: status $status"
}

look() {
	local id
	manage createvm --name lab --register >/dev/null
	# VirtualBox's service reads the file anew when it starts again: it ends five seconds after its last client
	sleep 8
	echo broken >"$root/root/VirtualBox VMs/lab/lab.vbox"
	id=$(manage list vms | sed 's/.*{\(.*\)}/\1/')
	echo "listed as: $(manage list vms | sed 's/"\(.*\)" .*/\1/')"
	status_of 'unregistervm --delete' unregistervm "$id" --delete
	echo "listed: $(manage list vms | wc -l) machines"
	status_of 'createvm of that name' createvm --name lab --register
}

expected='listed as: <inaccessible>
unregistervm --delete: status 1
listed: 0 machines
createvm of that name: status 1'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
