# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of libvirt's remote protocol for tests: any procedure by name, and any bytes at all.

    with RawClient('/run/user/1000/libvirt/virtvboxd-sock') as client:
        client.open('vbox:///session')
        dom = client.call('DOMAIN_LOOKUP_BY_NAME', name='first')['dom']
        print(client.call('DOMAIN_GET_XML_DESC', dom=dom, flags=0)['xml'])
        ret, picture = client.download('DOMAIN_SCREENSHOT', dom=dom, screen=0, flags=0)

Run as a script it makes one call and prints the results:

    rawclient.py [--read-only] SOCKET URI PROCEDURE [NAME=VALUE…]
"""
import argparse
import array
import ast
import collections
import pprint
import socket
import struct
import sys

import wire

Message = collections.namedtuple('Message', 'header payload fds')
Event = collections.namedtuple('Event', 'name content')


class RemoteError(Exception):
    """An error that the server answered: code, domain, message and the other members."""

    def __init__(self, content):
        super().__init__(f'{content["message"]} (code {content["code"]})')
        self.content = content
        self.code, self.domain = content['code'], content['domain']
        self.message = content['message']


class RawClient:
    """A connection.  Pings are answered; events are kept until next_event() asks."""

    def __init__(self, path, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.serial = 0
        self.answers = {}  # serial: messages that nobody waited for yet
        self.events = collections.deque()
        self.fds = collections.deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Drops the connection without a word."""
        self.socket.close()

    def open(self, uri='vbox:///session', read_only=False, flags=None):
        """What stock clients do first."""
        methods = self.call('AUTH_LIST')['types']
        if methods and 2 in methods:
            self.call('AUTH_POLKIT')
        if flags is None:
            flags = 1 if read_only else 0
        self.call('CONNECT_OPEN', name=uri, flags=flags)

    # ---- bytes ----

    def send_raw(self, data):
        """Any bytes."""
        self.socket.sendall(data)

    def read_bytes(self, length):
        """Exactly length bytes; EOFError: the server closed the connection."""
        data = bytearray()
        while len(data) < length:
            chunk, control, _, _ = self.socket.recvmsg(length - len(data),
                                                       socket.CMSG_SPACE(32 * 4))
            for level, kind, content in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    numbers = array.array('i')
                    numbers.frombytes(content[:len(content) // 4 * 4])
                    self.fds.extend(numbers)
            if not chunk:
                raise EOFError(f'closed after {len(data)} of {length} bytes')
            data += chunk
        return bytes(data)

    def read_message(self):
        """The next message of any kind, pings included."""
        head = self.read_bytes(wire.HEADER)
        header = wire.read_header(head)
        if not wire.HEADER <= header.length <= wire.MESSAGE_LIMIT:
            raise wire.WireError(f'a message of {header.length} bytes')
        payload = self.read_bytes(header.length - wire.HEADER)
        fds = []
        if header.type == wire.REPLY_FDS:
            count = struct.unpack('>I', payload[:4])[0]
            payload = payload[4:]
            self.read_bytes(count)
            fds = [self.fds.popleft() for _ in range(count)]
        return Message(header, payload, fds)

    def is_closed(self):
        """Whether the server closes the connection now, after what it had to say."""
        try:
            while True:
                self.read_message()
        except (EOFError, ConnectionResetError):
            return True
        except TimeoutError:
            return False

    # ---- messages ----

    def send_call(self, name, /, fds=(), **args):
        """Sends a call and returns its serial."""
        procedure = wire.PROCEDURES[name]
        return self.send_payload(procedure.number, wire.pack_members(procedure.args, args), fds)

    def send_payload(self, number, payload=b'', fds=()):
        """Sends a call with any payload and returns its serial."""
        serial, self.serial = self.serial, self.serial + 1
        kind = wire.CALL
        if fds:
            kind, payload = wire.CALL_FDS, struct.pack('>I', len(fds)) + payload
        self.send_raw(wire.message(payload, number, kind, serial))
        for each in fds:
            socket.send_fds(self.socket, [b'\0'], [each])
        return serial

    def keep(self, message):
        """Puts a message where its reader will look."""
        header = message.header
        if header.program == wire.KEEPALIVE_PROGRAM:
            if header.procedure == 1:
                self.send_raw(wire.message(b'', 2, wire.EVENT, program=wire.KEEPALIVE_PROGRAM))
        elif header.type == wire.EVENT:
            procedure = wire.BY_NUMBER[header.procedure]
            self.events.append(Event(procedure.name,
                                     wire.unpack_members(procedure.ret, message.payload)))
        else:
            self.answers.setdefault(header.serial, collections.deque()).append(message)

    def next_answer(self, serial):
        """The next message to a call: its reply, then packets of its stream.  Raises RemoteError."""
        while not self.answers.get(serial):
            self.keep(self.read_message())
        message = self.answers[serial].popleft()
        if message.header.status == wire.ERROR:
            raise RemoteError(wire.unpack_members(wire.TYPES['error'][1], message.payload))
        return message

    def finish(self, name, serial):
        """The results of a call that was sent."""
        message = self.next_answer(serial)
        procedure = wire.PROCEDURES[name]
        if message.header.procedure != procedure.number:
            raise wire.WireError(f'an answer to procedure {message.header.procedure}')
        ret = wire.unpack_members(procedure.ret, message.payload)
        if message.fds:
            ret['fds'] = message.fds
        return ret

    def call(self, name, /, **args):
        """Makes a call and returns its results."""
        return self.finish(name, self.send_call(name, **args))

    def next_event(self, timeout=None):
        """The next event; TimeoutError: none came."""
        before = self.socket.gettimeout()
        try:
            if timeout is not None:
                self.socket.settimeout(timeout)
            while not self.events:
                self.keep(self.read_message())
        finally:
            self.socket.settimeout(before)
        return self.events.popleft()

    # ---- streams ----

    def send_stream(self, name, serial, data=b'', status=wire.CONTINUE):
        """A packet of a call's stream."""
        self.send_raw(wire.message(data, wire.PROCEDURES[name].number, wire.STREAM, serial, status))

    def download(self, name, /, **args):
        """Makes a call and takes all of its stream: results and bytes."""
        serial = self.send_call(name, **args)
        ret, data = self.finish(name, serial), bytearray()
        while True:
            message = self.next_answer(serial)
            if message.header.status != wire.CONTINUE:
                raise wire.WireError('a stream ended without an empty packet')
            if not message.payload:
                break
            data += message.payload
        self.send_stream(name, serial, status=wire.OK)
        if self.next_answer(serial).header.status != wire.OK:
            raise wire.WireError('the end of a stream was not confirmed')
        return ret, bytes(data)

    def upload(self, name, data, /, chunk=262120, **args):
        """Makes a call and sends data as its stream: results."""
        serial = self.send_call(name, **args)
        ret = self.finish(name, serial)
        for start in range(0, len(data), chunk):
            self.send_stream(name, serial, data[start:start + chunk])
        self.send_stream(name, serial, status=wire.OK)
        self.next_answer(serial)
        return ret


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--read-only', action='store_true')
    parser.add_argument('socket')
    parser.add_argument('uri')
    parser.add_argument('procedure', choices=wire.PROCEDURES, metavar='PROCEDURE')
    parser.add_argument('args', nargs='*', metavar='NAME=VALUE')
    options = parser.parse_args()
    args = {}
    for each in options.args:
        name, _, value = each.partition('=')
        try:
            args[name] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            args[name] = value
    with RawClient(options.socket) as client:
        client.open(options.uri, options.read_only)
        try:
            if wire.PROCEDURES[options.procedure].kind != 'stream-s2c':
                pprint.pprint(client.call(options.procedure, **args))
                return
            ret, data = client.download(options.procedure, **args)
        except RemoteError as error:
            sys.exit(f'error {error.code}: {error.message}')
        pprint.pprint(ret, stream=sys.stderr)
        sys.stdout.buffer.write(data)


if __name__ == '__main__':
    main()
