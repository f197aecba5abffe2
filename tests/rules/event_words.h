/* tests/rules/event_words.h - events from a few words: "alarm starts code=spo2-low value=86_% unit=5W". */
#ifndef NIGHTBELL_TESTS_RULES_EVENT_WORDS_H
#define NIGHTBELL_TESTS_RULES_EVENT_WORDS_H

#include "tests/rules/hand.h"

/* An event in short: "alarm starts code=spo2-low value=86 % unit=5W flags=fall-risk". */
static inline void set_part(struct event *e, struct slice key, struct slice value, struct arena *a)
{
    static const struct {
        const char *key;
        size_t offset;
    } texts[] = {
        { "code", offsetof(struct event, code) },
        { "raw-code", offsetof(struct event, raw_code) },
        { "source", offsetof(struct event, listener) },
        { "unit", offsetof(struct event, place.unit) },
        { "bed", offsetof(struct event, place.bed) },
        { "device.state", offsetof(struct event, device_state) },
        { "device.type", offsetof(struct event, device_type) },
        { "category", offsetof(struct event, category) },
        { "flag", offsetof(struct event, patient.flags) },
        { "ordering", offsetof(struct event, ordering_provider.id) },
        { "service", offsetof(struct event, patient.service) },
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        if (slice_is(key, texts[i].key))
            *(struct slice *)(void *)((char *)e + texts[i].offset) = arena_copy(a, value);
    e->patient.flag_count = e->patient.flags[0].len > 0;
    if (slice_is(key, "class"))
        event_class_find(value, &e->class);
    if (slice_is(key, "abnormal"))
        e->abnormal = slice_is(value, "critical-high") ? ABNORMAL_CRITICAL_HIGH : ABNORMAL_NORMAL;
    if (slice_is(key, "start"))
        e->start_us = e->time_us + (value.ptr[0] - '0') * TIME_HOUR;
    if (!slice_is(key, "value") && !slice_is(key, "over"))
        return;
    struct slice number = slice_cut(&value, '_');
    struct decimal d = { 0, 0 };
    assert_true(decimal_parse(number, &d));
    e->value = (struct quantity){ .state = QUANTITY_EXACT,
                                  .has_low = true,
                                  .has_high = true,
                                  .low = d,
                                  .high = d,
                                  .unit = arena_copy(a, value) };
    if (slice_is(key, "over"))
        e->value = (struct quantity){ .state = QUANTITY_INTERVAL,
                                      .has_low = true,
                                      .low_open = true,
                                      .low = d,
                                      .unit = arena_copy(a, value) };
}

static inline struct event make_event(const char *text, struct arena *a)
{
    struct slice rest = slice_of(text), kind = slice_cut(&rest, ' '), phase = slice_cut(&rest, ' ');
    enum event_kind k = EVENT_ALARM;
    enum event_phase p = PHASE_STARTS;

    assert_true(event_kind_find(kind, &k) && event_phase_find(phase, &p));
    struct event e = event_empty(k, p);
    e.time_us = 1792000000 * TIME_S;
    while (rest.len > 0) {
        struct slice value = slice_cut(&rest, ' '), key = slice_cut(&value, '=');
        set_part(&e, key, value, a);
    }
    return e;
}

static inline bool raw_text(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    const char *text = ctx;

    (void)path;
    (void)a;
    *out = slice_of(text);
    return text != NULL;
}

static inline bool storm_on(const void *ctx, struct slice name)
{
    (void)ctx;
    return slice_is(name, "storm");
}

/* Compiles, or prints why not. */
static inline void compile(struct hand *h, const char *text)
{
    struct buf out = buf_make(1 << 20);

    hand_site(h);
    hand_compile(h, slice_of(text));
    if (h->rules == NULL) {
        diagnostics_text(&h->d, false, &out);
        print_error("%.*s", SLICE_ARG(buf_slice(&out)));
    }
    buf_free(&out);
    assert_non_null(h->rules);
}

static inline const struct match *match(struct hand *h, const struct event *e, int hour, const char *raw)
{
    struct match *m = arena_alloc(h->arena, sizeof *m);
    struct eval_now now = { .wall_us = 1792022400 * TIME_S + hour * TIME_HOUR,
                            .zone = h->zone,
                            .switch_on = storm_on,
                            .raw = { raw_text, raw_text, (void *)(uintptr_t)raw } };

    ruleset_match(h->rules, e, &now, true, h->arena, m);
    return m;
}

#endif
