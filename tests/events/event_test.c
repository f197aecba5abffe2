#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/event.h"
#include "events/schema.h"

#include <stdlib.h>
#include <string.h>

/* An event in which every member has a value of its own. */
static struct event full_event(void)
{
    struct event e = event_empty(EVENT_RESULT, PHASE_CORRECTED);
    e.class = CLASS_HIGH;
    e.priority = PRIORITY_STAT;
    e.mapped = e.signal_lost = true;
    e.listener = SLICE("lab");
    e.sender = SLICE("LIS|GH");
    e.code = SLICE("potassium");
    e.system = SLICE("LN");
    e.raw_code = SLICE("2823-3");
    e.raw_text = SLICE("Potassium \"serum\"");
    e.title = SLICE("Potassium");
    e.identity = SLICE("LIS|77");
    e.state = SLICE("active");
    e.time_us = INT64_C(1795403704250000);
    e.value = (struct quantity){ .state = QUANTITY_INTERVAL,
                                 .has_low = true,
                                 .low_open = true,
                                 .low = { 100, 1 },
                                 .unit = SLICE("mmol/L") };
    e.threshold = (struct quantity){ .state = QUANTITY_INTERVAL,
                                     .has_low = true,
                                     .has_high = true,
                                     .low = { 35, 1 },
                                     .high = { 51, 1 },
                                     .unit = SLICE("mmol/L") };
    e.place = (struct place){ SLICE("5W"), SLICE("512"), SLICE("12") };
    e.prior = (struct place){ SLICE("ICU"), SLICE(""), SLICE("B1") };
    e.patient = (struct patient){ .id = SLICE("GH|1"),
                                  .family = SLICE("Quill"),
                                  .given = SLICE("Marta"),
                                  .birth = SLICE("19540317"),
                                  .class = SLICE("inpatient"),
                                  .service = SLICE("MED"),
                                  .attending = { SLICE("d1"), SLICE("Ada Roe") },
                                  .flags = { SLICE("fall-risk"), SLICE("isolation") },
                                  .flag_count = 2 };
    e.device_id = SLICE("mon-1");
    e.device_type = SLICE("monitor");
    e.device_state = SLICE("standby");
    e.inactivation = SLICE("enabled");
    e.abnormal = ABNORMAL_CRITICAL_HIGH;
    e.result_status = SLICE("corrected");
    e.ordering_provider = (struct person_ref){ SLICE("d2"), SLICE("Ben Poe") };
    e.actor = (struct person_ref){ SLICE("n1"), SLICE("Cleo Fay") };
    e.category = SLICE("stemi");
    e.transport_id = SLICE("t9");
    e.clinic = SLICE("URO");
    e.start_us = 5;
    e.was_us = -5;
    e.part = 7;
    return e;
}

static void check_json_equal(const struct event *a, const struct event *b)
{
    struct buf x = buf_make(100000), y = buf_make(100000);
    event_json(&x, a);
    event_json(&y, b);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.ptr, y.ptr, x.len);
    buf_free(&x);
    buf_free(&y);
}

static void names_are_found_again(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        enum event_kind found;
        assert_true(event_kind_find(slice_of(event_kind_name((enum event_kind)k)), &found));
        assert_int_equal(found, k);
    }
    for (int p = 0; p < PHASE_COUNT; p++) {
        enum event_phase found;
        assert_true(event_phase_find(slice_of(event_phase_name((enum event_phase)p)), &found));
        assert_int_equal(found, p);
    }
    enum event_class class;
    assert_true(event_class_find(SLICE("lethal"), &class));
    assert_false(event_class_find(SLICE(""), &class));
    assert_string_equal(event_abnormal_name((enum event_abnormal)99), "");
}

static void phases_fit_kinds(void **state)
{
    static const struct {
        enum event_kind kind;
        enum event_phase phase;
        bool fits, opens;
    } table[] = {
        { EVENT_ALARM, PHASE_STARTS, true, true },        { EVENT_ALARM, PHASE_ATTENDED, true, false },
        { EVENT_ALARM, PHASE_FINAL, false, true },        { EVENT_CALL, PHASE_ENDS, true, false },
        { EVENT_CALL, PHASE_WITHDRAWN, true, false },     { EVENT_RESULT, PHASE_FINAL, true, true },
        { EVENT_RESULT, PHASE_STARTS, false, true },      { EVENT_RESULT, PHASE_WITHDRAWN, true, false },
        { EVENT_APPOINTMENT, PHASE_NO_SHOW, true, true }, { EVENT_APPOINTMENT, PHASE_ARRIVED, false, true },
        { EVENT_TRANSPORT, PHASE_INBOUND, true, true },   { EVENT_TRANSFER, PHASE_STARTS, true, true },
        { EVENT_ORDER, PHASE_UPDATES, true, true },       { EVENT_ORDER, PHASE_ENDS, false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(event_phase_fits(table[i].kind, table[i].phase), table[i].fits);
        assert_int_equal(event_phase_opens(table[i].phase), table[i].opens);
    }
}

static void what_is_written_is_read(void **state)
{
    struct event e = full_event(), back;
    struct buf b = buf_make(100000);
    struct arena *a = arena_new();
    (void)state;
    event_write(&b, &e);
    assert_false(b.failed);
    struct reader in = reader_make(buf_slice(&b));
    assert_true(event_read(&in, &back));
    assert_true(reader_done(&in));
    check_json_equal(&e, &back);
    struct event *copy = event_copy(a, &back);
    buf_free(&b); /* the copy depends on the arena alone */
    check_json_equal(&e, copy);
    arena_free(&a);
}

static void every_prefix_is_refused(void **state)
{
    struct event e = full_event(), back;
    struct buf b = buf_make(100000);
    (void)state;
    event_write(&b, &e);
    for (size_t len = 0; len < b.len; len++) {
        char *exact = malloc(len > 0 ? len : 1); /* so that a byte too far is found */
        memcpy(exact, b.ptr, len);
        struct reader in = reader_make((struct slice){ exact, len });
        assert_false(event_read(&in, &back));
        free(exact);
    }
    buf_free(&b);
}

static void what_a_later_version_wrote_is_refused(void **state)
{
    struct event e = full_event(), back;
    struct buf b = buf_make(100000);
    static const struct {
        size_t at;
        uint8_t byte;
    } changes[] = { { 0, 2 },
                    { 0, 0 },
                    { 1, EVENT_KIND_COUNT },
                    { 2, PHASE_COUNT },
                    { 3, CLASS_COUNT },
                    { 4, PRIORITY_COUNT },
                    { 5, ABNORMAL_COUNT },
                    { 6, 0x10 } };
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        buf_reset(&b);
        event_write(&b, &e);
        b.ptr[changes[i].at] = (char)changes[i].byte;
        struct reader in = reader_make(buf_slice(&b));
        assert_false(event_read(&in, &back));
    }
    buf_free(&b);
}

static void check_field(const struct event *e, const char *name, const char *expected)
{
    size_t id;
    struct buf out = buf_make(1000);
    assert_true(schema_find(slice_of(name), &id));
    bool shown = event_field_text(e, id, &out);
    if (expected == NULL) {
        assert_false(shown);
    } else {
        assert_true(shown);
        if (!slice_is(buf_slice(&out), expected))
            fail_msg("%s: %.*s instead of %s", name, SLICE_ARG(buf_slice(&out)), expected);
    }
    buf_free(&out);
}

static void fields_read_as_people_do(void **state)
{
    static const struct {
        const char *field, *text;
    } table[] = {
        { "code", "Potassium" },
        { "class", "high" },
        { "priority", "stat" },
        { "value", "> 10.0 mmol/L" },
        { "threshold", "3.5-5.1 mmol/L" },
        { "unit", "5W" },
        { "room", "512" },
        { "bed", "12" },
        { "patient.initials", "M.Q." },
        { "patient.name", "Marta Quill" },
        { "patient.flags", "fall-risk, isolation" },
        { "patient.attending", "Ada Roe" },
        { "ordering-provider", "Ben Poe" },
        { "abnormal", "critical-high" },
        { "status", "corrected" },
        { "time", "03:15Z" },
        { "device.id", NULL }, /* not of results */
        { "actor", NULL },
        { "start", NULL },
    };
    struct event e = full_event();
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check_field(&e, table[i].field, table[i].text);
    e.title = SLICE("A title of forty characters and some more of it");
    check_field(&e, "code", "A title of forty characters and some ...");
    e.value =
        (struct quantity){ .state = QUANTITY_EXACT, .low = { 86, 0 }, .high = { 86, 0 }, .unit = SLICE("%") };
    check_field(&e, "value", "86 %");
    e.value.state = QUANTITY_ABSENT;
    check_field(&e, "value", NULL);
}

static void fields_have_values(void **state)
{
    struct event e = full_event(), none = event_empty(EVENT_ALARM, PHASE_STARTS);
    size_t id;
    (void)state;
    assert_true(schema_find(SLICE("patient.flags"), &id));
    struct field_value v = event_field(&e, id);
    assert_int_equal(v.list_count, 2);
    assert_true(slice_is(v.list[0], "fall-risk"));
    assert_true(schema_find(SLICE("value"), &id));
    assert_int_equal(event_field(&e, id).number.low.mantissa, 100);
    assert_false(event_field(&none, id).present);
    for (id = 0; id < schema_count(); id++) { /* what is "always" there is there even in an empty event */
        const struct field_info *f = schema_field(id);
        if (f->always && (f->kinds & KIND_BIT(EVENT_ALARM)) && f->type != TYPE_INSTANT)
            assert_true(event_field(&none, id).present);
    }
    assert_null(schema_field(schema_count()));
    assert_false(schema_find(SLICE("prioritty"), &id));
    assert_false(event_field(&e, 999).present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_again),
        cmocka_unit_test(phases_fit_kinds),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(what_a_later_version_wrote_is_refused),
        cmocka_unit_test(fields_read_as_people_do),
        cmocka_unit_test(fields_have_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
