#!/usr/bin/env python3
"""keywords.py PROJECT   The grammar for editors has every keyword of grammar.y, and no other; the extension's files are there."""
import json
import os
import re
import sys

PROJECT = sys.argv[1]
EXTENSION = os.path.join(PROJECT, "editors", "vscode")
passed = failed = 0


def ok(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {detail}")


def text(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


grammar = text(PROJECT, "rules", "syntax", "grammar.y")
tokens = grammar[grammar.index('LANGUAGE "language"'):grammar.index("%precedence NO_VALUE")]
keywords = re.findall(r'\b[A-Z_]+ "([a-z-]+)"', tokens)
editor = json.loads(text(EXTENSION, "nightbell.tmLanguage.json"))
lists = [p["match"] for n, p in editor["repository"].items() if n in ("declaration", "condition", "constant", "clause")]
words = [w for m in lists for w in re.search(r"\(\?:([a-z|-]+)\)", m).group(1).split("|")]
ok("enough keywords were found", len(keywords) > 120, len(keywords))
ok("none is missing", set(keywords) <= set(words), set(keywords) - set(words))
ok("none is too many", set(words) <= set(keywords), set(words) - set(keywords))
ok("each once", len(words) == len(set(words)), [w for w in words if words.count(w) > 1])
source = text(PROJECT, "rules", "syntax", "build.c")
source = source[source.index("units[] = {"):]
units = re.findall(r'"([A-Za-z]+)"', source[:source.index("};")])
coloured = re.search(r"\(\?:([A-Za-z|]+)\)\(\?!\[A-Za-z0-9_:\.-\]\)", json.dumps(editor).replace("\\\\", "\\"))
ok("the plain units are the parser's", coloured is not None and sorted(coloured.group(1).split("|")) == sorted(units), units)
named = re.search(r"\(([a-z|]+)\)", editor["repository"]["named"]["match"]).group(1).split("|")
ok("what declares a name is a keyword", set(named) <= set(keywords), named)
ok("every pattern that is named is there", all(p["include"][1:] in editor["repository"] for p in editor["patterns"]))
manifest = json.loads(text(EXTENSION, "package.json"))
files = [manifest["main"]] + [l["configuration"] for l in manifest["contributes"]["languages"]] + \
    [g["path"] for g in manifest["contributes"]["grammars"]]
ok("the files that the manifest names are there", all(os.path.exists(os.path.join(EXTENSION, f)) for f in files), files)
ok("one scope", editor["scopeName"] == manifest["contributes"]["grammars"][0]["scopeName"])
json.loads(text(EXTENSION, "language-configuration.json"))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
