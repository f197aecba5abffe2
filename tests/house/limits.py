#!/usr/bin/env python3
"""Each limit of base/limits.h is used somewhere in the program: a bound that docs/limits.md states and nobody
keeps is a promise broken.

usage: limits.py [ROOT] | --self-test
"""
import os
import re
import sys
import tempfile

ROW = re.compile(r'X\(\s*(LIMIT_\w+)\s*,\s*"([a-z0-9-]+)"')
FOLDERS = ["base", "hl7", "fhir", "events", "roster", "rules", "router", "lab", "adapters", "nightbell"]


def check(root):
    with open(os.path.join(root, "base", "limits.h"), encoding="utf-8") as f:
        rows = ROW.findall(f.read())
    used = set()
    for folder in FOLDERS:
        for here, _, files in os.walk(os.path.join(root, folder)):
            for path in (os.path.join(here, f) for f in sorted(files) if f.endswith((".c", ".h", ".y", ".l"))):
                if path.endswith(os.path.join("base", "limits.h")):
                    continue
                with open(path, encoding="utf-8") as f:
                    used |= set(re.findall(r"\bLIMIT_\w+", f.read()))
    return [f"base/limits.h: nothing keeps {row[0]}" for row in rows if row[0] not in used]


def self_test():
    table = '#define LIMITS(X) X(LIMIT_A, "a-bytes", 1, "x") X(LIMIT_B, "b-bytes", 2, "y")\n'
    cases = [("f(LIMIT_A + LIMIT_B);\n", 0), ("f(LIMIT_A);\n", 1), ("f(LIMIT_A, LIMIT_BB);\n", 1), ("", 2)]
    missed = 0
    for text, faults in cases:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "base"))
            for name, content in (("limits.h", table), ("a.c", text)):
                with open(os.path.join(root, "base", name), "w", encoding="utf-8") as f:
                    f.write(content)
            if len(check(root)) != faults:
                print(f"judged wrongly: {text.strip()}: {check(root)}")
                missed += 1
    print(f"{len(cases) - missed} of {len(cases)} samples judged rightly")
    return missed == 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test() else 1)
    faults = check(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    print("\n".join(faults) if faults else "every limit is kept somewhere")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
