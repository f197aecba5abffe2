#include "events/units.h"

#include <limits.h>

__extension__ typedef __int128 wide;

enum dimension {
    DIM_RATIO,
    DIM_FREQUENCY,
    DIM_PRESSURE,
    DIM_TEMPERATURE,
    DIM_TIME,
    DIM_VOLUME,
    DIM_FLOW,
    DIM_MASS,
    DIM_LENGTH,
    DIM_MASS_CONCENTRATION,
    DIM_SUBSTANCE_CONCENTRATION,
    DIM_CATALYTIC_CONCENTRATION,
    DIM_NUMBER_CONCENTRATION,
    DIM_POTENTIAL,
    DIM_ACIDITY,
    DIM_OSMOLALITY,
    DIM_INDEXED_FLOW
};

/* In base units of its dimension: (value + offset / 100) * mul / div. */
struct unit {
    const char *ucum;
    enum dimension dimension;
    int64_t mul, div;
    int32_t offset;
};

static const struct unit units[] = {
    { "%", DIM_RATIO, 1, 100, 0 },
    { "1", DIM_RATIO, 1, 1, 0 },
    { "{INR}", DIM_RATIO, 1, 1, 0 },
    { "/min", DIM_FREQUENCY, 60, 1, 0 },
    { "/s", DIM_FREQUENCY, 3600, 1, 0 },
    { "Hz", DIM_FREQUENCY, 3600, 1, 0 },
    { "/h", DIM_FREQUENCY, 1, 1, 0 },
    { "mm[Hg]", DIM_PRESSURE, 1333220, 1, 0 }, /* UCUM: m[Hg] = 133.3220 kPa */
    { "cm[H2O]", DIM_PRESSURE, 980665, 1, 0 },
    { "Pa", DIM_PRESSURE, 10000, 1, 0 },
    { "hPa", DIM_PRESSURE, 1000000, 1, 0 },
    { "kPa", DIM_PRESSURE, 10000000, 1, 0 },
    { "mbar", DIM_PRESSURE, 1000000, 1, 0 },
    { "bar", DIM_PRESSURE, 1000000000, 1, 0 },
    { "Cel", DIM_TEMPERATURE, 1, 1, 0 },
    { "[degF]", DIM_TEMPERATURE, 5, 9, -3200 },
    { "K", DIM_TEMPERATURE, 1, 1, -27315 },
    { "ms", DIM_TIME, 1, 1, 0 },
    { "s", DIM_TIME, 1000, 1, 0 },
    { "min", DIM_TIME, 60000, 1, 0 },
    { "h", DIM_TIME, 3600000, 1, 0 },
    { "d", DIM_TIME, 86400000, 1, 0 },
    { "uL", DIM_VOLUME, 1, 1, 0 },
    { "mL", DIM_VOLUME, 1000, 1, 0 },
    { "dL", DIM_VOLUME, 100000, 1, 0 },
    { "L", DIM_VOLUME, 1000000, 1, 0 },
    { "mL/h", DIM_FLOW, 1, 1, 0 },
    { "mL/min", DIM_FLOW, 60, 1, 0 },
    { "L/h", DIM_FLOW, 1000, 1, 0 },
    { "L/min", DIM_FLOW, 60000, 1, 0 },
    { "ug", DIM_MASS, 1, 1, 0 },
    { "mg", DIM_MASS, 1000, 1, 0 },
    { "g", DIM_MASS, 1000000, 1, 0 },
    { "kg", DIM_MASS, 1000000000, 1, 0 },
    { "mm", DIM_LENGTH, 1, 1, 0 },
    { "cm", DIM_LENGTH, 10, 1, 0 },
    { "m", DIM_LENGTH, 1000, 1, 0 },
    { "pg/mL", DIM_MASS_CONCENTRATION, 1, 1, 0 },
    { "ng/L", DIM_MASS_CONCENTRATION, 1, 1, 0 },
    { "ng/dL", DIM_MASS_CONCENTRATION, 10, 1, 0 },
    { "ng/mL", DIM_MASS_CONCENTRATION, 1000, 1, 0 },
    { "ug/L", DIM_MASS_CONCENTRATION, 1000, 1, 0 },
    { "ug/dL", DIM_MASS_CONCENTRATION, 10000, 1, 0 },
    { "ug/mL", DIM_MASS_CONCENTRATION, 1000000, 1, 0 },
    { "mg/L", DIM_MASS_CONCENTRATION, 1000000, 1, 0 },
    { "mg/dL", DIM_MASS_CONCENTRATION, 10000000, 1, 0 },
    { "mg/mL", DIM_MASS_CONCENTRATION, 1000000000, 1, 0 },
    { "g/L", DIM_MASS_CONCENTRATION, 1000000000, 1, 0 },
    { "g/dL", DIM_MASS_CONCENTRATION, 10000000000, 1, 0 },
    { "pmol/L", DIM_SUBSTANCE_CONCENTRATION, 1, 1, 0 },
    { "nmol/L", DIM_SUBSTANCE_CONCENTRATION, 1000, 1, 0 },
    { "umol/L", DIM_SUBSTANCE_CONCENTRATION, 1000000, 1, 0 },
    { "mmol/L", DIM_SUBSTANCE_CONCENTRATION, 1000000000, 1, 0 },
    { "meq/L", DIM_SUBSTANCE_CONCENTRATION, 1000000000, 1, 0 },
    { "mol/L", DIM_SUBSTANCE_CONCENTRATION, 1000000000000, 1, 0 },
    { "U/L", DIM_CATALYTIC_CONCENTRATION, 1, 1, 0 },
    { "kU/L", DIM_CATALYTIC_CONCENTRATION, 1000, 1, 0 },
    { "/uL", DIM_NUMBER_CONCENTRATION, 1, 1, 0 },
    { "10*3/uL", DIM_NUMBER_CONCENTRATION, 1000, 1, 0 },
    { "10*6/uL", DIM_NUMBER_CONCENTRATION, 1000000, 1, 0 },
    { "10*9/L", DIM_NUMBER_CONCENTRATION, 1000, 1, 0 },
    { "10*12/L", DIM_NUMBER_CONCENTRATION, 1000000, 1, 0 },
    { "uV", DIM_POTENTIAL, 1, 1, 0 },
    { "mV", DIM_POTENTIAL, 1000, 1, 0 },
    { "V", DIM_POTENTIAL, 1000000, 1, 0 },
    { "[pH]", DIM_ACIDITY, 1, 1, 0 },
    { "mosm/kg", DIM_OSMOLALITY, 1, 1, 0 },
    { "L/min/m2", DIM_INDEXED_FLOW, 1, 1, 0 },
};

/* Other spellings, without case. IEEE 11073-10101 unit codes are partition 4: 262144 + offset. */
static const struct {
    const char *sent, *ucum;
} spellings[] = {
    { "262656", "1" },
    { "MDC_DIM_DIMLESS", "1" },
    { "262688", "%" },
    { "MDC_DIM_PERCENT", "%" },
    { "percent", "%" },
    { "264672", "/min" },
    { "MDC_DIM_PER_MIN", "/min" },
    { "264864", "/min" },
    { "MDC_DIM_BEAT_PER_MIN", "/min" },
    { "264896", "/min" },
    { "MDC_DIM_PULS_PER_MIN", "/min" },
    { "264928", "/min" },
    { "MDC_DIM_RESP_PER_MIN", "/min" },
    { "bpm", "/min" },
    { "1/min", "/min" },
    { "min-1", "/min" },
    { "{beats}/min", "/min" },
    { "{breaths}/min", "/min" },
    { "{beat}/min", "/min" },
    { "beats/min", "/min" },
    { "beat/min", "/min" },
    { "breaths/min", "/min" },
    { "beats/minute", "/min" },
    { "breaths/minute", "/min" },
    { "rpm", "/min" },
    { "264640", "Hz" },
    { "MDC_DIM_HZ", "Hz" },
    { "265987", "kPa" },
    { "MDC_DIM_KILO_PASCAL", "kPa" },
    { "266016", "mm[Hg]" },
    { "MDC_DIM_MMHG", "mm[Hg]" },
    { "mmHg", "mm[Hg]" },
    { "mm Hg", "mm[Hg]" },
    { "266048", "cm[H2O]" },
    { "MDC_DIM_CM_H2O", "cm[H2O]" },
    { "cmH2O", "cm[H2O]" },
    { "cm H2O", "cm[H2O]" },
    { "268192", "Cel" },
    { "MDC_DIM_DEGC", "Cel" },
    { "C", "Cel" },
    { "degC", "Cel" },
    { "\xC2\xB0"
      "C",
      "Cel" },
    { "266560", "[degF]" },
    { "MDC_DIM_FAHR", "[degF]" },
    { "F", "[degF]" },
    { "degF", "[degF]" },
    { "\xC2\xB0"
      "F",
      "[degF]" },
    { "264320", "s" },
    { "MDC_DIM_SEC", "s" },
    { "MDC_DIM_X_SEC", "s" },
    { "sec", "s" },
    { "264338", "ms" },
    { "MDC_DIM_MILLI_SEC", "ms" },
    { "264352", "min" },
    { "MDC_DIM_MIN", "min" },
    { "264384", "h" },
    { "MDC_DIM_HR", "h" },
    { "hr", "h" },
    { "263762", "mL" },
    { "MDC_DIM_MILLI_L", "mL" },
    { "265216", "L/min" },
    { "MDC_DIM_L_PER_MIN", "L/min" },
    { "265266", "mL/h" },
    { "MDC_DIM_MILLI_L_PER_HR", "mL/h" },
    { "mL/hr", "mL/h" },
    { "263872", "g" },
    { "MDC_DIM_G", "g" },
    { "263875", "kg" },
    { "MDC_DIM_KILO_G", "kg" },
    { "mmol/l", "mmol/L" },
    { "mEq/L", "meq/L" },
    { "umol/l", "umol/L" },
    { "umoll", "umol/L" },
    { "mmoll", "mmol/L" },
    { "mcg/L", "ug/L" },
    { "mcg/dL", "ug/dL" },
    { "mcg/mL", "ug/mL" },
    { "gm/dL", "g/dL" },
    { "IU/L", "U/L" },
    { "[iU]/L", "U/L" },
    { "10*3/mm3", "10*3/uL" },
    { "10^3/uL", "10*3/uL" },
    { "10^9/L", "10*9/L" },
    { "10^6/uL", "10*6/uL" },
    { "10^12/L", "10*12/L" },
    { "K/uL", "10*3/uL" },
    { "thou/uL", "10*3/uL" },
    { "x10E3/uL", "10*3/uL" },
    { "x10E9/L", "10*9/L" },
    { "giga.l-1", "10*9/L" },
    { "tera.l-1", "10*12/L" },
    { "ph", "[pH]" },
    { "mOsm/kg", "mosm/kg" },
    { "INR", "{INR}" },
    { "ratio", "1" },
};

enum { UNIT_COUNT = sizeof units / sizeof units[0], SPELLING_COUNT = sizeof spellings / sizeof spellings[0] };

static const struct unit *unit_find(struct slice ucum)
{
    for (size_t i = 0; i < UNIT_COUNT; i++)
        if (slice_is(ucum, units[i].ucum))
            return &units[i];
    return NULL;
}

/* UCUM codes by exact case first ("m" is not "M"), then spellings, then codes without case. */
struct slice unit_ucum(struct slice sent)
{
    sent = slice_trim(sent);
    const struct unit *u = unit_find(sent);
    if (u != NULL)
        return slice_of(u->ucum);
    for (size_t i = 0; sent.len > 0 && i < SPELLING_COUNT; i++)
        if (slice_eq_nocase(sent, slice_of(spellings[i].sent)))
            return slice_of(spellings[i].ucum);
    for (size_t i = 0; sent.len > 1 && i < UNIT_COUNT; i++)
        if (slice_eq_nocase(sent, slice_of(units[i].ucum)))
            return slice_of(units[i].ucum);
    return (struct slice){ NULL, 0 };
}

bool unit_same_dimension(struct slice a, struct slice b)
{
    const struct unit *ua = unit_find(a), *ub = unit_find(b);
    return ua != NULL && ub != NULL && ua->dimension == ub->dimension;
}

static bool wide_times(wide *v, int64_t by)
{
    return !__builtin_mul_overflow(*v, (wide)by, v);
}

/* value + offset as mantissa over 10^*scale. */
static bool shifted(struct decimal v, int32_t offset, wide *out, int *scale)
{
    wide add = offset;
    *out = v.mantissa;
    *scale = v.scale;
    if (offset == 0)
        return true;
    for (; *scale < 2; ++*scale)
        if (!wide_times(out, 10))
            return false;
    for (int s = 2; s < *scale; s++)
        if (!wide_times(&add, 10))
            return false;
    return !__builtin_add_overflow(*out, add, out);
}

bool unit_compare(struct decimal a, struct slice unit_a, struct decimal b, struct slice unit_b, int *out)
{
    if (slice_eq(unit_a, unit_b)) {
        *out = decimal_compare(a, b);
        return true;
    }
    const struct unit *ua = unit_find(unit_a), *ub = unit_find(unit_b);
    wide x, y;
    int scale_x, scale_y;
    if (ua == NULL || ub == NULL || ua->dimension != ub->dimension)
        return false;
    if (!shifted(a, ua->offset, &x, &scale_x) || !shifted(b, ub->offset, &y, &scale_y))
        return false;
    if (!wide_times(&x, ua->mul) || !wide_times(&x, ub->div) || !wide_times(&y, ub->mul) ||
        !wide_times(&y, ua->div))
        return false;
    for (; scale_x < scale_y; scale_x++)
        if (!wide_times(&x, 10))
            return false;
    for (; scale_y < scale_x; scale_y++)
        if (!wide_times(&y, 10))
            return false;
    *out = x < y ? -1 : x > y;
    return true;
}

/* n / d as a decimal of at most 18 digits after the point, or false. `scale` counts for n already. */
static bool exact_quotient(wide n, wide d, int scale, struct decimal *out)
{
    while (n % d != 0) {
        if (++scale > 18 || !wide_times(&n, 10))
            return false;
    }
    n /= d;
    for (; scale > 0 && (scale > 18 || n % 10 == 0); scale--) {
        if (n % 10 != 0)
            return false;
        n /= 10;
    }
    if (n > INT64_MAX || n < INT64_MIN)
        return false;
    *out = (struct decimal){ (int64_t)n, (uint8_t)scale };
    return true;
}

bool unit_convert(struct decimal v, struct slice from, struct slice to, struct decimal *out)
{
    if (slice_eq(from, to)) {
        *out = v;
        return true;
    }
    const struct unit *uf = unit_find(from), *ut = unit_find(to);
    wide n;
    int scale;
    if (uf == NULL || ut == NULL || uf->dimension != ut->dimension)
        return false;
    if (!shifted(v, uf->offset, &n, &scale) || !wide_times(&n, uf->mul) || !wide_times(&n, ut->div))
        return false;
    wide d = (wide)uf->div * ut->mul;
    /* n/d - offset = (n - offset * d) / d, all over 10^scale; the offset has two digits. */
    if (ut->offset != 0) {
        wide back = (wide)ut->offset * d;
        for (; scale < 2; scale++)
            if (!wide_times(&n, 10))
                return false;
        for (int s = 2; s < scale; s++)
            if (!wide_times(&back, 10))
                return false;
        if (__builtin_sub_overflow(n, back, &n))
            return false;
    }
    return exact_quotient(n, d, scale, out);
}
