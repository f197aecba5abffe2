/* What a hold would have saved and delayed (lab/advice.h), on dips of known length. */
#include "lab/advice.h"

#include "tests/lab/history.h"

/* One alarm that lasts so long; accepted 3 s after the first notice when `accept`. */
static void alarm_of(struct play *p, const char *code, int seconds, bool accept)
{
    int64_t began = p->lab->now_us;
    struct alarm_words w = { .phase = "start", .code = code, .bed = "01", .unit = "5W", .value = "86" };

    send_alarm(p, &w);
    lab_until(p->lab, began + 18 * TIME_S < began + seconds * TIME_S ? began + 18 * TIME_S
                                                                     : began + seconds * TIME_S - TIME_S);
    if (accept)
        lab_answer(p->lab, strcmp(code, "bed-exit") == 0 ? "noor" : "ana", ANSWER_ACCEPT, "");
    lab_until(p->lab, began + seconds * TIME_S);
    w.phase = "end";
    send_alarm(p, &w);
    lab_until(p->lab, began + TIME_HOUR);
}

static const struct advised {
    const char *code;
    bool never;
    uint64_t alerts, ended, accepted, saved[ADVICE_HOLD_COUNT], delayed[ADVICE_HOLD_COUNT];
    int64_t median_ms;
} EXPECTED[] = {
    { "bed-exit", false, 5, 4, 1, { 1, 2, 3, 4 }, { 1, 1, 1, 1 }, 11500 },
    { "spo2-low", false, 3, 2, 1, { 0, 1, 2, 2 }, { 0, 0, 0, 1 }, 10000 },
    { "vfib", true, 1, 1, 0, { 0, 1, 1, 1 }, { 0, 0, 0, 0 }, 7000 },
};

static void holds_are_counted(void **state)
{
    struct play p;
    struct advice *a = advice_new();
    struct arena *arena = arena_new();
    struct error err = { .code = ERROR_NONE };
    size_t count;

    (void)state;
    play_begin(&p, "2026-10-14T18:30:00Z", false);
    alarm_of(&p, "bed-exit", 4, false);
    alarm_of(&p, "bed-exit", 9, false);
    alarm_of(&p, "bed-exit", 14, false);
    alarm_of(&p, "bed-exit", 19, false);
    alarm_of(&p, "bed-exit", 60, true);
    alarm_of(&p, "spo2-low", 8, false);
    alarm_of(&p, "spo2-low", 12, false);
    alarm_of(&p, "spo2-low", 60, true);
    alarm_of(&p, "vfib", 7, false);
    for (size_t i = 0; i < p.lab->append_count; i++)
        assert_true(advice_append(a, p.lab->appends[i].first, p.lab->appends[i].count,
                                  p.lab->appends[i].records, &err));
    const struct advice_row *rows = advice_rows(a, arena, &count);
    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++) {
        const struct advised *w = &EXPECTED[i];
        const struct advice_row *row = NULL;
        for (size_t k = 0; k < count; k++)
            if (slice_is(rows[k].code, w->code))
                row = &rows[k];
        if (row == NULL)
            fail_msg("%s is not there", w->code);
        if (row->never != w->never || row->alerts != w->alerts || row->ended != w->ended ||
            row->accepted != w->accepted || row->median_us != w->median_ms * TIME_MS)
            fail_msg("%s: %llu alerts, %llu ended, %llu accepted, median %lld", w->code,
                     (unsigned long long)row->alerts, (unsigned long long)row->ended,
                     (unsigned long long)row->accepted, (long long)row->median_us);
        for (size_t h = 0; h < ADVICE_HOLD_COUNT; h++) {
            if (row->saved[h] != w->saved[h] || row->delayed[h] != w->delayed[h])
                fail_msg("%s, hold %zu: saves %llu, delays %llu", w->code, h,
                         (unsigned long long)row->saved[h], (unsigned long long)row->delayed[h]);
        }
    }
    advice_free(&a);
    arena_free(&arena);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
