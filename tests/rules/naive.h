/* tests/rules/naive.h - the rule language a second time, as plainly as it can be said: a model of rules and
 * of events, their text, and their truth by looking at every atom of every rule. It shares nothing with
 * rules/: no atom, no index, no number, no shift. */
#ifndef NIGHTBELL_TESTS_RULES_NAIVE_H
#define NIGHTBELL_TESTS_RULES_NAIVE_H

#include "base/prng.h"
#include "tests/rules/hand.h"

enum { NAIVE_ATOMS = 3, NAIVE_PARTS = 3, NAIVE_RULES = 12, NAIVE_NAMES = 3 };

enum naive_op {
    OP_IS,
    OP_IS_NOT,
    OP_IN,
    OP_NOT_IN,
    OP_HAS,
    OP_LIKE,
    OP_LESS,
    OP_LESS_EQ,
    OP_MORE,
    OP_MORE_EQ,
    OP_NUMBER_IS,
    OP_NUMBER_IS_NOT,
    OP_NUMBER_IN,
    OP_WITHIN,
    OP_NOT_WITHIN,
    OP_DURING
};

enum naive_word { WORD_NONE, WORD_MISSING, WORD_KNOWN };

/* Fields that the model knows; those below FIELD_VALUE hold a name. */
enum naive_field {
    N_CODE,
    N_CLASS,
    N_SOURCE,
    N_UNIT,
    N_BED,
    N_DEVICE_STATE,
    N_DEVICE_TYPE,
    N_SERVICE,
    N_ABNORMAL,
    N_TEXTS,
    N_RAW = N_TEXTS,
    N_FHIR,
    N_VALUE,
    N_RAW_NUMBER,
    N_FLAGS,
    N_START,
    N_CLOCK
};

struct naive_atom {
    enum naive_field field;
    enum naive_op op;
    enum naive_word word;
    bool inverted; /* written behind "not" */
    const char *names[NAIVE_NAMES];
    size_t name_count;
    int numbers[NAIVE_NAMES]; /* tenths, in `unit` */
    const char *unit;
};

/* One conjunct of `when`: atoms joined by and, or by or, perhaps behind "not". */
struct naive_part {
    struct naive_atom atoms[NAIVE_ATOMS];
    size_t count;
    bool any, inverted;
};

enum naive_mode { NAIVE_LIVE, NAIVE_DRAFT, NAIVE_SHADOW };

struct naive_rule {
    char name[8];
    enum event_kind kind;
    enum event_phase phase;
    enum naive_mode mode;
    bool copy, ignores;
    struct naive_part parts[NAIVE_PARTS], unless;
    size_t part_count;
    bool has_unless;
    size_t layer; /* 0: the lowest, also for a rule that names none */
    size_t plan;  /* which of a few: equal numbers, equal plans */
    bool overrides[NAIVE_RULES];
};

struct naive_event {
    enum event_kind kind;
    enum event_phase phase;
    const char *texts[N_TEXTS]; /* NULL: absent */
    const char *raw_code, *raw;
    bool has_value, low_endless, high_endless, low_open, high_open;
    int low, high; /* tenths, in `unit` */
    const char *unit;
    const char *flags[2];
    size_t flag_count;
    bool has_start;
    int start_min; /* minutes after the event's time, or before it */
    int minute;    /* of the week, Monday first */
    bool storm;
};

/* --- text ------------------------------------------------------------------------------------------------
 */

static inline const char *naive_field_name(enum naive_field f)
{
    static const char *const names[] = {
        "code",
        "class",
        "source",
        "unit",
        "bed",
        "device.state",
        "device.type",
        "patient.service",
        "abnormal",
        "raw \"OBX-8\"",
        "fhir \"Observation.status\"",
        "value",
        "raw \"OBX-5\" as number",
        "patient.flags",
        "start",
        "",
    };

    return names[f];
}

static inline bool naive_quoted(enum naive_field f, const char *name)
{
    bool place = f == N_UNIT || f == N_BED;

    return (place && strcmp(name, "wards") != 0) || f == N_RAW || f == N_FHIR || f == N_DEVICE_TYPE;
}

static inline void naive_put_names(struct buf *out, const struct naive_atom *t)
{
    for (size_t i = 0; i < t->name_count; i++) {
        const char *quote = naive_quoted(t->field, t->names[i]) ? "\"" : "";
        buf_printf(out, "%s%s%s%s", i > 0 ? ", " : "", quote, t->names[i], quote);
    }
}

static inline void naive_put_atom(struct buf *out, const struct naive_atom *t)
{
    static const char *const ops[] = {
        "is", "is not", "in", "not in", "has", "like",   "<",          "<=",
        ">",  ">=",     "is", "is not", "in",  "within", "not within", "during"
    };

    buf_printf(out, "%s%s%s%s ", t->inverted ? "not " : "", naive_field_name(t->field),
               t->field == N_CLOCK ? "" : " ", ops[t->op]);
    if (t->op >= OP_LESS && t->op <= OP_NUMBER_IN)
        for (size_t i = 0; i < t->name_count; i++)
            buf_printf(out, "%s%d.%d%s%s", i > 0 ? ", " : "", t->numbers[i] / 10, t->numbers[i] % 10,
                       t->unit[0] != '\0' ? " " : "", t->unit);
    else if (t->op == OP_WITHIN || t->op == OP_NOT_WITHIN)
        buf_printf(out, "%dmin", t->numbers[0]);
    else
        naive_put_names(out, t);
    buf_text(out, t->word == WORD_NONE ? "" : t->word == WORD_MISSING ? " or missing" : " if known");
}

static inline void naive_put_part(struct buf *out, const struct naive_part *p)
{
    buf_text(out, p->inverted ? "not (" : "(");
    for (size_t i = 0; i < p->count; i++) {
        buf_text(out, i == 0 ? "" : p->any ? " or " : " and ");
        naive_put_atom(out, &p->atoms[i]);
    }
    buf_text(out, ")");
}

static inline void naive_put_rule(struct buf *out, const struct naive_rule *rules, size_t count, size_t at)
{
    static const char *const plans[] = {
        "notify charge-nurse  after 30s if not accepted notify desk operator",
        "notify primary-nurse  after 2min if not accepted notify desk operator",
    };
    const struct naive_rule *r = &rules[at];
    size_t beaten = 0;

    buf_printf(out, "%s %s%s", r->copy ? "copy" : "rule", r->name,
               r->copy || r->layer == 0 ? ""
               : r->layer == 1          ? " in unit"
                                        : " in patient");
    for (size_t i = 0; i < count; i++)
        if (r->overrides[i])
            buf_printf(out, "%s %s", beaten++ == 0 ? " overrides" : ",", rules[i].name);
    buf_printf(out, " { title \"%s\"%s\n  when %s %s", r->name,
               r->mode == NAIVE_DRAFT    ? " mode draft"
               : r->mode == NAIVE_SHADOW ? " mode shadow"
                                         : "",
               event_kind_name(r->kind), event_phase_name(r->phase));
    for (size_t i = 0; i < r->part_count; i++) {
        buf_text(out, " and ");
        naive_put_part(out, &r->parts[i]);
    }
    if (r->has_unless) {
        buf_text(out, " unless ");
        naive_put_part(out, &r->unless);
    }
    if (r->copy)
        buf_text(out, "\n  notify desk tele-room fyi }\n");
    else if (r->ignores)
        buf_text(out, "\n  ignore because \"tried elsewhere\" }\n");
    else
        buf_printf(out, "\n  stop on accepted %s }\n", plans[r->plan]);
}

static inline void naive_put_event(struct buf *out, const struct naive_event *e)
{
    buf_printf(out, "# %s %s minute %d of the week%s, code as sent %s, raw %s\n", event_kind_name(e->kind),
               event_phase_name(e->phase), e->minute, e->storm ? ", storm on" : "", e->raw_code,
               e->raw != NULL ? e->raw : "absent");
    buf_printf(out, "send %s %s", event_kind_name(e->kind),
               e->texts[N_CODE] != NULL ? e->texts[N_CODE] : "unmapped");
    for (int f = N_CLASS; f < N_TEXTS; f++)
        if (e->texts[f] != NULL)
            buf_printf(out, " %s \"%s\"", naive_field_name((enum naive_field)f), e->texts[f]);
    for (size_t i = 0; i < e->flag_count; i++)
        buf_printf(out, " patient.flags %s", e->flags[i]);
    if (e->has_start)
        buf_printf(out, " # starts %d min after", e->start_min);
    if (e->has_value)
        buf_printf(out, " # value %c%d, %d%c tenths of %s%s%s", e->low_open ? '(' : '[', e->low, e->high,
                   e->high_open ? ')' : ']', e->unit, e->low_endless ? ", no lower end" : "",
                   e->high_endless ? ", no upper end" : "");
    buf_text(out, "\n");
}

/* --- truth -----------------------------------------------------------------------------------------------
 */

enum naive_truth { NAIVE_NO, NAIVE_YES, NAIVE_OPEN };

static inline bool naive_same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Sets and single codes that the text names, spelled out. */
static inline bool naive_name_is(const struct naive_event *e, enum naive_field f, const char *name,
                                 const char *text)
{
    if (f == N_CODE && naive_same(name, "heart"))
        return naive_same(text, "vfib") || naive_same(text, "vtach") || naive_same(text, "asystole");
    if (f == N_CODE && naive_same(name, "MDC:199806"))
        return naive_same(text, "vfib") && naive_same(e->raw_code, "199806");
    if (f == N_CODE && naive_same(name, "MDC:199944"))
        return naive_same(text, "vfib") && naive_same(e->raw_code, "199944");
    if (f == N_UNIT && naive_same(name, "wards"))
        return naive_same(text, "5W") || naive_same(text, "ICU");
    return naive_same(name, text);
}

static inline bool naive_like(const char *text, const char *pattern)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return naive_like(text, pattern + 1) || (*text != '\0' && naive_like(text + 1, pattern));
    return (*text | 0x20) == (*pattern | 0x20) && *text != '\0' && naive_like(text + 1, pattern + 1);
}

/* Numbers stand on a grid twice as fine as tenths of the smallest unit, so that an open end is one step. */
enum { NAIVE_ENDLESS = 1 << 30 };

static inline int naive_scale(const char *unit)
{
    return naive_same(unit, "mmol/L") ? 1000 : 1; /* beside umol/L; % and none stand for themselves */
}

static inline bool naive_mixes(const char *a, const char *b)
{
    bool x = naive_same(a, "mmol/L") || naive_same(a, "umol/L");
    bool y = naive_same(b, "mmol/L") || naive_same(b, "umol/L");

    return a[0] == '\0' || b[0] == '\0' || naive_same(a, b) || (x && y);
}

static inline enum naive_truth naive_number_one(enum naive_op op, int low, int high, bool exact, int bound)
{
    switch (op) {
    case OP_LESS:
        return high < bound ? NAIVE_YES : low >= bound ? NAIVE_NO : NAIVE_OPEN;
    case OP_LESS_EQ:
        return high <= bound ? NAIVE_YES : low > bound ? NAIVE_NO : NAIVE_OPEN;
    case OP_MORE:
        return low > bound ? NAIVE_YES : high <= bound ? NAIVE_NO : NAIVE_OPEN;
    case OP_MORE_EQ:
        return low >= bound ? NAIVE_YES : high < bound ? NAIVE_NO : NAIVE_OPEN;
    default:
        return exact && low == bound ? NAIVE_YES : bound < low || bound > high ? NAIVE_NO : NAIVE_OPEN;
    }
}

/* The bounds of an atom, `by` steps to the tenth, against the ends of a number. */
static inline enum naive_truth naive_number(const struct naive_atom *t, int by, int low, int high)
{
    bool open = false;

    for (size_t i = 0; i < t->name_count; i++) {
        enum naive_truth one = naive_number_one(t->op, low, high, low == high, by * t->numbers[i]);
        if (one == NAIVE_YES)
            return NAIVE_YES;
        open = open || one == NAIVE_OPEN;
    }
    return open ? NAIVE_OPEN : NAIVE_NO;
}

static inline enum naive_truth naive_value(const struct naive_atom *t, const struct naive_event *e)
{
    bool as_written = t->unit[0] == '\0' || e->unit[0] == '\0';
    int by = as_written ? 2 : 2 * naive_scale(e->unit);
    int low = e->low_endless ? -NAIVE_ENDLESS : e->low * by + e->low_open;
    int high = e->high_endless ? NAIVE_ENDLESS : e->high * by - e->high_open;

    if (!e->has_value || !naive_mixes(t->unit, e->unit))
        return NAIVE_OPEN;
    return naive_number(t, as_written ? 2 : 2 * naive_scale(t->unit), low, high);
}

static inline enum naive_truth naive_raw_number(const struct naive_atom *t, const struct naive_event *e)
{
    char *end = NULL;
    double number = e->raw != NULL ? strtod(e->raw, &end) : 0;

    if (e->raw == NULL || end == e->raw)
        return NAIVE_OPEN;
    return naive_number(t, 20, (int)(number * 200), (int)(number * 200));
}

static inline bool naive_clock(const char *shift, const struct naive_event *e)
{
    int day = e->minute / 1440, minute = e->minute % 1440;

    if (naive_same(shift, "storm"))
        return e->storm;
    if (naive_same(shift, "night"))
        return minute >= 19 * 60 || minute < 7 * 60;
    if (naive_same(shift, "day"))
        return minute >= 7 * 60 && minute < 19 * 60;
    return day < 5 && minute >= 8 * 60 && minute < 17 * 60; /* clinic */
}

static inline enum naive_truth naive_text_check(const struct naive_atom *t, const struct naive_event *e)
{
    const char *text = t->field < N_TEXTS ? e->texts[t->field] : e->raw;

    if (text == NULL)
        return t->field == N_CODE ? NAIVE_NO : NAIVE_OPEN; /* a code is always there, if only unmapped */
    if (t->op == OP_LIKE)
        return naive_like(text, t->names[0]) ? NAIVE_YES : NAIVE_NO;
    for (size_t i = 0; i < t->name_count; i++)
        if (naive_name_is(e, t->field, t->names[i], text))
            return NAIVE_YES;
    return NAIVE_NO;
}

static inline enum naive_truth naive_check(const struct naive_atom *t, const struct naive_event *e)
{
    if (t->field == N_VALUE)
        return naive_value(t, e);
    if (t->field == N_RAW_NUMBER)
        return naive_raw_number(t, e);
    if (t->field == N_CLOCK)
        return naive_clock(t->names[0], e) ? NAIVE_YES : NAIVE_NO;
    if (t->field == N_START)
        return !e->has_start ? NAIVE_OPEN : abs(e->start_min) <= t->numbers[0] ? NAIVE_YES : NAIVE_NO;
    if (t->field != N_FLAGS)
        return naive_text_check(t, e);
    for (size_t i = 0; i < e->flag_count; i++)
        if (naive_same(e->flags[i], t->names[0]))
            return NAIVE_YES;
    return e->flag_count > 0 ? NAIVE_NO : NAIVE_OPEN;
}

/* `turned`: an odd number of "not" stands before it. Without a word, absence makes the whole say no. */
static inline bool naive_atom_holds(const struct naive_atom *t, const struct naive_event *e, bool turned)
{
    enum naive_truth truth = naive_check(t, e);
    bool negated =
        t->op == OP_IS_NOT || t->op == OP_NOT_IN || t->op == OP_NUMBER_IS_NOT || t->op == OP_NOT_WITHIN;
    bool holds = (truth == NAIVE_YES) != negated;

    if (truth == NAIVE_OPEN)
        holds = t->word == WORD_NONE ? turned != t->inverted : t->word == WORD_MISSING;
    return holds != t->inverted;
}

static inline bool naive_part_holds(const struct naive_part *p, const struct naive_event *e)
{
    bool all = true, any = false;

    for (size_t i = 0; i < p->count; i++) {
        bool one = naive_atom_holds(&p->atoms[i], e, p->inverted);
        all = all && one;
        any = any || one;
    }
    return (p->any ? any : all) != p->inverted;
}

static inline bool naive_phase_fits(enum event_phase rule, enum event_phase event)
{
    return rule == event || (rule == PHASE_STARTS &&
                             (event == PHASE_UPDATES || event == PHASE_WORSENS || event == PHASE_EASES));
}

static inline bool naive_matches(const struct naive_rule *r, const struct naive_event *e)
{
    if (r->mode != NAIVE_LIVE || r->kind != e->kind || !naive_phase_fits(r->phase, e->phase))
        return false;
    for (size_t i = 0; i < r->part_count; i++)
        if (!naive_part_holds(&r->parts[i], e))
            return false;
    return !r->has_unless || !naive_part_holds(&r->unless, e);
}

#endif
