#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes a domain XML without the ports whose host devices are missing here: devices.py IN OUT; fails if none is
import itertools
import os
import sys

from lxml import etree


def is_missing(port):
    source = port.find('source')
    return port.get('type') == 'dev' and source is not None and not os.access(source.get('path', ''), os.R_OK | os.W_OK)


def main():
    domain = etree.parse(sys.argv[1])
    ports = (domain.findall('devices/' + element) for element in ('serial', 'parallel', 'console'))
    missing = [port for port in itertools.chain(*ports) if is_missing(port)]
    for port in missing:
        port.getparent().remove(port)
    domain.write(sys.argv[2])
    return not missing


if __name__ == '__main__':
    sys.exit(main())
