#!/usr/bin/env python3
"""rule_tools_test.py NIGHTBELL PROJECT   The tools round rules on the command line: fmt, schema, print."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

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

# --- print
code, out, err = run("print", HOSPITAL, "--for", "nurses")
for name, said in [("codes by their titles", "it is V-fib, V-tach, Asystole or Torsades; but not when the device's"),
                   ("the wait", "It waits 15 seconds before the first ring"),
                   ("a step", "      30 s  * if nobody has accepted: the charge nurse (loud, through silent mode)"),
                   ("a chain's steps in their place", "     2 min  o if nobody has accepted: the charge nurse"),
                   ("copies", "copy cardiology-hears"), ("defaults", 'no rule takes an event of the kind "result"')]:
    ok(f"print: {name}", said in out, out[:1500])
rules = re.findall(r"^(?:rule|copy) ([a-z0-9-]+)", read(os.path.join(HOSPITAL, "rules.bell")), re.M)
ok("print: every rule", all(re.search(rf"^(?:rule|copy) {r}", out, re.M) for r in rules), rules)
page, pictures = os.path.join(ROOT.name, "rules.html"), os.path.join(ROOT.name, "svg")
code, out, err = run("print", HOSPITAL, "--for", "nurses", "--html", page, "--svg", pictures)
ok("print writes files and says nothing", code == 0 and out == "", out + err)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.outside, self.signs, self.sections, self.ids, self.labels = [], [], 0, 0, [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.outside += [v for k, v in attrs.items() if k in ("src", "href") and not v.startswith("#")]
        self.sections += tag == "section"
        self.signs += attrs.get("class") == "sign"
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.labels += attrs.get("aria-labelledby", "").split()
        if tag not in ("meta", "br", "line", "circle", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("line", "circle", "rect"):
            ok("print: tags are closed in order", self.open and self.open.pop() == tag, tag)


reader = Page()
reader.feed(read(page))
ok("print: one section and one line to sign for each rule", reader.sections == reader.signs == len(rules) + 5,
   f"{reader.sections} {reader.signs} {len(rules)}")
ok("print: the page needs nothing from outside", reader.outside == [] and "url(" not in read(page), reader.outside)
ok("print: ids are unique, labels lead to one", len(set(reader.ids)) == len(reader.ids) and set(reader.labels) <= set(reader.ids))
ok("print: hashes and date", len(set(re.findall(r"Rule <code>([0-9a-f]{64})", read(page)))) == len(rules) + 5 and
   re.search(r"printed 20\d\d-\d\d-\d\d \d\d:\d\d", read(page)))
names = sorted(os.listdir(pictures))
ok("print: a picture for each", len(names) == len(rules) + 5 and "default-result.svg" in names and "bed-exit.svg" in names, names)
SVG = "{http://www.w3.org/2000/svg}"
for name in names:
    root = xml.etree.ElementTree.parse(os.path.join(pictures, name)).getroot()
    texts = [(t.get("class") == "time", float(t.get("y")), t.text) for t in root.iter(SVG + "text")]
    ok(f"{name} has a title and a description", root.find(SVG + "title").text and root.find(SVG + "desc").text)
    for column in (True, False):
        rows = sorted(y for is_time, y, _ in texts if is_time == column)
        ok(f"{name}: texts of one column do not meet", all(b - a >= 16 for a, b in zip(rows, rows[1:])), rows)
    ok(f"{name}: inside its frame", all(0 < y <= float(root.get("height")) for _, y, _ in texts) and
       all(len(t) <= 74 for _, _, t in texts), texts)
marked = os.path.join(ROOT.name, "marked")
shutil.copytree(os.path.join(PROJECT, "examples", "gateway-clinic"), marked)
rough = read(os.path.join(marked, "rules.bell")).replace(
    'V-fib, V-tach or asystole"', '<b>V-fib" why "<script>alert(1)</script> & \\"quoted\\""')
write("marked/rules.bell", rough)
code, out, err = run("print", marked, "--for", "nurses", "--html", page)
ok("print: texts are texts, not markup", code == 0 and "<script" not in read(page) and "<b>" not in read(page) and
   "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;" in read(page), err)
code, out, err = run("print", HOSPITAL, "--for", "nurses", "--rule", "apnea")
ok("print --rule", code == 0 and out.startswith("rule apnea") and out.count("hash") == 1 and "spo2" not in out, out)
for name, words, want in [("no reader", (HOSPITAL,), 2), ("an unknown reader", (HOSPITAL, "--for", "cats"), 2),
                          ("an unknown rule", (HOSPITAL, "--for", "nurses", "--rule", "nope"), 1),
                          ("a site with errors", (os.path.join(ROOT.name, "s"), "--for", "nurses"), 1)]:
    code, out, err = run("print", *words)
    ok(f"print: {name}", code == want and out == "" and err != "", f"{code} {out} {err}")

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
