#!/usr/bin/env python3
"""An adapter in forty lines: submits one HL7 v2 message to a `listen bus` block and prints the verdict (docs/bus.md).

usage: adapter.py tcp://HOST:PORT SERVER-PUBLIC-KEY CLIENT-KEY-FILE LISTENER MESSAGE.hl7
The key file holds two lines, public and secret (Z85). Exit code: 0 accepted, 1 refused, 2 no answer.
"""
import secrets
import struct
import sys

import zmq

HELLO, WELCOME, SUBMIT, VERDICTS = 1, 2, 3, 4
address, server_key, key_file, listener, path = sys.argv[1:]
public, secret = open(key_file).read().split()
session = secrets.randbits(63)


def frame(kind, body):
    return struct.pack('<BBQ', 1, kind, session) + body


def text(value):
    return struct.pack('<I', len(value)) + value


socket = zmq.Context().socket(zmq.DEALER)
socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = server_key.encode(), public.encode(), secret.encode()
socket.rcvtimeo, socket.linger = 5000, 0
socket.connect(address)
message = open(path, 'rb').read()
item = (struct.pack('<QQ', 1, 1) + text(listener.encode()) + bytes([0]) + text(b'') + text(b'')  # HL7 v2; who: our key
        + bytes(16) + bytes(2) + text(b'') * 3 + text(message))  # key and faults are found by Nightbell
try:
    socket.send(frame(HELLO, struct.pack('<BQ', 1, 0)))
    assert socket.recv()[1] == WELCOME
    socket.send(frame(SUBMIT, struct.pack('<I', 1) + item))
    answer = socket.recv()
except zmq.Again:
    print('no answer: is our key listed?')
    sys.exit(2)
assert answer[1] == VERDICTS
_, _, verdict, accepted, position, _ = struct.unpack_from('<QQBBQq', answer, 14)
print('accepted at position %d' % position if accepted else 'refused (verdict %d)' % verdict)
sys.exit(0 if accepted else 1)
