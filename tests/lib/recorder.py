# SPDX-License-Identifier: LGPL-2.1-or-later
"""Libvirt's Python binding for tests: one event loop, quiet errors, and a recorder of events."""
import functools
import threading

import libvirt

import commands
import waiting

LIFECYCLE = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE
EVENTS = {number: name.removeprefix('VIR_DOMAIN_EVENT_').capitalize()
          for name, number in vars(libvirt).items()
          if name.startswith('VIR_DOMAIN_EVENT_') and name.count('_') == 3
          and not name.endswith('_LAST')}
DETAILS = {(event, number): name.removeprefix('VIR_DOMAIN_EVENT_').split('_', 1)[1].capitalize()
           for event, word in EVENTS.items() for name, number in vars(libvirt).items()
           if name.startswith(f'VIR_DOMAIN_EVENT_{word.upper()}_') and not name.endswith('_LAST')}


@functools.cache
def start_loop():
    """Libvirt's own event loop, in a thread of its own; before the first connection is opened."""
    def loop():
        while True:
            libvirt.virEventRunDefaultImpl()
    libvirt.registerErrorHandler(lambda *_: None, None)
    libvirt.virEventRegisterDefaultImpl()
    # a timer, so that the loop wakes when nothing else does
    libvirt.virEventAddTimeout(200, lambda *_: None, None)
    threading.Thread(target=loop, daemon=True, name='libvirt events').start()


def connect(uri=commands.URI):
    """A connection."""
    return libvirt.open(uri)


def words(event, detail):
    """An event as virsh prints it."""
    return f'{EVENTS[event]} {DETAILS[event, detail]}'


class Recorder:
    """Keeps the lifecycle events that come: (name of the domain, "Event Detail")."""

    def __init__(self, connection, domain=None, old_style=False):
        self.connection, self.events, self.changed = connection, [], threading.Condition()
        self.old_style, self.identity = old_style, None
        if old_style:
            connection.domainEventRegister(self.take, None)
        else:
            self.identity = connection.domainEventRegisterAny(domain, LIFECYCLE, self.take, None)

    def take(self, _connection, domain, event, detail, _opaque):
        """Libvirt's callback."""
        with self.changed:
            self.events.append((domain.name(), words(event, detail)))
            self.changed.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """No more events."""
        if self.old_style:
            self.connection.domainEventDeregister(self.take)
        elif self.identity is not None:
            self.connection.domainEventDeregisterAny(self.identity)
            self.identity = None

    def of(self, name):
        """The events of one domain so far."""
        with self.changed:
            return [what for domain, what in self.events if domain == name]

    def wait_for(self, name, what, limit=waiting.LIMIT):
        """Until an event of the domain has come."""
        with self.changed:
            good = self.changed.wait_for(lambda: (name, what) in self.events, limit)
        assert good, f'no event "{what}" of {name}; what came: {self.events}'

    def forget(self):
        """Starts anew."""
        with self.changed:
            self.events.clear()
