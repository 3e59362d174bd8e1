# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks of shell and Python scripts.
import subprocess


def has_interpreter(path, names):
    with open(path, 'rb') as file:
        first = file.readline(100)
    return first.startswith(b'#!') and any(name in first for name in names)


def shell(files):
    wanted = [path for path in files if path.endswith('.sh') or has_interpreter(path, (b'/bash', b'/sh'))]
    if not wanted:
        return
    found = subprocess.run(['shellcheck', '--format=gcc', '--external-sources', '--severity=warning', *wanted],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    yield from found.stdout.splitlines()


# pyflakes says so of a fixture's local variable that has another fixture's name
MISTAKEN = 'referenced before assignment'


def python(files):
    """That it parses, and that no name is imported in vain, is what matters; style is not argued about."""
    wanted = [path for path in files if path.endswith('.py') or has_interpreter(path, (b'python',))]
    if not wanted:
        return
    found = subprocess.run(['python3', '-m', 'pyflakes', *wanted],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    yield from (line for line in found.stdout.splitlines() if MISTAKEN not in line)
