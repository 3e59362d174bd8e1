#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes C that compares our names and numbers with the installed libvirt's: it compiles only when
they agree.  Two enums of one name cannot meet in a C file, so it includes libvirt's headers alone.

    constants.py base/libvirt.h base/error.h rpc/message.h > constants.c
"""
import re
import sys

NAME = re.compile(r'(?:^    |#define )(VIR_(?!ERROR\b)\w+)(?: = | )'
                  r'(\d+(?: << \d+)?)(?:,|\b)(?: /\* since (\d+)\.(\d+)\.(\d+) \*/)?', re.M)


def main():
    """The comparison."""
    print('#include <libvirt/libvirt.h>\n#include <libvirt/virterror.h>\n')
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8') as file:
            found = NAME.findall(file.read())
        if not found:
            sys.exit(f'{path} has no constants')
        for name, number, *since in found:
            line = f'_Static_assert((int){name} == ({number}), "{name}");'
            if since[0]:
                line = (f'#if LIBVIR_CHECK_VERSION({", ".join(since)})\n{line}\n#endif')
            print(line)
    print('\nint main(void)\n{\n    return 0;\n}')


if __name__ == '__main__':
    main()
