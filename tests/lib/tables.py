# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables by themselves, as tests/unit/map/parse.c runs them: what they say of a document, without VirtualBox."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Refused(Exception):
    """What was asked is not accepted: a message of one line or several."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

    @property
    def lines(self):
        return str(self).split('\n')


class Tables:
    """One process for many documents."""

    def __init__(self):
        program = max(ROOT.glob('build/*/tests/unit/map/parse-documents'), key=lambda path: path.stat().st_mtime)
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        assert self._process.wait() == 0

    def parse(self, xml):
        """What a document is written as (a domain's; '' of others), by the kind that its root says."""
        data = xml.encode()
        kind = re.search(r'<(\w+)', xml)[1]
        self._process.stdin.write(f'{kind} {len(data)}\n'.encode() + data)
        self._process.stdin.flush()
        code, length = map(int, self._process.stdout.readline().split())
        text = self._process.stdout.read(length).decode()
        if code:
            raise Refused(code, text)
        return text
