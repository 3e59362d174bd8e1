#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt's own client against our spec: a server made of tests/lib/wire.py answers it with random
values, and the client must see these values; what it sends must decode and say what was asked.

The C codec is compared with wire.py by crosscheck.py, so that both have an independent witness.
"""
import os
import pathlib
import random
import socket
import sys
import tempfile
import threading
import unittest

import libvirt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'lib'))
import wire  # noqa: E402

SEED = int(os.environ.get('SEED', random.randrange(2**32)))
RANDOM = random.Random(SEED)
UUID = bytes(range(16))
DOMAIN = {'name': 'first light', 'uuid': UUID, 'id': 7}
NETWORK = {'name': 'inner', 'uuid': bytes(range(16, 32))}


def number(bits):
    """A random unsigned number."""
    return RANDOM.getrandbits(bits)


class Server(threading.Thread):
    """Answers one client at a time.  answers: procedure name → results, or an error."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(path)
        self.socket.listen(1)
        self.answers, self.seen, self.problem = {}, [], None
        self.streams = {}
        self.client = None

    def run(self):
        while True:
            self.client, _ = self.socket.accept()
            try:
                while self.serve_one():
                    pass
            except OSError:
                pass
            except Exception as problem:  # the test must see it, not the thread
                self.problem = problem
            self.client.close()

    def read(self, length):
        """Exactly length bytes, or fewer at the end."""
        data = b''
        while len(data) < length and (chunk := self.client.recv(length - len(data))):
            data += chunk
        return data

    def send(self, payload, header, kind, status=wire.OK):
        """A message of the call that header heads."""
        self.client.sendall(wire.message(payload, header.procedure, kind, header.serial, status))

    def send_event(self, name, **content):
        """An event."""
        procedure = wire.PROCEDURES[name]
        self.client.sendall(wire.message(wire.pack_members(procedure.ret, content),
                                         procedure.number, wire.EVENT))

    def serve_one(self):
        """One message; False: the client has gone."""
        head = self.read(wire.HEADER)
        if len(head) < wire.HEADER:
            return False
        header = wire.read_header(head)
        payload = self.read(header.length - wire.HEADER)
        if header.program != wire.REMOTE_PROGRAM or header.type == wire.STREAM:
            if header.type == wire.STREAM and header.status == wire.OK:
                self.send(b'', header, wire.STREAM)
            return True
        procedure = wire.BY_NUMBER[header.procedure]
        args = wire.unpack_members(procedure.args, payload)
        if wire.pack_members(procedure.args, args) != payload:
            raise wire.WireError(f'{procedure.name} is not sent as we would')
        self.seen.append((procedure.name, args))
        self.answer(procedure, header, args)
        return True

    def answer(self, procedure, header, args):
        """The reply, and the stream that follows it."""
        answer = self.answers.get(procedure.name)
        if procedure.name == 'CONNECT_SUPPORTS_FEATURE':
            answer = {'supported': int(args['feature'] in (1, 8, 9, 10, 14, 15, 16))}
        if callable(answer):
            answer = answer(args)
        if answer is None and procedure.ret:
            answer = {'code': 3, 'domain': 25, 'message': procedure.name, 'level': 2, 'int1': -1,
                      'int2': -1}
        if answer and 'code' in answer:
            self.send(wire.pack_members(wire.TYPES['error'][1], answer), header, wire.REPLY,
                      wire.ERROR)
            return
        self.send(wire.pack_members(procedure.ret, answer or {}), header, wire.REPLY)
        for chunk in self.streams.get(procedure.name, ()):
            self.send(chunk, header, wire.STREAM, wire.CONTINUE)


class StockClient(unittest.TestCase):
    """Each test asks through libvirt, and compares."""

    @classmethod
    def setUpClass(cls):
        print(f'SEED={SEED}', file=sys.stderr)
        libvirt.registerErrorHandler(lambda *_: None, None)
        libvirt.virEventRegisterDefaultImpl()
        cls.folder = tempfile.TemporaryDirectory()
        path = os.path.join(cls.folder.name, 'socket')
        cls.server = Server(path)
        cls.server.answers.update({
            'AUTH_LIST': {'types': [0]}, 'CONNECT_OPEN': {}, 'CONNECT_CLOSE': {},
            'DOMAIN_LOOKUP_BY_NAME': {'dom': DOMAIN}, 'DOMAIN_LOOKUP_BY_UUID': {'dom': DOMAIN},
            'NETWORK_LOOKUP_BY_NAME': {'net': NETWORK},
            'CONNECT_GET_TYPE': {'type': 'VBOX'},
            'NODE_GET_CPU_MAP': {'cpumap': b'\7', 'online': 3, 'ret': 3},
        })
        cls.server.start()
        cls.connection = libvirt.open(f'vbox+unix:///session?socket={path}&mode=direct')
        cls.domain = cls.connection.lookupByName('first light')

    @classmethod
    def tearDownClass(cls):
        cls.domain = None
        cls.connection.close()
        cls.folder.cleanup()

    def setUp(self):
        self.answers, self.server.seen = self.server.answers, []

    def tearDown(self):
        if self.server.problem:
            raise self.server.problem

    def last(self):
        """The last call that the server saw."""
        return self.server.seen[-1]

    def test_connect(self):
        self.answers['CONNECT_GET_VERSION'] = {'hv_ver': 7002022}
        self.answers['CONNECT_GET_HOSTNAME'] = {'hostname': 'höst'}
        self.answers['CONNECT_GET_MAX_VCPUS'] = {'max_vcpus': 64}
        self.answers['NODE_GET_INFO'] = {
            'model': 'x86_64', 'memory': number(40), 'cpus': 8, 'mhz': 3000, 'nodes': 1,
            'sockets': 2, 'cores': 3, 'threads': 4}
        self.assertEqual(self.connection.getVersion(), 7002022)
        self.assertEqual(self.connection.getHostname(), 'höst')
        self.assertEqual(self.connection.getMaxVcpus(None), 64)
        self.assertEqual(self.last(), ('CONNECT_GET_MAX_VCPUS', {'type': None}))
        memory = self.answers['NODE_GET_INFO']['memory']
        self.assertEqual(self.connection.getInfo(), ['x86_64', memory // 1024, 8, 3000, 1, 2, 3, 4])

    def test_error(self):
        self.answers['DOMAIN_GET_OS_TYPE'] = {
            'code': 42, 'domain': 25, 'message': 'no such machine', 'level': 2, 'dom': DOMAIN,
            'str1': 'one', 'str2': 'two', 'str3': 'three', 'int1': 11, 'int2': 12, 'net': NETWORK}
        with self.assertRaises(libvirt.libvirtError) as caught:
            self.domain.OSType()
        error = caught.exception
        self.assertEqual((error.get_error_code(), error.get_error_domain(), error.get_error_level()),
                         (42, 25, 2))
        self.assertEqual(error.get_error_message(), 'no such machine')
        self.assertEqual((error.get_str1(), error.get_str2(), error.get_str3()),
                         ('one', 'two', 'three'))
        self.assertEqual((error.get_int1(), error.get_int2()), (11, 12))

    def test_domain(self):
        self.assertEqual((self.domain.name(), self.domain.UUID(), self.domain.ID()),
                         ('first light', UUID, 7))
        info = {'state': 1, 'maxMem': number(40), 'memory': number(40), 'nrVirtCpu': number(16),
                'cpuTime': number(60)}
        self.answers['DOMAIN_GET_INFO'] = info
        self.assertEqual(self.domain.info(), list(info.values()))
        self.assertEqual(self.last(), ('DOMAIN_GET_INFO', {'dom': DOMAIN}))
        self.answers['DOMAIN_GET_STATE'] = {'state': 3, 'reason': 5}
        self.assertEqual(self.domain.state(), [3, 5])
        self.answers['DOMAIN_GET_XML_DESC'] = {'xml': '<domain>\u00e4' + 'x' * 4001 + '</domain>'}
        self.assertEqual(self.domain.XMLDesc(3), self.answers['DOMAIN_GET_XML_DESC']['xml'])
        self.assertEqual(self.last(), ('DOMAIN_GET_XML_DESC', {'dom': DOMAIN, 'flags': 3}))
        stats = [number(60) for _ in range(5)]
        members = [name for name, _ in wire.PROCEDURES['DOMAIN_BLOCK_STATS'].ret]
        self.answers['DOMAIN_BLOCK_STATS'] = dict(zip(members, stats))
        self.assertEqual(list(self.domain.blockStats('hda')), stats)

    def test_calls_without_results(self):
        for ask, seen in (
                (self.domain.create, ('DOMAIN_CREATE', {'dom': DOMAIN})),
                (lambda: self.domain.reboot(4), ('DOMAIN_REBOOT', {'dom': DOMAIN, 'flags': 4})),
                (lambda: self.domain.undefineFlags(9),
                 ('DOMAIN_UNDEFINE_FLAGS', {'dom': DOMAIN, 'flags': 9})),
                (lambda: self.domain.setAutostart(1),
                 ('DOMAIN_SET_AUTOSTART', {'dom': DOMAIN, 'autostart': 1})),
                (lambda: self.domain.setMemoryFlags(123456, 2),
                 ('DOMAIN_SET_MEMORY_FLAGS', {'dom': DOMAIN, 'memory': 123456, 'flags': 2})),
                (lambda: self.domain.sendKey(0, 50, [1, 2, 3], 3, 0),
                 ('DOMAIN_SEND_KEY', {'dom': DOMAIN, 'codeset': 0, 'holdtime': 50,
                                      'keycodes': [1, 2, 3], 'flags': 0})),
                (lambda: self.domain.pinVcpu(1, (True, False, True)),
                 ('DOMAIN_PIN_VCPU', {'dom': DOMAIN, 'vcpu': 1, 'cpumap': b'\x05'}))):
            self.answers[seen[0]] = {}
            ask()
            self.assertIn(seen, self.server.seen)

    def test_lists(self):
        domains = [{'name': f'machine {i}', 'uuid': RANDOM.randbytes(16), 'id': i - 1}
                   for i in range(RANDOM.randrange(1, 50))]
        self.answers['CONNECT_LIST_ALL_DOMAINS'] = {'domains': domains, 'ret': len(domains)}
        seen = [{'name': each.name(), 'uuid': each.UUID(), 'id': each.ID()}
                for each in self.connection.listAllDomains(0x3ff)]
        self.assertEqual(seen, domains)
        self.assertEqual(self.last(), ('CONNECT_LIST_ALL_DOMAINS',
                                       {'need_results': 1, 'flags': 0x3ff}))
        names = [f'name {i}' for i in range(9)]
        self.answers['CONNECT_NUM_OF_DEFINED_DOMAINS'] = {'num': 9}
        self.answers['CONNECT_LIST_DEFINED_DOMAINS'] = {'names': names}
        self.assertEqual(self.connection.listDefinedDomains(), names)
        self.answers['CONNECT_NUM_OF_DOMAINS'] = {'num': 3}
        self.answers['CONNECT_LIST_DOMAINS'] = {'ids': [4, 1, 9]}
        self.assertEqual(self.connection.listDomainsID(), [4, 1, 9])
        self.answers['CONNECT_LIST_ALL_NETWORKS'] = {'nets': [NETWORK], 'ret': 1}
        network, = self.connection.listAllNetworks()
        self.assertEqual((network.name(), network.UUID()), ('inner', NETWORK['uuid']))

    def test_typed_parameters(self):
        params = {'a.int': ('i', -5), 'a.uint': ('ui', number(31)), 'a.llong': ('l', -number(62)),
                  'a.ullong': ('ul', number(64)), 'a.double': ('d', RANDOM.random()),
                  'a.bool': ('b', 1), 'a.string': ('s', 'text')}
        self.answers['CONNECT_GET_ALL_DOMAIN_STATS'] = {'retStats': [{
            'dom': DOMAIN,
            'params': [{'field': name, 'value': value} for name, value in params.items()]}]}
        (domain, stats), = self.connection.getAllDomainStats(0x7f, 3)
        self.assertEqual(domain.name(), 'first light')
        self.assertEqual(stats, {name: value for name, (_, value) in params.items()})
        self.assertEqual(self.last(), ('CONNECT_GET_ALL_DOMAIN_STATS',
                                       {'doms': [], 'stats': 0x7f, 'flags': 3}))
        self.answers['DOMAIN_GET_JOB_STATS'] = {'type': 2, 'params': [
            {'field': 'time_elapsed', 'value': ('ul', 17)}]}
        self.assertEqual(self.domain.jobStats(), {'type': 2, 'time_elapsed': 17})

    def test_optional_and_nested(self):
        lease = {'iface': 'vboxnet0', 'expirytime': 1234567, 'type': 0, 'mac': '08:00:27:00:00:01',
                 'iaid': None, 'ipaddr': '192.168.56.101', 'prefix': 24, 'hostname': 'guest',
                 'clientid': None}
        self.answers['NETWORK_GET_DHCP_LEASES'] = {'leases': [lease], 'ret': 1}
        network = self.connection.networkLookupByName('inner')
        self.assertEqual(network.DHCPLeases(), [lease])
        addresses = [{'type': 0, 'addr': '10.0.2.15', 'prefix': 24},
                     {'type': 1, 'addr': 'fe80::1', 'prefix': 64}]
        self.answers['DOMAIN_INTERFACE_ADDRESSES'] = {'ifaces': [
            {'name': 'eth0', 'hwaddr': None, 'addrs': addresses}]}
        self.assertEqual(self.domain.interfaceAddresses(0),
                         {'eth0': {'addrs': addresses, 'hwaddr': None}})
        self.answers['DOMAIN_GET_VCPUS'] = {
            'info': [{'number': 0, 'state': 1, 'cpu_time': number(60), 'cpu': 3}],
            'cpumaps': b'\x01'}
        self.answers['DOMAIN_GET_INFO'] = {'state': 1, 'maxMem': 1, 'memory': 1, 'nrVirtCpu': 1,
                                           'cpuTime': 1}
        vcpu, = self.domain.vcpus()[0]
        self.assertEqual(vcpu, (0, 1, self.answers['DOMAIN_GET_VCPUS']['info'][0]['cpu_time'], 3))

    def test_capabilities(self):
        self.answers['CONNECT_GET_DOMAIN_CAPABILITIES'] = {'capabilities': '<x/>'}
        self.assertEqual(self.connection.getDomainCapabilities(None, 'x86_64', None, 'vbox'), '<x/>')
        self.assertEqual(self.last()[1], {'emulatorbin': None, 'arch': 'x86_64', 'machine': None,
                                          'virttype': 'vbox', 'flags': 0})

    def test_stream(self):
        picture = RANDOM.randbytes(700000)
        self.answers['DOMAIN_SCREENSHOT'] = {'mime': 'image/png'}
        self.server.streams['DOMAIN_SCREENSHOT'] = [
            *(picture[i:i + 262120] for i in range(0, len(picture), 262120)), b'']
        stream, seen = self.connection.newStream(), bytearray()
        self.assertEqual(self.domain.screenshot(stream, 0), 'image/png')
        stream.recvAll(lambda _, data, __: seen.extend(data), None)
        stream.finish()
        self.assertEqual(bytes(seen), picture)

    def test_event(self):
        seen = []
        self.answers['CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY'] = {'callbackID': 5}
        self.answers['CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY'] = {}
        callback = self.connection.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
            lambda _, domain, event, detail, __: seen.append((domain.name(), event, detail)), None)
        self.assertEqual(self.last(), ('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
                                       {'eventID': 0, 'dom': None}))
        self.server.send_event('DOMAIN_EVENT_CALLBACK_LIFECYCLE', callbackID=5,
                               msg={'dom': DOMAIN, 'event': 2, 'detail': 1})
        for _ in range(20):
            if not seen:
                libvirt.virEventRunDefaultImpl()
        self.assertEqual(seen, [('first light', 2, 1)])
        self.connection.domainEventDeregisterAny(callback)


if __name__ == '__main__':
    unittest.main()
