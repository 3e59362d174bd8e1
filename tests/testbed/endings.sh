# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests that nothing is left, however an instance, its maker or its user ends.
# shellcheck shell=bash disable=SC2154

test_down() {
	local before
	before=$(losetup --list --noheadings | wc -l)
	"$bed" up --no-install
	"$bed" exec sh -c "setsid sh -c 'trap : TERM HUP INT; sleep 99; sleep 99; : $marker' & exec sleep 0.1"
	pgrep -f "$marker"
	"$bed" down
	nothing_left
	eventually eval '[ "$(losetup --list --noheadings | wc -l)" -le '"$before"' ]'
	"$bed" down
}

test_once() {
	fails_with 7 "$bed" once --no-install sh -c "[ \$(id -un) = tester ]; setsid sleep 99 & : $marker; exit 7"
	nothing_left
	[ "$(echo in | "$bed" once --root --no-install sh -c 'id -u; cat')" = $'0\nin' ]
	nothing_left
}

test_once_killed() {
	local once
	"$bed" once --no-install sh -c "echo started >&2; sleep 99; : $marker" 2>"$copy/said" &
	once=$!
	eventually grep -q started "$copy/said"
	kill -KILL $once
	eventually nothing_left
}

# Starts a command in a process group of its own that ^C reaches, as a terminal would.
in_terminal() {
	exec setsid env --default-signal=INT "$@"
}

# An `up` that is compiling.
start_slow_up() {
	echo 30 >"$copy/seconds"
	rm -rf "$copy/build"
	in_terminal "$bed" up &
	slow=$!
	eventually test -e "$copy/build/started"
}

test_up_killed() {
	local slow
	start_slow_up
	kill -KILL $slow
	eventually nothing_left
}

test_up_terminated() {
	local slow
	start_slow_up
	kill -TERM $slow
	eventually nothing_left
}

test_up_interrupted() {
	local slow
	start_slow_up
	kill -INT -- -$slow
	eventually nothing_left
	echo 0 >"$copy/seconds"
	"$bed" up
}

test_owner_ends() {
	sleep 99 &
	TESTBED_OWNER=$! "$bed" up --no-install
	"$bed" exec true
	kill -KILL $!
	eventually nothing_left
}

test_supervisor_killed() {
	"$bed" up --no-install
	pkill -KILL -f "$copy/tools/testbed.d/supervis[e]"
	eventually eval '! "$bed" exec true'
	"$bed" down
	nothing_left
}

# What exec runs: a process with a child, and a daemon that has left the session.
start_command() {
	"$bed" up --no-install
	in_terminal "$bed" exec sh -c "setsid sleep 77 & sh -c 'sleep 88 & wait; : $marker' & wait" &
	command=$!
	eventually "$bed" exec pgrep -x -f 'sleep 88'
}

test_exec_killed() {
	local command signal
	for signal in KILL TERM; do
		start_command
		kill -$signal $command
		eventually eval '! "$bed" exec pgrep -x -f "sleep 88" && ! pgrep -f "$marker"'
		"$bed" exec pgrep -x -f 'sleep 77'
		"$bed" down
	done
}

test_exec_interrupted() {
	local command
	start_command
	kill -INT -- -$command
	eventually eval '! "$bed" exec pgrep -x -f "sleep 88" && ! pgrep -f "$marker"'
}
