#include "nightbell/test_report.h"

#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <string.h>

#define GREEN "\033[32m"
#define RED   "\033[31m"
#define OFF   "\033[0m"

void test_report_text(const struct lab_tests_report *r, bool verbose, double seconds)
{
    struct buf text = buf_make((size_t)1 << 30);

    for (size_t i = 0; i < r->count; i++) {
        const struct lab_test_result *one = &r->results[i];
        if (one->passed && verbose)
            buf_printf(&text, "%sok%s    %.*s  %.*s:%u\n", hl7_paint(GREEN), hl7_paint(OFF),
                       SLICE_ARG(one->name), SLICE_ARG(one->file), one->line);
        if (one->passed)
            continue;
        buf_printf(&text, "%sFAILED%s  ", hl7_paint(RED), hl7_paint(OFF));
        lab_test_text(one, hl7_colour(), &text);
        buf_text(&text, "\n");
    }
    hl7_put(&text);
    buf_free(&text);
    printf("%s%zu passed%s, %s%zu failed%s, %.2f s\n", hl7_paint(GREEN), r->passed, hl7_paint(OFF),
           hl7_paint(r->failed > 0 ? RED : ""), r->failed, hl7_paint(OFF), seconds);
}

static json_t *json_of_row(const struct lab_test_row *row)
{
    return json_pack("{s:f,s:I,s:b,s:o,s:o,s:o}", "at", (double)row->at_us / 1e6, "line",
                     (json_int_t)row->line, "wrong", row->wrong, "expected", json_of_slice(row->expected),
                     "got", json_of_slice(row->got), "why", json_of_slice(row->why));
}

void test_report_json(const struct lab_tests_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct lab_test_result *one = &r->results[i];
        json_t *rows = json_array();
        for (size_t k = 0; k < one->row_count; k++)
            json_array_append_new(rows, json_of_row(&one->rows[k]));
        hl7_put_json(json_pack("{s:o,s:o,s:I,s:b,s:I,s:I,s:f,s:o}", "test", json_of_slice(one->name), "file",
                               json_of_slice(one->file), "line", (json_int_t)one->line, "passed", one->passed,
                               "sent", (json_int_t)one->sent, "heard", (json_int_t)one->heard,
                               "virtual-seconds", (double)one->virtual_us / 1e6, "timeline", rows));
    }
}

/* --- JUnit ------------------------------------------------------------------------------------------------
 */

static void attribute(xmlTextWriterPtr w, const char *name, struct slice value)
{
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST name, "%.*s", SLICE_ARG(value));
}

static void put_case(xmlTextWriterPtr w, const struct lab_test_result *one)
{
    xmlTextWriterStartElement(w, BAD_CAST "testcase");
    attribute(w, "name", one->name);
    attribute(w, "classname", one->file);
    attribute(w, "file", one->file);
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST "line", "%u", one->line);
    /* Virtual time: what passed for the site, not for the machine. */
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST "time", "%.3f", (double)one->virtual_us / 1e6);
    if (!one->passed) {
        xmlTextWriterStartElement(w, BAD_CAST "failure");
        xmlTextWriterWriteAttribute(w, BAD_CAST "message", BAD_CAST "not what was expected");
        xmlTextWriterWriteFormatString(w, "%.*s", SLICE_ARG(one->failure));
        xmlTextWriterEndElement(w);
    }
    xmlTextWriterEndElement(w);
}

/* The tests of one file stand together in the report; gives where the next file's begin. */
static size_t put_suite(xmlTextWriterPtr w, const struct lab_tests_report *r, size_t from)
{
    size_t end = from, failed = 0;

    while (end < r->count && slice_eq(r->results[end].file, r->results[from].file))
        failed += !r->results[end++].passed;
    xmlTextWriterStartElement(w, BAD_CAST "testsuite");
    attribute(w, "name", r->results[from].file);
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST "tests", "%zu", end - from);
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST "failures", "%zu", failed);
    for (size_t i = from; i < end; i++)
        put_case(w, &r->results[i]);
    xmlTextWriterEndElement(w);
    return end;
}

bool test_report_junit(const struct lab_tests_report *r, const char *path, struct error *err)
{
    FILE *f = fopen(path, "wbe"); /* libxml2 would print an error of its own */
    if (f == NULL)
        return error_set(err, ERROR_IO, "%s cannot be written: %s", path, strerror(errno));
    fclose(f);
    xmlTextWriterPtr w = xmlNewTextWriterFilename(path, 0);
    if (w == NULL)
        return error_set(err, ERROR_IO, "%s cannot be written", path);
    xmlTextWriterSetIndent(w, 1);
    xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(w, BAD_CAST "testsuites");
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST "tests", "%zu", r->count);
    xmlTextWriterWriteFormatAttribute(w, BAD_CAST "failures", "%zu", r->failed);
    for (size_t at = 0; at < r->count;)
        at = put_suite(w, r, at);
    bool fine = xmlTextWriterEndDocument(w) >= 0 && xmlTextWriterFlush(w) >= 0;
    xmlFreeTextWriter(w);
    return fine || error_set(err, ERROR_IO, "%s cannot be written", path);
}
