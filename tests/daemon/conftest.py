# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures of the daemon's tests."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'lib')]

from harness import Daemon  # noqa: E402


@pytest.fixture
def idle_daemon():
    """A daemon that is not started yet."""
    daemon = Daemon()
    yield daemon
    daemon.clean_up()


@pytest.fixture
def daemon(idle_daemon):
    """A daemon that listens."""
    return idle_daemon.start()
