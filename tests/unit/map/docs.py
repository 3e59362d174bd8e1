#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/mapping.md must say what the tables and VirtualBox's type library say: docs.py MAP-DOCS; with --write it is made
anew.  Every attribute of VirtualBox must be mapped or have its reason in domain/unmapped.def, never both."""
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[3] / 'docs/mapping.md'


def main():
    run = subprocess.run([sys.argv[-1]], capture_output=True)
    made = run.stdout
    if '--write' in sys.argv:
        PAGE.write_bytes(made)
    if run.returncode != 0:
        sys.exit(run.stderr.decode())
    if made != PAGE.read_bytes():
        sys.exit(f'{PAGE.name} is not what the tables say: tests/unit/map/docs.py --write BUILD/domain/map-docs')


if __name__ == '__main__':
    main()
