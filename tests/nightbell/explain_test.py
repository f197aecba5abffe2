#!/usr/bin/env python3
"""explain_test.py NIGHTBELL PROJECT   Why an alert went where it did, over the real program: the story of an alert,
of an ignored message, of an alert up to a time; and what would become of a file, from a site alone and from the
running state, without changing it. Ends with 'N passed, N failed'."""
import json
import os
import pwd
import subprocess
import sys
import time

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
os.environ['NIGHTBELL'] = PROGRAM
sys.path.insert(0, os.path.join(PROJECT, 'tests', 'kill'))
from served import Served, alarm, check, finish, folder, send, wait_for  # noqa: E402

SITE = '''language 1
site why-house timezone "America/Chicago" demo yes
shift night = 19:00-07:00
desk front "Front desk" staffed always reach phones
unit "OBS" "Observation" { beds "1" to "60"  fallback desk front }
unit "ICU" "Intensive care" { beds "1" to "9"  fallback desk front }
person greta "Greta Lund RN" { may-hold primary-nurse  reach phones }
person ida "Ida Berg RN"     { may-hold primary-nurse, charge-nurse  reach phones }
assign greta primary-nurse of "OBS"
assign ida charge-nurse of "OBS"
listen mllp monitors { on "127.0.0.1:2775"  sends starts, ends }
endpoint inbox phones { on "127.0.0.1:8474" }
default { notify primary-nurse else charge-nurse urgent  after 10min if not accepted notify desk front }
default for result { ignore because "routine" }
rule vfib-any { title "V-fib"
  when alarm starts and code is vfib
  stop on accepted, ended
  notify primary-nurse else charge-nurse urgent
  after 60s if not accepted notify charge-nurse urgent
  after 2min if not accepted notify desk front urgent
  repeat all every 60s max 2 }
rule low { title "Low SpO2"
  when alarm starts and code is spo2-low
  notify primary-nurse else charge-nurse
  after 60s if not accepted notify desk front }
rule vfib-icu { title "V-fib in ICU"
  when alarm starts and code is vfib and unit is "ICU" if known
  stop on accepted, ended
  notify charge-nurse urgent
  after 30s if not accepted notify desk front urgent
  repeat all every 60s max 2 }
rule vfib-slow { title "Tried out"  mode draft
  when alarm starts and code is vfib and value < 100 /min if known
  stop on accepted, ended
  notify charge-nurse urgent
  after 30s if not accepted notify desk front urgent
  repeat all every 60s max 2 }
'''
ROUTINE = '\r'.join((
    'MSH|^~\\&|LAB|GH|||20261014021000+0000||ORU^R01^ORU_R01|R1|P|2.6', 'PID|||4711^^^GH^MR||Quill^Marta',
    'PV1||I|OBS^^4', 'OBR|1|||2951-2^Sodium^LN|||20261014021000+0000',
    'OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|135-145|N|||F', ''))


def make_site(name):
    site = os.path.join(folder, name)
    os.makedirs(site)
    with open(os.path.join(site, 'site.bell'), 'w') as f:
        f.write(SITE)
    return site


def explain(*words, code=0):
    done = subprocess.run([PROGRAM, 'explain', *words], capture_output=True, text=True, env={**os.environ, 'NO_COLOR': '1'})
    check('explain %s gives %d' % (' '.join(os.path.basename(w) for w in words), code), done.returncode == code,
          done.stdout + done.stderr)
    return done.stdout


def lines(*words):
    return [json.loads(x) for x in explain(*words, '--json').splitlines()]


def of_type(rows, kind):
    return [r for r in rows if r.get('type') == kind]


def fates(rows):
    return {r['rule']: (r['fate'], r['reason']) for r in of_type(rows, 'decision')[0]['rules']}


def people(row):
    return [(p['holder'], p['told'], p['reason']) for p in row['people']]


def files():
    paths = {}
    for name, text in (('vfib.hl7', alarm('F1', '7', 'file-1')), ('routine.hl7', ROUTINE), ('empty.hl7', 'nothing\r')):
        paths[name] = os.path.join(folder, name)
        with open(paths[name], 'w', newline='') as f:
            f.write(text)
    return paths


def from_the_site_alone(site, paths):
    rows = lines(paths['vfib.hl7'], '--site', site, '--at', '2026-10-14T02:10')
    check('the first line names file, message, listener and time',
          (rows[0]['message'], rows[0]['listener'], rows[0]['at']) == (1, 'monitors', '2026-10-14T02:10:00'), rows[0])
    found = fates(rows)
    check('the owner', found['vfib-any'] == ('owned', 'matched; nothing narrower'), found)
    check('who does not, with the value', found['vfib-icu'] == ('no', 'unit is OBS, not "ICU"'), found)
    check('a draft', found['vfib-slow'] == ('draft', 'a draft; value is absent, and the rule says if known'), found)
    steps = of_type(rows, 'step')
    check('step 1 to whom, by which layer', people(steps[0]) == [('greta', True, 'assigned primary-nurse of OBS')], steps[0])
    check('step 2 a minute later', people(steps[1]) == [('ida', True, 'assigned charge-nurse of OBS')] and
          steps[1]['clock'] == '02:11:00', steps[1])
    check('it ends at the desk', ('front', True, 'desk') in people(steps[2]) and steps[2]['clock'] == '02:12:00', steps[2])
    check('the state at the end', rows[-1]['type'] == 'state' and rows[-1]['state'] == 'exhausted' and
          rows[-1]['told'] == ['Greta Lund RN', 'Ida Berg RN', 'Front desk'], rows[-1])
    check('receipts of a model are left out', not of_type(rows, 'answer'), rows)
    text = explain(paths['vfib.hl7'], '--site', site)
    check('as a table', '  OWNED     vfib-any   matched; nothing narrower' in text and
          '  no        vfib-icu   unit is OBS, not "ICU"' in text and 'copy      -          none' in text, text)
    rows = lines(paths['routine.hl7'], '--site', site)
    decision = of_type(rows, 'decision')[0]
    check('an ignored event has its reason', decision['fate'] == 'ignored' and decision['rule'] == 'default for result', rows)
    explain(paths['empty.hl7'], '--site', site, code=1)
    explain(paths['vfib.hl7'], '--site', site, '--listener', 'nobody', code=1)
    explain(paths['vfib.hl7'], '--site', site, '--at', 'tonight', code=1)
    explain(code=2)


def state_of(served):
    """The whole state, as bytes."""
    rows = served.ask(do='snapshot')
    return rows[0]['position'], ''.join(r['part'] for r in rows[1:])


def from_the_running_state(served, site, paths):
    before = state_of(served)
    rows = lines(paths['vfib.hl7'], '--data', served.data)
    steps = of_type(rows, 'step')
    check('nobody has a phone: each is listed, with why',
          ('greta', False, 'assigned primary-nurse of OBS; unreachable') in people(steps[0]), steps[0])
    served.ask(do='assign', person='ida', role='primary-nurse', unit='OBS', beds=['7'])
    rows = lines(paths['vfib.hl7'], '--data', served.data, '--site', site)
    check('the live assignment counts, by whom', people(of_type(rows, 'step')[0])[0] ==
          ('ida', False, 'override by %s, primary-nurse of OBS bed 7; unreachable' % pwd.getpwuid(os.getuid()).pw_name), of_type(rows, 'step')[0])
    check('the roster has a version', of_type(rows, 'decision')[0]['roster'] > 0, rows)
    served.ask(do='assign', person='ida', end=True)
    middle = state_of(served)
    lines(paths['vfib.hl7'], '--data', served.data, '--at', '2027-01-01T00:00')
    check('looking ahead changes nothing', state_of(served) == middle and middle != before, (before[0], middle[0]))


def what_was(served):
    answer = send(served.ports['monitors'], alarm('W1', '4', 'past-1'))
    check('taken', answer and 'MSA|CA|W1' in answer, answer)
    alert = wait_for(served.alerts, 5)[0]['alert']
    middle = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 1))
    time.sleep(2.1)
    send(served.ports['monitors'], alarm('W2', '4', 'past-1', phase='end'))
    wait_for(lambda: served.alerts()[0]['state'] == 'source-cleared', 5)
    rows = lines(alert[:6], '--data', served.data)
    check('each rule with its fate', fates(rows)['vfib-icu'] == ('no', 'unit is OBS, not "ICU"'), rows)
    check('the ruleset by its hash', of_type(rows, 'decision')[0]['ruleset'] == rows[0]['ruleset'], rows)
    check('and how it ended', rows[-1]['type'] in ('close', 'notice') and of_type(rows, 'close'), rows)
    then = lines(alert, '--data', served.data, '--at', middle)
    check('up to a time', not of_type(then, 'close') and then[-1]['type'] == 'state' and
          then[-1]['state'] in ('notifying', 'exhausted') and then[-1]['rule'] == 'vfib-any', then)
    early = lines(alert, '--data', served.data, '--at', '2020-01-01T00:00')
    check('before it was there', early[-1]['state'] == 'not there yet' and len(early) == 2, early)
    send(served.ports['monitors'], ROUTINE)
    ignored = [r for r in served.ask(do='list', what='unowned') if r['what'].startswith('result')]
    check('what only a default took is listed', len(ignored) == 1 and ignored[0]['count'] == 1, ignored)
    rows = lines('--position', str(ignored[0]['position']), '--data', served.data)
    check('an ignored message is explained by its position',
          [r['type'] for r in rows][0] == 'message' and of_type(rows, 'decision')[0]['fate'] == 'ignored', rows)
    check('with what the message left out or not', of_type(rows, 'decision')[0]['rules'][0]['fate'] == 'owned', rows)
    without = lines('--position', str(ignored[0]['position']), '--data', served.data, '--key', 'none.key')
    check('without the key by which rule, and no reasons', not of_type(without, 'decision') and
          of_type(without, 'fate')[0]['ignored'] == [{'rule': 'default for result', 'kind': 'result', 'code': ignored[0]['key'],
                                                      'where': ignored[0]['where']}], without)
    listed = unmatched('--data', served.data)
    check('of the running router as well', [(r['count'], r['sent_code'], r['listener']) for r in listed] ==
          [(1, '2951-2', 'monitors')] and 'rule ' in listed[0]['rule'], listed)
    drafts_check('site-live-drafts', listed)
    explain('ffffffff', '--data', served.data, code=1)


def unmatched(*words):
    done = subprocess.run([PROGRAM, 'unmatched', *words, '--json'], capture_output=True, text=True)
    check('unmatched answers', done.returncode == 0, done.stdout + done.stderr)
    return [json.loads(x) for x in done.stdout.splitlines()]


def drafts_check(name, rows):
    """A drafted rule and its catalogue row, put into the site as they are, pass `nightbell check`."""
    site = make_site(name)
    with open(os.path.join(site, 'drafts.bell'), 'w') as f:
        f.write('language 1\n' + '\n'.join(r['rule'] for r in rows))
    with open(os.path.join(site, 'catalogue.csv'), 'w') as f:
        f.write('name,kind,class,system,code,source,text,unit,title,attended-ends\n')
        f.writelines(r['row'] + '\n' for r in rows if r['row'])
    with open(os.path.join(site, 'site.bell'), 'a') as f:
        f.write('catalogue "catalogue.csv"\n')
    done = subprocess.run([PROGRAM, 'check', site], capture_output=True, text=True)
    check('every draft compiles as it is', done.returncode == 0, done.stdout + done.stderr + str(rows))


def what_no_rule_wants(site):
    strange = alarm('U%d', '4', 'unmatched-%d').replace('199806^MDC_EVT_ECG_V_FIB^MDC', '9999^ACME_HI^ACME').replace('V-Fib', 'Hi "vent", 5%%')
    path = os.path.join(folder, 'strange.hl7')
    with open(path, 'w', newline='') as f:
        f.write(strange % (1, 1, 1) + strange % (2, 2, 2) + ROUTINE +
                alarm('U3', '4', 'u-3').replace('199806^MDC_EVT_ECG_V_FIB^MDC', '199828^MDC_EVT_ECG_V_TACHY^MDC') +
                alarm('U4', '4', 'u-4').replace('OBS^^4', 'TELE9^512^A'))
    rows = unmatched('--site', site, path)
    check('the most frequent first', [r['count'] for r in rows] == [2, 1, 1] and rows[0]['sent_code'] == '9999' and
          rows[0]['system'] == 'ACME' and rows[0]['class'] == 'high' and rows[0]['unit'] == 'OBS', rows)
    check('a code without a name comes with its row', rows[0]['row'] ==
          'hi-vent-5,alarm,high,ACME,9999,,,,Hi  vent   5%,no' and not rows[1]['row'], rows)
    drafts_check('site-drafts', rows)
    known = os.path.join(folder, 'known.hl7')
    with open(known, 'w', newline='') as f:
        f.write(alarm('K1', '4', 'known-1'))
    done = subprocess.run([PROGRAM, 'unmatched', '--site', site, known], capture_output=True, text=True)
    check('nothing is said to be nothing', done.returncode == 0 and done.stdout == 'a rule owned everything\n', done)
    done = subprocess.run([PROGRAM, 'unmatched', '--site', site, path], capture_output=True, text=True)
    check('the text has every line of each draft',
          all('        ' + x in done.stdout.split('\n') for r in rows for x in r['rule'].strip().split('\n')), done.stdout)
    places = unmatched('--site', site, path, '--places')
    check('a place that nobody knows', [(p['key'], p['row']) for p in places] ==
          [('TELE9^512^A', 'TELE9,512,A,TELE9,512,A')], places)


def drill(*words, code=0):
    done = subprocess.run([PROGRAM, 'drill', *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check('drill %s gives %d' % (' '.join(words[:1] + words[3:]), code), done.returncode == code, done.stdout + done.stderr)
    return done.stdout


def a_drill(served):
    drill('vfib-icu', '--data', served.data, code=2)            # nobody confirmed it
    drill('vfib-icu', '--data', served.data, '--yes', code=2)   # of the lethal class: its name is needed
    drill('vfib-icu', '--data', served.data, '--confirm', 'vfib-any', code=2)
    drill('vfib-slow', '--data', served.data, '--yes', code=1)  # a draft
    drill('nothing', '--data', served.data, '--yes', code=1)
    drill('low', '--data', served.data, '--unit', 'NOWHERE', '--yes', code=1)
    opened = served.status()['counters']['alerts-opened']
    sent = json.loads(drill('vfib-icu', '--data', served.data, '--confirm', 'vfib-icu', '--bed', '3', '--json'))
    check('it is marked, of the unit that the rule asks for', (sent['title'], sent['unit'], sent['bed'], sent['rule']) ==
          ('DRILL V-fib', 'ICU', '3', 'vfib-icu'), sent)
    low = json.loads(drill('low', '--data', served.data, '--unit', 'OBS', '--yes', '--json'))
    rows = lines(low['alert'], '--data', served.data)
    check('explained as one', of_type(rows, 'decision')[0]['rules'][0]['reason'] == 'a drill of this rule', rows)
    counters = served.status()['counters']
    check('and counted as nothing else', (counters['drills'], counters['alerts-opened']) == (2, opened), counters)


def main():
    site, paths = make_site('site-why'), files()
    from_the_site_alone(site, paths)
    what_no_rule_wants(site)
    served = Served(site, 'why')
    check('serves', served.start(), served.logged()[-5:])
    from_the_running_state(served, site, paths)
    what_was(served)
    a_drill(served)
    served.stop()
    explain('abcdef', '--data', served.data, code=4)
    finish()


main()
