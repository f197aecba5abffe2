#!/usr/bin/env python3
"""The core (roster, router, rules/*.c as libcore.a) calls nothing but our own pure archives and a short
list of functions of the C library: no clock, I/O, randomness, locale, float or allocation (only base/memory
allocates). The archives it may call are held to their own short lists, so nothing slips in through them.

usage: core_symbols.py NM CORE ARCHIVE...             ARCHIVE: the pure floors; +ARCHIVE: the core may call it
                                                      but it is not pure itself (the rule compiler)
       core_symbols.py --self-test NM CC              prove that each kind of fault is caught
"""
import os
import re
import subprocess
import sys
import tempfile

STRINGS = {"memcpy", "memcmp", "memmove", "memset", "memchr", "memrchr", "memmem", "strlen", "strcmp", "strncmp", "strchr",
           "strrchr", "strstr"}
CORE_MAY = STRINGS | {"free", "qsort", "bsearch", "abort", "__assert_fail", "__stack_chk_fail"}
# base/memory allocates and ends the process; texts are formatted into memory.
BASE_MAY = CORE_MAY | {"calloc", "realloc", "malloc", "_Exit", "snprintf", "vsnprintf"}
# Character sets other than UTF-8 and Latin-1 are the C library's work; it reads its tables on first use.
# hl7/scan.c asks which instructions the processor has; every way gives the same answer (tests/hl7/scan_test.c).
MORE = {"libnb_hl7.a": {"iconv_open", "iconv", "iconv_close", "__errno_location", "__cpu_model", "__cpu_features2", "__cpu_indicator_init"}}
# Of our own, but not for the core: where a line goes and what time it is are the program's business.
NOT_FOR_CORE = re.compile(r"^log_(event|error|set_)")
# Put there by the compiler (128-bit division of whole numbers, a sanitizer build), or by the linker.
MACHINERY = re.compile(r"^(__asan|__ubsan|__tsan|__sanitizer|__sancov|__gcov|__llvm|__start___|__stop___|_GLOBAL_OFFSET_TABLE_|__tls_get_addr|__u?div(mod)?ti[34]|__u?modti3)")


def plain(symbol):
    """The function behind a fortified name: __memcpy_chk is memcpy."""
    match = re.fullmatch(r"__(\w+)_chk", symbol)
    return match.group(1) if match else symbol


def symbols(nm, archive):
    """(defined, undefined) of an archive; undefined as {symbol: object that wants it}."""
    text = subprocess.run([nm, "-A", archive], check=True, capture_output=True, text=True).stdout
    defined, wanted = set(), {}
    for line in text.splitlines():
        match = re.match(r"^.*:([^:]+\.o):[0-9a-f ]* ([A-Za-z]) (\S+)$", line)
        if not match:
            continue
        where, kind, name = match.groups()
        if kind in "Uwv":
            wanted.setdefault(name, where)
        elif kind.isupper():
            defined.add(name)
    return defined, {s: w for s, w in wanted.items() if s not in defined and not MACHINERY.match(s)}


def check(nm, core, archives):
    known = {archive: symbols(nm, archive.lstrip("+")) for archive in [core] + archives}
    ours = set().union(*(defined for defined, _ in known.values()))
    faults = []
    for archive, (_, wanted) in known.items():
        if archive.startswith("+"):
            continue
        may = CORE_MAY if archive == core else BASE_MAY | MORE.get(os.path.basename(archive), set())
        for name, where in sorted(wanted.items()):
            banned = archive == core and NOT_FOR_CORE.match(name)
            if banned or (name not in ours and plain(name) not in may):
                faults.append(f"{os.path.basename(archive)}({where}) calls {name}")
    return faults


BAD = {
    "time": "#include <time.h>\nlong f(void); long f(void) { return (long)time(0); }",
    "clock_gettime": "#include <time.h>\nint f(struct timespec *t); int f(struct timespec *t) { return clock_gettime(1, t); }",
    "printf": '#include <stdio.h>\nint f(int x); int f(int x) { return printf("%d", x); }',
    "open": "#include <fcntl.h>\nint f(const char *p); int f(const char *p) { return open(p, 0); }",
    "rand": "#include <stdlib.h>\nint f(void); int f(void) { return rand(); }",
    "malloc": "#include <stdlib.h>\nvoid *f(unsigned long n); void *f(unsigned long n) { return malloc(n); }",
    "strtod": "#include <stdlib.h>\nint f(const char *s); int f(const char *s) { return (int)strtod(s, 0); }",
    "setlocale": "#include <locale.h>\nchar *f(void); char *f(void) { return setlocale(LC_ALL, 0); }",
    "getenv": '#include <stdlib.h>\nchar *f(void); char *f(void) { return getenv("TZ"); }',
    "pthread_self": "#include <pthread.h>\nlong f(void); long f(void) { return (long)pthread_self(); }",
    "zmq_send": "int zmq_send(void *); int f(void *p); int f(void *p) { return zmq_send(p); }",
    "log_event": "void log_event(int); void f(void); void f(void) { log_event(1); }",
}
GOOD = ("#include <string.h>\nvoid *own(void *); void *f(void *p); void *f(void *p)\n"
        "{ memset(p, 1, strlen(p)); return own(p); }")


def archive_of(cc, folder, name, text):
    source, obj, out = (os.path.join(folder, name + end) for end in (".c", ".o", ".a"))
    with open(source, "w", encoding="utf-8") as f:
        f.write(text + "\n")
    subprocess.run([cc, "-fno-builtin", "-c", source, "-o", obj], check=True)
    subprocess.run(["ar", "rcs", out, obj], check=True)
    return out


def self_test(nm, cc):
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        base = archive_of(cc, folder, "base", "void *own(void *p) { return p; }\nvoid log_event(int x) { (void)x; }")
        for symbol, text in BAD.items():
            faults = check(nm, archive_of(cc, folder, "core_" + symbol, text), [base])
            if len(faults) != 1 or not faults[0].endswith("calls " + symbol):
                print(f"not caught: {symbol} ({faults})")
                missed += 1
        faults = check(nm, archive_of(cc, folder, "core_good", GOOD), [base])
        bad_base = archive_of(cc, folder, "bad_base", "#include <stdio.h>\nvoid *own(void *p) { puts(p); return p; }")
        through = check(nm, os.path.join(folder, "core_good.a"), [bad_base])
        if faults or len(through) != 1:
            print(f"the good core: {faults}; a base that prints: {through}")
            missed += 1
    print(f"{len(BAD) + 1 - missed} of {len(BAD) + 1} samples judged rightly")
    return missed == 0


def main():
    args = sys.argv[1:]
    if len(args) == 3 and args[0] == "--self-test":
        sys.exit(0 if self_test(args[1], args[2]) else 1)
    if len(args) < 3:
        sys.exit(__doc__)
    faults = check(args[0], args[1], args[2:])
    print("\n".join(faults) if faults else "the core calls nothing outside the list")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
