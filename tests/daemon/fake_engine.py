#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An engine without VirtualBox, for tests of the daemon: speaks rpc/link.h on descriptor 3.

What it does with a call is in the name of the domain that is asked for, as "verb" or "verb:number":

    NAME          answers at once: the domain NAME, its XML, its picture
    error:N       answers an error of code N
    wait:SECONDS  answers later
    never         never answers; pings are answered
    hang          never answers anything any more
    die           dies
    big:BYTES     XML and pictures of that size
    then-VERB…    is found by name, and does it when it is used as a domain

The folder VBOXVIRT_FAKE holds a log of what came (log), and what the engine shall do: at its start the
lines of the file "start" (fail SENTENCE, silent, exit, slow SECONDS), and at any time the commands
that come through its socket "control".
"""
import json
import os
import pathlib
import selectors
import socket
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'lib')]
import minimal  # noqa: E402
import wire  # noqa: E402

(CALL, GONE, CREDIT, PING, WATCH, STOP, CACHE, LEFT) = range(1, 9)
(HELLO, MESSAGE, EVENT, PONG, REMEMBER, BUSY, FAILED, MIND) = range(64, 72)
FRAME = struct.Struct('=IIQ')
WINDOW = 4 << 20
UUID = bytes(range(16))
KINDS = {value: name for name, value in list(globals().items())
         if isinstance(value, int) and name.isupper()}


class Engine:
    """The link, the calls that wait and the streams that run."""

    def __init__(self, link, folder):
        self.link, self.folder = link, folder
        self.pending = b''
        self.later = []  # (time, client, header, name)
        self.streams = {}  # (client, serial): [header, bytes left]
        self.credit = {}  # client: bytes that may be sent
        self.hangs = False

    def log(self, **what):
        """A line for the test."""
        with (self.folder / 'log').open('a', encoding='utf-8') as file:
            file.write(json.dumps({'pid': os.getpid(), **what}) + '\n')

    # ---- to the daemon ----

    def send(self, kind, client=0, payload=b''):
        """A frame."""
        self.link.sendall(FRAME.pack(FRAME.size + len(payload), kind, client) + payload)

    def send_number(self, kind, number):
        """A frame with a number."""
        self.send(kind, payload=struct.pack('=Q', number))

    def reply(self, client, header, ret):
        """The answer to a call."""
        procedure = wire.BY_NUMBER[header.procedure]
        self.send(MESSAGE, client, wire.message(wire.pack_members(procedure.ret, ret),
                                                header.procedure, wire.REPLY, header.serial))

    def fail(self, client, header, code, text):
        """The answer to a call that failed."""
        error = {'code': code, 'domain': 25, 'message': text, 'level': 2, 'int1': -1, 'int2': -1}
        self.send(MESSAGE, client, wire.message(wire.pack('error', error), header.procedure,
                                                wire.REPLY, header.serial, wire.ERROR))

    def emit(self, name, uuid, **content):
        """An event for all who want it: content without callbackID."""
        procedure = wire.PROCEDURES[name]
        body = wire.pack_members(procedure.ret, {'callbackID': 0, **content})[4:]
        self.send(EVENT, 0, struct.pack('=I', procedure.number) + uuid + body)

    # ---- from the daemon ----

    def take(self, kind, client, payload):
        """One frame."""
        if kind == CALL:
            header = wire.read_header(payload)
            self.log(kind='CALL', client=client, type=header.type, status=header.status,
                     procedure=wire.BY_NUMBER[header.procedure].name, bytes=len(payload))
            if header.type == wire.CALL:
                self.take_call(client, header, payload[wire.HEADER:])
            else:
                self.take_packet(client, header)
            return
        number = struct.unpack('=Q', payload)[0] if len(payload) == 8 else None
        self.log(kind=KINDS[kind], client=client, number=number, text=payload.decode('latin1')
                 if kind == CACHE else None)
        if kind == PING and not self.hangs:
            self.send_number(PONG, number)
        elif kind == CREDIT:
            self.credit[client] = self.credit.get(client, WINDOW) + number
            self.pump(client)
        elif kind == GONE:
            self.streams = {key: each for key, each in self.streams.items() if key[0] != client}
        elif kind == STOP:
            sys.exit(0)

    def take_call(self, client, header, payload):
        """A call: the domain's name says what to do."""
        procedure = wire.BY_NUMBER[header.procedure]
        args = wire.unpack_members(procedure.args, payload)
        name = args.get('name') or args.get('dom', {}).get('name', '').removeprefix('then-')
        verb, _, number = name.partition(':')
        if verb == 'die':
            os._exit(3)
        elif verb == 'hang':
            self.hangs = True
        elif verb == 'wait':
            self.later.append((time.monotonic() + float(number), client, header, name))
        elif verb == 'error':
            self.fail(client, header, int(number), 'as you wished')
        elif verb != 'never' and not self.hangs:
            self.answer(client, header, name)

    def answer(self, client, header, name):
        """A call's results."""
        procedure = wire.BY_NUMBER[header.procedure]
        size = int(name.partition(':')[2] or 1000) if name.startswith('big') else 1000
        known = {'dom': {'name': name, 'uuid': UUID, 'id': -1}, 'hv_ver': 7002022,
                 'xml': 'x' * size, 'capabilities': '<capabilities/>',
                 'mime': 'image/png'}
        self.reply(client, header, minimal.members(procedure.ret, **known))
        if procedure.kind == 'stream-s2c':
            self.streams[client, header.serial] = [header, size]
            self.pump(client)

    def take_packet(self, client, header):
        """A packet of a stream: the client's end of it, or data."""
        if header.status != wire.CONTINUE and self.streams.pop((client, header.serial), None):
            self.send(MESSAGE, client, wire.message(b'', header.procedure, wire.STREAM,
                                                    header.serial, header.status))

    def pump(self, client):
        """Sends stream data as far as the client's credit goes."""
        credit = self.credit.setdefault(client, WINDOW)
        for (owner, serial), stream in self.streams.items():
            header, left = stream
            while owner == client and left >= 0 and credit > 0:
                data = b'p' * min(left, 65536)
                packet = wire.message(data, header.procedure, wire.STREAM, serial, wire.CONTINUE)
                self.send(MESSAGE, client, packet)
                left -= len(data) or 1  # after the empty packet, which is the end: -1
                credit -= len(data)
            stream[1] = left
        self.credit[client] = credit

    # ---- from the test ----

    def command(self, text):
        """A command of the test."""
        verb, _, rest = text.partition(' ')
        if verb == 'event':
            content = json.loads(rest)
            self.emit(content.pop('name'), UUID, **content)
        elif verb == 'lifecycle':
            uuid = bytes.fromhex(rest) if rest else UUID
            domain = {'name': 'first', 'uuid': uuid, 'id': 7}
            self.emit('DOMAIN_EVENT_CALLBACK_LIFECYCLE', uuid,
                      msg={'dom': domain, 'event': 2, 'detail': 0})
        elif verb == 'flood':
            for _ in range(int(rest)):
                self.command('lifecycle')
        elif verb == 'network':
            self.emit('NETWORK_EVENT_LIFECYCLE', UUID, net={'name': 'inner', 'uuid': UUID},
                      event=2, detail=0)
        elif verb == 'pmsuspend':
            domain = {'name': 'first', 'uuid': UUID, 'id': 7}
            self.emit('DOMAIN_EVENT_CALLBACK_PMSUSPEND', UUID, reason=5, msg={'dom': domain})
        elif verb == 'busy':
            self.send_number(BUSY, int(rest))
        elif verb == 'mind':
            client, minds = rest.split()
            self.send(MIND, int(client), struct.pack('=Q', int(minds)))
        elif verb == 'remember':
            self.send(REMEMBER, 0, rest.encode())
        elif verb == 'raw':
            self.link.sendall(bytes.fromhex(rest))
        elif verb == 'leave':
            self.log(kind='DONE', text=text)  # the daemon ends us as soon as it sees
            self.link.shutdown(socket.SHUT_RDWR)
            time.sleep(float(rest))

    def obey(self, control):
        """Takes a command and tells the test that it is done."""
        text = control.recv(65536).decode()
        self.command(text)
        self.log(kind='DONE', text=text)

    # ---- life ----

    def start(self):
        """What the file "start" says, then the greeting."""
        path = self.folder / 'start'
        for line in path.read_text(encoding='utf-8').splitlines() if path.exists() else []:
            verb, _, rest = line.partition(' ')
            if verb == 'fail':
                self.send(FAILED, 0, rest.encode())
            if verb in ('fail', 'exit'):
                sys.exit(1)
            if verb == 'silent':
                return
            if verb == 'slow':
                time.sleep(float(rest))
        self.send(HELLO, 0, b'7.2.22fake')

    def read(self):
        """Frames of the daemon; its end is ours."""
        data = self.link.recv(1 << 20)
        if not data:
            sys.exit(0)
        self.pending += data
        while len(self.pending) >= FRAME.size:
            length, kind, client = FRAME.unpack_from(self.pending)
            if len(self.pending) < length:
                break
            payload, self.pending = self.pending[FRAME.size:length], self.pending[length:]
            self.take(kind, client, payload)

    def run(self):
        """Serves until the daemon ends."""
        control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        (self.folder / 'control').unlink(missing_ok=True)
        self.log(kind='START', environment=dict(os.environ), folder=os.getcwd(),
                 fds=sorted(int(fd) for fd in os.listdir('/proc/self/fd')), uid=os.getuid())
        control.bind(str(self.folder / 'control'))
        self.start()
        with selectors.DefaultSelector() as selector:
            selector.register(self.link, selectors.EVENT_READ, self.read)
            selector.register(control, selectors.EVENT_READ, lambda: self.obey(control))
            while True:
                for key, _ in selector.select(0.02 if self.later else None):
                    key.data()
                now = time.monotonic()
                for each in [each for each in self.later if each[0] <= now and not self.hangs]:
                    self.later.remove(each)
                    self.answer(*each[1:])


def main():
    """The command line of the real engine."""
    if sys.argv[1:] == ['--check=all']:
        print('fake report')
        return
    assert sys.argv[1:] == ['--link=3'], sys.argv
    engine = Engine(socket.socket(fileno=3), pathlib.Path(os.environ['VBOXVIRT_FAKE']))
    try:
        engine.run()
    except (BrokenPipeError, ConnectionResetError):
        pass


if __name__ == '__main__':
    main()
