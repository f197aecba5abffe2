#!/usr/bin/env python3
"""switch_test.py NIGHTBELL PROJECT   nightbell switch: set by who holds its role, off by itself, on after a restart,
shown by status; and what the site's check says of switches. Ends with 'N passed, N failed'."""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serve_test as base
from serve_test import SITE, Server, check, edit, run, status, wait_for

SWITCH = '\nswitch storm "Winter storm: few people" set by charge-nurse max 2h\n'


def on(data):
    return {row['name']: row for row in status(data).get('switches', [])}


def switch(data, *words):
    return run('switch', *words, '--data', data)


def test_set(data):
    check('assigned', run('assign', 'carla', 'charge-nurse', '5W', '--data', data).returncode == 0)
    check('nothing is on', on(data) == {}, on(data))
    none = switch(data, 'calm', 'on', '--by', 'carla')
    check('a switch that is not there', none.returncode == 1 and 'no switch of that name' in none.stderr, none.stderr)
    other = switch(data, 'storm', 'on', '--by', 'noor')
    check('only who holds the role sets it', other.returncode == 1 and 'charge-nurse' in other.stderr, other.stderr)
    long = switch(data, 'storm', 'on', '--by', 'carla', '--for', '3h')
    check('not for longer than max', long.returncode == 1 and 'at most 2h' in long.stderr, long.stderr)
    check('a time that is none', switch(data, 'storm', 'on', '--by', 'carla', '--for', 'long').returncode == 1)
    check('wrong usage', switch(data, 'storm', 'on').returncode == 2 and switch(data, 'storm', 'maybe', '--by', 'carla').returncode == 2)
    done = switch(data, 'storm', 'on', '--by', 'carla')
    check('on, until max', done.returncode == 0 and done.stdout.startswith('on until '), done.stdout + done.stderr)
    row = on(data).get('storm', {})
    check('status has it', row.get('by') == 'carla' and row.get('title', '').startswith('Winter') and row.get('until'), row)
    check('status shows it to people', 'switch storm is on' in run('status', '--data', data).stdout)
    off = switch(data, 'storm', 'off', '--by', 'carla')
    check('off', off.returncode == 0 and off.stdout == 'off\n' and on(data) == {}, off.stdout + off.stderr)
    switch(data, 'storm', 'on', '--by', 'carla', '--for', '1s')
    check('it goes off by itself', wait_for(lambda: on(data) == {}))
    check('and stays on through a restart', switch(data, 'storm', 'on', '--by', 'carla', '--for', '1h').returncode == 0)


def test_check(site):
    def findings(text):
        copy = site + '-checked'
        shutil.copytree(site, copy)
        edit(copy, 'site.bell', lambda t: t.replace(SWITCH, text))
        got = run('check', copy)
        shutil.rmtree(copy)
        return got.stdout + got.stderr

    check('a switch is fine', 'error' not in findings(SWITCH), findings(SWITCH))
    check('a role that nobody holds', 'charge-nurze' in findings(SWITCH.replace('charge-nurse', 'charge-nurze')))
    check('on for too long', 'at most 30d' in findings(SWITCH.replace('2h', '31d')))


def main():
    folder = tempfile.mkdtemp(prefix='nightbell-switch-')
    site, data = os.path.join(folder, 'site'), os.path.join(folder, 'data')
    shutil.copytree(SITE, site)
    edit(site, 'site.bell', lambda t: t + SWITCH)
    server = Server(site, data)
    try:
        wait_for(lambda: server.address('telemetry'), 30)
        test_set(data)
        server.stop()
        server = Server(site, data)
        wait_for(lambda: server.address('telemetry'), 30)
        check('a restart leaves it on', 'storm' in on(data), on(data))
        test_check(site)
    finally:
        if server.process.poll() is None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print('%(passed)d passed, %(failed)d failed' % base.results)
    return 1 if base.results['failed'] else 0


if __name__ == '__main__':
    sys.exit(main())
