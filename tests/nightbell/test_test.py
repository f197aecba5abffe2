"""nightbell test, as a person and as a CI job call it: exit codes, reports, coverage, planted faults."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
ROOT = tempfile.TemporaryDirectory()
failures = 0


def ok(name, condition, said=""):
    global failures
    if not condition:
        failures += 1
        print(f"FAILED {name}\n{said}")


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def site(name, change=None):
    path = os.path.join(ROOT.name, name)
    shutil.copytree(os.path.join(PROJECT, "examples", "starter"), path)
    if change:
        tests = os.path.join(path, "tests.bell")
        with open(tests, encoding="utf-8") as f:
            text = f.read()
        assert change[0] in text, change[0]
        with open(tests, "w", encoding="utf-8") as f:
            f.write(text.replace(change[0], change[1], 1))
    return path


good = site("good")
bad = site("bad", ("expect ana urgent rule lethal-arrhythmia", "expect ben urgent rule lethal-arrhythmia"))
thin = site("thin", ("expect desk operator urgent\n", "expect desk operator urgent\n}\ntest \"rest\" with ward {\n  "
                     "at 2026-11-18 10:00\n"))
wrong = site("wrong", ("send alarm starts", "send alrm starts"))

# --- exit codes and text
for name, words, code, said in [
        ("all pass", (good,), 0, "3 passed, 0 failed"),
        ("each one by name", (good, "-v"), 0, "ok    V-fib climbs until someone accepts  tests.bell:"),
        ("only some", (good, "-k", "climbs"), 0, "1 passed, 0 failed"),
        ("one fails", (bad,), 1, "2 passed, 1 failed"),
        ("and says who came instead", (bad,), 1, "got ana urgent (rule lethal-arrhythmia, step 1)"),
        ("no such test", (good, "-k", "no such name"), 1, "0 passed"),
        ("a site that does not check", (wrong,), 1, ""),
        ("no site", (), 2, ""),
        ("an option that is none", (good, "--colour"), 2, ""),
        ("a number that is none", (good, "--mutate", "--most", "many"), 2, ""),
        ("whole coverage", (good, "--coverage"), 0, "lethal-arrhythmia        #################### 100 %"),
]:
    got, out, err = run("test", *words)
    ok(name, got == code and said in out, f"{got}\n{out}\n{err}")

code, out, err = run("test", thin, "--coverage")
ok("a lethal rule with a gap", code == 1 and "no part of it may go untested" in err, out + err)
code, out, err = run("check", thin, "--strict")
ok("check --strict wants it whole, and passing", code == 1, out + err)
ok("check alone does not", run("check", thin)[0] == 0)
code, out, err = run("check", good, "--strict")
ok("check --strict of a site tested whole", code == 0, out + err)

# --- reports
junit = os.path.join(ROOT.name, "junit.xml")
code, out, err = run("test", bad, "--junit", junit, "--json", "--coverage")
ok("a short option without its value", "-k needs a value" in run("test", bad, "-k")[2], run("test", bad, "-k"))
nowhere = run("test", bad, "--junit", os.path.join(ROOT.name, "no", "x.xml"))
ok("a report that cannot be written, said once", nowhere[0] == 4 and len(nowhere[2].splitlines()) == 1, nowhere)
suites = ET.parse(junit).getroot()
ok("JUnit counts", suites.get("tests") == "3" and suites.get("failures") == "1")
failed = suites.findall("./testsuite/testcase/failure")
ok("JUnit has the timeline", len(failed) == 1 and "expected ben urgent" in failed[0].text, junit)
ok("JUnit has places", all(c.get("file") == "tests.bell" for c in suites.iter("testcase")))
lines = [json.loads(line) for line in out.splitlines()]
tests = [line for line in lines if "test" in line]
rules = {line["rule"]: line for line in lines if "rule" in line}
ok("JSON has every test", len(tests) == 3 and [t["passed"] for t in tests].count(False) == 1, out)
wrong_rows = [row for t in tests for row in t["timeline"] if row["wrong"]]
ok("JSON has the moment", any(row["at"] == 0 and row["expected"].startswith("ben urgent") for row in wrong_rows), out)
ok("JSON has the coverage", rules["lethal-arrhythmia"]["ways"] == 9, out)
ok("a report that cannot be written", run("test", good, "--junit", os.path.join(ROOT.name, "no", "such"))[0] != 0)

# --- planted faults
code, out, err = run("test", good, "--mutate")
ok("faults are planted", code == 0 and "faults planted" in out and "survived  rules.bell:" in out, out + err)
code, again, _ = run("test", good, "--mutate", "--most", "10", "--seed", "3", "--json")
code, same, _ = run("test", good, "--mutate", "--most", "10", "--seed", "3", "--json")
faults = [json.loads(line) for line in again.splitlines()]
ok("a seed gives the same faults and fates", again == same and len(faults) == 10, again)
ok("each has its place and lines", all(f["line"] > 0 and f["was"] != f["is"] for f in faults), again)
code, out, err = run("test", good, "--mutate", "-k", "lethal", "--json")
ok("-k takes rules", {json.loads(line)["rule"] for line in out.splitlines()} == {"lethal-arrhythmia"}, out)
ok("--least is met", run("test", good, "--mutate", "--least", "10")[0] == 0)
ok("--least is missed", run("test", good, "--mutate", "--least", "100")[0] == 1)
code, out, err = run("test", bad, "--mutate")
ok("no faults before the tests pass", code == 1 and "fail without any fault" in err, out + err)

ROOT.cleanup()
sys.exit(1 if failures else 0)
