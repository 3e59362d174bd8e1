# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the programs that tests judge by: stock virsh, and VBoxManage without its Debian wrapper."""
import functools
import os
import pathlib
import signal
import subprocess
import tempfile
import time

URI = 'vbox:///session'
VBOXMANAGE = '/usr/lib/virtualbox/VBoxManage'
NOT_THERE = 'Failed to create the VirtualBox object!'
# what a question meets while a machine goes down under it
GOING_DOWN = ('The object is not ready', 'lock request pending',
              'was unlocked unexpectedly while attempting to share its session')
QUESTIONS = ('list', 'showvminfo', 'getextradata')  # asking twice changes nothing


class CommandError(AssertionError):
    """A program that ended with another status than it should: its output is in the message."""


def run(*words, check=True, timeout=60, **options):
    """Runs a program to its end; its output is text unless options say otherwise."""
    options.setdefault('text', True)
    result = subprocess.run([str(word) for word in words], capture_output=True, timeout=timeout,
                            check=False, **options)
    return succeeded(result) if check else result


def succeeded(result):
    """What a program gave that must have succeeded."""
    if result.returncode != 0:
        raise CommandError(f'{result.args} ended with status {result.returncode}\n'
                           f'{result.stdout}\n{result.stderr}')
    return result


def virsh(*words, uri=URI, **options):
    """What `virsh -c URI words…` prints."""
    return run('virsh', '-c', uri, *words, **options).stdout


def virsh_error(*words, uri=URI, **options):
    """What virsh says on its standard error when it fails, as it must."""
    result = run('virsh', '-c', uri, *words, check=False, **options)
    assert result.returncode != 0, f'virsh {words} did not fail: {result.stdout}'
    return result.stderr


@functools.cache
def vboxmanage_environment():
    """What lets VBoxManage end when its work is done: see vboxmanage_exit.c."""
    library = pathlib.Path(tempfile.mkdtemp(prefix='vboxmanage-'), 'exit.so')
    run('cc', '-shared', '-fPIC', '-O', '-o', library,
        pathlib.Path(__file__).with_name('vboxmanage_exit.c'))
    return {**os.environ, 'LD_PRELOAD': str(library)}


def crashed(result):
    """Whether VBoxManage did, with no word against its job: once in some thousands it does so as it ends, when the
    job is done (VBoxSVC.log of a run showed the settings saved; the kernel names the thread that watches VBoxSVC)."""
    return result.returncode == -signal.SIGSEGV and 'error' not in str(result.stderr)


def vboxmanage_run(*words, check=True, **options):
    """Runs VBoxManage to its end; again while VirtualBox's service is between two lives, when it
    cannot even begin, or waits for ever for the one that died."""
    end = time.monotonic() + 30
    if words[0] in QUESTIONS:
        options.setdefault('timeout', 20)
    while True:
        try:
            result = run(VBOXMANAGE, *words, check=False, env=vboxmanage_environment(), **options)
        except subprocess.TimeoutExpired:
            if words[0] not in QUESTIONS or time.monotonic() > end:
                raise
            continue
        said = str(result.stderr)
        fails_by_chance = crashed(result) or any(word in said for word in GOING_DOWN)
        again = NOT_THERE in said or (words[0] in QUESTIONS and fails_by_chance)
        if crashed(result) and not again:
            result.returncode = 0
        if not again or time.monotonic() > end:
            return succeeded(result) if check else result
        time.sleep(0.2)


def vboxmanage(*words, **options):
    """What VBoxManage prints."""
    return vboxmanage_run(*words, **options).stdout


def machine_lines(machine):
    """`VBoxManage showvminfo --machinereadable`, as a list of lines."""
    return vboxmanage('showvminfo', machine, '--machinereadable').splitlines()


def machine_facts(machine):
    """The same as a dict; quotes are taken off, and a key that comes twice keeps its last value."""
    facts = {}
    for line in machine_lines(machine):
        key, equals, value = line.partition('=')
        if equals:
            facts[key.strip('"')] = value.strip('"')
    return facts


def environment(**changes):
    """Our environment with changes; None takes a variable away."""
    merged = {**os.environ, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def client(program, *words, **options):
    """Runs one of virt-install's programs on our connection; what it prints."""
    result = run(program, '--connect', URI, *words, env=environment(HOME='/tmp'), **options)
    return result.stdout + result.stderr
