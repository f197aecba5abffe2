/* What an Alert Reporter hears back, status by status (docs/reports.md, IHE ACM PCD-05), and the delayed
 * application acknowledgement. Each script also with a router that goes on from its own snapshot after every
 * input, and with a restart after every line: the same reports, byte for byte. */
#include "tests/router/fixture.h"

#include "hl7/message.h"
#include "hl7/path.h"

/* Script lines beside those of the fixture:
 *   0s pcd start lead-off [listener NAME] [ask VALUE] [filter OBX-5] [id MSH-10]
 *   0s told Delivered noor ...    the next report, in order: its status, and who (a holder, or -)
 *   0s taken | refused | stalled  what became of the oldest that waits
 *   0s quiet                      no report more than those looked at */
struct pcd {
    const char *phase, *code, *listener, *ask, *filter, *id;
};

static void pcd_write(struct play *p, const struct pcd *w, char wire[4096])
{
    char at[64], filter[512] = "", id[32];

    stamp(p, at);
    snprintf(id, sizeof id, "N%u", ++p->sent);
    if (w->filter != NULL)
        snprintf(filter, sizeof filter,
                 "OBX|4|ST|68491^MDC_ATTR_ALERT_DISSEM_STATUS_FILTER^MDC|1.1.1.1.8|%s\r",
                 strcmp(w->filter, "empty") == 0 ? "" : w->filter);
    snprintf(wire, 4096,
             "MSH|^~\\&|MON^00A0^EUI-64|GH|AM|HOSP|%s||ORU^R40^ORU_R40|%s|P|2.6|||AL|%s\r"
             "PID|||77^^^GH^MR||Quillfeather^Pia\rPV1||I|5W^^12\r"
             "OBR|1|P-%u^MON|F-%u^MON^00A0^EUI-64|196616^MDC_EVT_ALARM^MDC|||%s%s^F-1&MON&00A0&EUI-64\r"
             "OBX|1|ST|%s|1.1.1.1.1|x||||||%s|||%s||||mon-12\r"
             "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|%s||||||R\r%s",
             at, w->id != NULL ? w->id : id, w->ask, p->sent, p->sent, at, "||||||||||||||||||||||",
             code_of(w->code), strcmp(w->phase, "withdrawn") == 0 ? "W" : "R", at, w->phase, filter);
}

static void send_pcd(struct play *p, struct slice line, struct slice rest)
{
    struct pcd w = { .listener = "central", .ask = "NE" };
    char wire[4096];

    w.phase = text_of(p, word(&rest));
    w.code = text_of(p, word(&rest));
    while (rest.len > 0) {
        struct slice key = word(&rest);
        const char *value = text_of(p, word(&rest));
        if (slice_is(key, "listener"))
            w.listener = value;
        else if (slice_is(key, "ask"))
            w.ask = value;
        else if (slice_is(key, "filter"))
            w.filter = value;
        else
            w.id = value;
    }
    pcd_write(p, &w, wire);
    if (!lab_message(p->lab, w.listener, wire) || !p->lab->last.accepted)
        play_fail(p, line, "the message was not taken");
}

static const struct lab_heard *next_report(struct play *p, size_t *seen)
{
    for (; *seen < p->lab->heard_count; (*seen)++)
        if (p->lab->heard[*seen].kind == EFFECT_REPORT)
            return &p->lab->heard[(*seen)++];
    return NULL;
}

/* A path's text in a report; every PRT of it when `all`. */
static const char *get(struct arena *a, struct slice wire, const char *path)
{
    struct error err = { .code = ERROR_NONE };
    struct hl7_message *m = hl7_message_parse(a, wire, &err);
    struct hl7_path *p = m != NULL ? hl7_path_compile(a, slice_of(path), &err) : NULL;
    struct slice raw = { NULL, 0 };

    if (p == NULL)
        fail_msg("%s: %s", path, err.message);
    hl7_path_get(p, m, HL7_NONE, &raw, NULL);
    return arena_text(a, hl7_text(m, a, raw));
}

static bool is_about(struct arena *a, struct slice wire, struct slice who)
{
    struct error err = { .code = ERROR_NONE };
    struct hl7_message *m = hl7_message_parse(a, wire, &err);
    size_t people = 0;

    for (size_t i = hl7_segment_next(m, SLICE("PRT"), 0); i != HL7_NONE;
         i = hl7_segment_next(m, SLICE("PRT"), i + 1)) {
        struct slice person = hl7_value(m, a, i, 5, 1, 1, 1), desk = hl7_value(m, a, i, 8, 1, 10, 1);
        people += person.len + desk.len > 0;
        if (who.len > 0 && (slice_eq(person, who) || slice_eq(desk, who)))
            return true;
    }
    return slice_is(who, "-") && people == 0;
}

static void look_at(struct play *p, struct slice line, struct slice rest, size_t *seen)
{
    const struct lab_heard *h = next_report(p, seen);
    struct arena *a = arena_new();
    struct slice status = word(&rest);

    if (h == NULL)
        play_fail(p, line, "no report left");
    if (slice_is(status, "ACK")) {
        assert_string_equal(get(a, h->bytes, "MSH-9.1"), "ACK");
        assert_string_equal(get(a, h->bytes, "MSA-1"), text_of(p, rest));
    } else {
        if (!slice_is(status, get(a, h->bytes, "PRT-3.2")))
            play_fail(p, line, get(a, h->bytes, "PRT-3.2"));
        while (rest.len > 0)
            if (!is_about(a, h->bytes, word(&rest)))
                play_fail(p, line, "the report is about somebody else");
    }
    arena_free(&a);
}

static void act(struct play *p, struct slice line, struct slice what, struct slice rest, size_t *seen)
{
    if (slice_is(what, "pcd"))
        send_pcd(p, line, rest);
    else if (slice_is(what, "told"))
        look_at(p, line, rest, seen);
    else if (slice_is(what, "taken") || slice_is(what, "refused") || slice_is(what, "stalled"))
        assert_true(lab_report_done(p->lab,
                                    slice_is(what, "taken")     ? REPORT_TAKEN
                                    : slice_is(what, "refused") ? REPORT_REFUSED
                                                                : REPORT_STALLED,
                                    "CA"));
    else if (slice_is(what, "quiet")) {
        const struct lab_heard *h = next_report(p, seen);
        if (h != NULL)
            play_fail(p, line, arena_text(p->lab->arena, h->bytes));
    } else
        play_act(p, line, what, rest);
}

static void play_reports(struct play *p, const char *name, const char *script, int every)
{
    struct slice rest = slice_of(script);
    size_t seen = 0;

    p->name = name;
    p->open_us = p->lab->now_us;
    while (rest.len > 0) {
        struct slice line = slice_trim(slice_cut(&rest, '\n')), left = line;
        if (line.len == 0)
            continue;
        int64_t at = p->open_us + script_time(word(&left));
        struct slice what = word(&left);
        if (at > p->lab->now_us && !lab_until(p->lab, at))
            play_fail(p, line, "the lab broke");
        act(p, line, what, left, &seen);
        if (p->lab->broken)
            play_fail(p, line, "the lab broke");
        if (every > 0 && !lab_restart(p->lab, 0, every == 2))
            play_fail(p, line, "the restart broke");
    }
}

static const struct {
    const char *name, *script;
} SCENARIOS[] = {
    { "477430 Received, 477432 Delivered, 477433 Read once, 477434 Accepted",
      "0s pcd start lead-off\n0s told Received -\n0s told Delivered noor\n"
      "1s say noor displayed\n1s told Read noor\n2s say noor read\n2s quiet\n"
      "3s say noor accept\n3s told Accepted noor\n3s quiet\n" },
    { "every PCD-04 of the alert is Received: a resend, an update, the end",
      "0s silent noor\n0s pcd start lead-off\n0s told Received -\n"
      "0s pcd start lead-off\n0s told Received -\n"
      "1s pcd update lead-off\n1s told Received -\n1s quiet\n"
      "2s pcd end lead-off\n2s told Received -\n2s quiet\n" },
    { "477438 Rejected by each that declines, and the step goes on",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "5s say noor decline\n5s told Rejected noor\n5s told Delivered ana\n5s told Delivered carla\n5s "
      "quiet\n" },
    { "477431 Undeliverable: a dead letter",
      "0s silent noor\n0s pcd start lead-off\n0s told Received\n"
      "1s fail noor\n1s told Delivered ana\n1s told Delivered carla\n1s quiet\n"
      "2s dead noor\n2s told Undeliverable noor\n" },
    { "477431 Undeliverable: a step that finds nobody names who was looked for",
      "0s away noor\n0s pcd start lead-off\n0s told Received\n0s told Undeliverable noor\n"
      "0s told Delivered ana\n0s told Delivered carla\n0s quiet\n" },
    { "477431 Undeliverable: a copy that no device can open",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "1s say noor undecryptable\n1s told Undeliverable noor\n" },
    { "477441 CallbackStart when somebody calls back; it is no accept",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "1s say noor callback\n1s told CallbackStart noor\n1s state notifying\n" },
    { "477435 AcceptedPositive: confirmed, done",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "1s say noor confirm\n1s told AcceptedPositive noor\n1s told Delivered ana\n1s told Delivered carla\n"
      "2s say ana accept\n2s told Accepted ana\n3s say ana done\n3s told AcceptedPositive ana\n" },
    { "477437 AcceptedFalse: dismissed",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "1s say noor dismiss\n1s told AcceptedFalse noor\n1s quiet\n1s state dismissed\n" },
    { "477439 Cancelled when the alert is withdrawn, of everybody told; the quiet words are no dissemination",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "1s say noor decline\n1s told Rejected\n1s told Delivered ana\n1s told Delivered carla\n"
      "2s pcd withdrawn lead-off\n2s told Received -\n2s told Cancelled noor ana carla\n2s quiet\n"
      "2s state withdrawn\n" },
    { "a relay desk's accept is only Read; one step after the other tells whom it reached",
      "0s pcd start spo2-low\n0s told Received\n0s told Delivered ana\n2min told Delivered carla\n"
      "4min told Delivered operator\n4min say operator accept\n4min told Read operator\n4min quiet\n"
      "4min state notifying\n" },
    { "the filter of CP-154: words, codes, several; an empty one wants none, an unknown one all",
      "0s pcd start lead-off filter Accepted~477438^x^MDC\n0s quiet\n"
      "1s say noor accept\n1s told Accepted noor\n1s quiet\n"
      "2s pcd end lead-off filter Accepted\n"
      "10s pcd start bed-exit filter empty\n10s say noor accept\n10s quiet\n"
      "11s pcd start lead-off filter Xyzzy\n11s told Received\n" },
    { "when-asked (CP-150): MSH-16 empty or NE asks for nothing, another value does; the newest counts",
      "0s pcd start lead-off listener asking\n0s quiet\n"
      "1s pcd update lead-off listener asking ask AL\n1s told Received -\n"
      "2s say noor accept\n2s told Accepted noor\n"
      "3s pcd end lead-off listener asking ask NE\n3s quiet\n"
      "4s pcd start lead-off listener asking ask SU\n4s told Received\n4s told Delivered noor\n" },
    { "a listener without `reports` reports nothing",
      "0s pcd start lead-off listener telemetry ask AL\n0s say noor accept\n0s quiet\n" },
    { "what waits is taken in order; a refusal is listed, the next goes on",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "1s taken\n2s refused\n" },
    { "a source that takes no reports: one technical alert, over when it takes them again",
      "0s pcd start lead-off\n0s told Received\n0s told Delivered noor\n"
      "5min stalled\n5min state notifying\n6min taken\n" },
};

static void test_statuses(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++)
        for (size_t i = 0; i < sizeof SCENARIOS / sizeof SCENARIOS[0]; i++) {
            struct play p;
            play_begin(&p, "2026-10-14T18:00:00Z", way == 3);
            play_reports(&p, SCENARIOS[i].name, SCENARIOS[i].script, way < 3 ? way : 0);
            play_end(&p);
        }
}

/* --- the bytes -------------------------------------------------------------------------------------------
 */

static void test_bytes(void **state)
{
    static const char *const WANT[][2] = {
        { "MSH-3", "AM" },
        { "MSH-4", "HOSP" },
        { "MSH-5.1", "MON" },
        { "MSH-5.3", "EUI-64" },
        { "MSH-6", "GH" },
        { "MSH-9.1", "ORA" },
        { "MSH-9.2", "R41" },
        { "MSH-9.3", "ORA_R41" },
        { "MSH-11", "P" },
        { "MSH-12", "2.6" },
        { "MSH-15", "AL" },
        { "MSH-16", "NE" },
        { "MSH-18", "UNICODE UTF-8" },
        { "MSH-21.3", "1.3.6.1.4.1.19376.1.6.1.5.1" },
        { "MSA-1", "AA" },
        { "MSA-2", "N2" }, /* the newest PCD-04 of the alert */
        { "OBR-2.1", "P-2" },
        { "OBR-3.1", "F-2" },
        { "OBR-3.3", "00A0" },
        { "OBR-4.1", "196616" },
        { "OBR-29.2.1", "F-1" },
        { "OBR-29.2.4", "EUI-64" },
        { "PRT-2", "UP" }, /* of a dissemination that was told before */
        { "PRT-3.1", "Accepted" },
        { "PRT-3.2", "Accepted" },
        { "PRT-3.3", "IHE_PCD_ACM" },
        { "PRT-3.4", "477434" },
        { "PRT-3.5", "MDC_ENUMGV_ALERT_DISSEM_STATUS__ACCEPTED" },
        { "PRT-3.6", "MDC" },
        { "PRT-4.1", "RO" },
        { "PRT-4.4", "AAP" },
        { "PRT-5.1", "noor" },
        { "PRT-5.2", "Noor Aziz NA" },
    };
    struct play p;
    struct arena *a = arena_new();
    size_t seen = 0;
    const struct lab_heard *h = NULL;
    struct slice bytes = { NULL, 0 };

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    play_reports(&p, "bytes", "0s pcd start lead-off\n1s pcd update lead-off\n2s say noor accept\n", 0);
    while ((h = next_report(&p, &seen)) != NULL) {
        char id[32];
        snprintf(id, sizeof id, "NR%llu", (unsigned long long)h->delivery);
        assert_string_equal(get(a, h->bytes, "MSH-10"), id);
        bytes = h->bytes;
    }
    for (size_t i = 0; i < sizeof WANT / sizeof WANT[0]; i++)
        if (strcmp(get(a, bytes, WANT[i][0]), WANT[i][1]) != 0)
            fail_msg("%s is \"%s\", not \"%s\"", WANT[i][0], get(a, bytes, WANT[i][0]), WANT[i][1]);
    assert_string_equal(get(a, bytes, "PRT-11"), get(a, bytes, "MSH-7"));
    /* The minimum necessary: nobody's name or number but the staff's. */
    assert_false(slice_has(bytes, SLICE("PID|")));
    assert_false(slice_has(bytes, SLICE("Quillfeather")));
    assert_false(slice_has(bytes, SLICE("PV1|")));
    arena_free(&a);
    play_end(&p);
}

/* The sender's own delimiters and character set: its fields come back as they were, our names as UTF-8. */
static void test_other_delimiters(void **state)
{
    static const char WIRE[] =
        "MSH$*~\\&$M\xFCNCHEN$GH$AM$$20261014180000+0000$$ORU*R40*ORU_R40$K*1$P$2.6$$$AL$NE$$8859/1\r"
        "PV1$$I$5W**12\r"
        "OBR$1$$F|1*M\xFCN$196616*MDC_EVT_ALARM*MDC$$$20261014180000+0000\r"
        "OBX$1$ST$196680*MDC_EVT_LEAD_OFF*MDC$1.1.1.1.1$x$$$$$$R\r"
        "OBX$3$ST$68481*MDC_ATTR_EVENT_PHASE*MDC$1.1.1.1.3$start$$$$$$R\r";
    struct play p;
    struct arena *a = arena_new();
    size_t seen = 0;

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    assert_true(lab_message(p.lab, "central", WIRE));
    const struct lab_heard *h = next_report(&p, &seen);
    assert_non_null(h);
    assert_true(slice_starts(h->bytes, SLICE("MSH$*~\\&$AM$$M\xC3\xBCNCHEN$GH$")));
    assert_true(slice_has(h->bytes, SLICE("\rMSA$AA$K*1\r")));
    assert_true(slice_has(h->bytes, SLICE("\rOBR$1$$F|1*M\xC3\xBCN$196616*MDC_EVT_ALARM*MDC\r")));
    assert_string_equal(get(a, h->bytes, "PRT-3.2"), "Received");
    arena_free(&a);
    play_end(&p);
}

/* --- application acknowledgements ------------------------------------------------------------------------
 */

static void test_delayed_acknowledgement(void **state)
{
    static const struct {
        const char *name, *listener, *type, *accept, *application, *want; /* want: MSA-1, or NULL */
    } ROWS[] = {
        { "both asked for", "central", "ADT^A08^ADT_A01", "AL", "AL", "AA" },
        { "both, on success", "central", "ADT^A08^ADT_A01", "SU", "SU", "AA" },
        { "no accept: it was the answer itself", "central", "ADT^A08^ADT_A01", "NE", "AL", NULL },
        { "no application acknowledgement", "central", "ADT^A08^ADT_A01", "AL", "NE", NULL },
        { "only on error", "central", "ADT^A08^ADT_A01", "AL", "ER", NULL },
        { "original mode", "central", "ADT^A08^ADT_A01", "", "", NULL },
        { "an ACK is never acknowledged", "central", "ACK^A08^ACK", "AL", "AL", NULL },
        { "nowhere to send it", "telemetry", "ADT^A08^ADT_A01", "AL", "AL", NULL },
        { "when-asked asks by MSH-16 as well", "asking", "ADT^A08^ADT_A01", "AL", "AL", "AA" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct play p;
        struct arena *a = arena_new();
        char wire[1024];
        size_t seen = 0;
        play_begin(&p, "2026-10-14T18:00:00Z", false);
        snprintf(wire, sizeof wire,
                 "MSH|^~\\&|ADT|GH|NB|GH|20261014180000+0000||%s|C%zu|P|2.6|||%s|%s\rEVN||20261014180000\r"
                 "PID|||77^^^GH^MR||Quill^Marta\rPV1||I|5W^^12\r",
                 ROWS[i].type, i, ROWS[i].accept, ROWS[i].application);
        assert_true(lab_message(p.lab, ROWS[i].listener, wire));
        assert_true(lab_message(p.lab, ROWS[i].listener, wire)); /* a duplicate: not a second time */
        const struct lab_heard *h = next_report(&p, &seen);
        if ((h != NULL) != (ROWS[i].want != NULL))
            fail_msg("%s: %s", ROWS[i].name, h != NULL ? "there is one" : "there is none");
        if (h != NULL) {
            assert_string_equal(get(a, h->bytes, "MSA-1"), ROWS[i].want);
            assert_int_equal(get(a, h->bytes, "MSA-2")[1], '0' + (int)i);
            assert_string_equal(get(a, h->bytes, "MSH-15"), "");
            assert_null(next_report(&p, &seen));
        }
        arena_free(&a);
        play_end(&p);
    }
}

/* What is quarantined is taken, and the second acknowledgement says what was wrong with it; no values. */
static void test_delayed_acknowledgement_of_quarantined(void **state)
{
    struct play p;
    struct arena *a = arena_new();
    size_t seen = 0;

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    assert_true(lab_message(p.lab, "central",
                            "MSH|^~\\&|SCHED|GH|NB|GH|20261014180000+0000||SIU^S25^SIU_S12|Q1|P|2.6|||AL|AL\r"
                            "SCH|P1|F1\rPID|||77^^^GH^MR||Quillfeather^Pia\r"));
    assert_true(p.lab->last.accepted);
    const struct lab_heard *h = next_report(&p, &seen);
    assert_non_null(h);
    assert_string_equal(get(a, h->bytes, "MSA-1"), "AA");
    assert_string_equal(get(a, h->bytes, "MSA-2"), "Q1");
    assert_string_equal(get(a, h->bytes, "ERR-2.1"), "MSH");
    assert_string_equal(get(a, h->bytes, "ERR-3.1"), "201");
    assert_false(slice_has(h->bytes, SLICE("Quillfeather")));
    arena_free(&a);
    play_end(&p);
}

/* A PCD-04 that asks for both has its application's answer in the PCD-05. */
static void test_pcd05_is_the_answer(void **state)
{
    struct play p;

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    play_reports(&p, "one answer",
                 "0s silent noor\n0s pcd start lead-off ask AL\n0s told Received\n0s quiet\n", 0);
    play_end(&p);
}

/* --- bounds, counters, words -----------------------------------------------------------------------------
 */

static void test_counters(void **state)
{
    struct play p;
    size_t count;
    struct listed *rows;

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    play_reports(&p, "counters",
                 "0s pcd start lead-off\n1s say noor accept\n2s taken\n2s refused\n2s stalled\n2s stalled\n",
                 0);
    assert_int_equal(lab_counter(p.lab, "reports"), 3);
    assert_int_equal(lab_counter(p.lab, "reports-taken"), 1);
    assert_int_equal(lab_counter(p.lab, "reports-refused"), 1);
    assert_int_equal(lab_counter(p.lab, "reports-waiting"), 1);
    core_list(p.lab->core, SLICE("dead-letter"), p.lab->arena, &rows, &count);
    assert_int_equal(count, 1);
    assert_true(slice_is(rows[0].what, "report-refused") && slice_is(rows[0].where, "central"));
    play_end(&p);
}

/* Past open-reports the newest is not queued: counted and listed, and what waits stays as it was. */
static void test_limit(void **state)
{
    struct play p;
    size_t count;
    struct listed *rows;
    char wire[512];

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    p.lab->options.check = false;
    for (unsigned i = 0; i < LIMIT_OPEN_REPORTS + 3; i++) {
        snprintf(
            wire, sizeof wire,
            "MSH|^~\\&|ADT|GH|NB|GH|20261014180000||ADT^A08^ADT_A01|C%u|P|2.6|||AL|AL\rEVN||20261014180000\r"
            "PID|||77^^^GH^MR\rPV1||I|5W^^12\r",
            i);
        assert_true(lab_message(p.lab, "central", wire));
    }
    assert_int_equal(lab_counter(p.lab, "reports-waiting"), LIMIT_OPEN_REPORTS);
    assert_int_equal(lab_counter(p.lab, "reports-dropped"), 3);
    core_list(p.lab->core, SLICE("finding"), p.lab->arena, &rows, &count);
    assert_int_equal(count, 1);
    assert_true(slice_is(rows[0].what, "report-dropped") && slice_is(rows[0].key, "open-reports"));
    assert_true(lab_restart(p.lab, 0, true));
    play_end(&p);
}

static void count_report(void *ctx, const struct effect *e)
{
    struct buf *all = ctx;

    if (e->kind == EFFECT_REPORT)
        buf_put(all, e->bytes);
}

/* What is not settled is asked for again after a restart: the same bytes, in the same order. */
static void test_outstanding(void **state)
{
    struct play p;
    struct buf before = buf_make(1 << 20), after = buf_make(1 << 20);

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    play_reports(&p, "outstanding", "0s pcd start lead-off\n1s say noor accept\n2s taken\n", 0);
    core_outstanding(p.lab->core, 0, count_report, &before);
    assert_true(before.len > 0);
    for (int snapshot = 0; snapshot < 2; snapshot++) {
        assert_true(lab_restart(p.lab, 60 * TIME_S, snapshot == 1));
        buf_reset(&after);
        core_outstanding(p.lab->core, 0, count_report, &after);
        assert_int_equal(before.len, after.len);
        assert_memory_equal(before.ptr, after.ptr, before.len);
    }
    buf_free(&before);
    buf_free(&after);
    play_end(&p);
}

static void test_explain(void **state)
{
    struct play p;
    struct buf lines = buf_make(1 << 20);

    (void)state;
    play_begin(&p, "2026-10-14T18:00:00Z", false);
    play_reports(&p, "explain",
                 "0s silent noor\n0s pcd start lead-off\n0s taken\n1s say noor accept\n3s taken\n", 0);
    for (size_t i = 0; i < p.lab->append_count; i++)
        core_explain(p.lab->core, lab_alert(p.lab), p.lab->appends[i].first, p.lab->appends[i].records,
                     &lines);
    assert_true(slice_has(buf_slice(&lines), SLICE("to the reporter: Accepted, Noor Aziz NA (NR")));
    assert_true(slice_has(buf_slice(&lines),
                          SLICE("the reporter was told: Accepted, acknowledged after 2.0 s, CA (NR")));
    buf_free(&lines);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_other_delimiters),
        cmocka_unit_test(test_delayed_acknowledgement),
        cmocka_unit_test(test_delayed_acknowledgement_of_quarantined),
        cmocka_unit_test(test_pcd05_is_the_answer),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_outstanding),
        cmocka_unit_test(test_explain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
