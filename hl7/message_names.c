/* Segments by name: the n-th of a name and the next one of it, however many there are. */
#include "hl7/message_parts.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_BITS = 6 };

static uint32_t name_pack(struct slice name)
{
    const unsigned char *p = (const unsigned char *)name.ptr;

    return name.len == 3 ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

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

void hl7_names_begin(struct hl7_message *m)
{
    m->names = (struct hl7_segment_names){ .count = 0 };
    table_make(m, FIRST_BITS);
}

static uint32_t name_index(struct hl7_message *m, uint32_t packed)
{
    struct hl7_segment_names *t = &m->names;

    if (t->count > 0 && t->names[t->last].packed == packed)
        return t->last;
    uint32_t *slot = slot_find(t, packed);
    if (*slot == 0) {
        if (t->count == (uint32_t)1 << (t->slot_bits - 1)) {
            table_grow(m);
            slot = slot_find(t, packed);
        }
        t->names[t->count].packed = packed;
        *slot = ++t->count;
    }
    return t->last = *slot - 1;
}

void hl7_names_add(struct hl7_message *m, size_t index, struct slice name)
{
    struct hl7_segment *s = &m->segments[index];

    s->name = name_index(m, name_pack(name));
    s->rank = m->names.names[s->name].count++;
}

void hl7_names_end(struct hl7_message *m)
{
    uint32_t base = 0;

    m->by_name = arena_array(m->arena, m->count, sizeof *m->by_name);
    for (uint32_t i = 0; i < m->names.count; i++) {
        m->names.names[i].base = base;
        base += m->names.names[i].count;
    }
    for (size_t i = 0; i < m->count; i++)
        m->by_name[m->names.names[m->segments[i].name].base + m->segments[i].rank] = (uint32_t)i;
}

/* NULL when no segment has that name, or it is not of three bytes. */
static const struct hl7_segment_name *name_find(const struct hl7_message *m, struct slice name)
{
    uint32_t packed = name_pack(name), slot = packed != 0 ? *slot_find(&m->names, packed) : 0;

    return slot != 0 ? &m->names.names[slot - 1] : NULL;
}

size_t hl7_segment_find(const struct hl7_message *m, struct slice name, size_t occurrence)
{
    const struct hl7_segment_name *n = name_find(m, name);

    return n != NULL && occurrence > 0 && occurrence <= n->count ? m->by_name[n->base + occurrence - 1]
                                                                 : HL7_NONE;
}

size_t hl7_segment_next(const struct hl7_message *m, struct slice name, size_t from_index)
{
    const struct hl7_segment_name *n = name_find(m, name);
    size_t low = 0, high = n != NULL ? n->count : 0;

    if (high == 0 || from_index >= m->count)
        return HL7_NONE;
    /* The one before is of this name: a walk over all of them. */
    if (from_index > 0 && &m->names.names[m->segments[from_index - 1].name] == n)
        low = m->segments[from_index - 1].rank + 1;
    while (low < high && m->by_name[n->base + low] < from_index) {
        size_t middle = low + (high - low) / 2;
        if (m->by_name[n->base + middle] < from_index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->count ? m->by_name[n->base + low] : HL7_NONE;
}

size_t hl7_segment_occurrence(const struct hl7_message *m, size_t index)
{
    return index < m->count ? (size_t)m->segments[index].rank + 1 : 0;
}

/* Three capitals or digits, a capital first; other bytes are not shown. */
static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') && !(i > 0 && s.ptr[i] >= '0' && s.ptr[i] <= '9'))
            return false;
    return s.len == 3;
}

const char *hl7_place(const struct hl7_message *m, size_t segment_index, uint32_t field, uint32_t component,
                      char out[HL7_PLACE])
{
    struct slice name = hl7_segment_name(m, segment_index);
    size_t occurrence = hl7_segment_occurrence(m, segment_index);
    int at;

    out[0] = 0;
    if (occurrence == 0)
        return out;
    if (!is_name(name))
        at = snprintf(out, HL7_PLACE, "segment %zu", segment_index + 1);
    else if (m->names.names[m->segments[segment_index].name].count == 1)
        at = snprintf(out, HL7_PLACE, "%.3s", name.ptr);
    else
        at = snprintf(out, HL7_PLACE, "%.3s[%zu]", name.ptr, occurrence);
    if (field > 0)
        at += snprintf(out + at, HL7_PLACE - (size_t)at, "-%u", field);
    if (field > 0 && component > 0)
        snprintf(out + at, HL7_PLACE - (size_t)at, ".%u", component);
    return out;
}
