#!/usr/bin/env python3
"""apply_test.py NIGHTBELL PROJECT   Rules that change while the program runs: nightbell apply, rollback, versions, SIGHUP.

What is shown and what is kept out, and why; open alerts that stay or go over; changes of data files; 50 reloads under
load on connections that stay open; a router that is killed in the middle. Ends with 'N passed, N failed'."""
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serve_test as base
from serve_test import PROGRAM, SITE, Sender, Server, alarm, check, edit, field, run, status, wait_for

QUICK = 'after 30s  if not accepted notify charge-nurse urgent using alarm'
SLOW = 'after 45s  if not accepted notify charge-nurse urgent using alarm'
FAILING = '''
world quiet { patient pat unit "5W" bed "12" }
test "nobody is told of V-fib" with quiet { at 2026-10-14 02:10
  0s send alarm starts code vfib patient pat
  1s expect nothing }
'''


def lines(*arguments):
    return [json.loads(line) for line in run(*arguments).stdout.splitlines() if line.startswith('{')]


def versions(data):
    return lines('versions', '--json', '--data', data)


def apply(site, data, *more):
    got = run('apply', site, '--data', data, '--json', *more)
    answer = [json.loads(line) for line in got.stdout.splitlines() if line.startswith('{')]
    return got.returncode, (answer[0] if answer else {}), got.stderr


def copy(site, name, **edits):
    """A copy of the folder beside it, with files changed: file=function, '_' for '.' in the name."""
    other = os.path.join(os.path.dirname(site), name)
    shutil.copytree(site, other)
    for file, change in edits.items():
        edit(other, file.replace('_', '.'), change)
    return other


def slower(text):
    return text.replace(QUICK, SLOW, 1)


# --- what is shown, taken, kept out ---------------------------------------------------------------------------------

def test_taken(site, data):
    first = versions(data)
    check('the first version is listed', len(first) == 1 and first[0]['how'] == 'start' and first[0]['running'], first)
    other = copy(site, 'slower', rules_bell=slower)
    before = status(data)
    code, said, _ = apply(other, data, '--dry-run')
    check('a dry run shows the change', code == 0 and said.get('changed') == ['lethal-arrhythmia'] and not said.get('taken'), said)
    check('and which alerts are open under it', said.get('open', {}).get('lethal-arrhythmia', 0) >= 1, said.get('open'))
    check('and changes nothing', len(versions(data)) == 1 and status(data)['ruleset'] == before['ruleset'])
    shown = run('apply', other, '--data', data)
    check('applied', shown.returncode == 0 and '~ lethal-arrhythmia' in shown.stdout and 'taken' in shown.stdout, shown.stdout + shown.stderr)
    now = versions(data)
    check('the list says who, how and what', len(now) == 2 and now[0]['how'] == 'apply' and other in now[0]['by']
          and now[0]['changed'] == ['lethal-arrhythmia'] and now[0]['hash'] == said['hash'], now[:1])
    check('status names it', said['hash'].startswith(status(data)['ruleset']))
    check('for people, too', now[0]['hash'][:12] in run('versions', '--data', data).stdout)
    code, said, _ = apply(other, data)
    check('the same again is no new version', code == 0 and len(versions(data)) == 2, said)
    return other


def test_kept_out(site, data):
    big = copy(site, 'big')
    with open(os.path.join(big, 'rules.bell'), 'a') as file:
        file.write('# %s\n' % ('x' * 33554432))
    empty = os.path.join(os.path.dirname(site), 'nothing')
    os.makedirs(empty)
    away = copy(site, 'away')
    os.symlink('/etc/hostname', os.path.join(away, 'more.bell'))
    twice = 'rule another-vfib { title "x" when alarm starts and code is vfib and source is telemetry stop on accepted\n' \
            '  notify desk operator }\nrule yet-another { title "x" when alarm starts and code is vfib and unit is "5W"\n' \
            '  stop on accepted notify desk tele-room after 60s if not accepted notify desk operator }\n'
    table = [
        ('a word that is no rule', copy(site, 'bad1', rules_bell=lambda t: t + '\nrule {{{\n'), 'rules.bell'),
        ('a code that nobody knows', copy(site, 'bad2', rules_bell=lambda t: t.replace('vfib, vtach', 'vvfib, vtach')), 'E203'),
        ('two rules for one event', copy(site, 'bad3', rules_bell=lambda t: t + twice), 'E'),
        ('a test that fails', copy(site, 'bad4', rules_bell=lambda t: t + FAILING), 'tests fail'),
        ('too big', big, 'site-bytes'),
        ('a folder without rules', empty, '.bell'),
        ('a link that leads out', away, 'more.bell'),
    ]
    running = status(data)['ruleset']
    for what, candidate, why in table:
        code, said, text = apply(candidate, data)
        check('%s: kept out' % what, code == 1 and not said.get('taken'), (code, said.get('why'), text[-200:]))
        check('%s: and says why' % what, why in said.get('why', ''), said.get('why'))
        now = status(data)
        check('%s: the old one goes on' % what, now['ruleset'] == running)
        check('%s: an administrator is told' % what, any(row['key'][:40] == said.get('why', '')[:40] and candidate in row['where']
                                                         for row in now['finding']), now['finding'])
    code, _, _ = apply(table[0][1], data, '--dry-run')
    check('a dry run of a wrong one says no', code == 1)
    check('no folder at all', run('apply', '/no/such/folder', '--data', data).returncode == 2)
    check('and no data folder', run('apply', site, '--data', empty).returncode == 4)


# --- open alerts -----------------------------------------------------------------------------------------------------

def open_alerts(data):
    return [a for a in lines('alerts', '--json', '--data', data) if a['closed'] is None]


def on_terminal(line, *arguments):
    """Runs it with a terminal as its input; returns code and output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([PROGRAM, *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    os.close(theirs)
    os.write(ours, line)
    out = process.communicate(timeout=60)[0]
    os.close(ours)
    return process.returncode, out


def test_open_alerts(site, slow, data):
    old = [a for a in open_alerts(data) if a['rule'] == 'lethal-arrhythmia']
    first, second = versions(data)[1], versions(data)[0]
    check('an open alert stays with its rules', old and all(first['hash'].startswith(a['ruleset']) for a in old), old[:1])
    check('and is counted there', first['open'] == len(old), (first['open'], len(old)))
    check('without a terminal it is not asked', run('apply', slow, '--data', data, '--adopt-open').returncode == 2)
    code, out = on_terminal(b'n\n', 'apply', slow, '--data', data, '--adopt-open')
    check('asked and refused: they stay', code == 0 and 'Move them?' in out and old[0]['alert'][:8] in out
          and versions(data)[1]['open'] == len(old), out)
    code, out = on_terminal(b'y\n', 'apply', slow, '--data', data, '--adopt-open')
    check('asked and agreed: they go over', code == 0 and versions(data)[1]['open'] == 0, out)
    now = {a['alert']: a for a in open_alerts(data)}
    check('to the newest', all(second['hash'].startswith(now[a['alert']]['ruleset']) for a in old if a['alert'] in now))
    told = run('explain', old[0]['alert'], '--data', data).stdout
    check('and explain says so', 'goes over to site version' in told and second['hash'][:12] in told, told)
    check('and the order of it', status(data)['counters']['alerts-adopted'] == len(old), status(data)['counters'])


# --- back ------------------------------------------------------------------------------------------------------------

def test_rollback(site, data):
    before = versions(data)
    shown = run('rollback', '--data', data, '--dry-run')
    check('rollback shows what it goes back to', shown.returncode == 0 and before[1]['hash'][:12] in shown.stdout, shown.stdout + shown.stderr)
    check('and does nothing yet', versions(data)[0]['hash'] == before[0]['hash'])
    check('rollback', run('rollback', '--data', data).returncode == 0)
    now = versions(data)
    check('is a version of its own, the one before', len(now) == len(before) + 1 and now[0]['hash'] == before[1]['hash']
          and now[0]['how'] == 'rollback', now[:1])
    check('and forth again', run('rollback', '--data', data).returncode == 0 and versions(data)[0]['hash'] == before[0]['hash'])


def test_restart_keeps(site, data):
    """The folder still has what was replaced: a start does not bring it back, a SIGHUP does."""
    server = Server(site, data)
    check('it starts again', wait_for(lambda: server.address('telemetry'), 30))
    check('what was applied still runs', versions(data)[0]['how'] == 'rollback', versions(data)[:1])
    check('and the supervisor has it, too', wait_for(lambda: server.logged('site-taken') >= 1, 15))
    os.kill(server.children()['router'], signal.SIGKILL)
    check('after a crash as well', wait_for(lambda: versions(data)[:1] and versions(data)[0]['how'] == 'rollback', 10))
    base.hup(server, 'site-taken', 2)
    check('the folder counts again when it is asked', versions(data)[0]['how'] == 'reload', versions(data)[:1])
    server.stop()


# --- data ------------------------------------------------------------------------------------------------------------

def test_data(site, data):
    """A catalogue that loses a code that a rule names is taken, with a warning and an alert; beside a changed rule file
    the same is an error."""
    row = 'drip-empty,alarm,low,,,,MDCX_DRIP_EMPTY,,Drip empty,no\n'
    rule = '\nrule drip-empty { title "Drip empty" when alarm starts and code is drip-empty\n' \
           '  notify primary-nurse else charge-nurse  escalate backstop }\n'
    more = copy(site, 'more-codes', catalogue_csv=lambda t: t.rstrip('\n') + '\n' + row, rules_bell=lambda t: t + rule)
    check('a code of the site\'s own', apply(more, data)[0] == 0)
    lost = copy(more, 'lost', catalogue_csv=lambda t: t.replace(row, ''))
    both = copy(lost, 'lost-and-more', rules_bell=lambda t: t + '\n# changed\n')
    code, said, _ = apply(both, data)
    check('with a rule file changed it is an error', code == 1 and 'E203' in said.get('why', ''), said.get('why'))
    code, said, text = apply(lost, data)
    check('a change of data alone is taken', code == 0 and said.get('data_only') and said.get('warnings', 0) > 0, (code, said.get('why')))
    check('what it breaks is listed', any('change of data' in row['key'] for row in status(data)['coverage']), status(data)['coverage'])
    check('and rings somebody', any(a['code'] == 'coverage-gap' for a in open_alerts(data)), [a['code'] for a in open_alerts(data)])


def test_start_after_data(site, data):
    """A catalogue that lost a code must not keep a hospital from coming up again."""
    lost = os.path.join(os.path.dirname(site), 'lost')
    server = Server(lost, data)
    check('it starts with what data broke', wait_for(lambda: server.address('telemetry'), 30))
    check('and runs it', wait_for(lambda: versions(data), 10)[0]['how'] in ('start', 'apply'))
    server.stop()
    server = Server(os.path.join(os.path.dirname(site), 'lost-and-more'), data)
    check('with changed rules, too, it starts', wait_for(lambda: server.address('telemetry'), 30))
    check('but the rules before go on', server.logged('site-kept') >= 1 and wait_for(lambda: status(data).get('finding'), 10))
    check('alarms are heard', base.survive(server))
    server.stop()


def turns(days):
    """A table of a rota: one person a day for so many days from yesterday."""
    start = time.time() - 86400
    day = lambda n: time.strftime('%Y-%m-%d 00:00', time.gmtime(start + n * 86400))
    return 'from,to,person\n' + ''.join('%s,%s,rashid\n' % (day(n), day(n + 1)) for n in range(days))


def test_roster(site, data):
    """An export that ends too soon is taken: tonight's people count; and a person hears of it."""
    full = copy(site, 'full', rotas_bell=lambda t: t + '\nrota visitors from csv "visitors.csv"\n')
    with open(os.path.join(full, 'visitors.csv'), 'w') as file:
        file.write(turns(40))
    code, said, text = apply(full, data)
    check('a rota from a table', code == 0 and not said.get('data_only'), text)
    before = sum(row['count'] for row in status(data)['coverage'] if 'change of data' in row['key'])
    short = copy(full, 'short')
    with open(os.path.join(short, 'visitors.csv'), 'w') as file:
        file.write(turns(5))
    code, said, text = apply(short, data)
    check('one that ends on the fifth day is taken', code == 0 and said.get('data_only') and said.get('uncovered') == 1, (code, said, text))
    check('says from when nobody is there', 'rota "visitors" has nobody ' in said.get('text', ''), said.get('text'))
    check('and is listed', sum(row['count'] for row in status(data)['coverage'] if 'change of data' in row['key']) > before)


# --- under load ------------------------------------------------------------------------------------------------------

class Load(threading.Thread):
    """One connection that is never opened again: each message waits for its acknowledgement."""

    def __init__(self, address, name):
        super().__init__()
        self.sender, self.name_of, self.sent, self.wrong, self.over = Sender(address), name, 0, [], False

    def run(self):
        while not self.over:
            number = '%s%05d' % (self.name_of, self.sent)
            try:
                ack = self.sender.exchange(alarm(number, bed='%02d' % (self.sent % 24 + 1)))
            except OSError as error:
                self.wrong.append((number, str(error)))
                return
            self.sent += 1
            if field(ack, b'MSA', 1) != 'CA' or field(ack, b'MSA', 2) != number:
                self.wrong.append((number, ack))
                return


FATES = ('quarantined', 'owned', 'default', 'update', 'ignored', 'context', 'duplicate')


def test_load(server, site, data):
    rules = open(os.path.join(site, 'rules.bell')).read()
    before = status(data)['counters']
    loads = [Load(server.address('telemetry'), name) for name in 'XY'] + [Load(server.address('nurse-call'), 'Z')]
    taken, kept = server.logged('site-taken'), server.logged('site-kept-out')
    for load in loads:
        load.start()
    for turn in range(50):
        text = rules + ('\nrule {{{\n' if turn % 2 else '\n# turn %d\n' % turn)
        with open(os.path.join(site, 'rules.bell'), 'w') as file:
            file.write(text)
        fine = base.hup(server, 'site-kept-out' if turn % 2 else 'site-taken', (kept if turn % 2 else taken) + turn // 2 + 1)
        if not check('reload %d is heard' % turn, fine):
            break
    for load in loads:
        load.over = True
    for load in loads:
        load.join(20)
    after = status(data)['counters']
    sent = sum(load.sent for load in loads)
    grown = {name: after[name] - before[name] for name in after if name in before}
    check('every message is acknowledged once, on the connection it came by', not any(load.wrong for load in loads),
          [load.wrong[:1] for load in loads])
    check('and has one fate', grown['messages'] == sent == sum(grown['fate-' + name] for name in FATES) and sent > 50,
          (sent, {k: v for k, v in grown.items() if v}))
    check('nothing was quarantined or taken twice', grown['fate-quarantined'] == 0 and grown['fate-duplicate'] == 0, grown)
    check('feeds and router went through it alive', server.logged('"ended"') == 0)
    with open(os.path.join(site, 'rules.bell'), 'w') as file:
        file.write(rules)
    print('# %d messages during 50 reloads' % sent)


def test_killed(server, site, data):
    """The router dies at any moment of an apply: afterwards it is one version or the other, and the list knows which."""
    one, other = copy(site, 'one', rules_bell=slower), site
    said_taken = 0
    for turn in range(12):
        candidate = one if turn % 2 else other
        before = versions(data)[0]['hash']
        asking = subprocess.Popen([PROGRAM, 'apply', candidate, '--data', data, '--json'], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        time.sleep(0.01 + 0.012 * turn)
        os.kill(server.children()['router'], signal.SIGKILL)
        out = asking.communicate(timeout=70)[0]
        answer = json.loads(out.splitlines()[0]) if out.startswith('{') else {}
        now = wait_for(lambda: versions(data), 20)
        if not check('it is there again (%d)' % turn, bool(now)):
            return
        check('one of both (%d)' % turn, now[0]['hash'] in (before, answer.get('hash') or now[0]['hash']))
        if answer.get('taken'):
            said_taken += 1
            check('what was said to be taken is (%d)' % turn, now[0]['hash'] == answer['hash'], (answer['hash'], now[0]))
        code, said, _ = wait_for(lambda: settled(candidate, data), 20)
        check('and the next apply works (%d)' % turn, code == 0, said)
    check('alarms are heard', base.survive(server))


def settled(candidate, data):
    got = apply(candidate, data)
    return got if got[0] == 0 else None


def test_single(folder):
    site, data = os.path.join(folder, 'single'), os.path.join(folder, 'data1')
    shutil.copytree(SITE, site, ignore=shutil.ignore_patterns('tests*.bell'))  # these candidates mean to fail them
    server = Server(site, data, '--single')
    wait_for(lambda: server.address('telemetry'), 30)
    other = copy(site, 'single-slower', rules_bell=slower)
    bad = copy(site, 'single-bad', rules_bell=lambda t: t + '\nrule {{{\n')
    check('single: applied', apply(other, data)[0] == 0)
    check('single: kept out', apply(bad, data)[0] == 1)
    check('single: back', run('rollback', '--data', data).returncode == 0 and len(versions(data)) == 3)
    check('single: goes on', base.survive(server))
    server.stop()


def main():
    folder = tempfile.mkdtemp(prefix='nightbell-apply-')
    site, data = os.path.join(folder, 'site'), os.path.join(folder, 'data')
    shutil.copytree(SITE, site, ignore=shutil.ignore_patterns('tests*.bell'))  # these candidates mean to fail them
    server = Server(site, data)
    try:
        wait_for(lambda: server.address('nurse-call'), 30)
        Sender(server.address('telemetry')).exchange(alarm('1001'))
        slow = test_taken(site, data)
        test_kept_out(site, data)
        test_open_alerts(site, slow, data)
        test_rollback(site, data)
        server.stop()
        test_restart_keeps(site, data)
        server = Server(site, data)
        wait_for(lambda: server.address('nurse-call'), 30)
        test_load(server, site, data)
        test_killed(server, site, data)
        test_data(site, data)
        test_roster(site, data)
        os.kill(server.children()['router'], signal.SIGKILL)
        check('a router that starts anew takes such a site from its journal', wait_for(lambda: status(data).get('position'), 15))
        server.stop()
        test_start_after_data(site, data)
        test_single(folder)
    finally:
        if server.process.poll() is None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print('%(passed)d passed, %(failed)d failed' % base.results)
    return 1 if base.results['failed'] else 0


if __name__ == '__main__':
    sys.exit(main())
