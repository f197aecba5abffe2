#!/usr/bin/env python3
"""serve_test.py NIGHTBELL PROJECT   The real program on the example hospital, with processes and with --single.

Listening lines, acknowledgements (a duplicate's byte for byte), refusals, the commands over the control socket,
SIGHUP with good and bad sites, a router that dies, SIGTERM within 5 s, exit codes, restart. Ends with
'N passed, N failed'."""
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
SITE = os.path.join(PROJECT, 'examples', 'general-hospital')
PROBE = os.path.join(PROJECT, '..', 'shared', 'tools', 'probe.py')
CANARY = 'Quillfeather'
results = {'passed': 0, 'failed': 0}


def check(what, fine, more=''):
    results['passed' if fine else 'failed'] += 1
    if not fine:
        print('not ok - %s %s' % (what, more), flush=True)
    return fine


def wait_for(what, seconds=10):
    end = time.time() + seconds
    while time.time() < end:
        value = what()
        if value:
            return value
        time.sleep(0.03)
    return what()


def alarm(number, bed='12', tail='', ack='AL|NE'):
    at = time.strftime('%Y%m%d%H%M%S', time.gmtime()) + '+0000'
    obr = '|'.join(['OBR', '1', '', 'A%s^MONITOR^GH^ISO' % number, '196616^MDC_EVT_ALARM^MDC', '', '', at] + [''] * 21 +
                   ['A%s&MONITOR&GH&ISO' % number])
    return ('MSH|^~\\&|MONITOR|GH|NIGHTBELL|GH|%s||ORU^R40^ORU_R40|%s|P|2.6|||%s\r'
            'PID|1||GH000%s^^^GH^MR||%s^Pia||19610716\rPV1|1|I|5W^5%s^%s|||\r%s\r'
            'OBX|1|ST|196640^MDC_EVT_ECG_V_FIB^MDC|1.3.1.147842.1|V-FIB|||PH~PM|||F|||%s\r'
            'OBX|2|NM|147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.3.1.147842.2||||||||F|||%s\r'
            'OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.3.1.147842.3|start||||||F|||%s\r'
            'OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.3.1.147842.4|active||||||F|||%s\r%s'
            % (at, number, ack, number, CANARY, bed, bed, obr, at, at, at, at, tail)).encode()


class Sender:
    def __init__(self, address):
        host, port = address.rsplit(':', 1)
        self.socket = socket.create_connection((host, int(port)), timeout=15)
        self.bytes = b''

    def send(self, *messages):
        self.socket.sendall(b''.join(b'\x0b' + m + b'\x1c\r' for m in messages))

    def ack(self):
        while b'\x1c\r' not in self.bytes:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.bytes += more
        one, self.bytes = self.bytes.split(b'\x1c\r', 1)
        return one.lstrip(b'\x0b')

    def exchange(self, message):
        self.send(message)
        return self.ack()


def field(ack, segment, number):
    for line in (ack or b'').split(b'\r'):
        parts = line.split(b'|')
        if parts[0] == segment and len(parts) > number:
            return parts[number].decode()
    return ''


class Server:
    def __init__(self, site, data, *options):
        self.data = data
        self.out = tempfile.TemporaryFile('w+')
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen([PROGRAM, 'serve', site, '--data', data, '--all-ports-free', *options],
                                        stdout=self.out, stderr=self.log)

    def lines(self):
        self.out.seek(0)
        return [line.split() for line in self.out.read().splitlines() if line.startswith('listening ')]

    def address(self, name, last=False):
        found = [line[2] for line in self.lines() if line[1] == name]
        return found[-1] if found else None

    def logged(self, text):
        self.log.seek(0)
        return self.log.read().count(text)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        began = time.time()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = None
        return code, time.time() - began

    def children(self):
        listed = subprocess.run(['ps', '--ppid', str(self.process.pid), '-o', 'pid=,comm='], capture_output=True, text=True)
        return {line.split()[1]: int(line.split()[0]) for line in listed.stdout.splitlines()}


def run(*arguments, **more):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, **more)


def status(data):
    return json.loads(run('status', '--json', '--data', data).stdout or '{}')


def test_listening(server):
    names = {'telemetry', 'nurse-call', 'adt', 'lab', 'ehr', 'phones'}
    ready = wait_for(lambda: len(server.lines()) >= len(names), 30)
    check('every listener is announced', ready and {line[1] for line in server.lines()} == names, server.lines())
    check('on loopback, on a real port', all(re.fullmatch(r'127\.0\.0\.1:[1-9]\d*', line[2]) for line in server.lines()))


def test_acknowledgements(server):
    sender = Sender(server.address('telemetry'))
    first = sender.exchange(alarm('1001'))
    check('an alarm is accepted', field(first, b'MSA', 1) == 'CA' and field(first, b'MSA', 2) == '1001', first)
    position = int(field(first, b'MSH', 9)[2:] or -1)
    check('its acknowledgement carries a position', position > 0, first)
    same = alarm('1002')
    one, two = sender.exchange(same), sender.exchange(same)
    check('a duplicate gets the stored acknowledgement', one == two and field(one, b'MSA', 1) == 'CA', (one, two))
    third = Sender(server.address('telemetry')).exchange(same)
    check('also on another connection', third == one, third)
    bad = sender.exchange(alarm('1003', tail='ZZZ' + '|' * 4100 + '\r'))
    check('what cannot be read is refused', field(bad, b'MSA', 1) == 'CR' and field(bad, b'MSA', 2) == '1003', bad)
    check('and located', 'ZZZ' in field(bad, b'ERR', 2), bad)
    check('and quotes no patient', CANARY.encode() not in bad + (first or b''))
    again = sender.exchange(alarm('1003', tail='ZZZ' + '|' * 4100 + '\r'))
    bad = sender.exchange(alarm('1004').replace(b'^~', b'^^', 1))
    check('encoding characters that cannot be: CR with MSA-2', field(bad, b'MSA', 1) == 'CR' and field(bad, b'MSA', 2) == '1004', bad)
    check('a refusal is answered the same the second time', sender.exchange(alarm('1004').replace(b'^~', b'^^', 1)) == bad
          and field(again, b'MSA', 1) == 'CR', (again, bad))
    noise = sender.exchange(b'hello')
    check('not HL7 at all: AR', field(noise, b'MSA', 1) == 'AR', noise)
    sender.send(*[alarm(str(2000 + i), bed='%02d' % (i % 24 + 1)) for i in range(200)])
    acks = [field(sender.ack(), b'MSA', 2) for _ in range(200)]
    check('200 in one go, answered in order', acks == [str(2000 + i) for i in range(200)], acks[:5])
    path = os.path.join(server.data, '..', 'one.hl7')
    with open(path, 'wb') as file:
        file.write(alarm('3001').replace(b'\r', b'\n') + alarm('3002').replace(b'\r', b'\n'))
    sent = run('send', server.address('telemetry'), path)
    check('send prints each acknowledgement', sent.returncode == 0 and sent.stdout.count('MSA|CA|300') == 2, sent.stdout)
    with open(path, 'wb') as file:
        file.write(b'MSH|nonsense\r')
    check('send says no for a refusal', run('send', server.address('telemetry'), path).returncode == 1)


def test_commands(server):
    data = server.data
    now = status(data)
    check('status is JSON', now.get('site') == 'general-hospital' and now.get('position', 0) > 0, str(now)[:300])
    check('alerts are open', sum(now.get('open', {}).values()) >= 20, now.get('open'))
    check('status for people', 'general-hospital' in run('status', '--data', data).stdout)
    rows = [json.loads(line) for line in run('alerts', '--json', '--data', data).stdout.splitlines() if line.startswith('{')]
    alert = rows[0]['alert'] if rows else None
    check('alerts lists rows', alert is not None, run('alerts', '--json', '--data', data).stderr)
    told = run('explain', alert or 'ffff', '--data', data)
    check('explain tells the trip', told.returncode == 0 and 'lethal-arrhythmia' in told.stdout, told.stdout + told.stderr)
    check('explain of nothing says so', run('explain', 'ffffffffffffffff', '--data', data).returncode == 1)
    code = run('enroll', 'ana', '--data', data)
    check('enroll gives a code', code.returncode == 0 and re.search(r'[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}', code.stdout), code.stdout)
    check('enroll of nobody is refused', run('enroll', 'nobody', '--data', data).returncode == 1)
    check('assign', run('assign', 'ben', 'primary-nurse', '5W', '01', '--data', data).returncode == 0)
    check('assign of nobody is refused', run('assign', 'nobody', 'primary-nurse', '5W', '--data', data).returncode == 1)
    made = run('token', 'add', 'ehr', 'gateway', '--data', data)
    token = made.stdout.split()[-1] if made.returncode == 0 else ''
    check('a token is made', len(token) > 20, made.stdout + made.stderr)
    check('FHIR with the token', wait_for(lambda: post(server, token) in (200, 201), 5), post(server, token))
    check('FHIR without', post(server, 'x' + token) == 401)
    check('FHIR broken', post(server, token, b'{"resourceType":') == 400)
    check('assign of a bed that is not there', run('assign', 'ben', 'primary-nurse', '5W', '99', '--data', data).returncode == 1)
    check('assign until a moment past', run('assign', 'ben', 'primary-nurse', '5W', '--until', '2020-01-01T00:00:00Z',
                                            '--data', data).returncode == 1)
    check('no token for a listener without', run('token', 'add', 'telemetry', 'x', '--data', data).returncode == 1)
    check('no token taken away by a wrong name', run('token', 'remove', 'ehr', 'gatewya', '--data', data).returncode == 1)
    check('a token for no listener', run('token', 'add', 'nothing', 'x', '--data', data).returncode == 1)


def lines(*arguments):
    return [json.loads(line) for line in run(*arguments).stdout.splitlines() if line.startswith('{')]


def message(name):
    return os.path.join(PROJECT, 'examples', 'messages', name)


def test_staff(server):
    data, adt = server.data, server.address('adt')
    before = lines('staff', '--json', '--data', data)
    check('staff lists the site', len(before) == 40 and all(p['source'] == 'site' for p in before), len(before))
    sent = run('send', adt, message('staff.hl7'))
    check('a staff file is taken', sent.returncode == 0, sent.stdout + sent.stderr)
    people = {p['person']: p for p in lines('staff', '--json', '--data', data)}
    check('its ids are of the site\'s person', people['carla']['ids'] == ['4711', 'CARLA'] and people['carla']['listener'] == 'adt', people['carla'])
    check('whom only the feed knows', people.get('adt:4720', {}).get('title') == 'Nell Brandt' and not people['adt:4720']['reachable'],
          people.get('adt:4720'))
    check('staff for people', re.search(r'adt:4720 .*Nell Brandt .*active', run('staff', '--data', data).stdout))
    code = run('enroll', 'E4720', '--data', data)
    check('enroll by an id of the feed', code.returncode == 0 and 'Nell Brandt' in code.stdout, code.stdout + code.stderr)
    check('a role is taken', run('send', adt, message('roles.hl7')).returncode == 0)
    server_alarm = Sender(server.address('telemetry'))
    server_alarm.exchange(alarm('S1', bed='24').replace(b'GH000S1', b'GH900001'))
    rows = [a for a in lines('alerts', '--json', '--data', data) if a['unit'] == '5W' and a['bed'] == '24']
    newest = max(rows, key=lambda a: a['opened'], default={'alert': 'ffff'})
    told = run('explain', newest['alert'], '--data', data).stdout
    check('explain says who assigned', 'assigned by adt, primary-nurse of this patient' in told, told)
    bad = adt_file('MFE|MDC|||4711', 'MFE|MAD|||')
    nak = Sender(adt).exchange(bad)
    check('a file with a bad row is refused whole', field(nak, b'MSA', 1) == 'AE' and b'MFE' in nak, nak)
    people = {p['person']: p for p in lines('staff', '--json', '--data', data)}
    check('and changes nothing', people['carla']['state'] == 'active', people['carla'])
    check('a deactivation is taken', field(Sender(adt).exchange(adt_file('MFE|MDC|||4711')), b'MSA', 1) == 'AA')
    people = {p['person']: p for p in lines('staff', '--json', '--data', data)}
    check('who is off is shown so', people['carla']['state'] == 'deactivated by adt', people['carla'])
    Sender(adt).exchange(adt_file('MFE|MAC|||4711'))
    soon = time.strftime('%Y%m%d%H%M%S+0000', time.gmtime(time.time() + 2))
    Sender(adt).exchange(adt_file('MFE|MDC||%s|4711' % soon))
    time.sleep(3)   # no message meanwhile
    people = {p['person']: p for p in lines('staff', '--json', '--data', data)}
    check('who has left meanwhile is shown so', people['carla']['state'] == 'deactivated by adt', people['carla'])
    Sender(adt).exchange(adt_file('MFE|MAC|||4711'))
    Sender(adt).exchange(adt_file('MFE|MUP|||5W^^24\rLOC|5W^^24^^C|Window', places=True))
    places = [p for p in lines('places', '--json', '--data', data) if (p['unit'], p['bed']) == ('5W', '24')]
    check('places are kept', len(places) == 1 and places[0]['status'] == 'closed' and places[0]['known'], places)
    check('places for people', re.search(r'5W .*24 .*closed', run('places', '--data', data).stdout))


def adt_file(*rows, places=False):
    adt_file.number = getattr(adt_file, 'number', 0) + 1
    return ('MSH|^~\\&|HR|GH|NIGHTBELL|GH|%s||MFN^%s|F%d|P|2.5.1\rMFI|%s||UPD|||NE\r%s\r' % (
        time.strftime('%Y%m%d%H%M%S+0000', time.gmtime()), 'M05' if places else 'M02', adt_file.number,
        'LOC' if places else 'STF', '\r'.join(rows))).encode()


def post(server, token, body=None):
    body = body or json.dumps({'resourceType': 'Observation', 'status': 'final', 'code': {'coding': [
        {'system': 'http://loinc.org', 'code': '2823-3'}]}, 'valueQuantity': {'value': 6.9, 'unit': 'mmol/L'}}).encode()
    request = urllib.request.Request('https://%s/fhir/Observation' % server.address('ehr'), body, {
        'Content-Type': 'application/fhir+json', 'Authorization': 'Bearer ' + token})
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    try:
        return urllib.request.urlopen(request, context=trust, timeout=15).status
    except urllib.error.HTTPError as error:
        return error.code


def edit(site, name, change):
    path = os.path.join(site, name)
    with open(path) as file:
        text = file.read()
    with open(path, 'w') as file:
        file.write(change(text))


def hup(server, text, count):
    server.process.send_signal(signal.SIGHUP)
    return wait_for(lambda: server.logged(text) >= count, 15)


def test_sites(server, site):
    sender = Sender(server.address('telemetry'))
    check('a wrong site is kept out', edit(site, 'rules.bell', lambda t: t + '\nrule {{{\n') or hup(server, 'site-kept-out', 1))
    check('and the old one goes on', field(sender.exchange(alarm('4001')), b'MSA', 1) == 'CA')
    edit(site, 'rules.bell', lambda t: t.replace('\nrule {{{\n', '\n# a comment\n'))
    check('a good one is taken', hup(server, 'site-taken', 1))
    check('without closing a connection', field(sender.exchange(alarm('4002')), b'MSA', 1) == 'CA')
    edit(site, 'site.bell', lambda t: t.replace('listen mllp adt {', 'listen mllp adt { tls mutual "tls/none"'))
    check('certificates that are not there keep a site out', hup(server, 'site-kept-out', 2))
    edit(site, 'site.bell', lambda t: t.replace(' tls mutual "tls/none"', '').replace('listen mllp lab {', 'listen mllp lab2 {')
         + '\nlisten mllp extra { on "127.0.0.1:2599"  places "places.csv"  patient authority "GH" "MR" }\n')
    gone = server.address('lab')
    check('listeners may change', hup(server, 'site-taken', 2))
    extra = wait_for(lambda: server.address('extra'), 15)
    check('a new one is announced', extra is not None, server.lines())
    check('and heard', extra and field(Sender(extra).exchange(alarm('4003')), b'MSA', 1) in ('CA', 'CE'))
    check('the others still are', field(Sender(server.address('telemetry')).exchange(alarm('4004')), b'MSA', 1) == 'CA')
    check('one that went is closed', wait_for(lambda: refused(gone), 5))


def refused(address):
    try:
        socket.create_connection(address.rsplit(':', 1), timeout=2).close()
    except OSError:
        return True
    return False


def test_router_dies(server):
    sender = Sender(server.address('telemetry'))
    before = sum(status(server.data)['open'].values())
    check('before the kill', field(sender.exchange(alarm('5001', bed='03')), b'MSA', 1) == 'CA')
    os.kill(server.children()['router'], signal.SIGKILL)
    check('a message soon after is answered', wait_for(lambda: survive(server), 15))
    check('alerts are still open', wait_for(lambda: sum(status(server.data).get('open', {}).values()) >= before, 10))
    os.kill(server.children()['feeds'], signal.SIGKILL)
    check('feeds starts again on its port', wait_for(lambda: survive(server), 15))


def survive(server):
    try:
        return field(Sender(server.address('telemetry')).exchange(alarm('5002', bed='04')), b'MSA', 1) == 'CA'
    except OSError:
        return False


def test_probe(server):
    if not os.path.exists(PROBE):
        return
    out = subprocess.run([sys.executable, PROBE, 'nightbell=' + server.address('telemetry').rsplit(':', 1)[1]],
                         capture_output=True, text=True, timeout=120).stdout
    due = [line for line in out.splitlines() if line.startswith('| ')][1:]
    free = ('other delimiters', 'unframed HL7', 'not HL7', 'no MSH-10')
    for line in due:
        if not line.startswith(tuple('| ' + name for name in free)):
            check('probe: ' + line, line.endswith('| ok |'))
    check('the probe ran', len(due) >= 17, out)


def test_leaving(server):
    sender = Sender(server.address('telemetry'))
    sender.send(*[alarm(str(6000 + i), bed='%02d' % (i % 24 + 1)) for i in range(50)])
    time.sleep(0.2)
    code, seconds = server.stop()
    got = 0
    try:
        while sender.ack():
            got += 1
    except OSError:
        pass
    server.log.seek(0)
    check('SIGTERM ends it with 0', code == 0, '%s: %s' % (code, server.log.read()[-3000:] if code != 0 else ''))
    check('within 5 s', seconds < 5, seconds)
    check('what was read is answered', got == 50, got)
    check('no socket stays behind', refused(server.address('telemetry')))
    check('no process stays behind', not server.children())
    check('status says it is away', run('status', '--data', server.data).returncode == 4)


def certified(folder, quiet):
    """The same site with a certificate of its own for everything that comes in by HTTP."""
    kept = os.path.join(folder, 'kept')
    shutil.copytree(quiet, kept)
    os.makedirs(os.path.join(kept, 'tls'))
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-keyout', os.path.join(kept, 'tls', 'server.key'),
                    '-out', os.path.join(kept, 'tls', 'server.pem')], check=True, capture_output=True)
    edit(kept, 'site.bell', lambda t: t.replace('listen fhir ehr {', 'listen fhir ehr { tls server "tls"')
         .replace('endpoint inbox phones {', 'endpoint inbox phones { tls server "tls"'))
    return kept


def test_exit_codes(folder):
    empty = os.path.join(folder, 'empty')
    os.makedirs(empty)
    wrong = os.path.join(folder, 'wrong')
    shutil.copytree(SITE, wrong)
    edit(wrong, 'rules.bell', lambda t: t + '\nrule {{{\n')
    quiet = os.path.join(folder, 'quiet')
    shutil.copytree(SITE, quiet)
    edit(quiet, 'site.bell', lambda t: t.replace(' demo yes', ''))
    kept = certified(folder, quiet)
    table = [
        ('no command', [], 2), ('an unknown one', ['what'], 2), ('help', ['--help'], 0), ('version', ['--version'], 0),
        ('help of one', ['serve', '--help'], 0), ('serve without data', ['serve', SITE], 2),
        ('serve with an unknown option', ['serve', SITE, '--data', folder, '--what'], 2),
        ('serve without a folder', ['serve', '/no/such/site', '--data', os.path.join(folder, 'd0')], 2),
        ('serve of a wrong site', ['serve', wrong, '--data', os.path.join(folder, 'd1'), '--all-ports-free'], 3),
        ('plain text off loopback by a flag', ['serve', SITE, '--data', os.path.join(folder, 'd3'), '--all-ports-free',
                                               '--listen', 'telemetry=0.0.0.0:0'], 78),
        ('a listener that is not there', ['serve', SITE, '--data', os.path.join(folder, 'd2'), '--listen', 'x=127.0.0.1:0'], 78),
        ('no certificate and no demo', ['serve', quiet, '--data', os.path.join(folder, 'd3'), '--all-ports-free'], 3),
        ('check of a site without certificates', ['check', quiet], 1),
        ('no key and no demo', ['serve', kept, '--data', os.path.join(folder, 'd3'), '--all-ports-free'], 78),
        ('check of a site with certificates', ['check', kept], 0),
        ('check of a good site', ['check', SITE], 0), ('check of a wrong one', ['check', wrong], 1),
        ('send to nobody', ['send', '127.0.0.1:1', __file__], 4), ('status of nothing', ['status', '--data', empty], 4),
    ]
    for what, arguments, code in table:
        got = run(*arguments)
        check(what, got.returncode == code, '%d instead of %d: %s' % (got.returncode, code, got.stderr[-300:]))


def test_processes(folder):
    site, data = os.path.join(folder, 'site'), os.path.join(folder, 'data')
    shutil.copytree(SITE, site)
    server = Server(site, data)
    test_listening(server)
    test_acknowledgements(server)
    test_commands(server)
    test_staff(server)
    second = run('serve', site, '--data', data, '--all-ports-free')
    check('one supervisor a data folder', second.returncode == 78, second.stderr[-200:])
    test_probe(server)
    test_sites(server, site)
    test_router_dies(server)
    before = {row['alert'] for row in alerts(data)}
    kept = alarm('7001', bed='05')
    stored = Sender(server.address('telemetry')).exchange(kept)
    test_leaving(server)
    again = Server(site, data)
    check('it starts again', wait_for(lambda: again.address('telemetry'), 30))
    check('open alerts are still open', before <= {row['alert'] for row in alerts(data)})
    check('a duplicate gets its first acknowledgement after a restart, too',
          Sender(again.address('telemetry')).exchange(kept) == stored and field(stored, b'MSA', 1) == 'CA')
    one, two = (Sender(again.address('telemetry')).exchange(alarm('1009')) for _ in range(2))
    check('and alarms are taken', field(one, b'MSA', 1) == 'CA', one)
    check('SIGINT ends it too', again.stop(signal.SIGINT)[0] == 0)


def alerts(data):
    return [json.loads(line) for line in run('alerts', '--json', '--data', data).stdout.splitlines() if line.startswith('{')]


def test_single(folder):
    site, data = os.path.join(folder, 'site1'), os.path.join(folder, 'data1')
    shutil.copytree(SITE, site)
    server = Server(site, data, '--single')
    test_listening(server)
    test_acknowledgements(server)
    edit(site, 'site.bell', lambda t: t + '\nlisten mllp extra { on "127.0.0.1:2599"  places "places.csv"  patient authority "GH" "MR" }\n')
    check('single: a site is taken', hup(server, 'site-taken', 1))
    check('single: its new listener too', wait_for(lambda: server.address('extra'), 15))
    check('single: and it goes on', wait_for(lambda: survive(server), 10))
    test_leaving(server)


def main():
    folder = tempfile.mkdtemp(prefix='nightbell-serve-')
    try:
        test_exit_codes(folder)
        test_processes(folder)
        test_single(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print('%(passed)d passed, %(failed)d failed' % results)
    return 1 if results['failed'] else 0


if __name__ == '__main__':  # apply_test.py borrows what is above
    sys.exit(main())
