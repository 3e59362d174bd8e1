# SPDX-License-Identifier: LGPL-2.1-or-later
"""All ways in which a stock client can watch events, at once: what one sees all must see."""
import re
import subprocess
import threading

import commands
import waiting
from recorder import Recorder, connect

LINE = re.compile(r"event 'lifecycle' for domain '?([^']*?)'?: (\w+) (.*)")


class VirshEvents:
    """`virsh event --loop`, running; what is no lifecycle event is in `other`, as it is printed."""

    def __init__(self, *words, kinds=('--event', 'lifecycle')):
        # stdbuf: virsh's output goes to a pipe, and must not wait there
        self.process = subprocess.Popen(
            ['stdbuf', '-oL', 'virsh', '-c', commands.URI, 'event', '--loop', *kinds, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.events, self.other = [], []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """The lines that virsh prints."""
        for line in self.process.stdout:
            found = LINE.match(line.strip())
            if found:
                name, event, detail = found.groups()
                self.events.append((name, f'{event} {detail.capitalize()}'))
            else:
                self.other.append(line)

    def of(self, name):
        """The events of one domain so far."""
        return [what for domain, what in list(self.events) if domain == name]

    def forget(self):
        """Starts anew."""
        self.events.clear()

    def close(self):
        """Ends virsh."""
        self.process.terminate()
        self.process.wait()


class Watchers:
    """Every kind of watcher, and a machine of their own that tells them that all events have come."""

    def __init__(self, machines, machine=None):
        self.connections = [connect(), connect()]
        self.all = {'callback': Recorder(self.connections[0]),
                    'old style': Recorder(self.connections[1], old_style=True),
                    'virsh': VirshEvents()}
        self.filtered = {}
        self.marker, self.count = machines.make(), 0
        if machine is not None:
            domain = self.connections[0].lookupByUUIDString(machine.uuid)
            other = self.connections[0].lookupByUUIDString(self.marker.uuid)
            self.filtered = {'this domain': Recorder(self.connections[0], domain)}
            self.stranger = Recorder(self.connections[0], other)
        waiting.until(lambda: self.mark() and self.all['virsh'].of(self.marker.name),
                      'virsh sees events', pause=0.2)
        self.barrier()
        for each in self.everybody():
            each.forget()

    def everybody(self):
        """All watchers but the one of another domain."""
        return [*self.all.values(), *self.filtered.values()]

    def mark(self):
        """Makes an event of the marker."""
        self.count += 1
        self.marker.manage('modifyvm', '--description', str(self.count))
        return True

    def barrier(self):
        """Until all events that VirtualBox has sent so far have reached everybody."""
        before = {each: len(each.of(self.marker.name)) for each in self.all.values()}
        self.mark()
        for each, count in before.items():
            waiting.until(lambda each=each, count=count: len(each.of(self.marker.name)) > count,
                          'a marker event comes through')

    def saw(self, name, last):
        """What everybody saw of a domain, which must be the same, once `last` and a marker are through."""
        for each in self.everybody():
            waiting.until(lambda each=each: last in each.of(name),
                          f'the event "{last}" of {name}; so far: {each.of(name)}')
        self.barrier()
        seen = {kind: each.of(name) for kind, each in {**self.all, **self.filtered}.items()}
        assert len({tuple(events) for events in seen.values()}) == 1, f'they differ: {seen}'
        return seen['callback']

    def forget(self):
        """Starts anew."""
        for each in self.everybody():
            each.forget()

    def close(self):
        """Nobody watches any more."""
        if self.filtered:
            self.stranger.close()
        for each in self.everybody():
            each.close()
        for each in self.connections:
            each.close()
