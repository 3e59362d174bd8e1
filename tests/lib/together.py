# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several things at the same time."""
import concurrent.futures


def at_once(*works):
    """Runs each in a thread of its own; what each returned or raised, in order."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(work) for work in works]
        return [each.exception(120) or each.result() for each in running]
