/* One OBX of a result message into one event. What is sent of it is read once. */
#include "events/from_hl7_result.h"

#include <stdio.h>

struct status {
    const char *code;
    enum event_phase phase;
    const char *name; /* NULL: nothing was measured, no event */
};

/* OBX-11, HL7 table 0085. What is amended or was reported by mistake must reach those who saw it first. */
static const struct status statuses[] = {
    { "F", PHASE_FINAL, "final" },
    { "U", PHASE_FINAL, "final" }, /* final now, as sent before */
    { "V", PHASE_FINAL, "final" },
    { "C", PHASE_CORRECTED, "corrected" },
    { "A", PHASE_CORRECTED, "corrected" },
    { "P", PHASE_PRELIMINARY, "preliminary" },
    { "R", PHASE_PRELIMINARY, "preliminary" },
    { "S", PHASE_PRELIMINARY, "preliminary" },
    { "B", PHASE_PRELIMINARY, "preliminary" },
    { "W", PHASE_WITHDRAWN, "withdrawn" },
    { "D", PHASE_WITHDRAWN, "withdrawn" },
    { "X", PHASE_PRELIMINARY, NULL },
    { "I", PHASE_PRELIMINARY, NULL },
    { "O", PHASE_PRELIMINARY, NULL },
    { "N", PHASE_PRELIMINARY, NULL },
};

/* OBR-25, HL7 table 0123, where the OBX itself says nothing. A value that stands there all the same was
 * measured, whatever the order's state is called. */
static const struct status order_statuses[] = {
    { "F", PHASE_FINAL, "final" },
    { "C", PHASE_CORRECTED, "corrected" },
    { "M", PHASE_CORRECTED, "corrected" },
    { "A", PHASE_PRELIMINARY, "preliminary" },
    { "P", PHASE_PRELIMINARY, "preliminary" },
    { "R", PHASE_PRELIMINARY, "preliminary" },
    { "I", PHASE_PRELIMINARY, "preliminary" },
    { "N", PHASE_PRELIMINARY, "preliminary" },
    { "O", PHASE_PRELIMINARY, "preliminary" },
    { "S", PHASE_PRELIMINARY, "preliminary" },
    { "X", PHASE_PRELIMINARY, "preliminary" },
    { "Y", PHASE_PRELIMINARY, "preliminary" },
    { "Z", PHASE_PRELIMINARY, "preliminary" },
};

static const struct status *find_status(const struct status *table, size_t count, struct slice code)
{
    for (size_t i = 0; i < count; i++)
        if (code.len == 1 && (code.ptr[0] & ~0x20) == table[i].code[0])
            return &table[i];
    return NULL;
}

static struct status read_status(struct hl7_in *in, const struct hl7_order *o, size_t obx)
{
    static const struct status otherwise = { "", PHASE_FINAL, "final" };
    struct slice own = hl7_part(in, obx, 11, 1);
    const struct status *found =
        own.len > 0
            ? find_status(statuses, sizeof statuses / sizeof statuses[0], own)
            : find_status(order_statuses, sizeof order_statuses / sizeof order_statuses[0], o->status);
    if (found == NULL && own.len > 0)
        draft_finding(&in->draft, "unknown-status", hl7_where(in, obx, 11), own);
    return found != NULL ? *found : otherwise;
}

/* A CWE or its alternate in components 4 to 6: the one that the catalogue knows. */
static struct sent_code read_cwe(struct hl7_in *in, size_t segment, uint32_t field,
                                 const struct catalogue_row **row)
{
    enum { CODE, TEXT, SYSTEM, OTHER_CODE, OTHER_TEXT, OTHER_SYSTEM, COMPONENTS };
    struct slice parts[COMPONENTS];
    hl7_parts(in, segment, field, parts, COMPONENTS);
    struct sent_code own = { .system = parts[SYSTEM], .code = parts[CODE], .text = parts[TEXT] };
    struct sent_code other = { .system = parts[OTHER_SYSTEM],
                               .code = parts[OTHER_CODE],
                               .text = parts[OTHER_TEXT] };
    const struct catalogue_row *by_own = draft_row(&in->draft, &own);
    *row = by_own;
    if (other.code.len == 0 || (own.code.len > 0 && by_own != NULL))
        return own;
    const struct catalogue_row *by_other = draft_row(&in->draft, &other);
    if (own.code.len > 0 && by_other == NULL)
        return own;
    *row = by_other;
    return other;
}

/* OBX-3; the order's OBR-4 for a value or flag that stands there without a name of its own. */
static struct sent_code read_code(struct hl7_in *in, const struct hl7_order *o, size_t obx,
                                  const struct catalogue_row **row)
{
    struct sent_code own = read_cwe(in, obx, 3, row);
    if (own.code.len + own.text.len > 0)
        return own;
    struct slice unit = { NULL, 0 };
    bool says_something =
        hl7_repetitions(in->m, obx, 8) > 0 || hl7_quantity(in, obx, &unit).state != QUANTITY_ABSENT;
    return says_something ? read_cwe(in, o->obr, 4, row) : own; /* else a line of a report */
}

/* OBX-14; most OBX of an order say the same. */
static int64_t time_of(struct hl7_in *in, struct hl7_order *o, size_t obx)
{
    struct slice text = hl7_part(in, obx, 14, 1);
    if (text.len == 0)
        return o->time_us;
    if (o->time_text.len == 0 || !slice_eq(text, o->time_text)) {
        o->time_text = text;
        o->time_read_us = hl7_instant_of(in, text);
    }
    return o->time_read_us == TIME_NONE ? o->time_us : o->time_read_us;
}

/* Every repetition counts, the worst wins. A word of no table is a finding, and abnormal until known. */
static enum event_abnormal read_flags(struct hl7_in *in, size_t obx)
{
    enum event_abnormal worst = ABNORMAL_NONE;
    uint32_t repetitions = hl7_repetitions(in->m, obx, 8);
    for (uint32_t rep = 1; rep <= repetitions; rep++) {
        struct slice flag = hl7_part_at(in, obx, 8, rep, 1, 0);
        if (flag.len == 0)
            flag = hl7_part_at(in, obx, 8, rep, 4, 0);
        if (flag.len > 0 && !abnormal_known(flag)) {
            draft_finding(&in->draft, "unknown-flag", hl7_where(in, obx, 8), flag);
            flag = SLICE("A");
        }
        worst = abnormal_worse(worst, flag);
    }
    return worst;
}

static void read_value(struct hl7_in *in, size_t obx, struct event *e, const struct catalogue_row *row)
{
    struct slice row_unit = row != NULL ? row->unit : (struct slice){ NULL, 0 }, unit = { NULL, 0 },
                 range_unit = { NULL, 0 };
    e->value = hl7_quantity(in, obx, &unit);
    e->threshold = hl7_range(in, obx, &range_unit);
    if (e->value.state == QUANTITY_ABSENT && e->threshold.state == QUANTITY_ABSENT)
        return;
    struct slice sent = hl7_units(in, obx, 6);
    unit = sent.len > 0 ? sent : unit;
    if (e->value.state != QUANTITY_ABSENT && unit.len == 0 && row_unit.len > 0)
        draft_finding(&in->draft, "assumed-unit", hl7_where(in, obx, 6), e->raw_code);
    quantity_put_unit(&e->value, unit, row_unit);
    quantity_put_unit(&e->threshold, range_unit.len > 0 ? range_unit : unit, row_unit);
}

/* How often this identity came before in this message, itself included. */
static unsigned count_same(struct hl7_in *in, struct seen_table *seen, struct slice identity)
{
    const struct reading *out = in->draft.out;
    size_t slot = slice_hash(identity, 0) & (seen->size - 1), looked = 0;
    for (; seen->slots[slot] != 0 && looked < seen->size; slot = (slot + 1) & (seen->size - 1), looked++)
        if (slice_eq(out->events[seen->slots[slot] - 1].identity, identity))
            return 2;
    if (looked < seen->size)
        seen->slots[slot] = (uint32_t)out->event_count + 1;
    return 1;
}

/* The same through P, F, C, W: filler order, code, sub-id (and the parent's result that a child order is
 * about). A code sent twice without a sub-id is told apart by its turn. */
static struct slice identity_of(struct hl7_in *in, const struct hl7_order *o, struct seen_table *seen,
                                size_t obx, const struct event *e)
{
    const struct slice parts[] = { e->raw_code.len > 0 ? e->raw_code : e->raw_text, hl7_part(in, obx, 4, 1),
                                   o->parent };
    struct slice id = draft_identity(&in->draft, o->key, parts, o->parent.len > 0 ? 3 : 2), own = id;
    for (unsigned turn = 2; count_same(in, seen, id) > 1; turn++)
        id = arena_printf(in->draft.arena, "%.*s#%u", SLICE_ARG(own), turn);
    return id;
}

static void note_unmapped(struct hl7_in *in, const struct sent_code *code, uint32_t nth)
{
    char where[HL7_PLACE];
    snprintf(where, sizeof where, "OBX[%u]-3", (unsigned)nth);
    draft_unmapped(&in->draft, code, where);
}

bool hl7_read_observation(struct hl7_in *in, const struct event *shared, struct hl7_order *o,
                          struct seen_table *seen, size_t obx, uint32_t nth)
{
    struct status status = read_status(in, o, obx);
    if (status.name == NULL)
        return true;
    const struct catalogue_row *row;
    struct sent_code code = read_code(in, o, obx, &row);
    if (code.code.len == 0 && code.text.len == 0)
        return true;
    struct event e = *shared;
    e.phase = status.phase;
    e.result_status = slice_of(status.name);
    e.priority = o->priority;
    e.ordering_provider = o->provider;
    e.actor = hl7_person(in, obx, 16);
    e.time_us = time_of(in, o, obx);
    draft_take_row(&e, &code, row);
    if (row == NULL)
        note_unmapped(in, &code, nth);
    e.abnormal = read_flags(in, obx);
    read_value(in, obx, &e, row);
    e.class = class_of_result(&e, e.mapped ? e.class : class_of_priority(e.priority, CLASS_LOW));
    e.identity = identity_of(in, o, seen, obx, &e);
    e.part = nth;
    return draft_event(&in->draft, &e, in->err);
}
