"""A running `nightbell serve` for the tests of processes: start it, talk to it, end parts of it.

Only loopback and folders of its own. Whatever it has started it ends itself, by process id.
"""
import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GATEWAY = os.path.join(ROOT, 'examples', 'gateway-clinic', 'gateway.mjs')
ROLES = ('router', 'delivery', 'feeds', 'web')
started = []      # processes, to end whatever happens
folder = tempfile.mkdtemp(prefix='nightbell-test-')
passed = failed = 0


def end_all():
    for p in started:
        if p.poll() is None:
            p.kill()
            p.wait()
    if os.environ.get('KEEP'):
        print('kept', folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(end_all)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def program():
    """The release build, unless NIGHTBELL says another."""
    return os.environ.get('NIGHTBELL', os.path.join(ROOT, 'build', 'nightbell'))


def check(name, good, detail=''):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
    print('%-6s %s%s' % ('ok' if good else 'FAILED', name, '' if good else '   ' + str(detail)[:2000]), flush=True)
    return good


def finish():
    print('%d passed, %d failed' % (passed, failed), flush=True)
    sys.exit(1 if failed else 0)


def wait_for(what, seconds=10.0, pause=0.02):
    """What `what()` gives as soon as it is true; its last answer when time is up."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(pause)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(('127.0.0.1', port))
            return True
        except OSError:
            return False


def is_running(pid):
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


class Served:
    """One data folder and whatever serves it at the moment."""

    def __init__(self, site, name, *options, ports=None):
        self.site, self.data = site, os.path.join(folder, name)
        self.errors = self.data + '.log'
        self.options = list(options)
        self.ports = dict(ports or {})
        self.process = None

    def start(self, environment=None, wait=20.0):
        # A site that must be there before anything starts listening keeps its ports over a restart.
        listen = [a for n, p in self.ports.items() for a in ('--listen', '%s=127.0.0.1:%d' % (n, p))]
        log = open(self.errors, 'ab')
        self.process = subprocess.Popen(
            [program(), 'serve', self.site, '--data', self.data, '--all-ports-free'] + listen + self.options,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, **(environment or {})})
        log.close()
        started.append(self.process)
        lines = []
        reader = threading.Thread(target=lambda: [lines.append(x) for x in self.process.stdout], daemon=True)
        reader.start()
        wait_for(lambda: any(x.startswith('listening') for x in lines) or self.process.poll() is not None, wait)
        time.sleep(0.05)
        for line in list(lines):
            _, name, address = line.split()
            self.ports[name] = int(address.rsplit(':', 1)[1])
        return bool(lines)

    def pids(self):
        """Process ids of the roles that run now, by name."""
        found = {}
        for task in os.listdir('/proc/%d/task' % self.process.pid) if is_running(self.process.pid) else []:
            with open('/proc/%d/task/%s/children' % (self.process.pid, task)) as f:
                for pid in f.read().split():
                    try:
                        with open('/proc/%s/comm' % pid) as c:
                            found[c.read().strip()] = int(pid)
                    except OSError:
                        pass
        return {n: p for n, p in found.items() if n in ROLES}

    def kill(self, role):
        """kill -9 of one role; waits until another one of that name is there."""
        old = self.pids().get(role)
        if old is None:
            return False
        os.kill(old, signal.SIGKILL)
        return bool(wait_for(lambda: self.pids().get(role) not in (None, old), 5))

    def kill_everything(self):
        """Supervisor and roles, all at once. Their process ids."""
        pids = [self.process.pid] + list(self.pids().values())
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        return pids

    def stop(self, seconds=10):
        """SIGTERM. (exit code, seconds it took)."""
        begun = time.monotonic()
        self.process.terminate()
        try:
            return self.process.wait(seconds), time.monotonic() - begun
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None, time.monotonic() - begun

    def ask(self, **request):
        """The control socket (docs/control.md): a list of its lines, or None while nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(20)
                s.connect(os.path.join(self.data, 'run', 'control'))
                s.sendall(json.dumps(request).encode() + b'\n')
                return [json.loads(x) for x in s.makefile('rb')]
        except (OSError, ValueError):
            return None

    def status(self, seconds=15):
        got = wait_for(lambda: self.ask(do='status'), seconds)
        return got[0] if got else None

    def alerts(self):
        return wait_for(lambda: self.ask(do='alerts'), 5) or []

    def explain(self, alert):
        return self.ask(do='explain', alert=alert) or []

    def logged(self):
        """The log so far, a dict a line; what is not JSON (a sanitizer's words) as {'text': ...}."""
        lines = []
        with open(self.errors, errors='replace') as f:
            for line in f:
                try:
                    lines.append(json.loads(line))
                except ValueError:
                    lines.append({'text': line.rstrip()})
        return lines


class Gateway:
    """examples/gateway-clinic/gateway.mjs: a real HTTPS server that opens what we seal."""

    def __init__(self, site, *options):
        self.capture = os.path.join(folder, 'captured-%d' % len(started))
        subprocess.run(['node', GATEWAY, 'setup', site], check=True)
        self.process = subprocess.Popen(
            ['node', GATEWAY, 'run', site, '--port', '0', '--capture', self.capture, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        started.append(self.process)
        self.port = int(self.process.stdout.readline().rsplit(':', 1)[1])
        self.lines = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def alerts(self):
        """What was opened so far; each delivery once."""
        return [x for x in list(self.lines) if 'alert' in x]

    def answers(self):
        return [x for x in list(self.lines) if 'answered' in x]


def alarm(control_id, bed, instance, phase='start', name='Quill^Marta', code='196616'):
    """A V-fib of a bed of OBS, as a PCD-04."""
    state = 'active' if phase == 'start' else 'inactive'
    now = time.strftime('%Y%m%d%H%M%S', time.gmtime()) + '+0000'
    return '\r'.join((
        'MSH|^~\\&|TELEMETRY|CLINIC|NIGHTBELL|CLINIC|%s||ORU^R40^ORU_R40|%s|P|2.6|||AL|NE||UNICODE UTF-8|||'
        'IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO' % (now, control_id),
        'PID|||4711^^^GH^MR||%s^^^^^L||19540317|F' % name,
        'PV1||I|OBS^^%s' % bed,
        'OBR|1|%s^TELEMETRY|%s^TELEMETRY^00A1B2FFFE000001^EUI-64|%s^MDC_EVT_ALARM^MDC|||%s' % (
            instance, instance, code, now),
        'OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||MON-%s^^00A1B2FFFE000512^EUI-64' % bed,
        'OBX|2|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.5.1.147842.1|V-Fib||||||R|||%s' % now,
        'OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.5.1.147842.3|%s||||||R' % phase,
        'OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.5.1.147842.4|%s||||||R' % state,
        'OBX|5|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.5.1.147842.6|PH||||||R',
        'OBX|6|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|1.5.1.147842.7|SP||||||R', ''))


class Mllp:
    """One connection, one message at a time."""

    def __init__(self, port):
        self.wire = socket.create_connection(('127.0.0.1', port), timeout=10)
        self.rest = b''

    def send(self, message):
        """The acknowledgement's text, or None when the connection ends without one."""
        try:
            self.wire.sendall(b'\x0b' + message.encode() + b'\x1c\r')
            while b'\x1c\r' not in self.rest:
                got = self.wire.recv(65536)
                if not got:
                    return None
                self.rest += got
        except OSError:
            return None
        answer, self.rest = self.rest.split(b'\x1c\r', 1)
        return answer.lstrip(b'\x0b').decode()

    def close(self):
        self.wire.close()


def send(port, message, seconds=10.0):
    """Sends until it is acknowledged, as a sender does: a lost connection means again, under the same id."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            m = Mllp(port)
            answer = m.send(message)
            m.close()
            if answer is not None:
                return answer
        except OSError:
            pass
        time.sleep(0.05)
    return None
