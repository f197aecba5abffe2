/* Segments by name: the n-th of a name and the next one of it, however many there are. */
#include "hl7/message_parts.h"
#include "hl7/names.h"

#include <stdio.h>
#include <string.h>

enum { FEW = 48 /* segments that are looked through sooner than indexed */, FIRST_BITS = 6 };

/* --- the index --------------------------------------------------------------------- */

static void table_make(struct hl7_message *m, uint32_t bits)
{
    struct hl7_segment_names *t = &m->names;
    struct hl7_segment_name *names = arena_array(m->arena, (size_t)1 << (bits - 1), sizeof *names);

    if (t->count > 0)
        memcpy(names, t->names, t->count * sizeof *names);
    t->names = names;
    t->slots = arena_array(m->arena, (size_t)1 << bits, sizeof *t->slots);
    t->slot_bits = bits;
}

/* The slot of the name, or the empty one where it belongs. The table is at most half full. */
static uint32_t *slot_find(const struct hl7_segment_names *t, uint32_t packed)
{
    uint32_t at = packed * 2654435769u >> (32 - t->slot_bits), mask = ((uint32_t)1 << t->slot_bits) - 1;

    while (t->slots[at] != 0 && t->names[t->slots[at] - 1].packed != packed)
        at = (at + 1) & mask;
    return &t->slots[at];
}

static void table_grow(struct hl7_message *m)
{
    struct hl7_segment_names *t = &m->names;

    table_make(m, t->slot_bits + 1);
    for (uint32_t i = 0; i < t->count; i++)
        *slot_find(t, t->names[i].packed) = i + 1;
}

static uint32_t name_index(struct hl7_message *m, uint32_t packed)
{
    struct hl7_segment_names *t = &m->names;
    uint32_t *slot = slot_find(t, packed);

    if (*slot == 0) {
        if (t->count == (uint32_t)1 << (t->slot_bits - 1)) {
            table_grow(m);
            slot = slot_find(t, packed);
        }
        t->names[t->count].packed = packed;
        *slot = ++t->count;
    }
    return *slot - 1;
}

void hl7_names_index(struct hl7_message *m)
{
    struct hl7_segment_names *t = &m->names;
    uint32_t base = 0, name = 0;

    if (m->count <= FEW)
        return;
    table_make(m, FIRST_BITS);
    t->name = arena_array(m->arena, m->count * 3, sizeof *t->name);
    t->rank = t->name + m->count;
    t->by_name = t->rank + m->count;
    for (size_t i = 0; i < m->count; i++) { /* names come in runs */
        if (i == 0 || m->segments[i].packed != m->segments[i - 1].packed)
            name = name_index(m, m->segments[i].packed);
        t->name[i] = name;
        t->rank[i] = t->names[name].count++;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        t->names[i].base = base;
        base += t->names[i].count;
    }
    for (size_t i = 0; i < m->count; i++)
        t->by_name[t->names[t->name[i]].base + t->rank[i]] = (uint32_t)i;
}

/* NULL when no segment has that name. */
static const struct hl7_segment_name *name_find(const struct hl7_segment_names *t, uint32_t packed)
{
    uint32_t slot = *slot_find(t, packed);

    return slot != 0 ? &t->names[slot - 1] : NULL;
}

/* --- segments by name -------------------------------------------------------------- */

/* The first of `n` at or after from_index, which is less than the number of segments. */
static size_t indexed_next(const struct hl7_message *m, const struct hl7_segment_name *n, size_t from_index)
{
    const struct hl7_segment_names *t = &m->names;
    const uint32_t *of_name = t->by_name + n->base;
    size_t low = 0, high = n->count;

    /* The one before is of this name: a walk over all of them. */
    if (from_index > 0 && &t->names[t->name[from_index - 1]] == n)
        low = high = t->rank[from_index - 1] + 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (of_name[middle] < from_index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->count ? of_name[low] : HL7_NONE;
}

size_t hl7_segment_next(const struct hl7_message *m, struct slice name, size_t from_index)
{
    uint32_t packed = hl7_name_pack(name);

    if (packed == 0 || from_index >= m->count)
        return HL7_NONE;
    if (m->names.by_name != NULL) {
        const struct hl7_segment_name *n = name_find(&m->names, packed);
        return n != NULL ? indexed_next(m, n, from_index) : HL7_NONE;
    }
    for (size_t i = from_index; i < m->count; i++)
        if (m->segments[i].packed == packed)
            return i;
    return HL7_NONE;
}

size_t hl7_segment_find(const struct hl7_message *m, struct slice name, size_t occurrence)
{
    uint32_t packed = hl7_name_pack(name);

    if (packed == 0 || occurrence == 0)
        return HL7_NONE;
    if (m->names.by_name != NULL) {
        const struct hl7_segment_name *n = name_find(&m->names, packed);
        return n != NULL && occurrence <= n->count ? m->names.by_name[n->base + occurrence - 1] : HL7_NONE;
    }
    for (size_t i = 0; i < m->count; i++)
        if (m->segments[i].packed == packed && --occurrence == 0)
            return i;
    return HL7_NONE;
}

size_t hl7_segment_occurrence(const struct hl7_message *m, size_t index)
{
    size_t n = 0;

    if (index >= m->count)
        return 0;
    if (m->names.by_name != NULL)
        return (size_t)m->names.rank[index] + 1;
    for (size_t i = 0; i <= index; i++)
        n += m->segments[i].packed == m->segments[index].packed;
    return n;
}

/* --- places ------------------------------------------------------------------------ */

const char *hl7_place(const struct hl7_message *m, size_t segment_index, uint32_t field, uint32_t component,
                      char out[HL7_PLACE])
{
    struct slice name = hl7_segment_name(m, segment_index);
    size_t occurrence = hl7_segment_occurrence(m, segment_index);
    int at;

    out[0] = 0;
    if (occurrence == 0)
        return out;
    if (!hl7_segment_named(name)) /* other bytes are not shown */
        at = snprintf(out, HL7_PLACE, "segment %zu", segment_index + 1);
    else if (occurrence == 1 && hl7_segment_next(m, name, segment_index + 1) == HL7_NONE)
        at = snprintf(out, HL7_PLACE, "%.3s", name.ptr);
    else
        at = snprintf(out, HL7_PLACE, "%.3s[%zu]", name.ptr, occurrence);
    if (field > 0)
        at += snprintf(out + at, HL7_PLACE - (size_t)at, "-%u", field);
    if (field > 0 && component > 0)
        snprintf(out + at, HL7_PLACE - (size_t)at, ".%u", component);
    return out;
}
