/* The Terser's spelling of paths: each row beside the path that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/path.h"
#include "tests/guard.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define WIRE                                                                                                 \
    "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rPID|1||m1&x^^^H~m2^^^L&oid||DOE^PAT\rNTE|1||p\rPV1|1|I\r"  \
    "ORC|RE|o1\rOBR|1|o1||P1\rOBX|1|NM|K||4.1\rNTE|1||a\rNTE|2||b\rOBX|2|NM|NA||140~141\r"                   \
    "ORC|RE|o2\rOBR|2|o2||P2\rOBX|1|NM|K||5.9\rSPM|1|s1\r"
#define BARE "MSH|^~\\&|A|B|C|D|20260101||ORU^R40|1|P|2.6\rOBR|1|o1\rOBX|1|NM|K||4.1\rOBX|2|NM|NA||140\r"

static void spellings_are_paths(void **state)
{
    static const struct {
        const char *terser, *path;
    } ROWS[] = {
        { "PID-3-1", "PID-3.1.1" },
        { "PID-3", "PID-3.1.1" }, /* what is not named is the first */
        { "PID-5-2", "PID-5.2.1" },
        { "PID-3(0)-1-2", "PID-3[1].1.2" },
        { "PID-3(1)-4-2", "PID-3[2].4.2" },
        { "/PID-5-1", "PID-5.1.1" },
        { "/.PID-5-1", "PID-5.1.1" },
        { ".PID-5", "PID-5.1.1" },
        { "MSH-9-2", "MSH-9.2.1" },
        { "MSH-2", "MSH-2" },
        { "OBX(0)-5", "OBX[1]-5.1.1" },
        { "OBX(1)-5", "OBX[2]-5.1.1" },
        { "/.OBX(1)-5(1)", "OBX[2]-5[2].1.1" },
        { "OBX-3-1", "OBX-3.1.1" },
        { "/PATIENT_RESULT/PATIENT/PID-3-1", "PID[1]-3.1.1" },
        { "/PATIENT_RESULT(0)/PATIENT/VISIT/PV1-2", "PV1[1]-2" },
        { "/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(0)-5", "OBR[2]->OBX[1]-5" },
        { "/PATIENT_RESULT/ORDER_OBSERVATION(0)/OBSERVATION(1)/OBX-5", "OBR[1]->OBX[2]-5" },
        { "/PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION(0)/NTE(1)-3", "OBX[1]->NTE[2]-3" },
        { "/PATIENT_RESULT/ORDER_OBSERVATION(1)/OBR-2", "OBR[2]-2" },
        { "/PATIENT_RESULT/ORDER_OBSERVATION(1)/ORC-2", "ORC[2]-2" },
        { "/.ORDER_OBSERVATION(1)/SPECIMEN/SPM-2", "SPM-2" },
        { "/RESPONSE/ORDER_OBSERVATION(1)/OBX-5", "OBR[2]->OBX-5" },
        { "/PATIENT_RESULT(1)/ORDER_OBSERVATION/OBX-5", "OBX[9]-5" },
    };
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(WIRE), NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct guard g = guard_make(slice_of(ROWS[i].terser));
        struct error err = { 0 };
        struct hl7_path *p = hl7_terser_compile(arena, g.bytes, &err),
                        *q = hl7_path_compile(arena, slice_of(ROWS[i].path), NULL);
        guard_free(&g);
        if (p == NULL || q == NULL)
            fail_msg("%s: %u: %s", ROWS[i].terser, err.column, err.message);
        struct slice a, b;
        enum hl7_presence x = hl7_path_get(p, m, HL7_NONE, &a, NULL),
                          y = hl7_path_get(q, m, HL7_NONE, &b, NULL);
        if (x != y || !slice_eq(a, b) || (i + 1 < COUNT(ROWS) && x != HL7_VALUE))
            fail_msg("%s: %d \"%.*s\", %s: %d \"%.*s\"", ROWS[i].terser, x, SLICE_ARG(a), ROWS[i].path, y,
                     SLICE_ARG(b));
        assert_false(hl7_path_is_many(p));
    }
    arena_free(&arena);
}

/* A device's report may leave the patient out: the group is then what is there. */
static void an_optional_group_may_be_bare(void **state)
{
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(BARE), NULL);
    struct hl7_path *p =
        hl7_terser_compile(arena, SLICE("/PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION(1)/OBX-5"), NULL);
    struct hl7_path *second =
        hl7_terser_compile(arena, SLICE("/PATIENT_RESULT(1)/ORDER_OBSERVATION/OBR-2"), NULL);
    struct slice raw;

    (void)state;
    assert_true(m != NULL && p != NULL && second != NULL);
    assert_int_equal(hl7_path_get(p, m, HL7_NONE, &raw, NULL), HL7_VALUE);
    assert_true(slice_is(raw, "140"));
    assert_int_equal(hl7_path_get(second, m, HL7_NONE, &raw, NULL), HL7_ABSENT);
    arena_free(&arena);
}

static void wrong_spellings_are_told_where(void **state)
{
    static const struct {
        const char *terser;
        uint32_t column;
        const char *hint;
    } ROWS[] = {
        { "", 1, "from 0" },
        { "/", 2, "from 0" },
        { "pid-3", 1, "from 0" },
        { "PID", 4, "from 0" },
        { "PIDX-3", 1, "from 0" },
        { "PID-0", 5, "from 0" },
        { "PID-", 5, "from 0" },
        { "PID-3.1", 6, "PID-3-1" },
        { "PID.3", 4, "PID-3-1" },
        { "PID-3[1]", 6, "without --terser" },
        { "OBX[1]-5", 4, "without --terser" },
        { "PID-3(", 7, "from 0" },
        { "PID-3(1", 8, "from 0" },
        { "PID-3(x)", 7, "from 0" },
        { "PID-3-0", 7, "from 0" },
        { "PID-3-1-0", 9, "from 0" },
        { "PID-3-1-1-1", 10, "from 0" },
        { "PID-3 ", 6, "from 0" },
        { "/SOME_GROUP/OBX-5", 2, "ORDER_OBSERVATION" },
        { "/PATIENT_RESULT/-3", 17, "from 0" },
        { "/*OBX-5", 2, "from 0" },
        { "/PATIENT_RESULT/ORDER_OBSERVATION-3", 17, "from 0" },
        { "OBX->NTE-3", 5, "from 0" },
        { "OBX(9999999999)-5", 5, "from 0" },
        { "/3BX-5", 2, "from 0" },
        { "/PATIENT/VISIT/ORDER/ORDER_OBSERVATION/OBSERVATION/SPECIMEN/CONTAINER/INSURANCE/PV2-1", 71,
          "from 0" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct error err = { 0 };
        struct guard g = guard_make(slice_of(ROWS[i].terser));
        if (hl7_terser_compile(arena, g.bytes, &err) != NULL)
            fail_msg("%s: taken", ROWS[i].terser);
        assert_null(hl7_terser_compile(arena, g.bytes, NULL));
        guard_free(&g);
        if (err.code != ERROR_SYNTAX || err.column != ROWS[i].column ||
            strstr(err.hint, ROWS[i].hint) == NULL || strlen(err.hint) + 1 >= sizeof err.hint)
            fail_msg("%s: column %u: %s: %s", ROWS[i].terser, err.column, err.message, err.hint);
    }
    struct buf text = buf_make(8192);
    while (text.len < 5000)
        buf_text(&text, "PATIENT/");
    assert_null(hl7_terser_compile(arena, buf_slice(&text), NULL));
    buf_free(&text);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_are_paths),
        cmocka_unit_test(an_optional_group_may_be_bare),
        cmocka_unit_test(wrong_spellings_are_told_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
