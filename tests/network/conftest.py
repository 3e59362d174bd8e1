# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures for networks: none is left after a test."""
import contextlib
import re

import pytest

import settings


def take():
    """VirtualBox's settings, without the copies that it keeps of those before, and without the version of
    the file, which goes up with the first NAT network that has IPv6."""
    return {name: re.sub(r'version="1\.\d+-linux"', '', text)
            for name, text in settings.take().items()
            if not name.endswith('-prev') and not re.search(r'VirtualBox-1\.\d+-linux', name)}


@contextlib.contextmanager
def same():
    """Its block leaves VirtualBox as it was."""
    before = take()
    yield
    changed = settings.difference(before, take())
    assert not changed, f'VirtualBox has changed:\n{changed}'


@pytest.fixture
def only_networks(networks, written):
    """As `networks`, and the test itself leaves VirtualBox as it was."""
    with same():
        yield networks


@pytest.fixture
def put_back():
    """`with put_back():` changes VirtualBox, fails, and takes all back."""
    return same
