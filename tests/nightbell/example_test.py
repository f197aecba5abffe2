#!/usr/bin/env python3
"""example_test.py NIGHTBELL PROJECT   The example sites are what they teach: they check strictly, their tests pass and see
every rule, and of the faults planted in the hospital's rules at most one in twenty is noticed by nobody."""
import os
import re
import subprocess
import sys

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
HOSPITAL = os.path.join(PROJECT, "examples", "general-hospital")
passed = failed = 0


def ok(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {detail}")


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=280)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


for site in ("general-hospital", "starter"):
    folder = os.path.join(PROJECT, "examples", site)
    code, out, err = run("check", folder, "--strict")
    ok(f"{site} checks strictly", code == 0, err)
    code, out, _ = run("test", folder)
    ok(f"{site}: its tests pass", code == 0, out)
code, out, _ = run("test", HOSPITAL, "--coverage")
ok("the hospital's tests see all of its rules", "coverage 100 %" in out, out)
code, out, _ = run("test", HOSPITAL, "--mutate")
share = re.search(r"of (\d+) that ran (\d+) killed", out)
ok("faults were planted", share is not None and int(share[1]) > 300, out[-400:])
ok("19 of 20 are noticed", share is not None and int(share[2]) >= 0.95 * int(share[1]), out[-400:])

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
