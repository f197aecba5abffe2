#!/usr/bin/env python3
"""report_test.py NIGHTBELL PROJECT   Reports back to the source, over real sockets: PCD-05 from Received to
Accepted, the application acknowledgement on a connection of its own, and none lost while processes are killed,
the source hangs up, or the whole program dies. Ends with 'N passed, N failed'."""
import os
import shutil
import socket
import ssl
import sys
import threading
import time

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
os.environ['NIGHTBELL'] = PROGRAM
sys.path.insert(0, os.path.join(PROJECT, 'tests', 'kill'))
from served import Gateway, Served, alarm, check, finish, folder, free_port, send, wait_for  # noqa: E402

SITE = '''language 1
site report-house timezone "UTC" demo yes
desk front "Front desk" staffed always reach phones
unit "OBS" "Observation" { beds "1" to "60"  fallback desk front }
person greta "Greta Lund RN"  { may-hold primary-nurse  reach %s }
assign greta primary-nurse of "OBS"
listen mllp monitors { on "127.0.0.1:2775"  sends starts, ends  reports "127.0.0.1:%d" }
listen mllp silent   { on "127.0.0.1:2776"  sends starts, ends }
endpoint inbox phones { on "127.0.0.1:8474" }
%s
default { notify primary-nurse urgent  after 10min if not accepted notify desk front }
'''
GATEWAY = '''endpoint jose gateway { url "https://127.0.0.1:%d/alerts"  ca "tls/ca.pem"  key "keys/gateway.jwk"
  answers-key "keys/gateway-sign.jwk"  callback "127.0.0.1:%d"  receipt 5min }'''


class Reporter:
    """An Alert Reporter: keeps every frame in order of arrival and answers it with CA, unless told otherwise."""

    def __init__(self, tls=None):
        self.tls = tls
        self.frames, self.answered, self.connections = [], [], 0
        self.drop = self.refuse = 0   # so many frames: hang up in place of an answer; answer AR
        self.deaf = False             # answers nothing
        self.listening = socket.create_server(('127.0.0.1', 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            wire, _ = self.listening.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(wire,), daemon=True).start()

    def serve(self, wire):
        rest = b''
        try:
            wire = self.tls.wrap_socket(wire, server_side=True) if self.tls else wire
            while True:
                while b'\x1c\r' not in rest:
                    got = wire.recv(65536)
                    if not got:
                        return
                    rest += got
                frame, rest = rest.split(b'\x1c\r', 1)
                frame = frame.lstrip(b'\x0b')
                self.frames.append(frame)
                if self.deaf:
                    continue
                if self.drop > 0:
                    self.drop -= 1
                    return
                if value(frame, 'MSH', 14):   # MSH-15: it wants an answer
                    code = 'CA' if self.refuse == 0 else 'AR'
                    self.refuse = max(0, self.refuse - 1)
                    wire.sendall(b'\x0bMSH|^~\\&|GW|H|NB|H|20261014||ACK^R41^ACK|X%d|P|2.6\rMSA|%s|%s\r\x1c\r' % (
                        len(self.frames), code.encode(), value(frame, 'MSH', 9).encode()))
                self.answered.append(frame)
        except OSError:
            pass
        finally:
            wire.close()

    def about(self, control_id):
        """Words of PRT-3.2 that answer to this PCD-04, in order, each report once."""
        seen, words = set(), []
        for frame in list(self.frames):
            number = value(frame, 'MSH', 9)
            if value(frame, 'MSA', 2) == control_id and number not in seen:
                seen.add(number)
                words.append(value(frame, 'PRT', 3).split('^')[1] if value(frame, 'PRT', 3) else value(frame, 'MSH', 8))
        return words


def value(frame, segment, number):
    for line in frame.decode().split('\r'):
        parts = line.split('|')
        if parts[0] == segment and len(parts) > number:
            return parts[number]
    return ''


def make_site(name, port, reach='phones', endpoint=''):
    site = os.path.join(folder, name)
    os.makedirs(site, exist_ok=True)
    with open(os.path.join(site, 'site.bell'), 'w') as f:
        f.write(SITE % (reach, port, endpoint))
    return site


def asks_for_both(control_id):
    """A message that asks for the accept and the application acknowledgement."""
    return '\r'.join(('MSH|^~\\&|MON|H|NB|H|20261014180000||ADT^A08^ADT_A01|%s|P|2.6|||AL|AL' % control_id,
                      'EVN||20261014180000', 'PID|||4712^^^GH^MR', 'PV1||I|OBS^^7', ''))


def same_bytes(reporter):
    """Each MSH-10 always stands for the same bytes, and first arrivals come in the order of their numbers."""
    first, order = {}, []
    for frame in reporter.frames:
        number = value(frame, 'MSH', 9)
        if number not in first:
            first[number] = frame
            order.append(int(number[2:]))
        elif first[number] != frame:
            return False
    return order == sorted(order)


def whole_way():
    """A phone far away accepts: the source hears of each step."""
    reporter, callback = Reporter(), free_port()
    site = make_site('site-whole', reporter.port, 'gateway "staff:greta"')
    data = os.path.join(folder, 'whole')
    gateway = Gateway(site, '--answer', 'delivered,read,accept', '--callback',
                      'https://127.0.0.1:%d/gateway/gateway' % callback, '--callback-ca',
                      os.path.join(data, 'demo-tls', 'ca.pem'))
    make_site('site-whole', reporter.port, 'gateway "staff:greta"', GATEWAY % (gateway.port, callback))
    served = Served(site, 'whole', ports={'gateway': callback})
    check('serves', served.start(), served.logged()[-5:])
    answer = send(served.ports['monitors'], alarm('W1', '4', 'whole-1'))
    check('the PCD-04 is acknowledged on its own connection', answer and 'MSA|CA|W1' in answer, answer)
    told = wait_for(lambda: len(reporter.about('W1')) >= 4 and reporter.about('W1'), 20)
    check('and reported on the other, in order', told == ['Received', 'Delivered', 'Read', 'Accepted'], (told, gateway.lines))
    last = reporter.frames[-1]
    check('by whom', value(last, 'PRT', 5) == 'greta^Greta Lund RN', last)
    check('no patient in it', b'Quill' not in b''.join(reporter.frames) and b'PID' not in b''.join(reporter.frames))
    check('ORA^R41', value(last, 'MSH', 8) == 'ORA^R41^ORA_R41' and value(last, 'MSA', 1) == 'AA', last)
    check('one connection', reporter.connections == 1, reporter.connections)
    rows = served.explain(served.alerts()[0]['alert'])
    texts = [r.get('text', '') for r in rows]
    check('explain shows what the reporter was told', any('was told: Accepted, acknowledged after' in t for t in texts), texts)
    status = served.status()
    counted = str(status)
    check('status counts them', "'reports-taken': 4" in counted and "'reports-waiting': 0" in counted, counted[:3000])
    served.stop()
    gateway.process.kill()


def acknowledgements():
    reporter = Reporter()
    served = Served(make_site('site-ack', reporter.port), 'ack')
    check('serves', served.start(), served.logged()[-5:])
    answer = send(served.ports['monitors'], asks_for_both('D1'))
    check('both asked for: CA on its connection', answer and 'MSA|CA|D1' in answer, answer)
    check('and AA on the other', wait_for(lambda: [value(f, 'MSA', 1) for f in reporter.frames] == ['AA'], 5),
          reporter.frames)
    check('of that message', value(reporter.frames[0], 'MSA', 2) == 'D1' and value(reporter.frames[0], 'MSH', 8).startswith('ACK'))
    check('the same again: the same CA', send(served.ports['monitors'], asks_for_both('D1')) == answer)
    answer = send(served.ports['silent'], asks_for_both('D2'))
    check('without `reports` the accept acknowledgement alone', answer and 'MSA|CA|D2' in answer, answer)
    reporter.refuse = 1
    send(served.ports['monitors'], alarm('D3', '9', 'ack-3'))
    check('a report that is refused does not stop the next',
          wait_for(lambda: reporter.about('D3') == ['Received'] + 3 * ['Undeliverable'], 5), reporter.about('D3'))
    listed = wait_for(lambda: 'report-refused' in str(served.status()), 5)
    check('it is listed', listed, served.status())
    check('and none was sent twice', len(reporter.frames) == 5, [value(f, 'MSH', 9) for f in reporter.frames])
    served.stop()


def over_tls():
    """The source's certificate must be signed by the CA of the site."""
    demo = os.path.join(folder, 'ack', 'demo-tls')   # made by the test before
    for good in (False, True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(demo, 'server.pem'), os.path.join(demo, 'server.key'))
        reporter = Reporter(context)
        name = 'tls-%s' % good
        site = make_site('site-' + name, reporter.port)
        os.makedirs(os.path.join(site, 'tls'))
        other = os.path.join(folder, 'tls-False', 'demo-tls', 'ca.pem')   # of another house
        if good:
            shutil.copy(os.path.join(demo, 'ca.pem'), os.path.join(site, 'tls', 'ca.pem'))
        else:
            plain = Served(make_site('site-other', reporter.port), 'tls-False')
            check('another house', plain.start())
            plain.stop()
            shutil.copy(other, os.path.join(site, 'tls', 'ca.pem'))
        with open(os.path.join(site, 'site.bell')) as f:
            text = f.read()
        with open(os.path.join(site, 'site.bell'), 'w') as f:
            f.write(text.replace('reports "127', 'reports-tls server "tls"  reports "127'))
        served = Served(site, name + '-data')
        check('serves', served.start(), served.logged()[-5:])
        send(served.ports['monitors'], alarm('T1', '9', 'tls-1'))
        if good:
            check('told over TLS', wait_for(lambda: 'Received' in reporter.about('T1'), 10), served.logged()[-5:])
        else:
            time.sleep(1.5)
            check('a stranger is told nothing', not reporter.frames, reporter.frames)
            check('and it waits', "'reports-waiting': 4" in str(served.status()), str(served.status())[:2000])
        served.stop()


def nothing_is_lost():
    """Processes and connections die while reports wait: each arrives, under one number, in order."""
    reporter = Reporter()
    served = Served(make_site('site-lost', reporter.port), 'lost')
    check('serves', served.start(), served.logged()[-5:])
    sent = []

    def send_some(count):
        for _ in range(count):
            sent.append('L%d' % len(sent))
            answer = send(served.ports['monitors'], alarm(sent[-1], str(len(sent) % 60 + 1), sent[-1]), 20)
            check('%s is acknowledged' % sent[-1], answer is not None)

    def all_told():
        return all('Received' in reporter.about(s) for s in sent)
    send_some(3)
    check('three are told', wait_for(all_told, 10))
    reporter.deaf = True   # takes them, answers nothing: all that follow wait
    send_some(3)
    for role in ('delivery', 'router', 'delivery'):
        check('%s is killed and started again' % role, served.kill(role))
        send_some(2)
    served.kill_everything()
    reporter.deaf = False
    check('starts again', served.start(), served.logged()[-5:])
    send_some(1)
    check('each is told after all that', wait_for(all_told, 40), [(s, reporter.about(s)) for s in sent])
    reporter.drop = 2      # hangs up in place of an answer, twice
    send_some(3)
    check('each is told after the source hung up', wait_for(all_told, 40), [(s, reporter.about(s)) for s in sent])
    drained = wait_for(lambda: "'reports-waiting': 0" in str(served.status()), 40)
    check('none is left waiting', drained, str(served.status())[:3000])
    check('the same report is the same bytes, and they come in order', same_bytes(reporter),
          [value(f, 'MSH', 9) for f in reporter.frames])
    check('none was given up', "'reports-refused': 0" in str(served.status()) and "'reports-dropped': 0" in str(served.status()))
    code, took = served.stop()
    check('leaves on SIGTERM within 5 s', code == 0 and took < 5, (code, took))


def wrong_sites():
    """What check says of the settings."""
    import subprocess
    rows = [('reports "192.0.2.7:2590"', 'E607'), ('reports "192.0.2.7:2590"  insecure', None),
            ('reports "192.0.2.7:2590"  reports-tls server "tls"', 'reports: tls'), ('reports "127.0.0.1:2590"', None),
            ('reports when-asked "localhost:2590"', None), ('reports sometimes "127.0.0.1:2590"', 'E610'),
            ('reports "nowhere"', 'E610'), ('reports "127.0.0.1:0"', 'E610'), ('reports-tls server "tls"', 'E609'),
            ('reports "127.0.0.1:2590"  reports-tls client "tls"', 'E610')]
    for settings, code in rows:
        site = os.path.join(folder, 'site-wrong')
        os.makedirs(site, exist_ok=True)
        with open(os.path.join(site, 'site.bell'), 'w') as f:
            f.write((SITE % ('phones', 1, '')).replace('reports "127.0.0.1:1"', settings))
        got = subprocess.run([PROGRAM, 'check', site], capture_output=True, text=True)
        said = got.stdout + got.stderr
        check('check: %s' % settings, (code in said) if code else got.returncode == 0, said)


for test in (wrong_sites, acknowledgements, over_tls, nothing_is_lost, whole_way):
    if test is whole_way and shutil.which('node') is None:
        print('skipped  ' + test.__name__ + ': no node')
        continue
    if len(sys.argv) < 4 or test.__name__ in sys.argv[3:]:
        print('--- ' + test.__name__.replace('_', ' '), flush=True)
        try:
            test()
        except Exception as e:  # a broken test must not hide the others
            check(test.__name__, False, repr(e))
finish()
