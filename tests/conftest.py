# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests on a real VirtualBox share: the daemon, a connection, machines, and that each test leaves
VirtualBox as it found it.

A pytest worker has a home, a /tmp and processes of its own (tools/testbed.d/worker-python), so the
fixtures may rely on a VirtualBox that nobody else uses.  Fixtures start what they need only for the
tests that ask for them.
"""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / 'lib'))

import commands  # noqa: E402
import machines as machines_module  # noqa: E402
import nets  # noqa: E402
import recorder  # noqa: E402
import service as service_module  # noqa: E402
import settings  # noqa: E402

LOG_TAIL = 60  # lines of the daemon's log under a test that failed
SERVICE_LOG_TAIL = 15  # and of each log of VirtualBox's service


def pytest_addoption(parser):
    """How often each test is to run: what fails once in fifty is a fault to find."""
    parser.addoption('--repeat', type=int, default=1, metavar='N', help='run each test N times')


def pytest_generate_tests(metafunc):
    """A test that is repeated differs in its round."""
    if metafunc.config.option.repeat > 1:
        metafunc.fixturenames.append('repetition')
        metafunc.parametrize('repetition', range(metafunc.config.option.repeat))


@pytest.fixture(scope='session', name='the_service')
def _the_service():
    """The daemon, where stock clients look for it.  For fixtures; tests take `service`."""
    recorder.start_loop()
    service = service_module.Service()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def service(the_service, request):
    """The daemon; it must outlive the test."""
    if not the_service.is_running():
        the_service.start()
    pid, said = the_service.pid, len(the_service.log())
    request.node.service, request.node.service_said = the_service, said
    yield the_service
    if request.node.get_closest_marker('restarts_daemon') is None:
        assert the_service.is_running() and the_service.pid == pid, \
            f'the daemon died:\n{the_service.log()[said:]}'
    assert 'CRITICAL **' not in the_service.log()[said:], the_service.log()[said:]


@pytest.fixture
def connection(service):
    """A connection of python3-libvirt."""
    opened = recorder.connect()
    yield opened
    opened.close()


@pytest.fixture(name='both')
def _both(connection, tmp_path):
    """Connections to two daemons."""
    other = service_module.Service(path=tmp_path / 'other-sock').start()
    opened = recorder.connect(f'vbox+unix:///session?socket={other.path}')
    yield connection, opened
    opened.close()
    other.stop()


@pytest.fixture
def machines(service):
    """Makes machines; removes all that are registered at the end."""
    factory = machines_module.Factory()
    yield factory
    factory.remove_all()


@pytest.fixture
def networks(service):
    """Networks; all are removed at the end."""
    factory = nets.Networks()
    yield factory
    factory.remove_all()


@pytest.fixture(scope='session', name='written')
def _written():
    """VirtualBox has written its settings once: a fresh home looks otherwise."""
    for words in (['test', '1'], ['test']):
        commands.vboxmanage('setextradata', 'global', *words)


@pytest.fixture
def unchanged():
    """VirtualBox has no other settings after the test than before."""
    before = settings.take()
    yield
    changed = settings.difference(before, settings.take())
    assert not changed, f'VirtualBox has changed:\n{changed}'


@pytest.fixture
def valid(tmp_path):
    """Says whether libvirt's schema takes a document: the one of its root, unless another is named."""
    def check(xml, *schema):
        path = tmp_path / 'document.xml'
        path.write_text(xml, encoding='utf-8')
        commands.run('virt-xml-validate', path, *schema)
        return True
    return check


def pytest_configure(config):
    """Our marks."""
    config.addinivalue_line('markers', 'restarts_daemon: the test ends the daemon itself')


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Shows what the daemon said during a test that failed."""
    outcome = yield
    report = outcome.get_result()
    said = getattr(item, 'service_said', None)
    if report.failed and said is not None:
        lines = item.service.log()[said:].splitlines()[-LOG_TAIL:]
        report.sections.append(('the daemon and its engine', '\n'.join(lines)))
        for path in sorted(settings.PLACES[0].glob('VBoxSVC.log*')):
            lines = path.read_text(encoding='utf-8', errors='replace').splitlines()[-SERVICE_LOG_TAIL:]
            report.sections.append((path.name, '\n'.join(lines)))
