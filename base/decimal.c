#include "base/decimal.h"

#include <stdio.h>

enum { DIGITS = 18 };

__extension__ typedef __int128 wide; /* 18 + 18 digits fit */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static wide power_of_ten(unsigned n)
{
    wide p = 1;

    for (unsigned i = 0; i < n && i < 2 * DIGITS; i++)
        p *= 10;
    return p;
}

/* Moves digits from *s into *mantissa and counts them; false past 18 significant digits. */
static bool take_digits(struct slice *s, int64_t *mantissa, int *count)
{
    static const int64_t ceiling = INT64_C(100000000000000000); /* 10^17: one more digit still fits */

    for (*count = 0; s->len > 0 && is_digit(s->ptr[0]); ++*count) {
        if (*mantissa >= ceiling)
            return false;
        *mantissa = *mantissa * 10 + (s->ptr[0] - '0');
        *s = slice_sub(*s, 1, s->len);
    }
    return *count > 0;
}

/* What follows an 'e': an optional sign and at most three digits, the whole of `s`. */
static bool read_exponent(struct slice s, int *out)
{
    int64_t value;

    if (s.len > 4 || !slice_to_i64(s, &value))
        return false;
    *out = (int)value;
    return true;
}

/* Brings mantissa * 10^-scale into scale 0..18 without losing a digit. */
static bool settle(int64_t mantissa, int scale, struct decimal *out)
{
    while (scale > DIGITS && mantissa % 10 == 0 && mantissa != 0) {
        mantissa /= 10;
        scale--;
    }
    if (mantissa == 0)
        scale = scale < 0 ? 0 : scale > DIGITS ? DIGITS : scale;
    for (; scale < 0; scale++) {
        if (mantissa >= INT64_C(100000000000000000))
            return false;
        mantissa *= 10;
    }
    if (scale > DIGITS)
        return false;
    *out = (struct decimal){ mantissa, (uint8_t)scale };
    return true;
}

bool decimal_parse(struct slice s, struct decimal *out)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    int64_t mantissa = 0;
    int whole, fraction = 0, exponent = 0;

    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = slice_sub(s, 1, s.len);
    if (!take_digits(&s, &mantissa, &whole))
        return false;
    if (s.len > 0 && s.ptr[0] == '.') {
        s = slice_sub(s, 1, s.len);
        if (!take_digits(&s, &mantissa, &fraction))
            return false;
    }
    if (s.len > 0) {
        if ((s.ptr[0] != 'e' && s.ptr[0] != 'E') || !read_exponent(slice_sub(s, 1, s.len), &exponent))
            return false;
    }
    if (fraction > 1000 || !settle(mantissa, fraction - exponent, out))
        return false;
    if (negative)
        out->mantissa = -out->mantissa;
    return true;
}

int decimal_compare(struct decimal a, struct decimal b)
{
    wide left = a.mantissa, right = b.mantissa;

    if (a.scale < b.scale)
        left *= power_of_ten((unsigned)(b.scale - a.scale));
    else
        right *= power_of_ten((unsigned)(a.scale - b.scale));
    return left < right ? -1 : left > right;
}

bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *out)
{
    wide product = (wide)a.mantissa * b.mantissa;
    unsigned scale = (unsigned)a.scale + b.scale;

    /* Only as many trailing zeros go as the room demands, so 1.50 * 2 stays 3.00. */
    while ((scale > DIGITS || product > INT64_MAX || product < -INT64_MAX) && scale > 0 &&
           product % 10 == 0) {
        product /= 10;
        scale--;
    }
    if (scale > DIGITS || product > INT64_MAX || product < -INT64_MAX)
        return false;
    *out = (struct decimal){ (int64_t)product, (uint8_t)scale };
    return true;
}

struct slice decimal_text(struct decimal d, char out[DECIMAL_TEXT])
{
    uint64_t size = d.mantissa < 0 ? 0 - (uint64_t)d.mantissa : (uint64_t)d.mantissa;
    const char *sign = d.mantissa < 0 ? "-" : "";
    unsigned scale = d.scale <= DIGITS ? d.scale : DIGITS;
    uint64_t unit = (uint64_t)power_of_ten(scale);
    int len;

    if (scale == 0)
        len = snprintf(out, DECIMAL_TEXT, "%s%llu", sign, (unsigned long long)size);
    else
        len = snprintf(out, DECIMAL_TEXT, "%s%llu.%0*llu", sign, (unsigned long long)(size / unit),
                       (int)scale, (unsigned long long)(size % unit));
    return (struct slice){ out, (size_t)len };
}
