#!/usr/bin/env python3
"""rule_tools_test.py NIGHTBELL PROJECT   The tools round rules on the command line: fmt, schema, print."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
ROOT = tempfile.TemporaryDirectory()
HOSPITAL = os.path.join(PROJECT, "examples", "general-hospital")
passed = failed = 0


def ok(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {detail}")


def run(*words, text=None):
    done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=60, input=(text or "").encode())
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(name, text):
    path = os.path.join(ROOT.name, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# --- fmt
ROUGH = 'language 1\ncodes a=vfib   ,vtach # both\n'
FINE = 'language 1\ncodes a = vfib, vtach  # both\n'
code, out, err = run("fmt", os.path.join(PROJECT, "examples"), os.path.join(PROJECT, "tests", "rules", "bell"), "--check")
ok("every file of the project is in its layout", code == 0 and out == "", out + err)
rough, broken = write("s/rough.bell", ROUGH), write("s/sub/broken.bell", "language 1\nrule { } }\n")
fine, hidden = write("s/sub/fine.bell", FINE), write("s/.git/rough.bell", ROUGH)
write("s/notes.txt", ROUGH)
code, out, err = run("fmt", rough, fine, "--check")
ok("--check names the rough file alone", code == 1 and out.split() == [rough], out)
ok("--check writes nothing", read(rough) == ROUGH)
os.chmod(rough, 0o640)
code, out, err = run("fmt", os.path.join(ROOT.name, "s"))
ok("of a folder, all *.bell files", code == 1 and out.split() == [rough], out)
ok("written", read(rough) == FINE, read(rough))
ok("with its permissions", os.stat(rough).st_mode & 0o777 == 0o640)
ok("no file left over", sorted(os.listdir(os.path.dirname(rough))) == [".git", "notes.txt", "rough.bell", "sub"])
ok("a file with errors stays and is told", read(broken) == "language 1\nrule { } }\n" and "error[E101]" in err, err)
ok("hidden folders are left out", read(hidden) == ROUGH)
link = os.path.join(ROOT.name, "link.bell")
target = write("t/target.bell", ROUGH)
os.symlink(target, link)
code, out, err = run("fmt", link)
ok("a link stays a link", code == 0 and os.path.islink(link) and read(target) == FINE, err)
code, out, err = run("fmt", "--stdin", text=ROUGH)
ok("--stdin", code == 0 and out == FINE, out + err)
code, out, err = run("fmt", "--stdin", text="language 1\nrule x {")
ok("--stdin with errors prints nothing", code == 1 and out == "" and "E101" in err, out + err)
code, out, err = run("fmt", "--upgrade", fine)
ok("--upgrade", code == 0 and "language 1 is the newest" in err, err)
for name, words in [("nothing to format", ()), ("--stdin beside a file", ("--stdin", fine)),
                    ("an unknown option", ("--what", fine)), ("a folder without rules", (os.path.join(ROOT.name, "s", ".git", "x"),))]:
    code, out, err = run("fmt", *words)
    ok(name, code in (1, 2) and out == "", f"{code} {out} {err}")

# --- schema
code, out, err = run("schema", "alarm")
lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
ok("the phases of the kind", "when alarm       starts, updates, worsens, eases, attended, ends, withdrawn" in out, out)
for name, words in [("value", ["number", "sometimes", "phi"]), ("class", ["name", "always", "lock", "lethal"]),
                    ("unit", ["place", "sometimes", "lock"]), ("device.state", ["standby", "none"])]:
    ok(f"the field {name}", all(w in lines.get(name, "") for w in words), lines.get(name))
ok("no field of another kind", "abnormal" not in lines and "actor" not in lines, out)
code, out, err = run("schema")
ok("fields of some kinds name them", any("abnormal" in l and "(result)" in l for l in out.splitlines()), out)
code, out, err = run("schema", "call", "--site", HOSPITAL, "--json")
found = json.loads(out)
ok("as JSON", set(found) == {"phases", "fields", "codes"} and list(found["phases"]) == ["call"], out[:200])
ok("the codes of the site, of that kind", {c["name"] for c in found["codes"]} >= {"bathroom-cord", "code-blue"} and
   {c["kind"] for c in found["codes"]} == {"call"}, found["codes"][:3])
ok("each code once", len({c["name"] for c in found["codes"]}) == len(found["codes"]))
code, out, err = run("schema", "--json")
schema = {f["name"]: f for f in json.loads(out)["fields"]}
ok("values of an enum", "critical-high" in schema["abnormal"]["values"] and schema["abnormal"]["kinds"] == ["result"])
for name, words, want in [("an unknown kind", ("alarms",), 2), ("two kinds", ("alarm", "call"), 2),
                          ("a site that is none", ("--site", "/nowhere"), 4)]:
    code, out, err = run("schema", *words)
    ok(name, code == want and out == "" and err != "", f"{code} {err}")

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
