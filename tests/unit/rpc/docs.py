#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/procedures.md must say what rpc/protocol.spec says."""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]


def main():
    """Makes it again and compares."""
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / 'procedures.md'
        subprocess.run([sys.executable, ROOT / 'rpc/generate.py', '--docs', made], check=True)
        if made.read_bytes() != (ROOT / 'docs/procedures.md').read_bytes():
            sys.exit('docs/procedures.md is stale: '
                     'run python3 rpc/generate.py --docs docs/procedures.md')


if __name__ == '__main__':
    main()
