#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finding: where a driver refuses KEEP_NVRAM, "virsh undefine --keep-nvram" undefines without it, and says nothing.
#
# Versions: libvirt-clients and libvirt0 9.0.0-4+deb12u2 (Debian 12); libvirt 12.8.0 of Debian sid did the same.
#
# One would expect a refused "keep" to end the command, as a refused "--nvram" (remove it) does. virsh takes the
# refusal (code 8, invalid argument, or 3, no support) for a sign of an old server and calls virDomainUndefine(), which
# has no flags: the domain is gone, the exit status is 0, and whatever the driver removes without the flag is removed.
# So a driver that wants to protect the file has to serve the flag, or refuse with another code (55, operation invalid).
#
# Output seen:
#   --keep-nvram: status 0, domain gone, said nothing of the flag
#   --nvram: status 1, domain there, "unsupported flags (0x4) in function testDomainUndefineFlags"
#
# Run as root on Debian 12. The test driver is inside libvirt0; no daemon runs and nothing outside a temporary folder changes.
set -euo pipefail

version=9.0.0-4+deb12u2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v mmdebstrap >/dev/null || apt-get install -qq -y mmdebstrap >/dev/null
mmdebstrap --quiet --mode=root --variant=extract --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --aptopt='APT::Install-Recommends "false"' \
	--include="libvirt-clients=$version,libvirt0=$version" bookworm "$work/root" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

cat >"$work/root/domain.xml" <<'END'
<domain type='test'><name>vm</name><memory>8192</memory><os><type>hvm</type></os></domain>
END

# The test driver lives and dies with the connection, so one virsh defines, undefines and lists.
undefine() {
	local flag=$1 status=0 fate=there
	env -i PATH=/usr/sbin:/usr/bin HOME=/ LC_ALL=C chroot "$work/root" \
		virsh -q -c test:///default "define /domain.xml; undefine vm $flag" >"$work/out" 2>&1 || status=$?
	env -i PATH=/usr/sbin:/usr/bin HOME=/ LC_ALL=C chroot "$work/root" \
		virsh -q -c test:///default "define /domain.xml; undefine vm $flag; dominfo vm" >"$work/info" 2>&1 || true
	grep -q '^UUID' "$work/info" || fate=gone
	echo "$flag: status $status, domain $fate, $(sed -n 's/^error: \(unsupported flags.*\)/"\1"/p' "$work/out" | grep . || echo 'said nothing of the flag')"
}

expected='--keep-nvram: status 0, domain gone, said nothing of the flag
--nvram: status 1, domain there, "unsupported flags (0x4) in function testDomainUndefineFlags"'
seen=$(undefine --keep-nvram; undefine --nvram)
echo "$seen"
[ "$seen" = "$expected" ]
