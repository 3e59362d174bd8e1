# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that watch machines."""
import csv
import subprocess
import urllib.request

import pytest

import waiting
from commands import URI, run, virsh

ADDRESS = '127.0.0.1:9177'  # a worker has a network of its own


@pytest.fixture(name='running')
def _running(machines):
    """A machine that runs."""
    machine = machines.make()
    virsh('start', machine.name)
    machine.guest.wait_for('READY')
    yield machine
    virsh('destroy', machine.name)


@pytest.fixture(name='exporter')
def _exporter(service):
    """Fetches the exporter's page; None: nobody serves it."""
    def fetch():
        try:
            with urllib.request.urlopen(f'http://{ADDRESS}/metrics') as page:
                return page.read().decode()
        except OSError:
            return None
    with subprocess.Popen(['prometheus-libvirt-exporter', '--libvirt.uri', URI, '--web.listen-address', ADDRESS],
                          stderr=subprocess.DEVNULL) as process:
        waiting.until(fetch, 'the exporter serves')
        yield fetch
        process.terminate()


def test_virt_top(running, tmp_path):
    path = tmp_path / 'top.csv'
    run('virt-top', '--connect', URI, '--script', '-n', '2', '-d', '1', '--csv', path)
    with path.open(encoding='utf-8') as file:
        rounds = list(csv.DictReader(file))
    assert [each['Domain name'] for each in rounds] == [running.name] * 2
    assert {each['Domain ID'] for each in rounds} == {virsh('domid', running.name).strip()}
    assert {each['Total guest memory (KB)'] for each in rounds} == {'16384'}


def test_prometheus_libvirt_exporter(running, exporter):
    said = dict(line.rsplit(' ', 1) for line in exporter().splitlines() if not line.startswith('#'))
    domain = f'{{domain="{running.name}",uuid="{running.uuid}"}}'
    assert said['libvirt_up'] == '1' and said['libvirt_domains_number'] == '1'
    assert float(said[f'libvirt_domain_info_maximum_memory_bytes{domain}']) == 16 << 20
    assert said[f'libvirt_domain_state_code{domain}'] == '1'
    assert float(said[f'libvirt_domain_info_cpu_time_seconds_total{domain}']) > 0
