# SPDX-License-Identifier: LGPL-2.1-or-later
"""A desktop for one program: an X server, a session bus, and what its windows have, as a screen reader sees it.

Theory of operation

GTK's programs tell assistive programs about their windows over a bus of its own (AT-SPI): each widget is an object
with a role, a name, states and a place.  We ask there and keep nothing, so that what we see is never old.  Buttons
are pressed by the pointer: a call that presses one is not answered before the dialog that it opens is closed, and the
program answers no other meanwhile.
"""
import contextlib
import os
import re
import subprocess

from gi.repository import Gio, GLib
from PIL import ImageGrab

import waiting

ACCESSIBLE, ACTION, COMPONENT, EDITABLE = (f'org.a11y.atspi.{name}' for name in
                                           ('Accessible', 'Action', 'Component', 'EditableText'))
SELECTED, SENSITIVE, SHOWING = 23, 24, 25  # AtspiStateType
ON_SCREEN = 0  # AtspiCoordType
SLOW = 20000  # milliseconds: one answer of a program on a busy machine
LIMIT = 60  # seconds, for what a program does when it is told
ANY = 'widget'  # of any role
SCREEN = '1400x1000x24'
REGISTRY, ROOT = 'org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root'
CONTROLLER = '/org/a11y/atspi/registry/deviceeventcontroller'


class Gone(Exception):
    """The widget is not there any more."""


class Widget:
    """One accessible object."""

    def __init__(self, bus, program, path):
        self.bus, self.program, self.path = bus, program, path

    def call(self, interface, method, arguments=None):
        """Calls a method; its results as Python values."""
        try:
            return self.bus.call_sync(self.program, self.path, interface, method, arguments, None,
                                      Gio.DBusCallFlags.NONE, SLOW, None).unpack()
        except GLib.Error as error:
            raise Gone(f'{self.program}{self.path}: {error}') from error

    @property
    def name(self):
        """What a screen reader would say."""
        words = GLib.Variant('(ss)', (ACCESSIBLE, 'Name'))
        return self.call('org.freedesktop.DBus.Properties', 'Get', words)[0]

    @property
    def role(self):
        """E.g. button."""
        return self.call(ACCESSIBLE, 'GetRoleName')[0]

    def has(self, state):
        """Whether it has a state."""
        low, high = self.call(ACCESSIBLE, 'GetState')[0]
        return bool((low | high << 32) >> state & 1)

    def children(self):
        """What it has in it."""
        return [Widget(self.bus, *each) for each in self.call(ACCESSIBLE, 'GetChildren')[0]]

    def inside(self):
        """Itself and all in it that can be seen, outer ones first."""
        yield self
        for each in self.children():
            with contextlib.suppress(Gone):
                if each.has(SHOWING):
                    yield from each.inside()

    def all(self, role, name=''):
        """Those in it that have a role (or any) and a name like this regular expression."""
        found = []
        for each in self.inside():
            with contextlib.suppress(Gone):
                if (role == ANY or each.role == role) and re.match(name, each.name):
                    found.append(each)
        return found

    def find(self, role, name=''):
        """The first of them, as soon as there is one."""
        def found():
            with contextlib.suppress(Gone):
                return (self.all(role, name) or [None])[0]
        return waiting.until(found, f'there is a {role} "{name}"', limit=LIMIT)

    def place(self):
        """x, y, width and height on the screen."""
        return self.call(COMPONENT, 'GetExtents', GLib.Variant('(u)', (ON_SCREEN,)))[0]

    def click(self):
        """Presses it by the pointer, once it stands still and can be pressed."""
        last = None

        def still():
            nonlocal last
            before, last = last, self.place()
            return self.has(SENSITIVE) and last == before
        waiting.until(still, f'{self.name} can be pressed', limit=LIMIT, pause=0.1)
        x, y, width, height = last
        middle = GLib.Variant('(iis)', (x + width // 2, y + height // 2, 'b1c'))
        Widget(self.bus, REGISTRY, CONTROLLER).call('org.a11y.atspi.DeviceEventController', 'GenerateMouseEvent', middle)

    def activate(self):
        """Does what a click does, for an item of a menu: GTK ignores a click right after the menu opens.  What it opens must
        not keep the program from answering."""
        self.call(ACTION, 'DoAction', GLib.Variant('(i)', (0,)))

    def focus(self):
        """Gives it the keyboard, which also selects a row of a list."""
        self.call(COMPONENT, 'GrabFocus')

    def write(self, text):
        """Puts a text in place of what it has, once it can be edited."""
        waiting.until(lambda: self.has(SENSITIVE), f'{self.name} can be edited', limit=LIMIT)
        self.call(EDITABLE, 'SetTextContents', GLib.Variant('(s)', (text,)))


@contextlib.contextmanager
def process(*words, **options):
    """A program, ended with the block."""
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, **options) as running:
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()


@contextlib.contextmanager
def server(log, *words):
    """A program that tells where it is, as soon as it is there, on the file whose number stands for {}."""
    reading, writing = os.pipe()
    with open(reading, encoding='utf-8') as said:
        with process(*(word.format(writing) for word in words), stdout=log, stderr=log, pass_fds=[writing]):
            os.close(writing)
            yield said.readline().strip()


class Desktop:
    """An X server and the busses; programs that are started while it is there appear on it."""

    def __init__(self, log):
        self.log, self.bus, self.ends = log, None, contextlib.ExitStack()
        self.seen = self.kept = None

    def __enter__(self):
        display = self.ends.enter_context(server(
            self.log, 'Xvfb', '-displayfd', '{}', '-screen', '0', SCREEN, '-nolisten', 'tcp'))
        os.environ.update(DISPLAY=f':{display}', GDK_BACKEND='x11', GSETTINGS_BACKEND='memory')
        os.environ['DBUS_SESSION_BUS_ADDRESS'] = self.ends.enter_context(server(
            self.log, 'dbus-daemon', '--session', '--nofork', '--print-address={}'))
        self.bus = connect(os.environ['DBUS_SESSION_BUS_ADDRESS'])
        launcher = Widget(self.bus, 'org.a11y.Bus', '/org/a11y/bus')
        self.bus = connect(launcher.call('org.a11y.Bus', 'GetAddress')[0])
        return self

    def __exit__(self, *_):
        self.ends.close()

    def windows(self):
        """The windows that can be seen."""
        found = []
        for program in Widget(self.bus, REGISTRY, ROOT).children():
            with contextlib.suppress(Gone):
                found += [each for each in program.children() if each.has(SHOWING) and each.role != 'tool tip']
        return found

    def window(self, name):
        """The window whose title is like this regular expression, as soon as it is there."""
        def found():
            with contextlib.suppress(Gone):
                return next((each for each in self.windows() if re.match(name, each.name)), None)
        return waiting.until(found, f'there is a window "{name}"', limit=LIMIT)

    def picture(self, path):
        """Keeps what is on the screen, once it is another than the last and has stopped changing."""
        def still():
            before, self.seen = self.seen, grab()
            return before == self.seen != self.kept
        waiting.until(still, 'the screen stands still', limit=LIMIT, pause=0.1)
        self.kept = self.seen
        self.kept.save(path, compress_level=1)


def grab():
    """What is on the screen now."""
    return ImageGrab.grab(xdisplay=os.environ['DISPLAY'])


def connect(address):
    """A connection to a bus."""
    return Gio.DBusConnection.new_for_address_sync(
        address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
