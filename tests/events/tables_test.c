/* Units, catalogue, code map and places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/catalogue.h"
#include "events/codemap.h"
#include "events/places.h"
#include "events/units.h"

#include <stdio.h>
#include <string.h>

static struct decimal number(const char *text)
{
    struct decimal d = { 0, 0 };
    assert_true(decimal_parse(slice_of(text), &d));
    return d;
}

static void units_are_known_by_many_spellings(void **state)
{
    static const char *const table[][2] = {
        { "%", "%" },           { "mmHg", "mm[Hg]" },   { "266016", "mm[Hg]" }, { "MDC_DIM_MMHG", "mm[Hg]" },
        { "264864", "/min" },   { "bpm", "/min" },      { "mEq/L", "meq/L" },   { "MMOL/L", "mmol/L" },
        { " mg/dL ", "mg/dL" }, { "268192", "Cel" },    { "furlong", "" },      { "", "" },
        { "m", "m" },           { "10^9/L", "10*9/L" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_true(slice_is(unit_ucum(slice_of(table[i][0])), table[i][1]));
}

static void units_compare_exactly(void **state)
{
    static const struct {
        const char *a, *unit_a, *b, *unit_b;
        int order; /* 9: not comparable */
    } table[] = {
        { "6.2", "mmol/L", "6.20", "mmol/L", 0 }, { "6.2", "meq/L", "6.2", "mmol/L", 0 },
        { "0.18", "g/dL", "180", "mg/dL", 0 },    { "1", "kPa", "7.5", "mm[Hg]", 1 },
        { "100.4", "[degF]", "38", "Cel", 0 },    { "100.3", "[degF]", "38", "Cel", -1 },
        { "310.15", "K", "37", "Cel", 0 },        { "5", "mg/dL", "5", "mmol/L", 9 },
        { "90", "s", "1.5", "min", 0 },           { "-1", "Cel", "30.2", "[degF]", 0 },
        { "3", "furlong", "4", "furlong", -1 },   { "3", "furlong", "4", "m", 9 },
        { "150", "10*9/L", "150", "10*3/uL", 0 }, { "999999999999999999", "mol/L", "1", "pmol/L", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int order = 9;
        bool ok = unit_compare(number(table[i].a), slice_of(table[i].unit_a), number(table[i].b),
                               slice_of(table[i].unit_b), &order);
        assert_int_equal(ok, table[i].order != 9);
        assert_int_equal(order, table[i].order);
    }
}

static void units_convert_only_exactly(void **state)
{
    static const struct {
        const char *value, *from, *to, *result; /* NULL: no exact result */
    } table[] = {
        { "98.6", "[degF]", "Cel", "37" },   { "37", "Cel", "[degF]", "98.6" },
        { "100", "[degF]", "Cel", NULL },    { "1.5", "g/dL", "mg/dL", "1500" },
        { "4.1", "meq/L", "mmol/L", "4.1" }, { "4.1", "mmol/L", "mg/dL", NULL },
        { "90", "s", "min", "1.5" },         { "37", "Cel", "K", "310.15" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct decimal out;
        bool ok = unit_convert(number(table[i].value), slice_of(table[i].from), slice_of(table[i].to), &out);
        assert_int_equal(ok, table[i].result != NULL);
        if (ok)
            assert_int_equal(decimal_compare(out, number(table[i].result)), 0);
    }
}

#define HEADER "name,kind,class,system,code,source,text,unit,title,attended-ends\n"

static void bad_catalogues_are_located(void **state)
{
    static const struct {
        const char *csv;
        uint32_t line;
        enum error_code code;
    } table[] = {
        { "", 1, ERROR_MISSING },
        { "name,kind,colour\n", 1, ERROR_UNKNOWN },
        { "name,name,kind\n", 1, ERROR_UNKNOWN },
        { "name,kind\n", 1, ERROR_MISSING },
        { HEADER "a b,alarm,high,,1,,,,,\n", 2, ERROR_VALUE },
        { HEADER "\nx,alert,high,,1,,,,,\n", 3, ERROR_VALUE },
        { HEADER "x,alarm,red,,1,,,,,\n", 2, ERROR_VALUE },
        { HEADER "x,alarm,high,,1,,,,,maybe\n", 2, ERROR_VALUE },
        { HEADER "x,alarm,high,,,,,,,\n", 2, ERROR_MISSING },
        { HEADER "x,alarm,high,,1\n", 2, ERROR_SYNTAX },
        { HEADER "x,alarm,high,,\"1,,,,,\n", 2, ERROR_SYNTAX },
        { HEADER "x,alarm,high,,1\"2,,,,,\n", 2, ERROR_SYNTAX },
        { HEADER "x,alarm,high,,\"1\"2,,,,,\n", 2, ERROR_SYNTAX },
        { HEADER "x,alarm,high,,1,,,,,\nx,call,high,,2,,,,,\n", 3, ERROR_CONFLICT },
        { HEADER "x,alarm,high,,1,,,%,,\nx,alarm,high,,2,,,kPa,,\n", 3, ERROR_CONFLICT },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct catalogue *c = catalogue_new();
        struct error err = { .code = ERROR_NONE };
        assert_false(catalogue_add_csv(c, slice_of(table[i].csv), &err));
        assert_int_equal(err.code, table[i].code);
        assert_int_equal(err.line, table[i].line);
        assert_int_equal(catalogue_count(c), 0);
        catalogue_free(&c);
        assert_null(c);
    }
}

static struct catalogue *site_catalogue(void)
{
    struct catalogue *c = catalogue_new();
    assert_true(catalogue_add_builtin(c, NULL));
    assert_true(catalogue_add_csv(c,
                                  SLICE("\xEF\xBB\xBF" HEADER
                                        "vfib,alarm,high,MDC,999001,,,,\"Own \"\"V-fib\"\"\",no\r\n"
                                        "bath,call,call,,,,MDCX_BATH,,Bath,yes\r\n"
                                        "bath,call,call,,0,,MDCX_BATH2,,Bath,yes\r\n"
                                        "zero,alarm,low,,0,,,,Zero,no\r\n"),
                                  NULL));
    return c;
}

static void the_fullest_row_wins(void **state)
{
    static const struct {
        const char *system, *code, *source, *text, *name;
    } table[] = {
        { "MDC", "199806", "", "", "vfib" },
        { "urn:iso:std:iso:11073:10101", "199806", "147842", "", "vfib" },
        { "MDC", "999001", "", "", "vfib" },
        { "MDC", "196670", "150456", "", "spo2-low" },
        { "MDC", "196670", "151562", "", "rr-low" },
        { "MDC", "196670", "1", "", NULL },
        { "MDC", "198040", "150456", "", "spo2-probe-off" },
        { "MDC", "198040", "147842", "", "sensor-off" },
        { "http://loinc.org", "2823-3", "", "", "potassium" },
        { "LN", "2823-3", "", "", "potassium" },
        { "XX", "2823-3", "", "", NULL },
        { "", "", "", "mdcx_bath", "bath" },
        { "MDC", "0", "", "MDCX_BATH2", "bath" },
        { "MDC", "0", "", "other", "zero" },
        { "MDC", "0", "", "MDCX_BATH", "bath" }, /* one part each: the earlier row */
    };
    struct catalogue *c = site_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct catalogue_row *row =
            catalogue_find(c, slice_of(table[i].system), slice_of(table[i].code), slice_of(table[i].source),
                           slice_of(table[i].text));
        if (table[i].name == NULL)
            assert_null(row);
        else if (row == NULL || !slice_is(row->name, table[i].name))
            fail_msg("row %zu is not %s", i, table[i].name);
    }
    catalogue_free(&c);
}

static void the_site_speaks_for_its_names(void **state)
{
    struct catalogue *c = site_catalogue();
    (void)state;
    assert_int_equal(catalogue_named(c, SLICE("vfib"))->class, CLASS_HIGH);
    const struct catalogue_row *row = catalogue_coded(c, SLICE("mdc"), SLICE("199806"));
    assert_int_equal(row->class, CLASS_HIGH); /* the built-in code keeps matching, with the site's class */
    assert_true(slice_is(row->title, "Own \"V-fib\""));
    assert_non_null(catalogue_coded(c, SLICE("loinc"), SLICE("6298-4")));
    assert_null(catalogue_coded(c, SLICE("loinc"), SLICE("199806")));
    assert_true(slice_is(catalogue_named(c, SLICE("potassium"))->unit, "mmol/L"));
    assert_int_equal(catalogue_named(c, SLICE("asystole"))->class, CLASS_LETHAL);
    assert_int_equal(catalogue_named(c, SLICE("code-blue"))->kind, EVENT_CALL);
    assert_null(catalogue_named(c, SLICE("v-fib")));
    struct error err = { .code = ERROR_NONE };
    assert_false(catalogue_add_builtin(c, &err));
    assert_null(catalogue_row_at(c, catalogue_count(c)));
    catalogue_free(&c);
}

/* Rules compare with one unit a name: the built-in rows must hold to that as well. */
static void builtin_names_have_one_kind_and_unit(void **state)
{
    struct catalogue *c = catalogue_new();
    (void)state;
    catalogue_add_builtin(c, NULL);
    for (size_t i = 0; i < catalogue_count(c); i++) {
        const struct catalogue_row *row = catalogue_row_at(c, i), *first = catalogue_named(c, row->name);
        assert_int_equal(row->kind, first->kind);
        assert_true(row->title.len > 0 && row->title.len <= 40);
        assert_true(row->unit.len == 0 || slice_eq(unit_ucum(row->unit), row->unit));
    }
    catalogue_free(&c);
}

static void codemaps_prefer_what_says_more(void **state)
{
    static const struct {
        const char *code, *text, *name;
    } table[] = {
        { "0", "MDCX_BATH_CORD", "bathroom-cord" },
        { "7", "mdcx_bath_cord", "bathroom-cord" },
        { "0", "else", "bed-exit" },
        { "5", "STAFF", "staff-emergency" },
        { "5", "x", "" },
        { "", "", "" },
    };
    struct codemap *m = codemap_new();
    (void)state;
    codemap_add(m, SLICE("0"), SLICE(""), SLICE("bed-exit"));
    codemap_add(m, SLICE("0"), SLICE("MDCX_BATH_CORD"), SLICE("bathroom-cord"));
    codemap_add(m, SLICE(""), SLICE("MDCX_BATH_CORD"), SLICE("bathroom-cord"));
    codemap_add(m, SLICE("5"), SLICE("staff"), SLICE("staff-emergency"));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_true(
            slice_is(codemap_find(m, slice_of(table[i].code), slice_of(table[i].text)), table[i].name));
    assert_int_equal(codemap_find(NULL, SLICE("0"), SLICE("")).len, 0);
    codemap_free(&m);
    assert_null(m);
}

static void places_map_by_the_fullest_row(void **state)
{
    static const struct {
        struct place sent;
        bool mapped;
        struct place own;
    } table[] = {
        { { SLICE_INIT("TELE5"), SLICE_INIT("512"), SLICE_INIT("A") },
          true,
          { SLICE_INIT("5W"), SLICE_INIT("512"), SLICE_INIT("12") } },
        { { SLICE_INIT("tele5"), SLICE_INIT("9"), SLICE_INIT("B") },
          true,
          { SLICE_INIT("5W"), SLICE_INIT("9"), SLICE_INIT("B") } },
        { { SLICE_INIT("ICU"), SLICE_INIT(""), SLICE_INIT("b1") },
          true,
          { SLICE_INIT("ICU"), SLICE_INIT(""), SLICE_INIT("B1") } },
        { { SLICE_INIT("icu"), SLICE_INIT(""), SLICE_INIT("77") },
          false,
          { SLICE_INIT("ICU"), SLICE_INIT(""), SLICE_INIT("77") } },
        { { SLICE_INIT("icu"), SLICE_INIT(""), SLICE_INIT("") },
          true,
          { SLICE_INIT("ICU"), SLICE_INIT(""), SLICE_INIT("") } },
        { { SLICE_INIT("X"), SLICE_INIT("1"), SLICE_INIT("2") },
          false,
          { SLICE_INIT("X"), SLICE_INIT("1"), SLICE_INIT("2") } },
        { { SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT("") },
          true,
          { SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT("") } },
    };
    struct place_map *m = place_map_new();
    struct error err = { .code = ERROR_NONE };
    (void)state;
    assert_true(place_map_add_csv(
        m, SLICE("sent-unit,sent-room,sent-bed,unit,room,bed\nTELE5,,,5W,,\nTELE5,512,A,5W,512,12\n"), &err));
    assert_false(place_map_add_csv(m, SLICE("sent-unit,unit\nA,B\nC,\n"), &err));
    assert_int_equal(err.line, 3);
    place_map_add_own(m, SLICE("ICU"), SLICE("B1"));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct place own;
        assert_int_equal(place_map_find(m, table[i].sent, &own), table[i].mapped);
        assert_true(slice_eq(own.unit, table[i].own.unit) && slice_eq(own.room, table[i].own.room) &&
                    slice_eq(own.bed, table[i].own.bed));
    }
    place_map_free(&m);
    assert_null(m);
}

/* A hospital of many beds: each is found, in any case of its letters, and what is not there is not. */
static void each_of_many_beds_is_found(void **state)
{
    struct place_map *m = place_map_new();
    struct place own;
    char unit[24], bed[24];

    (void)state;
    for (unsigned u = 0; u < 50; u++)
        for (unsigned b = 0; b < 40; b++) {
            snprintf(unit, sizeof unit, "Ward-%u", u);
            snprintf(bed, sizeof bed, "B%u", b);
            place_map_add_own(m, slice_of(unit), slice_of(bed));
        }
    for (unsigned u = 0; u < 50; u++)
        for (unsigned b = 0; b < 40; b++) {
            snprintf(unit, sizeof unit, "wARD-%u", u);
            snprintf(bed, sizeof bed, "b%u", b);
            assert_true(place_map_find(m, (struct place){ slice_of(unit), SLICE("7"), slice_of(bed) }, &own));
            snprintf(unit, sizeof unit, "Ward-%u", u);
            snprintf(bed, sizeof bed, "B%u", b);
            assert_true(slice_is(own.unit, unit) && slice_is(own.bed, bed) && slice_is(own.room, "7"));
        }
    assert_false(place_map_find(m, (struct place){ SLICE("ward-9"), { NULL, 0 }, SLICE("B40") }, &own));
    assert_true(slice_is(own.unit, "Ward-9") && slice_is(own.bed, "B40"));
    assert_false(place_map_find(m, (struct place){ SLICE("ward-50"), { NULL, 0 }, SLICE("B1") }, &own));
    assert_true(slice_is(own.unit, "ward-50"));
    place_map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_known_by_many_spellings),
        cmocka_unit_test(units_compare_exactly),
        cmocka_unit_test(units_convert_only_exactly),
        cmocka_unit_test(bad_catalogues_are_located),
        cmocka_unit_test(the_fullest_row_wins),
        cmocka_unit_test(the_site_speaks_for_its_names),
        cmocka_unit_test(builtin_names_have_one_kind_and_unit),
        cmocka_unit_test(codemaps_prefer_what_says_more),
        cmocka_unit_test(places_map_by_the_fullest_row),
        cmocka_unit_test(each_of_many_beds_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
