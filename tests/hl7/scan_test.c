/* The ways of finding separators and line ends give the same, and none reads past the bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "hl7/scan.h"
#include "tests/guard.h"

enum { LONGEST = 700 };

struct found {
    struct hl7_counts n;
    uint32_t fields[LONGEST + HL7_SCAN_SLACK];
    struct hl7_line_end ends[LONGEST + 1 + HL7_SCAN_SLACK];
};

static void find_by(enum hl7_scan_way way, struct slice s, char field, struct found *f)
{
    memset(f, 0, sizeof *f);
    f->n = hl7_scan_count_by(way, s, field);
    struct hl7_counts found = hl7_scan_by(way, s, field, f->fields, f->ends);
    assert_int_equal(found.fields, f->n.fields);
    assert_int_equal(found.ends, f->n.ends);
}

/* What the bytes say, one after another. */
static void find_plainly(struct slice s, char field, struct found *f)
{
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == field)
            f->fields[f->n.fields++] = (uint32_t)i;
        else if (s.ptr[i] == '\r' || s.ptr[i] == '\n')
            f->ends[f->n.ends++] = (struct hl7_line_end){ (uint32_t)i, (uint32_t)f->n.fields };
    }
    f->ends[f->n.ends] = (struct hl7_line_end){ (uint32_t)s.len, (uint32_t)f->n.fields };
}

static void check_all(struct slice bytes, char field)
{
    static struct found expected, got;

    find_plainly(bytes, field, &expected);
    for (int way = 0; way < HL7_SCAN_WAYS; way++) {
        if (!hl7_scan_has((enum hl7_scan_way)way))
            continue;
        struct guard g = guard_make(bytes);
        find_by((enum hl7_scan_way)way, g.bytes, field, &got);
        guard_free(&g);
        if (got.n.fields != expected.n.fields || got.n.ends != expected.n.ends ||
            memcmp(got.fields, expected.fields, expected.n.fields * sizeof *got.fields) != 0 ||
            memcmp(got.ends, expected.ends, (expected.n.ends + 1) * sizeof *got.ends) != 0)
            fail_msg("way %d, %zu bytes: %zu fields, %zu ends", way, bytes.len, got.n.fields, got.n.ends);
    }
}

/* Every length past a few blocks, in texts of every density, with bytes of every value. */
static void all_ways_find_the_same(void **state)
{
    static const char DENSE[] = "|||||||\r\n|", SPARSE[] = "abcdefghij|klmnop\rq|rstuvwxyz^~\\&\n0123456789";
    struct prng random = prng_make(7);
    char bytes[LONGEST];

    (void)state;
    for (size_t len = 0; len <= LONGEST; len += len < 330 ? 1 : 37)
        for (int kind = 0; kind < 5; kind++) {
            for (size_t i = 0; i < len; i++) {
                uint64_t r = prng_next(&random);
                bytes[i] = kind == 0   ? DENSE[r % (sizeof DENSE - 1)]
                           : kind == 1 ? SPARSE[r % (sizeof SPARSE - 1)]
                           : kind == 2 ? '|'
                           : kind == 3 ? '\r'
                                       : (char)(unsigned char)(r & 0xFF);
            }
            check_all((struct slice){ bytes, len }, '|');
            check_all((struct slice){ bytes, len }, (char)('!' + (int)(len % 94)));
        }
}

static void counters_do_not_wrap(void **state)
{
    size_t len = 40000;
    char *bytes = malloc(len);

    (void)state;
    assert_non_null(bytes);
    for (int way = 0; way < HL7_SCAN_WAYS; way++) {
        memset(bytes, '|', len);
        struct slice s = { bytes, len };
        if (!hl7_scan_has((enum hl7_scan_way)way))
            continue;
        assert_int_equal(hl7_scan_count_by((enum hl7_scan_way)way, s, '|').fields, len);
        memset(bytes, '\n', len);
        assert_int_equal(hl7_scan_count_by((enum hl7_scan_way)way, s, '|').ends, len);
    }
    free(bytes);
}

static void the_best_way_is_one_of_them(void **state)
{
    struct slice s = SLICE("MSH|^~\\&|a\rPID|b");
    uint32_t fields[4 + HL7_SCAN_SLACK];
    struct hl7_line_end ends[2 + HL7_SCAN_SLACK];

    (void)state;
    assert_true(hl7_scan_has(HL7_SCAN_PLAIN));
    assert_int_equal(hl7_scan_count(s, '|').fields, 3);
    hl7_scan(s, '|', fields, ends);
    assert_int_equal(fields[2], 14);
    assert_int_equal(ends[0].at, 10);
    assert_int_equal(ends[1].fields, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_find_the_same),
        cmocka_unit_test(counters_do_not_wrap),
        cmocka_unit_test(the_best_way_is_one_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
