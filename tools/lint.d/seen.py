# SPDX-License-Identifier: LGPL-2.1-or-later
# What static analysis found good once: it need not look again, in no clone.
"""A unit is known by a hash of all that the analysis reads: the compiler's command, the source and its headers, the
checks and their program.  One that was found good has an empty file of that name in the test bed's compiler cache."""
import hashlib
import os
import re
import subprocess
import time

FOLDER = '/var/cache/compiler/clang-tidy'
KEPT = 30 * 24 * 3600  # seconds since it was last asked for


def dependencies(build):
    """output → the files that it is compiled from, as the compiler told ninja."""
    text = subprocess.run(['ninja', '-C', build, '-t', 'deps'], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        heads = re.match(r'(\S+): #deps .*\(VALID\)$', line)
        if heads:
            files = found.setdefault(heads[1], [])
        elif line.startswith('    '):
            files.append(line.strip())
    return found


class Seen:
    """Asks and remembers, for the units of one build."""

    def __init__(self, build, configuration):
        self.build, self.files, self.hashes = build, dependencies(build), {}
        version = subprocess.run(['clang-tidy', '--version'], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.checks = version + self.hash_of(os.path.abspath(configuration))

    def hash_of(self, path):
        """Of a file's text; its name is seen from the build folder."""
        if path not in self.hashes:
            with open(os.path.join(self.build, path), 'rb') as file:
                self.hashes[path] = hashlib.sha256(file.read()).hexdigest()
        return self.hashes[path]

    def mark(self, unit):
        """The path of the unit's file; None where ninja does not know what it is compiled from."""
        files = self.files.get(unit['output'])
        if files is None:
            return None
        parts = [self.checks, unit['command'], *(path + self.hash_of(path) for path in files)]
        return os.path.join(FOLDER, hashlib.sha256('\n'.join(parts).encode()).hexdigest())

    def is_good(self, unit):
        """Whether it was found good."""
        mark = self.mark(unit)
        if mark is None or not os.path.exists(mark):
            return False
        os.utime(mark)
        return True

    def keep(self, units):
        """They were found good just now.  What nobody has asked for in a month goes."""
        os.makedirs(FOLDER, exist_ok=True)
        for mark in filter(None, map(self.mark, units)):
            with open(mark, 'wb'):
                pass
        for entry in os.scandir(FOLDER):
            if entry.stat().st_mtime < time.time() - KEPT:
                os.unlink(entry.path)
