#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fhir/fhir_helpers.h"

static void test_values_and_digits(void **state)
{
    static const struct {
        const char *number;
    } rows[] = { { "1.0" },
                 { "1.00" },
                 { "1E-22" },
                 { "-0" },
                 { "0.10" },
                 { "-1.000000000000000000E+245" },
                 { "123456789012345678901234567890.123456789" } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "{\"resourceType\":\"Observation\",\"valueQuantity\":{\"value\":%s,\"unit\":\"s1\"}}",
                 rows[i].number);
        struct doc d = doc_json(text);
        assert_true(d.ok);
        assert_int_equal(fhir_kind(&d.tree, fhir_find(&d.tree, 0, "valueQuantity.value")), FHIR_NUMBER);
        assert_true(slice_is(fhir_get(&d.tree, 0, "valueQuantity.value"), rows[i].number));
        assert_true(slice_is(fhir_get(&d.tree, 0, "valueQuantity.unit"), "s1"));
        doc_free(&d);
    }
}

static void test_marks_cannot_be_forged(void **state)
{
    (void)state;
    struct doc d =
        doc_json("{\"resourceType\":\"X\",\"a\":\"n12\",\"b\":\"\\u006e12\",\"n5\":\"s\",\"c\":12,\"d\":\"\","
                 "\"e\":\"q\\\\\\\"3,[{\",\"f\":[1,\"2\",true,null,false]}");
    assert_true(d.ok);
    assert_int_equal(fhir_kind(&d.tree, fhir_child(&d.tree, 0, "a")), FHIR_STRING);
    assert_true(slice_is(fhir_get(&d.tree, 0, "a"), "n12"));
    assert_int_equal(fhir_kind(&d.tree, fhir_child(&d.tree, 0, "b")), FHIR_STRING);
    assert_true(slice_is(fhir_get(&d.tree, 0, "n5"), "s"));
    assert_int_equal(fhir_kind(&d.tree, fhir_child(&d.tree, 0, "c")), FHIR_NUMBER);
    assert_true(slice_is(fhir_get(&d.tree, 0, "e"), "q\\\"3,[{"));
    uint32_t f = fhir_child(&d.tree, 0, "f");
    assert_int_equal(fhir_count(&d.tree, f), 5);
    assert_int_equal(fhir_kind(&d.tree, fhir_item(&d.tree, f, 0)), FHIR_NUMBER);
    assert_int_equal(fhir_kind(&d.tree, fhir_item(&d.tree, f, 1)), FHIR_STRING);
    assert_int_equal(fhir_kind(&d.tree, fhir_item(&d.tree, f, 2)), FHIR_BOOL);
    assert_int_equal(fhir_kind(&d.tree, fhir_item(&d.tree, f, 3)), FHIR_NULL);
    doc_free(&d);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *name, *text;
        enum error_code code;
        uint32_t line, column; /* 0: not checked */
    } rows[] = {
        { "empty", "", ERROR_SYNTAX, 0, 0 },
        { "a list", "[1]", ERROR_SYNTAX, 0, 0 },
        { "no type", "{\"id\":\"1\"}", ERROR_MISSING, 0, 0 },
        { "type is a number", "{\"resourceType\":5}", ERROR_MISSING, 0, 0 },
        { "type is empty", "{\"resourceType\":\"\"}", ERROR_MISSING, 0, 0 },
        { "a number as name", "{\"resourceType\":\"X\",1:2}", ERROR_SYNTAX, 0, 0 },
        { "leading zero", "{\"resourceType\":\"X\",\"a\":01}", ERROR_SYNTAX, 1, 25 },
        { "plus", "{\"resourceType\":\"X\",\"a\":+1}", ERROR_SYNTAX, 1, 0 },
        { "point without digits", "{\"resourceType\":\"X\",\"a\":1.}", ERROR_SYNTAX, 1, 0 },
        { "two points", "{\"resourceType\":\"X\",\"a\":1.2.3}", ERROR_SYNTAX, 1, 0 },
        { "number runs into a word", "{\"resourceType\":\"X\",\"a\":1true}", ERROR_SYNTAX, 1, 0 },
        { "word runs into a number", "{\"resourceType\":\"X\",\"a\":true1}", ERROR_SYNTAX, 1, 0 },
        { "hexadecimal", "{\"resourceType\":\"X\",\"a\":0x10}", ERROR_SYNTAX, 1, 0 },
        { "NaN", "{\"resourceType\":\"X\",\"a\":NaN}", ERROR_SYNTAX, 1, 0 },
        { "twice", "{\"resourceType\":\"X\",\n\"a\":1,\n\"a\":2}", ERROR_SYNTAX, 3, 0 },
        { "twice by escape", "{\"resourceType\":\"X\",\"a\":1,\"\\u0061\":2}", ERROR_SYNTAX, 1, 0 },
        { "behind the end", "{\"resourceType\":\"X\"} {}", ERROR_SYNTAX, 1, 22 },
        { "cut", "{\"resourceType\":\"X\",\"a\":", ERROR_SYNTAX, 1, 0 },
        { "string not closed", "{\"resourceType\":\"X", ERROR_SYNTAX, 1, 0 },
        { "backslash at the end", "{\"resourceType\":\"X\\", ERROR_SYNTAX, 1, 0 },
        { "bad utf-8", "{\"resourceType\":\"X\",\"a\":\"\xC3\x28\"}", ERROR_SYNTAX, 1, 0 },
        { "overlong", "{\"resourceType\":\"X\",\"a\":\"\xC0\xAF\"}", ERROR_SYNTAX, 1, 0 },
        { "lone surrogate", "{\"resourceType\":\"X\",\"a\":\"\\ud800\"}", ERROR_SYNTAX, 1, 0 },
        { "NUL escape", "{\"resourceType\":\"X\",\"a\":\"\\u0000\"}", ERROR_SYNTAX, 1, 0 },
        { "control character", "{\"resourceType\":\"X\",\"a\":\"\x01\"}", ERROR_SYNTAX, 1, 0 },
        { "trailing comma", "{\"resourceType\":\"X\",}", ERROR_SYNTAX, 1, 0 },
        { "comment", "{\"resourceType\":\"X\"/*no*/}", ERROR_SYNTAX, 1, 0 },
        { "single quotes", "{'resourceType':'X'}", ERROR_SYNTAX, 1, 2 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct doc d = doc_json(rows[i].text);
        if (d.ok || d.err.code != rows[i].code || (rows[i].line > 0 && d.err.line != rows[i].line) ||
            (rows[i].column > 0 && d.err.column != rows[i].column))
            fail_msg("%s: ok %d code %d at %u:%u %s", rows[i].name, d.ok, (int)d.err.code,
                     (unsigned)d.err.line, (unsigned)d.err.column, d.err.message);
        doc_free(&d);
    }
}

static struct doc nested(int levels)
{
    struct buf b = buf_make(100000);
    buf_text(&b, "{\"resourceType\":\"X\",\"a\":");
    for (int i = 1; i < levels; i++)
        buf_text(&b, "[");
    buf_text(&b, "1");
    for (int i = 1; i < levels; i++)
        buf_text(&b, "]");
    buf_text(&b, "}");
    struct doc d = doc_read(buf_slice(&b), false);
    buf_free(&b);
    return d;
}

static struct doc wide(int nodes)
{
    struct buf b = buf_make(4000000);
    buf_text(&b, "{\"resourceType\":\"X\",\"a\":[0");
    for (int i = 4; i < nodes; i++) /* the object, its type, the list and the first item are four */
        buf_text(&b, ",1");
    buf_text(&b, "]}");
    struct doc d = doc_read(buf_slice(&b), false);
    buf_free(&b);
    return d;
}

static void test_limits(void **state)
{
    (void)state;
    struct doc d = nested(LIMIT_FHIR_DEPTH);
    assert_true(d.ok);
    doc_free(&d);
    d = nested(LIMIT_FHIR_DEPTH + 1);
    assert_false(d.ok);
    assert_int_equal(d.err.code, ERROR_LIMIT);
    assert_non_null(strstr(d.err.message, "fhir-depth"));
    doc_free(&d);
    d = nested(40000);
    assert_int_equal(d.err.code, ERROR_LIMIT);
    doc_free(&d);
    d = wide(LIMIT_FHIR_NODES);
    assert_true(d.ok);
    assert_int_equal(d.tree.count, LIMIT_FHIR_NODES);
    doc_free(&d);
    d = wide(LIMIT_FHIR_NODES + 1);
    assert_false(d.ok);
    assert_int_equal(d.err.code, ERROR_LIMIT);
    assert_non_null(strstr(d.err.message, "fhir-nodes"));
    doc_free(&d);
}

static void test_errors_quote_nothing(void **state)
{
    (void)state;
    struct doc d = doc_json("{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Canaryname\" x}]}");
    assert_false(d.ok);
    assert_null(strstr(d.err.message, "Canary"));
    assert_null(strstr(d.err.where, "Canary"));
    assert_int_equal(d.err.line, 1);
    doc_free(&d);
}

static void test_byte_order_mark(void **state)
{
    (void)state;
    struct doc d = doc_json("\xEF\xBB\xBF{\"resourceType\":\"X\"}");
    assert_true(d.ok);
    doc_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_digits),
        cmocka_unit_test(test_marks_cannot_be_forged),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_errors_quote_nothing),
        cmocka_unit_test(test_byte_order_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
