# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks that clang's tools make: the formatting by .clang-format, static analysis by .clang-tidy.
import json
import os
import re
import subprocess

from seen import Seen

BUILD = 'build/testbed'


def c_files(files):
    return [path for path in files if path.endswith(('.c', '.h'))]


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def formatting(files):
    wanted = c_files(files)
    if not wanted:
        return
    found = re.findall(r'^(\S+?:\d+):\d+: error: code should be clang-formatted',
                       run(['clang-format', '--dry-run', '--Werror', *wanted]).stdout, re.M)
    first = {}
    for place in found:
        first.setdefault(place.split(':')[0], place)
    for place in first.values():
        yield place + ': not formatted, perhaps further on too; run: make format'


def format_in_place(files):
    wanted = c_files(files)
    return run(['clang-format', '-i', *wanted]).returncode if wanted else 0


def tidy(files):
    """Each file as the build compiles it, unless it was found good before."""
    if not os.path.exists('.clang-tidy'):
        yield '.clang-tidy: is missing, so nothing is checked'
        return
    try:
        with open(os.path.join(BUILD, 'compile_commands.json'), encoding='utf-8') as file:
            units = json.load(file)
    except OSError:
        yield '%s: there is no build to check against; run tools/testbed up first' % BUILD
        return
    here = os.getcwd()
    seen = Seen(BUILD, '.clang-tidy')
    fresh = {}
    for unit in units:
        path = os.path.relpath(os.path.join(unit['directory'], unit['file']), here)
        if path in files and not seen.is_good(unit):
            fresh.setdefault(path, []).append(unit)
    wanted = sorted(fresh)
    if not wanted:
        return
    jobs = str(len(os.sched_getaffinity(0)))
    result = subprocess.run(['xargs', '-0', '-n', '4', '-P', jobs, 'clang-tidy', '--quiet', '--warnings-as-errors=*',
                             '-p', BUILD],
                            input='\0'.join(wanted), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False)
    complaints = [line for line in result.stdout.splitlines() if re.match(r'\S+:\d+:\d+: (error|warning)', line)]
    # the compiler is called with paths from the build folder
    yield from sorted({re.sub(r'^(\.\./)+', '', line.replace(here + '/', '')) for line in complaints})
    if result.returncode != 0 and not complaints:
        yield 'clang-tidy failed: ' + result.stdout[-2000:]
    if result.returncode == 0:
        seen.keep(unit for units in fresh.values() for unit in units)
