/* roster/ics_lines.c - the letters of iCalendar: folding, parameters, dates, durations, offsets. */
#include "roster/ics_lines.h"

#include <string.h>

/* --- lines -----------------------------------------------------------------------------------------------
 */

static struct slice physical(struct ics_reader *r)
{
    struct slice line = slice_cut(&r->rest, '\n');

    r->next_line++;
    return slice_ends(line, SLICE("\r")) ? slice_sub(line, 0, line.len - 1) : line;
}

static bool continues(const struct ics_reader *r)
{
    return r->rest.len > 0 && (r->rest.ptr[0] == ' ' || r->rest.ptr[0] == '\t');
}

/* Looks ahead for the length of all parts first, so that a long text is copied once. */
static struct slice unfold(struct ics_reader *r, struct slice first)
{
    struct ics_reader ahead = *r;
    size_t len = first.len, at = first.len;

    if (!continues(r))
        return first;
    while (continues(&ahead))
        len += physical(&ahead).len - 1;
    char *text = arena_raw(r->arena, len + 1);
    memcpy(text, first.ptr, first.len);
    while (continues(r)) {
        struct slice more = physical(r);
        memcpy(text + at, more.ptr + 1, more.len - 1);
        at += more.len - 1;
    }
    return (struct slice){ text, at };
}

/* The colon that ends name and parameters: quotes may hold others. */
static size_t colon_of(struct slice line)
{
    bool quoted = false;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '"')
            quoted = !quoted;
        if (line.ptr[i] == ':' && !quoted)
            return i;
    }
    return line.len;
}

bool ics_line(struct ics_reader *r, struct ics_line *out)
{
    while (r->rest.len > 0) {
        uint32_t number = r->next_line;
        struct slice line = unfold(r, physical(r));
        size_t colon = colon_of(line);
        if (colon == line.len)
            continue;
        struct slice head = slice_sub(line, 0, colon);
        out->number = number;
        out->name = slice_cut(&head, ';');
        out->params = head;
        out->value = slice_sub(line, colon + 1, line.len);
        return true;
    }
    return false;
}

bool ics_name_is(const struct ics_line *l, const char *name)
{
    return slice_eq_nocase(l->name, slice_of(name));
}

struct slice ics_param(const struct ics_line *l, const char *name)
{
    struct slice rest = l->params;

    while (rest.len > 0) {
        size_t end = 0;
        for (bool quoted = false; end < rest.len && (quoted || rest.ptr[end] != ';'); end++)
            quoted = quoted != (rest.ptr[end] == '"');
        struct slice value = slice_sub(rest, 0, end), key = slice_cut(&value, '=');
        rest = slice_sub(rest, end + 1, rest.len);
        if (!slice_eq_nocase(key, slice_of(name)))
            continue;
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = slice_sub(value, 1, value.len - 2);
        return value;
    }
    return (struct slice){ NULL, 0 };
}

struct slice ics_text(struct arena *a, struct slice value)
{
    if (slice_find(value, '\\') == value.len)
        return value;
    char *text = arena_raw(a, value.len);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\\' && i + 1 < value.len) {
            c = value.ptr[++i];
            c = c == 'n' || c == 'N' ? ' ' : c; /* a name has no line ends */
        }
        text[len++] = c;
    }
    return (struct slice){ text, len };
}

/* --- dates and durations ---------------------------------------------------------------------------------
 */

static bool digits(struct slice text, size_t at, size_t count, uint32_t *out)
{
    return at + count <= text.len && slice_to_u32(slice_sub(text, at, count), out);
}

bool ics_when(struct slice text, struct ics_when *out)
{
    uint32_t year, month, day, hour = 0, minute = 0, second = 0;

    *out = (struct ics_when){ .date = text.len == 8 };
    if (!digits(text, 0, 4, &year) || !digits(text, 4, 2, &month) || !digits(text, 6, 2, &day))
        return false;
    if (!out->date) {
        out->utc = text.len == 16 && text.ptr[15] == 'Z';
        if ((text.len != 15 && !out->utc) || text.ptr[8] != 'T' || !digits(text, 9, 2, &hour) ||
            !digits(text, 11, 2, &minute) || !digits(text, 13, 2, &second))
            return false;
    }
    struct civil c = { .year = (int32_t)year,
                       .month = (uint8_t)month,
                       .day = (uint8_t)day,
                       .hour = (uint8_t)hour,
                       .minute = (uint8_t)minute,
                       .second = (uint8_t)(second == 60 ? 59 : second) };
    if (year < 1970 || year > 2200 || !civil_valid(c))
        return false;
    out->wall_us = time_from_civil(c);
    return true;
}

bool ics_duration(struct slice text, struct ics_duration *out)
{
    bool time = false, any = false;

    *out = (struct ics_duration){ 0, 0 };
    if (text.len > 0 && text.ptr[0] == '+')
        text = slice_sub(text, 1, text.len);
    if (text.len == 0 || text.ptr[0] != 'P')
        return false;
    for (size_t i = 1; i < text.len;) {
        size_t end = i;
        uint32_t n;
        if (text.ptr[i] == 'T' && !time) {
            time = true;
            i++;
            continue;
        }
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
            end++;
        if (end == text.len || !slice_to_u32(slice_sub(text, i, end - i), &n) || n > 1000000)
            return false;
        switch (text.ptr[end] | (time ? 0x100 : 0)) {
        case 'W':
            out->days_us += 7 * (int64_t)n * TIME_DAY;
            break;
        case 'D':
            out->days_us += (int64_t)n * TIME_DAY;
            break;
        case 'H' | 0x100:
            out->exact_us += (int64_t)n * TIME_HOUR;
            break;
        case 'M' | 0x100:
            out->exact_us += (int64_t)n * TIME_MIN;
            break;
        case 'S' | 0x100:
            out->exact_us += (int64_t)n * TIME_S;
            break;
        default:
            return false;
        }
        any = true;
        i = end + 1;
    }
    return any && out->days_us <= 3660 * TIME_DAY && out->exact_us <= 3660 * TIME_DAY;
}

/* --- zones that a file brings along -----------------------------------------------------------------------
 */

bool ics_offset(struct slice text, int32_t *seconds)
{
    uint32_t hour, minute, second = 0;

    if ((text.len != 5 && text.len != 7) || (text.ptr[0] != '+' && text.ptr[0] != '-') ||
        !digits(text, 1, 2, &hour) || !digits(text, 3, 2, &minute) ||
        (text.len == 7 && !digits(text, 5, 2, &second)) || hour > 15 || minute > 59 || second > 59)
        return false;
    *seconds = (int32_t)(hour * 3600 + minute * 60 + second) * (text.ptr[0] == '-' ? -1 : 1);
    return true;
}

enum { ONSET_DAYS = 800 }; /* a yearly change is found within them */

/* The latest change of this observance at or before the reading; TIME_NONE when none. */
static int64_t latest_onset(const struct ics_observance *o, int64_t wall_us)
{
    int64_t start_day = o->start_us / TIME_DAY, of_day = o->start_us % TIME_DAY, day = wall_us / TIME_DAY;
    struct ics_when until = { 0, false, false };

    if (wall_us < o->start_us)
        return TIME_NONE;
    if (!o->repeats)
        return o->start_us;
    if (o->rule.until.len > 0 && ics_when(o->rule.until, &until)) {
        int64_t last = until.wall_us + (until.utc ? o->from_s * TIME_S : until.date ? TIME_DAY - 1 : 0);
        day = day * TIME_DAY > last ? last / TIME_DAY : day;
    }
    for (int64_t d = day; d >= start_day && d > day - ONSET_DAYS; d--)
        if (d * TIME_DAY + of_day <= wall_us && recur_on(&o->rule, start_day, d))
            return d * TIME_DAY + of_day;
    return o->start_us;
}

bool ics_zone_instant(const struct ics_observance *list, size_t count, struct slice zone, int64_t wall_us,
                      int64_t *out)
{
    const struct ics_observance *best = NULL, *first = NULL;
    int64_t since = TIME_NONE;

    for (size_t i = 0; i < count; i++) {
        if (!slice_eq(list[i].zone, zone))
            continue;
        int64_t onset = latest_onset(&list[i], wall_us);
        first = first == NULL || list[i].start_us < first->start_us ? &list[i] : first;
        if (onset != TIME_NONE && (best == NULL || onset > since)) {
            best = &list[i];
            since = onset;
        }
    }
    if (first == NULL)
        return false;
    if (best == NULL) { /* before the first change that the file tells of */
        *out = wall_us - first->from_s * TIME_S;
        return true;
    }
    *out = wall_us - best->to_s * TIME_S;
    if (*out < since - best->from_s * TIME_S) /* the clock skipped this reading */
        *out = since - best->from_s * TIME_S;
    return true;
}
