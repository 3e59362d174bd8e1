# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/clients.md names what is tested, and all of it; docs/events.md all events of domains."""
import pathlib
import re

from commands import run, virsh

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r'\| [^|]+ \| ([\w.+-]+) (\d\S*) \| [^|]+ \| ([^|]+) \|')


def test_clients_of_the_page():
    """Their packages are in the test bed, their tests exist, and each test of clients is named."""
    rows = [ROW.fullmatch(line) for line in (ROOT / 'docs/clients.md').read_text(encoding='utf-8').splitlines()]
    packages = {row[1]: row[2] for row in rows if row}
    tests = {test for row in rows if row for test in row[3].split(', ')}
    installed = dict(line.split() for line in run(
        'dpkg-query', '--show', '--showformat', '${Package} ${Version}\n', *packages).stdout.splitlines())
    assert installed.keys() == packages.keys()
    assert all((ROOT / test).exists() for test in tests), tests
    ours = {str(path.relative_to(ROOT)) for path in pathlib.Path(__file__).parent.glob('test_*.py')}
    assert ours - tests == {'tests/clients/test_documentation.py', 'tests/clients/test_wire.py'}


def test_events_of_the_page(service):
    """Each event that virsh knows stands in one row."""
    assert service.is_running()
    rows = (ROOT / 'docs/events.md').read_text(encoding='utf-8').splitlines()
    named = [name for row in rows if row.startswith('| ') for name in row.split('|')[1].strip().split(', ')]
    assert sorted(name for name in named if not name.startswith('event of')) == sorted(virsh('event', '--list').split())
