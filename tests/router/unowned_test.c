/* What nobody is told: how a fate carries it, and what of it is listed. */
#include "router/ignored.h"
#include "router/record.h"
#include "tests/router/fixture.h"

static const struct {
    const char *rule, *key, *where, *event;
    bool unowned;
    enum event_kind kind;
    enum event_class class;
} EVENTS[] = {
    { "default for result", "potassium", "lab 5W", "bytes", true, EVENT_RESULT, CLASS_INFO },
    { "default for result", "sodium", "lab 5W", "", true, EVENT_RESULT, CLASS_INFO },
    { "default for result", "sodium", "lab", "", true, EVENT_RESULT, CLASS_LOW },
    { "quiet", "", "", "", false, EVENT_ALARM, CLASS_LOW },
    { "quiet", "asystole", "", "", false, EVENT_ALARM, CLASS_LETHAL },
    { "default for result", "sodium", "lab 5W", "more", true, EVENT_RESULT, CLASS_INFO },
};
enum { EVENT_ROWS = sizeof EVENTS / sizeof *EVENTS };

static struct slice written(struct arena *a)
{
    struct ignored_list l = { .count = 0 };

    for (size_t n = 0; n < EVENT_ROWS; n++) {
        struct ignored *i = ignored_add(&l, a);
        i->rule = slice_of(EVENTS[n].rule);
        i->key = slice_of(EVENTS[n].key);
        i->where = slice_of(EVENTS[n].where);
        i->event = slice_of(EVENTS[n].event);
        i->unowned = EVENTS[n].unowned;
        i->kind = EVENTS[n].kind;
        i->class = EVENTS[n].class;
    }
    return ignored_write(a, &l);
}

static void a_fate_gives_back_what_was_noted(void **state)
{
    struct arena *a = arena_new();
    struct ignored_list l = ignored_read(a, written(a));
    size_t n = 0;

    (void)state;
    assert_int_equal(l.count, EVENT_ROWS);
    for (const struct ignored *i = l.first; i != NULL; i = i->next, n++) {
        assert_true(slice_is(i->rule, EVENTS[n].rule) && slice_is(i->key, EVENTS[n].key));
        assert_true(slice_is(i->where, EVENTS[n].where) && slice_is(i->event, EVENTS[n].event));
        assert_int_equal(i->unowned, EVENTS[n].unowned);
        assert_int_equal(i->kind, EVENTS[n].kind);
        assert_int_equal(i->class, EVENTS[n].class);
    }
    assert_int_equal(ignored_write(a, &(struct ignored_list){ .count = 0 }).len, 0);
    arena_free(&a);
}

static void a_damaged_one_gives_what_can_be_read(void **state)
{
    struct arena *a = arena_new();
    struct slice whole = written(a);

    (void)state;
    for (size_t len = 0; len < whole.len; len++) {
        struct ignored_list l = ignored_read(a, arena_copy(a, slice_sub(whole, 0, len)));
        assert_true(l.count < EVENT_ROWS);
    }
    for (size_t at = 0; at < whole.len; at++) {
        char *bytes = arena_text(a, whole);
        bytes[at] = (char)0xff;
        struct ignored_list l = ignored_read(a, (struct slice){ bytes, whole.len });
        for (const struct ignored *i = l.first; i != NULL; i = i->next)
            assert_true(i->kind < EVENT_KIND_COUNT && i->class < CLASS_COUNT);
    }
    arena_free(&a);
}

static void result(struct play *p, unsigned number)
{
    char wire[512];

    snprintf(wire, sizeof wire,
             "MSH|^~\\&|LAB|GH|||20261014190000+0000||ORU^R01|R%u|P|2.6\rPID|||p%u^^^GH^MR\r"
             "OBR|1||F%u|2160-0^CREA^LN|||20261014185500+0000\r"
             "OBX|1|NM|2160-0^CREA^LN||1.0|mg/dL|0.6-1.2|N|||F\r",
             number, number, number);
    assert_true(lab_message(p->lab, "telemetry", wire));
}

/* How many of the appends hold a fate with the event behind the row. */
static size_t events_kept(struct play *p, struct listed *row)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->lab->append_count; i++) {
        const struct lab_append *a = &p->lab->appends[i];
        struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
        if (row->position < a->first || row->position >= a->first + a->count)
            continue;
        kept += core_unowned_event(row, a->records, p->lab->arena, &e);
        assert_int_equal(e.kind, EVENT_RESULT);
    }
    return kept;
}

/* Days gone by, results sent, and then: all are counted, and the row points at the first one of the last day.
 */
static void a_row_keeps_one_event_a_day(void **state)
{
    static const struct {
        int64_t after_us;
        size_t count;
        bool points_here;
    } table[] = {
        { 0, 1, true },        { 0, 2, false },        { TIME_HOUR, 3, false },
        { TIME_DAY, 4, true }, { TIME_MIN, 5, false }, { TIME_DAY, 6, true },
    };
    struct play p;

    (void)state;
    play_begin(&p, "2026-10-14T19:00:00Z", true);
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct listed *rows;
        size_t count;
        lab_until(p.lab, p.lab->now_us + table[i].after_us);
        result(&p, i);
        core_list(p.lab->core, SLICE("unowned"), p.lab->arena, &rows, &count);
        while (count > 1 &&
               !slice_starts(rows[0].what, SLICE("result"))) { /* silent sources are listed too */
            rows++;
            count--;
        }
        assert_int_equal(rows[0].count, table[i].count);
        assert_int_equal(rows[0].position == p.lab->last.position, table[i].points_here);
        assert_int_equal(events_kept(&p, &rows[0]), 1);
    }
    play_end(&p);
}

/* A result that nobody is told costs the journal its message and a fate, and no more. */
static void an_ignored_message_is_two_records(void **state)
{
    struct play p;

    (void)state;
    play_begin(&p, "2026-10-14T19:00:00Z", true);
    result(&p, 1);
    size_t before = p.lab->append_count;
    result(&p, 2);
    assert_int_equal(p.lab->append_count, before + 1);
    struct reader in = reader_make(p.lab->appends[before].records);
    struct record r;
    size_t bytes = 0;
    assert_int_equal(p.lab->appends[before].count, 2);
    assert_true(record_read(&in, &r, NULL) && r.type == RECORD_MESSAGE);
    assert_true(record_read(&in, &r, NULL) && r.type == RECORD_FATE);
    bytes = r.as.fate.ignored.len;
    assert_true(bytes > 0 && bytes < 80);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fate_gives_back_what_was_noted),
        cmocka_unit_test(a_damaged_one_gives_what_can_be_read),
        cmocka_unit_test(a_row_keeps_one_event_a_day),
        cmocka_unit_test(an_ignored_message_is_two_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
