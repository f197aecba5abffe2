#!/usr/bin/env python3
"""Each `nightbell COMMAND --option` that a page shows is a command that the program lists, with an option that the
command's own --help knows.

usage: told_commands.py PROGRAM [ROOT] | --self-test
"""
import glob
import os
import re
import subprocess
import sys

SAID = re.compile(r"(?:^|[\s$`/(])nightbell +([a-z][a-z0-9-]*)([^`\n|#;&]*)", re.M)
GENERAL = {"--help", "--version"}


def shown(text):
    """The code of a page: the lines of its fenced blocks that run the program, and its spans."""
    for block in re.findall(r"^```(?:sh|text|console|bash)?\n(.*?)^```", text, flags=re.M | re.S):
        yield from re.findall(r"^(?:\$ |)(?:\S*/)?(nightbell .*)$", block.replace("\\\n", " "), re.M)
    yield from re.findall(r"`((?:build/)?nightbell [^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def check(pages, help_of):
    """The faults of pages (name -> text) and how many commands they show; help_of(words) is what --help prints."""
    commands = set(re.findall(r"^  ([a-z0-9]+) +\S", help_of(()), re.M))
    faults, seen = [], 0
    for page, text in sorted(pages.items()):
        for command, rest in (found for line in shown(text) for found in SAID.findall(" " + line)):
            seen += 1
            if command not in commands:
                faults.append(f"{page}: `nightbell {command}`: there is no such command")
                continue
            words = (command, *re.findall(r"^ +([a-z]+)\b", rest)) if command == "hl7" else (command,)
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest):
                if option not in GENERAL and not re.search(re.escape(option) + r"(?![\w-])", help_of(words)):
                    faults.append(f"{page}: `nightbell {command} {option}`: its help does not know it")
    return faults, seen


def self_test():
    helps = {(): "  alerts   the alerts\n  hl7   tools\n", ("alerts",): "--watch\n", ("hl7", "get"): "--all\n"}
    cases = [("`nightbell alerts --watch` and `nightbell hl7 get --all F`", 0), ("`nightbell alarms`", 1),
             ("`nightbell alerts --wat`", 1), ("```sh\nbuild/nightbell alerts --color\n```\n", 1),
             ("the nightbell rings", 0), ("`nightbell hl7 get --none`", 1)]
    missed = [text for text, faults in cases if len(check({"a.md": text}, helps.get)[0]) != faults]
    print("\n".join(missed + [f"{len(cases) - len(missed)} passed, {len(missed)} failed"]))
    return bool(missed)


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    root = sys.argv[2] if len(sys.argv) > 2 else "."
    helps, pages = {}, {}

    def help_of(words):
        if words not in helps:
            done = subprocess.run([sys.argv[1], *words, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=20)
            helps[words] = done.stdout + done.stderr
        return helps[words]

    for path in glob.glob(os.path.join(root, "*.md")) + glob.glob(os.path.join(root, "docs", "**", "*.md"), recursive=True):
        with open(path, encoding="utf-8") as f:
            pages[os.path.relpath(path, root)] = f.read()
    faults, seen = check(pages, help_of)
    print("\n".join(faults + [f"{seen} commands read", f"{'0' if faults else '1'} passed, {len(faults)} failed"]))
    sys.exit(1 if faults or seen < 50 else 0)


if __name__ == "__main__":
    main()
