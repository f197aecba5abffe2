/* tests/bench/rules_make.h - made-up sites of any number of rules, the same ones each time.
 *
 * A rule names a code; those that come later a ward as well, then a flag, a shift, a value, each narrower
 * than the ones before it, as rules of real wards are. No two rules leave it open who owns an event, so
 * that the whole check runs to its end. */
#ifndef NIGHTBELL_TESTS_BENCH_RULES_MAKE_H
#define NIGHTBELL_TESTS_BENCH_RULES_MAKE_H

#include "base/buf.h"
#include "events/catalogue.h"

enum { MAKE_WARDS = 40, MAKE_DEPTH = 4 };

/* SPREAD: over all codes that every site knows. ONE_CODE: the worst case of the index. */
enum make_mix { MAKE_SPREAD, MAKE_ONE_CODE };

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

static inline void make_site(struct buf *out)
{
    buf_text(out, "language 1\nsite bench timezone \"UTC\"\nshift night = 19:00-07:00\n"
                  "desk operator \"Operator\" staffed always reach phones\n"
                  "listen mllp telemetry { on \"127.0.0.1:2575\"  sends starts, ends }\n"
                  "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"
                  "default { notify charge-nurse  after 2min if not accepted notify desk operator }\n"
                  "person ana \"Ana Ruiz\" { may-hold primary-nurse, charge-nurse  reach phones }\n");
    for (unsigned u = 0; u < MAKE_WARDS; u++)
        buf_printf(out,
                   "unit \"W%02u\" \"Ward %u\" { beds \"01\" to \"99\"  fallback desk operator }\n"
                   "assign ana primary-nurse of \"W%02u\"\nassign ana charge-nurse of \"W%02u\"\n",
                   u, u, u, u);
}

/* Place 0 is the whole house; then each ward, and on one code alone each bed of it. */
static inline void make_rule(struct buf *out, const struct catalogue_row *code, unsigned number,
                             unsigned place, bool beds)
{
    unsigned ward = (place - 1) % MAKE_WARDS, depth = (place - 1) / MAKE_WARDS % MAKE_DEPTH,
             bed = (place - 1) / MAKE_WARDS / MAKE_DEPTH + 1;

    buf_printf(out,
               "rule rule-%05u {\n  title \"%.*s, place %u\"\n  why \"Policy %u of the ward\"  owner "
               "\"Ward council\"\n  when %s %s and code is %.*s",
               number, SLICE_ARG(code->title), place, number, event_kind_name(code->kind),
               code->kind == EVENT_ALARM ? "starts" : "final", SLICE_ARG(code->name));
    if (place > 0)
        buf_printf(out, " and unit is \"W%02u\" if known", ward);
    if (place > 0 && beds)
        buf_printf(out, " and bed is \"%02u\" if known", bed);
    if (place > 0 && depth > 0)
        buf_text(out, " and patient.flags has fall-risk if known");
    if (place > 0 && depth > 1)
        buf_text(out, " and during night");
    if (place > 0 && depth > 2 && code->unit.len > 0)
        buf_printf(out, " and value < 80 %.*s if known", SLICE_ARG(code->unit));
    else if (place > 0 && depth > 2)
        buf_text(out, " and class in lethal, high");
    buf_printf(out,
               "\n  stop on accepted\n  notify primary-nurse else charge-nurse urgent\n"
               "  after %us if not accepted notify charge-nurse\n"
               "  after 4min if not accepted notify desk operator\n}\n",
               30 + 10 * (place > 0 ? depth + 1 : 0));
}

/* `count` rules; the first ones stand on different codes, and then on different wards. */
static inline void make_rules(struct buf *out, const struct catalogue *c, size_t count, enum make_mix mix)
{
    const struct catalogue_row *codes[512];
    size_t code_count = make_codes(c, mix, codes, sizeof codes / sizeof *codes);

    buf_text(out, "language 1\n");
    for (size_t i = 0; i < count; i++)
        make_rule(out, codes[i % code_count], (unsigned)i, (unsigned)(i / code_count), mix == MAKE_ONE_CODE);
}

#endif
