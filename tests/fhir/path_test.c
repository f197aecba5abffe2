#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fhir/path.h"
#include "tests/fhir/fhir_helpers.h"

static void test_compile(void **state)
{
    static const struct {
        const char *text;
        uint32_t column; /* of the fault; 0: good */
    } rows[] = {
        { "Observation.code", 0 },
        { "Observation.code.coding[0].code", 0 },
        { "Patient._birthDate.extension[12].valueCode", 0 },
        { "", 1 },
        { "observation.code", 1 },
        { "Observation", 12 },
        { "Observation.", 13 },
        { "Observation..code", 13 },
        { "Observation[0].code", 12 },
        { "Observation.code[", 17 },
        { "Observation.code[]", 18 },
        { "Observation.code[x]", 17 },
        { "Observation.code[999999999]", 18 },
        { "Observation.code[0]coding", 20 },
        { "Observation.code coding", 17 },
        { "Observation.9code", 13 },
        { "A.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b", 0 },
        { "A.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.c", 33 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fhir_path p;
        struct error err = { .code = ERROR_NONE };
        bool ok = fhir_path_compile(slice_of(rows[i].text), &p, &err);
        if (ok != (rows[i].column == 0) || err.column != rows[i].column)
            fail_msg("%s: %d at %u %s", rows[i].text, ok, (unsigned)err.column, err.message);
    }
}

static void test_get(void **state)
{
    static const struct {
        const char *path;
        enum fhir_match match;
        const char *text;
    } rows[] = {
        { "Observation.status", FHIR_MATCH_ONE, "final" },
        { "Observation.code.coding[0].code", FHIR_MATCH_ONE, "a" },
        { "Observation.code.coding[1].code", FHIR_MATCH_ONE, "b" },
        { "Observation.code.coding[2].code", FHIR_MATCH_NONE, "" },
        { "Observation.code.coding.code", FHIR_MATCH_MANY, "a" },
        { "Observation.code[0].coding[0].code", FHIR_MATCH_ONE, "a" },
        { "Observation.note.text", FHIR_MATCH_ONE, "n" },
        { "Observation.status.x", FHIR_MATCH_NONE, "" },
        { "Flag.status", FHIR_MATCH_NONE, "" },
    };
    (void)state;
    struct doc d = doc_json(
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[{\"code\":\"a\"},"
        "{\"code\":\"b\"}]},\"note\":[null,{\"text\":\"n\"}]}");
    assert_true(d.ok);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fhir_path p;
        uint32_t node;
        assert_true(fhir_path_compile(slice_of(rows[i].path), &p, NULL));
        enum fhir_match m = fhir_path_get(&p, &d.tree, FHIR_ROOT, &node);
        if (m != rows[i].match || !slice_is(fhir_text(&d.tree, node), rows[i].text))
            fail_msg("%s: %d", rows[i].path, (int)m);
    }
    doc_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_compile), cmocka_unit_test(test_get) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
