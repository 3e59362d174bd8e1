#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the checks of tools/lint in an instance of the test bed: lint.py [--format] [FILE...]
"""A check is a function in CHECKS: it takes the files and yields complaints, lines "path:line: what and what to do"."""
import argparse
import os
import sys

import clang
import house
import scripts

CHECKS = [house.heads, house.sizes, house.hosts_and_paths, house.layers, scripts.shell, scripts.python,
          clang.formatting, clang.tidy]
SKIPPED_FOLDERS = {'.git', 'build', '__pycache__', '.pytest_cache', '.cache'}


def all_files():
    for folder, folders, names in os.walk('.'):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(names):
            yield os.path.normpath(os.path.join(folder, name))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--format', action='store_true', help='format all C in place')
    parser.add_argument('files', nargs='*', help='only these')
    options = parser.parse_args()
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
    files = options.files or list(all_files())
    if options.format:
        return clang.format_in_place(files)
    complaints = 0
    for check in CHECKS:
        found = list(check(files))
        print('%-8s %s.%s' % ('FAILED' if found else 'ok', check.__module__, check.__name__))
        for complaint in found:
            print('  ' + complaint)
        complaints += len(found)
    return complaints > 0


if __name__ == '__main__':
    sys.exit(main())
