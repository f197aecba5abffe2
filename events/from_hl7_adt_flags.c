/* Flags of patients from the fields that HL7 has for them (docs/rules/events.md). */
#include "events/flags.h"
#include "events/from_hl7_adt.h"

enum { SAID_MAX = 64 }; /* words that one message takes off: all tables hold fewer */

struct said {
    struct hl7_in *in;
    struct change *c;
    struct slice off[SAID_MAX];
    size_t off_count;
};

static bool holds(const struct slice *list, size_t count, struct slice word)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i], word))
            return true;
    return false;
}

static void set(struct said *s, struct slice word)
{
    struct patient *p = &s->c->patient;

    if (word.len > 0 && p->flag_count < sizeof p->flags / sizeof p->flags[0] &&
        !holds(p->flags, p->flag_count, word))
        p->flags[p->flag_count++] = word;
}

static void take_off(struct said *s, struct slice word)
{
    if (word.len > 0 && s->off_count < SAID_MAX && !holds(s->off, s->off_count, word))
        s->off[s->off_count++] = word;
}

static bool said(const struct said *s, size_t segment, uint32_t field)
{
    enum hl7_presence p = hl7_get(s->in->m, segment, field, 1, 0, 0, NULL);

    return p == HL7_VALUE || p == HL7_NULL;
}

/* A coded field: its values are flags, the others of its table are none. The site's map goes first. */
static void coded(struct said *s, size_t segment, uint32_t field, const struct flag_code *table)
{
    if (!said(s, segment, field))
        return;
    for (uint32_t rep = 1; rep <= hl7_repetitions(s->in->m, segment, field); rep++) {
        struct slice code = hl7_part_at(s->in, segment, field, rep, 1, 0),
                     text = hl7_part_at(s->in, segment, field, rep, 2, 0),
                     word = codemap_find(s->in->draft.src->map, code, text);
        set(s, flag_known(word) ? word : flag_of(table, code));
    }
    for (; table->code != NULL; table++)
        take_off(s, slice_of(table->flag));
}

/* A field that is Y or N; of `any`, whatever is not N is a yes (PV1-16 has a site's own table). */
static void yes_or_no(struct said *s, size_t segment, uint32_t field, const char *word, bool any)
{
    struct slice v = hl7_part(s->in, segment, field, 1);

    if (!said(s, segment, field))
        return;
    if (slice_eq_nocase(v, SLICE("Y")) || (any && v.len > 0 && !slice_eq_nocase(v, SLICE("N"))))
        set(s, slice_of(word));
    else
        take_off(s, slice_of(word));
}

static bool is_no(struct slice v)
{
    static const char *const words[] = { "N", "NO", "0", "F", "FALSE", "NEG", "NEGATIVE", "ABSENT", "NONE" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_eq_nocase(v, slice_of(words[i])))
            return true;
    return false;
}

static struct slice mapped(struct said *s, size_t segment, uint32_t field)
{
    struct slice word = codemap_find(s->in->draft.src->map, hl7_part(s->in, segment, field, 1),
                                     hl7_part(s->in, segment, field, 2));

    return flag_known(word) ? word : (struct slice){ NULL, 0 };
}

/* OBX: the code that the map knows, and a value that is no "no". AL1: the allergy is there. */
static void observed(struct said *s, size_t segment)
{
    if (slice_is(hl7_segment_name(s->in->m, segment), "AL1")) {
        set(s, mapped(s, segment, 3));
    } else if (slice_is(hl7_segment_name(s->in->m, segment), "OBX")) {
        struct slice word = mapped(s, segment, 3), status = hl7_part(s->in, segment, 11, 1);
        if (is_no(hl7_part(s->in, segment, 5, 1)) || slice_is(status, "W") || slice_is(status, "D"))
            take_off(s, word);
        else
            set(s, word);
    }
}

void adt_flags(struct hl7_in *in, const struct adt_part *part, struct change *c)
{
    struct said s = { .in = in, .c = c, .off_count = 0 };
    size_t pv2 = hl7_within(in, "PV2", part->from, part->to),
           pd1 = hl7_within(in, "PD1", part->from, part->to);

    coded(&s, part->pv1, 15, FLAGS_AMBULATORY);
    coded(&s, pv2, 41, FLAGS_PRECAUTION);
    coded(&s, said(&s, pv2, 45) ? pv2 : pd1, said(&s, pv2, 45) ? 45 : 15, FLAGS_DIRECTIVE);
    yes_or_no(&s, part->pv1, 16, "vip", true);
    yes_or_no(&s, said(&s, pv2, 22) ? pv2 : pd1, said(&s, pv2, 22) ? 22 : 12, "protected", false);
    yes_or_no(&s, pv2, 36, "newborn", false);
    yes_or_no(&s, part->pid, 30, "deceased", false);
    for (size_t i = part->from; in->draft.src->map != NULL && i < part->to; i++)
        observed(&s, i);
    struct slice *kept = arena_array(in->draft.arena, s.off_count + 1, sizeof *kept);
    for (size_t i = 0; i < s.off_count; i++)
        if (!holds(c->patient.flags, c->patient.flag_count, s.off[i]))
            kept[c->unflag_count++] = s.off[i];
    c->unflags = kept;
}
