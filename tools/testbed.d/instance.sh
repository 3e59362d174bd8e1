# SPDX-License-Identifier: LGPL-2.1-or-later
# One instance: its folder, who keeps it alive, how to get a process into it.
# shellcheck shell=bash disable=SC2154
#
# Theory of operation
#
# An instance is a set of namespaces and its process 1 (testbed.d/root/init.c). All its mounts are in its own mount
# namespace: when process 1 ends, the kernel ends every process and every mount, nothing is left to clean but a folder.
#
# Its folder, $scope/NAME, holds: alive (locked as long as the instance lives), supervisor and init (process ids, as
# the host sees them), log, environment (what exec adds), fs (an empty folder; its mounts are seen inside only).
#
# The supervisor (testbed.d/supervise) waits for the end and removes the folder. Until `up` has said "keep" it also
# ends the instance when `up` does, however that happens: its standard input, a pipe from `up`, then ends.

folder_of() {
	echo "$scope/$1"
}

# The folder may vanish at any moment: then flock's status is another one.
is_running() {
	local status=0
	flock --shared --nonblock --conflict-exit-code 9 "$scope/$1/alive" true 2>/dev/null || status=$?
	[ $status = 9 ]
}

require_running() {
	is_running "$1" || die "no instance '$1' is running. Start it with: tools/testbed up $1"
}

require_name() {
	[[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || die "'$1' cannot be a name: use letters, digits, dot, dash and underscore."
}

running_names() {
	local path
	for path in "$scope"/*/; do
		path=${path%/}
		is_running "${path##*/}" && echo "${path##*/}"
	done
	return 0
}

# Between a look at a name and taking or clearing it nobody else may do the same.
lock_names() {
	mkdir -p "$cache"
	exec {names}>"$cache/names.lock"
	flock "$names"
}

unlock_names() {
	exec {names}>&-
}

# A supervisor that was killed leaves its folder behind. Call it with the names locked.
remove_dead() {
	is_running "$1" || rm -rf "${scope:?}/$1"
	rmdir "$scope" "${scope%/*}" 2>/dev/null || true
}

# Takes the name: from here on $alive is locked, for this process and its supervisor.
reserve() {
	local path
	path=$(folder_of "$1")
	lock_names
	is_running "$1" && die "an instance '$1' is running already. End it with: tools/testbed down $1"
	remove_dead "$1"
	mkdir -p "$path/fs"
	exec {alive}>"$path/alive"
	flock "$alive"
	unlock_names
}

# Starts the supervisor and waits until the instance can be entered. Its pipes stay open: see "Theory of operation".
start() {
	local name=$1 image=$2 path word pid
	path=$(folder_of "$name")
	coproc supervisor { exec setsid "$parts/supervise" "$path" "$image" "$checkout" "$alive" 2>"$path/log"; }
	exec {alive}>&-
	if ! read -r word pid <&"${supervisor[0]}" || [ "$word" != ready ]; then
		die "the instance '$name' did not start: $(cat "$path/log")"
	fi
	echo "$pid" >"$path/init"
}

keep() {
	echo keep >&"${supervisor[1]}"
}

# Replaces this process by one that runs the command in the instance: enter NAME USER CMD...
# nsenter is then the caller whose end run.c watches for.
enter() {
	local name=$1 user=$2 path pid environment=()
	shift 2
	path=$(folder_of "$name")
	pid=$(cat "$path/init")
	mapfile -t environment < <(instance_environment "$user" "$path")
	local identity=(--reuid 1000 --regid 1000 --init-groups)
	[ "$user" = tester ] || identity=(--reuid 0 --regid 0 --init-groups)
	exec nsenter --target "$pid" --mount --uts --ipc --net --pid --root --wd -- \
		/usr/lib/testbed/run setpriv "${identity[@]}" env -i -C /src "${environment[@]}" "$@"
}

# Lines VARIABLE=value: nothing of the caller's but what TESTBED_ENV names.
instance_environment() {
	local user=$1 name home=/home/tester id=1000
	[ "$user" = tester ] || { home=/root; id=0; }
	echo "HOME=$home"
	echo "USER=$user"
	echo "LOGNAME=$user"
	echo "SHELL=/bin/bash"
	echo "PATH=/usr/lib/virtualbox:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	echo "LANG=C.UTF-8"
	echo "TERM=${TERM:-dumb}"
	echo "XDG_RUNTIME_DIR=/run/user/$id"
	# the checkout belongs to somebody else, and may be read-only for the user
	echo "PYTHONDONTWRITEBYTECODE=1"
	cat "$2/environment" 2>/dev/null || true
	for name in ${TESTBED_ENV-}; do
		[ -z "${!name+set}" ] || echo "$name=${!name}"
	done
}

# Waits for the lock of the very instance that it found: the name may have another one right after.
end() {
	local name=$1 path held supervisor init
	path=$(folder_of "$name")
	if { exec {held}<"$path/alive"; } 2>/dev/null; then
		supervisor=$(cat "$path/supervisor" 2>/dev/null || true)
		init=$(cat "$path/init" 2>/dev/null || true)
		if [ "$path/alive" -ef "/proc/self/fd/$held" ] && is_running "$name"; then
			kill -TERM "$supervisor" 2>/dev/null || true
			flock --shared --timeout 5 "$held" || kill -KILL "$init" "$supervisor" 2>/dev/null || true
			flock --shared --timeout 30 "$held" ||
				die "the instance '$name' does not end: a process of it hangs in the kernel. See: ps -ef"
		fi
		exec {held}<&-
	fi
	lock_names
	remove_dead "$name"
	unlock_names
}
