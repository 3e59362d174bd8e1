#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: a NAT network's loopback mapping can be added, and then neither be seen nor be taken away.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# "VBoxManage natnetwork modify --loopback-4=127.0.0.1=7" lets guests of that network reach a service on the host's
# loopback. One would expect it in "list natnets", which lists port forwards, and that "--loopback-4 delete", the form
# that takes a port forward away, takes it away too. It is not listed, "delete" returns 0 and changes nothing, and an
# offset of 0 is an invalid text. What is left is removing the network, with all that stands in it.
#
# Output seen:
#   added: status 0
#   list natnets: 0 lines of it
#   delete 127.0.0.1=7: status 0
#   delete 127.0.0.1: status 0
#   127.0.0.1=0: status 2
#   settings: <Loopback4 address="127.0.0.1" offset="7"/>
#
# Run as root on Debian 12. VirtualBox runs in a chroot in a temporary folder; no kernel
# driver is needed, since no network is started.
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
	manage natnetwork add --netname lab --network 10.1.0.0/24 --enable
	status_of added natnetwork modify --netname lab --loopback-4=127.0.0.1=7
	echo "list natnets: $(manage list natnets | grep -c 127.0.0.1) lines of it"
	for way in 'delete 127.0.0.1=7' 'delete 127.0.0.1' 127.0.0.1=0; do
		# shellcheck disable=SC2086 # "delete" is a word of its own
		status_of "$way" natnetwork modify --netname lab --loopback-4 $way
	done
	# the service saves the file at once
	echo "settings: $(grep -o '<Loopback4.*' "$root/root/.config/VirtualBox/VirtualBox.xml")"
}

expected='added: status 0
list natnets: 0 lines of it
delete 127.0.0.1=7: status 0
delete 127.0.0.1: status 0
127.0.0.1=0: status 2
settings: <Loopback4 address="127.0.0.1" offset="7"/>'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
