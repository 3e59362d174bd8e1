# SPDX-License-Identifier: LGPL-2.1-or-later
"""Libraries by which other languages' programs speak to libvirt: each leads a domain through its life."""
import os
import pathlib

import libvirt
import pytest

import domains
import service as service_module
import settings
from commands import URI, run

HERE = pathlib.Path(__file__).parent
# Debian's Go packages, and the cache that instances share; a first compilation takes half a minute
GO = {'GO111MODULE': 'off', 'GOPATH': '/usr/share/gocode', 'GOCACHE': '/var/cache/compiler/go', 'CGO_ENABLED': '0'}
LIVED = [f'event {event}' for event in (
    libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STOPPED,
    libvirt.VIR_DOMAIN_EVENT_UNDEFINED)]


@pytest.fixture
def journey(machines, tmp_path):
    """Runs a client, which must leave no machine: the events that it hears of a machine that ran."""
    path = tmp_path / 'domain.xml'
    path.write_text(domains.xml('journey'), encoding='utf-8')

    def live(*words, uri=URI):
        said = run(*words, uri, path).stdout
        assert said.startswith('state 1\nactive 1\n'), said
        assert settings.known('MachineRegistry/MachineEntry', 'uuid') == []
        return said.splitlines()[2:]
    return live


def test_go_libvirt(journey, tmp_path):
    """It looks for libvirtd at the system's place unless the URI names a socket."""
    program = tmp_path / 'journey'
    run('go', 'build', '-trimpath', '-o', program, HERE / 'journey.go', timeout=280, env={**os.environ, **GO})
    assert journey(program, uri=f'{URI}?socket={service_module.socket_path()}') == LIVED


def test_sys_virt(journey):
    assert journey(HERE / 'journey.pl') == LIVED


def test_ruby_libvirt(journey):
    assert journey(HERE / 'journey.rb') == []


def test_libvirt_dbus(journey):
    assert journey('dbus-run-session', '--', HERE / 'journey_dbus.py') == LIVED
