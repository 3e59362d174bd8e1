# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests of up, exec and down when nothing goes wrong.
# shellcheck shell=bash disable=SC2154

test_exit_status() {
	"$bed" up --no-install
	"$bed" exec true
	fails_with 7 "$bed" exec sh -c 'exit 7'
	fails_with 143 "$bed" exec sh -c 'kill -TERM $$'
	fails_with 127 "$bed" exec no-such-program
}

test_which_instance() {
	"$bed" up --no-install
	"$bed" up --no-install echo
	"$bed" exec --root echo touch /run/in-echo
	[ "$("$bed" exec -- echo word)" = word ]
	[ "$("$bed" exec echo echo word)" = word ]
	[ "$("$bed" exec printf %s word)" = word ]
	"$bed" exec echo -- test -e /run/in-echo
	"$bed" exec -- test ! -e /run/in-echo
	fails_with 1 "$bed" exec nobody -- true
	fails_with 1 "$bed" up --no-install echo
	fails_with 1 "$bed" up --no-install ../echo
	[ "$("$bed" list)" = $'default\necho' ]
}

test_user() {
	local as
	"$bed" up --no-install
	as=$("$bed" exec sh -c 'id -un; pwd; echo $HOME $XDG_RUNTIME_DIR; stat -c "%a %U" $XDG_RUNTIME_DIR; ls /src')
	[ "$as" = $'tester\n/src\n/home/tester /run/user/1000\n700 tester\n'"$(ls "$copy")" ]
	[ "$("$bed" exec --root id -u)" = 0 ]
}

test_environment() {
	"$bed" up --no-install
	export SECRET=1 WANTED='two words' LD_PRELOAD=
	[ "$(TESTBED_ENV='WANTED UNSET' "$bed" exec env | grep -E 'SECRET|WANTED|UNSET|DISPLAY|LD_')" = "WANTED=two words" ]
}

test_standard_streams() {
	"$bed" up --no-install
	[ "$(echo in | "$bed" exec cat)" = in ]
	[ "$("$bed" exec sh -c 'echo error >&2' 2>&1 >/dev/null)" = error ]
	# nothing holds the pipe once `up` has returned
	[ "$(timeout 60 "$bed" up --no-install quiet; timeout 60 "$bed" exec quiet sh -c 'sleep 99 >/dev/null & echo over')" = over ]
}

test_terminal() {
	"$bed" up --no-install
	script --quiet --return --command "$bed exec sh -c 'test -t 0 && test -t 1'" /dev/null
}

test_isolation() {
	"$bed" up --no-install one
	"$bed" up --no-install two
	"$bed" exec one sh -c "echo one >/tmp/$marker; setsid sleep 99 & ip -brief link" >"$copy/links"
	! grep -q -v -E '^(lo|eth0(-peer)?)[@ ]' "$copy/links"
	"$bed" exec --root one ip link add onlyone type bridge
	! "$bed" exec two ip link show onlyone
	! ip link show onlyone
	"$bed" exec two test ! -e "/tmp/$marker"
	[ ! -e "/tmp/$marker" ]
	! "$bed" exec two pgrep sleep
	"$bed" exec one pgrep sleep
}

test_eight_at_once() {
	local name ups=()
	for name in 1 2 3 4 5 6 7 8; do
		"$bed" up --no-install "$name" &
		ups+=($!)
	done
	for name in "${ups[@]}"; do
		wait "$name"
	done
	[ "$("$bed" list | wc -l)" = 8 ]
	for name in 1 2 3 4 5 6 7 8; do
		"$bed" exec "$name" VBoxManage createvm --name "machine$name" --register &
	done
	wait
	for name in 1 2 3 4 5 6 7 8; do
		[ "$("$bed" exec "$name" VBoxManage list vms | cut -d' ' -f1)" = "\"machine$name\"" ]
	done
	"$bed" down --all
	eventually nothing_left
}

test_install() {
	"$bed" up one &
	"$bed" up two &
	wait -n
	wait -n
	[ "$("$bed" exec one cat /usr/share/contract/greeting)" = hello ]
	[ "$("$bed" exec two cat /usr/share/contract/greeting)" = hello ]
	[ "$(wc -l <"$copy/build/started")" = 1 ]
	TESTBED_BUILD=other "$bed" up three
	[ -d "$copy/build/other" ]
	! ls -A /usr/share/contract
}

test_build_that_fails() {
	local messages
	echo 'error(contract)' >>"$copy/meson.build"
	messages=$(TESTBED_BUILD=broken "$bed" up 2>&1) && return 1
	write_project
	grep -q 'meson.build:.*ERROR' <<<"$messages"
	nothing_left
}
