#!/usr/bin/env python3
"""check_test.py NIGHTBELL SOURCE   `nightbell check` in its formats, and `nightbell why`.

SARIF is held against what the standard (SARIF 2.1.0, sections 3.13 to 3.30) requires of the objects that are
written; pages against the numbers that the sources declare.
"""
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = sys.argv[1], sys.argv[2]
failed = 0


def ok(name, condition, detail=""):
    global failed
    if not condition:
        failed += 1
        print(f"FAILED {name}: {detail}")


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def site(folder, rules):
    with open(f"{SOURCE}/tests/rules/site-errors/base.bell", encoding="utf-8") as f:
        base = re.sub("endpoint jose .*\n", "", f.read()).replace('reach pagers "7001"', "reach phones")
    base = base.replace('site north timezone "America/Chicago"', 'site north timezone "America/Chicago" demo yes')
    with open(os.path.join(folder, "base.bell"), "w", encoding="utf-8") as f:
        f.write(base)
    with open(os.path.join(folder, "rules.bell"), "w", encoding="utf-8") as f:
        f.write("language 1\n" + rules)


def is_sarif(log, folder):
    """The members that the standard says must be there, and that indexes and places point somewhere."""
    ok("version", log["version"] == "2.1.0", log["version"])
    ok("schema", log["$schema"].endswith("sarif-2.1.0.json"))
    ok("one run", len(log["runs"]) == 1)
    for one in log["runs"]:
        driver = one["tool"]["driver"]
        ok("the tool has a name", driver["name"] == "nightbell")
        ids = [r["id"] for r in driver["rules"]]
        ok("ids are unique", len(ids) == len(set(ids)), ids)
        ok("column kind", one["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints"))
        base = one["originalUriBaseIds"]["SITE"]["uri"]
        ok("a base ends in a slash", base.startswith("file:///") and base.endswith("/"), base)
        for r in one["results"]:
            ok("a message has a text", r["message"]["text"] != "")
            ok("a level of the list", r["level"] in ("none", "note", "warning", "error"), r["level"])
            ok("the index is of the id", ids[r["ruleIndex"]] == r["ruleId"], r)
            for place in r["locations"]:
                there = place["physicalLocation"]
                ok("the file is there", os.path.exists(os.path.join(folder, there["artifactLocation"]["uri"])), there)
                ok("the base is declared", there["artifactLocation"]["uriBaseId"] in one["originalUriBaseIds"])
                region = there.get("region")
                if region is not None:
                    ok("a region", 1 <= region["startLine"] and 1 <= region["startColumn"] <= region["endColumn"], region)


WRONG = ('rule r { title "é – widened" when alarm starts and code is v-fib\n'
         '  notify desk operator }\n'
         'rule s { title "t" review 2025-01-31 when alarm starts and code is hr-low and value < 50 if known\n'
         '  notify desk operator }\n')

with tempfile.TemporaryDirectory() as folder:
    site(folder, WRONG)
    code, out, err = run("check", folder, "--format", "sarif")
    ok("a wrong site", code == 1, code)
    log = json.loads(out)
    is_sarif(log, folder)
    by_id = {r["ruleId"]: r for r in log["runs"][0]["results"]}
    ok("all findings", {"E203", "W214", "W701"} <= set(by_id), list(by_id))
    region = by_id["E203"]["locations"][0]["physicalLocation"]["region"]
    ok("columns are characters", (region["startLine"], region["startColumn"], region["endColumn"]) == (2, 60, 65), region)
    help_text = log["runs"][0]["tool"]["driver"]["rules"][by_id["E203"]["ruleIndex"]]["help"]["text"]
    ok("a rule has its page", help_text.startswith("# E203: "), help_text[:40])

    code, out, err = run("check", folder, "--format", "json")
    lines = [json.loads(line) for line in out.splitlines()]
    ok("json has a finding a line", {"E203", "W214"} <= {x["number"] for x in lines}, out)
    ok("--json is the same", run("check", folder, "--json")[1] == out)
    ok("text has the caret", "error[E203]" in run("check", folder)[2])
    ok("before the day", "W701" not in run("check", folder, "--at", "2025-01-31")[2])
    ok("after the day", "W701" in run("check", folder, "--at", "2025-02-01")[2])
    ok("a day that is none", run("check", folder, "--at", "tomorrow")[0] == 2)
    ok("a format that is none", run("check", folder, "--format", "xml")[0] == 2)

    site(folder, 'rule r { title "t" when alarm starts and code is hr-low and value < 50 if known\n  notify desk operator }\n')
    ok("a warning passes", run("check", folder)[0] == 0, run("check", folder))
    ok("but not when strict", run("check", folder, "--strict")[0] == 1)
    code, out, err = run("check", folder, "--format", "sarif")
    ok("a fine site is SARIF as well", code == 0 and json.loads(out)["runs"][0]["results"] != [], out[:200])

    site(folder, "\n".join(f'rule r{i} {{ title "t" when alarm starts and code is hr-low and room is "{i}" if known notify charge-nurse }}'
                           for i in range(2100)) + '\nrule z { title "z" when alarm starts and code is v-fib notify desk operator }\n')
    code, out, err = run("check", folder)
    ok("no flood of notes hides an error", code == 1 and 'unknown code "v-fib"' in err and 'did you mean "vfib"' in err
       and "and 100 more" in err, err[-300:])

    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([PROGRAM, "why", "E401"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    ok("a full disk is no success", done.returncode == 1 and b"could not be written" in done.stderr, done)
    site(folder, WRONG)
    for without, coloured in (("", True), ("1", False)):
        near, far = pty.openpty()
        subprocess.run([PROGRAM, "check", folder], stdout=subprocess.DEVNULL, stderr=far, timeout=60,
                       env={**os.environ, "NO_COLOR": without})
        os.close(far)
        ok(f"colour with NO_COLOR={without!r}", (b"\x1b[" in os.read(near, 4096)) == coloured)
        os.close(near)

# Every number that the sources declare has a page, and every page is a number of the sources.
numbers = set()
for top, _, names in os.walk(f"{SOURCE}/rules"):
    for name in names:
        with open(os.path.join(top, name), encoding="utf-8", errors="replace") as f:
            text = f.read()
        numbers |= set(re.findall(r"^ +(?:[EWN]|SITE)_[A-Z_]+ = ([1-9]\d\d)\b", text, re.M))
        numbers |= set(re.findall(r"SEVERITY_[A-Z]+, ([1-9]\d\d)\b", text))
pages = {name[1:4]: name for name in os.listdir(f"{SOURCE}/docs/rules/errors")}
ok("numbers were found", len(numbers) > 60, numbers)
ok("every number has its page", not numbers - set(pages), sorted(numbers - set(pages)))
ok("every page is a number", not set(pages) - numbers, sorted(set(pages) - numbers))
with open(f"{SOURCE}/docs/rules/errors.md", encoding="utf-8") as f:
    index = f.read()
for number, name in sorted(pages.items()):
    ok(f"the index has {name}", f"errors/{name}" in index)
    code, out, err = run("why", name[:4])
    with open(f"{SOURCE}/docs/rules/errors/{name}", encoding="utf-8") as f:
        ok(f"why {name[:4]}", code == 0 and out == f.read(), err)
tried = {name[1:4] for folder in ("errors", "site-errors") for name in os.listdir(f"{SOURCE}/tests/rules/{folder}")
         if re.match(r"[ewn]\d\d\d-", name)}
code, out, err = run("why")
ok("why lists all", code == 0 and len(out.splitlines()) == len(pages), out)
ok("a draft's number is the same page", run("why", "W401")[1] == run("why", "401")[1] == run("why", "e401")[1])
for word in ("E999", "401x", "E", "-1"):
    ok(f"why {word}", run("why", word)[0] != 0)
ok("a slip is met", "did you mean" in run("why", "E40")[2], run("why", "E40"))

if failed:
    sys.exit(1)
print("check: all rows passed")
