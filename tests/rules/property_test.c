/* The index and the order give what a look at every rule gives: random rule sets, random events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/check/proof.h"
#include "tests/rules/naive.h"

/* 100,000 cases. NIGHTBELL_SEED in the environment tries another seed, NIGHTBELL_SETS more of them. */
enum { SEED = 20261122, SETS = 1000, EVENTS = 100 };

#define LIST(...)                                                                                            \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }
#define KIND(k)     (1u << EVENT_##k)
#define EVERY_KIND  (KIND(ALARM) | KIND(RESULT) | KIND(APPOINTMENT))
#define MOST_VALUES 6

static const struct {
    enum naive_field field;
    unsigned kinds;
    bool always; /* never absent: takes no word */
    enum naive_op first, last;
    const char *values[MOST_VALUES];
} shapes[] = {
    { N_CODE, KIND(ALARM), true, OP_IS, OP_NOT_IN, LIST("vfib", "vtach", "asystole", "apnea", "spo2-low") },
    { N_CODE, KIND(ALARM), true, OP_IN, OP_NOT_IN, LIST("heart", "MDC:199806", "MDC:199944", "apnea") },
    { N_CODE, KIND(ALARM), true, OP_IN, OP_IN, LIST("heart", "apnea", "spo2-low") },
    { N_CODE, KIND(RESULT), true, OP_IS, OP_NOT_IN, LIST("potassium", "sodium") },
    { N_CLASS, EVERY_KIND, true, OP_IS, OP_NOT_IN, LIST("lethal", "high", "medium", "low", "info") },
    { N_SOURCE, EVERY_KIND, true, OP_IS, OP_NOT_IN, LIST("telemetry", "nurse-call", "lab") },
    { N_UNIT, KIND(ALARM) | KIND(RESULT), false, OP_IS, OP_NOT_IN, LIST("5W", "ICU") },
    { N_UNIT, KIND(ALARM) | KIND(RESULT), false, OP_IN, OP_NOT_IN, LIST("wards", "ICU") },
    { N_BED, KIND(ALARM) | KIND(RESULT), false, OP_IS, OP_NOT_IN, LIST("1", "2", "3") },
    { N_DEVICE_STATE, KIND(ALARM), false, OP_IS, OP_NOT_IN, LIST("on", "off", "standby", "not-ready") },
    { N_DEVICE_TYPE, KIND(ALARM), false, OP_LIKE, OP_LIKE, LIST("*pump*", "mon*", "*r", "*") },
    { N_SERVICE, EVERY_KIND, false, OP_IS, OP_NOT_IN, LIST("cardiology", "surgery") },
    { N_ABNORMAL, KIND(RESULT), true, OP_IS, OP_NOT_IN, LIST("normal", "critical-high", "high", "low") },
    { N_RAW, KIND(ALARM) | KIND(RESULT), false, OP_IS, OP_NOT_IN, LIST("H", "L", "5.5") },
    { N_FHIR, EVERY_KIND, false, OP_IS, OP_IS_NOT, LIST("H", "N") },
    { N_VALUE, KIND(ALARM) | KIND(RESULT), false, OP_LESS, OP_NUMBER_IN, { NULL } },
    { N_VALUE, KIND(ALARM) | KIND(RESULT), false, OP_LESS, OP_MORE_EQ, { NULL } },
    { N_RAW_NUMBER, KIND(ALARM) | KIND(RESULT), false, OP_LESS, OP_NUMBER_IN, { NULL } },
    { N_FLAGS, EVERY_KIND, false, OP_HAS, OP_HAS, LIST("fall-risk", "dnr", "isolation") },
    { N_START, KIND(APPOINTMENT), false, OP_WITHIN, OP_NOT_WITHIN, { NULL } },
    { N_CLOCK, EVERY_KIND, true, OP_DURING, OP_DURING, LIST("night", "day", "clinic", "storm") },
};

static const enum event_kind kinds[] = { EVENT_ALARM, EVENT_ALARM, EVENT_RESULT, EVENT_APPOINTMENT };
static const int bounds[] = { 35, 50, 55, 800, 900 };

/* --- random rules ----------------------------------------------------------------------------------------
 */

static void random_names(struct naive_atom *t, const char *const *values, struct prng *r)
{
    size_t count = 0, wanted = t->op == OP_IN || t->op == OP_NOT_IN ? 1 + prng_below(r, 3) : 1;

    while (count < MOST_VALUES && values[count] != NULL)
        count++;
    for (size_t i = 0; i < wanted; i++)
        t->names[i] = values[prng_below(r, count)];
    t->name_count = wanted;
}

static void random_bounds(struct naive_atom *t, enum event_kind kind, struct prng *r)
{
    t->name_count = t->op == OP_NUMBER_IN ? 1 + prng_below(r, 3) : 1;
    t->unit = t->field != N_VALUE ? "" : kind == EVENT_ALARM ? "%" : prng_below(r, 2) ? "mmol/L" : "umol/L";
    for (size_t i = 0; i < t->name_count; i++) {
        t->numbers[i] = bounds[prng_below(r, COUNT(bounds))];
        if (naive_same(t->unit, "umol/L"))
            t->numbers[i] *= 1000;
    }
}

static struct naive_atom random_atom(enum event_kind kind, bool words, struct prng *r)
{
    size_t at = prng_below(r, COUNT(shapes));
    struct naive_atom t = { .inverted = prng_below(r, 5) == 0, .unit = "" };

    while (!(shapes[at].kinds >> kind & 1))
        at = (at + 1) % COUNT(shapes);
    t.field = shapes[at].field;
    t.op =
        (enum naive_op)(shapes[at].first + prng_below(r, (uint64_t)(shapes[at].last - shapes[at].first) + 1));
    if (words && !shapes[at].always)
        t.word = prng_below(r, 2) ? WORD_MISSING : WORD_KNOWN;
    if (t.field == N_VALUE || t.field == N_RAW_NUMBER)
        random_bounds(&t, kind, r);
    else if (t.field == N_START)
        t.numbers[0] = 30 * (1 + (int)prng_below(r, 3));
    else
        random_names(&t, shapes[at].values, r);
    return t;
}

static struct naive_part random_part(enum event_kind kind, bool words, struct prng *r)
{
    struct naive_part p = { .count = 1 + prng_below(r, prng_below(r, 2) ? 1 : NAIVE_ATOMS) };

    p.any = prng_below(r, 2);
    p.inverted = prng_below(r, 6) == 0;
    for (size_t i = 0; i < p.count; i++)
        p.atoms[i] = random_atom(kind, words, r);
    return p;
}

static enum event_phase random_phase(enum event_kind kind, bool of_rule, struct prng *r)
{
    static const enum event_phase alarm[] = { PHASE_STARTS, PHASE_STARTS, PHASE_WORSENS, PHASE_UPDATES },
                                  result[] = { PHASE_FINAL, PHASE_FINAL, PHASE_CORRECTED },
                                  visit[] = { PHASE_CANCELLED, PHASE_BOOKED };

    if (kind == EVENT_ALARM)
        return alarm[prng_below(r, of_rule ? 3 : 4)];
    return kind == EVENT_RESULT ? result[prng_below(r, 3)] : visit[prng_below(r, 2)];
}

/* Some rules begin with the condition of one before them, so that one is narrower than the other. */
static void random_rule(struct naive_rule *rules, size_t at, struct prng *r)
{
    struct naive_rule *n = &rules[at];
    const struct naive_rule *like = at > 0 && prng_below(r, 2) ? &rules[prng_below(r, at)] : NULL;

    *n = (struct naive_rule){ .kind = like != NULL ? like->kind : kinds[prng_below(r, COUNT(kinds))] };
    snprintf(n->name, sizeof n->name, "%c%02d", (int)('a' + prng_below(r, 26)), (int)at);
    n->phase = like != NULL ? like->phase : random_phase(n->kind, true, r);
    n->mode = prng_below(r, 8) > 0 ? NAIVE_LIVE : prng_below(r, 2) ? NAIVE_DRAFT : NAIVE_SHADOW;
    n->copy = prng_below(r, 5) == 0;
    n->layer = prng_below(r, 4) > 0 ? 0 : 1 + prng_below(r, 2);
    n->ignores = n->kind == EVENT_RESULT && prng_below(r, 8) == 0;
    n->plan = n->ignores ? 2 : prng_below(r, 2);
    if (like != NULL && like->part_count < NAIVE_PARTS)
        for (size_t i = 0; i < like->part_count; i++)
            n->parts[n->part_count++] = like->parts[i];
    while (n->part_count == 0 || (n->part_count < NAIVE_PARTS && prng_below(r, 3) == 0) ||
           (like != NULL && n->part_count == like->part_count && n->part_count < NAIVE_PARTS))
        n->parts[n->part_count++] = random_part(n->kind, true, r);
    n->has_unless = prng_below(r, 4) == 0;
    n->unless = random_part(n->kind, false, r);
}

/* --- random events ---------------------------------------------------------------------------------------
 */

static const char *one_of(struct prng *r, const char *const *from, size_t count)
{
    return from[prng_below(r, count)];
}

static void random_texts(struct naive_event *e, struct prng *r)
{
    static const char *const values[N_TEXTS][MOST_VALUES] = {
        [N_CODE] = LIST("vfib", "vtach", "asystole", "apnea", "spo2-low", NULL),
        [N_CLASS] = LIST("lethal", "high", "medium", "low", "technical", "info"),
        [N_SOURCE] = LIST("telemetry", "nurse-call", "lab", "telemetry", "one-shot", "other"),
        [N_UNIT] = LIST("5W", "ICU", "OR", NULL, "5W", "ICU"),
        [N_BED] = LIST("1", "2", "3", "4", NULL, "1"),
        [N_DEVICE_STATE] = LIST("on", "off", "standby", "not-ready", NULL, NULL),
        [N_DEVICE_TYPE] = LIST("BigPumpX", "Monitor", "ventilator", NULL, "MON", "x"),
        [N_SERVICE] = LIST("cardiology", "surgery", "medicine", NULL, NULL, "surgery"),
        [N_ABNORMAL] = LIST("normal", "critical-high", "high", "low", "critical", "abnormal"),
    };
    static const char *const labs[] = { "potassium", "sodium", "glucose", NULL };

    for (int f = 0; f < N_TEXTS; f++)
        e->texts[f] = one_of(r, values[f], MOST_VALUES);
    if (e->kind == EVENT_RESULT)
        e->texts[N_CODE] = one_of(r, labs, COUNT(labs));
    if (e->kind == EVENT_APPOINTMENT)
        e->texts[N_CODE] = NULL;
}

static void random_number(struct naive_event *e, struct prng *r)
{
    static const char *const alarm_units[] = { "%", "%", "%", "mmol/L", "" }, *const lab_units[] = {
        "mmol/L", "mmol/L", "umol/L", "%"
    };
    uint64_t shape = prng_below(r, 6);

    e->has_value = shape > 0 && e->kind != EVENT_APPOINTMENT;
    e->unit = e->kind == EVENT_ALARM ? one_of(r, alarm_units, COUNT(alarm_units))
                                     : one_of(r, lab_units, COUNT(lab_units));
    e->low = e->high = bounds[prng_below(r, COUNT(bounds))] + (int)prng_below(r, 3) - 1;
    e->low_endless = shape == 4;
    e->high_endless = shape == 5;
    e->low_open = shape == 5 && prng_below(r, 2);
    e->high_open = shape == 4 && prng_below(r, 2);
    if (shape == 3) { /* both ends, never a single number */
        e->high += 1 + (int)prng_below(r, 900);
        e->low_open = prng_below(r, 2);
        e->high_open = prng_below(r, 2);
    }
    if (naive_same(e->unit, "umol/L")) {
        e->low *= 1000;
        e->high *= 1000;
    }
}

static struct naive_event random_event(struct prng *r)
{
    static const char *const flags[] = { "fall-risk", "dnr", "isolation", "latex" };
    static const char *const raw_codes[] = { "199806", "199944", "0" };
    static const char *const raws[] = { NULL, "H", "L", "5.5", "80", "3.50" };
    struct naive_event e = { .kind = kinds[prng_below(r, COUNT(kinds))] };

    e.phase = random_phase(e.kind, false, r);
    random_texts(&e, r);
    random_number(&e, r);
    e.raw_code = one_of(r, raw_codes, COUNT(raw_codes));
    e.raw = one_of(r, raws, COUNT(raws));
    e.flag_count = prng_below(r, 3);
    for (size_t i = 0; i < e.flag_count; i++)
        e.flags[i] = one_of(r, flags, COUNT(flags));
    e.has_start = prng_below(r, 3) > 0;
    e.start_min = (int)prng_below(r, 200) - 100;
    e.minute = (int)prng_below(r, 7 * 1440);
    e.storm = prng_below(r, 2);
    return e;
}

static struct decimal tenths(int number)
{
    struct decimal d = { 0, 0 };
    char text[32];

    snprintf(text, sizeof text, "%d.%d", number / 10, number % 10);
    assert_true(decimal_parse(slice_of(text), &d));
    return d;
}

static struct slice text_of(const struct naive_event *e, enum naive_field f)
{
    return e->texts[f] != NULL ? slice_of(e->texts[f]) : SLICE("");
}

enum { MONDAY_S = 1792368000 }; /* 2026-10-19 00:00 UTC */

static struct event real_event(const struct naive_event *n)
{
    struct event e = event_empty(n->kind, n->phase);

    e.code = text_of(n, N_CODE);
    e.raw_code = slice_of(n->raw_code);
    e.listener = text_of(n, N_SOURCE);
    e.place.unit = text_of(n, N_UNIT);
    e.place.bed = text_of(n, N_BED);
    e.device_state = text_of(n, N_DEVICE_STATE);
    e.device_type = text_of(n, N_DEVICE_TYPE);
    e.patient.service = text_of(n, N_SERVICE);
    assert_true(event_class_find(text_of(n, N_CLASS), &e.class));
    for (unsigned a = 0; a < ABNORMAL_COUNT; a++)
        if (slice_is(text_of(n, N_ABNORMAL), event_abnormal_name((enum event_abnormal)a)))
            e.abnormal = (enum event_abnormal)a;
    e.patient.flag_count = n->flag_count;
    for (size_t i = 0; i < n->flag_count; i++)
        e.patient.flags[i] = slice_of(n->flags[i]);
    e.time_us = (MONDAY_S + (int64_t)n->minute * 60) * TIME_S;
    e.start_us = n->has_start ? e.time_us + n->start_min * TIME_MIN : TIME_NONE;
    if (n->has_value)
        e.value = (struct quantity){ .state = !n->low_endless && !n->high_endless && n->low == n->high
                                                  ? QUANTITY_EXACT
                                                  : QUANTITY_INTERVAL,
                                     .has_low = !n->low_endless,
                                     .has_high = !n->high_endless,
                                     .low_open = n->low_open,
                                     .high_open = n->high_open,
                                     .low = tenths(n->low),
                                     .high = tenths(n->high),
                                     .unit = slice_of(n->unit) };
    return e;
}

/* --- one set of rules ------------------------------------------------------------------------------------
 */

struct set {
    struct naive_rule rules[NAIVE_RULES];
    size_t count;
    struct hand h;
    struct buf text;
    struct dnf dnf[NAIVE_RULES];
    bool implies[NAIVE_RULES][NAIVE_RULES];
    const struct rule *compiled[NAIVE_RULES];
};

static void write_set(struct set *s, bool drafts)
{
    s->text.len = 0;
    buf_text(&s->text, "language 1\nlayers house, unit, patient\n"
                       "default { notify charge-nurse  after 1min if not accepted notify desk operator }\n"
                       "default for result { ignore because \"routine\" }\n"
                       "codes heart = vfib, vtach, asystole\nplaces wards = \"5W\", \"ICU\"\n"
                       "switch storm \"Storm\" set by charge-nurse max 4h\n");
    for (size_t i = 0; i < s->count; i++) {
        struct naive_rule kept = s->rules[i];
        if (drafts)
            s->rules[i].mode = NAIVE_DRAFT;
        naive_put_rule(&s->text, s->rules, s->count, i);
        s->rules[i] = kept;
    }
}

/* Compiles what write_set wrote; false when it is refused. */
static bool compile_set(struct set *s)
{
    hand_site(&s->h);
    hand_compile(&s->h, buf_slice(&s->text));
    for (size_t i = 0; s->h.rules != NULL && i < s->count; i++)
        s->compiled[i] = ruleset_rule(s->h.rules, slice_of(s->rules[i].name));
    return s->h.rules != NULL;
}

static bool narrower(const struct set *s, size_t a, size_t b)
{
    if (s->rules[a].overrides[b] || s->rules[b].overrides[a])
        return s->rules[a].overrides[b];
    if (s->rules[a].layer != s->rules[b].layer)
        return s->rules[a].layer > s->rules[b].layer;
    return s->implies[a][b] && !s->implies[b][a];
}

static void ask_all_pairs(struct set *s)
{
    for (size_t i = 0; i < s->count; i++)
        s->dnf[i] = proof_expand(s->h.arena, &s->compiled[i]->when);
    for (size_t a = 0; a < s->count; a++)
        for (size_t b = 0; b < s->count; b++)
            s->implies[a][b] = s->rules[a].kind == s->rules[b].kind &&
                               (s->compiled[a]->phases & ~s->compiled[b]->phases) == 0 &&
                               proof_implies(s->h.arena, &s->dnf[a], &s->dnf[b]);
}

static size_t rank(const struct set *s, size_t a)
{
    size_t implied = 0;

    for (size_t b = 0; b < s->count; b++)
        implied += s->implies[a][b];
    return implied * NAIVE_RULES + a;
}

/* Where two rules meet without an order and their plans differ, one overrides the other. */
static void settle(struct set *s)
{
    const struct conjunct *x, *y;

    for (size_t a = 0; a < s->count; a++)
        for (size_t b = 0; b < s->count; b++)
            if (a != b && s->rules[a].kind == s->rules[b].kind && !s->rules[a].copy && !s->rules[b].copy &&
                s->rules[a].plan != s->rules[b].plan && rank(s, a) > rank(s, b) &&
                s->rules[a].layer == s->rules[b].layer && s->implies[a][b] == s->implies[b][a] &&
                (s->compiled[a]->phases & s->compiled[b]->phases) != 0 &&
                proof_meet(s->h.arena, &s->dnf[a], &s->dnf[b], &x, &y))
                s->rules[a].overrides[b] = true;
}

/* A random set that compiles; false when this one does not (a condition that is never true, a circle). */
static bool make_set(struct set *s, struct prng *r)
{
    s->count = 2 + prng_below(r, NAIVE_RULES - 2);
    for (size_t i = 0; i < s->count; i++)
        random_rule(s->rules, i, r);
    write_set(s, true);
    bool fine = compile_set(s);
    if (fine) {
        ask_all_pairs(s);
        settle(s);
    }
    hand_free(&s->h);
    if (!fine)
        return false;
    write_set(s, false);
    fine = compile_set(s);
    if (fine)
        ask_all_pairs(s);
    else
        hand_free(&s->h);
    return fine;
}

/* --- one event -------------------------------------------------------------------------------------------
 */

static bool raw_text(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    const struct naive_event *e = ctx;

    (void)path;
    (void)a;
    *out = slice_of(e->raw);
    return e->raw != NULL;
}

static bool switch_on(const void *ctx, struct slice name)
{
    return slice_is(name, "storm") && ((const struct naive_event *)ctx)->storm;
}

static const char *expected_default(const struct naive_event *e, const struct event *real)
{
    bool critical = e->kind == EVENT_RESULT && naive_same(e->texts[N_ABNORMAL], "critical-high");

    critical = critical || (e->kind == EVENT_RESULT && real->abnormal == ABNORMAL_CRITICAL);
    return e->kind == EVENT_RESULT && !critical ? "default for result" : "default";
}

/* NULL when the match is what a look at every rule gives, else what is wrong. */
static const char *wrong(const struct set *s, const struct naive_event *e, const struct event *real,
                         const struct match *m, size_t *owned)
{
    bool matches[NAIVE_RULES];
    size_t copies = 0, owner = NAIVE_RULES, candidates = 0;

    for (size_t i = 0; i < s->count; i++) {
        matches[i] = naive_matches(&s->rules[i], e);
        copies += matches[i] && s->rules[i].copy;
        candidates += matches[i] && !s->rules[i].copy;
        owner = m->owner == s->compiled[i] ? i : owner;
    }
    *owned += candidates > 1;
    if (copies != m->copy_count)
        return "the number of copies";
    for (size_t i = 0; i < m->copy_count; i++) {
        if (i > 0 && slice_cmp(rule_name(m->copies[i - 1]), rule_name(m->copies[i])) >= 0)
            return "the copies do not come by name, each once";
        for (size_t k = 0; k < s->count; k++)
            if (m->copies[i] == s->compiled[k] && (!matches[k] || !s->rules[k].copy))
                return "a copy that does not match";
    }
    if (candidates == 0)
        return slice_is(rule_name(m->owner), expected_default(e, real)) ? NULL : "the default";
    if (owner == NAIVE_RULES || !matches[owner] || s->rules[owner].copy)
        return "an owner that does not match";
    for (size_t i = 0; i < s->count; i++)
        if (matches[i] && !s->rules[i].copy && narrower(s, i, owner) &&
            s->rules[i].plan != s->rules[owner].plan)
            return "a rule that matches goes before the owner";
    return NULL;
}

static void print_failure(const struct set *s, const struct naive_event *e, const struct match *m,
                          const char *what, uint64_t seed, size_t number)
{
    struct buf out = buf_make(1 << 20);

    /* print_error cuts at 1 KB */
    naive_put_event(&out, e);
    fprintf(stderr, "seed %llu, set %zu: %s\n%.*s%.*s# owner: %.*s\n", (unsigned long long)seed, number, what,
            SLICE_ARG(buf_slice(&s->text)), SLICE_ARG(buf_slice(&out)), SLICE_ARG(rule_name(m->owner)));
    for (size_t i = 0; i < s->count; i++)
        fprintf(stderr, "# %s %s\n", s->rules[i].name, naive_matches(&s->rules[i], e) ? "matches" : "-");
    buf_free(&out);
}

struct counts {
    size_t cases, refused, several;
};

static void try_set(struct set *s, struct prng *r, uint64_t seed, size_t number, struct counts *c)
{
    struct arena *a = arena_new();

    for (size_t i = 0; i < EVENTS; i++) {
        struct naive_event n = random_event(r);
        struct event e = real_event(&n);
        struct eval_now now = { .wall_us = e.time_us,
                                .zone = s->h.zone,
                                .switch_on = switch_on,
                                .ctx = &n,
                                .raw = { raw_text, raw_text, &n } };
        struct match m;
        arena_reset(a);
        ruleset_match(s->h.rules, &e, &now, false, a, &m);
        const char *what = wrong(s, &n, &e, &m, &c->several);
        if (what != NULL)
            print_failure(s, &n, &m, what, seed, number);
        assert_null(what);
    }
    c->cases += EVENTS;
    arena_free(&a);
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : usual;
}

static void the_index_and_the_order_are_a_look_at_every_rule(void **state)
{
    static struct set s;
    struct counts c = { 0, 0, 0 };
    uint64_t seed = setting("NIGHTBELL_SEED", SEED), wanted = setting("NIGHTBELL_SETS", SETS);
    struct prng r = prng_make(seed);

    (void)state;
    s.text = buf_make(1 << 20);
    for (size_t number = 0; c.cases < wanted * EVENTS; number++) {
        if (!make_set(&s, &r)) {
            c.refused++;
            continue;
        }
        try_set(&s, &r, seed, number, &c);
        hand_free(&s.h);
    }
    print_message("seed %llu: %zu cases, several rules matched in %zu, %zu sets refused\n",
                  (unsigned long long)seed, c.cases, c.several, c.refused);
    assert_true(c.several > c.cases / 20);
    assert_true(c.refused < 4 * wanted);
    buf_free(&s.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_index_and_the_order_are_a_look_at_every_rule) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
