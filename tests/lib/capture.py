# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what a client and the daemon say to each other, for tshark and its libvirt dissector."""
import pathlib
import socket
import struct
import tempfile
import threading

PORT = 16509  # where tshark expects libvirt
SEGMENT = 60000
CLIENT, SERVER = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])


class Capture:
    """A socket that passes everything on to the daemon's, and keeps it."""

    def __init__(self, upstream):
        self.upstream, self.lock, self.packets = upstream, threading.Lock(), []
        self.path = pathlib.Path(tempfile.mkdtemp(prefix='capture-'), 'socket')
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def uri(self):
        """What to connect to."""
        return f'vbox+unix:///session?socket={self.path}&mode=direct'

    def serve(self):
        """Two relays for each client; each client is a TCP connection of its own port."""
        port = 40000
        while True:
            client, _ = self.listener.accept()
            server, port = socket.socket(socket.AF_UNIX), port + 1
            server.connect(str(self.upstream))
            for source, target, to_server in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.relay, args=(source, target, port, to_server),
                                 daemon=True).start()

    def relay(self, source, target, port, to_server):
        """Passes on what one says."""
        while data := source.recv(SEGMENT):
            with self.lock:
                self.packets.append((port, to_server, data))
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def messages(self):
        """How many messages went through."""
        streams = {}
        for port, to_server, data in self.packets:
            streams.setdefault((port, to_server), bytearray()).extend(data)
        count = 0
        for data in streams.values():
            at = 0
            while at < len(data):
                at += struct.unpack_from('>I', data, at)[0]
                count += 1
        return count

    def write(self, path):
        """A pcap file (link type 101, raw IP) of all that was said."""
        sequence = {}
        with open(path, 'wb') as file:
            file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, 101))
            for number, (port, to_server, data) in enumerate(self.packets):
                packet = self.segment(sequence, port, to_server, data)
                file.write(struct.pack('<IIII', number // 1000, number % 1000, len(packet),
                                       len(packet)) + packet)

    @staticmethod
    def segment(sequence, port, to_server, data):
        """IP and TCP around some data.  Checksums are 0: tshark does not ask for them."""
        sent, seen = sequence.get((port, to_server), 1), sequence.get((port, not to_server), 1)
        sequence[port, to_server] = sent + len(data)
        ports = (port, PORT) if to_server else (PORT, port)
        addresses = (CLIENT + SERVER) if to_server else (SERVER + CLIENT)
        tcp = struct.pack('>HHIIBBHHH', *ports, sent, seen, 5 << 4, 0x18, 65535, 0, 0)
        head = struct.pack('>BBHHHBBH', 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0)
        return head + addresses + tcp + data
