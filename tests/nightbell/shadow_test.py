#!/usr/bin/env python3
"""shadow_test.py NIGHTBELL PROJECT   A shadow follows the router under other rules and touches nothing: what the router
journals beside one, a slow one, and one that is killed, is what its core decides without any; diff is replay's report;
`mode shadow` runs as if live; `replay --rules` of the live site finds no change. Ends with 'N passed, N failed'."""
import os
import shutil
import signal
import subprocess
import sys

import replay_test as house
from replay_test import EXAMPLE, answer, check, folder, play, results, run, same, until

SHADOW_RULE = '''
rule night-watch overrides nurse-call { title "Calls go to the charge nurse as well"  mode shadow
  when call starts and code is nurse-call and unit is "5W" if known
  notify charge-nurse
  after 2min if not accepted notify desk operator }
'''


def shadow(*words):
    return answer('shadow', *words)


def follows(data):
    """The shadow has seen everything there is by now."""
    end = answer('status', '--data', data)[1]['position']
    return until(lambda: shadow('status', '--data', data)[1].get('position', 0) >= end)


def candidate(site):
    other = os.path.join(folder, 'other')
    shutil.copytree(site, other)
    path = os.path.join(other, 'rules.bell')
    with open(path, encoding='utf-8') as f:
        text = f.read()
    old = 'notify nursing-assistant else primary-nurse using call'
    check('the example has the step that is changed', old in text)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text.replace(old, 'notify charge-nurse using call', 1))
    return other


def beside(site, data):
    other = candidate(site)
    code, out, err = run('shadow', 'start', other, '--data', data)
    check('a shadow starts', code == 0, out + err)
    check('only one does', run('shadow', 'start', other, '--data', data)[0] == 1)
    play(site, data, '07:00', 150)
    check('it follows', follows(data))
    code, diff = shadow('diff', '--data', data)
    check('messages have gone through it', code == 0 and diff['messages'] > 100 and diff['alerts'] > 20, str(diff)[:300])
    check('whom it tells instead is seen', diff['told_now']['nobody_answers'] > 0, str(diff)[:300])
    check('no lethal alert changed', diff['lethal_changed'] == [], diff['lethal_changed'])
    page = os.path.join(folder, 'page.html')
    code, text, _ = run('shadow', 'diff', '--data', data, '--html', page)
    html = open(page, encoding='utf-8').read()
    check('and shown', code == 0 and 'first notice' in text and html.startswith('<!doctype html>'), text)
    check('the page asks for nothing from outside', 'http' not in html and '<script' not in html and 'src=' not in html)
    pid = shadow('status', '--data', data)[1]['pid']
    os.kill(pid, signal.SIGKILL)
    check('the router lives on without it', run('status', '--data', data)[0] == 0)
    check('nobody answers for the dead', run('shadow', 'status', '--data', data)[0] != 0)
    same('beside a shadow', '--data', data)


def slow(site, data):
    code, out, err = run('shadow', 'start', site, '--data', data, '--pause', '3000')
    check('a slow one starts', code == 0, out + err)
    play(site, data, '08:00', 80)  # all taken, at the pace of the traffic
    status = shadow('status', '--data', data)[1]
    check('it is behind, and says so', status.get('behind', 0) > 0, status)
    check('it is stopped', run('shadow', 'stop', '--data', data)[0] == 0)
    same('beside a slow shadow', '--data', data)


def own_rules(site, data, router):
    with open(os.path.join(site, 'rules.bell'), 'a', encoding='utf-8') as rules:
        rules.write(SHADOW_RULE)
    before = answer('status', '--data', data)[1]['position']
    router.send_signal(signal.SIGHUP)
    until(lambda: answer('status', '--data', data)[1]['position'] > before)
    check('the site\'s own shadow rules start', run('shadow', 'start', '--data', data)[0] == 0)
    play(site, data, '09:00', 80)
    check('it follows them', follows(data))
    owners = shadow('diff', '--data', data)[1].get('owners', [])
    check('calls would have had another owner', any(o['to'] == 'night-watch' for o in owners), owners)
    run('shadow', 'stop', '--data', data)
    code, o = answer('replay', '--data', data, '--rules', EXAMPLE)
    check('the rules that were live change nothing', code == 0 and o['changed'] == [] and o['lethal_changed'] == [],
          str(o)[:400])


def main():
    subprocess.run([os.path.join(EXAMPLE, 'traffic', 'make')], check=True, capture_output=True)
    site, data = os.path.join(folder, 'site'), os.path.join(folder, 'data')
    shutil.copytree(EXAMPLE, site)
    os.mkdir(data)
    try:
        router = house.serve(site, data)
        people = house.phones(data)
        beside(site, data)
        slow(site, data)
        own_rules(site, data, router)
        people.terminate()
        house.leave(router)
        check('a shadow that has nobody to follow says so', 'does not run' in run('shadow', 'start', site, '--data', data)[2])
    finally:
        run('shadow', 'stop', '--data', data)
        for process in house.started:
            process.kill()
            process.wait()
        if results['failed'] == 0:
            shutil.rmtree(folder, ignore_errors=True)
    print('%d passed, %d failed' % (results['passed'], results['failed']))
    return 0 if results['failed'] == 0 else 1


if __name__ == '__main__':
    sys.exit(main())
