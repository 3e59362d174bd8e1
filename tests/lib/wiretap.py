#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what a stock client and a stock server say to each other, as lines "> hex" (client) and
"< hex" (server) of whole messages; how tests/unit/rpc/captured.txt was made:

    wiretap.py LISTEN-ON SERVER-SOCKET COMMAND… > lines

Longer messages than --limit bytes are left out, and so is what was seen before.
"""
import argparse
import os
import socket
import subprocess
import threading

import wire

LOCK, SEEN = threading.Lock(), set()


def relay(source, target, mark, limit):
    """Passes bytes on, and prints each whole message among them."""
    pending = b''
    while data := source.recv(65536):
        target.sendall(data)
        pending += data
        while len(pending) >= wire.HEADER:
            header = wire.read_header(pending)
            if len(pending) < header.length:
                break
            message, pending = pending[:header.length], pending[header.length:]
            key = header._replace(serial=0)
            with LOCK:
                if len(message) <= limit and (mark, key, message[wire.HEADER:]) not in SEEN:
                    SEEN.add((mark, key, message[wire.HEADER:]))
                    print(mark, message.hex(), flush=True)
    target.shutdown(socket.SHUT_WR)


def serve(listener, server, limit):
    """A pair of relays for each client."""
    while True:
        client, _ = listener.accept()
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(server)
        for args in ((client, upstream, '>', limit), (upstream, client, '<', limit)):
            threading.Thread(target=relay, args=args, daemon=True).start()


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--limit', type=int, default=2000)
    parser.add_argument('listen')
    parser.add_argument('server')
    parser.add_argument('command', nargs=argparse.REMAINDER)
    options = parser.parse_args()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(options.listen)
    listener.listen()
    threading.Thread(target=serve, args=(listener, options.server, options.limit),
                     daemon=True).start()
    try:
        subprocess.run(options.command, stdout=subprocess.DEVNULL, check=False)
    finally:
        os.unlink(options.listen)


if __name__ == '__main__':
    main()
