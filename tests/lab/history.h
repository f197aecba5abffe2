/* A random day with new sites, odd messages, switches and reports besides, for the tests of replays. */
#ifndef NIGHTBELL_TESTS_LAB_HISTORY_H
#define NIGHTBELL_TESTS_LAB_HISTORY_H

#include "tests/router/random_day.h"

/* The fixture's files with one piece of its rules written otherwise. */
static inline void changed_site(const struct play *p, const char *old, const char *new, struct buf *out)
{
    struct fileset *files = fileset_read(buf_slice(&p->fileset), NULL), *changed = fileset_new();
    struct buf rules = buf_make(1 << 20);
    const char *at = strstr(RULES_BELL, old);

    if (at == NULL)
        abort();
    buf_put(&rules, (struct slice){ RULES_BELL, (size_t)(at - RULES_BELL) });
    buf_text(&rules, new);
    buf_text(&rules, at + strlen(old));
    for (size_t i = 0; i < fileset_count(files); i++) {
        struct slice name, content;
        fileset_at(files, i, &name, &content);
        fileset_add(changed, name, slice_is(name, "rules.bell") ? buf_slice(&rules) : content, NULL);
    }
    fileset_write(out, changed);
    fileset_free(&files);
    fileset_free(&changed);
    buf_free(&rules);
}

static inline void site_input(struct play *p, const char *old, const char *new)
{
    struct buf bytes = buf_make(1 << 24);

    changed_site(p, old, new, &bytes);
    assert_true(lab_site(p->lab, buf_slice(&bytes)));
    buf_free(&bytes);
}

static inline void odd_message(struct play *p, struct prng *r)
{
    static const char twice[] = "MSH|^~\\&|MON|GH|NB|GH|20261014||ADT^A01|SAME|P|2.6\rPID|||p3^^^GH^MR\r"
                                "PV1||I|5W^^02\r";
    struct core_input in = { .kind = INPUT_MESSAGE, .as.message.listener = SLICE("telemetry") };

    in.as.message.bytes = SLICE("MSH|^~\\&|x|broken");
    in.as.message.duplicate_key[0] = (uint8_t)prng_below(r, 256);
    in.as.message.duplicate_key[1] = (uint8_t)prng_below(r, 256);
    in.as.message.control_id = SLICE("C7");
    switch (prng_below(r, 4)) {
    case 0:
        lab_message(p->lab, "telemetry", twice);
        break;
    case 1:
        in.as.message.suspect = true;
        lab_input(p->lab, &in);
        break;
    case 2:
        error_at(&in.as.message.syntax, ERROR_SYNTAX, "MSH-9", "no message type");
        lab_input(p->lab, &in);
        break;
    default:
        lab_message(p->lab, "nak", "MSH|^~\\&|x|y|a|b|20261014||ZZZ^Z99|1|P|2.6\rZZZ|1\r");
    }
}

static inline void other_input(struct play *p, struct prng *r)
{
    struct core_input in = { .kind = INPUT_SWITCH };

    switch (prng_below(r, 7)) {
    case 0:
        in.as.toggle.name = SLICE("storm");
        in.as.toggle.by = SLICE("carla");
        in.as.toggle.on = true;
        in.as.toggle.until_us = p->lab->options.wall_us + p->lab->now_us + TIME_HOUR;
        break;
    case 1:
        in = (struct core_input){ .kind = INPUT_CLOCK };
        in.as.clock.wall_offset_us = p->lab->options.wall_us + (int64_t)prng_below(r, 90) * TIME_S;
        break;
    case 2:
        in = (struct core_input){ .kind = INPUT_TOKEN };
        in.as.token = (struct token_input){ .listener = SLICE("telemetry"), .name = SLICE("t") };
        break;
    case 3:
        lab_adopt(p->lab);
        return;
    case 4:
        in = (struct core_input){ .kind = INPUT_SITE_FINDING };
        in.as.site_finding.by = SLICE("carla");
        in.as.site_finding.why = SLICE("it does not compile");
        break;
    case 5:
        lab_report_done(p->lab, (enum report_outcome)prng_below(r, 3), "AA");
        return;
    default:
        in = (struct core_input){ .kind = INPUT_DEVICE,
                                  .as.device = { .revoke = true, .device = 1001 + 2 * prng_below(r, 9) } };
    }
    lab_input(p->lab, &in);
}

/* `sites`: the site changes now and then, and open alerts may adopt it. */
static inline void live(struct play *p, uint64_t seed, bool sites)
{
    struct prng random = prng_make(seed), *r = &random;
    struct day d = { .play = p, .random = r };
    static const char *const HOLDS[] = { "hold 5s", "hold 20s", "hold 30s" };

    for (int i = 0; i < 70 && !p->lab->broken; i++) {
        uint64_t what = prng_below(r, 12);
        if (what == 0)
            odd_message(p, r);
        else if (what == 1)
            other_input(p, r);
        else if (what == 2 && i % 5 == 0 && sites)
            site_input(p, "hold 15s", PICK(HOLDS));
        else if (what == 3)
            send_alarm(p, &(struct alarm_words){ .phase = "start",
                                                 .code = PICK(CODES),
                                                 .bed = PICK(BEDS),
                                                 .unit = "5W",
                                                 .listener = "central" });
        else
            one_thing(&d);
        if (prng_below(r, 4) > 0)
            lab_until(p->lab, p->lab->now_us + (int64_t)prng_below(r, 40) * TIME_S + TIME_MS);
        else /* the router wakes late, with a message: what fell due comes first, in the same call */
            p->lab->now_us += (int64_t)prng_below(r, 100) * TIME_S;
    }
    lab_until(p->lab, p->lab->now_us + TIME_HOUR);
    if (p->lab->broken)
        fail_msg("seed %llu: %s", (unsigned long long)seed, p->lab->error.message);
}

#endif
