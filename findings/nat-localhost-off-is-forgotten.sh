#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: a NAT adapter that is not to reach the host's loopback forgets that when VirtualBox's service ends.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# "VBoxManage modifyvm --nat-localhostreachable1=off" keeps a guest from the services that listen on the host's
# 127.0.0.1. It succeeds and showvminfo says 0. One would expect the setting in the machine's file; VirtualBox writes
# none for "off" (it takes that for the default), and reads a file without one as "on". So the guest reaches the host
# after the service, which ends five seconds after its last client, has read the file again. Who wants it off has to
# set it before every start.
#
# Output seen:
#   set to off: localhostReachable="0"
#   settings file: <NAT/>
#   service has ended and begun again: localhostReachable="1"
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

look() {
	manage createvm --name lab --register >/dev/null
	manage modifyvm lab --nic1=nat --nat-localhostreachable1=off
	echo "set to off: $(manage showvminfo lab --machinereadable | grep localhostReachable)"
	echo "settings file: $(grep -o '<NAT[ /].*' "$root/root/VirtualBox VMs/lab/lab.vbox")"
	# VirtualBox's service reads the file anew when it starts again: it ends five seconds after its last client
	sleep 8
	echo "service has ended and begun again: $(manage showvminfo lab --machinereadable | grep localhostReachable)"
}

expected='set to off: localhostReachable="0"
settings file: <NAT/>
service has ended and begun again: localhostReachable="1"'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
