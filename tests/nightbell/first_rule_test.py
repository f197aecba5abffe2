#!/usr/bin/env python3
"""first_rule_test.py NIGHTBELL PROJECT [--write]   Types what docs/rules/first-rule.md says was typed, and compares what
comes back with what stands there. --write puts the answers into the page."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

PROGRAM, PROJECT = os.path.abspath(sys.argv[1]), sys.argv[2]
PAGE = os.path.join(PROJECT, "docs", "rules", "first-rule.md")
BLOCK = re.compile(r"^```(\S+)([^\n]*)\n(.*?)^```\n", re.M | re.S)
passed = failed = 0


def answer(command, folder):
    words = shlex.split(command)
    assert words[0] == "nightbell", command
    done = subprocess.run([PROGRAM, *words[1:]], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60)
    came = re.sub(r"\d+\.\d\d s$", "0.00 s", done.stdout.decode(), flags=re.M)
    # The machine's time zone files are part of a site, so its name differs from machine to machine.
    return re.sub(r"ruleset [0-9a-f]{12}$", "ruleset 27546e3e098e", came, flags=re.M)


def console(text, folder):
    out = []
    for command in re.findall(r"^\$ (.*)$", text, re.M):
        out.append(f"$ {command}\n")
        if command.startswith("cd "):
            folder = os.path.join(folder, command[3:])
        else:
            out.append(answer(command, folder))
    return "".join(out), folder


with open(PAGE, encoding="utf-8") as f:
    page = f.read()
written = page
with tempfile.TemporaryDirectory() as root:
    folder = root
    for kind, rest, text in BLOCK.findall(page):
        words = rest.split()
        if kind == "bell":
            with open(os.path.join(folder, words[0]), "w", encoding="utf-8") as f:
                f.write(text)
        elif kind == "bell-line":
            path = os.path.join(folder, words[0])
            with open(path, encoding="utf-8") as f:
                lines = f.read().split("\n")
            lines[int(words[1]) - 1] = text.rstrip("\n")
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(lines))
        elif kind == "console":
            came, folder = console(text, folder)
            written = written.replace(f"```{kind}{rest}\n{text}```\n", f"```{kind}{rest}\n{came}```\n", 1)
            if came == text:
                passed += 1
            else:
                failed += 1
                print(f"the page says:\n{text}now it is:\n{came}")
if sys.argv[3:] == ["--write"]:
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(written)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or passed < 6 else 0)
