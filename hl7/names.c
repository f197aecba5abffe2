#include "hl7/names.h"

#include "hl7/definitions.h"

#include <string.h>

/* Names are two to three letters: as one number they compare with one instruction. */
static uint32_t key_of(const char *name, size_t len)
{
    uint32_t key = 0;

    for (size_t i = 0; i < 3; i++)
        key = key << 8 | (i < len ? (unsigned char)name[i] : 0);
    return key;
}

static const struct hl7_owner *owner_find(const struct hl7_owner *table, size_t count, struct slice name)
{
    uint32_t key = key_of(name.ptr, name.len);
    size_t low = 0, high = count;

    while (name.len >= 2 && name.len <= 3 && low < high) {
        size_t at = low + (high - low) / 2;
        uint32_t here = key_of(table[at].name, strlen(table[at].name));
        if (here == key)
            return &table[at];
        if (here < key)
            low = at + 1;
        else
            high = at;
    }
    return NULL;
}

static const struct hl7_owner *segment_find(struct slice name)
{
    return owner_find(HL7_SEGMENTS, HL7_SEGMENT_COUNT, name);
}

static const struct hl7_owner *type_find(struct slice name)
{
    return owner_find(HL7_TYPES, HL7_TYPE_COUNT, name);
}

static const struct hl7_part *part_find(const struct hl7_owner *owner, uint32_t number)
{
    if (owner == NULL || number == 0 || number > owner->count)
        return NULL;
    return &HL7_PARTS[owner->first + number - 1];
}

uint32_t hl7_segment_size(struct slice name)
{
    const struct hl7_owner *s = segment_find(name);

    return s != NULL ? s->count : 0;
}

const char *hl7_segment_title(struct slice name)
{
    const struct hl7_owner *s = segment_find(name);

    return s != NULL ? s->title : NULL;
}

const char *hl7_field_name(struct slice segment, uint32_t field)
{
    const struct hl7_part *p = part_find(segment_find(segment), field);

    return p != NULL ? p->name : NULL;
}

const char *hl7_field_type(struct slice segment, uint32_t field)
{
    const struct hl7_part *p = part_find(segment_find(segment), field);

    return p != NULL ? p->type : "";
}

bool hl7_field_repeats(struct slice segment, uint32_t field)
{
    const struct hl7_part *p = part_find(segment_find(segment), field);

    return p != NULL && p->repeats;
}

uint32_t hl7_type_components(struct slice type)
{
    const struct hl7_owner *t = type_find(type);

    return t != NULL ? t->count : 0;
}

bool hl7_type_known(struct slice type)
{
    return type_find(type) != NULL;
}

const char *hl7_type_title(struct slice type)
{
    const struct hl7_owner *t = type_find(type);

    return t != NULL ? t->title : NULL;
}

const char *hl7_component_type(struct slice type, uint32_t component)
{
    const struct hl7_part *p = part_find(type_find(type), component);

    return p != NULL ? p->type : "";
}

const char *hl7_component_name(struct slice type, uint32_t component)
{
    const struct hl7_part *p = part_find(type_find(type), component);

    return p != NULL ? p->name : NULL;
}

const char *hl7_segment_similar(struct slice name)
{
    for (size_t i = 0; name.len == 3 && i < HL7_SEGMENT_COUNT; i++) {
        int same = 0;
        for (size_t at = 0; at < 3; at++)
            same += name.ptr[at] == HL7_SEGMENTS[i].name[at];
        if (same >= 2)
            return HL7_SEGMENTS[i].name;
    }
    return NULL;
}
