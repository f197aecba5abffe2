/* hl7/message_parts.h - what a parsed message is made of; private to hl7/message*.c. */
#ifndef NIGHTBELL_HL7_MESSAGE_PARTS_H
#define NIGHTBELL_HL7_MESSAGE_PARTS_H

#include "hl7/charset.h"
#include "hl7/message.h"

struct hl7_segment {
    uint32_t start, end;    /* bytes of the wire, without the line end */
    uint32_t first, fields; /* its field separators: marks[first .. first + fields) */
    uint32_t packed;        /* the three bytes of its name; 0: of another length */
};

/* A name that occurs in the message. */
struct hl7_segment_name {
    uint32_t packed;
    uint32_t count; /* segments of this name */
    uint32_t base;  /* they are by_name[base .. base + count), in order */
};

/* Messages of many segments have an index by name: an open hash table whose slots are the index of a name
 * plus one, or 0; for each segment, which name it has and how many of that name stand before it. */
struct hl7_segment_names {
    struct hl7_segment_name *names;
    uint32_t *slots;
    uint32_t count, slot_bits;
    uint32_t *name, *rank,
        *by_name; /* one a segment; NULL: there is no index, the segments are looked through */
};

/* Where the last part of a long value was found, so that a loop over all of them is linear. */
struct hl7_cursor {
    const char *value;
    size_t len, at, part_len; /* part n begins at value + at */
    uint32_t n;
};

/* The only thing of a message that reading changes; a message is used by one thread at a time. */
struct hl7_cursors {
    struct hl7_cursor repetition, component, sub;
    const char *counted; /* the value whose repetitions were counted last */
    size_t counted_len;
    uint32_t count;
};

struct hl7_message {
    struct arena *arena;
    struct slice wire;
    const char *scan; /* the wire, or a masked copy of the same length: where delimiters are looked for */
    struct hl7_delimiters delimiters;
    struct hl7_reading reading;
    uint32_t *marks; /* offsets of the field separators, in order */
    struct hl7_segment *segments;
    size_t count;
    struct hl7_segment_names names;
    struct hl7_cursors *cursors;
};

#define HL7_PACK(a, b, c) ((uint32_t)1 << 24 | (uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/* The three bytes of a name as a number above 0; 0 when it has another length. */
static inline uint32_t hl7_name_pack(struct slice name)
{
    const unsigned char *p = (const unsigned char *)name.ptr;

    return name.len == 3 ? HL7_PACK(p[0], p[1], p[2]) : 0;
}

/* Makes the index when the message has many segments. */
void hl7_names_index(struct hl7_message *m);

#endif
