#!/usr/bin/env python3
"""import_test.py NIGHTBELL PROJECT   Drafts of an Alertmanager's and a Mirth channel's rules: as written down, they
compile, nothing is guessed, and no bytes bring the reader down."""
import os
import random
import subprocess
import sys
import tempfile

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
FILES = os.path.join(PROJECT, "tests", "adapters", "import")
ROOT = tempfile.TemporaryDirectory()
passed = failed = 0


def ok(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {detail}")


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(name, content):
    path = os.path.join(ROOT.name, name)
    with open(path, "wb") as f:
        f.write(content)
    return path


for what, source in [("alertmanager", "alertmanager.yml"), ("mirth", "channel.xml")]:
    site = os.path.join(ROOT.name, what)
    run("init", site)
    with open(os.path.join(site, "more.bell"), "w", encoding="utf-8") as f:
        f.write('language 1\nunit "ICU" { beds "01" to "04" }\nunit "OR" { beds "01" }\nunit "PACU" { beds "01" }\n')
    code, out, err = run("import", what, os.path.join(FILES, source), "--out", site)
    ok(f"{what}: written", code == 0, err)
    drafted = read(os.path.join(site, "imported.bell"))
    ok(f"{what}: as written down", drafted == read(os.path.join(FILES, source + ".bell")), drafted.decode())
    code, out, err = run("check", site)
    ok(f"{what}: the drafts compile", code == 0, err)
    ok(f"{what}: over nothing", run("import", what, os.path.join(FILES, source), "--out", site)[0] == 1)
    whole = read(os.path.join(FILES, source))
    dice = random.Random(7)
    for turn in range(60):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(len(broken))
            broken[at:at + dice.randrange(4)] = bytes(dice.randrange(256) for _ in range(dice.randrange(4)))
        code, _, err = run("import", what, write("broken", bytes(broken[:dice.randrange(1, len(broken) + 1)])))
        ok(f"{what}: broken, turn {turn}", code in (0, 1), f"{code} {err}")

for name, what, content, said in [
        ("no YAML", "alertmanager", b"route: [", "no YAML"),
        ("no route", "alertmanager", b"receivers: []", "no `route`"),
        ("a tree without end", "alertmanager", b"route: &r\n  routes:\n    - *r\n", "import-depth"),
        ("no XML", "mirth", b"<channel", ""),
        ("another document", "mirth", b"<html/>", "no exported channel"),
        ("entities", "mirth", b'<!DOCTYPE c [<!ENTITY e SYSTEM "file:///etc/passwd">]><channel>&e;</channel>', "DOCTYPE")]:
    code, _, err = run("import", what, write("bad", content))
    ok(name, code == 1 and said in err, f"{code} {err}")

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
