/* hl7/path.h - compiled places in a message: PID-3.1, PID-3[2].4.1, OBX[2]-5, OBX[@3.1='68481']-5.
 *
 *   path   = step { "->" step } "-" place
 *   step   = SEGMENT [ "[" ( number | "*" | "@" place "='" text "'" ) "]" ]
 *   place  = field [ "[" ( number | "*" ) "]" ] [ "." component [ "." sub ] ]        all 1-based
 *
 * OBR[2]->OBX[1]-5 is the first OBX that belongs to the second OBR: what stands behind it, up to the next OBR
 * or a segment that begins a group above it. Groups are told from the segments' names, as the structures of
 * ORU, OML, ORM, OUL, RDE, DFT, SIU, MFN and ADT have them in common: MSH > SCH, MFI > PID, RGS, MFE > PV1,
 * AIS, AIG, AIL, AIP, STF, LOC > FT1 > ORC > OBR, RXO, RXE, RXD, RXG, RXA, TXA > SPM, IN1, PR1, LDP > SAC >
 * OBX; SPM and SAC stand above ORC where they come first, and an ORC right behind the first OBR belongs to
 * it. NTE, PRT, ROL and LCH belong to the segment that they follow, and to none above that: OBR->NTE is not
 * the note of an OBX.
 *
 * Without [occurrence] the first segment is meant for which the rest of the path is there; without
 * [repetition] the first repetition, without .component the whole repetition. [*] means each of them and is
 * for hl7_path_each; in a filter, any repetition. A quote in the filter's text is doubled; it is compared
 * with the value's bytes and with its text.
 *
 * The Terser spelling of HAPI is a second, explicit syntax: /PID-3(0)-4-1, with repetitions and
 * occurrences from 0, and 1 for a component or sub-component that is not named. Compiled once, owned by the
 * arena, immutable: threads may share it. */
#ifndef NIGHTBELL_HL7_PATH_H
#define NIGHTBELL_HL7_PATH_H

#include "base/buf.h"
#include "hl7/message.h"

struct hl7_path;

/* NULL with `err`: column is the 1-based byte of the fault, the hint says how it is written. The text is
 * a rule's, not a message's, so errors may quote it. */
struct hl7_path *hl7_path_compile(struct arena *arena, struct slice text, struct error *err);
/* "PID-3-1", "OBX(1)-5(0)-2-1", "/.ORDER_OBSERVATION(1)/OBX-5": Terser's. Message structures are not known:
 * of groups only those that one segment stands for (PATIENT_RESULT, ORDER_OBSERVATION, OBSERVATION, SPECIMEN
 * ...). */
struct hl7_path *hl7_terser_compile(struct arena *arena, struct slice text, struct error *err);
/* Does the standard know it? False with `err` for OBX-99, PV1-3.99 or PID-3.1.9, with a hint; unknown
 * segments and Z-segments pass, and what another field decides (OBX-5). */
bool hl7_path_check(const struct hl7_path *path, struct error *err);

struct slice hl7_path_segment(const struct hl7_path *path); /* "OBX": of the last step */
uint32_t hl7_path_field(const struct hl7_path *path);
bool hl7_path_is_selected(const struct hl7_path *path);   /* an occurrence, a parent or a filter is given */
bool hl7_path_is_occurrence(const struct hl7_path *path); /* OBX[2]: a filter would be better (lint) */
bool hl7_path_is_many(const struct hl7_path *path);       /* there is a [*] in it */
/* "PL" for PV1-3, "HD" for PV1-3.1; "" where the tables (hl7/names.h) know none, and for OBX-5. */
const char *hl7_path_type(const struct hl7_path *path);

/* Looks the path up. `base_segment`: the event's own segment, or HL7_NONE; a path without selector that
 * names that kind of segment means this one. *raw as hl7_get; *many (may be NULL) tells that a second
 * segment matched as well: the first one is given, rules count it as absent. A [*] counts as 1. */
enum hl7_presence hl7_path_get(const struct hl7_path *path, const struct hl7_message *m, size_t base_segment,
                               struct slice *raw, bool *many);

/* One place that a path named in a message. repetition, component, sub as hl7_get takes them. */
struct hl7_match {
    size_t segment; /* HL7_NONE: there is no such segment */
    uint32_t field, repetition, component, sub;
    enum hl7_presence state;
    struct slice raw;
    size_t occurrence; /* among the segments of its name; 0 when it is the only one */
};
/* Calls `each` for every match, in the order of the message, until it says false: with [*] every occurrence
 * and repetition, without it the one that hl7_path_get gives. Nothing there: one call, HL7_ABSENT, with what
 * the path says. Gives the number of calls. */
size_t hl7_path_each(const struct hl7_path *path, const struct hl7_message *m,
                     bool (*each)(void *ctx, const struct hl7_match *match), void *ctx);
/* The match as a path that gives it again, "OBX[3]-5[2].1" (no [1] where there is but one segment of the
 * name, no repetition for the first of one). For a segment that is not there, `path` as it was compiled. */
void hl7_match_text(struct buf *out, const struct hl7_path *path, const struct hl7_message *m,
                    const struct hl7_match *match);

/* Segments of `parent`'s group are (parent, result); it ends with the message when parent does not exist. */
size_t hl7_group_end(const struct hl7_message *m, size_t parent);

#endif
