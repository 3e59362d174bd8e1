# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the tests of the test bed one by one, and what they have in common.
# shellcheck shell=bash disable=SC2154

# The smallest project that `up` can compile and install; it takes a while, so that it can be interrupted.
write_project() {
	cat >"$copy/meson.build" <<-'END'
		project('contract')
		install_data('greeting', install_dir: 'share/contract')
		custom_target('slow', output: 'slow', build_by_default: true,
		    command: ['sh', '-c', 'echo started >> @SOURCE_ROOT@/build/started; sleep $(cat @SOURCE_ROOT@/seconds); touch @OUTPUT@'])
	END
	echo hello >"$copy/greeting"
	echo 0 >"$copy/seconds"
}

# The test that is running is a process group of its own (`set -m`).
finish() {
	trap '' INT TERM
	if [ -n "${running-}" ]; then
		kill -TERM -- "-$running" 2>/dev/null || true
		wait "$running" || true
	fi
	"$bed" down --all || true
	rm -rf "$copy"
}

run_tests() {
	local name start log=$copy/log passed=0 failed=0
	for name in "$@"; do
		start=$SECONDS
		# in the background: `set -e` holds inside, and a signal ends this process at once
		set -m
		(trap - EXIT INT TERM; set -x; "test_$name") >"$log" 2>&1 </dev/null &
		set +m
		running=$!
		local status=0
		wait "$running" || status=$?
		running=
		"$bed" down --all
		if [ $status = 0 ]; then
			passed=$((passed + 1))
			echo "ok      testbed $name ($((SECONDS - start)) s)"
		else
			failed=$((failed + 1))
			echo "FAILED  testbed $name ($((SECONDS - start)) s)"
			tail -n 40 "$log"
		fi
	done
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}

# Until a condition holds; half a minute is enough on a machine with much else to do.
eventually() {
	local _
	for _ in {1..600}; do
		"$@" && return 0
		sleep 0.05
	done
	echo "never became true: $*"
	return 1
}

nothing_left() {
	! pgrep -f "$copy/tools/[t]estbed.d" &&
		! pgrep -f "$marker" &&
		! grep -q "$scope" /proc/self/mountinfo &&
		[ ! -e "$scope" ]
}

fails_with() {
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ $status = "$wanted" ]
}
