#include "events/draft.h"
#include "events/units.h"

/* ">", "<", ">=", "=>", "> or =" and the one-character signs of UTF-8, in the order in which they are tried.
 */
static const struct {
    const char *sent, *mark;
} marks[] = {
    { ">=", ">=" }, { "=>", ">=" }, { "> or =", ">=" }, { "\xE2\x89\xA5", ">=" },
    { "<=", "<=" }, { "=<", "<=" }, { "< or =", "<=" }, { "\xE2\x89\xA4", "<=" },
    { ">", ">" },   { "<", "<" },   { "=", "=" },
};

/* Takes a mark off the front of *text; NULL when there is none. */
static const char *take_mark(struct slice *text)
{
    if (text->len == 0 || (text->ptr[0] >= '0' && text->ptr[0] <= '9')) /* nearly always */
        return NULL;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct slice sent = slice_of(marks[i].sent);
        if (slice_starts(*text, sent)) {
            *text = slice_trim(slice_sub(*text, sent.len, text->len));
            return marks[i].mark;
        }
    }
    return NULL;
}

/* "6,9" as half the world writes it. With three digits behind the comma it may be thousands: no number. */
static bool comma_number(struct slice text, struct decimal *out)
{
    enum { DIGITS_MAX = 40, THOUSANDS = 3 };
    char copy[DIGITS_MAX];
    size_t comma = slice_find(text, ',');
    if (comma >= text.len || text.len > DIGITS_MAX || text.len - comma - 1 == THOUSANDS ||
        slice_find(text, '.') < text.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = i == comma ? '.' : text.ptr[i];
    return decimal_parse((struct slice){ copy, text.len }, out);
}

static bool parse_number(struct slice text, struct decimal *out)
{
    text = slice_trim(text);
    return decimal_parse(text, out) || comma_number(text, out);
}

struct quantity quantity_make(struct slice comparator, struct slice number)
{
    struct quantity q = { .state = QUANTITY_ABSENT };
    struct decimal d;
    comparator = slice_trim(comparator);
    const char *mark = take_mark(&comparator);
    if (comparator.len > 0 || !parse_number(number, &d)) /* a comparator that is none: "<>" of an SN */
        return q;
    comparator = slice_of(mark);
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

/* Where the second number of a range begins: behind the first hyphen after a digit, or behind "to" or the
 * en dash. *end is where the first one ends. False: no range. */
static bool split_range(struct slice text, size_t *end, size_t *begin)
{
    static const char *const words[] = { " to ", "\xE2\x80\x93", ".." };
    for (size_t at = 1; at < text.len; at++) {
        struct slice rest = slice_sub(text, at, text.len);
        size_t len = rest.ptr[0] == '-' && text.ptr[at - 1] != 'e' && text.ptr[at - 1] != 'E' ? 1 : 0;
        for (size_t i = 0; i < sizeof words / sizeof words[0] && len == 0; i++)
            len = slice_starts(rest, slice_of(words[i])) ? slice_of(words[i]).len : 0;
        if (len > 0) {
            *end = at;
            *begin = at + len;
            return true;
        }
    }
    return false;
}

/* "90-96", "49 - 92", "-3--1", "3.5 to 5.1". */
static bool parse_range(struct slice text, struct quantity *out)
{
    struct decimal low, high;
    size_t end, begin;
    if (!split_range(text, &end, &begin) || !parse_number(slice_sub(text, 0, end), &low) ||
        !parse_number(slice_sub(text, begin, text.len), &high) || decimal_compare(low, high) > 0)
        return false;
    *out = (struct quantity){
        .state = QUANTITY_INTERVAL, .has_low = true, .has_high = true, .low = low, .high = high
    };
    return true;
}

/* "[3.5-5.1]" and "(3.5-5.1)" as reference ranges are printed. */
static struct slice without_brackets(struct slice text)
{
    if (text.len > 2 && ((text.ptr[0] == '[' && text.ptr[text.len - 1] == ']') ||
                         (text.ptr[0] == '(' && text.ptr[text.len - 1] == ')')))
        return slice_trim(slice_sub(text, 1, text.len - 2));
    return text;
}

struct quantity quantity_parse(struct slice text)
{
    enum { LONGEST = 80 }; /* a text, not a number */
    struct quantity q = { .state = QUANTITY_ABSENT };
    text = without_brackets(slice_trim(text));
    if (text.len == 0 || text.len > LONGEST)
        return q;
    const char *mark = take_mark(&text);
    q = quantity_make(slice_of(mark), text);
    if (q.state == QUANTITY_ABSENT && mark == NULL)
        parse_range(text, &q);
    return q;
}

void quantity_set_unit(struct quantity *q, struct slice sent, struct slice row_unit)
{
    if (q->state == QUANTITY_ABSENT)
        return;
    struct slice ucum = unit_ucum(sent);
    quantity_put_unit(q, ucum.len > 0 ? ucum : slice_trim(sent), row_unit);
}

void quantity_put_unit(struct quantity *q, struct slice unit, struct slice row_unit)
{
    struct decimal low = q->low, high = q->high;
    if (q->state == QUANTITY_ABSENT)
        return;
    q->unit = unit;
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
        { "T", PRIORITY_HIGH }, /* timing critical */
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

/* HL7 table 0078 up to version 2.9, which FHIR shares. What compares with an earlier result, says how well a
 * drug works or how the test went is known, and neither normal nor abnormal by itself. */
static const struct {
    struct slice word;
    enum event_abnormal abnormal;
} flags[] = {
    { SLICE_INIT("LL"), ABNORMAL_CRITICAL_LOW },
    { SLICE_INIT("HH"), ABNORMAL_CRITICAL_HIGH },
    { SLICE_INIT("AA"), ABNORMAL_CRITICAL },
    { SLICE_INIT("<"), ABNORMAL_OFF_LOW },
    { SLICE_INIT(">"), ABNORMAL_OFF_HIGH },
    { SLICE_INIT("L"), ABNORMAL_LOW },
    { SLICE_INIT("H"), ABNORMAL_HIGH },
    { SLICE_INIT("LU"), ABNORMAL_LOW },
    { SLICE_INIT("HU"), ABNORMAL_HIGH },
    { SLICE_INIT("LX"), ABNORMAL_LOW }, /* past the low and the high threshold */
    { SLICE_INIT("HX"), ABNORMAL_HIGH },
    { SLICE_INIT("A"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("N"), ABNORMAL_NORMAL },
    { SLICE_INIT("POS"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("DET"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("RR"), ABNORMAL_ABNORMAL }, /* reactive */
    { SLICE_INIT("WR"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("IND"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("E"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("UNE"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("TOX"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("CAR"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("AC"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("R"), ABNORMAL_ABNORMAL }, /* resistant, non-susceptible */
    { SLICE_INIT("NS"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("SYN-R"), ABNORMAL_ABNORMAL },
    { SLICE_INIT("NEG"), ABNORMAL_NORMAL },
    { SLICE_INIT("ND"), ABNORMAL_NORMAL },
    { SLICE_INIT("NR"), ABNORMAL_NORMAL },
    { SLICE_INIT("EXP"), ABNORMAL_NORMAL },
    { SLICE_INIT("S"),
      ABNORMAL_NONE }, /* microbiology: susceptible, intermediate, very or moderately susceptible */
    { SLICE_INIT("I"), ABNORMAL_NONE },
    { SLICE_INIT("VS"), ABNORMAL_NONE },
    { SLICE_INIT("MS"), ABNORMAL_NONE },
    { SLICE_INIT("SDD"), ABNORMAL_NONE },
    { SLICE_INIT("SYN-S"), ABNORMAL_NONE },
    { SLICE_INIT("NCL"), ABNORMAL_NONE },
    { SLICE_INIT("B"), ABNORMAL_NONE }, /* better, worse, up, down: against the last one */
    { SLICE_INIT("W"), ABNORMAL_NONE },
    { SLICE_INIT("U"), ABNORMAL_NONE },
    { SLICE_INIT("D"), ABNORMAL_NONE },
    { SLICE_INIT("HM"), ABNORMAL_NONE }, /* hold for medical review */
    { SLICE_INIT("OBX"), ABNORMAL_NONE },
    { SLICE_INIT("QCF"), ABNORMAL_NONE },
    { SLICE_INIT("MSG"), ABNORMAL_NONE },
    { SLICE_INIT("NULL"), ABNORMAL_NONE },
    { SLICE_INIT("INV"), ABNORMAL_NONE }, /* IEEE 11073 measurement states of PCD-01 */
    { SLICE_INIT("QUES"), ABNORMAL_NONE },
    { SLICE_INIT("NAV"), ABNORMAL_NONE },
    { SLICE_INIT("CAL"), ABNORMAL_NONE },
    { SLICE_INIT("TEST"), ABNORMAL_NONE },
    { SLICE_INIT("DEMO"), ABNORMAL_NONE },
    { SLICE_INIT("EARLY"), ABNORMAL_NONE },
    { SLICE_INIT("BUSY"), ABNORMAL_NONE },
    { SLICE_INIT("ALACT"), ABNORMAL_NONE },
    { SLICE_INIT("ALINH"), ABNORMAL_NONE },
    { SLICE_INIT("UNK"), ABNORMAL_NONE }, /* null flavours */
    { SLICE_INIT("NASK"), ABNORMAL_NONE },
    { SLICE_INIT("NI"), ABNORMAL_NONE },
    { SLICE_INIT("NA"), ABNORMAL_NONE },
    { SLICE_INIT("OTH"), ABNORMAL_NONE },
};

enum { FLAG_COUNT = sizeof flags / sizeof flags[0] };

static size_t flag_index(struct slice flag)
{
    size_t i = 0;
    flag = code_trim(flag);
    while (i < FLAG_COUNT && !slice_eq_nocase(flag, flags[i].word))
        i++;
    return i;
}

bool abnormal_known(struct slice flag)
{
    return flag_index(flag) < FLAG_COUNT;
}

enum event_abnormal abnormal_worse(enum event_abnormal so_far, struct slice flag)
{
    size_t i = flag_index(flag);
    if (i == FLAG_COUNT || abnormal_rank(flags[i].abnormal) <= abnormal_rank(so_far))
        return so_far;
    return flags[i].abnormal;
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
