#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of libvirt-dbus: journey URI FILE leads the domain of FILE through its life, as the other journeys do."""
import pathlib
import sys

from gi.repository import Gio, GLib

UNDEFINED = 1
HOST = '/org/libvirt/VBox'  # vbox:///session on a session bus

bus = Gio.bus_get_sync(Gio.BusType.SESSION)
loop = GLib.MainLoop()


def call(path, method, arguments=None):
    """A call of libvirt-dbus; its first result, if it has one."""
    interface = 'org.libvirt.Connect' if path == HOST else 'org.libvirt.Domain'
    results = bus.call_sync('org.libvirt', path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, -1)
    return results.unpack()[0] if results.n_children() else None


def heard(_bus, _sender, _path, _interface, _signal, arguments):
    """An event."""
    _domain, event, _detail = arguments.unpack()
    print('event', event)
    if event == UNDEFINED:
        loop.quit()


bus.signal_subscribe('org.libvirt', 'org.libvirt.Connect', 'DomainEvent', HOST, None, Gio.DBusSignalFlags.NONE, heard)
xml = pathlib.Path(sys.argv[2]).read_text(encoding='utf-8')
domain = call(HOST, 'DomainDefineXML', GLib.Variant('(s)', (xml,)))
nothing = GLib.Variant('(u)', (0,))
call(domain, 'Create', nothing)
print('state', call(domain, 'GetState', nothing)[0])
print('active', len(call(HOST, 'ListDomains', GLib.Variant('(u)', (1,)))))
call(domain, 'Destroy', nothing)
call(domain, 'Undefine', nothing)
loop.run()
