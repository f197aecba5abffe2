#include "events/from_hl7_facets.h"

#include "base/limits.h"
#include "events/catalogue_add.h"
#include "events/mdc.h"

#include <string.h>

static bool looks_like_ref(struct slice s)
{
    return slice_starts(s, SLICE("MDC"));
}

struct coded hl7_coded(struct hl7_in *in, size_t segment, uint32_t field, bool note)
{
    struct slice parts[9];
    hl7_parts(in, segment, field, parts, 9);
    struct coded c = { .code = parts[0], .ref = parts[1], .system = parts[2], .text = parts[8] };
    uint32_t second;
    if (looks_like_ref(c.code) && slice_to_u32(c.ref, &second)) {
        struct slice code = c.ref;
        c.ref = c.code;
        c.code = code;
        if (note)
            draft_finding(&in->draft, "swapped-code", hl7_where(in, segment, field), c.ref);
    } else if (looks_like_ref(c.code) && c.ref.len == 0) {
        c.ref = c.code;
        c.code = (struct slice){ NULL, 0 };
    }
    if (!slice_to_u32(c.code, &c.number))
        c.number = 0;
    if (c.system.len == 0 && looks_like_ref(c.ref))
        c.system = SLICE("MDC");
    return c;
}

/* By the standard's codes and the names that are seen for them. */
static enum facet facet_of_term(const struct coded *c)
{
    static const struct {
        uint32_t code;
        const char *ref, *other;
        enum facet facet;
    } terms[] = {
        { MDC_ALERT_SOURCE, "MDC_ATTR_ALERT_SOURCE", "MDC_ATTR_ALARM_SOURCE", FACET_SOURCE },
        { MDC_EVENT_PHASE, "MDC_ATTR_EVENT_PHASE", "MDC_ATTR_EVT_PHASE", FACET_PHASE },
        { MDC_ALARM_STATE, "MDC_ATTR_ALARM_STATE", "MDC_ATTR_ALERT_STATE", FACET_STATE },
        { MDC_INACTIVATION, "MDC_ATTR_ALARM_INACTIVATION_STATE", "MDC_ATTR_ALERT_INACTIVATION_STATE",
          FACET_INACTIVATION },
        { MDC_ALARM_PRIORITY, "MDC_ATTR_ALARM_PRIORITY", "MDC_ATTR_ALERT_PRIORITY", FACET_PRIORITY },
        { MDC_ALERT_TYPE, "MDC_ATTR_ALERT_TYPE", "MDC_ATTR_ALARM_TYPE", FACET_TYPE },
        { MDC_ALERT_TEXT, "MDC_ATTR_ALERT_TEXT", "MDC_ATTR_ALARM_TEXT", FACET_TEXT },
    };
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        if (c->number == terms[i].code)
            return terms[i].facet;
    for (size_t i = 0; slice_starts(c->ref, SLICE("MDC_ATTR")) && i < sizeof terms / sizeof terms[0]; i++)
        if (slice_is(c->ref, terms[i].ref) || slice_is(c->ref, terms[i].other))
            return terms[i].facet;
    return FACET_NONE;
}

/* The number after the last dot of OBX-4, 0 when there is none; *prefix is what stands before it. */
static uint32_t facet_number(struct slice obx4, struct slice *prefix)
{
    uint32_t number;
    size_t dot = obx4.len;
    while (dot > 0 && obx4.ptr[dot - 1] != '.')
        dot--;
    *prefix = slice_sub(obx4, 0, dot > 0 ? dot - 1 : 0);
    return slice_to_u32(slice_sub(obx4, dot, obx4.len), &number) ? number : 0;
}

/* A measured value or a device as it stands in evidence and in a PCD-01: its OBX-4 has four levels and no
 * facet, or a number that no value can be. What may be facet 2 alone makes no alert. */
static bool is_evidence(const struct coded *c, struct slice obx4, uint32_t number)
{
    enum { OBJECTS = 65536, METRICS = 131072, FACET_LEVELS = 5 };
    size_t levels = 1;
    for (size_t i = 0; i < obx4.len; i++)
        levels += obx4.ptr[i] == '.';
    if (!slice_is(coding_system(c->system), "MDC") || c->number < OBJECTS || c->number >= MDC_EVT_PARTITION)
        return false;
    return number != FACET_SOURCE &&
           (levels < FACET_LEVELS || (c->number >= METRICS && number > FACET_SOURCE));
}

static enum facet facet_of(struct hl7_in *in, size_t obx, struct slice obx4, struct slice *prefix)
{
    struct coded c = hl7_coded(in, obx, 3, false);
    uint32_t number = facet_number(obx4, prefix);
    enum facet by_term = facet_of_term(&c);
    if (by_term != FACET_NONE)
        return by_term;
    if (is_evidence(&c, obx4, number))
        return FACET_NONE;
    bool event =
        slice_starts(c.ref, SLICE("MDC_EVT")) || slice_starts(c.ref, SLICE("MDCX_EVT")) ||
        slice_eq_nocase(c.code, SLICE("ALARM")) ||
        (slice_is(coding_system(c.system), "MDC") && c.number >= MDC_EVT_PARTITION && c.number < MDC_EVT_END);
    if (event && number <= FACET_EVENT)
        return FACET_EVENT;
    return number <= FACET_TYPE ? (enum facet)number : FACET_NONE;
}

static struct alert_group new_group(size_t obr, uint32_t shift, struct slice prefix, size_t device)
{
    struct alert_group g = { .obr = obr, .obr_shift = shift, .prefix = prefix, .device = device };
    for (size_t i = 0; i < FACET_COUNT; i++)
        g.facets[i] = HL7_NONE;
    return g;
}

/* A group of this OBR that lacks just this facet, whatever containment it names: some senders write a
 * facet's own place into OBX-4. What is measured (facet 2) must say whose it is. */
static bool may_join(const struct alert_group *g, enum facet facet)
{
    if (g->facets[facet] != HL7_NONE || facet == FACET_SOURCE)
        return false;
    return facet == FACET_EVENT ? g->facets[FACET_PHASE] != HL7_NONE : g->facets[FACET_EVENT] != HL7_NONE;
}

/* The last group that can take this facet: same OBR, same containment, facet still free. */
static struct alert_group *open_group(struct alert_group *groups, size_t count, size_t obr,
                                      struct slice prefix, enum facet facet)
{
    for (size_t i = count; i > 0; i--) {
        struct alert_group *g = &groups[i - 1];
        if (g->obr == obr && slice_eq(g->prefix, prefix))
            return g->facets[facet] == HL7_NONE ? g : NULL;
    }
    if (count > 0 && groups[count - 1].obr == obr && may_join(&groups[count - 1], facet))
        return &groups[count - 1];
    return NULL;
}

/* A PV1 whose line end was lost before OBR: the field that ends in "OBR", or 0. */
static uint32_t glued_obr(struct hl7_in *in, size_t pv1)
{
    for (uint32_t field = 2; field <= hl7_segment_fields(in->m, pv1); field++) {
        struct slice raw;
        if (hl7_get(in->m, pv1, field, 0, 0, 0, &raw) == HL7_VALUE && slice_ends(raw, SLICE("OBR")))
            return field;
    }
    return 0;
}

/* A device or channel of the device tree: no facet (zero), no value, OBX-11 X. */
static bool is_containment(struct hl7_in *in, size_t obx, struct slice obx4)
{
    return slice_ends(obx4, SLICE(".0")) || slice_is(hl7_part(in, obx, 11, 1), "X");
}

/* The groups so far, and where the walk over the segments stands. */
struct walk {
    struct alert_group *groups;
    size_t count, room, obr, device;
    uint32_t shift;
};

static struct alert_group *add_group(struct hl7_in *in, struct walk *w, struct slice prefix)
{
    if (w->count == LIMIT_EVENTS_PER_MESSAGE) {
        error_set(in->err, ERROR_LIMIT, "events-per-message (%d) passed", LIMIT_EVENTS_PER_MESSAGE);
        return NULL;
    }
    if (w->count == w->room) {
        w->room = w->room > 0 ? w->room * 2 : 4;
        struct alert_group *bigger = arena_array(in->draft.arena, w->room, sizeof *bigger);
        if (w->count > 0)
            memcpy(bigger, w->groups, w->count * sizeof *bigger);
        w->groups = bigger;
    }
    w->groups[w->count] = new_group(w->obr, w->shift, prefix, w->device);
    return &w->groups[w->count++];
}

static bool take_obx(struct hl7_in *in, struct walk *w, size_t obx)
{
    struct slice prefix, obx4 = hl7_part(in, obx, 4, 1);
    if (is_containment(in, obx, obx4)) {
        w->device = w->device == HL7_NONE ? obx : w->device;
        return true;
    }
    enum facet facet = facet_of(in, obx, obx4, &prefix);
    if (facet == FACET_NONE)
        return true;
    struct alert_group *g = open_group(w->groups, w->count, w->obr, prefix, facet);
    if (g == NULL)
        g = add_group(in, w, prefix);
    if (g == NULL)
        return false;
    g->facets[facet] = obx;
    return true;
}

bool hl7_alert_groups(struct hl7_in *in, struct alert_group **out, size_t *count)
{
    struct walk w = { .obr = HL7_NONE, .device = HL7_NONE };
    for (size_t i = 1; i < hl7_message_segments(in->m); i++) {
        struct slice name = hl7_segment_name(in->m, i);
        uint32_t glued = slice_is(name, "PV1") ? glued_obr(in, i) : 0;
        if (slice_is(name, "OBR") || glued > 0) {
            w.obr = i;
            w.shift = glued;
        }
        if (slice_is(name, "OBX") && !take_obx(in, &w, i))
            return false;
    }
    *out = w.groups;
    *count = w.count;
    return true;
}

struct slice group_obr(struct hl7_in *in, const struct alert_group *g, uint32_t field, uint32_t component,
                       uint32_t sub)
{
    return hl7_part_at(in, g->obr, field + g->obr_shift, 1, component, sub);
}
