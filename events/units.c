#include "events/units.h"

#include <string.h>

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
    struct slice ucum;
    enum dimension dimension;
    int64_t mul, div;
    int32_t offset;
};

#define U SLICE_INIT

static const struct unit units[] = {
    { U("%"), DIM_RATIO, 1, 100, 0 },
    { U("1"), DIM_RATIO, 1, 1, 0 },
    { U("{INR}"), DIM_RATIO, 1, 1, 0 },
    { U("/min"), DIM_FREQUENCY, 60, 1, 0 },
    { U("/s"), DIM_FREQUENCY, 3600, 1, 0 },
    { U("Hz"), DIM_FREQUENCY, 3600, 1, 0 },
    { U("/h"), DIM_FREQUENCY, 1, 1, 0 },
    { U("mm[Hg]"), DIM_PRESSURE, 1333220, 1, 0 }, /* UCUM: m[Hg] = 133.3220 kPa */
    { U("cm[H2O]"), DIM_PRESSURE, 980665, 1, 0 },
    { U("Pa"), DIM_PRESSURE, 10000, 1, 0 },
    { U("hPa"), DIM_PRESSURE, 1000000, 1, 0 },
    { U("kPa"), DIM_PRESSURE, 10000000, 1, 0 },
    { U("mbar"), DIM_PRESSURE, 1000000, 1, 0 },
    { U("bar"), DIM_PRESSURE, 1000000000, 1, 0 },
    { U("Cel"), DIM_TEMPERATURE, 1, 1, 0 },
    { U("[degF]"), DIM_TEMPERATURE, 5, 9, -3200 },
    { U("K"), DIM_TEMPERATURE, 1, 1, -27315 },
    { U("ms"), DIM_TIME, 1, 1, 0 },
    { U("s"), DIM_TIME, 1000, 1, 0 },
    { U("min"), DIM_TIME, 60000, 1, 0 },
    { U("h"), DIM_TIME, 3600000, 1, 0 },
    { U("d"), DIM_TIME, 86400000, 1, 0 },
    { U("uL"), DIM_VOLUME, 1, 1, 0 },
    { U("mL"), DIM_VOLUME, 1000, 1, 0 },
    { U("dL"), DIM_VOLUME, 100000, 1, 0 },
    { U("L"), DIM_VOLUME, 1000000, 1, 0 },
    { U("mL/h"), DIM_FLOW, 1, 1, 0 },
    { U("mL/min"), DIM_FLOW, 60, 1, 0 },
    { U("L/h"), DIM_FLOW, 1000, 1, 0 },
    { U("L/min"), DIM_FLOW, 60000, 1, 0 },
    { U("ug"), DIM_MASS, 1, 1, 0 },
    { U("mg"), DIM_MASS, 1000, 1, 0 },
    { U("g"), DIM_MASS, 1000000, 1, 0 },
    { U("kg"), DIM_MASS, 1000000000, 1, 0 },
    { U("mm"), DIM_LENGTH, 1, 1, 0 },
    { U("cm"), DIM_LENGTH, 10, 1, 0 },
    { U("m"), DIM_LENGTH, 1000, 1, 0 },
    { U("pg/mL"), DIM_MASS_CONCENTRATION, 1, 1, 0 },
    { U("ng/L"), DIM_MASS_CONCENTRATION, 1, 1, 0 },
    { U("ng/dL"), DIM_MASS_CONCENTRATION, 10, 1, 0 },
    { U("ng/mL"), DIM_MASS_CONCENTRATION, 1000, 1, 0 },
    { U("ug/L"), DIM_MASS_CONCENTRATION, 1000, 1, 0 },
    { U("ug/dL"), DIM_MASS_CONCENTRATION, 10000, 1, 0 },
    { U("ug/mL"), DIM_MASS_CONCENTRATION, 1000000, 1, 0 },
    { U("mg/L"), DIM_MASS_CONCENTRATION, 1000000, 1, 0 },
    { U("mg/dL"), DIM_MASS_CONCENTRATION, 10000000, 1, 0 },
    { U("mg/mL"), DIM_MASS_CONCENTRATION, 1000000000, 1, 0 },
    { U("g/L"), DIM_MASS_CONCENTRATION, 1000000000, 1, 0 },
    { U("g/dL"), DIM_MASS_CONCENTRATION, 10000000000, 1, 0 },
    { U("pmol/L"), DIM_SUBSTANCE_CONCENTRATION, 1, 1, 0 },
    { U("nmol/L"), DIM_SUBSTANCE_CONCENTRATION, 1000, 1, 0 },
    { U("umol/L"), DIM_SUBSTANCE_CONCENTRATION, 1000000, 1, 0 },
    { U("mmol/L"), DIM_SUBSTANCE_CONCENTRATION, 1000000000, 1, 0 },
    { U("meq/L"), DIM_SUBSTANCE_CONCENTRATION, 1000000000, 1, 0 },
    { U("mol/L"), DIM_SUBSTANCE_CONCENTRATION, 1000000000000, 1, 0 },
    { U("U/L"), DIM_CATALYTIC_CONCENTRATION, 1, 1, 0 },
    { U("kU/L"), DIM_CATALYTIC_CONCENTRATION, 1000, 1, 0 },
    { U("/uL"), DIM_NUMBER_CONCENTRATION, 1, 1, 0 },
    { U("10*3/uL"), DIM_NUMBER_CONCENTRATION, 1000, 1, 0 },
    { U("10*6/uL"), DIM_NUMBER_CONCENTRATION, 1000000, 1, 0 },
    { U("10*9/L"), DIM_NUMBER_CONCENTRATION, 1000, 1, 0 },
    { U("10*12/L"), DIM_NUMBER_CONCENTRATION, 1000000, 1, 0 },
    { U("uV"), DIM_POTENTIAL, 1, 1, 0 },
    { U("mV"), DIM_POTENTIAL, 1000, 1, 0 },
    { U("V"), DIM_POTENTIAL, 1000000, 1, 0 },
    { U("[pH]"), DIM_ACIDITY, 1, 1, 0 },
    { U("mosm/kg"), DIM_OSMOLALITY, 1, 1, 0 },
    { U("L/min/m2"), DIM_INDEXED_FLOW, 1, 1, 0 },
};

/* Other spellings, without case. IEEE 11073-10101 unit codes are partition 4: 262144 + offset. */
static const struct {
    struct slice sent, ucum;
} spellings[] = {
    { U("262656"), U("1") },
    { U("MDC_DIM_DIMLESS"), U("1") },
    { U("262688"), U("%") },
    { U("MDC_DIM_PERCENT"), U("%") },
    { U("percent"), U("%") },
    { U("264672"), U("/min") },
    { U("MDC_DIM_PER_MIN"), U("/min") },
    { U("264864"), U("/min") },
    { U("MDC_DIM_BEAT_PER_MIN"), U("/min") },
    { U("264896"), U("/min") },
    { U("MDC_DIM_PULS_PER_MIN"), U("/min") },
    { U("264928"), U("/min") },
    { U("MDC_DIM_RESP_PER_MIN"), U("/min") },
    { U("bpm"), U("/min") },
    { U("1/min"), U("/min") },
    { U("min-1"), U("/min") },
    { U("{beats}/min"), U("/min") },
    { U("{breaths}/min"), U("/min") },
    { U("{beat}/min"), U("/min") },
    { U("beats/min"), U("/min") },
    { U("beat/min"), U("/min") },
    { U("breaths/min"), U("/min") },
    { U("beats/minute"), U("/min") },
    { U("breaths/minute"), U("/min") },
    { U("rpm"), U("/min") },
    { U("264640"), U("Hz") },
    { U("MDC_DIM_HZ"), U("Hz") },
    { U("265987"), U("kPa") },
    { U("MDC_DIM_KILO_PASCAL"), U("kPa") },
    { U("266016"), U("mm[Hg]") },
    { U("MDC_DIM_MMHG"), U("mm[Hg]") },
    { U("mmHg"), U("mm[Hg]") },
    { U("mm Hg"), U("mm[Hg]") },
    { U("266048"), U("cm[H2O]") },
    { U("MDC_DIM_CM_H2O"), U("cm[H2O]") },
    { U("cmH2O"), U("cm[H2O]") },
    { U("cm H2O"), U("cm[H2O]") },
    { U("268192"), U("Cel") },
    { U("MDC_DIM_DEGC"), U("Cel") },
    { U("C"), U("Cel") },
    { U("degC"), U("Cel") },
    { U("\xC2\xB0"
        "C"),
      U("Cel") },
    { U("266560"), U("[degF]") },
    { U("MDC_DIM_FAHR"), U("[degF]") },
    { U("F"), U("[degF]") },
    { U("degF"), U("[degF]") },
    { U("\xC2\xB0"
        "F"),
      U("[degF]") },
    { U("264320"), U("s") },
    { U("MDC_DIM_SEC"), U("s") },
    { U("MDC_DIM_X_SEC"), U("s") },
    { U("sec"), U("s") },
    { U("264338"), U("ms") },
    { U("MDC_DIM_MILLI_SEC"), U("ms") },
    { U("264352"), U("min") },
    { U("MDC_DIM_MIN"), U("min") },
    { U("264384"), U("h") },
    { U("MDC_DIM_HR"), U("h") },
    { U("hr"), U("h") },
    { U("263762"), U("mL") },
    { U("MDC_DIM_MILLI_L"), U("mL") },
    { U("265216"), U("L/min") },
    { U("MDC_DIM_L_PER_MIN"), U("L/min") },
    { U("265266"), U("mL/h") },
    { U("MDC_DIM_MILLI_L_PER_HR"), U("mL/h") },
    { U("mL/hr"), U("mL/h") },
    { U("263872"), U("g") },
    { U("MDC_DIM_G"), U("g") },
    { U("263875"), U("kg") },
    { U("MDC_DIM_KILO_G"), U("kg") },
    { U("mmol/l"), U("mmol/L") },
    { U("mEq/L"), U("meq/L") },
    { U("umol/l"), U("umol/L") },
    { U("umoll"), U("umol/L") },
    { U("mmoll"), U("mmol/L") },
    { U("mcg/L"), U("ug/L") },
    { U("mcg/dL"), U("ug/dL") },
    { U("mcg/mL"), U("ug/mL") },
    { U("gm/dL"), U("g/dL") },
    { U("IU/L"), U("U/L") },
    { U("[iU]/L"), U("U/L") },
    { U("10*3/mm3"), U("10*3/uL") },
    { U("10^3/uL"), U("10*3/uL") },
    { U("10^9/L"), U("10*9/L") },
    { U("10^6/uL"), U("10*6/uL") },
    { U("10^12/L"), U("10*12/L") },
    { U("K/uL"), U("10*3/uL") },
    { U("thou/uL"), U("10*3/uL") },
    { U("x10E3/uL"), U("10*3/uL") },
    { U("x10E9/L"), U("10*9/L") },
    { U("giga.l-1"), U("10*9/L") },
    { U("tera.l-1"), U("10*12/L") },
    { U("ph"), U("[pH]") },
    { U("mOsm/kg"), U("mosm/kg") },
    { U("INR"), U("{INR}") },
    { U("ratio"), U("1") },
    { U("msec"), U("ms") },
    { U("/sec"), U("/s") },
    { U("secs"), U("s") },
    { U("second"), U("s") },
    { U("seconds"), U("s") },
    { U("M/uL"), U("10*6/uL") },
    { U("mil/uL"), U("10*6/uL") },
    { U("10e3/uL"), U("10*3/uL") },
    { U("10e6/uL"), U("10*6/uL") },
    { U("10e9/L"), U("10*9/L") },
    { U("10e12/L"), U("10*12/L") },
    { U("x10^3/uL"), U("10*3/uL") },
    { U("x10^6/uL"), U("10*6/uL") },
    { U("x10^9/L"), U("10*9/L") },
    { U("x10^12/L"), U("10*12/L") },
    { U("x10E6/uL"), U("10*6/uL") },
    { U("x10E12/L"), U("10*12/L") },
    { U("10*6/mm3"), U("10*6/uL") },
    { U("units/L"), U("U/L") },
    { U("mcmol/L"), U("umol/L") },
    { U("\xC2\xB5mol/L"), U("umol/L") },
    { U("\xC2\xB5g/L"), U("ug/L") },
    { U("\xC2\xB5g/dL"), U("ug/dL") },
    { U("\xCE\xBCmol/L"), U("umol/L") },
    { U("\xCE\xBCg/L"), U("ug/L") },
    { U("\xCE\xBCg/dL"), U("ug/dL") },
};

enum { UNIT_COUNT = sizeof units / sizeof units[0], SPELLING_COUNT = sizeof spellings / sizeof spellings[0] };

/* Most entries differ at their length or first byte. */
static inline bool is_same(struct slice a, struct slice b)
{
    return a.len == b.len && a.len > 0 && a.ptr[0] == b.ptr[0] && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static const struct unit *unit_find(struct slice ucum)
{
    for (size_t i = 0; i < UNIT_COUNT; i++)
        if (is_same(ucum, units[i].ucum))
            return &units[i];
    return NULL;
}

/* UCUM codes by exact case first ("m" is not "M"), then spellings, then codes without case. */
struct slice unit_ucum(struct slice sent)
{
    sent = slice_trim(sent);
    const struct unit *u = unit_find(sent);
    if (u != NULL)
        return u->ucum;
    for (size_t i = 0; sent.len > 0 && i < SPELLING_COUNT; i++)
        if (sent.len == spellings[i].sent.len && slice_eq_nocase(sent, spellings[i].sent))
            return spellings[i].ucum;
    for (size_t i = 0; sent.len > 1 && i < UNIT_COUNT; i++)
        if (sent.len == units[i].ucum.len && slice_eq_nocase(sent, units[i].ucum))
            return units[i].ucum;
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
