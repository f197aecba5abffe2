/* Master files (MFN, HL7 v2 chapter 8) of staff and of places: all or nothing (STANDARDS section 3.7). */
#include "events/from_hl7.h"

#include "base/limits.h"

enum { PLACE_BYTES = 120 }; /* what a place takes beside its texts */

static bool kind_of(struct slice code, enum staff_kind *out)
{
    static const struct {
        const char *code;
        enum staff_kind kind;
    } codes[] = { { "MAD", STAFF_PUT },
                  { "MUP", STAFF_PUT },
                  { "MAC", STAFF_ACTIVATE },
                  { "MDC", STAFF_DEACTIVATE },
                  { "MDL", STAFF_REMOVE } };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (slice_eq_nocase(code, slice_of(codes[i].code))) {
            *out = codes[i].kind;
            return true;
        }
    return false;
}

/* M02 is a file of staff and M05 one of places; M01 ("not otherwise specified", v2.1 and v2.2) says it in
 * MFI-1 alone. */
static bool choose_file(struct hl7_in *in, struct slice trigger, size_t mfi, bool *places)
{
    struct slice file = hl7_part(in, mfi, 1, 1);
    bool of_staff = slice_eq_nocase(file, SLICE("STF")) || slice_eq_nocase(file, SLICE("PRA"));
    bool of_places = slice_eq_nocase(file, SLICE("LOC")) || slice_eq_nocase(file, SLICE("LDP"));

    if (mfi == HL7_NONE || file.len == 0)
        return error_at(in->err, ERROR_MISSING, "MFI-1", "the message does not say which master file it is");
    *places = of_places;
    if ((of_staff && slice_eq_nocase(trigger, SLICE("M02"))) ||
        (of_places && slice_eq_nocase(trigger, SLICE("M05"))) ||
        ((of_staff || of_places) && (trigger.len == 0 || slice_eq_nocase(trigger, SLICE("M01")))))
        return true;
    return error_at(in->err, ERROR_UNSUPPORTED, "MFI-1", "this master file is not read");
}

static bool read_mode(struct hl7_in *in, size_t mfi)
{
    struct slice mode = hl7_part(in, mfi, 3, 1);

    in->draft.out->replaces = slice_eq_nocase(mode, SLICE("REP"));
    return mode.len == 0 || in->draft.out->replaces || slice_eq_nocase(mode, SLICE("UPD")) ||
           error_at(in->err, ERROR_VALUE, "MFI-3", "a master file is updated (UPD) or replaced (REP)");
}

/* MFI-4 (entered), else MSH-7. MFE-3 is no order: it may lie years back, or ahead. */
static int64_t made_at(struct hl7_in *in, size_t mfi)
{
    int64_t t = hl7_instant(in, mfi, 4, 1);

    return t == TIME_NONE ? in->message_us : t;
}

static size_t count_rows(const struct hl7_in *in)
{
    size_t n = 0;

    for (size_t i = 0; i < hl7_message_segments(in->m); i++)
        n += slice_is(hl7_segment_name(in->m, i), "MFE");
    return n;
}

static bool read_row(struct hl7_in *in, size_t mfe, size_t next)
{
    struct hl7_row row = { .mfe = mfe, .from = mfe + 1, .to = next };

    if (!kind_of(hl7_part(in, mfe, 1, 1), &row.kind))
        return error_at(in->err, hl7_part(in, mfe, 1, 1).len > 0 ? ERROR_VALUE : ERROR_MISSING,
                        hl7_where(in, mfe, 1), "a row is one of MAD, MUP, MAC, MDC, MDL");
    return in->draft.out->places_file ? hl7_master_place(in, &row) : hl7_master_staff(in, &row);
}

/* Nothing of a file that is refused may be in the reading. */
static bool refused(struct hl7_in *in)
{
    in->draft.out->staff_count = in->draft.out->location_count = 0;
    in->draft.out->finding_count = 0;
    return false;
}

bool hl7_read_master(struct hl7_in *in, struct slice trigger)
{
    struct reading *out = in->draft.out;
    size_t mfi = hl7_segment_find(in->m, SLICE("MFI"), 1), end = hl7_message_segments(in->m);
    size_t rows = count_rows(in);

    out->master_file = true;
    out->context_only = true;
    if (!choose_file(in, trigger, mfi, &out->places_file) || !read_mode(in, mfi))
        return refused(in);
    out->master_us = made_at(in, mfi);
    /* A replacing file without a row would put the whole house out of service. */
    if (rows == 0)
        return error_at(in->err, ERROR_MISSING, "MFE", "a master file without a row");
    if (out->places_file)
        out->locations = arena_array(in->draft.arena, rows, sizeof *out->locations);
    else
        out->staff = arena_array(in->draft.arena, rows, sizeof *out->staff);
    for (size_t mfe = hl7_within(in, "MFE", 0, end); mfe != HL7_NONE;) {
        size_t next = hl7_within(in, "MFE", mfe + 1, end);
        if (!read_row(in, mfe, next != HL7_NONE ? next : end))
            return refused(in);
        mfe = next;
    }
    return true;
}

/* --- places: M05 --------------------------------------------------------------------------------------- */

struct slice hl7_bed_status(struct slice code)
{
    static const char *const words[][2] = { { "C", "closed" },       { "H", "housekeeping" },
                                            { "O", "occupied" },     { "U", "unoccupied" },
                                            { "K", "contaminated" }, { "I", "isolated" } };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_eq_nocase(code, slice_of(words[i][0])))
            return slice_of(words[i][1]);
    return code;
}

static struct slice either(struct slice first, struct slice otherwise)
{
    return first.len > 0 ? first : otherwise;
}

bool hl7_master_place(struct hl7_in *in, const struct hl7_row *row)
{
    struct reading *out = in->draft.out;
    size_t loc = hl7_within(in, "LOC", row->from, row->to), ldp = hl7_within(in, "LDP", row->from, row->to);
    struct slice flag = hl7_part(in, ldp, 6, 1);
    struct location_change c = { .occurred_us = out->master_us, .where = hl7_where(in, row->mfe, 4) };

    c.place = hl7_location(in, loc, 1);
    if (c.place.unit.len + c.place.room.len + c.place.bed.len == 0)
        c.place = hl7_location(in, row->mfe, 4);
    if (c.place.unit.len + c.place.room.len + c.place.bed.len == 0)
        return error_at(in->err, ERROR_MISSING, c.where, "the row names no place");
    if (row->kind == STAFF_PUT && loc == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, c.where, "the row has no LOC");
    c.remove = row->kind == STAFF_REMOVE;
    c.says_active = true;
    c.active = row->kind == STAFF_ACTIVATE || (row->kind == STAFF_PUT && !slice_eq_nocase(flag, SLICE("I")));
    c.status = hl7_bed_status(hl7_part(in, loc, 1, 5));
    c.title = either(hl7_part(in, loc, 2, 1), either(hl7_part(in, loc, 3, 2), hl7_part(in, loc, 3, 1)));
    in->master_bytes +=
        PLACE_BYTES + c.title.len + c.status.len + c.place.unit.len + c.place.room.len + c.place.bed.len;
    if (in->master_bytes > LIMIT_MASTER_BYTES)
        return error_at(in->err, ERROR_LIMIT, c.where, "master-bytes (%d) passed: send the file in parts",
                        LIMIT_MASTER_BYTES);
    out->locations[out->location_count++] = c;
    return true;
}
