/* tests/bench/rules_make.h - made-up sites of any number of rules, the same ones each time.
 *
 * A rule names a code; those that come later a ward as well, then a flag, a shift, a value, each narrower
 * than the ones before it, as rules of real wards are. No two rules leave it open who owns an event, so
 * that the whole check runs to its end. */
#ifndef NIGHTBELL_TESTS_BENCH_RULES_MAKE_H
#define NIGHTBELL_TESTS_BENCH_RULES_MAKE_H

#include "base/buf.h"
#include "events/catalogue.h"

enum { MAKE_WARDS = 40, MAKE_MORE_WARDS = 120, MAKE_DEPTH = 4, MAKE_CODES_MAX = 512 };

/* SAME: a rule for the house on each code, and rules for wards, so that an event of such a ward meets two
 * rules in every size. SPREAD: over all codes that every site knows. ONE_CODE: the worst case of the index.
 */
enum make_mix { MAKE_SAME, MAKE_SPREAD, MAKE_ONE_CODE, MAKE_MIXES };

/* Where a rule or an event is. */
struct make_at {
    const struct catalogue_row *code;
    unsigned ward, depth, bed; /* bed 0: any */
    bool house;                /* no ward */
};

static inline unsigned make_wards(enum make_mix mix)
{
    return mix == MAKE_SAME ? MAKE_MORE_WARDS : MAKE_WARDS;
}

static inline size_t make_codes(const struct catalogue *c, enum make_mix mix,
                                const struct catalogue_row **codes, size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < catalogue_count(c) && count < room; i++) {
        const struct catalogue_row *row = catalogue_row_at(c, i);
        if (catalogue_named(c, row->name) == row && (row->kind == EVENT_ALARM || row->kind == EVENT_RESULT))
            codes[count++] = row;
    }
    for (size_t i = 0; mix == MAKE_ONE_CODE && i < count; i++)
        if (slice_is(codes[i]->name, "spo2-low")) {
            codes[0] = codes[i];
            count = 1;
        }
    return count;
}

/* Of SAME: alarms and results in turn, fewer of them where there are few rules. */
static inline size_t make_codes_used(enum make_mix mix, size_t rules, const struct catalogue_row **codes,
                                     size_t count)
{
    const struct catalogue_row *kept[MAKE_CODES_MAX];
    size_t results = count, used = rules / 2;

    if (mix != MAKE_SAME)
        return count;
    for (size_t i = 0; i < count; i++)
        kept[i] = codes[i];
    while (results > 0 && kept[results - 1]->kind == EVENT_RESULT)
        results--;
    for (size_t i = 0, r = results, n = 0; n < count; n++) /* the catalogue has alarms first */
        codes[n] = (n % 2 == 0 && i < results) || r == count ? kept[i++] : kept[r++];
    return used < count ? used : count;
}

static inline void make_site(struct buf *out, enum make_mix mix)
{
    buf_text(out, "language 1\nsite bench timezone \"UTC\"\nshift night = 19:00-07:00\n"
                  "desk operator \"Operator\" staffed always reach phones\n"
                  "listen mllp telemetry { on \"127.0.0.1:2575\"  sends starts, ends }\n"
                  "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"
                  "default { notify charge-nurse  after 2min if not accepted notify desk operator }\n"
                  "person ana \"Ana Ruiz\" { may-hold primary-nurse, charge-nurse  reach phones }\n");
    for (unsigned u = 0; u < make_wards(mix); u++)
        buf_printf(out,
                   "unit \"W%02u\" \"Ward %u\" { beds \"01\" to \"99\"  fallback desk operator }\n"
                   "assign ana primary-nurse of \"W%02u\"\nassign ana charge-nurse of \"W%02u\"\n",
                   u, u, u, u);
}

/* Rule `number` of a mix: first each code for the whole house; then its wards, and on one code alone each
 * bed. */
static inline struct make_at make_place(enum make_mix mix, const struct catalogue_row *const *codes,
                                        size_t code_count, size_t number)
{
    unsigned place = (unsigned)(number / code_count), wards = make_wards(mix);
    struct make_at at = { .code = codes[number % code_count], .house = place == 0 };

    if (place > 0) {
        at.ward = (place - 1) % wards;
        at.depth = (place - 1) / wards % MAKE_DEPTH;
        at.bed = mix == MAKE_ONE_CODE ? (place - 1) / wards / MAKE_DEPTH + 1 : 0;
    }
    return at;
}

static inline void make_rule(struct buf *out, const struct make_at *at, size_t number)
{
    const struct catalogue_row *code = at->code;

    buf_printf(out,
               "rule rule-%05zu {\n  title \"%.*s, rule %zu\"\n  why \"Policy %zu of the ward\"  owner "
               "\"Ward council\"\n  when %s %s and code is %.*s",
               number, SLICE_ARG(code->title), number, number, event_kind_name(code->kind),
               code->kind == EVENT_ALARM ? "starts" : "final", SLICE_ARG(code->name));
    if (!at->house)
        buf_printf(out, " and unit is \"W%02u\" if known", at->ward);
    if (at->bed > 0)
        buf_printf(out, " and bed is \"%02u\" if known", at->bed);
    if (at->depth > 0)
        buf_text(out, " and patient.flags has fall-risk if known");
    if (at->depth > 1)
        buf_text(out, " and during night");
    if (at->depth > 2 && code->unit.len > 0)
        buf_printf(out, " and value < 80 %.*s if known", SLICE_ARG(code->unit));
    else if (at->depth > 2)
        buf_text(out, " and class in lethal, high");
    buf_printf(out,
               "\n  stop on accepted\n  notify primary-nurse else charge-nurse urgent\n"
               "  after %us if not accepted notify charge-nurse\n"
               "  after 4min if not accepted notify desk operator\n}\n",
               30 + 10 * (at->house ? 0 : at->depth + 1));
}

static inline void make_rules(struct buf *out, const struct catalogue *c, size_t count, enum make_mix mix)
{
    const struct catalogue_row *codes[MAKE_CODES_MAX];
    size_t code_count = make_codes_used(mix, count, codes, make_codes(c, mix, codes, MAKE_CODES_MAX));

    buf_text(out, "language 1\n");
    for (size_t i = 0; i < count; i++) {
        struct make_at at = make_place(mix, codes, code_count, i);
        make_rule(out, &at, i);
    }
}

#endif
