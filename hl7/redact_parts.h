/* hl7/redact_parts.h - what redaction is made of: which value becomes what, and the synthetic values.
 * Private to hl7/redact*.c. */
#ifndef NIGHTBELL_HL7_REDACT_PARTS_H
#define NIGHTBELL_HL7_REDACT_PARTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

enum redact_act {
    REDACT_KEEP,
    REDACT_BY_TYPE, /* of each of its parts */
    REDACT_NAME,    /* every word an invented name, every digit another one */
    REDACT_ID,      /* letters become letters, digits digits; the same everywhere */
    REDACT_SHORT,   /* up to three letters are a code and stay; longer ones are names */
    REDACT_DATE,
    REDACT_PHONE, /* and e-mail */
    REDACT_TEXT,
    REDACT_DATA,   /* the data of ED */
    REDACT_UNKNOWN /* as what it looks like */
};

struct hl7_redaction {
    uint8_t key[32]; /* 16 bytes for values, 16 for the days that dates move by */
    int64_t move_us;
    struct map *ids; /* synthetic identifier to the one it stands for, so that no two become one */
    struct arena *arena;
};

/* --- hl7/redact_rules.c --- */
/* What to do with a whole field; `type` is set to its data type ("" when not known). `obx2`: text of OBX-2.
 */
enum redact_act redact_field_act(struct slice segment, uint32_t field, struct slice obx2, struct slice obx3,
                                 struct slice *type);
/* With a component of a type, or a value of a primitive type (component 0). */
enum redact_act redact_part_act(struct slice type, uint32_t component);
bool redact_is_coded(struct slice type); /* CWE and its relatives: a text beside a code */

/* --- hl7/redact_values.c --- */
/* Appends the synthetic value for `text` (UTF-8); it is ASCII. */
void redact_value_put(struct hl7_redaction *r, enum redact_act act, struct slice text, struct buf *out);

#endif
