/* hl7/definitions.h - the tables behind hl7/names.h, made at build time of hl7/definitions.tsv. Only names.c
 * and its tests look here. */
#ifndef NIGHTBELL_HL7_DEFINITIONS_H
#define NIGHTBELL_HL7_DEFINITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A field of a segment, or a component of a data type. */
struct hl7_part {
    const char *type; /* "*": another field decides */
    const char *name;
    bool repeats;
};

/* A segment or a data type; its parts are HL7_PARTS[first .. first + count). Sorted by name. */
struct hl7_owner {
    char name[4];
    uint16_t count, first;
    const char *title;
};

extern const struct hl7_part HL7_PARTS[];
extern const size_t HL7_PART_COUNT;
extern const struct hl7_owner HL7_SEGMENTS[];
extern const size_t HL7_SEGMENT_COUNT;
extern const struct hl7_owner HL7_TYPES[];
extern const size_t HL7_TYPE_COUNT;

#endif
