#!/usr/bin/env python3
"""The floor order of docs/architecture.md: a folder includes only from the folders before it.

usage: floors.py [ROOT]        check the tree, one line a fault, exit 1 when there is one
       floors.py --self-test   prove that each kind of fault is caught
"""
import os
import re
import sys
import tempfile

FLOORS = ["base", "hl7", "fhir", "events", "roster", "rules", "router", "lab", "adapters", "nightbell"]
# The pure core (RELIABILITY R2): what it may not even include.
CORE = re.compile(r"^(rules/[^/]+|roster/.+|router/.+)\.[ch]$")
CORE_HEADERS = {"stdbool.h", "stddef.h", "stdint.h", "inttypes.h", "limits.h", "stdlib.h", "string.h", "assert.h",
                "stdalign.h", "stdarg.h"}
# Adapters may use these shared ones besides themselves; the shared ones form an order of their own.
SHARED = {"net": [], "seal": ["net"], "store": ["net", "seal"]}
# Where a library's header may stand: a prefix of the including file's path.
LIBRARIES = [
    (r"zmq", ["adapters/net/"]),
    (r"event2/", ["adapters/", "nightbell/"]),
    (r"openssl/", ["adapters/"]),
    (r"sqlite3\.h", ["adapters/store/"]),
    (r"curl/", ["adapters/"]),
    (r"libxml/", ["fhir/", "nightbell/test_"]),
    (r"yaml\.h", ["adapters/import/"]),
    (r"jansson\.h", ["fhir/", "adapters/", "nightbell/"]),
    (r"qrencode\.h", ["adapters/inbox/", "nightbell/"]),
    (r"(stdio|time|sys/time|unistd|fcntl|sys/socket)\.h", None),  # None: anywhere but the core, see above
]
GENERATED = {"bell_grammar.h": "rules/syntax/", "bell_lexer.h": "rules/syntax/"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
SOURCES = (".c", ".h", ".l", ".y")


def sources(root):
    for floor in FLOORS:
        for folder, _, files in os.walk(os.path.join(root, floor)):
            for name in sorted(files):
                if name.endswith(SOURCES):
                    yield os.path.relpath(os.path.join(folder, name), root)


def adapter_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "adapters" and len(parts) > 2 else None


def own_include(path, target, root):
    """The fault in `path` including our own `target`, or None."""
    here, there = path.split("/")[0], target.split("/")[0]
    if target in GENERATED:
        return None if path.startswith(GENERATED[target]) else f"generated {target} belongs to {GENERATED[target]}"
    if there not in FLOORS:
        return f'"{target}" does not begin with a folder of the house'
    if not os.path.exists(os.path.join(root, target)):
        return f'"{target}" does not exist'
    if FLOORS.index(there) > FLOORS.index(here):
        return f'{here} stands below {there}: "{target}" runs against the floor order'
    if {here, there} == {"hl7", "fhir"}:
        return f'hl7 and fhir do not know each other: "{target}"'
    mine, other = adapter_of(path), adapter_of(target)
    if mine and other and mine != other:
        allowed = SHARED[mine] if mine in SHARED else list(SHARED)
        if other not in allowed:
            return f'adapters/{mine} may not use adapters/{other}: "{target}"'
    return None


def library_include(path, target):
    if CORE.match(path):
        return None if target in CORE_HEADERS else f"the core includes <{target}>"
    for pattern, allowed in LIBRARIES:
        if re.match(pattern, target) and allowed is not None:
            if not any(path.startswith(prefix) for prefix in allowed):
                return f"<{target}> belongs to {' or '.join(allowed)}"
    return None


def faults_of(path, root):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        text = f.read()
    for match in INCLUDE.finditer(text):
        quote, target = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        fault = own_include(path, target, root) if quote == '"' else library_include(path, target)
        if fault:
            yield f"{path}:{line}: {fault}"
    if CORE.match(path):
        bare = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
        for match in re.finditer(r"\b(float|double|_Float\w+|\d+\.\d+)\b", bare):
            yield f"{path}:{bare.count(chr(10), 0, match.start()) + 1}: the core uses floating point ({match.group()})"


def check(root):
    return [fault for path in sources(root) for fault in faults_of(path, root)]


BAD = [  # file, its text, what the fault must say
    ("base/a.c", '#include "hl7/ok.h"\n', "runs against the floor order"),
    ("hl7/a.c", '#include "fhir/ok.h"\n', "runs against the floor order"),
    ("fhir/a.c", '#include "hl7/ok.h"\n', "do not know each other"),
    ("events/a.c", '  #  include "router/ok.h"\n', "runs against the floor order"),
    ("rules/check/a.c", '#include "adapters/net/ok.h"\n', "runs against the floor order"),
    ("adapters/mllp/a.c", '#include "adapters/inbox/ok.h"\n', "may not use adapters/inbox"),
    ("adapters/net/a.c", '#include "adapters/store/ok.h"\n', "may not use adapters/store"),
    ("adapters/mllp/a.c", '#include "nightbell/ok.h"\n', "runs against the floor order"),
    ("adapters/mllp/a.c", "#include <zmq.h>\n", "belongs to adapters/net/"),
    ("events/a.c", "#include <jansson.h>\n", "belongs to fhir/"),
    ("adapters/seal/a.c", "#include <libxml/parser.h>\n", "belongs to fhir/"),
    ("lab/a.c", "#include <sqlite3.h>\n", "belongs to adapters/store/"),
    ("router/a.c", "#include <time.h>\n", "the core includes <time.h>"),
    ("rules/evaluate.c", "#include <stdio.h>\n", "the core includes <stdio.h>"),
    ("router/a.c", "static double d;\n", "floating point"),
    ("roster/a.c", "int x = (int)0.5;\n", "floating point"),
    ("hl7/a.c", '#include "slice.h"\n', "does not begin with a folder"),
    ("hl7/a.c", '#include "base/gone.h"\n', "does not exist"),
    ("router/a.c", '#include "bell_grammar.h"\n', "belongs to rules/syntax/"),
]
GOOD = [
    ("rules/syntax/a.c", '#include <stdio.h>\n#include "bell_grammar.h"\n#include "base/ok.h"\n'),
    ("adapters/mllp/a.c", '#include "adapters/net/ok.h"\n#include "hl7/ok.h"\n#include <event2/event.h>\n'),
    ("adapters/net/a.c", "#include <zmq.h>\n"),
    ("router/a.c", '/* a double check, 0.5 of it */\n#include "rules/ok.h"\nconst char *s = "float";\n'),
    ("nightbell/a.c", '#include "adapters/mllp/ok.h"\n#include "lab/ok.h"\n'),
]


def tree_with(path, text):
    root = tempfile.TemporaryDirectory()
    headers = [f"{floor}/ok.h" for floor in FLOORS]
    headers += [f"adapters/{name}/ok.h" for name in ("net", "seal", "store", "mllp", "inbox")]
    for name, content in [(h, "") for h in headers] + [(path, text)]:
        os.makedirs(os.path.dirname(os.path.join(root.name, name)), exist_ok=True)
        with open(os.path.join(root.name, name), "w", encoding="utf-8") as f:
            f.write(content)
    return root


def self_test():
    missed = 0
    for path, text, words in BAD:
        with tree_with(path, text) as root:
            found = check(root)
        if len(found) != 1 or words not in found[0]:
            print(f"not caught: {path}: {text.strip()} ({found})")
            missed += 1
    for path, text in GOOD:
        with tree_with(path, text) as root:
            found = check(root)
        if found:
            print(f"caught wrongly: {path}: {found}")
            missed += 1
    print(f"{len(BAD) + len(GOOD) - missed} of {len(BAD) + len(GOOD)} samples judged rightly")
    return missed == 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test() else 1)
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..")
    found = check(root)
    print("\n".join(found) if found else f"{len(list(sources(root)))} files keep the floor order")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
