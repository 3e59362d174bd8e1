# SPDX-License-Identifier: LGPL-2.1-or-later
"""The installed daemon as a process of the tests, at the place where stock clients look for it."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

import libvirt

import processes
import waiting

DAEMON = '/usr/sbin/virtvboxd'
ENGINE = 'vboxvirt-engine'


def socket_path():
    """Where a user's clients look for vbox:///session."""
    return pathlib.Path(os.environ['XDG_RUNTIME_DIR'], 'libvirt', 'virtvboxd-sock')


def answers(path):
    """Whether somebody accepts connections there."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Service:
    """A daemon that this object starts and ends.  What it says goes to a log file."""

    def __init__(self, *options, path=None):
        self.options, self.path = options, path or socket_path()
        file, name = tempfile.mkstemp(prefix='virtvboxd-', suffix='.log')
        os.close(file)
        self.log_path = pathlib.Path(name)
        self.process = None

    def start(self):
        """Starts the daemon and waits until it accepts clients."""
        words = [DAEMON, *self.options]
        if self.path != socket_path():
            words += ['--socket', str(self.path)]
        with self.log_path.open('ab') as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        waiting.until(lambda: answers(self.path) or self.process.poll() is not None,
                      'the daemon accepts connections')
        assert self.process.poll() is None, f'the daemon ended at once:\n{self.log()}'
        return self

    def stop(self):
        """Ends it in good order, which it must do; its exit status must be 0."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process = None
        assert status == 0, f'the daemon ended with status {status}:\n{self.log()}'

    @property
    def pid(self):
        """The daemon's process."""
        return self.process.pid

    def is_running(self):
        """Whether the daemon lives."""
        return self.process is not None and self.process.poll() is None

    def engine(self):
        """The engine's pid; None: there is none."""
        found = processes.children_of(self.pid, ENGINE)
        return found[0] if found else None

    def kill_engine(self):
        """The engine dies, and the daemon knows: a call that it gets meanwhile would be answered with an error."""
        pid = self.engine()
        processes.kill(pid)
        waiting.until(lambda: f'the engine (process {pid}) is gone' in self.log(), 'the engine has ended')

    def log(self):
        """All that daemon and engine have said."""
        return self.log_path.read_text(encoding='utf-8', errors='replace')


def until_it_serves(connection):
    """Until there is an engine again: VBoxSVC has been replaced under the old one."""
    def works():
        try:
            return connection.getVersion()
        except libvirt.libvirtError:
            return None
    waiting.until(works, 'the daemon serves again')
