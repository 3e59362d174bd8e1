# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a daemon with the fake engine, and looks at both from outside."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from rawclient import RawClient

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FAKE_ENGINE = HERE / 'fake_engine.py'


def find_daemon():
    """The executable under test: VBOXVIRTD, the installed one, or a build tree's."""
    named = os.environ.get('VBOXVIRTD')
    candidates = [named] if named else ['/usr/bin/vboxvirtd', *ROOT.glob('build/*/daemon/vboxvirtd')]
    return next(pathlib.Path(each) for each in candidates if pathlib.Path(each).exists())


EXECUTABLE = find_daemon()


def eventually(condition, seconds=10, what='it'):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'{what} did not come about in {seconds} s'
        time.sleep(0.01)


class Daemon:
    """A daemon in a home of its own."""

    def __init__(self, socket_path=None):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix='vd-'))
        self.runtime, self.fake = self.home / 'run', self.home / 'fake'
        self.runtime.mkdir(mode=0o700)
        self.fake.mkdir()
        self.socket = socket_path or self.runtime / 'libvirt' / 'virtvboxd-sock'
        self.process, self.serves = None, True
        self.clients = []

    def environment(self, **extra):
        """Of the daemon, and of clients that shall find it."""
        return {**os.environ, 'HOME': str(self.home), 'XDG_RUNTIME_DIR': str(self.runtime),
                'VBOXVIRT_ENGINE': str(FAKE_ENGINE), 'VBOXVIRT_FAKE': str(self.fake),
                'G_MESSAGES_DEBUG': 'all', 'ASAN_OPTIONS': ':'.join(
                    # memory is measured; the sanitizer would keep 256 MiB of what is freed
                    [os.environ.get('ASAN_OPTIONS', ''), 'quarantine_size_mb=4']), **extra}

    def start(self, *options, wait=True, **more):
        """Starts it; wait: until it listens."""
        with (self.home / 'log').open('ab') as log:
            self.process = subprocess.Popen([EXECUTABLE, *options], stdout=log, stderr=log,
                                            env=self.environment(), **more)
        if wait:
            eventually(self.listens, what='listening')
        return self

    def listens(self):
        """Whether somebody accepts connections."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def log(self):
        """What it said."""
        path = self.home / 'log'
        return path.read_text(encoding='utf-8') if path.exists() else ''

    def wait(self, seconds=15):
        """Its exit status, when it has ended."""
        return self.process.wait(seconds)

    def stop(self):
        """Ends it in good order."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def client(self, opened=True, timeout=15, path=None, **how):
        """A raw client."""
        client = RawClient(path or self.socket, timeout)
        self.clients.append(client)
        if opened:
            client.open(**how)
        return client

    def clean_up(self):
        """After a test: the daemon must end in good order, without complaints."""
        for client in self.clients:
            client.close()
        try:
            if self.process and self.process.poll() is None:
                assert self.stop() == 0, self.log()
            complaints = [line for line in self.log().splitlines() if any(
                word in line for word in ('CRITICAL', 'Sanitizer', 'runtime error'))]
            assert not complaints, self.log()
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.home, ignore_errors=True)

    # ---- the engine ----

    def prepare(self, *lines):
        """What the next engines do at their start."""
        (self.fake / 'start').write_text('\n'.join(lines), encoding='utf-8')

    def seen(self, kind=None):
        """What engines saw, in order."""
        path = self.fake / 'log'
        lines = path.read_text(encoding='utf-8').splitlines() if path.exists() else []
        entries = [json.loads(line) for line in lines]
        return [each for each in entries if kind in (None, each['kind'])]

    def engines(self):
        """The process ids of all engines so far."""
        return [each['pid'] for each in self.seen('START')]

    def calls(self):
        """The names of procedures that came to engines."""
        return [each['procedure'] for each in self.seen('CALL')]

    def engine(self):
        """The process id of the living engine."""
        return eventually(lambda: next((pid for pid in self.engines()[-1:] if is_alive(pid)), None),
                          what='an engine')

    def control(self, text):
        """A command to the living engine, which has done it then."""
        done = len(self.seen('DONE'))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as control:
            control.sendto(text.encode(), str(self.fake / 'control'))
        eventually(lambda: len(self.seen('DONE')) > done, what=f'"{text}"')

    # ---- the process ----

    def fds(self):
        """How many descriptors it has open."""
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def resident(self):
        """Its memory in bytes."""
        fields = pathlib.Path(f'/proc/{self.process.pid}/statm').read_text(encoding='ascii')
        return int(fields.split()[1]) * os.sysconf('SC_PAGE_SIZE')


def is_alive(pid):
    """Whether a process runs (a zombie does not)."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rsplit(')')[-1][1] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False
