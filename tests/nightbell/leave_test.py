#!/usr/bin/env python3
"""leave_test.py NIGHTBELL PROJECT   SIGTERM within 5 s whatever others do: peers of reports that never answer, a
resolver that never answers, a site folder that never answers, a role that never leaves. With processes and with
--single. Ends with 'N passed, N failed'."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
SITE = '''language 1
site leave-house timezone "UTC" demo yes
desk front "Front desk" staffed always reach phones
unit "OBS" "Observation" { beds "1" to "60"  fallback desk front }
person greta "Greta Lund RN"  { may-hold primary-nurse  reach %s }
assign greta primary-nurse of "OBS"
endpoint inbox phones { on "127.0.0.1:8474" }
default { notify primary-nurse urgent  after 10min if not accepted notify desk front }
%s'''
LISTEN = 'listen mllp %s { on "127.0.0.1:%d"  sends starts, ends  reports "%s" %s }\n'
GATEWAY = '''endpoint jose gateway { url "https://gateway.example.test:9/alerts"  ca "tls/ca.pem"  key "keys/gateway.jwk"
  answers-key "keys/gateway-sign.jwk"  callback "127.0.0.1:8475"  receipt 5min }'''
results = {'passed': 0, 'failed': 0}
folder = tempfile.mkdtemp(prefix='nightbell-leave-')


def check(what, fine, more=''):
    results['passed' if fine else 'failed'] += 1
    if not fine:
        print('not ok - %s %s' % (what, more), flush=True)
    return fine


def wait_for(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        value = what()
        if value:
            return value
        time.sleep(0.01)
    return what()


def alarm(number, bed):
    at = time.strftime('%Y%m%d%H%M%S', time.gmtime()) + '+0000'
    obr = '|'.join(['OBR', '1', '', 'A%s^MON^H^ISO' % number, '196616^MDC_EVT_ALARM^MDC', '', '', at] + [''] * 21 +
                   ['A%s&MON&H&ISO' % number])
    rows = ['MSH|^~\\&|MON|H|NB|H|%s||ORU^R40^ORU_R40|%s|P|2.6|||AL|AL' % (at, number), 'PID|||4712^^^GH^MR',
            'PV1||I|OBS^^%d' % bed, obr]
    for i, (kind, code, value) in enumerate((('ST', '196640^MDC_EVT_ECG_V_FIB^MDC', 'V-FIB'),
                                             ('ST', '68481^MDC_ATTR_EVENT_PHASE^MDC', 'start'),
                                             ('ST', '68482^MDC_ATTR_ALARM_STATE^MDC', 'active'))):
        rows.append('OBX|%d|%s|%s|1.0.0.0.%d|%s||%s|||F|||%s' % (i + 1, kind, code, i + 1, value, 'PH~PM' if i == 0 else '', at))
    return ('\x0b%s\r\x1c\r' % '\r'.join(rows)).encode()


def send(address, count):
    """So many alarms; how many were acknowledged."""
    with socket.create_connection(address.rsplit(':', 1), timeout=15) as wire:
        wire.sendall(b''.join(alarm('%d' % (1000 + i), i % 60 + 1) for i in range(count)))
        got = b''
        while got.count(b'\x1c\r') < count:
            more = wire.recv(65536)
            if not more:
                break
            got += more
    return got.count(b'MSA|CA|')


class Server:
    def __init__(self, site, *options):
        self.out = open(tempfile.mkstemp(dir=folder)[1], 'w+')
        self.log = open(tempfile.mkstemp(dir=folder)[1], 'w+')
        self.process = subprocess.Popen(
            [PROGRAM, 'serve', site, '--data', tempfile.mkdtemp(dir=folder), '--all-ports-free', *options],
            stdout=self.out, stderr=self.log)

    def address(self, name):
        self.out.seek(0)
        found = [line.split()[2] for line in self.out.read().splitlines() if line.startswith('listening %s ' % name)]
        return found[-1] if found else None

    def logged(self, text):
        self.log.seek(0)
        return self.log.read().count(text)

    def children(self):
        listed = subprocess.run(['ps', '--ppid', str(self.process.pid), '-o', 'pid=,comm='], capture_output=True, text=True)
        return {line.split()[1]: int(line.split()[0]) for line in listed.stdout.splitlines()}

    def leaves(self, what):
        """SIGTERM: it has 5 s, and takes everybody with it."""
        began, children = time.time(), self.children()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            code = None
        seconds = time.time() - began
        stayed = {name: pid for name, pid in children.items() if os.path.exists('/proc/%d' % pid)}
        self.log.seek(0)
        check(what + ': leaves with 0', code == 0, '%s %s' % (code, self.log.read()[-2000:] if code != 0 else ''))
        check(what + ': within 5 s', seconds < 5, seconds)
        check(what + ': no process stays behind', not stayed, stayed)
        for pid in [*stayed.values(), *([self.process.pid] if code is None else [])]:
            os.kill(pid, signal.SIGKILL)
        return seconds


def make_site(name, more='', reach='phones'):
    site = os.path.join(folder, name)
    os.makedirs(site, exist_ok=True)
    with open(os.path.join(site, 'site.bell'), 'w') as file:
        file.write(SITE % (reach, more))
    return site


def certificates(site, name='tls'):
    """A server's own, and the authority it is its own of."""
    tls = os.path.join(site, name)
    os.makedirs(tls, exist_ok=True)
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-keyout', os.path.join(tls, 'server.key'),
                    '-out', os.path.join(tls, 'server.pem')], check=True, capture_output=True)
    shutil.copy(os.path.join(tls, 'server.pem'), os.path.join(tls, 'ca.pem'))
    return tls


def silent_peers(mode, options):
    """Reports to who takes the connection and says nothing, with and without TLS, to who does not even take it,
    and to nobody."""
    silent, busy = socket.create_server(('127.0.0.1', 0)), socket.create_server(('127.0.0.1', 0), backlog=0)
    waiting = [socket.socket() for _ in range(3)]   # the last of them finds no room
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(busy.getsockname())
    port = silent.getsockname()[1]
    site = make_site('peers' + mode, ''.join((
        LISTEN % ('silent', 2775, '127.0.0.1:%d' % port, ''), LISTEN % ('secret', 2776, 'localhost:%d' % port, 'reports-tls server "tls"'),
        LISTEN % ('busy', 2777, '127.0.0.1:%d' % busy.getsockname()[1], ''), LISTEN % ('nobody', 2778, '127.0.0.1:1', ''))))
    certificates(site)
    server = Server(site, *options)
    check('serves', wait_for(lambda: server.address('nobody')), server.logged(''))
    for name in ('silent', 'secret', 'busy', 'nobody'):
        check('alarms of ' + name + ' are taken', send(server.address(name), 10) == 10)
    silent.settimeout(10)
    silent.accept(), silent.accept()   # both have dialled
    server.leaves('silent peers' + mode)


def silent_site(mode, options):
    """A check of the site that never ends: a certificate that is a pipe nobody writes to."""
    site = make_site('slow' + mode, LISTEN % ('monitors', 2775, '127.0.0.1:1', ''))
    server = Server(site, *options)
    check('serves', wait_for(lambda: server.address('monitors')), server.logged(''))
    tls = certificates(site)
    os.remove(os.path.join(tls, 'server.pem'))
    os.mkfifo(os.path.join(tls, 'server.pem'))
    make_site('slow' + mode, LISTEN % ('monitors', 2775, '127.0.0.1:1', 'tls server "tls"'))
    server.process.send_signal(signal.SIGHUP)
    check('the site is being read', wait_for(lambda: 'site-check' in server.children()), server.children())
    check('alarms are taken meanwhile', send(server.address('monitors'), 10) == 10)
    server.leaves('silent site' + mode)
    server = Server(site, *options)
    check('the first site is being read', wait_for(lambda: 'site-check' in server.children()), server.children())
    server.leaves('silent first site' + mode)


def busy_rereads(mode, options):
    """With --single the child that checks was a copy of a program whose threads were in the middle of something."""
    site = make_site('busy' + mode, LISTEN % ('monitors', 2775, '127.0.0.1:1', ''))
    server = Server(site, *options)
    check('serves', wait_for(lambda: server.address('monitors')), server.logged(''))
    for i in range(1, 11):
        make_site('busy' + mode, LISTEN % ('monitors', 2775, '127.0.0.1:1', '') + '# %d\n' % i)
        send(server.address('monitors'), 20)
        server.process.send_signal(signal.SIGHUP)
        if not check('read again, %d' % i, wait_for(lambda: server.logged('site-taken') >= i)):
            break
    server.leaves('reread' + mode)


def stuck_role():
    """A role that does not leave is killed, and the log says so."""
    server = Server(make_site('stuck', LISTEN % ('monitors', 2775, '127.0.0.1:1', '')))
    check('serves', wait_for(lambda: server.address('monitors')), server.logged(''))
    os.kill(server.children()['delivery'], signal.SIGSTOP)
    server.leaves('a stuck role')
    check('and the log says who was killed', server.logged('"killed-late","process":"delivery"') == 1)


def silent_resolver(mode, options):
    """In a network and with a resolv.conf of our own, port 53 hears and says nothing."""
    dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dead.bind(('127.0.0.1', 53))
    site = make_site('names' + mode, LISTEN % ('monitors', 2775, 'reports.example.test:2575', 'insecure') + GATEWAY,
                     'gateway "staff:greta"')
    subprocess.run(['node', os.path.join(PROJECT, 'examples', 'gateway-clinic', 'gateway.mjs'), 'setup', site], check=True,
                   capture_output=True)
    server = Server(site, *options)
    check('serves', wait_for(lambda: server.address('monitors')), server.logged(''))
    check('alarms are taken', send(server.address('monitors'), 10) == 10)
    check('names are asked for', dead.recv(512) and dead.recv(512))
    seconds = server.leaves('silent resolver' + mode)
    check('silent resolver%s: nobody had to be killed' % mode, server.logged('killed-late') == 0, seconds)


def inside():
    """In namespaces of our own, where we may say what resolv.conf is."""
    own = os.path.join(folder, 'resolv.conf')
    with open(own, 'w') as file:
        file.write('nameserver 127.0.0.1\n')
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    subprocess.run(['mount', '--bind', own, '/etc/resolv.conf'], check=True)
    silent_resolver('', ())
    silent_resolver(', --single', ('--single',))


def outside():
    for mode, options in (('', ()), (', --single', ('--single',))):
        silent_peers(mode, options)
        silent_site(mode, options)
        busy_rereads(mode, options)
    stuck_role()
    may = all(shutil.which(tool) for tool in ('unshare', 'ip', 'mount', 'node')) and \
        subprocess.run(['unshare', '-rmn', 'true'], capture_output=True).returncode == 0
    if not may:
        print('# no namespaces here: the silent resolver is not tried')
        return
    # libevent lets go of a look-up under way only in a later turn of its loop, which a program that leaves has no more.
    env = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')
    told = subprocess.run(['unshare', '-rmn', sys.executable, __file__, PROGRAM, PROJECT, 'inside'], capture_output=True, text=True,
                          env=env)
    check('silent resolver', told.returncode == 0, told.stdout + told.stderr[-2000:])


def main():
    try:
        inside() if sys.argv[3:] == ['inside'] else outside()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print('%(passed)d passed, %(failed)d failed' % results)
    return 1 if results['failed'] else 0


sys.exit(main())
