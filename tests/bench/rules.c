/* tests/bench/rules.c - what an event, a load and a check cost with ever more rules.
 *
 * Sites are made up (rules_make.h). An event goes whole through the core (rules_whole.h: alarm, result): an
 * HL7 v2 message is read, mapped, matched, decided and recorded. The match alone is ruleset_match, as the
 * router asks it; beside it the same with the reasons of a decision record (expl.), and a walk over every
 * rule. Parsing is syntax_parse (bison and flex, the tree); a load is site_compile: parsing, checking,
 * comparing all rules, making the index. One thread, its processor time; medians. usage: bench_rules
 * [--rounds N] [--ms N]
 * [--json] | bench_rules --print N MIX | bench_rules --match|--load|--alarms N MIX (three seconds of that
 * alone, for perf); MIX is same, spread or one */
#include "base/memory.h"
#include "base/prng.h"
#include "rules/compiled.h"
#include "rules/syntax/parse.h"
#include "tests/bench/rules_make.h"
#include "tests/bench/rules_whole.h"
#include "tests/rules/site_fixture.h"

#include <time.h>

enum { EVENTS = 4096, ROUNDS_MAX = 99, SIZES = 4 };

static const size_t sizes[SIZES] = { 10, 100, 1000, 10000 };
static const char *const mixes[] = { "same", "spread", "one" };

static unsigned rounds = 9, round_ms = 100;
static volatile size_t kept_result;
static size_t kept_bytes;

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
    struct buf fileset, alarms[WHOLE_MESSAGES], results[WHOLE_MESSAGES]; /* as bytes */
    bool has_alarms, has_results;
    struct arena *arena;
    double alarm_us[ROUNDS_MAX], result_us[ROUNDS_MAX], match[ROUNDS_MAX], explain[ROUNDS_MAX],
        walk[ROUNDS_MAX], load_ms[ROUNDS_MAX], parse_ms[ROUNDS_MAX];
    double owned, meets, whole_owned; /* shares that a rule owns; how many rules one event meets */
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

/* Where events of this mix come from: of SAME the places that its ward rules are for. */
static struct make_at one_place(struct prng *r, enum make_mix mix, size_t rules, enum event_kind kind)
{
    const struct catalogue_row *codes[MAKE_CODES_MAX];
    size_t count = make_codes_used(mix, rules, codes, make_codes(known_codes(), mix, codes, MAKE_CODES_MAX));
    struct make_at at;

    do {
        size_t first = mix == MAKE_SAME ? count : 0, wards = make_wards(mix);
        at = make_place(mix, codes, count, first + prng_below(r, rules > first ? rules - first : 1));
        if (mix != MAKE_SAME) {
            at.code = codes[prng_below(r, count)];
            at.ward = (unsigned)prng_below(r, wards);
        }
        at.bed = (unsigned)prng_below(r, 62) + 1;
    } while (kind != EVENT_KIND_COUNT && at.code->kind != kind);
    return at;
}

static struct event one_event(struct prng *r, enum make_mix mix, size_t rules)
{
    static const char *const flags[] = { "fall-risk", "dnr", "isolation" };
    static char wards[MAKE_MORE_WARDS][8], beds[99][4];
    struct make_at at = one_place(r, mix, rules, EVENT_KIND_COUNT);
    const struct catalogue_row *code = at.code;
    struct event e = event_empty(code->kind, code->kind == EVENT_ALARM ? PHASE_STARTS : PHASE_FINAL);

    snprintf(wards[at.ward], sizeof wards[at.ward], "W%02u", at.ward % 1000);
    snprintf(beds[at.bed], sizeof beds[at.bed], "%02u", at.bed % 100);
    e.code = code->name;
    e.class = code->class;
    e.listener = SLICE("telemetry");
    e.place.unit = slice_of(wards[at.ward]);
    e.place.bed = slice_of(beds[at.bed]);
    e.time_us = WHOLE_WALL_US;
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

static void make_messages(struct bench *b, struct prng *r, enum make_mix mix, size_t rules)
{
    b->has_alarms = true;
    b->has_results = mix != MAKE_ONE_CODE && rules > 2;
    for (unsigned i = 0; i < WHOLE_MESSAGES; i++) {
        b->alarms[i] = buf_make(8192);
        b->results[i] = buf_make(8192);
        struct make_at at = one_place(r, mix, rules, EVENT_ALARM);
        whole_alarm(&b->alarms[i], &at, i);
        if (b->has_results)
            at = one_place(r, mix, rules, EVENT_RESULT);
        whole_result(&b->results[i], &at, i);
    }
}

static double rules_met(const struct bench *b)
{
    struct eval_now now = { .wall_us = WHOLE_WALL_US, .zone = b->site->zone };
    const struct ruleset *r = b->site->rules;
    size_t met = 0;

    for (size_t i = 0; i < 256; i++) {
        arena_reset(b->arena);
        for (size_t k = 0; k < r->count; k++)
            met += r->rules[k].kind == b->events[i].kind &&
                   cond_holds(&r->rules[k].when, &b->events[i], &now, b->arena);
    }
    return (double)met / 256;
}

static void make_bench(struct bench *b, size_t count, enum make_mix mix)
{
    struct prng r = prng_make(count);
    struct buf site = buf_make(1 << 20);
    struct error err = { .code = ERROR_NONE };

    *b = (struct bench){
        .rules = buf_make(1 << 26), .fileset = buf_make(1 << 27), .arena = arena_new(), .files = fileset_new()
    };
    make_site(&site, mix);
    make_rules(&b->rules, known_codes(), count, mix);
    b->bytes = b->rules.len;
    if (!fileset_add(b->files, SLICE("site.bell"), buf_slice(&site), &err) ||
        !fileset_add(b->files, SLICE("rules.bell"), buf_slice(&b->rules), &err))
        fail(err.message);
    fileset_write(&b->fileset, b->files);
    buf_free(&site);
    load(b);
    b->memory = arena_used(b->site->arena);
    b->events = memory_array(EVENTS, sizeof *b->events);
    for (size_t i = 0; i < EVENTS; i++)
        b->events[i] = one_event(&r, mix, count);
    b->meets = rules_met(b);
    make_messages(b, &r, mix, count);
}

static void free_bench(struct bench *b)
{
    for (unsigned i = 0; i < WHOLE_MESSAGES; i++) {
        buf_free(&b->alarms[i]);
        buf_free(&b->results[i]);
    }
    site_free(&b->site);
    fileset_free(&b->files);
    buf_free(&b->rules);
    buf_free(&b->fileset);
    arena_free(&b->arena);
    free(b->events);
}

/* --- what is measured ------------------------------------------------------------------------------------
 */

static double time_match(struct bench *b, bool explain)
{
    struct eval_now now = { .wall_us = WHOLE_WALL_US, .zone = b->site->zone };
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

static struct site *compile_again(void *ctx, struct slice bytes, struct error *err)
{
    struct diagnostics d;
    struct arena *a = arena_new();
    struct fileset *files = fileset_read(bytes, err);

    (void)ctx;
    diagnostics_init(&d, a, NULL, 0);
    struct site *site = files != NULL ? fixture_compile(files, &d) : NULL;
    diagnostics_free(&d);
    fileset_free(&files);
    arena_free(&a);
    return site;
}

static void send_some(struct lab *lab, const struct buf *wires, size_t count)
{
    struct buf append = buf_make(1 << 26);

    for (size_t i = 0; i < count; i++) {
        buf_reset(&append);
        uint64_t key[2] = { (uint64_t)(uintptr_t)&wires[i], 1 };
        if (!whole_send(lab, buf_slice(&wires[i]), key, &append, &kept_bytes))
            fail("a message is refused");
    }
    buf_free(&append);
}

/* Microseconds a message; the share that rules own. */
static double time_whole(struct bench *b, struct lab *lab, const struct buf *wires)
{
    uint64_t owned = whole_owned(lab->core, b->arena);

    send_some(lab, wires, WHOLE_WARM);
    double start = cpu_ns();
    send_some(lab, wires + WHOLE_WARM, WHOLE_TIMED);
    double spent = (cpu_ns() - start) / WHOLE_TIMED / 1e3;
    b->whole_owned = (double)(whole_owned(lab->core, b->arena) - owned) / WHOLE_MESSAGES;
    return spent;
}

static struct lab *whole_lab(struct bench *b)
{
    struct lab_options o = { .compile_site = compile_again,
                             .fileset = buf_slice(&b->fileset),
                             .wall_us = WHOLE_WALL_US,
                             .alone = true };
    struct lab *lab = lab_new(&o);

    if (lab->broken || !lab_enrol(lab, "ana") || !lab_enrol(lab, "operator"))
        fail("the core does not take the site");
    return lab;
}

/* A new core each time: the same number of alerts is open in every size. */
static void measure_whole(struct bench *b, unsigned round)
{
    struct lab *lab = whole_lab(b);

    arena_reset(b->arena);
    b->alarm_us[round] = time_whole(b, lab, b->alarms);
    if (b->has_results)
        b->result_us[round] = time_whole(b, lab, b->results);
    lab_free(&lab);
}

/* Every rule of the kind is asked, as without an index. */
static double time_walk(struct bench *b)
{
    struct eval_now now = { .wall_us = WHOLE_WALL_US, .zone = b->site->zone };
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
    double alarm, result, match, explain, walk, parse, load, owned, meets, whole_owned;
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
            measure_whole(&b[i], n);
            b[i].match[n] = time_match(&b[i], false);
            b[i].explain[n] = time_match(&b[i], true);
            b[i].walk[n] = time_walk(&b[i]);
        }
    for (size_t i = 0; i < SIZES; i++) {
        rows[i] = (struct row){ .alarm = median(b[i].alarm_us, rounds),
                                .result = median(b[i].result_us, rounds),
                                .match = median(b[i].match, rounds),
                                .explain = median(b[i].explain, rounds),
                                .walk = median(b[i].walk, rounds),
                                .parse = median(b[i].parse_ms, rounds),
                                .load = median(b[i].load_ms, rounds),
                                .owned = b[i].owned,
                                .meets = b[i].meets,
                                .whole_owned = b[i].whole_owned,
                                .bytes = b[i].bytes,
                                .memory = b[i].memory };
        free_bench(&b[i]);
    }
}

/* --- what is told ----------------------------------------------------------------------------------------
 */

static void tell_row_json(const struct row *r, const char *mix, size_t size, bool first)
{
    printf("%s\n    { \"mix\": \"%s\", \"rules\": %zu, \"alarm_us\": %.2f, \"result_us\": %.2f, "
           "\"match_ns\": %.1f, \"explained_ns\": %.1f, \"walk_ns\": %.1f, ",
           first ? "" : ",", mix, size, r->alarm, r->result, r->match, r->explain, r->walk);
    printf("\"owned\": %.3f, \"met\": %.2f, \"parse_ms\": %.3f, \"load_ms\": %.3f, \"text_bytes\": %zu, "
           "\"memory_bytes\": %zu }",
           r->owned, r->meets, r->parse, r->load, r->bytes, r->memory);
}

static void tell_rows(const struct row *rows, enum make_mix mix, bool json)
{
    for (size_t i = 0; i < SIZES; i++) {
        const struct row *r = &rows[i];
        if (json) {
            tell_row_json(r, mixes[mix], sizes[i], i == 0 && mix == 0);
            continue;
        }
        printf("%-7s %6zu %8.1f %9.1f %8.0f %8.0f %9.0f %6.0f %% %5.1f %8.2f %8.2f %7.1f %6.1f\n", mixes[mix],
               sizes[i], r->alarm, r->result, r->match, r->explain, r->walk, 100 * r->owned, r->meets,
               r->parse, r->load, r->load / r->parse, (double)r->memory / 1e6);
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

static void tell_goals(struct row rows[MAKE_MIXES][SIZES], bool json)
{
    const struct row *same = rows[MAKE_SAME], *spread = rows[MAKE_SPREAD], *one = rows[MAKE_ONE_CODE];

    printf(json ? "\n  ],\n  \"goals\": [" : "\ngoals\n");
    tell_goal(json, true, "an alarm with 10,000 rules, in alarms with 10", same[3].alarm / same[0].alarm, "",
              1.2);
    tell_goal(json, false, "a result with 10,000 rules, in results with 10", same[3].result / same[0].result,
              "", 1.2);
    tell_goal(json, false, "10,000 rules loaded, in times of parsing them", spread[3].load / spread[3].parse,
              "", 5);
    tell_goal(json, false, "1,000 rules loaded, in times of parsing them", spread[2].load / spread[2].parse,
              "", 5);
    tell_goal(json, false, "10,000 on one code loaded, in times of parsing them", one[3].load / one[3].parse,
              "", 5);
    tell_goal(json, false, "10,000 rules checked, all overlaps, seconds", spread[3].load / 1000, " s", 2);
    tell_goal(json, false, "the same all on one code, seconds", one[3].load / 1000, " s", 2);
    printf(json ? "\n  ]\n}\n" : "");
}

static enum make_mix mix_of(const char *name)
{
    for (enum make_mix mix = MAKE_SAME; mix < MAKE_MIXES; mix++)
        if (strcmp(name, mixes[mix]) == 0)
            return mix;
    fail("a mix is same, spread or one");
}

static int print_rules(const char *count, const char *mix)
{
    struct buf out = buf_make(1 << 28);

    make_site(&out, mix_of(mix));
    make_rules(&out, known_codes(), strtoul(count, NULL, 10), mix_of(mix));
    fwrite(out.ptr, 1, out.len, stdout);
    buf_free(&out);
    return 0;
}

/* Nothing but one thing, again and again, for a profiler. */
static int one_thing(const char *what, const char *count, const char *mix)
{
    static struct bench b;
    double start = cpu_ns();

    round_ms = 3000;
    make_bench(&b, strtoul(count, NULL, 10), mix_of(mix));
    if (strcmp(what, "--match") == 0)
        printf("%.0f ns an event\n", time_match(&b, false));
    else if (strcmp(what, "--load") == 0)
        for (unsigned i = 0; i == 0 || cpu_ns() - start < 3e9; i++)
            printf("%.1f ms a load\n", time_load(&b));
    else
        for (unsigned i = 0; i == 0 || cpu_ns() - start < 3e9; i++) {
            measure_whole(&b, 0);
            printf("%.1f us an alarm, %.1f us a result\n", b.alarm_us[0], b.result_us[0]);
        }
    free_bench(&b);
    return 0;
}

int main(int argc, char **argv)
{
    struct row rows[MAKE_MIXES][SIZES];
    bool json = false;

    if (argc == 4 && strcmp(argv[1], "--print") == 0)
        return print_rules(argv[2], argv[3]);
    if (argc == 4 && (strcmp(argv[1], "--match") == 0 || strcmp(argv[1], "--load") == 0 ||
                      strcmp(argv[1], "--alarms") == 0))
        return one_thing(argv[1], argv[2], argv[3]);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (i + 1 < argc && strcmp(argv[i], "--rounds") == 0)
            rounds = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--ms") == 0)
            round_ms = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            fail("usage: bench_rules [--rounds N] [--ms N] [--json] | --print N MIX | "
                 "--match|--load|--alarms N MIX");
    rounds = rounds == 0 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    if (json)
        printf("{ \"rows\": [");
    else
        printf(
            "mix      rules alarm us result us match ns expl. ns   walk ns    owned   met parse ms  load ms "
            "l/parse     MB\n");
    for (enum make_mix mix = MAKE_SAME; mix < MAKE_MIXES; mix++) {
        measure(rows[mix], mix);
        tell_rows(rows[mix], mix, json);
    }
    tell_goals(rows, json);
    return 0;
}
