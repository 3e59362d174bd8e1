#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/mapping.md must say what the tables say: docs.py MAP-DOCS; with --write it is made anew."""
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[3] / 'docs/mapping.md'


def main():
    made = subprocess.run([sys.argv[-1]], capture_output=True, check=True).stdout
    if '--write' in sys.argv:
        PAGE.write_bytes(made)
    elif made != PAGE.read_bytes():
        sys.exit(f'{PAGE.name} is not what the tables say: tests/unit/map/docs.py --write BUILD/domain/map-docs')


if __name__ == '__main__':
    main()
