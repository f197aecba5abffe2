"""An MLLP load: several connections, several messages in flight on each, every acknowledgement kept.

A message whose connection ends before its acknowledgement is sent again under the same control id until it
is acknowledged, as real senders do. Most messages are results that no rule wants: they are journaled and
routed like any other, and open nothing.
"""
import selectors
import socket
import threading
import time

DEPTH = 8


def result(control_id):
    return ('MSH|^~\\&|LAB|CLINIC|NIGHTBELL|CLINIC|20261122120000+0000||ORU^R01^ORU_R01|%s|P|2.5.1\r'
            'PID|1||M%s^^^GH^MR||Canary^Load\rPV1|1|I|OBS^^1\rOBR|1|||718-7^Hemoglobin^LN\r'
            'OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL|12-16|N|||F\r' % (control_id, control_id[-4:])).encode()


class Connection:
    def __init__(self):
        self.wire, self.rest, self.waiting, self.out, self.retry_at = None, b'', [], b'', 0.0


class Load(threading.Thread):
    """Runs until stop(); `acked` maps control ids to the acknowledgement's bytes."""

    def __init__(self, port, prefix, connections=4, per_second=1500):
        super().__init__(daemon=True)
        self.port, self.prefix, self.per_second = port, prefix, per_second
        self.connections = [Connection() for _ in range(connections)]
        self.acked, self.bad, self.again = {}, [], []
        self.sent = self.lost = self.number = 0
        self.ending = self.draining = False
        self.begun = time.monotonic()

    def stop(self, seconds=20):
        """No new messages; waits until every one that was sent is acknowledged."""
        self.draining = True
        self.join(seconds)
        self.ending = True
        self.join(2)
        return not self.again and all(not c.waiting for c in self.connections)

    def next_message(self):
        if self.again:
            return self.again.pop()
        if self.draining or self.sent >= (time.monotonic() - self.begun) * self.per_second:
            return None
        self.number += 1
        self.sent += 1
        return '%s%06d' % (self.prefix, self.number)

    def drop(self, c, watch):
        watch.unregister(c.wire)
        c.wire.close()
        self.lost += 1
        self.again += c.waiting
        c.wire, c.rest, c.out, c.waiting = None, b'', b'', []
        c.retry_at = time.monotonic() + 0.05

    def dial(self, c, watch):
        if time.monotonic() < c.retry_at:
            return
        try:
            c.wire = socket.create_connection(('127.0.0.1', self.port), timeout=1)
            c.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            c.wire.setblocking(False)
            watch.register(c.wire, selectors.EVENT_READ, c)
        except OSError:
            c.wire, c.retry_at = None, time.monotonic() + 0.1

    def fill(self, c, watch):
        while len(c.waiting) < DEPTH:
            control_id = self.next_message()
            if control_id is None:
                break
            c.waiting.append(control_id)
            c.out += b'\x0b' + result(control_id) + b'\x1c\r'
        try:
            if c.out:
                c.out = c.out[c.wire.send(c.out):]
        except BlockingIOError:
            pass
        except OSError:
            self.drop(c, watch)

    def read(self, c, watch):
        try:
            got = c.wire.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            got = b''
        if not got:
            self.drop(c, watch)
            return
        c.rest += got
        while b'\x1c\r' in c.rest:
            answer, c.rest = c.rest.split(b'\x1c\r', 1)
            self.take(c, answer)

    def take(self, c, answer):
        msa = answer.split(b'\rMSA|', 1)[-1].split(b'\r', 1)[0].decode().split('|')
        if len(msa) < 2 or not c.waiting or msa[1] != c.waiting[0]:
            self.bad.append(answer)       # not in the order of its connection, or not ours
            return
        c.waiting.pop(0)
        (self.acked.__setitem__(msa[1], answer) if msa[0] in ('AA', 'CA') else self.bad.append(answer))

    def run(self):
        watch = selectors.DefaultSelector()
        while not self.ending:
            for c in self.connections:
                if c.wire is None:
                    self.dial(c, watch)
                if c.wire is not None:
                    self.fill(c, watch)
            if self.draining and not self.again and all(not c.waiting for c in self.connections):
                break
            for key, _ in watch.select(0.005) if watch.get_map() else []:
                if key.data.wire is not None:
                    self.read(key.data, watch)
            if not watch.get_map():
                time.sleep(0.02)
        for c in self.connections:
            if c.wire is not None:
                c.wire.close()


class Resend(Load):
    """Sends a list of control ids once more."""

    def __init__(self, port, control_ids):
        super().__init__(port, '', per_second=0)
        self.again = list(reversed(control_ids))
        self.draining = True
