#!/usr/bin/env python3
"""begin_test.py NIGHTBELL PROJECT   What a newcomer types first: init, check, catalogue."""
import os
import subprocess
import sys
import tempfile

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
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
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def folder(name):
    return os.path.join(ROOT.name, name)


def text(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# --- init
site = folder("site")
code, out, err = run("init", site, "--name", "north", "--timezone", "Europe/Berlin")
ok("init writes a site", code == 0 and "site.bell" in out, err)
ok("with the name and the zone", 'site north timezone "Europe/Berlin"' in text(os.path.join(site, "site.bell")))
for name in os.listdir(os.path.join(PROJECT, "examples", "starter")):
    ours = text(os.path.join(PROJECT, "examples", "starter", name))
    filled = ours.replace("my-hospital", "north").replace("America/Chicago", "Europe/Berlin")
    ok(f"{name} is the example", text(os.path.join(site, name)) == filled)
code, out, err = run("check", site, "--strict")
ok("what it writes checks, strictly", code == 0, out + err)
code, _, err = run("init", site)
ok("it writes over nothing", code == 1 and "is not empty" in err, err)
for name, words, said in [
        ("a zone that is none", ("--timezone", "Mars/Base"), "unknown time zone"),
        ("a zone outside of the zones", ("--timezone", "../../../etc/passwd"), "unknown time zone"),
        ("a name with a space", ("--name", "two words"), "is no name"),
        ("a name that begins with a digit", ("--name", "5w"), "is no name")]:
    code, _, err = run("init", folder("other"), *words)
    ok(name, code == 2 and said in err and not os.path.exists(folder("other")), err)
code, _, err = run("init", os.path.join(ROOT.name, "no", "such"))
ok("a folder in a folder that is not there", code == 1 and "No such file" in err, err)

# --- catalogue
code, out, _ = run("catalogue", "V-fib")
ok("a built-in code is found by its title", code == 0 and "MDC:199806" in out, out)
ok("text that no code has", run("catalogue", "no-such-code")[0] == 1)
add = ("catalogue", "add", "ecmo-alarm", "--site", site, "--kind", "alarm", "--class", "high")
code, out, err = run(*add, "--text", 'ECMO, "FLOW"', "--title", "ECMO flow")
ok("a row is added", code == 0, err)
ok("and what is missing is said", 'catalogue "catalogue.csv"' in out, out)
ok("quoted as CSV asks", '"ECMO, ""FLOW"""' in text(os.path.join(site, "catalogue.csv")))
ok("the same message cannot be two codes", run(*add, "--text", 'ECMO, "FLOW"')[0] == 1)
before = text(os.path.join(site, "catalogue.csv"))
for name, words in [("a kind that is none", ("--kind", "alrm")), ("a class that is none", ("--class", "worst"))]:
    code, _, err = run(*add, "--text", "X", *words)
    ok(name, code == 1 and text(os.path.join(site, "catalogue.csv")) == before, err)
ok("how it is sent must be said", run(*add)[0] == 2)
with open(os.path.join(site, "site.bell"), "a", encoding="utf-8") as f:
    f.write('catalogue "catalogue.csv"\n')
with open(os.path.join(site, "more.bell"), "w", encoding="utf-8") as f:
    f.write('language 1\nrule ecmo { title "ECMO"\n  when alarm starts and code is ecmo-alarm\n'
            '  notify primary-nurse urgent\n  escalate backstop\n}\n')
code, out, err = run("check", site)
ok("a rule can name the new code", code == 0 and "ecmo:" in out, out + err)
code, out, _ = run("catalogue", "ecmo", "--site", site)
ok("and the list has it", code == 0 and "ECMO flow" in out, out)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
