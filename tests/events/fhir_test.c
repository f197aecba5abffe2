/* FHIR into events: the same alarm by every way, phases, results, flags, visits, messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/hl7_help.h"

static bool read_text(struct fixture *f, struct slice text)
{
    struct buf block = buf_make(HELP_BYTES_MAX);
    struct fhir_tree *tree = arena_alloc(f->arena, sizeof *tree);
    bool xml = slice_starts(text, SLICE("<"));
    error_clear(&f->err);
    bool ok = xml ? fhir_xml_read(text, &block, &f->err) : fhir_json_read(text, &block, &f->err);
    ok = ok && fhir_tree_open(arena_copy(f->arena, buf_slice(&block)), tree, &f->err) &&
         reading_from_fhir(f->arena, tree, &f->site.source, &f->r, &f->err);
    buf_free(&block);
    return ok;
}

static struct slice file(struct fixture *f, const char *path)
{
    struct buf bytes = buf_make(HELP_BYTES_MAX);
    if (!help_read_file(path, &bytes))
        fail_msg("%s cannot be opened", path);
    struct slice kept = arena_copy(f->arena, buf_slice(&bytes));
    buf_free(&bytes);
    return kept;
}

/* As JSON, without what may differ by the way it came. */
static struct slice shape(struct fixture *f, const struct event *e)
{
    struct event same = *e;
    struct buf out = buf_make(100000);
    same.listener = (struct slice){ NULL, 0 };
    same.part = 0;
    event_json(&out, &same);
    struct slice kept = arena_copy(f->arena, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static void one_alarm_by_every_way_is_one_event(void **state)
{
    static const char *const files[] = { PROJECT_DIR "/examples/messages/vfib-bundle.json",
                                         PROJECT_DIR "/examples/messages/vfib-bundle.xml",
                                         PROJECT_DIR "/tests/events/fhir/vfib.json",
                                         PROJECT_DIR "/tests/events/fhir/vfib.xml" };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    struct hl7_message *m =
        hl7_message_parse(f.arena, file(&f, PROJECT_DIR "/examples/messages/vfib.hl7"), &f.err);
    assert_non_null(m);
    assert_true(reading_from_hl7(f.arena, m, &f.site.source, &f.r, &f.err));
    assert_int_equal(f.r.event_count, 1);
    struct slice expected = shape(&f, &f.r.events[0]);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!read_text(&f, file(&f, files[i])))
            fail_msg("%s: %s %s", files[i], f.err.where, f.err.message);
        assert_int_equal(f.r.event_count, 1);
        struct slice got = shape(&f, &f.r.events[0]);
        if (!slice_eq(got, expected))
            fail_msg("%s:\n%.*s\ninstead of\n%.*s", files[i], SLICE_ARG(got), SLICE_ARG(expected));
    }
    fixture_end(&f);
}

#define MDC "\"system\":\"urn:iso:std:iso:11073:10101\""
#define OBS(rest)                                                                                            \
    "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"subject\":{\"reference\":\"Patient/7\"}," rest "}"
#define ALARM(rest)     OBS("\"code\":{\"coding\":[{" MDC ",\"code\":\"199806\"}]}," rest)
#define COMPONENT(c, v) "{\"code\":{\"coding\":[{" MDC ",\"code\":\"" c "\"}]},\"valueString\":\"" v "\"}"

static void alarm_phases(void **state)
{
    static const struct {
        const char *json;
        enum event_phase phase;
    } table[] = {
        { ALARM("\"status\":\"preliminary\""), PHASE_STARTS },
        { ALARM("\"status\":\"final\""), PHASE_STARTS },
        { ALARM("\"status\":\"amended\""), PHASE_UPDATES },
        { ALARM("\"status\":\"entered-in-error\""), PHASE_WITHDRAWN },
        { ALARM("\"status\":\"final\",\"effectivePeriod\":{\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2026-"
                "01-01T00:01:00Z\"}"),
          PHASE_ENDS },
        { ALARM("\"status\":\"final\",\"component\":[" COMPONENT("68481", "end") "]"), PHASE_ENDS },
        { ALARM("\"status\":\"final\",\"component\":[" COMPONENT("68481", "escalate") "]"), PHASE_WORSENS },
        { ALARM("\"status\":\"final\",\"component\":[" COMPONENT("68481", "update") "," COMPONENT(
              "68483", "audio-paused") "]"),
          PHASE_ATTENDED },
        { ALARM("\"status\":\"cancelled\",\"component\":[" COMPONENT("68481", "start") "]"),
          PHASE_WITHDRAWN },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!read_text(&f, slice_of(table[i].json)))
            fail_msg("row %zu: %s", i, f.err.message);
        assert_int_equal(f.r.event_count, 1);
        assert_int_equal(f.r.events[0].kind, EVENT_ALARM);
        assert_int_equal(f.r.events[0].class, CLASS_LETHAL);
        assert_int_equal(f.r.events[0].phase, table[i].phase);
        assert_true(slice_is(f.r.events[0].identity, "test|Observation/o1"));
        assert_true(slice_is(f.r.events[0].patient.id, "|Patient/7"));
    }
    assert_true(read_text(
        &f, SLICE(OBS("\"status\":\"final\",\"code\":{\"coding\":[{" MDC ",\"code\":\"198200\"}]}"))));
    assert_true(f.r.heartbeat && f.r.context_only);
    assert_true(read_text(
        &f,
        SLICE(OBS(
            "\"status\":\"final\",\"category\":[{\"coding\":[{\"code\":\"alert\"}]}],"
            "\"code\":{\"text\":\"Something new\"},\"interpretation\":[{\"coding\":[{\"code\":\"PH\"}]}]"))));
    assert_false(f.r.events[0].mapped);
    assert_int_equal(f.r.events[0].class, CLASS_HIGH);
    assert_true(slice_is(f.r.events[0].title, "Something new"));
    fixture_end(&f);
}

static void results(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(
        read_text(&f, SLICE(OBS("\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://"
                                "loinc.org\",\"code\":\"2823-3\"}]},"
                                "\"issued\":\"2026-11-22T03:00:00+01:00\","
                                "\"valueQuantity\":{\"value\":6.90,\"unit\":\"mmol/l\"},"
                                "\"interpretation\":[{\"coding\":[{\"code\":\"H\"},{\"code\":\"HH\"}]}]"))));
    const struct event *e = &f.r.events[0];
    assert_int_equal(e->kind, EVENT_RESULT);
    assert_true(slice_is(e->code, "potassium"));
    assert_int_equal(e->phase, PHASE_FINAL);
    assert_int_equal(e->abnormal, ABNORMAL_CRITICAL_HIGH);
    assert_int_equal(e->class, CLASS_HIGH);
    assert_int_equal(e->value.low.mantissa, 690); /* the digits as sent */
    assert_true(slice_is(e->value.unit, "mmol/L"));
    assert_true(read_text(
        &f, SLICE(OBS("\"status\":\"corrected\",\"code\":{\"coding\":[{\"system\":\"http://"
                      "loinc.org\",\"code\":\"2823-3\"}]},"
                      "\"valueQuantity\":{\"value\":10,\"comparator\":\">\",\"code\":\"mmol/L\"}"))));
    assert_int_equal(f.r.events[0].phase, PHASE_CORRECTED);
    assert_true(f.r.events[0].value.low_open);
    assert_true(read_text(&f, SLICE(OBS("\"status\":\"registered\",\"code\":{\"text\":\"K\"}"))));
    assert_int_equal(f.r.event_count, 0);
    assert_false(read_text(&f, SLICE(OBS("\"status\":\"done\",\"code\":{\"text\":\"K\"}"))));
    assert_int_equal(f.err.code, ERROR_VALUE);
    fixture_end(&f);
}

#define FLAG(status, code)                                                                                   \
    "{\"resourceType\":\"Flag\",\"status\":\"" status                                                        \
    "\",\"subject\":{\"identifier\":{\"system\":\"GH\",\"value\":\"9\"}},\"code\":{" code "}}"

static void flags(void **state)
{
    static const struct {
        const char *json, *flag;
        enum change_kind kind;
    } table[] = {
        { FLAG("active", "\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"129839007\"}]"),
          "fall-risk", CHANGE_FLAG },
        { FLAG("inactive", "\"coding\":[{\"system\":\"local\",\"code\":\"Fall-Risk\"}]"), "fall-risk",
          CHANGE_UNFLAG },
        { FLAG("entered-in-error", "\"text\":\"Big dog, at home!\""), "big-dog-at-home", CHANGE_UNFLAG },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!read_text(&f, slice_of(table[i].json)))
            fail_msg("row %zu: %s", i, f.err.message);
        assert_true(f.r.context_only);
        assert_int_equal(f.r.change_count, 1);
        assert_int_equal(f.r.changes[0].kind, table[i].kind);
        assert_true(slice_is(f.r.changes[0].patient.flags[0], table[i].flag));
        assert_true(slice_is(f.r.changes[0].patient.id, "GH|9"));
    }
    assert_true(
        read_text(&f, SLICE(FLAG("active", "\"coding\":[{\"system\":\"local\",\"code\":\"bed-exit\"}]"))));
    assert_int_equal(f.r.event_count, 1);
    assert_int_equal(f.r.events[0].kind, EVENT_ALARM);
    fixture_end(&f);
}

#define REQUEST(status, rest)                                                                                \
    "{\"resourceType\":\"CommunicationRequest\",\"id\":\"c1\",\"status\":\"" status "\"," rest "}"

static void communications(void **state)
{
    static const struct {
        const char *json, *code, *title;
        enum event_kind kind;
        enum event_class class;
        enum event_phase phase;
    } table[] = {
        { REQUEST("active", "\"priority\":\"stat\",\"payload\":[{\"contentString\":\"Storm\"}]"), "", "Storm",
          EVENT_ALARM, CLASS_HIGH, PHASE_STARTS },
        { REQUEST("active", "\"priority\":\"urgent\",\"payload\":[{\"contentString\":\"Storm\"}]"), "",
          "Storm", EVENT_ALARM, CLASS_MEDIUM, PHASE_STARTS },
        { REQUEST("revoked", "\"payload\":[{\"contentString\":\"Storm\"}]"), "", "Storm", EVENT_ALARM,
          CLASS_LOW, PHASE_WITHDRAWN },
        { REQUEST("active", "\"category\":[{\"coding\":[{\"system\":\"local\",\"code\":\"code-blue\"}]}],"
                            "\"payload\":[{\"contentString\":\"Blue, 5W-12\"}]"),
          "code-blue", "Code blue", EVENT_CALL, CLASS_HIGH, PHASE_STARTS },
        { REQUEST("active", "\"payload\":[{\"contentString\":\"mdcx_bath_cord\"}],\"about\":[{\"reference\":"
                            "\"Location/5\",\"display\":\"5W^^12\"}]"),
          "bathroom-cord", "Bathroom cord", EVENT_CALL, CLASS_CALL, PHASE_STARTS },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!read_text(&f, slice_of(table[i].json)) || f.r.event_count != 1)
            fail_msg("row %zu: %s", i, f.err.message);
        const struct event *e = &f.r.events[0];
        assert_true(slice_is(e->code, table[i].code) && slice_is(e->title, table[i].title));
        assert_int_equal(e->kind, table[i].kind);
        assert_int_equal(e->class, table[i].class);
        assert_int_equal(e->phase, table[i].phase);
    }
    assert_true(slice_is(f.r.events[0].place.bed, "12"));
    assert_true(read_text(&f, SLICE(REQUEST("draft", "\"payload\":[]"))));
    assert_true(f.r.context_only);
    fixture_end(&f);
}

#define VISIT(rest)                                                                                          \
    "{\"resourceType\":\"Encounter\",\"subject\":{\"identifier\":{\"system\":\"GH\",\"value\":\"9\"}}," rest \
    "}"
#define AT(status, place) "{\"status\":\"" status "\",\"location\":{\"display\":\"" place "\"}}"

static void visits(void **state)
{
    static const struct {
        const char *json;
        int kind; /* -1: none */
        const char *bed, *prior;
    } table[] = {
        { VISIT("\"status\":\"in-progress\",\"location\":[" AT("active", "5W^^12") "]"), CHANGE_ADMIT, "12",
          "" },
        { VISIT("\"status\":\"in-progress\",\"location\":[" AT("completed", "ICU^^B1") "," AT("active",
                                                                                              "5W^^12") "]"),
          CHANGE_MOVE, "12", "B1" },
        { VISIT("\"status\":\"in-progress\""), CHANGE_UPDATE, "", "" },
        { VISIT("\"status\":\"finished\",\"period\":{\"end\":\"2026-01-01T00:00:00Z\"}"), CHANGE_DISCHARGE,
          "", "" },
        { VISIT("\"status\":\"completed\",\"actualPeriod\":{\"end\":\"2026-01-01T00:00:00Z\"}"),
          CHANGE_DISCHARGE, "", "" },
        { VISIT("\"status\":\"cancelled\""), CHANGE_CANCEL_ADMIT, "", "" },
        { VISIT("\"status\":\"planned\""), -1, "", "" },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!read_text(&f, slice_of(table[i].json)))
            fail_msg("row %zu: %s", i, f.err.message);
        assert_int_equal(f.r.change_count, table[i].kind >= 0);
        assert_int_equal(f.r.event_count, table[i].kind == CHANGE_MOVE); /* a transfer event */
        if (table[i].kind < 0)
            continue;
        assert_int_equal(f.r.changes[0].kind, table[i].kind);
        assert_true(slice_is(f.r.changes[0].place.bed, table[i].bed));
        assert_true(slice_is(f.r.changes[0].prior.bed, table[i].prior));
        if (table[i].kind == CHANGE_DISCHARGE)
            assert_true(f.r.changes[0].occurred_us != TIME_NONE);
    }
    fixture_end(&f);
}

static void appointments(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(read_text(&f, SLICE("{\"resourceType\":\"Appointment\",\"id\":\"a\",\"status\":\"noshow\","
                                    "\"start\":\"2026-11-23T09:00:00Z\","
                                    "\"participant\":[{\"actor\":{\"reference\":\"Patient/3\"}},"
                                    "{\"actor\":{\"reference\":\"Location/5\",\"display\":\"5W\"}}]}")));
    assert_int_equal(f.r.events[0].phase, PHASE_NO_SHOW);
    assert_true(slice_is(f.r.events[0].clinic, "5W"));
    assert_true(slice_is(f.r.events[0].patient.id, "|Patient/3"));
    assert_true(
        read_text(&f, SLICE("{\"resourceType\":\"Appointment\",\"id\":\"a\",\"status\":\"cancelled\"}")));
    assert_int_equal(f.r.event_count, 2);
    assert_int_equal(f.r.events[0].phase, PHASE_WITHDRAWN);
    fixture_end(&f);
}

static void what_is_not_read_is_located(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_false(read_text(&f, SLICE("{\"resourceType\":\"Basic\"}")));
    assert_int_equal(f.err.code, ERROR_UNSUPPORTED);
    assert_string_equal(f.err.where, "resourceType");
    assert_false(
        read_text(&f, SLICE("{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"resource\":"
                            "{\"resourceType\":\"Encounter\",\"status\":\"finished\"}}]}")));
    assert_int_equal(f.err.code, ERROR_MISSING);
    assert_string_equal(f.err.where, "Bundle.entry[0].resource");
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alarm_by_every_way_is_one_event),
        cmocka_unit_test(alarm_phases),
        cmocka_unit_test(results),
        cmocka_unit_test(flags),
        cmocka_unit_test(communications),
        cmocka_unit_test(visits),
        cmocka_unit_test(appointments),
        cmocka_unit_test(what_is_not_read_is_located),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
