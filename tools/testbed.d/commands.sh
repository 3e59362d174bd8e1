# SPDX-License-Identifier: LGPL-2.1-or-later
# The commands of tools/testbed, as its usage describes them.
# shellcheck shell=bash disable=SC2154

command_build() {
	provide_root
	echo "$image"
}

command_up() {
	local name=default install=yes xvfb=no
	while [ $# -gt 0 ]; do
		case $1 in
		--no-install) install=no ;;
		--xvfb) xvfb=yes ;;
		-*) die "there is no option '$1'. See: tools/testbed help" ;;
		*) name=$1 ;;
		esac
		shift
	done
	require_name "$name"
	require_readable
	require_programs ip:iproute2 nsenter:util-linux mount:mount
	provide_root
	reserve "$name"
	trap 'end "$name"' EXIT
	# quietly: bash would report the killed command
	trap 'exec 2>/dev/null; exit 130' INT
	trap 'exec 2>/dev/null; exit 143' TERM HUP
	start "$name" "$image"
	[ "$xvfb" = no ] || start_xvfb "$name"
	[ "$install" = no ] || install_checkout "$name"
	keep
	trap - EXIT
}

# In the background, so that a signal is handled at once; the instance's end then ends the command too.
inside() {
	(enter "$@") <&0 &
	wait $! 2>/dev/null
}

start_xvfb() {
	inside "$1" tester sh -c 'setsid Xvfb :7 -screen 0 1024x768x24 -nolisten tcp >/tmp/xvfb.log 2>&1 </dev/null &
		for _ in $(seq 100); do [ -S /tmp/.X11-unix/X7 ] && exit; sleep 0.05; done
		cat /tmp/xvfb.log; exit 1' || die "Xvfb does not start in '$1'; its messages are above."
	echo DISPLAY=:7 >>"$(folder_of "$1")/environment"
}

# Compiles the checkout inside and installs it there, so that stock clients find the daemon where they look.
install_checkout() {
	local build=${TESTBED_BUILD:-testbed} status=0
	[ -e "$checkout/meson.build" ] || return 0
	require_name "$build"
	mkdir -p "$checkout/build"
	exec {building}>"$checkout/build/.$build.lock"
	flock "$building"
	inside "$1" root /src/tools/testbed.d/install "/src/build/$build" "${TESTBED_MESON_ARGS-}" >&2 || status=$?
	exec {building}>&-
	[ $status = 0 ] || die "the checkout does not build in '$1'; the compiler's messages are above."
	inside "$1" tester /src/tools/testbed.d/user-files >&2 ||
		say "WARNING: systemd-tmpfiles failed in '$1': clients may not find the daemon's socket."
}

command_exec() {
	local user=tester name=default
	[ "${1-}" != --root ] || { user=root; shift; }
	if [ "${1-}" = -- ]; then
		shift
	elif [ "${2-}" = -- ]; then
		name=$1
		shift 2
	elif [ $# -gt 1 ] && is_running "$1"; then
		name=$1
		shift
	fi
	[ $# -gt 0 ] || die "exec needs a command. See: tools/testbed help"
	require_running "$name"
	enter "$name" "$user" "$@"
}

command_once() {
	local user=tester name=once-$$ options=() status=0
	while [[ ${1-} == --* ]]; do
		case $1 in
		--root) user=root ;;
		*) options+=("$1") ;;
		esac
		shift
	done
	[ $# -gt 0 ] || die "once needs a command. See: tools/testbed help"
	export TESTBED_OWNER=$$
	command_up "${options[@]}" "$name"
	trap 'end "$name"' EXIT
	inside "$name" "$user" "$@" || status=$?
	exit $status
}

command_shell() {
	local user=tester
	[ "${1-}" != --root ] || { user=root; shift; }
	require_running "${1-default}"
	enter "${1-default}" "$user" bash
}

command_down() {
	local name
	if [ "${1-}" = --all ]; then
		for name in "$scope"/*/; do
			[ ! -d "$name" ] || end "$(basename "$name")"
		done
		return
	fi
	require_name "${1-default}"
	end "${1-default}"
}

command_list() {
	running_names
}
