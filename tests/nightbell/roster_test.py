#!/usr/bin/env python3
"""roster_test.py NIGHTBELL   nightbell roster: who holds what then, and the strips of the hours that nobody does."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]

SITE = """language 1
site small timezone "America/Chicago"
shift day = 07:00-19:00
desk operator "Operator" staffed always reach phones
unit "5W" "Ward" { beds "01" to "02"  fallback desk operator }
unit "OR" "Theatre" { beds "1"  fallback desk operator }
person ana "Ana Ruiz RN" { may-hold charge-nurse  reach phones }
person ben "Ben Okafor" { reach phones }
assign ana charge-nurse of "5W" during day
assign ana charge-nurse of "OR"
rota rapid from ics "rosters/rapid.ics"
listen mllp m { on "127.0.0.1:2575" }
endpoint inbox phones { on "127.0.0.1:8444" }
default { notify charge-nurse else oncall rapid else desk operator }
"""
CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART;TZID=America/Chicago:20261026T070000
DTEND;TZID=America/Chicago:20261027T070000
RRULE:FREQ=DAILY
EXDATE;TZID=America/Chicago:20261101T070000
SUMMARY:Ben Okafor
END:VEVENT
END:VCALENDAR
"""


def run(*words):
    r = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, timeout=60)
    return r.returncode, r.stdout, r.stderr


def expect(what, got, wanted):
    if got != wanted:
        print(f"{what}:\n got  {got!r}\n want {wanted!r}")
        sys.exit(1)


def main():
    with tempfile.TemporaryDirectory() as site:
        os.mkdir(os.path.join(site, "rosters"))
        for name, text in (("site.bell", SITE), ("rosters/rapid.ics", CALENDAR.replace("\n", "\r\n"))):
            with open(os.path.join(site, name), "w", encoding="utf-8", newline="") as f:
                f.write(text)

        expect("by day", run("roster", site, "--at", "2026-11-01T06:30")[:2],
               (0, "rota rapid                  ben\n5W charge-nurse             nobody\nOR charge-nurse             ana\n"))
        expect("in the hour after", run("roster", site, "OR", "--at", "2026-11-01T13:30Z")[:2],
               (0, "OR charge-nurse             ana\n"))
        expect("nobody", run("roster", site, "--at", "2026-11-01T07:00")[1].splitlines()[0], "rota rapid                  nobody")

        code, out, _ = run("roster", "gaps", site, "--days", "3", "--at", "2026-10-31")
        lines = out.splitlines()
        expect("gaps are exit code 1", code, 1)
        expect("the head of a week", lines[0], " " * 28 + "Sa 10-31 Su 11-01 Mo 11-02 Tu 11-03 We 11-04 Th 11-05 Fr 11-06")
        expect("a rota's strip", lines[1].rstrip(), "rota rapid                  ████████ ██▒····· ··▒█████")
        expect("a role's strip", lines[2].rstrip(), "5W charge-nurse             ··▒███▒· ··▒███▒· ··▒███▒·")
        expect("no gap in a strip", lines[3].rstrip(), "OR charge-nurse             ████████ ████████ ████████")
        expect("a gap in words", "rota rapid: nobody Sun 2026-11-01 07:00 to Mon 2026-11-02 07:00" in lines, True)

        code, out, _ = run("roster", "gaps", site, "OR", "--at", "2026-10-31")
        out_or = out
        expect("a unit without gaps", (code, out.splitlines()[-1]), (0, "no gap"))
        code, out, _ = run("roster", "gaps", site, "--json", "--days", "2", "--at", "2026-11-01")
        expect("for programs", json.loads(out)[0],
               {"rota": "rapid", "gaps": [{"from": "2026-11-01T13:00:00.000Z", "to": "2026-11-02T13:00:00.000Z"}]})

        here = subprocess.run([PROGRAM, "roster", "gaps", "OR", "--at", "2026-10-31"], capture_output=True, text=True, cwd=site, check=False)
        expect("a unit of the site one is in", (here.returncode, here.stdout), (0, out_or))

        expect("no such unit", run("roster", site, "6W")[0], 2)
        expect("no such time", run("roster", site, "--at", "noon")[0], 2)
        expect("no such number", run("roster", "gaps", site, "--days", "0")[0], 2)
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": {"resourceType": "Schedule", "id": "s", "actor": [{"reference": "Practitioner/ben"}]}},
            {"resource": {"resourceType": "Slot", "schedule": {"reference": "Schedule/s"}, "status": "free",
                          "start": "2026-11-02T07:00:00-06:00", "end": "2026-11-02T19:00:00-06:00"}}]}
        fhir = os.path.join(site, "rosters", "visitors.json")
        with open(os.path.join(site, "more.bell"), "w", encoding="utf-8") as f:
            f.write('language 1\nrota visitors from fhir "rosters/visitors.json"\n')
        with open(fhir, "w", encoding="utf-8") as f:
            json.dump(bundle, f)
        expect("a Slot", run("roster", site, "--at", "2026-11-02T18:59")[1].splitlines()[0].split(), ["rota", "visitors", "ben"])
        expect("after it", run("roster", site, "--at", "2026-11-02T19:00")[1].splitlines()[0].split(), ["rota", "visitors", "nobody"])
        with open(fhir, "w", encoding="utf-8") as f:
            f.write('{"resourceType": "Bundle",\n "entry": [}\n')
        expect("JSON that is none, with its place", "rosters/visitors.json:2:" in run("check", site)[2] + run("check", site)[1], True)
        os.remove(os.path.join(site, "more.bell"))

        with open(os.path.join(site, "rosters", "rapid.ics"), "w", encoding="utf-8") as f:
            f.write("nothing")
        expect("a wrong site", run("roster", site)[0], 1)
    print("ok")


main()
