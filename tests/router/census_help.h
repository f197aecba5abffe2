/* Scripts of ADT messages for the tests of the census. A line is
 *   TRIGGER PATIENT [at MIN] [rec MIN] [in PLACE] [from PLACE] [temp PLACE] [pend PLACE] [mrg PATIENT]
 *           [with PATIENT PLACE] [zbe ID ACTION [ORIGINAL]] [doc ID] [class C] [visit V] [was VISIT] [raw
 * PV1-15] or what must be so: = PLACE who,who | = PATIENT PLACE|out|unknown | flags PATIENT a,b | doc PATIENT
 * ID | pending PATIENT WHAT [PLACE] PLACE is UNIT-BED. Minutes are those of EVN-6 (at) and EVN-2 (rec) after
 * the start of the script. */
#ifndef NIGHTBELL_TESTS_ROUTER_CENSUS_HELP_H
#define NIGHTBELL_TESTS_ROUTER_CENSUS_HELP_H

#include "tests/router/fixture.h"

#include "router/movements.h"
#include "router/state.h"

struct adt_line {
    char place[64], prior[64], temporary[64], pending[64], with_place[64];
    char mrg[64], with[64], zbe[160], doc[32], class[8], visit[32], was[32], flags[32];
    char at[40], recorded[40];
};

static inline void adt_place(struct slice word, char out[64])
{
    struct slice unit = slice_cut(&word, '-');

    snprintf(out, 64, "%.*s^^%.*s", SLICE_ARG(unit), SLICE_ARG(word));
}

static inline void adt_time(const struct play *p, struct slice minutes, char out[40])
{
    int64_t n = 0;

    slice_to_i64(minutes, &n);
    struct civil c = time_to_civil(p->lab->options.wall_us + n * TIME_MIN);
    snprintf(out, 40, "%04d%02u%02u%02u%02u%02u+0000", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static inline void adt_words(struct play *p, struct slice rest, struct adt_line *l)
{
    while (rest.len > 0) {
        struct slice key = word(&rest), value = word(&rest);
        if (slice_is(key, "at"))
            adt_time(p, value, l->at);
        else if (slice_is(key, "rec"))
            adt_time(p, value, l->recorded);
        else if (slice_is(key, "in"))
            adt_place(value, l->place);
        else if (slice_is(key, "from"))
            adt_place(value, l->prior);
        else if (slice_is(key, "temp"))
            adt_place(value, l->temporary);
        else if (slice_is(key, "pend"))
            adt_place(value, l->pending);
        else if (slice_is(key, "mrg"))
            snprintf(l->mrg, sizeof l->mrg, "%.*s", SLICE_ARG(value));
        else if (slice_is(key, "doc"))
            snprintf(l->doc, sizeof l->doc, "%.*s", SLICE_ARG(value));
        else if (slice_is(key, "class"))
            snprintf(l->class, sizeof l->class, "%.*s", SLICE_ARG(value));
        else if (slice_is(key, "visit"))
            snprintf(l->visit, sizeof l->visit, "%.*s", SLICE_ARG(value));
        else if (slice_is(key, "was"))
            snprintf(l->was, sizeof l->was, "%.*s", SLICE_ARG(value));
        else if (slice_is(key, "raw"))
            snprintf(l->flags, sizeof l->flags, "%.*s", SLICE_ARG(value));
        else if (slice_is(key, "with")) {
            snprintf(l->with, sizeof l->with, "%.*s", SLICE_ARG(value));
            adt_place(word(&rest), l->with_place);
        } else if (slice_is(key, "zbe")) {
            struct slice action = word(&rest),
                         original = rest.len > 0 ? word(&rest) : (struct slice){ NULL, 0 };
            snprintf(l->zbe, sizeof l->zbe, "ZBE|%.*s^HIS|20261014||%.*s|N|%.*s\r", SLICE_ARG(value),
                     SLICE_ARG(action), SLICE_ARG(original));
        } else
            fail_msg("%s: what is \"%.*s\"?", p->name, SLICE_ARG(key));
    }
}

static inline void adt_send(struct play *p, struct slice trigger, struct slice patient, struct slice rest)
{
    struct adt_line l = { .class = "I" };
    char wire[2000], now[64], other[300] = "", mrg[200] = "";

    stamp(p, now);
    adt_words(p, rest, &l);
    if (l.with[0] != '\0')
        snprintf(other, sizeof other, "PID|||%s^^^GH^MR\rPV1||I|%s\r", l.with, l.with_place);
    if (l.mrg[0] != '\0' || l.was[0] != '\0')
        snprintf(mrg, sizeof mrg, "MRG|%s^^^GH^MR||||%s\r", l.mrg, l.was);
    snprintf(wire, sizeof wire,
             "MSH|^~\\&|ADT|GH|||%s||ADT^%.*s|C%u|P|2.5\rEVN||%s||||%s\rPID|||%.*s^^^GH^MR||Quill^Marta\r%s"
             "PV1||%s|%s|||%s|%s||||%s||||%s||||%s|||||||||||||||||||||||%s\r%s%s",
             now, SLICE_ARG(trigger), ++p->sent, l.recorded[0] != '\0' ? l.recorded : now, l.at,
             SLICE_ARG(patient), mrg, l.class, l.place, l.prior, l.doc, l.temporary, l.flags, l.visit,
             l.pending, other, l.zbe);
    lab_until(p->lab, p->lab->now_us + TIME_S);
    if (!lab_message(p->lab, "telemetry", wire) || !p->lab->last.accepted)
        play_fail(p, trigger, "the message was not taken");
}

/* --- what must be so ---------------------------------------------------------------------------------- */
static inline const struct census_row *adt_row(const struct play *p, struct slice patient)
{
    char key[80];

    snprintf(key, sizeof key, "GH|%.*s", SLICE_ARG(patient));
    return census_patient(&p->lab->core->census, slice_of(key));
}

static inline void adt_bed(const struct play *p, struct slice place, struct slice who, char got[200])
{
    struct slice unit = slice_cut(&place, '-');
    const struct occupants *o = census_bed(&p->lab->core->census, unit, place);

    (void)who;
    got[0] = '\0';
    for (size_t i = 0; o != NULL && i < o->count; i++)
        snprintf(got + strlen(got), 200 - strlen(got), "%s%.*s", i > 0 ? "," : "",
                 SLICE_ARG(slice_sub(o->rows[i]->patient.id, 3, SIZE_MAX)));
    if (got[0] == '\0')
        snprintf(got, 200, "nobody");
}

static inline void adt_where(const struct play *p, struct slice patient, char got[200])
{
    const struct census_row *row = adt_row(p, patient);

    if (row == NULL)
        snprintf(got, 200, "unknown");
    else if (!row->patient.here)
        snprintf(got, 200, "out");
    else
        snprintf(got, 200, "%.*s-%.*s", SLICE_ARG(row->patient.unit), SLICE_ARG(row->patient.bed));
}

static inline void adt_flags_of(struct play *p, struct slice patient, char got[200])
{
    const struct census_row *row = adt_row(p, patient);
    size_t count = 0;
    const struct slice *list =
        row != NULL ? texts_read(p->lab->arena, row->patient.flags, &count) : (struct slice *)NULL;

    got[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(got + strlen(got), 200 - strlen(got), "%s%.*s", i > 0 ? "," : "", SLICE_ARG(list[i]));
    if (got[0] == '\0')
        snprintf(got, 200, "none");
    if (row != NULL && row->patient.away)
        snprintf(got + strlen(got), 200 - strlen(got), ",away");
}

static inline void adt_pending(const struct play *p, struct slice patient, char got[200])
{
    const struct census_row *row = adt_row(p, patient);

    snprintf(got, 200, "none");
    if (row != NULL && row->patient.pending.len > 0)
        snprintf(got, 200, "%.*s %.*s-%.*s", SLICE_ARG(row->patient.pending),
                 SLICE_ARG(row->patient.pending_unit), SLICE_ARG(row->patient.pending_bed));
}

static inline void adt_check(struct play *p, struct slice line, struct slice what, struct slice rest)
{
    char got[200] = "";
    struct slice who = word(&rest);

    if (slice_is(what, "flags"))
        adt_flags_of(p, who, got);
    else if (slice_is(what, "pending"))
        adt_pending(p, who, got);
    else if (slice_is(what, "doc")) {
        const struct census_row *row = adt_row(p, who);
        if (row != NULL)
            snprintf(got, sizeof got, "%.*s", SLICE_ARG(row->patient.attending_id));
    } else if (slice_find(who, '-') < who.len)
        adt_bed(p, who, rest, got);
    else
        adt_where(p, who, got);
    if (!slice_is(rest, got))
        fail_msg("%s: %.*s: got %s", p->name, SLICE_ARG(line), got);
}

static inline bool adt_is_check(struct slice what)
{
    return slice_is(what, "=") || slice_is(what, "flags") || slice_is(what, "doc") ||
           slice_is(what, "pending");
}

/* `only_last`: the checks after the last message once more. */
static inline void adt_script(struct play *p, const char *name, const char *script)
{
    struct slice rest = slice_of(script), last = rest;

    p->name = name;
    while (rest.len > 0) {
        struct slice line = slice_trim(slice_cut(&rest, '\n')), left = line;
        struct slice what = word(&left);
        if (adt_is_check(what))
            adt_check(p, line, what, left);
        else if (what.len > 0) {
            adt_send(p, what, word(&left), left);
            last = rest;
        }
    }
    /* From the journal alone: the same census. (The lab compares the states after every input as well.) */
    if (!lab_restart(p->lab, 0, false))
        play_fail(p, SLICE("the end"), "the restart broke");
    while (last.len > 0) {
        struct slice line = slice_trim(slice_cut(&last, '\n')), left = line;
        struct slice what = word(&left);
        if (what.len > 0)
            adt_check(p, line, what, left);
    }
}

#endif
