/* Helpers of the lab's tests: a site out of texts, and its tests run. */
#ifndef NIGHTBELL_TESTS_LAB_SITE_HELP_H
#define NIGHTBELL_TESTS_LAB_SITE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program's table alone, without the program. */
#include "nightbell/block_schemas.c"

static inline struct site *help_compile(void *ctx, struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct arena *arena = arena_new();
    struct diagnostics d;
    size_t count, *compiled = ctx;
    const struct block_schema *schemas = block_schemas(&count);

    if (compiled != NULL)
        ++*compiled;
    diagnostics_init(&d, arena, NULL, 0);
    struct site *site = files != NULL ? site_compile(files, schemas, count, &d) : NULL;
    if (site == NULL)
        error_set(err, ERROR_VALUE, "the site does not compile: %.*s",
                  d.count > 0 ? (int)d.items[0].message.len : 1, d.count > 0 ? d.items[0].message.ptr : "?");
    diagnostics_free(&d);
    arena_free(&arena);
    fileset_free(&files);
    return site;
}

/* A whole file; free() its bytes. */
static inline struct slice help_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    struct buf b = buf_make(1 << 24);
    char piece[4096];
    size_t got;

    if (in == NULL)
        fail_msg("%s cannot be read", path);
    while ((got = fread(piece, 1, sizeof piece, in)) > 0)
        buf_bytes(&b, piece, got);
    fclose(in);
    char *bytes = malloc(b.len + 1);
    memcpy(bytes, b.ptr, b.len);
    bytes[b.len] = '\0';
    struct slice s = { bytes, b.len };
    buf_free(&b);
    return s;
}

static inline void help_add_file(struct fileset *f, const char *name, const char *path)
{
    struct slice bytes = help_file(path);

    assert_true(fileset_add(f, slice_of(name), bytes, NULL));
    free((void *)(uintptr_t)bytes.ptr);
}

static inline struct fileset *help_files(void)
{
    struct fileset *f = fileset_new();

    help_add_file(f, "tz/America/Chicago", "/usr/share/zoneinfo/America/Chicago");
    return f;
}

/* The examples of the language with what stands beside them: each of their desks is rung on a phone. */
static inline struct fileset *help_language(void)
{
    struct fileset *f = help_files();
    struct slice text = help_file(PROJECT_DIR "/tests/rules/bell/examples.bell"), rest = text;
    struct buf out = buf_make(1 << 20);

    while (rest.len > 0) {
        struct slice line = slice_cut(&rest, '\n');
        buf_put(&out, line);
        buf_text(&out, slice_starts(line, SLICE("desk ")) ? " reach phones\n" : "\n");
    }
    assert_true(fileset_add(f, SLICE("examples.bell"), buf_slice(&out), NULL));
    help_add_file(f, "fixture.bell", PROJECT_DIR "/tests/lab/language/fixture.bell");
    buf_free(&out);
    free((void *)(uintptr_t)text.ptr);
    return f;
}

/* A small ward for tests of the runner itself; its tests come beside it. */
#define HELP_WARD                                                                                            \
    "language 1\n"                                                                                           \
    "site ward timezone \"America/Chicago\"\n"                                                               \
    "shift night = 19:00-07:00\n"                                                                            \
    "switch storm \"Storm\" set by charge-nurse max 4h\n"                                                    \
    "desk operator \"Operator\" staffed always relay reach phones\n"                                         \
    "desk front    \"Front desk\" staffed always reach phones\n"                                             \
    "unit \"5W\" \"Ward\" { beds \"01\" to \"24\" fallback desk front }\n"                                   \
    "unit \"6E\" \"Other ward\" { beds \"01\" to \"10\" fallback desk front }\n"                             \
    "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"                                                      \
    "endpoint jose pagers { url \"https://gateway.example/a\" key \"keys/g.jwk\" }\n"                        \
    "listen mllp monitors { on \"127.0.0.1:2575\" patient authority \"GH\" \"MR\" sends starts, ends "       \
    "expect every 60s }\n"                                                                                   \
    "listen fhir ehr { on \"127.0.0.1:8443\" client token tls server \"tls\" }\n"                            \
    "person ana   { may-hold primary-nurse, charge-nurse reach phones }\n"                                   \
    "person ben   { may-hold primary-nurse, charge-nurse reach phones }\n"                                   \
    "person carla { may-hold charge-nurse reach phones }\n"                                                  \
    "person mei   { reach pagers \"staff:mei\" }\n"                                                          \
    "person omar  { reach phones }\n"                                                                        \
    "assign ana primary-nurse of \"5W\"\n"                                                                   \
    "assign carla charge-nurse of \"5W\"\n"                                                                  \
    "assign ben primary-nurse of \"6E\"\n"                                                                   \
    "rota doctor { zone \"America/Chicago\" weekly from 2026-01-05 07:00 mei }\n"                            \
    "message plain { lock \"{class} {unit|?} {bed|?}\" full \"{code} {unit|?}-{bed|?} {value|?} "            \
    "{patient.initials|?}\" reply accept, decline, done, callback }\n"                                       \
    "default { notify primary-nurse else charge-nurse "                                                      \
    "after 2min if not accepted notify desk front repeat every 60s max 2 }\n"

struct help_run {
    struct arena *arena;
    struct lab_tests_report report;
    struct error error;
    size_t compiled;
    bool ran;
};

static inline struct help_run help_run(const struct fileset *files, const char *only, bool coverage)
{
    struct help_run h = { .arena = arena_new() };
    struct lab_tests_options o = {
        .compile_site = help_compile, .ctx = &h.compiled, .files = files, .only = only, .coverage = coverage
    };

    h.ran = lab_tests_run(&o, h.arena, &h.report, &h.error);
    return h;
}

static inline void help_done(struct help_run *h)
{
    arena_free(&h->arena);
}

/* The ward with more lines of its own. */
static inline struct fileset *help_ward(const char *more)
{
    struct fileset *f = help_files();

    assert_true(fileset_add(f, SLICE("ward.bell"), SLICE(HELP_WARD), NULL));
    assert_true(fileset_add(f, SLICE("more.bell"), slice_of(more), NULL));
    return f;
}

#endif
