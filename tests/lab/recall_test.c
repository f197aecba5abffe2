/* Why an event was ignored is not in the journal, and still said exactly: by the state of that moment
 * (lab/recall.h). */
#include "lab/recall.h"

#include "router/ignored.h"
#include "tests/lab/history.h"

static uint64_t any_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    (void)ctx;
    return lane + position * 4096 + ordinal + 1;
}

static struct slice recalled(const struct lab *lab, uint64_t position, struct slice snapshot, size_t from)
{
    struct replay_options o = { .compile_site = fixture_compile, .alert_id = any_id, .lane = 1 };
    struct recall *r = recall_new(&o, position);
    struct buf lines = buf_make(1 << 22);
    struct error err = { .code = ERROR_NONE };
    bool done = false;

    assert_true(snapshot.len == 0 || recall_restore(r, snapshot, &err));
    for (size_t i = from; i < lab->append_count && !done; i++)
        if (!recall_append(r, lab->appends[i].first, lab->appends[i].count, lab->appends[i].records, &done,
                           &lines, &err))
            fail_msg("position %llu: %s", (unsigned long long)position, err.message);
    assert_true(done);
    struct slice kept = arena_copy(lab->arena, buf_slice(&lines));
    buf_free(&lines);
    recall_free(&r);
    return kept;
}

static void has(struct slice text, const char *part)
{
    if (!slice_has(text, slice_of(part)))
        fail_msg("no %s in %.*s", part, SLICE_ARG(text));
}

static void result(struct play *p, const char *id)
{
    char wire[512];

    snprintf(wire, sizeof wire,
             "MSH|^~\\&|LAB|GH|||20261014190000+0000||ORU^R01|%s|P|2.6\rPID|||77^^^GH^MR\r"
             "OBR|1||F%s|2160-0^K^LN|||20261014185500+0000\r"
             "OBX|1|NM|2160-0^K^LN||1.0|mmol/L|3.5-5.1|N|||F\r",
             id, id);
    assert_true(lab_message(p->lab, "telemetry", wire));
    assert_true(p->lab->last.accepted);
}

static void it_is_said_as_it_was_then(void **state)
{
    struct play p;
    struct buf snapshot = buf_make(1 << 26);

    (void)state;
    play_begin(&p, "2026-10-14T18:30:00Z", false);
    play_script(&p, "a patient", "0s admit 77 12\n0s flag 77\n0s nothing", 0);
    size_t middle = p.lab->append_count;
    core_snapshot(p.lab->core, &snapshot);
    result(&p, "R1");
    uint64_t first = p.lab->last.position;
    play_script(&p, "who goes elsewhere", "0s admit 77 14\n0s nothing", 0);
    result(&p, "R2");
    uint64_t second = p.lab->last.position;
    struct slice none = { NULL, 0 }, then = recalled(p.lab, first, none, 0);
    has(then, "\"fate\":\"ignored\",\"rule\":\"default for result\"");
    has(then, "{\"name\":\"bed\",\"value\":\"12\",\"from\":\"where the patient is\"}");
    has(recalled(p.lab, second, none, 0),
        "{\"name\":\"bed\",\"value\":\"14\",\"from\":\"where the patient is\"}");
    struct slice again = recalled(p.lab, first, buf_slice(&snapshot), middle);
    assert_true(slice_eq(then, again));
    buf_free(&snapshot);
    play_end(&p);
}

/* Amid random days, too: the reason is there, and the fate is the same again. */
static void so_it_is_amid_random_days(void **state)
{
    struct play p;
    char id[16];

    (void)state;
    play_begin(&p, "2026-10-14T18:30:00Z", true);
    for (uint64_t i = 0; i < 3; i++) {
        live(&p, 100 + i, false);
        snprintf(id, sizeof id, "R%llu", (unsigned long long)i);
        result(&p, id);
        struct slice text = recalled(p.lab, p.lab->last.position, (struct slice){ NULL, 0 }, 0);
        has(text, "\"type\":\"decision\"");
        has(text, "\"ignored\":[{\"rule\":\"default for result\",\"kind\":\"result\"");
        has(text, "\"type\":\"fate\",\"text\":\"ignored");
    }
    play_end(&p);
}

static void what_is_no_message_is_refused(void **state)
{
    struct replay_options o = { .compile_site = fixture_compile, .alert_id = any_id, .lane = 1 };
    struct recall *r = recall_new(&o, 0);
    struct buf lines = buf_make(1 << 20);
    struct error err = { .code = ERROR_NONE };
    bool done;
    struct play p;

    (void)state;
    play_begin(&p, "2026-10-14T18:30:00Z", false);
    assert_false(
        recall_append(r, 0, p.lab->appends[0].count, p.lab->appends[0].records, &done, &lines, &err));
    assert_string_equal(err.message, "record 0 is no message");
    recall_free(&r);
    buf_free(&lines);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_said_as_it_was_then),
        cmocka_unit_test(so_it_is_amid_random_days),
        cmocka_unit_test(what_is_no_message_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
