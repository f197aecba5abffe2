/* What is proved about two conditions is true of events: random rules, random events, one fixed seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "rules/check/pairs.h"
#include "rules/check/proof.h"
#include "tests/rules/hand.h"

enum { SEED = 20261122, ROUNDS = 60, RULES = 30, EVENTS = 120 };

static const char *const atoms[] = {
    "code is vfib",
    "code is not vfib",
    "code in heart",
    "code not in heart",
    "code in apnea, spo2-low",
    "code is MDC:199806",
    "class is high",
    "class in high, medium",
    "class is not low",
    "unit is \"5W\" W",
    "unit is not \"5W\" W",
    "unit in \"5W\", \"ICU\" W",
    "unit not in \"5W\", \"ICU\" W",
    "value < 80 % W",
    "value <= 80 % W",
    "value > 80 % W",
    "value >= 90 % W",
    "value is 80 % W",
    "value is not 80 % W",
    "value in 70 %, 80 %, 95 % W",
    "value not in 80 %, 90 % W",
    "value < 0.5 W",
    "patient.flags has fall-risk W",
    "patient.flags has dnr W",
    "during night",
    "during day",
    "during clinic",
    "during storm",
    "raw \"OBX-8\" is \"H\" W",
    "raw \"OBX-8\" is not \"H\" W",
    "raw \"OBX-8\" in \"H\", \"L\" W",
    "device.type like \"*pump*\" W",
};

/* A `W` at the end stands for the word about absence. */
static void put_atom(struct buf *out, struct prng *r)
{
    struct slice text = slice_of(atoms[prng_below(r, COUNT(atoms))]);
    bool word = slice_ends(text, SLICE(" W"));

    if (prng_below(r, 4) == 0)
        buf_text(out, "not ");
    buf_put(out, word ? slice_sub(text, 0, text.len - 1) : text);
    if (word)
        buf_text(out, prng_below(r, 2) ? "or missing" : "if known");
}

static void put_condition(struct buf *out, struct prng *r)
{
    size_t parts = 1 + prng_below(r, 3);

    for (size_t i = 0; i < parts; i++) {
        size_t inside = prng_below(r, 3);
        buf_text(out, inside == 1 ? " and not (" : " and (");
        put_atom(out, r);
        for (size_t k = 0; k < inside; k++) {
            buf_text(out, inside == 2 ? " or " : " and ");
            put_atom(out, r);
        }
        buf_text(out, ")");
    }
}

static struct slice random_rules(struct buf *out, struct prng *r)
{
    buf_text(out, "language 1\ndefault { notify desk operator }\ncodes heart = vfib, vtach, asystole\n"
                  "switch storm \"Storm\" set by charge-nurse max 4h\n");
    for (int i = 0; i < RULES; i++) {
        buf_printf(out, "rule r%02d { title \"t\" mode draft when alarm starts", i);
        put_condition(out, r);
        buf_text(out, " stop on accepted notify desk operator }\n");
    }
    return buf_slice(out);
}

static const char *pick(struct prng *r, const char *const *from, size_t count)
{
    return from[prng_below(r, count)];
}

static void random_value(struct event *e, struct prng *r)
{
    static const int64_t numbers[] = { 60, 70, 79, 80, 81, 90, 95 };
    struct decimal low = { numbers[prng_below(r, COUNT(numbers))], 0 }, high = low;
    uint64_t shape = prng_below(r, 6);

    high.mantissa += (int64_t)prng_below(r, 3) * 10;
    e->value = (struct quantity){ .state = shape == 0   ? QUANTITY_ABSENT
                                           : shape <= 3 ? QUANTITY_EXACT
                                                        : QUANTITY_INTERVAL,
                                  .has_low = shape != 5,
                                  .has_high = shape != 4,
                                  .low = low,
                                  .high = shape <= 3 ? low : high,
                                  .low_open = shape == 4 && prng_below(r, 2),
                                  .high_open = shape == 5 && prng_below(r, 2),
                                  .unit = prng_below(r, 8) ? SLICE("%") : SLICE("mmol/L") };
}

static const char *const raws[] = { NULL, "H", "L", "N" };

struct moment {
    struct event e;
    int64_t wall_us;
    const char *raw;
    bool storm;
};

static struct moment random_moment(struct prng *r)
{
    static const char *const codes[] = { "", "vfib", "vtach", "asystole", "apnea", "hr-low", "spo2-low" };
    static const char *const raw_codes[] = { "199806", "199944", "0" };
    static const char *const units[] = { "", "5W", "ICU", "OR" };
    static const char *const flags[] = { "fall-risk", "dnr", "isolation" };
    static const char *const types[] = { "", "Pump", "Monitor" };
    struct moment m = { .e = event_empty(EVENT_ALARM, PHASE_STARTS) };

    m.e.code = slice_of(pick(r, codes, COUNT(codes)));
    m.e.raw_code = slice_of(pick(r, raw_codes, COUNT(raw_codes)));
    m.e.class = (enum event_class)prng_below(r, CLASS_COUNT);
    m.e.place.unit = slice_of(pick(r, units, COUNT(units)));
    m.e.device_type = slice_of(pick(r, types, COUNT(types)));
    m.e.patient.flag_count = prng_below(r, 3);
    for (size_t i = 0; i < m.e.patient.flag_count; i++)
        m.e.patient.flags[i] = slice_of(pick(r, flags, COUNT(flags)));
    random_value(&m.e, r);
    m.wall_us = 1792022400 * TIME_S + (int64_t)prng_below(r, 7 * 1440) * TIME_MIN;
    m.raw = pick(r, raws, COUNT(raws));
    m.storm = prng_below(r, 2);
    return m;
}

static bool raw_text(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    const struct moment *m = ctx;

    (void)path;
    (void)a;
    *out = slice_of(m->raw);
    return m->raw != NULL;
}

static bool switch_on(const void *ctx, struct slice name)
{
    const struct moment *m = ctx;

    return m->storm && slice_is(name, "storm");
}

static void check_pair(const struct dnf *x, const struct dnf *y, const bool *holds_x, const bool *holds_y,
                       struct arena *a, size_t proved[2])
{
    const struct conjunct *of_x, *of_y;
    bool implies = proof_implies(a, x, y), meet = proof_meet(a, x, y, &of_x, &of_y);

    proved[0] += implies;
    proved[1] += !meet;
    for (size_t i = 0; i < EVENTS; i++) {
        assert_false(implies && holds_x[i] && !holds_y[i]);
        assert_false(!meet && holds_x[i] && holds_y[i]);
    }
}

/* --- which pairs are looked at ----------------------------------------------------------------------------
 */

struct visits {
    bool seen[RULES][RULES];
};

static void note_visit(void *ctx, size_t i, size_t k)
{
    struct visits *v = ctx;

    assert_true(i < k && k < RULES && !v->seen[i][k]);
    v->seen[i][k] = true;
}

static bool is_taken(const struct checked *k)
{
    return !k->broken;
}

/* Does a number without a unit stand in it? Beside per cents nothing can be said of a number line. */
static bool is_bare(const struct dnf *d)
{
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; k < d->list[i].dim_count; k++)
            for (size_t n = 0; n < d->list[i].dims[k].interval_count; n++) {
                const struct interval *v = &d->list[i].dims[k].intervals[n];
                if ((v->low.has && v->low.at.unit.len == 0) || (v->high.has && v->high.at.unit.len == 0))
                    return true;
            }
    return false;
}

/* Each pair at most once, and none that can meet is left out; returns how many that cannot were spared. */
static size_t check_visits(const struct ruleset *rules, const struct dnf *dnf, bool bare, struct arena *a)
{
    static const struct slice one_code = SLICE_INIT("vfib");
    struct visits v = { .seen = { { false } } };
    struct rule copies[RULES];
    struct checked list[RULES];
    const struct conjunct *of_x, *of_y;
    size_t spared = 0;

    for (size_t i = 0; i < RULES; i++) {
        copies[i] = rules->rules[i];
        list[i] = (struct checked){ .rule = &copies[i], .dnf = dnf[i], .broken = !bare && is_bare(&dnf[i]) };
        list[i].codes = (struct rule_codes){ &one_code, 1, i % 3 == 0 };
    }
    pairs_each(list, RULES, is_taken, note_visit, &v);
    for (size_t i = 0; i < RULES; i++)
        for (size_t k = i + 1; k < RULES; k++) {
            if (list[i].broken || list[k].broken)
                continue;
            assert_true(v.seen[i][k] || !proof_meet(a, &dnf[i], &dnf[k], &of_x, &of_y));
            spared += !v.seen[i][k];
        }
    return spared;
}

static void one_round(struct prng *r, size_t proved[2], size_t *spared)
{
    static bool holds[RULES][EVENTS];
    struct dnf dnf[RULES];
    struct hand h;
    struct buf text = buf_make(1 << 20);

    hand_site(&h);
    hand_compile(&h, random_rules(&text, r));
    if (h.rules == NULL) {
        struct buf out = buf_make(1 << 20);
        diagnostics_text(&h.d, false, &out);
        print_error("%.*s", SLICE_ARG(buf_slice(&out)));
        buf_free(&out);
    }
    assert_non_null(h.rules);
    for (int i = 0; i < RULES; i++)
        dnf[i] = proof_expand(h.arena, &h.rules->rules[i].when);
    *spared += check_visits(h.rules, dnf, true, h.arena) + check_visits(h.rules, dnf, false, h.arena);
    for (size_t k = 0; k < EVENTS; k++) {
        struct moment m = random_moment(r);
        struct eval_now now = { .wall_us = m.wall_us,
                                .zone = h.zone,
                                .switch_on = switch_on,
                                .ctx = &m,
                                .raw = { raw_text, raw_text, &m } };
        for (int i = 0; i < RULES; i++)
            holds[i][k] = cond_holds(&h.rules->rules[i].when, &m.e, &now, h.arena);
    }
    for (int i = 0; i < RULES; i++)
        for (int k = 0; k < RULES; k++)
            check_pair(&dnf[i], &dnf[k], holds[i], holds[k], h.arena, proved);
    hand_free(&h);
    buf_free(&text);
}

static void proofs_are_sound(void **state)
{
    struct prng r = prng_make(SEED);
    size_t proved[2] = { 0, 0 }, spared = 0;

    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        one_round(&r, proved, &spared);
    print_message("seed %d: %zu implications and %zu exclusions proved, %zu pairs not looked at\n", SEED,
                  proved[0], proved[1], spared);
    assert_true(proved[0] > ROUNDS * RULES); /* more than each rule implying itself */
    assert_true(proved[1] > 100);
    assert_true(spared > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(proofs_are_sound) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
