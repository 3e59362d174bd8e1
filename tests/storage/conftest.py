# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures for storage: no pool is left after a test, and VirtualBox's media are as before."""
import pytest

import pools as pools_module


@pytest.fixture(autouse=True)
def clean(service):
    """What tests before this one have left is gone."""
    pools_module.clean()


@pytest.fixture(name='pools')
def _pools(connection, tmp_path):
    """Pools; all are removed at the end, by no means of ours."""
    yield pools_module.Pools(connection, tmp_path)
    pools_module.clean()


@pytest.fixture(name='pool')
def _pool(pools):
    """A pool that is started."""
    return pools.make('p')


@pytest.fixture(name='folder')
def _folder(pools, pool):
    """Its folder."""
    return pools.folder / 'p'


@pytest.fixture
def same_media(service):
    """VirtualBox has the same media in its lists after the test as before."""
    before = pools_module.media()
    yield
    assert pools_module.media() == before
