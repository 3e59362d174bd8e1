#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: a NAT network's DHCP server follows a new subnet by half: its router option does, its addresses do not.
#
# Versions: virtualbox 7.2.22-dfsg-2 (Debian sid), VBoxManage 7.2.22.
#
# "VBoxManage natnetwork start" makes a DHCP server of the network's name when --dhcp is on. One would expect that
# "natnetwork modify --network" moves that server into the new subnet, or leaves it alone. It does neither: after the
# next start the server has its old address, mask and range, and offers the new subnet's gateway as their router, which
# no guest can reach. And "natnetwork remove" leaves the server behind, for the next network of that name.
# Who changes a NAT network's subnet has to set the DHCP server, and who removes one has to remove it.
#
# Output seen:
#   made in 10.1.0.0/24: server 10.1.0.2, range 10.1.0.3 to 10.1.0.254, router 10.1.0.1
#   moved to 10.2.0.0/24: server 10.1.0.2, range 10.1.0.3 to 10.1.0.254, router 10.2.0.1
#   removed: server still listed
#
# Run as root on Debian 12. VirtualBox runs in a chroot in a temporary folder; no kernel driver is needed, since no
# packet is sent.
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

# The server of our network, in one line; the fields stand in this order after its name.
server() {
	manage list dhcpservers | sed -n '/^NetworkName: *lab$/,/^$/p' | awk '
		/^Dhcpd IP/ { ip = $3 } /^LowerIPAddress/ { low = $2 } /^UpperIPAddress/ { high = $2 } / 3\/legacy/ { router = $2 }
		END { printf "server %s, range %s to %s, router %s\n", ip, low, high, router }'
}

# The network's own process ends at once without the driver: the settings are made all the same.
restart() {
	manage natnetwork stop --netname lab >/dev/null 2>&1 || true
	manage natnetwork start --netname lab >/dev/null 2>&1 || true
}

look() {
	manage natnetwork add --netname lab --network 10.1.0.0/24 --enable --dhcp on
	restart
	echo "made in 10.1.0.0/24: $(server)"
	manage natnetwork modify --netname lab --network 10.2.0.0/24
	restart
	echo "moved to 10.2.0.0/24: $(server)"
	manage natnetwork stop --netname lab >/dev/null 2>&1 || true
	manage natnetwork remove --netname lab
	echo "removed: server $(manage list dhcpservers | grep -q '^NetworkName: *lab$' && echo 'still listed' || echo gone)"
}

expected='made in 10.1.0.0/24: server 10.1.0.2, range 10.1.0.3 to 10.1.0.254, router 10.1.0.1
moved to 10.2.0.0/24: server 10.1.0.2, range 10.1.0.3 to 10.1.0.254, router 10.2.0.1
removed: server still listed'
seen=$(look)
echo "$seen"
[ "$seen" = "$expected" ]
