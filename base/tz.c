/* Times inside are whole seconds since 1970-01-01T00:00Z. The zone is a list of changes, and after
 * the last of them the rule of the footer, if there is one (RFC 8536 section 3.3). */
#include "base/tz.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHANGES = 8192, MAX_TYPES = 256, REACH_S = 27 * 3600 };

struct change {
    int64_t at;       /* the first second at which offset_s holds */
    int32_t offset_s; /* east of UTC */
};

enum day_form { DAY_JULIAN, DAY_ZERO, DAY_MONTH };

struct rule { /* one "date[/time]" of a POSIX TZ string */
    enum day_form form;
    int32_t day;         /* Jn: 1-365, n: 0-365, Mm.w.d: weekday 0 Sunday ... 6 */
    int32_t month, week; /* Mm.w.d only */
    int32_t time_s;      /* after local midnight, -167 h ... 167 h */
};

struct footer {
    bool present, has_dst;
    int32_t std_s, dst_s; /* east of UTC */
    struct rule start, end;
};

struct tz {
    struct change *changes;
    size_t count;
    int32_t first_s; /* before the first change */
    struct footer footer;
};

/* --- reading the file ------------------------------------------------------------------------------ */

struct block { /* one data block: its counts, then its parts */
    uint32_t isut, isstd, leap, times, types, chars;
    size_t time_size;
};

static bool take(struct slice *in, size_t len, struct slice *out)
{
    if (in->len < len)
        return false;
    *out = slice_sub(*in, 0, len);
    *in = slice_sub(*in, len, in->len);
    return true;
}

static uint64_t big_endian(const char *at, size_t len)
{
    uint64_t v = 0;

    for (size_t i = 0; i < len; i++)
        v = v << 8 | (unsigned char)at[i];
    return v;
}

static bool bad(struct error *err, const char *what)
{
    return error_set(err, ERROR_SYNTAX, "time zone file: %s", what);
}

static bool read_header(struct slice *in, struct block *b, char *version, struct error *err)
{
    struct slice head;

    if (!take(in, 44, &head) || !slice_starts(head, SLICE("TZif")))
        return bad(err, "not a TZif file");
    *version = head.ptr[4];
    if (*version != '\0' && *version < '2')
        return bad(err, "unknown version");
    b->isut = (uint32_t)big_endian(head.ptr + 20, 4);
    b->isstd = (uint32_t)big_endian(head.ptr + 24, 4);
    b->leap = (uint32_t)big_endian(head.ptr + 28, 4);
    b->times = (uint32_t)big_endian(head.ptr + 32, 4);
    b->types = (uint32_t)big_endian(head.ptr + 36, 4);
    b->chars = (uint32_t)big_endian(head.ptr + 40, 4);
    if (b->times > MAX_CHANGES || b->types == 0 || b->types > MAX_TYPES || b->isut > MAX_TYPES ||
        b->isstd > MAX_TYPES || b->chars > 65536 || b->leap > 1024)
        return bad(err, "a count is out of range");
    return true;
}

static size_t block_bytes(const struct block *b)
{
    return b->times * (b->time_size + 1) + (size_t)b->types * 6 + b->chars + b->leap * (b->time_size + 4) +
           b->isstd + b->isut;
}

static bool read_changes(struct tz *tz, const struct block *b, struct slice data, struct error *err)
{
    const char *times = data.ptr, *kinds = times + b->times * b->time_size, *types = kinds + b->times;
    int32_t offsets[MAX_TYPES] = { 0 };

    for (size_t i = 0; i < b->types; i++) {
        offsets[i] = (int32_t)big_endian(types + 6 * i, 4);
        if (offsets[i] < -25 * 3600 || offsets[i] > 26 * 3600) /* RFC 8536 section 3.2 */
            return bad(err, "an offset is out of range");
    }
    tz->first_s = offsets[0];
    tz->changes = memory_array(b->times, sizeof *tz->changes);
    for (size_t i = 0; i < b->times; i++) {
        uint64_t raw = big_endian(times + i * b->time_size, b->time_size);
        unsigned char kind = (unsigned char)kinds[i];
        int64_t at = b->time_size == 4 ? (int32_t)(uint32_t)raw : (int64_t)raw;
        if (kind >= b->types || (i > 0 && at <= tz->changes[i - 1].at))
            return bad(err, "the changes are not in order");
        tz->changes[i] = (struct change){ at, offsets[kind] };
    }
    tz->count = b->times;
    return true;
}

/* --- the footer: a POSIX TZ string ------------------------------------------------------------------ */

static bool take_char(struct slice *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = slice_sub(*s, 1, s->len);
    return true;
}

static bool take_int(struct slice *s, int32_t least, int32_t most, int32_t *out)
{
    size_t digits = 0;
    uint32_t value;

    while (digits < s->len && s->ptr[digits] >= '0' && s->ptr[digits] <= '9')
        digits++;
    if (digits > 3 || !slice_to_u32(slice_sub(*s, 0, digits), &value) || (int32_t)value < least ||
        (int32_t)value > most)
        return false;
    *out = (int32_t)value;
    *s = slice_sub(*s, digits, s->len);
    return true;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool take_hms(struct slice *s, int32_t most_hours, int32_t *out)
{
    bool negative = take_char(s, '-');
    int32_t h, m = 0, sec = 0;

    if (!negative)
        (void)take_char(s, '+');
    if (!take_int(s, 0, most_hours, &h))
        return false;
    if (take_char(s, ':') && (!take_int(s, 0, 59, &m) || (take_char(s, ':') && !take_int(s, 0, 59, &sec))))
        return false;
    *out = (h * 3600 + m * 60 + sec) * (negative ? -1 : 1);
    return true;
}

static bool name_char(char c, bool quoted)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
}

static bool skip_name(struct slice *s)
{
    bool quoted = take_char(s, '<');
    size_t len = 0;

    while (len < s->len && name_char(s->ptr[len], quoted))
        len++;
    *s = slice_sub(*s, len, s->len);
    return len >= 3 && (!quoted || take_char(s, '>'));
}

static bool take_rule(struct slice *s, struct rule *r)
{
    bool ok;

    *r = (struct rule){ .form = DAY_ZERO, .time_s = 2 * 3600 };
    if (take_char(s, 'M')) {
        r->form = DAY_MONTH;
        ok = take_int(s, 1, 12, &r->month) && take_char(s, '.') && take_int(s, 1, 5, &r->week) &&
             take_char(s, '.') && take_int(s, 0, 6, &r->day);
    } else if (take_char(s, 'J')) {
        r->form = DAY_JULIAN;
        ok = take_int(s, 1, 365, &r->day);
    } else {
        ok = take_int(s, 0, 365, &r->day);
    }
    return ok && (!take_char(s, '/') || take_hms(s, 167, &r->time_s));
}

/* POSIX counts offsets west of UTC, we count east. */
static bool read_footer_text(struct slice s, struct footer *f)
{
    f->present = true;
    if (!skip_name(&s) || !take_hms(&s, 24, &f->std_s))
        return false;
    f->std_s = -f->std_s;
    if (s.len == 0)
        return true;
    f->has_dst = true;
    f->dst_s = f->std_s + 3600;
    if (!skip_name(&s))
        return false;
    if (s.len > 0 && s.ptr[0] != ',') {
        if (!take_hms(&s, 24, &f->dst_s))
            return false;
        f->dst_s = -f->dst_s;
    }
    return take_char(&s, ',') && take_rule(&s, &f->start) && take_char(&s, ',') && take_rule(&s, &f->end) &&
           s.len == 0;
}

static bool read_footer(struct slice rest, struct footer *f, struct error *err)
{
    size_t end;

    if (!take_char(&rest, '\n') || (end = slice_find(rest, '\n')) == rest.len)
        return bad(err, "the footer is missing");
    if (end > 0 && !read_footer_text(slice_sub(rest, 0, end), f))
        return bad(err, "the footer is not a POSIX TZ string");
    return true;
}

static bool read_file(struct tz *tz, struct slice in, struct error *err)
{
    struct block b = { .time_size = 4 };
    struct slice data;
    char version = '\0';

    if (!read_header(&in, &b, &version, err))
        return false;
    if (!take(&in, block_bytes(&b), &data))
        return bad(err, "it ends too early");
    if (version != '\0') { /* the first block was for readers of 32-bit times */
        b.time_size = 8;
        if (!read_header(&in, &b, &version, err))
            return false;
        if (!take(&in, block_bytes(&b), &data))
            return bad(err, "it ends too early");
    }
    if (b.leap > 0)
        return error_set(err, ERROR_UNSUPPORTED,
                         "time zone file: leap seconds (a \"right/\" zone) are not used");
    return read_changes(tz, &b, data, err) && (version == '\0' || read_footer(in, &tz->footer, err));
}

struct tz *tz_parse(struct slice tzif, struct error *err)
{
    struct tz *tz = memory_new(sizeof *tz);

    if (!read_file(tz, tzif, err))
        tz_free(&tz);
    return tz;
}

struct tz *tz_utc(void)
{
    return memory_new(sizeof(struct tz));
}

void tz_free(struct tz **tz)
{
    if (tz == NULL || *tz == NULL)
        return;
    free((*tz)->changes);
    free(*tz);
    *tz = NULL;
}

/* --- asking ------------------------------------------------------------------------------------------ */

static int64_t floor_seconds(int64_t us)
{
    return us / TIME_S - (us % TIME_S < 0);
}

static int64_t day_start(int32_t year, uint8_t month, uint8_t day)
{
    return time_from_civil((struct civil){ .year = year, .month = month, .day = day }) / TIME_S;
}

static int64_t month_rule_day(const struct rule *r, int32_t year)
{
    uint8_t month = (uint8_t)r->month, length = civil_days_in_month(year, month);
    uint8_t monday_based = civil_weekday((struct civil){ .year = year, .month = month, .day = 1 });
    int32_t first = (r->day - (monday_based + 1) % 7 + 7) % 7; /* days from the 1st to that weekday */
    int32_t day = 1 + first + 7 * (r->week - 1);

    while (day > length) /* week 5 means the last */
        day -= 7;
    return day_start(year, month, (uint8_t)day);
}

/* The instant at which a rule strikes in `year`, under the offset that holds until then. */
static int64_t rule_at(const struct rule *r, int32_t year, int32_t offset_s)
{
    int64_t day;

    if (r->form == DAY_MONTH) {
        day = month_rule_day(r, year);
    } else {
        bool leap = civil_days_in_month(year, 2) == 29;
        /* Jn never counts 29 February; n counts it. */
        int32_t number = r->form == DAY_ZERO ? r->day : r->day - 1 + (leap && r->day >= 60);
        day = day_start(year, 1, 1) + (int64_t)number * 86400;
    }
    return day + r->time_s - offset_s;
}

enum { FOOTER_YEARS = 3, FOOTER_CHANGES = 2 * FOOTER_YEARS };

/* The changes that the footer makes in the year of t, the one before and the one after. Where an end
 * and the next start fall together (daylight time all year), the start stands later and wins. */
static void footer_changes(const struct footer *f, int64_t t, struct change out[FOOTER_CHANGES])
{
    /* 250,000 years either way: the years around it still fit microseconds, and nobody rings there. */
    static const int64_t most = INT64_C(250000) * 365 * 86400;
    int32_t year = time_to_civil((t > most ? most : t < -most ? -most : t) * TIME_S).year;

    for (int i = 0; i < FOOTER_YEARS; i++) {
        int32_t y = year - 1 + i;
        out[2 * i] = (struct change){ rule_at(&f->start, y, f->std_s), f->dst_s };
        out[2 * i + 1] = (struct change){ rule_at(&f->end, y, f->dst_s), f->std_s };
    }
}

static int32_t footer_offset(const struct footer *f, int64_t t)
{
    struct change all[FOOTER_CHANGES];
    const struct change *last = NULL;

    if (!f->has_dst)
        return f->std_s;
    footer_changes(f, t, all);
    for (size_t i = 0; i < FOOTER_CHANGES; i++)
        if (all[i].at <= t &&
            (last == NULL || all[i].at > last->at || (all[i].at == last->at && all[i].offset_s == f->dst_s)))
            last = &all[i];
    return last != NULL ? last->offset_s : f->std_s;
}

/* How many changes stand at or before t. */
static size_t changes_until(const struct tz *tz, int64_t t)
{
    size_t low = 0, high = tz->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tz->changes[middle].at <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t offset_at(const struct tz *tz, int64_t t)
{
    size_t passed = changes_until(tz, t);

    if (passed == tz->count && tz->footer.present)
        return footer_offset(&tz->footer, t);
    return passed > 0 ? tz->changes[passed - 1].offset_s : tz->first_s;
}

/* The next change after t, or INT64_MAX. */
static int64_t next_change(const struct tz *tz, int64_t t)
{
    struct change all[FOOTER_CHANGES];
    size_t passed = changes_until(tz, t);
    int64_t next = INT64_MAX;

    if (passed < tz->count)
        return tz->changes[passed].at;
    if (!tz->footer.present || !tz->footer.has_dst)
        return next;
    footer_changes(&tz->footer, t, all);
    for (size_t i = 0; i < FOOTER_CHANGES; i++)
        if (all[i].at > t && all[i].at < next)
            next = all[i].at;
    return next;
}

int32_t tz_offset_s(const struct tz *tz, int64_t utc_us)
{
    return offset_at(tz, floor_seconds(utc_us));
}

struct civil tz_to_civil(const struct tz *tz, int64_t utc_us)
{
    int64_t local_us;

    /* At the two ends of time the zone is left out rather than the count run over. */
    if (__builtin_add_overflow(utc_us, tz_offset_s(tz, utc_us) * TIME_S, &local_us))
        local_us = utc_us;
    return time_to_civil(local_us);
}

/* Walks the stretches of equal offset around the wall time. No offset is larger than 26 h, so every
 * instant that could show it lies within REACH_S of the same reading in UTC. */
int64_t tz_from_civil(const struct tz *tz, struct civil c, enum tz_pick pick)
{
    int64_t wall_us = time_from_civil(c), wall = floor_seconds(wall_us), within = wall_us - wall * TIME_S;
    int64_t found = TIME_NONE, after_gap = TIME_NONE;

    for (int64_t from = wall - REACH_S, to; from <= wall + REACH_S; from = to) {
        int64_t offset = offset_at(tz, from), at = wall - offset;
        to = next_change(tz, from);
        if (at >= from && at < to) {
            found = at * TIME_S + within;
            if (pick == TZ_FIRST)
                return found;
        }
        if (after_gap == TIME_NONE && from + offset > wall)
            after_gap = from * TIME_S;
    }
    return found != TIME_NONE ? found : after_gap;
}

bool tz_parse_instant(const struct tz *tz, struct slice text, int64_t *out)
{
    struct slice time = slice_sub(text, 10, text.len);
    bool zoned =
        slice_find(time, '+') < time.len || slice_find(time, '-') < time.len || slice_ends(time, SLICE("Z"));

    if (!time_parse_iso(text, 0, out))
        return false;
    if (!zoned)
        *out = tz_from_civil(tz, time_to_civil(*out), TZ_FIRST);
    return true;
}
