/* Rows of a staff directory: STF, PRA and ORG in MFN^M02 and PMU^B01 to B06 (HL7 v2 chapter 15). */
#include "events/from_hl7.h"

#include "base/limits.h"

enum { KEY_BYTES_MAX = 200 };
enum { ROW_BYTES = 160 }; /* what a row takes beside its texts */

int64_t hl7_occurred(struct hl7_in *in)
{
    size_t evn = hl7_segment_find(in->m, SLICE("EVN"), 1);
    int64_t t = hl7_instant(in, evn, 6, 1);

    if (t == TIME_NONE)
        t = hl7_instant(in, evn, 2, 1);
    return t == TIME_NONE ? in->message_us : t;
}

/* A coded element as a person reads it: its text, else its code. */
static struct slice shown(struct hl7_in *in, size_t segment, uint32_t field)
{
    struct slice text = hl7_part(in, segment, field, 2);

    return text.len > 0 ? text : hl7_part(in, segment, field, 1);
}

/* --- identifiers ---------------------------------------------------------------------------------------- */

/* A social security number is nothing that a hospital's alert router should hold. */
static bool is_private_id(struct hl7_in *in, size_t stf, uint32_t rep)
{
    struct slice authority = hl7_part_at(in, stf, 2, rep, 4, 1), type = hl7_part_at(in, stf, 2, rep, 5, 1);

    return slice_eq_nocase(type, SLICE("SS")) || slice_eq_nocase(authority, SLICE("USSSA")) ||
           slice_eq_nocase(authority, SLICE("SSA"));
}

static void add_id(struct staff_change *c, struct slice id)
{
    if (id.len == 0 || slice_eq(id, c->key) || c->id_count == sizeof c->ids / sizeof c->ids[0])
        return;
    for (size_t i = 0; i < c->id_count; i++)
        if (slice_eq(c->ids[i], id))
            return;
    c->ids[c->id_count++] = id;
}

static void read_ids(struct hl7_in *in, size_t stf, struct slice mfe_key, struct staff_change *c)
{
    uint32_t reps = hl7_repetitions(in->m, stf, 2);

    c->key = mfe_key.len > 0 ? mfe_key : hl7_part(in, stf, 1, 1);
    for (uint32_t rep = 1; rep <= reps && c->key.len == 0; rep++)
        if (!is_private_id(in, stf, rep))
            c->key = hl7_part_at(in, stf, 2, rep, 1, 0);
    add_id(c, hl7_part(in, stf, 1, 1));
    for (uint32_t rep = 1; rep <= reps; rep++)
        if (!is_private_id(in, stf, rep))
            add_id(c, hl7_part_at(in, stf, 2, rep, 1, 0));
}

/* --- telecommunication -----------------------------------------------------------------------------------
 */

static bool is_one_of(struct slice word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (slice_eq_nocase(word, slice_of(*words)))
            return true;
    return false;
}

/* XTN.1 as written, XTN.12 unformatted, or country, area, number and extension. */
static struct slice number_of(struct hl7_in *in, size_t stf, uint32_t rep)
{
    struct slice text = hl7_part_at(in, stf, 10, rep, 1, 0);
    struct slice out = { NULL, 0 };

    if (text.len == 0)
        text = hl7_part_at(in, stf, 10, rep, 12, 0);
    if (text.len > 0)
        return text;
    for (uint32_t component = 5; component <= 8; component++) {
        struct slice part = hl7_part_at(in, stf, 10, rep, component, 0);
        const char *before = component == 5 ? "+" : component == 8 ? " x" : out.len > 0 ? " " : "";
        if (part.len > 0)
            out = arena_printf(in->draft.arena, "%.*s%s%.*s", SLICE_ARG(out), before, SLICE_ARG(part));
    }
    return out;
}

/* Table 0201 (use) and 0202 (equipment). A private number is passed over. */
static void read_telecom(struct hl7_in *in, size_t stf, uint32_t rep, struct staff_change *c)
{
    static const char *const private_uses[] = { "PRN", "ORN", "VHN", "H", "HP", NULL };
    static const char *const mails[] = { "Internet", "X.400", "NET", NULL };
    static const char *const others[] = { "FX", "MD", "TDD", "TTY", NULL };
    struct slice use = hl7_part_at(in, stf, 10, rep, 2, 0), kind = hl7_part_at(in, stf, 10, rep, 3, 0);
    struct slice mail = hl7_part_at(in, stf, 10, rep, 4, 0), number = number_of(in, stf, rep);
    bool pager = slice_eq_nocase(kind, SLICE("BP")) || slice_eq_nocase(use, SLICE("BPN"));

    if (is_one_of(use, private_uses) || is_one_of(kind, others))
        return;
    if (is_one_of(kind, mails) || is_one_of(use, mails)) {
        if (c->mail.len == 0)
            c->mail = mail.len > 0 ? mail : number;
    } else if (pager && c->pager.len == 0) {
        c->pager = number;
    } else if (!pager && c->phone.len == 0) {
        c->phone = number;
    }
}

/* --- one row ---------------------------------------------------------------------------------------------
 */

static void read_details(struct hl7_in *in, size_t stf, size_t pra, size_t org, struct staff_change *c)
{
    c->family = hl7_part_at(in, stf, 3, 1, 1, 1);
    c->given = hl7_part(in, stf, 3, 2);
    c->department = shown(in, stf, 8);
    if (c->department.len == 0)
        c->department = shown(in, org, 2);
    c->title = hl7_part(in, stf, 18, 1);
    c->mail = hl7_part(in, stf, 15, 1);
    for (uint32_t rep = 1; rep <= hl7_repetitions(in->m, stf, 10); rep++)
        read_telecom(in, stf, rep, c);
    c->backup = hl7_part(in, stf, 14, 1);
    c->contact = hl7_part(in, stf, 16, 1);
    c->category = shown(in, pra, 3);
    c->specialty = hl7_part(in, pra, 5, 1);
}

/* STF-7, table 0183. An unknown word is no reason not to ring somebody. */
static bool read_active(struct hl7_in *in, size_t stf)
{
    struct slice word = hl7_part(in, stf, 7, 1);

    if (word.len > 0 && !slice_eq_nocase(word, SLICE("A")) && !slice_eq_nocase(word, SLICE("I")))
        draft_finding(&in->draft, "staff-status", hl7_where(in, stf, 7), word);
    return !slice_eq_nocase(word, SLICE("I"));
}

static size_t row_bytes(const struct staff_change *c)
{
    const struct slice texts[] = { c->key,   c->family, c->given,  c->department, c->title,    c->phone,
                                   c->pager, c->mail,   c->backup, c->contact,    c->category, c->specialty };
    size_t bytes = ROW_BYTES;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        bytes += texts[i].len;
    for (size_t i = 0; i < c->id_count; i++)
        bytes += c->ids[i].len;
    return bytes;
}

static bool add_row(struct hl7_in *in, const struct staff_change *c)
{
    struct reading *out = in->draft.out;

    in->master_bytes += row_bytes(c);
    if (in->master_bytes > LIMIT_MASTER_BYTES)
        return error_at(in->err, ERROR_LIMIT, c->where, "master-bytes (%d) passed: send the file in parts",
                        LIMIT_MASTER_BYTES);
    out->staff[out->staff_count++] = *c;
    return true;
}

static bool read_staff(struct hl7_in *in, struct staff_change *c, size_t from, size_t to,
                       struct slice mfe_key)
{
    size_t stf = hl7_within(in, "STF", from, to);

    read_ids(in, stf, mfe_key, c);
    if (c->key.len == 0)
        return error_at(in->err, ERROR_MISSING, c->where, "the row has no key");
    if (c->key.len > KEY_BYTES_MAX)
        return error_at(in->err, ERROR_VALUE, c->where, "a key of more than %d bytes", KEY_BYTES_MAX);
    if (c->kind == STAFF_PUT && stf == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, c->where, "the row has no STF");
    read_details(in, stf, hl7_within(in, "PRA", from, to), hl7_within(in, "ORG", from, to), c);
    c->active = read_active(in, stf);
    if (c->effective_us == TIME_NONE)
        c->effective_us = hl7_instant(in, stf, 13, 1);
    return add_row(in, c);
}

bool hl7_master_staff(struct hl7_in *in, const struct hl7_row *row)
{
    struct slice key = hl7_part(in, row->mfe, 4, 1);
    size_t stf = hl7_within(in, "STF", row->from, row->to);
    struct slice stf_key = hl7_part(in, stf, 1, 1);
    struct staff_change c = { .kind = row->kind,
                              .effective_us = hl7_instant(in, row->mfe, 3, 1),
                              .occurred_us = in->draft.out->master_us,
                              .where = hl7_where(in, row->mfe, 4) };

    if (key.len > 0 && stf_key.len > 0 && !slice_eq(key, stf_key))
        draft_finding(&in->draft, "key-mismatch", hl7_where(in, stf, 1), stf_key);
    return read_staff(in, &c, row->from, row->to, key);
}

static bool personnel_kind(struct slice trigger, enum staff_kind *out)
{
    static const struct {
        const char *trigger;
        enum staff_kind kind;
    } triggers[] = { { "B01", STAFF_PUT },      { "B02", STAFF_PUT },        { "B03", STAFF_REMOVE },
                     { "B04", STAFF_ACTIVATE }, { "B05", STAFF_DEACTIVATE }, { "B06", STAFF_REMOVE } };

    for (size_t i = 0; i < sizeof triggers / sizeof triggers[0]; i++)
        if (slice_eq_nocase(trigger, slice_of(triggers[i].trigger))) {
            *out = triggers[i].kind;
            return true;
        }
    return false;
}

bool hl7_read_personnel(struct hl7_in *in, struct slice trigger)
{
    struct reading *out = in->draft.out;
    size_t stf = hl7_segment_find(in->m, SLICE("STF"), 1), end = hl7_message_segments(in->m);
    struct staff_change c = { .effective_us = TIME_NONE, .occurred_us = hl7_occurred(in) };

    out->context_only = true;
    if (slice_eq_nocase(trigger, SLICE("B07")) || slice_eq_nocase(trigger, SLICE("B08")))
        return true; /* certificates: understood, and nothing to route by */
    if (!personnel_kind(trigger, &c.kind))
        return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2", "this personnel message is not read");
    if (stf == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "STF", "a personnel message without STF");
    c.where = hl7_where(in, stf, 1);
    out->staff = arena_array(in->draft.arena, 1, sizeof *out->staff);
    return read_staff(in, &c, 0, end, (struct slice){ NULL, 0 });
}
