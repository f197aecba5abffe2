#!/usr/bin/env python3
"""No file of ours is over 600 lines, unless its first lines say why ("This file is long because ...");
and nothing is left for later (no TODO or FIXME).

usage: sizes.py [ROOT] | --self-test
"""
import os
import re
import sys
import tempfile

MOST = 600
CODE = (".c", ".h", ".l", ".y", ".py", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".sh", ".bell", ".css", ".html", ".cmake")
SKIP = {".git", "build", "node_modules", "dist", "third_party"}
WHY = "This file is long because"
LATER = re.compile(r"\b(TODO|FIXME)\b")
HERE = os.path.abspath(__file__)


def is_code(path):
    if path.endswith(CODE) or os.path.basename(path) == "CMakeLists.txt":
        return True
    return os.sep + "script" + os.sep in path and "." not in os.path.basename(path)


def check(root):
    faults = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIP and not f.startswith("."))
        for path in (os.path.join(folder, name) for name in sorted(files)):
            if not is_code(path) or os.path.abspath(path) == HERE:
                continue
            with open(path, encoding="utf-8", errors="replace") as f:
                lines = f.read().splitlines()
            name = os.path.relpath(path, root)
            if len(lines) > MOST and not any(WHY in line for line in lines[:15]):
                faults.append(f"{name}: {len(lines)} lines, at most {MOST} unless its top says why")
            faults += [f"{name}:{i}: left for later" for i, line in enumerate(lines, 1) if LATER.search(line)]
    return faults


def self_test():
    cases = [("a.c", "x;\n" * 601, 1), ("a.c", "x;\n" * 600, 0), ("a.c", f"/* {WHY} it is a table */\n" + "x;\n" * 700, 0),
             ("a.c", "/* TODO */\n", 1), ("build/a.c", "x;\n" * 601, 0), ("script/demo", "x\n" * 601, 1),
             ("notes.txt", "x\n" * 601, 0)]
    missed = 0
    for name, text, faults in cases:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), "w", encoding="utf-8") as f:
                f.write(text)
            if len(check(root)) != faults:
                print(f"judged wrongly: {name}: {check(root)}")
                missed += 1
    print(f"{len(cases) - missed} of {len(cases)} samples judged rightly")
    return missed == 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test() else 1)
    faults = check(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(HERE), "..", ".."))
    print("\n".join(faults) if faults else "no file is too long, nothing is left for later")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
