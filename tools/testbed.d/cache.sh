# SPDX-License-Identifier: LGPL-2.1-or-later
# The cached root file system: one squashfs per recipe, built when it is missing.
# shellcheck shell=bash disable=SC2154

# The recipe is the folder root/ with all that is in it.
recipe_key() {
	(cd "$parts/root" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

newest_root() {
	find "$cache/roots" -name '*.squashfs' -printf '%T@ %p\n' | sort -rn | head -n 1 | cut -d' ' -f2-
}

# Keeps this one and the newest of the others: going back to the last branch must not cost a build.
prune_roots() {
	find "$cache/roots" -name '*.squashfs' ! -path "$1" -printf '%T@ %p\n' | sort -rn | tail -n +2 | cut -d' ' -f2- |
		xargs -r -d '\n' rm -f
}

build_root() {
	local work=$cache/roots/work.$$ status=0
	require_programs mmdebstrap:mmdebstrap mksquashfs:squashfs-tools python3:python3
	rm -rf "$cache"/roots/work.*
	mkdir "$work"
	say "building the root file system, one to three minutes; log: $cache/build.log"
	# its own process and mount namespace: an interrupted build leaves neither processes nor mounts
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
		"$parts/root/make-root" "$work/root.squashfs" </dev/null >"$cache/build.log" 2>&1 || status=$?
	[ $status != 0 ] || mv "$work/root.squashfs" "$image" || status=$?
	rm -rf "$work"
	return $status
}

old_root_instead() {
	local old
	tail -n 25 "$cache/build.log" >&2
	old=$(newest_root)
	[ -n "$old" ] || die "the root file system could not be built; the end of $cache/build.log is above."
	[ "${TESTBED_ALLOW_OLD-}" = 1 ] ||
		die "the root file system could not be built; the end of $cache/build.log is above. An older one is in the" \
			"cache: TESTBED_ALLOW_OLD=1 uses it."
	say "WARNING: the root file system could not be built, an OLDER one is used: $old"
	image=$old
}

# Sets $image to the path of the root file system; builds it first when it has to.
provide_root() {
	image=$cache/roots/$(recipe_key).squashfs
	mkdir -p "$cache/roots" "$cache/compiler"
	if [ ! -e "$image" ]; then
		exec 9>"$cache/roots/lock"
		flock --nonblock 9 || {
			say "another process is building the root file system; waiting for it"
			flock 9
		}
		[ -e "$image" ] || build_root || old_root_instead
		prune_roots "$image"
		exec 9>&-
	fi
	# the newest is the one used last
	touch "$image"
}
