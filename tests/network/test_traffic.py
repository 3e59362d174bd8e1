# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packets of a guest behind <interface type='user'>: DHCP and TFTP with VirtualBox's NAT, HTTP with a server on the
host's loopback, and HTTP from the host through a forwarded port.  The guest is guest.c."""
import contextlib
import http.server
import pathlib
import threading
import urllib.error
import urllib.request

import pytest

import domains
import waiting
from commands import machine_facts, run, vboxmanage

PAGE = b'what only the host knows'
FORWARDED = 4080
LIMIT = 120  # seconds; the guest needs 10 on a quiet machine
FLAGS = ('-m16', '-march=i386', '-Os', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-fno-pic', '-fno-stack-protector',
         '-fno-asynchronous-unwind-tables')
NIC = '''<interface type='user'>
  <model type='am79c973'/>
  <portForward proto='tcp' address='127.0.0.1'><range start='{port}' to='80'/></portForward>
  <vbox:nat enableTFTP='yes' TFTPPrefix='{folder}' TFTPBootFile='guest'/>
</interface>'''


def compile_guest(folder, port):
    """Makes the boot program that asks a server on that port."""
    source = pathlib.Path(__file__).with_name('guest.c')
    run('gcc', *FLAGS, f'-DSERVER_PORT={port}', '-c', '-o', folder / 'guest.o', source)
    run('ld', '-m', 'elf_i386', '--section-start=.start=0x7c00', '-Ttext=0x7c40', '--entry=0x7c00', '--oformat', 'binary',
        '-z', 'noseparate-code', '-o', folder / 'guest', folder / 'guest.o')


@pytest.fixture(name='server')
def _server():
    """A web server on the host's loopback; .asked is what it was asked for."""
    class Handler(http.server.BaseHTTPRequestHandler):
        """Answers everything with the page."""

        def do_GET(self):
            """One request."""
            self.server.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_):
            """Says nothing."""

    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask_guest():
    """What the guest's own server says; None: nobody answers yet."""
    with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
        with urllib.request.urlopen(f'http://127.0.0.1:{FORWARDED}/', timeout=5) as answer:
            return answer.read()


def test_user(connection, machines, server, tmp_path):
    compile_guest(tmp_path, server.server_port)
    devices = NIC.format(port=FORWARDED, folder=tmp_path)
    domain = connection.defineXML(domains.xml('vm', devices=devices).replace("boot dev='fd'", "boot dev='network'"))
    assert f'tcp{FORWARDED},tcp,127.0.0.1,{FORWARDED},,80' in machine_facts('vm').values()
    # VirtualBox (7.2) itself turns it on, when its service next reads the machine
    vboxmanage('modifyvm', 'vm', '--nat-localhostreachable1', 'on')
    domain.create()
    waiting.until(lambda: server.asked, 'the guest asks the host', limit=LIMIT)
    # it has the address that NAT's DHCP server gives first
    assert server.asked == [f'/{bytes((10, 0, 2, 15)).hex()}']
    assert waiting.until(ask_guest, 'the guest answers', limit=LIMIT) == PAGE
    domain.destroy()
