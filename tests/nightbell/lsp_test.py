#!/usr/bin/env python3
"""lsp_test.py NIGHTBELL PROJECT   An editor over pipes: what `nightbell lsp` answers, and what it survives."""
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading

PROGRAM, PROJECT = sys.argv[1], sys.argv[2]
ROOT = tempfile.TemporaryDirectory()
NIGHT = "2026-11-22T08:10:00Z"  # 02:10 in Chicago, a Sunday
WAIT = 30
passed = failed = 0


def ok(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {str(detail)[:1500]}")


class Editor:
    def __init__(self, encodings=None, start=True):
        self.process = subprocess.Popen([PROGRAM, "lsp", "--at", NIGHT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers, self.news, self.number, self.waiting = {}, queue.Queue(), 0, {}
        self.findings = {}
        threading.Thread(target=self.listen, daemon=True).start()
        if start:
            general = {"general": {"positionEncodings": encodings}} if encodings else {}
            self.hello = self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": general})
            self.tell("initialized", {})

    def listen(self):
        out = self.process.stdout
        while True:
            length = None
            while (line := out.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if length is None:
                self.news.put(None)
                return
            self.news.put(json.loads(out.read(length)))

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def take(self, wanted):
        """Reads until wanted(message)."""
        while True:
            message = self.news.get(timeout=WAIT)
            if message is None:
                return None
            if message.get("method") == "textDocument/publishDiagnostics":
                self.findings[message["params"]["uri"]] = message["params"]["diagnostics"]
            if wanted(message):
                return message

    def post(self, method, params):
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        return self.number

    def whole(self, method, params):
        number = self.post(method, params)
        return self.take(lambda m: m.get("id") == number and "method" not in m)

    def ask(self, method, params):
        return self.whole(method, params).get("result")

    def open(self, path, text=None):
        uri = "file://" + path
        if text is None:
            with open(path, encoding="utf-8") as f:
                text = f.read()
        self.texts = getattr(self, "texts", {})
        self.texts[uri] = text
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "nightbell", "version": 1, "text": text}})
        return uri

    def replace(self, uri, text):
        self.texts[uri] = text
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]})

    def place(self, uri, needle, inside=0, nth=0):
        """The position `inside` characters behind the nth occurrence."""
        text, at = self.texts[uri], -1
        for _ in range(nth + 1):
            at = text.index(needle, at + 1)
        before = text[:at + inside]
        line = before.rsplit("\n", 1)[-1]
        return {"textDocument": {"uri": uri}, "position": {"line": before.count("\n"),
                                                          "character": len(line.encode("utf-16-le")) // 2}}

    def published(self, uri):
        """The next findings of that file."""
        return self.take(lambda m: m.get("method") == "textDocument/publishDiagnostics" and
                         m["params"]["uri"] == uri)["params"]["diagnostics"]

    def cut(self, uri, r):
        """The text of a range."""
        lines = self.texts[uri].split("\n")
        assert r["start"]["line"] == r["end"]["line"]
        return lines[r["start"]["line"]].encode("utf-16-le")[2 * r["start"]["character"]:2 * r["end"]["character"]].decode("utf-16-le")

    def close(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(timeout=WAIT)


SITE = os.path.join(ROOT.name, "hospital")
shutil.copytree(os.path.join(PROJECT, "examples", "general-hospital"), SITE)
SITE = os.path.realpath(SITE)
RULES = os.path.join(SITE, "rules.bell")

# --- hello
ed = Editor()
can = ed.hello["capabilities"]
ok("what it can", all(can.get(k) for k in ("hoverProvider", "definitionProvider", "referencesProvider", "renameProvider",
                                            "completionProvider", "documentSymbolProvider", "codeActionProvider",
                                            "documentFormattingProvider", "codeLensProvider")), can)
ok("positions are UTF-16 unless asked", can["positionEncoding"] == "utf-16", can)
ok("twice is refused", ed.whole("initialize", {})["error"]["code"] == -32600)

# --- findings
rules = ed.open(RULES)
ok("a right site has no errors", all(f["severity"] > 1 for f in ed.published(rules)))
fine = ed.texts[rules]
ed.replace(rules, fine.replace("code is apnea", "code is apnia"))
found = ed.published(rules)
ok("an unsaved fault is told with its place", found[0]["code"] == "E203" and
   ed.cut(rules, found[0]["range"]) == "apnia" and "did you mean" in found[0]["message"], found)
actions = ed.ask("textDocument/codeAction", {"textDocument": {"uri": rules}, "range": found[0]["range"], "context": {"diagnostics": []}})
ok("did you mean, as a fix", [c["newText"] for a in actions for c in a["edit"]["changes"][rules]] == ["apnea"], actions)
ed.replace(rules, fine.replace("device.state is standby if known", "device.state is standby").replace("code in lethal unless", "code in lethal and"))
found = ed.published(rules)
actions = ed.ask("textDocument/codeAction", {"textDocument": {"uri": rules}, "range": found[0]["range"], "context": {}})
ok("absent, as fixes", found[0]["code"] == "E205" and [c["newText"] for a in actions for c in a["edit"]["changes"][rules]] ==
   [" if known", " or missing"], (found, actions))
edit = actions[0]["edit"]["changes"][rules][0]
at = edit["range"]["start"]
line = ed.texts[rules].split("\n")[at["line"]]
ok("behind the check", line[:at["character"]].endswith("device.state is standby"), (line, at))
ed.replace(rules, fine.replace(" overrides bed-exit {", " {").replace("rule bed-exit-night-fall-risk", "rule bed-exit-night") + """
rule bed-exit-icu { title "Bed exit in ICU"
  when alarm starts and code is bed-exit and unit is "ICU" if known
  notify charge-nurse
  escalate backstop
}
""")
found = [f for f in ed.published(rules) if f["code"] == "E401"]
actions = [a for f in found for a in ed.ask("textDocument/codeAction", {"textDocument": {"uri": rules}, "range": f["range"], "context": {}})]
ok("two owners: overrides as a fix", found and any("overrides bed-exit" in c["newText"] for a in actions for c in a["edit"]["changes"][rules]),
   (found, actions))
units = ed.open(os.path.join(SITE, "units.bell"))
ed.replace(rules, fine)
ok("repaired", all(f["severity"] > 1 for f in ed.published(rules)))
ed.replace(units, ed.texts[units].replace('unit "PEDS"', 'unit "PEDX"'))
found = ed.take(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"].endswith("assignments.bell"))
ok("a fault in one file is told where another leans on it", any(f["severity"] == 1 for f in found["params"]["diagnostics"]), found)
ed.tell("textDocument/didClose", {"textDocument": {"uri": units}})
found = ed.take(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"].endswith("assignments.bell"))
ok("closed unsaved, the text on disk counts", found["params"]["diagnostics"] == [], found)
ed.replace(rules, "language 1\nrule x { title \"unfinished")
ok("half a rule", any(f["severity"] == 1 for f in ed.published(rules)))
ed.replace(rules, fine)
ok("and right again", ed.published(rules) == [] or all(f["severity"] > 1 for f in ed.findings[rules]), ed.findings[rules])

# --- changes by range
ed.tell("textDocument/didChange", {"textDocument": {"uri": rules, "version": 3}, "contentChanges": [
    {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "# \U0001F514 näher\n"},
    {"range": {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 4}}, "text": "bell"}]})
ed.texts[rules] = "# bell näher\n" + fine
ok("a change inside counts UTF-16 units", ed.ask("textDocument/definition", ed.place(rules, "using alarm", 8)) is not None)
ed.replace(rules, fine)

# --- hover
for name, needle, inside, said in [
        ("a field", "device.state", 3, ["sometimes there", "privacy none", "standby", "if known"]),
        ("a code", "is spo2-low", 5, ["SpO2 low", "class medium", "unit `%`"]),
        ("a set of codes", "in lethal", 5, ["V-fib", "Torsades"]),
        ("a role: who holds it now", "notify charge-nurse urgent", 10, ["Now (2026-11-22 02:10)", "5W: Rosa Marin RN", "ICU: Uwe Kranz RN"]),
        ("a rota: who is on call now", "oncall rapid-response", 10, ["Rapid response physician", "Mei Chen MD", "until 2026-11-23 07:00"]),
        ("a desk", "desk biomed", 8, ["Biomedical desk", "Staffed during office; now it is not"]),
        ("a shift", "during night", 9, ["19:00 to 07:00"]),
        ("a message", "using alarm", 8, ["{class}", "{code}"]),
        ("a chain", "escalate backstop", 12, ["the charge nurse", "at most 10 times"]),
        ("a rule", "rule lethal-arrhythmia", 8, ["When an alarm begins", "After 30 seconds", "Bound: at most", "loud"]),
        ("a group", "group code-team", 9, ["whoever is on call for"])]:
    answer = ed.ask("textDocument/hover", ed.place(rules, needle, inside))
    text = answer["contents"]["value"] if answer else ""
    ok(f"hover on {name}", all(w in text for w in said), text)
never = os.path.join(ROOT.name, "never-compiled")
shutil.copytree(SITE, never)
other = Editor()
broken = other.open(os.path.join(never, "rules.bell"), fine.replace("code is apnea", "code is apnia"))
said = other.ask("textDocument/hover", other.place(broken, "notify charge-nurse urgent", 10))["contents"]["value"]
ok("who holds a role is not guessed at", "once the site has no errors" in said, said)
other.close()
ok("nothing on a number", ed.ask("textDocument/hover", ed.place(rules, "max 10", 5)) is None)
ok("nothing on a comment", ed.ask("textDocument/hover", ed.place(rules, "secondary notification", 3)) is None)

# --- definition, references, rename
answer = ed.ask("textDocument/definition", ed.place(rules, "desk tele-room", 8))
ok("definition in another file", answer["uri"].endswith("/site.bell") and answer["range"]["start"]["line"] > 20, answer)
ok("a catalogue's code has none", ed.ask("textDocument/definition", ed.place(rules, "is apnea", 5)) is None)
where = {"context": {"includeDeclaration": True}, **ed.place(rules, "escalate backstop", 12)}
found = ed.ask("textDocument/references", where)
ok("references", len(found) == fine.count("backstop"), (len(found), fine.count("backstop")))
where["context"]["includeDeclaration"] = False
ok("without the declaration", len(ed.ask("textDocument/references", where)) == fine.count("backstop") - 1)


def renamed(place, name):
    return ed.whole("textDocument/rename", {**place, "newName": name})


everything = {n: open(os.path.join(SITE, n), encoding="utf-8").read() for n in os.listdir(SITE) if n.endswith(".bell")}
everything["rules.bell"] = fine
answer = renamed(ed.place(rules, "desk operator", 6), "switchboard")["result"]["changes"]
ok("rename reaches every file", {os.path.basename(u): len(e) for u, e in answer.items()} ==
   {name: text.count("desk operator") for name, text in everything.items() if "desk operator" in text},
   {u: len(e) for u, e in answer.items()})
for name, place, new in [("a bad name", ed.place(rules, "chain backstop", 8), "no name"),
                         ("a number", ed.place(rules, "chain backstop", 8), "9lives"),
                         ("a taken name", ed.place(rules, "message alarm", 9), "lab"),
                         ("a name beside it: a code of the catalogue", ed.place(rules, "codes sensor", 8), "vfib"),
                         ("a code", ed.place(rules, "is apnea", 5), "breathless"),
                         ("a keyword", ed.place(rules, "notify", 2), "tell"),
                         ("a role", ed.place(rules, "notify charge-nurse", 10), "boss")]:
    ok(f"rename refuses {name}", "error" in renamed(place, new))
for name, needle, inside, new in [("a rule", "rule bed-exit ", 7, "bed-left"), ("codes", "codes lethal", 8, "deadly"),
                                  ("a shift", "during night", 9, "late"), ("a message", "message lab", 10, "labor"),
                                  ("a group", "group code-team", 8, "crash-team"), ("a rota", "oncall intensivist", 9, "icu-doctor")]:
    changes = renamed(ed.place(rules, needle, inside), new)["result"]["changes"]
    copy = os.path.join(ROOT.name, "copy")
    shutil.copytree(SITE, copy)
    for uri, edits in changes.items():
        path = os.path.join(copy, os.path.basename(uri))
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        for e in sorted(edits, key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"]), reverse=True):
            n, a, b = e["range"]["start"]["line"], e["range"]["start"]["character"], e["range"]["end"]["character"]
            lines[n] = lines[n][:a] + e["newText"] + lines[n][b:]
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
    checked = subprocess.run([PROGRAM, "check", copy], capture_output=True, timeout=WAIT)
    ok(f"after a rename of {name} the site still runs", checked.returncode == 0, checked.stderr.decode())
    shutil.rmtree(copy)
answer = ed.ask("textDocument/prepareRename", ed.place(rules, "chain backstop", 8))
ok("prepareRename", answer["placeholder"] == "backstop" and ed.cut(rules, answer["range"]) == "backstop", answer)

# --- outline, lenses, formatting
symbols = {s["name"]: s for s in ed.ask("textDocument/documentSymbol", {"textDocument": {"uri": rules}})}
ok("outline", symbols["apnea"]["detail"] == "Apnea" and "backstop" in symbols and "alarm" in symbols, list(symbols))
lenses = ed.ask("textDocument/codeLens", {"textDocument": {"uri": rules}})
titles = [lens["command"]["title"] for lens in lenses]
ok("a timeline above each rule", "0 s primary-nurse else buddy-nurse! · 0 s desk tele-room! · 30 s charge-nurse! · 90 s oncall rapid-response! · "
   "2 min desk operator! · again every 30 s, 10 times" in titles, titles)
ok("a wait in it", any(t.startswith("waits 15 s · 0 s") for t in titles), titles)
ok("formatted already", ed.ask("textDocument/formatting", {"textDocument": {"uri": rules}, "options": {}}) == [])
ed.replace(rules, fine.replace("codes lethal    =", "codes lethal="))
edits = ed.ask("textDocument/formatting", {"textDocument": {"uri": rules}, "options": {}})
ok("formatting", len(edits) == 1 and edits[0]["newText"] == fine, edits)
ed.replace(rules, "language 1\nrule {")
ok("no formatting over faults", "error" in ed.whole("textDocument/formatting", {"textDocument": {"uri": rules}, "options": {}}))
ed.replace(rules, fine)

# --- semantic tokens
words = ed.open(os.path.join(PROJECT, "tests", "rules", "bell", "words.bell"))
legend = can["semanticTokensProvider"]["legend"]["tokenTypes"]
data, kinds, row, column = ed.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": words}})["data"], {}, 0, 0
for i in range(0, len(data), 5):
    column = data[i + 1] + (0 if data[i] else column)
    row += data[i]
    word = ed.texts[words].split("\n")[row][column:column + data[i + 2]]
    kinds.setdefault(word, []).append(legend[data[i + 3]])
ok("a keyword is one only where it can be", "keyword" in kinds["rule"] and len(set(kinds["rule"])) > 1, kinds["rule"])
ed.tell("textDocument/didClose", {"textDocument": {"uri": words}})

# --- completion
HEAD = fine + "\nrule new { title \"New\"\n  "
for name, typed, wanted, unwanted in [
        ("clauses after when", "when alarm starts ", {"and", "hold", "notify", "unless", "stop"}, {"title", "rule", "if"}),
        ("kinds", "when ", {"alarm", "call", "result"}, {"starts", "notify"}),
        ("phases of the kind", "when result ", {"final", "corrected"}, {"starts", "no-show"}),
        ("fields of the kind", "when alarm starts and ", {"code", "device.state", "value", "during", "raw", "not"}, {"abnormal", "patient.name"}),
        ("a field by its first letters", "when alarm starts and dev", {"device.state", "device.id"}, {"code"}),
        ("codes of the kind", "when alarm starts and code is ", {"vfib", "spo2-low", "sensor"}, {"code-blue", "primary-nurse"}),
        ("values of an enum", "when alarm starts and device.state is ", {"standby", "off"}, {"vfib"}),
        ("values after a comma", "when alarm starts and class in lethal, ", {"high", "medium"}, {"vfib"}),
        ("known or missing", "when alarm starts and value < 80 % ", {"if", "or missing", "and", "notify"}, {"title"}),
        ("units of measure", "when alarm starts and value < 80 ", {"%", "mmol/L"}, {"vfib"}),
        ("units", "when alarm starts and unit is ", {'"ICU"', '"5W"'}, {"vfib"}),
        ("senders", "when alarm starts and source is ", {"telemetry", "ehr"}, {"vfib"}),
        ("roles and people", "when alarm starts notify ", {"primary-nurse", "charge-nurse", "ana", "oncall", "desk", "group"}, {"vfib"}),
        ("roles after else", "when alarm starts notify primary-nurse else ", {"charge-nurse", "desk"}, {"hold"}),
        ("rotas", "when alarm starts notify oncall ", {"rapid-response", "cardiology"}, {"ana", "urgent"}),
        ("desks", "when alarm starts notify desk ", {"operator", "biomed"}, {"ana"}),
        ("groups", "when alarm starts notify group ", {"code-team"}, {"ana"}),
        ("messages", "when alarm starts notify ana using ", {"alarm", "lab"}, {"ana"}),
        ("levels", "when alarm starts notify ana ", {"urgent", "silent", "fyi", "using", "after"}, {"hold"}),
        ("chains", "when alarm starts notify ana escalate ", {"backstop"}, {"ana"}),
        ("shifts", "when alarm starts and during ", {"day", "night", "office"}, {"ana"}),
        ("endings", "when alarm starts stop on ", {"accepted", "ended"}, {"mon"}),
        ("states", "when alarm starts notify ana after 30s if ", {"not", "open"}, {"known"}),
        ("modes", "mode ", {"draft", "shadow", "live"}, {"when"}),
        ("fields of dedupe", "when alarm starts dedupe 3min by ", {"patient", "code"}, {"ana"})]:
    ed.replace(rules, HEAD + typed)
    lines = ed.texts[rules].split("\n")
    result = ed.ask("textDocument/completion", {"textDocument": {"uri": rules},
                                                "position": {"line": len(lines) - 1, "character": len(lines[-1])}})
    labels = {i["label"] for i in result["items"]}
    ok(f"completion: {name}", wanted <= labels and not unwanted & labels, (wanted - labels, unwanted & labels, sorted(labels)[:40]))
ed.replace(rules, HEAD + "when alarm starts and code is spo")
lines = ed.texts[rules].split("\n")
result = ed.ask("textDocument/completion", {"textDocument": {"uri": rules}, "position": {"line": len(lines) - 1, "character": len(lines[-1])}})
item = next(i for i in result["items"] if i["label"] == "spo2-low")
ok("what was typed is replaced", ed.cut(rules, item["textEdit"]["range"]) == "spo", item)
ed.replace(rules, fine)

# --- run a test
starter = os.path.realpath(shutil.copytree(os.path.join(PROJECT, "examples", "starter"), os.path.join(ROOT.name, "starter")))
TESTS = """language 1

world ward-of-mine {
  patient pat unit "5W" bed "03"
  assign ana primary-nurse of pat
}

test "apnea climbs" with ward-of-mine {
  at 2026-11-18 10:00
  0s   send alarm starts code apnea patient pat
  0s   expect ana
  2min expect carla
  150s accept carla
  160s send alarm ends code apnea patient pat
  1h   expect nothing
}

test "apnea climbs, and more" with ward-of-mine {
  at 2026-11-18 10:00
  0s send alarm starts code apnea patient pat
  1s expect nothing
}
"""
os.remove(os.path.join(starter, "tests.bell"))
tests = ed.open(os.path.join(starter, "mine.bell"), TESTS)
lenses = ed.ask("textDocument/codeLens", {"textDocument": {"uri": tests}})
runs = [lens["command"] for lens in lenses if lens["command"]["command"] == "nightbell.runTest"]
ok("a lens above each test", len(runs) == ed.texts[tests].count("\ntest "), runs)
answer = ed.whole("workspace/executeCommand", {"command": runs[0]["command"], "arguments": runs[0]["arguments"]})
ok("run test: passes", answer.get("result", {}).get("passed") is True, answer)
ed.replace(tests, ed.texts[tests].replace("2min expect carla", "2min expect ana"))
answer = ed.whole("workspace/executeCommand", {"command": runs[1]["command"], "arguments": runs[0]["arguments"]})
ok("run test: what stands in the editor counts", answer["result"]["passed"] is False and "carla" in answer["result"]["failure"], answer)
ok("an unknown command", "error" in ed.whole("workspace/executeCommand", {"command": "rm", "arguments": []}))

# --- cancelled, unknown, garbage, huge
first = ed.post("textDocument/hover", ed.place(rules, "in lethal", 5))
burst = b""
for i in range(50):
    body = json.dumps({"jsonrpc": "2.0", "id": f"c{i}", "method": "textDocument/references",
                       "params": {**ed.place(rules, "in lethal", 5), "context": {}}}).encode()
    burst += b"Content-Length: %d\r\n\r\n" % len(body) + body
body = json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "c49"}}).encode()
ed.raw(burst + b"Content-Length: %d\r\n\r\n" % len(body) + body)
seen = {}
while len(seen) < 50:
    m = ed.take(lambda m: str(m.get("id", "")).startswith("c"))
    seen[m["id"]] = m
ok("every request of a burst is answered", len(seen) == 50 and "result" in seen["c0"])
ok("a cancelled one is answered as such", seen["c49"].get("error", {}).get("code") == -32800, seen["c49"])
ok("an unknown method", ed.whole("textDocument/nope", {})["error"]["code"] == -32601)
ed.tell("$/nope", {"x": 1})
ok("parameters that make no sense", all("error" in ed.whole(m, p) for m, p in [
    ("textDocument/hover", {}), ("textDocument/hover", []), ("textDocument/hover", {"textDocument": {"uri": 5}, "position": {}}),
    ("textDocument/rename", {"textDocument": {"uri": "file:///nowhere.bell"}, "position": {"line": 0, "character": 0}, "newName": "x"}),
    ("textDocument/completion", {"textDocument": {"uri": "https://example/x.bell"}, "position": {"line": 0, "character": 0}})]))
ed.tell("textDocument/didChange", {"textDocument": {"uri": rules}, "contentChanges": [{"range": {"start": {"line": 9, "character": 0},
        "end": {"line": 2, "character": 0}}, "text": "x"}]})
ed.tell("textDocument/didChange", {"textDocument": {"uri": rules}, "contentChanges": "x"})
for place in ({"line": -5, "character": -5}, {"line": 10**9, "character": 10**9}, {"line": 3, "character": 10**12}):
    ok(f"a place outside: {place}", "id" in ed.whole("textDocument/hover", {"textDocument": {"uri": rules}, "position": place}))
ed.raw(b"Content-Length: 9\r\n\r\n{\"a\": [1,")
ok("no JSON", ed.take(lambda m: "error" in m)["error"]["code"] == -32700)
ed.raw(b"Content-Length: 2\r\n\r\n[]Content-Length: 4\r\n\r\nnull")
ok("JSON that is no message", ed.take(lambda m: "error" in m)["error"]["code"] in (-32600, -32700))
ed.raw(b"X-Garbage: yes\r\n\r\n")
ok("a header without a length", ed.take(lambda m: "error" in m and m["id"] is None) is not None)
rng = random.Random(7)
ed.raw(bytes(rng.randrange(256) for _ in range(40000)).replace(b"\r\n\r\n", b"") + b"\r\n\r\n")
ok("noise", ed.take(lambda m: "error" in m and m["id"] is None) is not None)
ed.raw(b"Content-Length: 99999999999\r\n\r\n")
ok("a frame too large is told at once", "48 MiB" in ed.take(lambda m: "48 MiB" in str(m.get("error", "")))["error"]["message"])
ed.process.stdin.close()
ok("without goodbye it leaves with 1", ed.process.wait(timeout=WAIT) == 1)

# --- a large frame passed over, then life goes on; UTF-8 positions; goodbye
ed = Editor(encodings=["utf-8", "utf-16"])
ok("positions are UTF-8 when both can", ed.hello["capabilities"]["positionEncoding"] == "utf-8")
huge = 60 << 20
ed.raw(b"Content-Length: %d\r\n\r\n" % huge)
for _ in range(60):
    ed.raw(b" " * (1 << 20))
rules = ed.open(RULES, fine.replace("codes lethal", "# Überwachung äöü\ncodes lethal").replace("code is apnea", "code is apnia"))
found = ed.published(rules)
ok("after 60 MiB it still listens", found[0]["code"] == "E203", found)
ed.replace(rules, fine.replace('title "Apnea"', 'title "Äpnöe" why "ü" when call starts'))
found = ed.published(rules)
line = ed.texts[rules].split("\n")[found[0]["range"]["start"]["line"]].encode()
ok("UTF-8 columns are bytes", all(f["range"]["start"]["character"] <= len(line) for f in found[:1]), found)
ok("goodbye", ed.close() == 0)
ed = Editor(start=False)
ok("initialize comes first", ed.whole("textDocument/hover", {})["error"]["code"] == -32002)
ed.tell("exit", None)
ok("exit without shutdown", ed.process.wait(timeout=WAIT) == 1)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
