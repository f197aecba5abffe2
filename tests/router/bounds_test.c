/* What senders say without end: each list of the core has a limit of base/limits.h, and says so. */
#include "tests/router/fixture.h"

#include "router/state.h"

/* Snapshots and replays of so many rows at every input are other tests' work. */
static void begin(struct play *p)
{
    *p = (struct play){ .fileset = buf_make(1 << 24) };
    fixture_fileset(&p->fileset);
    struct lab_options o = { .compile_site = fixture_compile,
                             .fileset = buf_slice(&p->fileset),
                             .wall_us = wall_of("2026-10-14T19:00:00Z") };
    p->lab = lab_new(&o);
}

static uint64_t found(const struct play *p, const char *what)
{
    struct listed *rows;
    size_t count;
    uint64_t n = 0;

    core_list(p->lab->core, SLICE("finding"), p->lab->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        n += slice_is(rows[i].what, what) ? rows[i].count : 0;
    return n;
}

/* Master files of `rows` rows until `total` have been sent. */
static void send_files(struct play *p, const char *type, const char *file, const char *row, unsigned total,
                       unsigned rows)
{
    struct buf wire = buf_make(LIMIT_MESSAGE_BYTES);
    unsigned sent = 0;

    while (sent < total) {
        buf_reset(&wire);
        buf_printf(&wire, "MSH|^~\\&|HR|GH|||20261014190000+0000||%s|%c%u|P|2.5\rMFI|%s||UPD\r", type,
                   type[6], sent, file);
        for (unsigned i = 0; i < rows && sent < total; i++, sent++)
            buf_printf(&wire, row, sent, sent);
        buf_u8(&wire, 0);
        assert_false(wire.failed);
        assert_true(lab_message(p->lab, "hr", wire.ptr));
        assert_true(p->lab->last.accepted);
    }
    buf_free(&wire);
}

static void rows_of_staff_have_a_limit(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    send_files(&p, "MFN^M02", "STF", "MFE|MAD|||k%u\rSTF|k%u\r", LIMIT_STAFF_ROWS + 3, 5000);
    assert_int_equal(found(&p, "staff-rows"), 3);
    assert_int_equal(map_count(p.lab->core->staff->rows), LIMIT_STAFF_ROWS);
    send_files(&p, "MFN^M02", "STF", "MFE|MDC|||k%u\rSTF|k%u\r", 1, 1); /* who is known is still taken */
    assert_int_equal(found(&p, "staff-rows"), 3);
    play_end(&p);
}

static void rows_of_places_have_a_limit(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    send_files(&p, "MFN^M05", "LOC", "MFE|MAD|||9^^b%u\rLOC|9^^b%u\r", LIMIT_PLACE_ROWS + 2, 5000);
    assert_int_equal(found(&p, "place-rows"), 2);
    assert_int_equal(map_count(p.lab->core->staff->places), LIMIT_PLACE_ROWS);
    play_end(&p);
}

static void roles_of_one_message_have_a_limit(void **state)
{
    static const char head[] = "MSH|^~\\&|HIS|GH|||20261014190000+0000||ADT^A08|%d|P|2.5\r"
                               "EVN||20261014190000+0000\rPID|||p1^^^GH^MR\rPV1||I|5W^^12\r";
    struct buf wire = buf_make(LIMIT_MESSAGE_BYTES);
    struct play p;

    (void)state;
    begin(&p);
    for (int over = 0; over < 2; over++) {
        buf_reset(&wire);
        buf_printf(&wire, head, over);
        for (int i = 0; i < LIMIT_ROLES_PER_MESSAGE + over; i++)
            buf_printf(&wire, "ROL|%d|AD|PN|n%d^Nurse\r", i + 1, i);
        buf_u8(&wire, 0);
        assert_true(lab_message(p.lab, "telemetry", wire.ptr));
        assert_int_equal(p.lab->last.accepted, over == 0);
        assert_int_equal(p.lab->last.error.code, over == 0 ? ERROR_NONE : ERROR_LIMIT);
    }
    assert_non_null(strstr(p.lab->last.error.message, "roles-per-message"));
    buf_free(&wire);
    play_end(&p);
}

/* A text that is none: refused with the limit's name, and the state stays whole. */
static void a_text_without_end_is_refused(void **state)
{
    static const char *const heads[] = {
        "MSH|^~\\&|LAB|GH|||20261014190000+0000||ORU^R01|1|P|2.6\rPID|||p1^^^GH^MR\rOBR|1||F1\rOBX|1|NM|",
        ("MSH|^~\\&|MON|GH|||20261014190000+0000||ORU^R40^ORU_R40|2|P|2.6\rPV1||I|5W^^12\rOBR|1|||196616\r"
         "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|start||||||R\r"
         "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|"),
        ("MSH|^~\\&|ADT|GH|||20261014190000+0000||ADT^A08|3|P|2.5\rEVN||20261014190000+0000\r"
         "PV1||I|5W^^12\rPID|||p1^^^GH^MR||"),
    };
    struct buf wire = buf_make(LIMIT_MESSAGE_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct play p;
        begin(&p);
        buf_reset(&wire);
        buf_text(&wire, heads[i]);
        memset(buf_extend(&wire, 3000000), 'x', 3000000);
        buf_text(&wire, "\r");
        buf_u8(&wire, 0);
        assert_true(lab_message(p.lab, "telemetry", wire.ptr));
        assert_false(p.lab->last.accepted);
        assert_int_equal(p.lab->last.error.code, ERROR_LIMIT);
        assert_non_null(strstr(p.lab->last.error.message, "event-bytes"));
        play_end(&p);
    }
    buf_free(&wire);
}

/* What is told of a patient after leaving keeps nobody longer, and makes no list longer. */
static void late_updates_of_who_left_take_no_room(void **state)
{
    struct census c;
    struct record_patient row = { .id = SLICE("GH|1"), .moved_us = TIME_NONE };

    (void)state;
    census_init(&c);
    for (int64_t at = 0; at < 1000; at++)
        census_put(&c, &row, at * TIME_MIN);
    assert_int_equal(c.left_count, 1);
    census_expire(&c, 2 * TIME_DAY - 1);
    assert_non_null(census_patient(&c, row.id));
    census_expire(&c, 2 * TIME_DAY);
    assert_null(census_patient(&c, row.id));
    census_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_staff_have_a_limit),
        cmocka_unit_test(rows_of_places_have_a_limit),
        cmocka_unit_test(roles_of_one_message_have_a_limit),
        cmocka_unit_test(a_text_without_end_is_refused),
        cmocka_unit_test(late_updates_of_who_left_take_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
