# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds processes of this instance by what they run, and tells whether they still live."""
import os
import pathlib
import signal
import threading

import waiting


def command_line(pid):
    """The words of a process's command line; empty: it has gone, or is a zombie."""
    try:
        words = pathlib.Path('/proc', str(pid), 'cmdline').read_bytes().split(b'\0')
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [word.decode(errors='replace') for word in words if word]


def parent(pid):
    """The parent's pid; None: the process has gone."""
    try:
        text = pathlib.Path('/proc', str(pid), 'stat').read_text(encoding='utf-8')
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(text.rpartition(')')[2].split()[1])


def pids_of(program):
    """The pids of all processes whose program has that base name."""
    found = []
    for each in os.listdir('/proc'):
        if each.isdigit() and (words := command_line(each)) and \
                os.path.basename(words[0]) == program:
            found.append(int(each))
    return found


def children_of(pid, program):
    """Children of a process that run a program of that base name."""
    return [each for each in pids_of(program) if parent(each) == pid]


def is_alive(pid):
    """Whether a process lives; a zombie does not."""
    return bool(command_line(pid))


def kill(pid, number=signal.SIGKILL):
    """Sends a signal to a process that may have gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def end_all(program):
    """Kills every process that runs it, and waits until they have ended."""
    for pid in pids_of(program):
        kill(pid)
    waiting.until(lambda: not pids_of(program), f'{program} has ended')


def stop_for(pid, seconds):
    """Stops a process and lets it go on after a while, from a thread."""
    kill(pid, signal.SIGSTOP)
    timer = threading.Timer(seconds, kill, (pid, signal.SIGCONT))
    timer.daemon = True
    timer.start()
    return timer
