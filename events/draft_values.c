#include "events/draft.h"
#include "events/units.h"

static bool is_mark(char c)
{
    return c == '<' || c == '>' || c == '=';
}

struct quantity quantity_make(struct slice comparator, struct slice number)
{
    struct quantity q = { .state = QUANTITY_ABSENT };
    struct decimal d;
    comparator = slice_trim(comparator);
    if (!decimal_parse(slice_trim(number), &d))
        return q;
    bool open = comparator.len == 1;
    if (comparator.len == 0 || slice_is(comparator, "=")) {
        return (struct quantity){
            .state = QUANTITY_EXACT, .has_low = true, .has_high = true, .low = d, .high = d
        };
    }
    if (slice_is(comparator, ">") || slice_is(comparator, ">=")) {
        q = (struct quantity){ .state = QUANTITY_INTERVAL, .has_low = true, .low_open = open, .low = d };
    } else if (slice_is(comparator, "<") || slice_is(comparator, "<=")) {
        q = (struct quantity){ .state = QUANTITY_INTERVAL, .has_high = true, .high_open = open, .high = d };
    }
    return q;
}

/* "90-96", "49 - 92", "-3--1": the hyphen between two numbers is the first one after a digit. */
static bool parse_range(struct slice text, struct quantity *out)
{
    size_t at = 1;
    struct decimal low, high;
    while (at < text.len && !(text.ptr[at] == '-' && text.ptr[at - 1] != 'e' && text.ptr[at - 1] != 'E'))
        at++;
    if (at >= text.len || !decimal_parse(slice_trim(slice_sub(text, 0, at)), &low) ||
        !decimal_parse(slice_trim(slice_sub(text, at + 1, text.len)), &high) ||
        decimal_compare(low, high) > 0)
        return false;
    *out = (struct quantity){
        .state = QUANTITY_INTERVAL, .has_low = true, .has_high = true, .low = low, .high = high
    };
    return true;
}

struct quantity quantity_parse(struct slice text)
{
    struct quantity q = { .state = QUANTITY_ABSENT };
    size_t marks = 0;
    text = slice_trim(text);
    while (marks < text.len && is_mark(text.ptr[marks]))
        marks++;
    q = quantity_make(slice_sub(text, 0, marks), slice_sub(text, marks, text.len));
    if (q.state == QUANTITY_ABSENT && marks == 0)
        parse_range(text, &q);
    return q;
}

void quantity_set_unit(struct quantity *q, struct slice sent, struct slice row_unit)
{
    struct slice ucum = unit_ucum(sent);
    struct decimal low = q->low, high = q->high;
    if (q->state == QUANTITY_ABSENT)
        return;
    q->unit = ucum.len > 0 ? ucum : slice_trim(sent);
    if (q->unit.len == 0)
        q->unit = row_unit;
    if (row_unit.len == 0 || slice_eq(q->unit, row_unit))
        return;
    if ((q->has_low && !unit_convert(q->low, q->unit, row_unit, &low)) ||
        (q->has_high && !unit_convert(q->high, q->unit, row_unit, &high)))
        return;
    q->low = low;
    q->high = high;
    q->unit = row_unit;
}

bool phase_of_word(struct slice word, enum event_phase *out)
{
    static const struct {
        const char *word;
        enum event_phase phase;
    } words[] = {
        { "start", PHASE_STARTS },        { "start_only", PHASE_STARTS },
        { "tpoint", PHASE_STARTS },       { "present", PHASE_STARTS },
        { "continue", PHASE_UPDATES },    { "update", PHASE_UPDATES },
        { "escalate", PHASE_WORSENS },    { "deescalate", PHASE_EASES },
        { "de-escalate", PHASE_EASES },   { "acknowledged", PHASE_ATTENDED },
        { "inactivate", PHASE_ATTENDED }, { "end", PHASE_ENDS },
        { "stop", PHASE_ENDS },           { "reset", PHASE_ENDS },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (slice_eq_nocase(word, slice_of(words[i].word))) {
            *out = words[i].phase;
            return true;
        }
    }
    return false;
}

bool priority_of_word(struct slice word, enum event_priority *out)
{
    static const struct {
        const char *word;
        enum event_priority priority;
    } words[] = {
        { "PH", PRIORITY_HIGH },       { "PM", PRIORITY_MEDIUM },       { "PL", PRIORITY_LOW },
        { "PI", PRIORITY_INFO },       { "PN", PRIORITY_INFO },         { "high", PRIORITY_HIGH },
        { "medium", PRIORITY_MEDIUM }, { "low", PRIORITY_LOW },         { "stat", PRIORITY_STAT },
        { "S", PRIORITY_STAT },        { "asap", PRIORITY_HIGH },       { "A", PRIORITY_HIGH },
        { "urgent", PRIORITY_MEDIUM }, { "routine", PRIORITY_ROUTINE }, { "R", PRIORITY_ROUTINE },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (slice_eq_nocase(word, slice_of(words[i].word))) {
            *out = words[i].priority;
            return true;
        }
    }
    return false;
}

/* How much a flag says: the higher rank wins where several stand. */
static int abnormal_rank(enum event_abnormal a)
{
    static const int ranks[ABNORMAL_COUNT] = {
        [ABNORMAL_NONE] = 0,          [ABNORMAL_NORMAL] = 1,   [ABNORMAL_ABNORMAL] = 2,
        [ABNORMAL_LOW] = 3,           [ABNORMAL_HIGH] = 3,     [ABNORMAL_OFF_LOW] = 4,
        [ABNORMAL_OFF_HIGH] = 4,      [ABNORMAL_CRITICAL] = 5, [ABNORMAL_CRITICAL_LOW] = 6,
        [ABNORMAL_CRITICAL_HIGH] = 6,
    };
    return ranks[a];
}

enum event_abnormal abnormal_worse(enum event_abnormal so_far, struct slice flag)
{
    static const struct {
        const char *word;
        enum event_abnormal abnormal;
    } words[] = {
        { "LL", ABNORMAL_CRITICAL_LOW }, { "HH", ABNORMAL_CRITICAL_HIGH }, { "AA", ABNORMAL_CRITICAL },
        { "<", ABNORMAL_OFF_LOW },       { ">", ABNORMAL_OFF_HIGH },       { "L", ABNORMAL_LOW },
        { "H", ABNORMAL_HIGH },          { "LU", ABNORMAL_LOW },           { "HU", ABNORMAL_HIGH },
        { "A", ABNORMAL_ABNORMAL },      { "N", ABNORMAL_NORMAL },
    };
    flag = code_trim(flag);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_eq_nocase(flag, slice_of(words[i].word)))
            return abnormal_rank(words[i].abnormal) > abnormal_rank(so_far) ? words[i].abnormal : so_far;
    return so_far;
}

enum event_class class_of_result(const struct event *e, enum event_class base)
{
    enum event_class wanted = base;
    if (abnormal_rank(e->abnormal) >= abnormal_rank(ABNORMAL_OFF_LOW))
        wanted = CLASS_HIGH;
    else if (e->priority == PRIORITY_STAT)
        wanted = CLASS_MEDIUM;
    return wanted < base ? wanted : base;
}
