# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waits for what must become true, no longer than it takes, and not for ever."""
import time

LIMIT = 20  # seconds: ten times what anything here takes on a loaded machine


def until(condition, what, limit=LIMIT, pause=0.02):
    """Returns condition()'s first true value; fails with `what` after limit seconds."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'not within {limit} s: {what}'
        time.sleep(pause)


def never(condition, what, seconds):
    """Fails when condition() becomes true within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert not condition(), what
        time.sleep(0.02)
