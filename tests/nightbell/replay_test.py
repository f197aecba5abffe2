#!/usr/bin/env python3
"""replay_test.py NIGHTBELL PROJECT   What a router has journaled is decided again, byte by byte: while it runs, when it
has stopped, after a kill and a new site; `verify` sees a changed byte. With General Hospital's own traffic and
simulated phones. Ends with 'N passed, N failed'."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
EXAMPLE = os.path.join(PROJECT, 'examples', 'general-hospital')
results = {'passed': 0, 'failed': 0}
folder = tempfile.mkdtemp(prefix='nightbell-replay-')
started = []


def check(what, fine, more=''):
    results['passed' if fine else 'failed'] += 1
    if not fine:
        print('not ok - %s %s' % (what, more), flush=True)
    return fine


def begin(*words, log='log'):
    out = open(os.path.join(folder, log), 'ab')
    process = subprocess.Popen(words, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    started.append(process)
    return process


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def answer(*words):
    code, out, err = run(*words, '--json')
    try:
        return code, json.loads(out)
    except ValueError:
        return code, {'out': out, 'err': err}


def until(what, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        value = what()
        if value:
            return value
        time.sleep(0.05)
    return what()


def serve(site, data):
    listening = os.path.join(data, 'run', 'listening')
    if os.path.exists(listening):
        os.unlink(listening)
    process = begin(PROGRAM, 'serve', site, '--data', data, '--all-ports-free', '--rate', '120')
    check('the router starts', until(lambda: os.path.exists(listening) and os.path.getsize(listening) > 0))
    return process


def leave(process):
    process.send_signal(signal.SIGTERM)
    check('the router leaves', process.wait(20) == 0)


def phones(data):
    people = begin('node', os.path.join(PROJECT, 'examples', 'staff', 'staff.mjs'), '--data', data, '--site', EXAMPLE,
                   '--nightbell', PROGRAM, '--fast', '60', '--quiet', '--accept', '60', 'ana', 'ben', 'carla', 'petra',
                   'rosa', 'operator', log='staff.log')
    log = os.path.join(folder, 'staff.log')
    check('phones are enrolled', until(lambda: 'ready' in open(log, errors='replace').read(), 60))
    return people


def play(site, data, begin_at, lines):
    """So many lines of the day from begin_at on, ten minutes of it a second."""
    day = os.path.join(folder, 'day.tsv')
    with open(os.path.join(site, 'traffic', 'day.tsv'), encoding='utf-8') as whole, open(day, 'w', encoding='utf-8') as part:
        hour, minute = begin_at.split(':')
        start = (int(hour) * 60 + int(minute)) * 60000
        rows = [row for row in whole if row[0] != '#']
        early = [row for row in rows if int(row.split('\t')[0]) < start]
        part.writelines(early + [row for row in rows if int(row.split('\t')[0]) >= start][:lines])
    code, out, err = run('simulate', site, '--data', data, '--traffic', day, '--from', begin_at, '--speed', '600')
    check('the traffic is taken', code == 0 and ', 0 refused' in out, out + err)


def same(what, *where):
    code, o = answer('replay', *where)
    check('%s: the same, byte by byte' % what, code == 0 and o.get('difference', 'x') is None, o)
    return o


def unchanged(site, data):
    router = serve(site, data)
    people = phones(data)
    play(site, data, '07:00', 120)
    live = same('live', '--data', data)
    check('it has messages, alerts and sends', min(live['messages'], live['alerts'], live['sends']) > 20, live)
    router.kill()  # its children end with it
    router.wait()
    until(lambda: run('status', '--data', data)[0] != 0)
    people.terminate()
    router = serve(site, data)
    with open(os.path.join(site, 'rules.bell'), 'a', encoding='utf-8') as rules:
        rules.write('\ncodes replayed = vfib, vtach\n')
    router.send_signal(signal.SIGHUP)
    play(site, data, '08:00', 60)
    after = same('after a kill, a new site and no phones', '--data', data)
    leave(router)
    stopped = same('stopped', '--journal', data)
    middle = same('from the middle', '--data', data, '--from', live['to'])
    check('the middle begins later', 0 < middle['first'] < stopped['records'], middle)
    check('both ends are in the same state', middle['state'] == stopped['state'], (middle, stopped))
    check('nothing is lost by stopping', stopped['records'] >= after['records'], stopped)


def verified(data):
    code, o = answer('verify', '--data', data)
    check('verify: all is as it was written', code == 0 and o['fine'] and o['chain'] == 'whole', o)
    copy = os.path.join(folder, 'copy')
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns('run'))
    with open(os.path.join(copy, 'journal.db'), 'r+b') as f:
        f.seek(0, 2)
        f.seek(f.tell() // 2 // 4096 * 4096 + 3000)  # the middle of a page in the middle: a sealed body
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 1]))
    code, o = answer('verify', '--journal', copy)
    check('verify: a changed bit is found', code == 1 and not o.get('fine', False), o)


def advised(data):
    code, out, _ = run('advise', 'holds', '--data', data, '--json')
    rows = [json.loads(line) for line in out.splitlines()]
    check('holds: codes are listed', code == 0 and len(rows) > 2, out[:300])
    for row in rows:
        check('holds: %s adds up' % row['code'], row['ended'] + row['accepted'] <= row['alerts'], row)
        check('holds: lethal ones are never advised', row['advised'] == (row['class'] != 'lethal'), row)
        saves = [hold['saves'] for hold in row['holds']]
        check('holds: a longer one saves no less', saves == sorted(saves) and max(saves + [0]) <= row['ended'], row)
    page = os.path.join(folder, 'holds.html')
    check('holds: the page', run('advise', 'holds', '--data', data, '--html', page)[0] == 0 and
          '<svg' in open(page, encoding='utf-8').read())


def wrong_usage(data):
    for words, said in ((['replay'], '--data'), (['replay', '--data', data, '--journal', data], '--data'),
                        (['replay', '--data', data, '--from', 'noon'], '--from'),
                        (['replay', '--data', data, '--from', '2026-01-02T00:00:00Z', '--to', '2026-01-01T00:00:00Z'], 'behind'),
                        (['advise', 'holds', '--data', data, '--from', '2026-01-02T00:00:00Z', '--to', '2026-01-01T00:00:00Z'],
                         'behind'),
                        (['replay', '--journal', folder], 'key'), (['verify'], '--data'), (['advise', 'holds'], '--data')):
        code, _, err = run(*words)
        check('%s is refused' % ' '.join(words), code in (1, 2) and said in err, (code, err))


def main():
    subprocess.run([os.path.join(EXAMPLE, 'traffic', 'make')], check=True, capture_output=True)
    site, data = os.path.join(folder, 'site'), os.path.join(folder, 'data')
    shutil.copytree(EXAMPLE, site)
    os.mkdir(data)
    try:
        unchanged(site, data)
        verified(data)
        advised(data)
        wrong_usage(data)
    finally:
        for process in started:
            process.kill()
            process.wait()
        if results['failed'] == 0:
            shutil.rmtree(folder, ignore_errors=True)
    print('%d passed, %d failed' % (results['passed'], results['failed']))
    return 0 if results['failed'] == 0 else 1


if __name__ == '__main__':
    sys.exit(main())
