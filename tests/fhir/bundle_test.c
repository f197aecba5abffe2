#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fhir/bundle.h"
#include "tests/fhir/fhir_helpers.h"

#define ENTRY(type, id)                                                                                      \
    "{\"fullUrl\":\"urn:x:" id "\",\"resource\":{\"resourceType\":\"" type "\",\"id\":\"" id "\"}}"
#define BUNDLE(type, entries) "{\"resourceType\":\"Bundle\",\"type\":\"" type "\",\"entry\":[" entries "]}"
#define HEADER(focus)         "{\"resource\":{\"resourceType\":\"MessageHeader\"" focus "}}"
#define STATUS(type, events)                                                                                 \
    "{\"resource\":{\"resourceType\":\"SubscriptionStatus\",\"type\":\"" type "\"" events "}}"

/* The focus resources as "Type/id Type/id"; "-" for one that was not sent; "!" for a refusal. */
static void list_focus(const struct doc *d, char *out, size_t room)
{
    struct fhir_bundle b;
    struct fhir_focus f;
    struct error err = { .code = ERROR_NONE };
    size_t used = 0;
    out[0] = '\0';
    if (!fhir_bundle_open(&d->tree, &b, &err)) {
        snprintf(out, room, "!%s", error_name(err.code));
        return;
    }
    while (fhir_bundle_next(&b, &f)) {
        struct slice type = fhir_type(&d->tree, f.node), id = fhir_get(&d->tree, f.node, "id");
        used += (size_t)snprintf(out + used, room - used, "%s%.*s%s%.*s", used > 0 ? " " : "",
                                 SLICE_ARG(type), f.node == FHIR_NONE ? "-" : "/", SLICE_ARG(id));
    }
}

static void test_focus(void **state)
{
    static const struct {
        const char *name, *json, *focus;
    } rows[] = {
        { "bare", "{\"resourceType\":\"Flag\",\"id\":\"1\"}", "Flag/1" },
        { "no type of bundle", "{\"resourceType\":\"Bundle\"}", "!missing" },
        { "searchset", BUNDLE("searchset", ENTRY("Flag", "1")), "!unsupported" },
        { "collection", BUNDLE("collection", ENTRY("Flag", "1") "," ENTRY("Flag", "2")), "Flag/1 Flag/2" },
        { "transaction", BUNDLE("transaction", ENTRY("Flag", "1")), "Flag/1" },
        { "empty batch", BUNDLE("batch", ""), "" },
        { "delete", BUNDLE("transaction", "{\"request\":{\"method\":\"DELETE\",\"url\":\"Flag/1\"}}"), "-" },
        { "message without header", BUNDLE("message", ENTRY("Flag", "1")), "!missing" },
        { "message without focus", BUNDLE("message", HEADER("") "," ENTRY("Flag", "1")), "Flag/1" },
        { "message with focus",
          BUNDLE("message",
                 HEADER(",\"focus\":[{\"reference\":\"urn:x:2\"},{\"reference\":\"Flag/2\"},{\"reference\":"
                        "\"urn:x:2\"}]") "," ENTRY("Patient", "1") "," ENTRY("Flag", "2")),
          "Flag/2 Flag/2" },
        { "message with focus elsewhere",
          BUNDLE("message", HEADER(",\"focus\":[{\"reference\":\"Flag/9\"}]") "," ENTRY("Flag", "1")),
          "Flag/1" },
        { "handshake", BUNDLE("subscription-notification", STATUS("handshake", "")), "" },
        { "heartbeat with an entry", BUNDLE("history", STATUS("heartbeat", "") "," ENTRY("Flag", "1")), "" },
        { "unknown notification", BUNDLE("history", STATUS("x", "")), "!value" },
        { "notification without status", BUNDLE("subscription-notification", ENTRY("Flag", "1")),
          "!missing" },
        { "event with context",
          BUNDLE("subscription-notification",
                 STATUS("event-notification",
                        ",\"notificationEvent\":[{\"eventNumber\":\"2\",\"focus\":{\"reference\":"
                        "\"urn:x:2\"}}]") "," ENTRY("Patient", "1") "," ENTRY("Encounter", "2")),
          "Encounter/2" },
        { "id-only",
          BUNDLE("subscription-notification",
                 STATUS("event-notification",
                        ",\"notificationEvent\":[{\"focus\":{\"reference\":\"Encounter/2\"}}]")),
          "-" },
        { "events not listed",
          BUNDLE("subscription-notification", STATUS("event-notification", "") "," ENTRY("Encounter", "2")),
          "Encounter/2" },
        { "plain history", BUNDLE("history", ENTRY("Encounter", "2")), "Encounter/2" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct doc d = doc_json(rows[i].json);
        char got[512];
        assert_true(d.ok);
        list_focus(&d, got, sizeof got);
        if (strcmp(got, rows[i].focus) != 0)
            fail_msg("%s: \"%s\", wanted \"%s\"", rows[i].name, got, rows[i].focus);
        doc_free(&d);
    }
}

static void test_samples(void **state)
{
    static const struct {
        const char *file, *focus;
    } rows[] = {
        { "r4-notification-handshake.json", "" },
        { "r4b-notification-handshake.json", "" },
        { "r5-notification-heartbeat.xml", "" },
        { "r4-isik-notification-merge.json", "Patient/DorisQuelle" },
        { "r4-flag-example.json", "Flag/example" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct doc d = doc_sample(rows[i].file);
        char got[512];
        assert_true(d.ok);
        list_focus(&d, got, sizeof got);
        if (strcmp(got, rows[i].focus) != 0)
            fail_msg("%s: \"%s\"", rows[i].file, got);
        doc_free(&d);
    }
}

static void test_event_number(void **state)
{
    (void)state;
    struct doc d = doc_sample("r4-isik-notification-merge.json");
    struct fhir_bundle b;
    struct fhir_focus f;
    assert_true(fhir_bundle_open(&d.tree, &b, NULL));
    assert_int_equal(b.kind, FHIR_NOTIFICATION);
    assert_true(fhir_bundle_next(&b, &f));
    assert_true(slice_is(f.event_number, "1"));
    assert_int_equal(f.entry, 1);
    doc_free(&d);
}

static void test_entry_limit(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct buf text = buf_make(1000000);
        struct fhir_bundle b;
        struct error err = { .code = ERROR_NONE };
        buf_text(&text,
                 "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" ENTRY("Flag", "1"));
        for (int i = 1; i < LIMIT_BUNDLE_ENTRIES + extra; i++)
            buf_text(&text, "," ENTRY("Flag", "1"));
        buf_text(&text, "]}");
        struct doc d = doc_read(buf_slice(&text), false);
        assert_true(d.ok);
        assert_int_equal(fhir_bundle_open(&d.tree, &b, &err), extra == 0);
        assert_int_equal(err.code, extra == 0 ? ERROR_NONE : ERROR_LIMIT);
        doc_free(&d);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_focus), cmocka_unit_test(test_samples),
                                        cmocka_unit_test(test_event_number),
                                        cmocka_unit_test(test_entry_limit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
