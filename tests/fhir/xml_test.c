#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fhir/fhir_helpers.h"

#define NS "xmlns=\"http://hl7.org/fhir\""

/* Same shape, names and texts; XML has no kinds of primitives. */
static bool same(const struct fhir_tree *a, uint32_t x, const struct fhir_tree *b, uint32_t y)
{
    bool deep = fhir_kind(a, x) >= FHIR_ARRAY || fhir_kind(b, y) >= FHIR_ARRAY;
    if (deep && fhir_kind(a, x) != fhir_kind(b, y))
        return false;
    if (!slice_eq(fhir_name(a, x), fhir_name(b, y)) || !slice_eq(fhir_text(a, x), fhir_text(b, y)))
        return false;
    uint32_t i = fhir_first(a, x), j = fhir_first(b, y);
    for (; i != FHIR_NONE && j != FHIR_NONE; i = fhir_next(a, i), j = fhir_next(b, j))
        if (!same(a, i, b, j))
            return false;
    return i == j;
}

static void test_same_tree_as_json(void **state)
{
    static const struct {
        const char *name, *xml, *json;
    } rows[] = {
        { "observation",
          "<Observation " NS
          "><id value=\"o1\"/><status value=\"final\"/><category><coding><code value=\"vital-signs\"/>"
          "</coding></category><code><coding><system value=\"http://loinc.org\"/><code "
          "value=\"8867-4\"/></coding></code>"
          "<valueQuantity><value value=\"6.20\"/><unit "
          "value=\"mmol/L\"/></valueQuantity><component><code><text value=\"a"
          "\"/></code><interpretation><coding><code "
          "value=\"H\"/></coding></interpretation></component></Observation>",
          "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"category\":[{\"coding\":[{"
          "\"code\":"
          "\"vital-signs\"}]}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8867-4\"}]},"
          "\"valueQuantity\":{\"value\":6.20,\"unit\":\"mmol/L\"},\"component\":[{\"code\":{\"text\":\"a\"},"
          "\"interpretation\":[{\"coding\":[{\"code\":\"H\"}]}]}]}" },
        { "bundle and contained",
          "<Bundle " NS
          "><type value=\"collection\"/><entry><fullUrl value=\"urn:x:1\"/><resource><Flag><contained>"
          "<Patient><id value=\"p\"/><active value=\"true\"/></Patient></contained><identifier><value "
          "value=\"7\"/>"
          "</identifier><subject><reference value=\"#p\"/><identifier><value "
          "value=\"8\"/></identifier></subject></Flag>"
          "</resource></entry></Bundle>",
          "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"urn:x:1\","
          "\"resource\":"
          "{\"resourceType\":\"Flag\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\",\"active\":"
          "true}],"
          "\"identifier\":[{\"value\":\"7\"}],\"subject\":{\"reference\":\"#p\",\"identifier\":{\"value\":"
          "\"8\"}}}}]}" },
        { "primitives with more than a value",
          "<Patient " NS
          "><name><given value=\"Ada\"><extension url=\"http://e\"><valueCode value=\"x\"/></extension>"
          "</given><given value=\"Bo\"/></name><birthDate id=\"b\" value=\"1970-03-30\"/></Patient>",
          "{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"Ada\",\"Bo\"],\"_given\":[{\"extension\":[{"
          "\"url\":"
          "\"http://"
          "e\",\"valueCode\":\"x\"}]},null]}],\"birthDate\":\"1970-03-30\",\"_birthDate\":{\"id\":\"b\"}}" },
        { "narrative",
          "<Flag " NS
          "><text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">a <b>b</b> &lt;"
          "</div></text></Flag>",
          "{\"resourceType\":\"Flag\",\"text\":{\"status\":\"generated\",\"div\":\"<div "
          "xmlns=\\\"http://www.w3.org/1999/"
          "xhtml\\\">a <b>b</b> &lt;</div>\"}}" },
        { "unknown and repeated",
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- c --><Thing " NS
          "><new value=\"1\"/><new value=\"2\"/></Thing>",
          "{\"resourceType\":\"Thing\",\"new\":[\"1\",\"2\"]}" },
        { "another prefix",
          "<f:Flag xmlns:f=\"http://hl7.org/fhir\"><f:status value=\"a &amp; &#x62;\"/></f:Flag>",
          "{\"resourceType\":\"Flag\",\"status\":\"a & b\"}" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct doc x = doc_xml(rows[i].xml), j = doc_json(rows[i].json);
        if (!x.ok || !j.ok || !same(&x.tree, 0, &j.tree, 0))
            fail_msg("%s: %d %s / %d %s", rows[i].name, x.ok, x.err.message, j.ok, j.err.message);
        doc_free(&x);
        doc_free(&j);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *name, *text;
        enum error_code code;
        uint32_t line;
    } rows[] = {
        { "empty", "", ERROR_SYNTAX, 0 },
        { "not xml", "{}", ERROR_SYNTAX, 1 },
        { "doctype", "<!DOCTYPE Flag>\n<Flag " NS "/>", ERROR_UNSUPPORTED, 1 },
        { "doctype with system id", "<!DOCTYPE Flag SYSTEM \"file:///etc/passwd\"><Flag " NS "/>",
          ERROR_UNSUPPORTED, 1 },
        { "doctype with public id", "<!DOCTYPE F PUBLIC \"x\" \"http://e/x.dtd\"><Flag " NS "/>",
          ERROR_UNSUPPORTED, 1 },
        { "external entity",
          "<!DOCTYPE F [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Flag " NS
          "><status value=\"&x;\"/></Flag>",
          ERROR_UNSUPPORTED, 1 },
        { "parameter entity", "<!DOCTYPE F [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/\"> %x;]><Flag " NS "/>",
          ERROR_UNSUPPORTED, 1 },
        { "billion laughs",
          "<?xml version=\"1.0\"?>\n<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b "
          "\"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
          "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">]>"
          "<Flag " NS "><status value=\"&d;\"/></Flag>",
          ERROR_UNSUPPORTED, 2 },
        { "undeclared entity", "<Flag " NS "><status value=\"&x;\"/></Flag>", ERROR_SYNTAX, 1 },
        { "html entity",
          "<Flag " NS "><text><div xmlns=\"http://www.w3.org/1999/xhtml\">&nbsp;</div></text></Flag>",
          ERROR_SYNTAX, 1 },
        { "no namespace", "<Flag/>", ERROR_SYNTAX, 1 },
        { "other namespace", "<Flag xmlns=\"http://example.org\"/>", ERROR_SYNTAX, 1 },
        { "other namespace inside", "<Flag " NS ">\n<x xmlns=\"http://e\" value=\"1\"/></Flag>", ERROR_SYNTAX,
          2 },
        { "lower-case root", "<flag " NS "/>", ERROR_MISSING, 1 },
        { "text", "<Flag " NS "><status>active</status></Flag>", ERROR_SYNTAX, 1 },
        { "cdata", "<Flag " NS "><status><![CDATA[a]]></status></Flag>", ERROR_SYNTAX, 1 },
        { "not closed", "<Flag " NS ">\n\n<status value=\"a\"></Flag>", ERROR_SYNTAX, 3 },
        { "behind the end", "<Flag " NS "/><Flag " NS "/>", ERROR_SYNTAX, 1 },
        { "attribute twice", "<Flag " NS "><status value=\"a\" value=\"b\"/></Flag>", ERROR_SYNTAX, 1 },
        { "bad utf-8", "<Flag " NS "><status value=\"\xC3\x28\"/></Flag>", ERROR_SYNTAX, 1 },
        { "latin-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Flag " NS "/>", ERROR_UNSUPPORTED, 0 },
        { "utf-7", "<?xml version='1.0' encoding='utf-7'?><Flag " NS "/>", ERROR_UNSUPPORTED, 0 },
        { "utf-16 mark", "\xFF\xFE<", ERROR_UNSUPPORTED, 0 },
        { "apart", "<Flag " NS "><a value=\"1\"/><b value=\"1\"/><a value=\"2\"/></Flag>", ERROR_SYNTAX, 1 },
        { "a sibling by hand", "<Flag " NS "><_a value=\"1\"/></Flag>", ERROR_SYNTAX, 1 },
        { "the type by hand", "<Flag " NS "><resourceType value=\"Patient\"/></Flag>", ERROR_SYNTAX, 1 },
        { "xinclude",
          "<Flag " NS
          "><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"/etc/passwd\"/></Flag>",
          ERROR_SYNTAX, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct doc d = doc_xml(rows[i].text);
        if (d.ok || d.err.code != rows[i].code || (rows[i].line > 0 && d.err.line != rows[i].line))
            fail_msg("%s: ok %d code %d at %u:%u %s", rows[i].name, d.ok, (int)d.err.code,
                     (unsigned)d.err.line, (unsigned)d.err.column, d.err.message);
        assert_int_not_equal(d.err.message[0], '\0');
        doc_free(&d);
    }
}

static struct doc repeated(const char *open, const char *middle, const char *close, int times)
{
    struct buf b = buf_make(16000000);
    buf_text(&b, "<Flag " NS ">");
    for (int i = 0; i < times; i++)
        buf_text(&b, open);
    buf_text(&b, middle);
    for (int i = 0; i < times && close[0] != '\0'; i++)
        buf_text(&b, close);
    buf_text(&b, "</Flag>");
    struct doc d = doc_read(buf_slice(&b), true);
    buf_free(&b);
    return d;
}

static void test_limits(void **state)
{
    (void)state;
    struct doc d = repeated("<a>", "", "</a>", LIMIT_FHIR_DEPTH - 1);
    assert_true(d.ok);
    doc_free(&d);
    d = repeated("<a>", "", "</a>", LIMIT_FHIR_DEPTH);
    assert_int_equal(d.err.code, ERROR_LIMIT);
    assert_non_null(strstr(d.err.message, "fhir-depth"));
    doc_free(&d);
    /* the object, its resourceType and the list are three nodes */
    d = repeated("<a value='1'/>", "", "", LIMIT_FHIR_NODES - 3);
    assert_true(d.ok);
    doc_free(&d);
    d = repeated("<a value='1'/>", "", "", LIMIT_FHIR_NODES - 2);
    assert_int_equal(d.err.code, ERROR_LIMIT);
    assert_non_null(strstr(d.err.message, "fhir-nodes"));
    doc_free(&d);
    d = repeated("<a/>", "", "", 1000000);
    assert_int_equal(d.err.code, ERROR_LIMIT);
    doc_free(&d);
}

static void test_many_attributes_are_refused_early(void **state)
{
    struct buf b = buf_make(16000000);
    (void)state;
    buf_text(&b, "<Flag " NS "><!-- don't --><a ");
    for (int i = 0; i < 300000; i++)
        buf_printf(&b, "a%d='' ", i);
    buf_text(&b, "/></Flag>");
    struct doc d = doc_read(buf_slice(&b), true);
    assert_false(d.ok);
    doc_free(&d);
    buf_free(&b);
}

static void test_errors_quote_nothing(void **state)
{
    (void)state;
    struct doc d = doc_xml("<Patient " NS "><name><family value=\"Canaryname\" Canary></name></Patient>");
    assert_false(d.ok);
    assert_null(strstr(d.err.message, "anary"));
    doc_free(&d);
}

int main(void)
{
    fhir_xml_prepare();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_tree_as_json),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_many_attributes_are_refused_early),
        cmocka_unit_test(test_errors_quote_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
