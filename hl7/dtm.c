#include "hl7/dtm.h"

#include "base/time.h"

enum { FRACTION_DIGITS = 6, ZONE_HOURS_MAX = 14 };

/* The next `digits` decimal digits; moves *rest past them. */
static bool digits_take(struct slice *rest, size_t digits, uint32_t *out)
{
    if (rest->len < digits || !slice_to_u32(slice_sub(*rest, 0, digits), out))
        return false;
    *rest = slice_sub(*rest, digits, SIZE_MAX);
    return true;
}

/* "+hhmm" or "-hhmm" at the end of *text, which is cut before it. */
static bool zone_take(struct slice *text, struct hl7_dtm *t)
{
    size_t at = slice_find(*text, '+');
    uint32_t hours, minutes;

    if (at == text->len)
        at = slice_find(*text, '-');
    if (at == text->len)
        return true;
    struct slice zone = slice_sub(*text, at + 1, SIZE_MAX);
    bool west = text->ptr[at] == '-';
    if (!digits_take(&zone, 2, &hours) || !digits_take(&zone, 2, &minutes) || zone.len > 0 ||
        hours > ZONE_HOURS_MAX || minutes > 59)
        return false;
    t->has_zone = true;
    t->offset_min = (int32_t)(hours * 60 + minutes) * (west ? -1 : 1);
    t->zone_unknown = west && t->offset_min == 0;
    text->len = at;
    return true;
}

/* ".S..." as microseconds. */
static bool fraction_take(struct slice *rest, int32_t *us)
{
    static const int32_t UNIT[FRACTION_DIGITS] = { 100000, 10000, 1000, 100, 10, 1 };

    *us = 0;
    for (size_t i = 1; i < rest->len; i++) {
        if (rest->ptr[i] < '0' || rest->ptr[i] > '9')
            return false;
        if (i <= FRACTION_DIGITS)
            *us += (rest->ptr[i] - '0') * UNIT[i - 1];
    }
    bool ok = rest->ptr[0] == '.' && rest->len > 1;
    rest->len = 0;
    return ok;
}

/* The parts of the local time, each only when the one before is there. */
static bool parts_take(struct slice rest, uint32_t part[6], int32_t *us, enum hl7_precision *precision)
{
    static const size_t WIDTH[6] = { 4, 2, 2, 2, 2, 2 };

    *us = 0;
    for (int i = 0; i < 6 && (i == 0 || rest.len > 0); i++) {
        if (!digits_take(&rest, WIDTH[i], &part[i]))
            return false;
        *precision = (enum hl7_precision)i;
    }
    if (rest.len == 0)
        return true;
    if (*precision != HL7_SECOND || !fraction_take(&rest, us))
        return false;
    *precision = HL7_FRACTION;
    return true;
}

bool hl7_dtm_parse(struct slice text, int32_t default_offset_min, struct hl7_dtm *out)
{
    struct hl7_dtm t = { .offset_min = default_offset_min };
    uint32_t part[6] = { 0, 1, 1, 0, 0, 0 };
    int64_t extra = 0;
    int32_t us;

    text = slice_trim(text);
    if (!zone_take(&text, &t) || !parts_take(text, part, &us, &t.precision))
        return false;
    if (part[3] == 24 && part[4] == 0 && part[5] == 0 && us == 0) {
        part[3] = 0;
        extra = TIME_DAY;
    }
    if (part[5] == 60) {
        part[5] = 59;
        extra = TIME_S;
    }
    struct civil c = { (int32_t)part[0],
                       (uint8_t)part[1],
                       (uint8_t)part[2],
                       (uint8_t)part[3],
                       (uint8_t)part[4],
                       (uint8_t)part[5],
                       us };
    if (part[0] == 0 || !civil_valid(c))
        return false;
    t.instant_us = time_from_civil(c) + extra - t.offset_min * TIME_MIN;
    *out = t;
    return true;
}

void hl7_dtm_put(struct buf *out, int64_t instant_us)
{
    struct civil c = time_to_civil(instant_us);

    buf_printf(out, "%04d%02u%02u%02u%02u%02u", c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (c.us / 1000 != 0)
        buf_printf(out, ".%03d", c.us / 1000);
    buf_text(out, "+0000");
}
