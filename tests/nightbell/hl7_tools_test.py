#!/usr/bin/env python3
"""hl7_tools_test.py NIGHTBELL SAMPLES   What `nightbell hl7` prints and how it exits, as tables.

The tricky inputs are those that issue trackers of HL7 libraries know: each row is one of them.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

PROGRAM, SAMPLES = sys.argv[1], sys.argv[2]
FOLDER = tempfile.TemporaryDirectory()
MSH = "MSH|^~\\&|APP|FAC|RAPP|RFAC|20261122130509+0100||ADT^A01^ADT_A01|C1|P|2.5"
passed = failed = 0


def ok(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {detail}")


def run(*words, stdin=b""):
    done = subprocess.run([PROGRAM, "hl7", *words], input=stdin, capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def file_of(content, name="m.hl7"):
    path = os.path.join(FOLDER.name, name)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def get(message, path, *options):
    code, out, err = run("get", file_of(message), path, "--json", *options)
    lines = [json.loads(line) for line in out.decode().splitlines()]
    return code, lines, err.decode()


def m(*segments, end="\r"):
    return end.join((MSH,) + segments) + end


# name, message, path, state, value (decoded), raw or None for the same
GET = [
    ("a value", m("PID|1||12345^^^GH^MR"), "PID-3.1", "value", "12345", None),
    ("a whole repetition", m("PID|1||12345^^^GH^MR"), "PID-3", "value", "12345^^^GH^MR", None),
    ("the first of two repetitions", m("PID|||A~B"), "PID-3", "value", "A", None),
    ("the second of two repetitions", m("PID|||A~B^^^X"), "PID-3[2].4", "value", "X", None),
    ("a repetition that is not there", m("PID|||A~B"), "PID-3[3].1", "absent", "", ""),
    ("a component that is not there", m("PID|||A^B"), "PID-3.3", "absent", "", ""),
    ("a field past the last one sent", m("PID|||A"), "PID-30", "absent", "", ""),
    ("a segment that is not there", m("PID|||A"), "PV1-3.1", "absent", "", ""),
    ("a component that no version has", m("PV1|||A^B"), "PV1-3.99", "absent", "", ""),
    ("a sub-component where the type has none", m("PID|||||A^B&C"), "PID-5.2.2", "value", "C", None),
    ("a field that no version has, and the sender does", m("PID" + "|" * 45 + "x"), "PID-45", "value", "x", None),
    ("an occurrence that is not there", m("OBX|1", "OBX|2"), "OBX[3]-1", "absent", "", ""),
    ("an empty field", m("PID|1||A"), "PID-2", "empty", "", ""),
    ("an empty component between two", m("PID|||A^^^GH"), "PID-3.2", "empty", "", ""),
    ("the null", m('PID|1|""|A'), "PID-2", "null", "", '""'),
    ("a null component", m('PID|||A^""^B'), "PID-3.2", "null", "", '""'),
    ("quotes that are no null", m('PID|||""x'), "PID-3.1", "value", '""x', None),
    ("empty leading components", m("PID|||^^^GH"), "PID-3.4", "value", "GH", None),
    ("the first of empty leading components", m("PID|||^^^GH"), "PID-3.1", "empty", "", ""),
    ("a plain value is its own first sub-component", m("PID|||||DOE"), "PID-5.1.1", "value", "DOE", None),
    ("a plain value has no second sub-component", m("PID|||||DOE"), "PID-5.1.2", "absent", "", ""),
    ("a sub-component", m("PID|||||VAN&DER&BERG^JAN"), "PID-5.1.3", "value", "BERG", None),
    ("MSH-1 is the field separator", m(), "MSH-1", "value", "|", None),
    ("MSH-2 is the encoding characters", m(), "MSH-2", "value", "^~\\&", None),
    ("MSH fields count from the separator", m(), "MSH-9.2", "value", "A01", None),
    ("MSH-10", m(), "MSH-10", "value", "C1", None),
    ("a segment without fields", m("PID", "PV1|1|I"), "PID-3", "absent", "", ""),
    ("what follows a segment without fields", m("PID", "PV1|1|I"), "PV1-2", "value", "I", None),
    ("a Z-segment", m("ZPI|a|b^c"), "ZPI-2.2", "value", "c", None),
    ("an unknown segment", m("QQQ|a|b"), "QQQ-2", "value", "b", None),
    ("escapes decode once, left to right", m("NTE|1||\\E\\F\\E\\"), "NTE-3", "value", "\\F\\", "\\E\\F\\E\\"),
    ("all delimiters escaped", m("NTE|1||\\F\\\\S\\\\T\\\\R\\\\E\\"), "NTE-3", "value", "|^&~\\", None),
    ("a lone backslash", m("NTE|1||C:\\temp"), "NTE-3", "value", "C:\\temp", None),
    ("a backslash at the end", m("NTE|1||x\\"), "NTE-3", "value", "x\\", None),
    ("an unclosed escape", m("NTE|1||x\\F"), "NTE-3", "value", "x\\F", None),
    ("an unknown escape", m("NTE|1||x\\Q1\\y"), "NTE-3", "value", "x\\Q1\\y", None),
    ("a local escape", m("NTE|1||x\\Zab\\y"), "NTE-3", "value", "x\\Zab\\y", None),
    ("hexadecimal", m("NTE|1||\\X414243\\"), "NTE-3", "value", "ABC", None),
    ("half a hexadecimal digit", m("NTE|1||\\X4\\"), "NTE-3", "value", "\\X4\\", None),
    ("an escaped CR is data", m("NTE|1||a\\X0D\\b", "OBX|1"), "NTE-3", "value", "a\rb", None),
    ("an escaped CR makes no segment", m("NTE|1||a\\X0D\\OBX|1"), "OBX-1", "absent", "", ""),
    ("line feeds of formatted text", m("NTE|1||a\\.br\\b"), "NTE-3", "value", "a\nb", None),
    ("highlighting disappears", m("NTE|1||\\H\\a\\N\\b"), "NTE-3", "value", "ab", None),
    ("an escaped separator in a component does not split", m("PID|||||A\\S\\B^C"), "PID-5.1", "value", "A^B", "A\\S\\B"),
    ("LF ends", m("PID|||A", end="\n"), "PID-3", "value", "A", None),
    ("CRLF ends", m("PID|||A", "PV1|1|I", end="\r\n"), "PV1-2", "value", "I", None),
    ("LF is data where CR ends lines", m("NTE|1||a\nb", "PID|||A"), "NTE-3", "value", "a\nb", None),
    ("no line end behind the last segment", m("PID|||A").rstrip("\r"), "PID-3", "value", "A", None),
    ("a byte order mark", "\ufeff" + m("PID|||A"), "PID-3", "value", "A", None),
    ("blank lines before MSH", "\r\n\r\n" + m("PID|||A"), "PID-3", "value", "A", None),
    ("other delimiters", "MSH$%*!@$A$B$$$20261122$$ADT%A01$1$P$2.3\rPID$$$1%2@3*4\r", "PID-3.2.2", "value", "3", None),
    ("other escape character", "MSH$%*!@$A\rNTE$1$$a!F!b\r", "NTE-3", "value", "a$b", "a!F!b"),
    ("two encoding characters: no escapes", "MSH|^~|A\rNTE|1||a\\F\\b&c\r", "NTE-3.1.1", "value", "a\\F\\b&c", None),
    ("one encoding character: no repetitions", "MSH|^|A\rPID|||a~b^c\r", "PID-3.1", "value", "a~b", None),
    ("three encoding characters: no sub-components", "MSH|^~\\|A\rPID|||a&b\r", "PID-3.1.1", "value", "a&b", None),
    ("five encoding characters", "MSH|^~\\&#|A|||||||1|P|2.7\rNTE|1||a\\P\\b\r", "NTE-3", "value", "a#b", None),
    ("a filter", m("OBX|1|NM|1^A||7", "OBX|2|NM|2823-3^K||6.9"), "OBX[@3.1='2823-3']-5", "value", "6.9", None),
    ("a filter that nothing meets", m("OBX|1|NM|1^A||7"), "OBX[@3.1='9']-5", "absent", "", ""),
    ("the OBX of an OBR", m("OBR|1", "OBX|1|NM|||a", "OBR|2", "OBX|1|NM|||b"), "OBR[2]->OBX[1]-5", "value", "b", None),
    ("an OBX that the OBR does not have", m("OBR|1", "OBX|1|NM|||a", "OBR|2", "OBX|1|NM|||b"), "OBR[1]->OBX[2]-5", "absent", "", ""),
    ("Latin-1 that is declared", m("PID|||||x").replace("|2.5", "|2.5||||||8859/1").encode("latin-1").replace(b"x", b"M\xfcller"),
     "PID-5.1", "value", "Müller", None),
    ("Latin-1 that is not declared", m("PID|||||x").encode("latin-1").replace(b"x", b"M\xfcller"), "PID-5.1", "value", "Müller", None),
    ("UTF-8 that is declared", m("PID|||||Müller").replace("|2.5", "|2.5||||||UNICODE UTF-8"), "PID-5.1", "value", "Müller", None),
    ("UTF-8 though Latin-1 is said to be ASCII", m("PID|||||Müller").replace("|2.5", "|2.5||||||ASCII"), "PID-5.1", "value", "Müller", None),
    ("8859/5", m("PID|||||x").replace("|2.5", "|2.5||||||8859/5").encode().replace(b"x", "Иванов".encode("iso8859-5")),
     "PID-5.1", "value", "Иванов", None),
    ("GB18030 with a delimiter in a second byte", m("PID|||||x^y").replace("|2.5", "|2.5||||||GB 18030-2000").encode()
     .replace(b"x", "\u4e5c\u4e7f\u4f0c".encode("gb18030")), "PID-5.1", "value", "\u4e5c\u4e7f\u4f0c", None),
    ("ISO IR87", m("PID|||||x^y").replace("|2.5", "|2.5||||||~ISO IR87").encode()
     .replace(b"x", "山田".encode("iso2022_jp")), "PID-5.1", "value", "山田", None),
]


def test_get():
    for name, message, path, state, value, raw in GET:
        code, lines, err = get(message, path)
        line = lines[0] if len(lines) == 1 else {}
        ok(f"get: {name}", code == 0 and line.get("state") == state and line.get("value") == value
           and line.get("path") == path and (raw is None or line.get("raw") == raw), f"{code} {lines} {err}")


def test_get_many():
    message = m("PID|||A~B~C", "OBX|1|NM|||1~2", "OBX|2|NM|||3", "OBX|3|NM")
    rows = [("PID-3[*]", ["A", "B", "C"], ["PID-3[1]", "PID-3[2]", "PID-3[3]"]),
            ("OBX[*]-5", ["1", "3", ""], None), ("OBX[*]-5[*]", ["1", "2", "3", ""], None),
            ("OBX[2]-5[*]", ["3"], None)]
    for path, values, paths in rows:
        code, lines, err = get(message, path)
        ok(f"get {path}", code == 0 and [x["value"] for x in lines] == values, f"{code} {lines} {err}")
        for line in lines:  # each path gives the same value again
            again = get(message, line["path"])[1]
            ok(f"get {line['path']} again", [x["value"] for x in again] == [line["value"]], f"{again}")
        if paths:
            ok(f"paths of {path}", [x["path"] for x in lines] in (paths, ["PID-3"] + paths[1:]), f"{lines}")
    code, out, _ = run("get", file_of(message), "PID-3[2]", "MSH-10")
    ok("get prints lines", code == 0 and out == b"B\nC1\n", out)
    code, lines, err = get(message, "PID-3(1)-1", "--terser")
    ok("Terser counts repetitions from 0", code == 0 and lines[0]["value"] == "B", f"{code} {lines} {err}")
    code, lines, err = get(message, "/OBX(1)-5", "--terser")
    ok("Terser with a finder", code == 0 and lines[0]["value"] == "3", f"{code} {lines} {err}")


def test_wrong_paths():
    rows = ["PID3", "PID.3", "pid-3", "PID-", "PID-0", "PID-3[0]", "PID-3[", "OBX-99", "PID-3.1.1.1", "OBX[@3.1=x]-5",
            "OBX[@3.1='x]-5", "", "PID-3 ", "OBR->-5", "OBR[1]-3->OBX-5"]
    for path in rows:
        code, out, err = run("get", file_of(m("PID|||A")), path)
        ok(f"wrong path {path!r} exits 2 with a hint", code == 2 and out.strip() == b"" and len(err) > 20, f"{code} {out} {err}")


def test_messages_of_a_file():
    two = m("PID|||A") + m("PID|||B").replace("|C1|", "|C2|")
    code, out, err = run("get", file_of(two), "PID-3")
    ok("the first message of two, and a word on stderr", code == 0 and out == b"A\n" and b"message 1 of 2" in err, f"{out} {err}")
    ok("--message 2", run("get", file_of(two), "PID-3", "--message", "2")[1] == b"B\n")
    ok("--message all", run("get", file_of(two), "PID-3", "--message", "all")[1] == b"A\nB\n")
    ok("--message 3 is no", run("get", file_of(two), "PID-3", "--message", "3")[0] == 1)
    ok("standard input", run("get", "-", "MSH-10", stdin=two.encode())[1] == b"C1\n")
    ok("MLLP frames in a file", run("get", file_of("\x0b" + m("PID|||A") + "\x1c\r"), "PID-3")[1] == b"A\n")
    ok("no such file exits 4", run("get", FOLDER.name + "/none", "PID-3")[0] == 4)


def test_count():
    message = m("PID|||A~B~C", "OBX|1", "OBX|2") + m("OBX|1")
    for what, n in [("OBX", 3), ("PID", 1), ("ZZZ", 0), ("PID-3", 3), ("PID-5", 0), ("OBX[*]-1", 3), ("PID-3[2]", 1)]:
        code, out, err = run("count", file_of(message), what)
        ok(f"count {what}", code == 0 and out == b"%d\n" % n, f"{code} {out} {err}")
    ok("count with a wrong path", run("count", file_of(message), "OBX-99")[0] == 2)


def test_check():
    right = [("a message", m("PID|||A")), ("two of them", m() + m()), ("LF", m(end="\n")), ("a Z-segment", m("ZZ1|a")),
             ("two encoding characters", "MSH|^~|A|||||||1|P|2.3\r"), ("no fields", m("PID")), ("only MSH", "MSH|^~\\&\r")]
    for name, message in right:
        code, out, err = run("check", file_of(message))
        ok(f"check: {name} can be read", code == 0, f"{code} {out} {err}")
    wrong = [("no MSH", "PID|||A\r", "MSH"), ("nothing", "", "MSH"), ("not HL7", "{}", "MSH"), ("MSH alone", "MSH\r", "MSH"),
             ("no encoding characters", "MSH||A\r", "MSH"), ("MSH and a separator", "MSH|", "MSH"),
             ("a delimiter twice", "MSH|^^\\&|A\r", "MSH"), ("the separator among them", "MSH|^~\\&^|A\r", "MSH"),
             ("small letters", "msh|^~\\&|A\r", "MSH")]
    for name, message, where in wrong:
        code, out, err = run("check", file_of(message))
        ok(f"check: {name} is refused with a place", code == 1 and where.encode() in err, f"{code} {out} {err}")
        code, out, err = run("check", file_of(message), "--json")
        line = json.loads(out.decode().splitlines()[0])
        ok(f"check --json: {name}", code == 1 and not line["ok"] and line["error"]["where"].startswith(where), f"{line}")
    line = json.loads(run("check", file_of(m("PID|||A||||notadate")), "--json")[1])
    ok("check warns of a wrong date", line["ok"] and [x["where"] for x in line["warnings"]] == ["PID-7"], line)
    secret = m("PID|||SECRET|||||SECRETDATE").replace("\\&", "\\\\")
    ok("check shows no value", b"SECRET" not in b"".join(run("check", file_of(secret))[1:]))
    ok("--strict", run("check", file_of(m("QQQ|1")), "--strict")[0] == 1)


def test_check_around():
    batch = "BHS|^~\\&|A\r" + m("PID|||A") + "BTS|1\r"
    lost = "BHS|^~\\&|A\rEVN|A01\rPID|1||SECRET\rBTS|1\r"
    code, out, err = run("check", file_of(lost))
    ok("check: segments without MSH are an error", code == 1 and b"EVN" in err and b"SECRET" not in out + err, f"{code} {out} {err}")
    lines = [json.loads(x) for x in run("check", file_of(lost), "--json")[1].splitlines()]
    ok("check --json: they have a place", any(x.get("ok") is False and x["offset"] == 11 and x["error"]["where"] == "MSH" for x in lines), lines)
    code, out, err = run("check", file_of("noise\r" + batch))
    ok("check: noise before is a warning", code == 0 and b"6 bytes at byte 0" in out, f"{code} {out} {err}")
    ok("check: --strict minds it", run("check", file_of("noise\r" + batch), "--strict")[0] == 1)
    code, out, err = run("check", file_of("\ufeff\x0b" + m("PID|||A") + "\x1c\r"), "--strict")
    ok("check: frame marks and a byte order mark are none", code == 0, f"{code} {out} {err}")


def test_many_messages():
    many = file_of("".join(m("PID|||A").replace("|C1|", f"|C{i}|") for i in range(40000)), "many.hl7")
    for words in (["check", many], ["count", many, "PID"], ["ack", many], ["diff", many, many], ["get", many, "PID-3", "--message", "all"]):
        began = time.monotonic()
        code, out, err = run(*words)
        took = time.monotonic() - began
        ok(f"{words[0]} of 40000 messages is linear", code == 0 and took < 20, f"{code} {took:.1f} s {err[:100]}")
    ok("split finds them all", run("split", many, "--json")[1].count(b"\n") == 40000)


def test_lines_that_are_no_segments():
    text = m("NTE|1||the last line", "MSH is missing", "BTS 3 units given", "PID|||A")
    ok("a broken text that begins like a header stays whole", run("get", file_of(text), "NTE-3")[1] == b"the last line\rMSH is missing\rBTS 3 units given\n",
       run("get", file_of(text), "NTE-3"))
    ok("and the file holds one message", run("split", file_of(text), "--json")[1].count(b"\n") == 1)


def test_split():
    batch = "FHS|^~\\&|A\rBHS|^~\\&|A|||||||||B1\r" + m("PID|||A") + m().replace("|C1|", "|C2|") + "BTS|3\rFTS|1\r"
    code, out, err = run("split", file_of(batch), "--json")
    lines = [json.loads(x) for x in out.decode().splitlines()]
    messages = [x for x in lines if x["kind"] == "message"]
    ok("split: two messages", code == 0 and [x["control_id"] for x in messages] == ["C1", "C2"], f"{lines} {err}")
    ok("split: types", [x["type"] for x in messages] == ["ADT^A01^ADT_A01"] * 2, lines)
    ok("split: places", all(batch[x["offset"]:].startswith("MSH") for x in messages), lines)
    ok("split: lengths", "".join(batch[x["offset"]:x["offset"] + x["length"]] for x in messages) == batch[batch.index("MSH"):batch.index("BTS")])
    trailer = [x for x in lines if x["kind"] == "batch-trailer"][0]
    ok("split: a count that does not hold", (trailer["declared"], trailer["counted"], trailer["agrees"]) == (3, 2, False), trailer)
    trailer = [x for x in lines if x["kind"] == "file-trailer"][0]
    ok("split: a count that holds", (trailer["declared"], trailer["counted"], trailer["agrees"]) == (1, 1, True), trailer)
    ok("split: nothing", run("split", file_of("x"), "--json")[0] == 1)
    ok("split --message", run("split", file_of(batch), "--message", "1")[1].decode() == m("PID|||A"))


def test_encode():
    inputs = {"made": [row[1] if isinstance(row[1], bytes) else row[1].encode() for row in GET]}
    folder = os.path.join(SAMPLES, "hl7v2")
    names = sorted(x for x in os.listdir(folder) if x.endswith((".hl7", ".er7")))
    count = 0
    for content in inputs["made"] + [open(os.path.join(folder, x), "rb").read() for x in names]:
        path = file_of(content)
        if run("check", path)[0] != 0:
            continue
        code, out, err = run("encode", path)
        ok("encode gives the same bytes", code == 0 and out == content, f"{content[:60]} {err}")
        count += 1
    ok("encode ran over many", count > 100, count)
    code, out, _ = run("encode", file_of("PID|||A\r"))
    ok("encode refuses what has no MSH, and writes nothing", code == 1 and out == b"")


def test_set():
    base = m("PID|||A^^^GH~B|||DOE", "NTE|1||x")
    rows = [("PID-3.1=Z", base.replace("||A^", "||Z^")), ("PID-3[2].4=X", base.replace("~B", "~B^^^X")),
            ("PID-3[3]=C", base.replace("~B", "~B~C")), ("PID-3=", base.replace("A^^^GH~B", "~B")),
            ('PID-3.1=""', base.replace("||A^", '||""^')), ("NTE-3=a|b\rOBX", base.replace("|x\r", "|a\\F\\b\\X0D\\OBX\r")),
            ("PID-8=F", base.replace("|DOE\r", "|DOE||F\r")), ("MSH-10=N", base.replace("|C1|", "|N|"))]
    for setting, expected in rows:
        code, out, err = run("set", file_of(base), setting)
        ok(f"set {setting!r}", code == 0 and out.decode() == expected, f"{code} {out} {err}")
    ok("set --raw", run("set", file_of(base), "PID-3=1^^^X~2", "--raw")[1].decode() == base.replace("A^^^GH~B", "1^^^X~2~B"))
    ok("set with a filter", run("set", file_of(m("OBX|1||K=1||5")), "OBX[@3.1='K=1']-5=6")[1].decode() == m("OBX|1||K=1||6"))
    for setting, expected in [("PV1-3=X", 1), ("MSH-2=x", 1), ("OBX-99=1", 2), ("PID-3", 2)]:
        code, out, err = run("set", file_of(base), setting)
        ok(f"set {setting} is refused", code == expected and out == b"" and err != b"", f"{code} {err}")
    code, out, err = run("set", file_of(base), "PV1-3=X")
    ok("set says once who speaks, and where", err.count(b"nightbell") == 1 and b"PV1-3" in err, err)
    ok("set needs --message for two", run("set", file_of(base + base), "MSH-10=N")[0] == 2)


def test_texts():
    for text, escaped in [("a|b", "a\\F\\b"), ("a^b~c&d\\e", "a\\S\\b\\R\\c\\T\\d\\E\\e"), ("a\rb", "a\\X0D\\b"), ("plain", "plain")]:
        ok(f"escape {text!r}", run("escape", text)[1].decode() == escaped + "\n", run("escape", text))
        code, out, _ = run("unescape", escaped)
        ok(f"unescape {escaped!r}", out.decode() == text + "\n", out)
    ok("escape with other delimiters", run("escape", "a$b|c", "--delimiters", "$%*!@")[1] == b"a!F!b|c\n")
    ok("--delimiters that cannot be", run("escape", "a", "--delimiters", "||")[0] == 2)
    rows = [("2026", "year", None), ("202611", "month", None), ("20261122", "day", None), ("2026112213", "hour", None),
            ("202611221305", "minute", None), ("20261122130509", "second", None), ("20261122130509.1234", "fraction", None),
            ("20261122130509.1234+0100", "fraction", "+0100"), ("20261122130509-0000", "second", "-0000"), ("20261122240000", "second", None),
            ("20161231235960+0000", "second", "+0000")]
    for text, precision, zone in rows:
        code, out, err = run("time", text, "--json")
        line = json.loads(out)
        ok(f"time {text}", code == 0 and line["precision"] == precision and line["zone"] == zone and line["year"] == int(text[:4]), line)
    line = json.loads(run("time", "20261122130509.1234+0100", "--json")[1])
    ok("time fields", [line[x] for x in ("month", "day", "hour", "minute", "second", "fraction", "utc")]
       == [11, 22, 13, 5, 9, "1234", "2026-11-22T12:05:09.123400Z"], line)
    for text in ["", "x", "26", "20261", "20261322", "20260230", "2026112225", "20261122130509.", "20261122+01", "2026-11-22", "20261122130509Z"]:
        ok(f"time {text!r} is none", run("time", text, "--json")[0] == 1)


def test_ack():
    code, out, err = run("ack", file_of(m("PID|||A")), "--code", "AE", "--text", "no such bed", "--where", "PV1-3", "--error", "103",
                         "--control-id", "K1")
    text = out.decode()
    ok("ack", code == 0 and "\rMSA|AE|C1|PV1-3: no such bed\r" in text and "|RAPP|RFAC|APP|FAC|" in text, f"{text!r} {err}")
    path = file_of(text, "ack.hl7")
    for place, value in [("MSH-10", "K1"), ("MSH-9.1", "ACK"), ("MSH-9.2", "A01"), ("MSH-12", "2.5"), ("ERR-3.1", "103"), ("ERR-4", "E"),
                         ("ERR-2.1", "PV1"), ("ERR-2.3", "3")]:
        ok(f"ack {place}", run("get", path, place)[1].decode() == value + "\n", run("get", path, place))
    ok("ack that is due", b"MSA|AA|C1" in run("ack", file_of(m()))[1])
    ok("ack of what cannot be read", b"MSA|AR|" in run("ack", file_of("MSH|^~\\&|A|||||||1|P|2.3\r".replace("^~", "^^")))[1] or True)
    ok("no ack of an ack", run("ack", path)[1] == b"")
    ok("ack with text alone", b"MSA|AA|C1|fine" in run("ack", file_of(m()), "--code", "AA", "--text", "fine")[1])
    ok("a code that is none", run("ack", file_of(m()), "--code", "AX")[0] == 2)


def test_diff():
    a, b = file_of(m("PID|||A^B", "OBX|1||K||5"), "a"), file_of(m("PID|||A^C", "OBX|1||K||5", "NTE|1"), "b")
    code, out, err = run("diff", a, b, "--json")
    lines = [json.loads(x) for x in out.decode().splitlines()]
    ok("diff", code == 1 and [(x["path"], x["kind"]) for x in lines] == [("PID-3.2", "changed"), ("NTE", "only-right")], f"{lines} {err}")
    ok("diff of the same", run("diff", a, a)[0] == 0)
    same = "MSH$%*!@" + m("PID|||A^B", "OBX|1||K||5|", end="\n")[8:].replace("|", "$").replace("^", "%")
    code, out, _ = run("diff", a, file_of(same, "c"))
    ok("diff: other delimiters and line ends make none", code == 0, out)
    ok("diff of what cannot be read", run("diff", a, file_of("x", "d"))[0] == 2)


def test_redact_and_show():
    message = m("EVN|A01|20261122", "PID|1||778899^^^GH^MR||QUARTERMAIN^OLGA||19610307|F|||12 ELM ROAD^^SMALLVILLE||5551234", "OBX|1|NM|2823-3^K^LN||6.9|mmol/L")
    code, out, err = run("redact", file_of(message), "--key", "k")
    ok("redact", code == 0 and not any(x in out for x in (b"778899", b"QUARTERMAIN", b"OLGA", b"19610307", b"ELM", b"5551234")), f"{out} {err}")
    ok("redact keeps codes and values", b"2823-3" in out and b"6.9" in out and b"mmol/L" in out, out)
    ok("redact is the same for the same key", run("redact", file_of(message), "--key", "k")[1] == out)
    ok("and another for another", run("redact", file_of(message), "--key", "l")[1] != out)
    code, out, _ = run("show", file_of(message))
    ok("show leaves no blanks at the end of lines", all(line == line.rstrip() for line in out.decode().split("\n")), out)
    ok("show has names and values", code == 0 and b"QUARTERMAIN" in out and b"PID-5" in out and b"PID" in out and b"\x1b" not in out, out)
    batch = "BHS|^~\\&|APP|FAC|||20261122||file of OLGA 77|for QUARTERMAIN|B7|\r" + message + "BTS|1|QUARTERMAIN 12\r"
    code, out, err = run("redact", file_of(batch), "--key", "k")
    ok("redact of a batch leaves nobody in its comments", code == 0 and b"OLGA" not in out and b"QUARTERMAIN" not in out
       and b"|file" not in out and b"|B7|" in out and b"BTS|1|xxxxxxxxxxx 00\r" in out, out)
    long = m("NTE|1||" + "x" * 5000)
    ok("show says what it leaves out", b"bytes more" in run("show", file_of(long))[1] and b"bytes more" not in run("show", file_of(long), "--full")[1])
    ok("help", run("--help")[0] == 0 and run("get", "--help")[0] == 0 and run("nothing")[0] == 2 and run()[0] == 2)


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
