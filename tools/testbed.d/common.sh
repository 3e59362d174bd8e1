# SPDX-License-Identifier: LGPL-2.1-or-later
# What every part of tools/testbed uses: messages, places, locks.
# shellcheck shell=bash disable=SC2034,SC2154

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vboxvirt
# two checkouts may both have an instance `default`
scope=/run/vboxvirt-testbed/$(printf %s "$checkout" | sha256sum | cut -c1-12)

say() {
	echo "testbed: $*" >&2
}

die() {
	say "$*"
	exit 1
}

require_root() {
	[ "$(id -u)" = 0 ] || die "'$1' makes mounts and namespaces and needs root. Run it with sudo."
}

# The instance's user is nobody that the host knows.
require_readable() {
	[ -n "$(find "$checkout" -maxdepth 0 -perm -005)" ] ||
		die "only its owner can read $checkout, so the instance's user could not. Run: chmod -R o+rX $checkout"
}

# The host's programs that a command needs; on Debian the missing ones are installed.
require_programs() {
	local pair missing=()
	for pair in "$@"; do
		[ -n "$(command -v "${pair%%:*}")" ] || missing+=("${pair##*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ -n "$(command -v apt-get)" ] || die "this machine lacks ${missing[*]} (Debian's names). Install them."
	say "installing ${missing[*]}"
	{
		apt-get update -q &&
			DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
	} </dev/null >&2 || die "apt could not install ${missing[*]}. Install them by hand and try again."
}
