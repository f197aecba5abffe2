/* tests/bench/rules.c - what an event, a load and a check cost with ever more rules.
 *
 * Sites are made up (rules_make.h). An event is matched by ruleset_match, as the router asks it; beside it
 * the same with the reasons of a decision record (expl.), and by a walk over every rule. Parsing is
 * syntax_parse (bison and flex, the tree); a load is site_compile: parsing, checking, comparing all rules,
 * making the index. One thread, its processor time; medians. usage: bench_rules [--rounds N] [--ms N]
 * [--json] | bench_rules --print N spread|one | bench_rules --match N spread|one (three seconds of matching
 * alone, for perf) */
#include "base/memory.h"
#include "base/prng.h"
#include "rules/compiled.h"
#include "rules/syntax/parse.h"
#include "tests/bench/rules_make.h"
#include "tests/rules/site_fixture.h"

#include <time.h>

enum { EVENTS = 4096, ROUNDS_MAX = 99, SIZES = 4 };

static const size_t sizes[SIZES] = { 10, 100, 1000, 10000 };
static const char *const mixes[] = { "spread", "one" };

static unsigned rounds = 9, round_ms = 100;
static volatile size_t kept_result;

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "bench_rules: %s\n", what);
    exit(2);
}

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return a < b ? -1 : a > b;
}

static double median(double *list, size_t count)
{
    qsort(list, count, sizeof *list, by_size);
    return list[count / 2];
}

/* --- the site --------------------------------------------------------------------------------------------
 */

struct bench {
    struct buf rules;
    struct fileset *files;
    struct site *site;
    struct event *events;
    struct arena *arena;
    double match[ROUNDS_MAX], explain[ROUNDS_MAX], walk[ROUNDS_MAX], load_ms[ROUNDS_MAX],
        parse_ms[ROUNDS_MAX];
    double owned; /* share of the events that a rule owns */
    size_t bytes, memory;
};

static struct catalogue *known_codes(void)
{
    static struct catalogue *c;
    struct error err = { .code = ERROR_NONE };

    if (c == NULL) {
        c = catalogue_new();
        if (!catalogue_add_builtin(c, &err))
            fail("catalogue");
    }
    return c;
}

static void load(struct bench *b)
{
    struct diagnostics d;
    struct arena *a = arena_new();
    struct buf out = buf_make(1 << 20);

    diagnostics_init(&d, a, NULL, 0);
    b->site = fixture_compile(b->files, &d);
    if (b->site == NULL) {
        diagnostics_text(&d, false, &out);
        fprintf(stderr, "%.*s\n", (int)(out.len < 4000 ? out.len : 4000), out.ptr);
        fail("the site does not compile");
    }
    diagnostics_free(&d);
    buf_free(&out);
    arena_free(&a);
}

static struct event one_event(struct prng *r, const struct catalogue_row *code)
{
    static const char *const flags[] = { "fall-risk", "dnr", "isolation" };
    static char wards[MAKE_WARDS][4], beds[99][4];
    unsigned ward = (unsigned)prng_below(r, MAKE_WARDS), bed = (unsigned)prng_below(r, 62);
    struct event e = event_empty(code->kind, code->kind == EVENT_ALARM ? PHASE_STARTS : PHASE_FINAL);

    snprintf(wards[ward], sizeof wards[ward], "W%02u", ward % 100);
    snprintf(beds[bed], sizeof beds[bed], "%02u", (bed + 1) % 100);
    e.code = code->name;
    e.class = code->class;
    e.listener = SLICE("telemetry");
    e.place.unit = slice_of(wards[ward]);
    e.place.bed = slice_of(beds[bed]);
    e.time_us = 1792022400 * TIME_S;
    e.patient.flag_count = prng_below(r, 3);
    for (size_t i = 0; i < e.patient.flag_count; i++)
        e.patient.flags[i] = slice_of(flags[prng_below(r, 3)]);
    struct decimal value = { (int64_t)prng_below(r, 100), 0 };
    e.value = (struct quantity){ .state = QUANTITY_EXACT,
                                 .has_low = true,
                                 .has_high = true,
                                 .low = value,
                                 .high = value,
                                 .unit = code->unit };
    return e;
}

static void make_bench(struct bench *b, size_t count, enum make_mix mix)
{
    struct prng r = prng_make(count);
    const struct catalogue_row *codes[512];
    size_t code_count = make_codes(known_codes(), mix, codes, 512);
    struct buf site = buf_make(1 << 20);
    struct error err = { .code = ERROR_NONE };

    *b = (struct bench){ .rules = buf_make(1 << 26), .arena = arena_new(), .files = fileset_new() };
    make_site(&site);
    make_rules(&b->rules, known_codes(), count, mix);
    b->bytes = b->rules.len;
    if (!fileset_add(b->files, SLICE("site.bell"), buf_slice(&site), &err) ||
        !fileset_add(b->files, SLICE("rules.bell"), buf_slice(&b->rules), &err))
        fail(err.message);
    buf_free(&site);
    load(b);
    b->memory = arena_used(b->site->arena);
    b->events = memory_array(EVENTS, sizeof *b->events);
    for (size_t i = 0; i < EVENTS; i++)
        b->events[i] = one_event(&r, codes[prng_below(&r, code_count)]);
}

static void free_bench(struct bench *b)
{
    site_free(&b->site);
    fileset_free(&b->files);
    buf_free(&b->rules);
    arena_free(&b->arena);
    free(b->events);
}

/* --- what is measured ------------------------------------------------------------------------------------
 */

static double time_match(struct bench *b, bool explain)
{
    struct eval_now now = { .wall_us = 1792022400 * TIME_S, .zone = b->site->zone };
    double start = cpu_ns(), spent = 0;
    size_t done = 0, owned = 0;

    do {
        for (size_t i = 0; i < EVENTS; i++) {
            struct match m;
            arena_reset(b->arena);
            ruleset_match(b->site->rules, &b->events[i], &now, explain, b->arena, &m);
            owned += !rule_is_default(m.owner);
        }
        done += EVENTS;
        spent = cpu_ns() - start;
    } while (spent < round_ms * 1e6);
    b->owned = (double)owned / (double)done;
    return spent / (double)done;
}

/* Every rule of the kind is asked, as without an index. */
static double time_walk(struct bench *b)
{
    struct eval_now now = { .wall_us = 1792022400 * TIME_S, .zone = b->site->zone };
    const struct ruleset *r = b->site->rules;
    double start = cpu_ns(), spent = 0;
    size_t done = 0, matched = 0;

    do {
        const struct event *e = &b->events[done++ * 61 % EVENTS];
        for (size_t i = 0; i < r->count; i++)
            matched += r->rules[i].kind == e->kind && cond_holds(&r->rules[i].when, e, &now, b->arena);
        spent = cpu_ns() - start;
    } while (spent < round_ms * 1e6);
    kept_result += matched;
    return spent / (double)done;
}

static double time_parse(struct bench *b)
{
    struct source_file file = { SLICE("rules.bell"), buf_slice(&b->rules) };
    struct arena *a = arena_new();
    struct diagnostics d;
    double start = cpu_ns();

    diagnostics_init(&d, a, &file, 1);
    kept_result += syntax_parse(a, &file, 1, &d) != NULL;
    double spent = cpu_ns() - start;
    diagnostics_free(&d);
    arena_free(&a);
    return spent / 1e6;
}

static double time_load(struct bench *b)
{
    site_free(&b->site);
    double start = cpu_ns();
    load(b);
    return (cpu_ns() - start) / 1e6;
}

struct row {
    double match, explain, walk, parse, load, owned;
    size_t bytes, memory;
};

/* The sizes take turns within a round, so that a busy machine slows all of them. */
static void measure(struct row rows[SIZES], enum make_mix mix)
{
    static struct bench b[SIZES];

    for (size_t i = 0; i < SIZES; i++)
        make_bench(&b[i], sizes[i], mix);
    for (unsigned n = 0; n < rounds; n++)
        for (size_t i = 0; i < SIZES; i++) {
            b[i].parse_ms[n] = time_parse(&b[i]);
            b[i].load_ms[n] = time_load(&b[i]);
            b[i].match[n] = time_match(&b[i], false);
            b[i].explain[n] = time_match(&b[i], true);
            b[i].walk[n] = time_walk(&b[i]);
        }
    for (size_t i = 0; i < SIZES; i++) {
        rows[i] = (struct row){ median(b[i].match, rounds),
                                median(b[i].explain, rounds),
                                median(b[i].walk, rounds),
                                median(b[i].parse_ms, rounds),
                                median(b[i].load_ms, rounds),
                                b[i].owned,
                                b[i].bytes,
                                b[i].memory };
        free_bench(&b[i]);
    }
}

/* --- what is told ----------------------------------------------------------------------------------------
 */

static void tell_rows(const struct row *rows, enum make_mix mix, bool json)
{
    for (size_t i = 0; i < SIZES; i++) {
        const struct row *r = &rows[i];
        if (json)
            printf("%s\n    { \"mix\": \"%s\", \"rules\": %zu, \"match_ns\": %.1f, \"explained_ns\": %.1f, "
                   "\"walk_ns\": %.1f, "
                   "\"owned\": %.3f, \"parse_ms\": %.3f, \"load_ms\": %.3f, \"text_bytes\": %zu, "
                   "\"memory_bytes\": %zu }",
                   i > 0 || mix > 0 ? "," : "", mixes[mix], sizes[i], r->match, r->explain, r->walk, r->owned,
                   r->parse, r->load, r->bytes, r->memory);
        else
            printf("%-7s %7zu %9.0f %9.0f %11.0f %7.0f %% %9.2f %9.2f %7.1f %8.1f\n", mixes[mix], sizes[i],
                   r->match, r->explain, r->walk, 100 * r->owned, r->parse, r->load, r->load / r->parse,
                   (double)r->memory / 1e6);
    }
}

static void tell_goal(bool json, bool first, const char *what, double value, const char *unit, double most)
{
    bool met = value <= most;

    if (json)
        printf("%s\n    { \"goal\": \"%s\", \"value\": %.3f, \"most\": %.1f, \"met\": %s }", first ? "" : ",",
               what, value, most, met ? "true" : "false");
    else
        printf("  %s  %s: %.2f%s (at most %g)\n", met ? "met   " : "MISSED", what, value, unit, most);
}

static void tell_goals(const struct row *spread, const struct row *one, bool json)
{
    printf(json ? "\n  ],\n  \"goals\": [" : "\ngoals\n");
    tell_goal(json, true, "an event with 10,000 rules, in events with 10", spread[3].match / spread[0].match,
              "", 1.2);
    tell_goal(json, false, "10,000 rules loaded, in times of parsing them", spread[3].load / spread[3].parse,
              "", 5);
    tell_goal(json, false, "10,000 rules checked, all overlaps, seconds", spread[3].load / 1000, " s", 2);
    tell_goal(json, false, "the same all on one code, seconds", one[3].load / 1000, " s", 2);
    printf(json ? "\n  ]\n}\n" : "");
}

static int print_rules(const char *count, const char *mix)
{
    struct buf out = buf_make(1 << 28);

    make_site(&out);
    make_rules(&out, known_codes(), strtoul(count, NULL, 10),
               strcmp(mix, "one") == 0 ? MAKE_ONE_CODE : MAKE_SPREAD);
    fwrite(out.ptr, 1, out.len, stdout);
    buf_free(&out);
    return 0;
}

/* Nothing but matching, for a profiler. */
static int match_only(const char *count, const char *mix)
{
    static struct bench b;

    round_ms = 3000;
    make_bench(&b, strtoul(count, NULL, 10), strcmp(mix, "one") == 0 ? MAKE_ONE_CODE : MAKE_SPREAD);
    printf("%.0f ns an event\n", time_match(&b, false));
    free_bench(&b);
    return 0;
}

int main(int argc, char **argv)
{
    struct row rows[2][SIZES];
    bool json = false;

    if (argc == 4 && strcmp(argv[1], "--print") == 0)
        return print_rules(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "--match") == 0)
        return match_only(argv[2], argv[3]);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (i + 1 < argc && strcmp(argv[i], "--rounds") == 0)
            rounds = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--ms") == 0)
            round_ms = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            fail("usage: bench_rules [--rounds N] [--ms N] [--json] | --print N spread|one | --match N "
                 "spread|one");
    rounds = rounds == 0 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    if (json)
        printf("{ \"rows\": [");
    else
        printf("mix       rules  match ns  expl. ns     walk ns    owned  parse ms   load ms  l/parse memory "
               "MB\n");
    for (enum make_mix mix = MAKE_SPREAD; mix <= MAKE_ONE_CODE; mix++) {
        measure(rows[mix], mix);
        tell_rows(rows[mix], mix, json);
    }
    tell_goals(rows[MAKE_SPREAD], rows[MAKE_ONE_CODE], json);
    return 0;
}
