#!/usr/bin/env python3
"""words.py PROJECT   Every keyword of the grammar is explained in docs/rules/reference.md, inside a code span."""
import os
import re
import sys

PROJECT = sys.argv[1]


def read(*path):
    with open(os.path.join(PROJECT, *path), encoding="utf-8") as f:
        return f.read()


declared = re.findall(r'^%token <word> .*$', read("rules", "syntax", "grammar.y"), re.M)
words = {w for line in declared for w in re.findall(r'"([a-z-]+)"', line)}
spans = " ".join(re.findall(r"`[^`\n]+`", read("docs", "rules", "reference.md")))
known = set(re.findall(r"[a-z][a-z-]*", spans))
missing = sorted(words - known)
for word in missing:
    print(f"docs/rules/reference.md does not explain \"{word}\"")
print(f"{len(words) - len(missing)} passed, {len(missing)} failed")
sys.exit(1 if missing or len(words) < 100 else 0)
