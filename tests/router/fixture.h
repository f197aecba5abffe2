/* Helpers of the router's tests: a compiled site, HL7 v2 messages from a few words, and scripts.
 *
 * A script is lines of "TIME action ...":
 *   0s     send starts vfib [BED] [VALUE]      an alarm or call by telemetry (start, update, end ...)
 *   0s     expect ana urgent [rule NAME] [text WORDS]
 *   30s    accept carla | decline carla REASON | say carla done | fail ana | dead ana | silent ana | heard
 * ana 40s    restart | restart 20s | snapshot 50s    away ana | back ana | assign dora primary-nurse 5W |
 * unassign dora 60s    state notifying          of the newest alert, "alert 2 joined" of the second
 *   1h     nothing
 * Every send of a rule must
 * be expected at its time; notices are not notifications. */
#ifndef NIGHTBELL_TESTS_ROUTER_FIXTURE_H
#define NIGHTBELL_TESTS_ROUTER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/map.h"
#include "fhir/json.h"
#include "lab/lab.h"
#include "rules/site/site.h"
#include "tests/router/site_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program's table alone, without the program. */
#include "nightbell/block_schemas.c"

static inline struct site *fixture_compile(void *ctx, struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct arena *arena = arena_new();
    struct diagnostics d;
    size_t count;
    const struct block_schema *schemas = block_schemas(&count);

    (void)ctx;
    if (files == NULL)
        abort();
    diagnostics_init(&d, arena, NULL, 0);
    struct site *site = site_compile(files, schemas, count, &d);
    if (site == NULL) {
        struct buf text = buf_make(1 << 20);
        diagnostics_text(&d, false, &text);
        fprintf(stderr, "%.*s\n", (int)text.len, text.ptr);
        buf_free(&text);
        error_set(err, ERROR_VALUE, "the site does not compile");
    }
    diagnostics_free(&d);
    arena_free(&arena);
    fileset_free(&files);
    return site;
}

/* The site of site_text.h with these rules. */
static inline void fixture_fileset_of(struct buf *out, const char *rules)
{
    static char zone[1 << 16];
    struct fileset *files = fileset_new();
    FILE *in = fopen("/usr/share/zoneinfo/America/Chicago", "rb");
    size_t got = in != NULL ? fread(zone, 1, sizeof zone, in) : 0;

    if (in == NULL)
        abort();
    fclose(in);
    fileset_add(files, SLICE("tz/America/Chicago"), (struct slice){ zone, got }, NULL);
    fileset_add(files, SLICE("site.bell"), slice_of(SITE_BELL), NULL);
    fileset_add(files, SLICE("roles.csv"), SLICE("code,system,role\nPN,,primary-nurse\nCN,,charge-nurse\n"),
                NULL);
    fileset_add(files, SLICE("rules.bell"), slice_of(rules), NULL);
    fileset_write(out, files);
    fileset_free(&files);
}

static inline void fixture_fileset(struct buf *out)
{
    fixture_fileset_of(out, RULES_BELL);
}

struct play {
    struct lab *lab;
    struct buf fileset;
    struct slice script;
    const char *name;
    size_t checked;  /* effects that an expect or a pass has looked at */
    int64_t open_us; /* lane time of script second 0 */
    unsigned sent;
    bool used[4096];
    /* Actions of one test file alone; false: not one of them. May be NULL. */
    bool (*act)(struct play *p, struct slice what, struct slice rest);
};

static inline int64_t wall_of(const char *iso)
{
    int64_t us = 0;

    if (!time_parse_iso(slice_of(iso), 0, &us))
        abort();
    return us;
}

static inline void play_begin_with(struct play *p, const char *at_utc, bool swap, const char *rules)
{
    *p = (struct play){ .fileset = buf_make(1 << 24) };
    fixture_fileset_of(&p->fileset, rules);
    struct lab_options o = { .compile_site = fixture_compile,
                             .fileset = buf_slice(&p->fileset),
                             .wall_us = wall_of(at_utc),
                             .swap = swap,
                             .check = true };
    p->lab = lab_new(&o);
    static const char *const HOLDERS[] = { "ana",    "ben",      "noor",      "carla", "dora",
                                           "rashid", "operator", "tele-room", "front" };
    for (size_t i = 0; i < sizeof HOLDERS / sizeof HOLDERS[0]; i++)
        if (!lab_enrol(p->lab, HOLDERS[i]))
            fail_msg("cannot enrol %s: %s %s", HOLDERS[i], p->lab->error.message, p->lab->last.error.message);
}

static inline void play_begin(struct play *p, const char *at_utc, bool swap)
{
    play_begin_with(p, at_utc, swap, RULES_BELL);
}

static inline void play_end(struct play *p)
{
    lab_free(&p->lab);
    buf_free(&p->fileset);
}

/* --- messages ---------------------------------------------------------------------------------------- */
static inline void stamp(const struct play *p, char out[64])
{
    struct civil c = time_to_civil(p->lab->options.wall_us + p->lab->now_us);

    snprintf(out, 64, "%04d%02u%02u%02u%02u%02u.%03d+0000", c.year, c.month, c.day, c.hour, c.minute,
             c.second, c.us / 1000);
}

static inline const char *code_of(const char *name)
{
    static const char *const CODES[][2] = {
        { "vfib", "199806^MDC_EVT_ECG_V_FIB^MDC" },
        { "vtach", "199828^MDC_EVT_ECG_V_TACHY^MDC" },
        { "spo2-low", "196670^MDC_EVT_LO^MDC" },
        { "lead-off", "196680^MDC_EVT_LEAD_OFF^MDC" },
        { "bradycardia", "199692^MDC_EVT_ECG_BRADY^MDC" },
        { "extreme-bradycardia", "199694^MDC_EVT_ECG_BRADY_EXTREME^MDC" },
        { "battery-low", "196802^MDC_EVT_BATT_LO^MDC" },
        { "battery-empty", "197336^MDC_EVT_BATT_DEPL^MDC" },
        { "pause", "199716^MDC_EVT_ECG_CARD_BEAT_MISSED^MDC" },
        { "occlusion", "196940^MDC_EVT_FLUID_LINE_OCCL^MDC" },
    };
    static char local[96];

    for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++)
        if (strcmp(CODES[i][0], name) == 0)
            return CODES[i][1];
    snprintf(local, sizeof local, "%s^%s^local", name, name);
    return local;
}

struct alarm_words {
    const char *phase, *code, *bed, *unit, *value, *patient, *listener;
    int64_t time_us; /* 0: now */
};

static inline bool send_alarm(struct play *p, const struct alarm_words *w)
{
    char wire[4096], at[64], facet2[256] = "";
    bool spo2 = strcmp(w->code, "spo2-low") == 0;

    stamp(p, at);
    if (w->value != NULL)
        snprintf(facet2, sizeof facet2,
                 "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1.2|%s|262688^MDC_DIM_PERCENT^MDC|||||R\r",
                 w->value);
    else if (spo2)
        snprintf(facet2, sizeof facet2, "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1.2||||||R\r");
    snprintf(wire, sizeof wire,
             "MSH|^~\\&|MON|GH|||%s||ORU^R40^ORU_R40|N%u|P|2.6\r"
             "PID|||%s^^^GH^MR\r"
             "PV1||I|%s^^%s\r"
             "OBR|1|||196616^MDC_EVT_ALARM^MDC|||%s\r"
             "OBX|1|ST|%s|1.1.1.1.1|x||||||R|||%s||||mon-%s\r"
             "%s"
             "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|%s||||||R\r",
             at, ++p->sent, w->patient != NULL ? w->patient : "", w->unit != NULL ? w->unit : "5W",
             w->bed != NULL ? w->bed : "12", at, code_of(w->code), at, w->bed != NULL ? w->bed : "12", facet2,
             w->phase);
    return lab_message(p->lab, w->listener != NULL ? w->listener : "telemetry", wire);
}

static inline bool send_adt(struct play *p, const char *trigger, const char *patient, const char *unit,
                            const char *bed, const char *more)
{
    char wire[2048], at[64];

    stamp(p, at);
    snprintf(
        wire, sizeof wire,
        "MSH|^~\\&|ADT|GH|||%s||ADT^%s|N%u|P|2.6\rEVN||%s\rPID|||%s^^^GH^MR||Quill^Marta\rPV1||I|%s^^%s\r%s",
        at, trigger, ++p->sent, at, patient, unit, bed, more);
    return lab_message(p->lab, "telemetry", wire);
}

/* A FHIR Flag through the tree, as the web process hands it over. */
static inline void send_flag(struct play *p, const char *patient)
{
    char json[1024];
    struct buf tree = buf_make(1 << 20);
    struct core_input in = { .kind = INPUT_MESSAGE };
    uint64_t key = 77 + p->sent++;

    snprintf(json, sizeof json,
             "{\"resourceType\":\"Flag\",\"status\":\"active\",\"code\":{\"coding\":[{\"code\":\"fall-risk\"}"
             "],\"text\":"
             "\"fall-risk\"},\"subject\":{\"identifier\":{\"system\":\"GH\",\"value\":\"%s\"}}}",
             patient);
    struct error err = { .code = ERROR_NONE };
    if (!fhir_json_read(slice_of(json), &tree, &err))
        fail_msg("flag: %s", err.message);
    in.as.message.listener = SLICE("telemetry");
    in.as.message.format = FORMAT_FHIR_TREE;
    in.as.message.bytes = buf_slice(&tree);
    memcpy(in.as.message.duplicate_key, &key, sizeof key);
    lab_input(p->lab, &in);
    buf_free(&tree);
}

/* --- scripts ------------------------------------------------------------------------------------------- */
static inline struct slice word(struct slice *rest)
{
    *rest = slice_trim(*rest);
    struct slice w = slice_cut(rest, ' ');

    *rest = slice_trim(*rest);
    return w;
}

static inline const char *text_of(struct play *p, struct slice s)
{
    return s.len > 0 ? arena_text(p->lab->arena, s) : NULL;
}

static inline int64_t script_time(struct slice s)
{
    size_t n = 0;
    uint32_t v = 0;

    while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
        n++;
    slice_to_u32(slice_sub(s, 0, n), &v);
    struct slice unit = slice_sub(s, n, s.len);
    return (int64_t)v * (slice_is(unit, "ms")    ? TIME_MS
                         : slice_is(unit, "min") ? TIME_MIN
                         : slice_is(unit, "h")   ? TIME_HOUR
                                                 : TIME_S);
}

static inline void show_heard(const struct play *p)
{
    for (size_t i = 0; i < p->lab->heard_count; i++) {
        const struct lab_heard *h = &p->lab->heard[i];
        fprintf(stderr, "  %7.1fs %s %.*s%s%s rule %.*s step %u round %u \"%.*s\"\n",
                (double)(h->at_us - p->open_us) / 1e6,
                h->kind == EFFECT_SEND     ? "send"
                : h->kind == EFFECT_CANCEL ? "cancel"
                                           : "notice",
                SLICE_ARG(h->notice.len > 0 ? h->notice : h->holder),
                h->level == LEVEL_URGENT ? " urgent" : "", h->fyi ? " fyi" : "", SLICE_ARG(h->rule),
                h->step + 1, h->repeat, SLICE_ARG(h->full));
    }
}

static inline void play_fail(struct play *p, struct slice line, const char *what)
{
    show_heard(p);
    fail_msg("%s: %.*s: %s %s %s", p->name, SLICE_ARG(line), what, p->lab->error.message,
             p->lab->last.error.message);
}

static inline bool slice_has(struct slice text, struct slice part)
{
    for (size_t i = 0; part.len <= text.len && i + part.len <= text.len; i++)
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
            return true;
    return false;
}

static inline void play_expect(struct play *p, struct slice line, struct slice rest, bool notice)
{
    struct slice who = word(&rest), level = { NULL, 0 }, rule = { NULL, 0 }, text = { NULL, 0 };
    bool fyi = false;

    while (rest.len > 0) {
        struct slice w = word(&rest);
        if (slice_is(w, "fyi"))
            fyi = true;
        else if (slice_is(w, "rule"))
            rule = word(&rest);
        else if (slice_is(w, "text"))
            text = rest, rest.len = 0;
        else
            level = w;
    }
    for (size_t i = 0; i < p->lab->heard_count; i++) {
        const struct lab_heard *h = &p->lab->heard[i];
        if (p->used[i] || h->at_us != p->lab->now_us || h->kind != (notice ? EFFECT_NOTICE : EFFECT_SEND))
            continue;
        if (!slice_eq(h->holder, who) || h->fyi != fyi || (rule.len > 0 && !slice_eq(h->rule, rule)))
            continue;
        if ((notice && !slice_eq(h->notice, level)) ||
            (!notice && (h->level == LEVEL_URGENT) != slice_is(level, "urgent")))
            continue;
        if (text.len > 0 && !slice_has(h->full, text))
            continue;
        p->used[i] = true;
        return;
    }
    play_fail(p, line, "expected, but not heard");
}

/* Nothing was sent before now that no line expected. */
static inline void play_check_unexpected(struct play *p, struct slice line, int64_t before_us)
{
    for (size_t i = 0; i < p->lab->heard_count; i++)
        if (p->lab->heard[i].kind == EFFECT_SEND && !p->used[i] && p->lab->heard[i].at_us < before_us)
            play_fail(p, line, "something was sent before that nobody expected");
}

static inline void play_send(struct play *p, struct slice line, struct slice rest)
{
    struct alarm_words w = { .phase = text_of(p, word(&rest)) };

    w.code = text_of(p, word(&rest));
    while (rest.len > 0) {
        struct slice key = word(&rest);
        const char *value = text_of(p, word(&rest));
        if (slice_is(key, "bed"))
            w.bed = value;
        else if (slice_is(key, "unit"))
            w.unit = value;
        else if (slice_is(key, "value"))
            w.value = value;
        else if (slice_is(key, "patient"))
            w.patient = value;
        else
            w.listener = value;
    }
    if (!send_alarm(p, &w) || !p->lab->last.accepted)
        play_fail(p, line, "the message was not taken");
}

static inline void play_assign(struct play *p, struct slice rest, bool end)
{
    struct core_input in = { .kind = INPUT_ASSIGN };

    in.as.assign.person = word(&rest);
    in.as.assign.role = word(&rest);
    in.as.assign.unit = word(&rest);
    in.as.assign.until_us =
        rest.len > 0 ? p->lab->options.wall_us + p->lab->now_us + script_time(rest) : TIME_NONE;
    in.as.assign.end = end;
    lab_input(p->lab, &in);
}

/* "forward 10min", "back 10min": somebody sets the wall clock. */
static inline void play_clock(struct play *p, struct slice rest)
{
    struct core_input in = { .kind = INPUT_CLOCK };
    bool back = slice_is(word(&rest), "back");

    p->lab->options.wall_us += back ? -script_time(rest) : script_time(rest);
    in.as.clock.wall_offset_us = p->lab->options.wall_us;
    lab_input(p->lab, &in);
}

static inline void play_away(struct play *p, struct slice who, bool away)
{
    struct core_input in = { .kind = INPUT_AWAY };

    in.as.away.person = who;
    in.as.away.away = away;
    lab_input(p->lab, &in);
}

static inline void play_say(struct play *p, struct slice line, struct slice rest)
{
    const char *who = text_of(p, word(&rest));
    struct slice kind = word(&rest), result = { NULL, 0 };
    enum answer_kind k;
    static const char *const RESULTS[] = { "taken", "repeated", "late", "unknown", "refused" };

    if (!answer_kind_find(kind, &k) || !lab_answer(p->lab, who, k, "with-patient"))
        play_fail(p, line, "nothing to answer");
    result = word(&rest);
    if (!slice_is(result.len > 0 ? result : SLICE("taken"), RESULTS[p->lab->last.answer]))
        play_fail(p, line, "the answer had another result");
}

/* "2 joined": the second alert of the script, copies counted, is in that state. */
static inline void play_nth(struct play *p, struct slice line, struct slice rest)
{
    struct slice number = word(&rest);
    struct alert_row *rows;
    struct arena *a = arena_new();
    size_t count, before;
    uint32_t nth = 0;
    struct slice state = { NULL, 0 };

    slice_to_u32(number, &nth);
    core_alerts(p->lab->core, a, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        before = 0;
        for (size_t k = 0; k < count; k++)
            before += rows[k].number < rows[i].number;
        if (before + 1 == nth)
            state = rows[i].state;
    }
    if (!slice_eq(state, rest))
        fprintf(stderr, "alert %u is %.*s\n", nth, SLICE_ARG(state));
    bool same = slice_eq(state, rest);
    arena_free(&a);
    if (!same)
        play_fail(p, line, "that alert is in another state");
}

static inline void play_act(struct play *p, struct slice line, struct slice what, struct slice rest)
{
    if (slice_is(what, "send"))
        play_send(p, line, rest);
    else if (slice_is(what, "expect"))
        play_expect(p, line, rest, false);
    else if (slice_is(what, "notice"))
        play_expect(p, line, rest, true);
    else if (slice_is(what, "say"))
        play_say(p, line, rest);
    else if (slice_is(what, "silent") || slice_is(what, "heard"))
        lab_silent(p->lab, text_of(p, rest), slice_is(what, "silent"));
    else if (slice_is(what, "fail") || slice_is(what, "dead"))
        lab_report(p->lab, text_of(p, rest), slice_is(what, "fail") ? DELIVERY_FAILED : DELIVERY_DEAD);
    else if (slice_is(what, "clock"))
        play_clock(p, rest);
    else if (slice_is(what, "restart") || slice_is(what, "snapshot"))
        lab_restart(p->lab, rest.len > 0 ? script_time(rest) : 0, slice_is(what, "snapshot"));
    else if (slice_is(what, "away") || slice_is(what, "back"))
        play_away(p, rest, slice_is(what, "away"));
    else if (slice_is(what, "assign") || slice_is(what, "unassign"))
        play_assign(p, rest, slice_is(what, "unassign"));
    else if (slice_is(what, "admit")) {
        const char *patient = text_of(p, word(&rest)), *bed = text_of(p, word(&rest));
        send_adt(p, "A01", patient, "5W", bed, "");
    } else if (slice_is(what, "flag")) {
        send_flag(p, text_of(p, rest));
    } else if (slice_is(what, "alert")) {
        play_nth(p, line, rest);
    } else if (slice_is(what, "state")) {
        if (!slice_eq(lab_state(p->lab, lab_alert(p->lab)), rest))
            play_fail(p, line, "the newest alert is in another state");
    } else if (p->act != NULL && p->act(p, what, rest)) {
        return;
    } else if (!slice_is(what, "nothing"))
        fail_msg("%s: what is \"%.*s\"?", p->name, SLICE_ARG(what));
}

/* Runs a script; `every` > 0 restarts the router after each line (1: from the journal, 2: from a snapshot).
 */
static inline void play_script(struct play *p, const char *name, const char *script, int every)
{
    struct slice rest = slice_of(script);

    p->name = name;
    p->open_us = p->lab->now_us;
    for (size_t i = 0; i < p->lab->heard_count; i++)
        p->used[i] = true;
    while (rest.len > 0) {
        struct slice line = slice_trim(slice_cut(&rest, '\n')), left = line;
        if (line.len == 0)
            continue;
        int64_t at = p->open_us + script_time(word(&left));
        struct slice what = word(&left);
        if (at > p->lab->now_us) {
            play_check_unexpected(p, line, p->lab->now_us + 1);
            if (!lab_until(p->lab, at))
                play_fail(p, line, "the lab broke");
            play_check_unexpected(p, line, at);
        }
        play_act(p, line, what, left);
        if (p->lab->broken)
            play_fail(p, line, "the lab broke");
        if (every > 0 && !lab_restart(p->lab, 0, every == 2))
            play_fail(p, line, "the restart broke");
    }
    play_check_unexpected(p, SLICE("the end"), INT64_MAX);
}

#endif
