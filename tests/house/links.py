#!/usr/bin/env python3
"""Each link of a page leads to a file of the project and, behind "#", to a heading of it; each page of docs/ that our
code names exists; no page of docs/ is without a way to it.

usage: links.py [ROOT] | --self-test
"""
import os
import re
import sys
import tempfile

LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")
NAMED = re.compile(r"\bdocs/[\w/.-]*?[\w-]+\.md\b")
SKIPPED = {"node_modules", "build", ".git", "dist"}
CODE = (".c", ".h", ".y", ".l", ".py", ".mjs", ".js", ".ts", ".sh", ".bell")


def files(root, endings):
    for here, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        yield from (os.path.join(here, n) for n in sorted(names) if n.endswith(endings))


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def prose(text):
    """The page without its fenced blocks and code spans: what stands there is no link."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def anchors(text):
    """The names that a heading gets: lower case, hyphens for spaces, other signs dropped."""
    found = set()
    for heading in re.findall(r"^#+ +(.*?) *#*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        while name in found:
            name += "-1"
        found.add(name)
    return found


def fault_of(page, link, root):
    """What is wrong with a link of a page (None: nothing) and the file it leads to."""
    path, _, anchor = link.partition("#")
    target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
    if os.path.relpath(target, root).startswith(".."):
        return "leads out of the project", target
    if not os.path.exists(target):
        return "leads nowhere", target
    if anchor and target.endswith(".md") and anchor not in anchors(read(target)):
        return "no such heading", target
    return None, target


def check(root):
    faults, reached = [], set()
    for page in files(root, (".md",)):
        for link in LINK.findall(prose(read(page))):
            if re.match(r"[a-z]+:", link):
                continue
            fault, target = fault_of(page, link, root)
            if target != page:
                reached.add(target)
            if fault:
                faults.append(f"{os.path.relpath(page, root)}: ({link}) {fault}")
    for path in files(root, CODE):
        for name in sorted(set(NAMED.findall(read(path)))):
            if not path.endswith("links.py") and not os.path.exists(os.path.join(root, name)):
                faults.append(f"{os.path.relpath(path, root)}: names {name}, which is not there")
    for page in files(os.path.join(root, "docs"), (".md",)):
        if page not in reached and not any(os.path.dirname(page) == r for r in reached):
            faults.append(f"{os.path.relpath(page, root)}: no page leads to it")
    return faults


def self_test():
    good = {"README.md": "[a](docs/a.md#the-way-of-it) [b](docs/r/)\n", "docs/a.md": "# The way of `it`\n", "docs/r/b.md": "B\n"}
    cases = [
        ({}, 0),
        ({"docs/a.md": "# Another\n"}, 1),
        ({"README.md": "[a](docs/a.md) [b](docs/r) [c](docs/c.md)\n"}, 1),
        ({"README.md": "[a](docs/a.md)\n"}, 1),
        ({"README.md": "[a](docs/a.md) [b](docs/r) [c](../../etc/passwd)\n"}, 1),
        ({"README.md": "[a](docs/a.md) [b](docs/r) `[c](nowhere)` [d](https://example.org/x)\n"}, 0),
        ({"base/a.c": "/* docs/a.md says why */\n"}, 0),
        ({"base/a.c": "/* docs/z.md says why */\n"}, 1),
    ]
    missed = 0
    for changed, wanted in cases:
        with tempfile.TemporaryDirectory() as root:
            for name, content in {**good, **changed}.items():
                os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
                with open(os.path.join(root, name), "w", encoding="utf-8") as f:
                    f.write(content)
            found = check(root)
            if len(found) != wanted:
                missed += 1
                print(f"{changed}: expected {wanted} faults, found {found}")
    print(f"{len(cases) - missed} passed, {missed} failed")
    return missed


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test() else 0)
    faults = check(os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(faults + [f"{'0' if faults else '1'} passed, {len(faults)} failed"]))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
