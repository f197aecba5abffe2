/* hl7/message_parts.h - what a parsed message is made of; private to hl7/message*.c. */
#ifndef NIGHTBELL_HL7_MESSAGE_PARTS_H
#define NIGHTBELL_HL7_MESSAGE_PARTS_H

#include "hl7/charset.h"
#include "hl7/message.h"

struct hl7_segment {
    uint32_t start, end;    /* bytes of the wire, without the line end */
    uint32_t first, fields; /* its field separators: marks[first .. first + fields) */
    uint32_t name, rank;    /* index of its name; how many of that name stand before it */
};

/* A name that occurs in the message. */
struct hl7_segment_name {
    uint32_t packed; /* the three bytes; 0: of another length */
    uint32_t count;  /* segments of this name */
    uint32_t base;   /* they are by_name[base .. base + count), in order */
};

/* Names are found by an open hash table; a slot is the index of a name plus one, or 0. */
struct hl7_segment_names {
    struct hl7_segment_name *names;
    uint32_t *slots;
    uint32_t count, slot_bits;
    uint32_t last; /* the name that was added to last: they come in runs */
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
    uint32_t *by_name;
    struct hl7_cursors *cursors;
};

void hl7_names_begin(struct hl7_message *m);
/* The segment `index`, whose name is `name`, joins those of its name. */
void hl7_names_add(struct hl7_message *m, size_t index, struct slice name);
void hl7_names_end(struct hl7_message *m);

#endif
