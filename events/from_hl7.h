/* events/from_hl7.h - one HL7 v2 message being read (private to events/).
 *
 * The parts: from_hl7.c chooses by message type; from_hl7_context.c reads what all types share (patient,
 * place, times); from_hl7_value.c units and quantities; from_hl7_alarm*.c PCD-04; from_hl7_result*.c
 * ORU^R01; from_hl7_adt*.c; from_hl7_plan*.c appointments and orders. */
#ifndef NIGHTBELL_EVENTS_FROM_HL7_H
#define NIGHTBELL_EVENTS_FROM_HL7_H

#include "events/draft.h"
#include "hl7/ack.h"
#include "hl7/dtm.h"
#include "hl7/message.h"

struct hl7_in {
    struct draft draft;
    const struct hl7_message *m;
    struct hl7_header header;
    struct slice sender; /* MSH-3 and 4 */
    int64_t message_us;  /* MSH-7 */
    bool has_offset;     /* MSH-7 has a zone: the default of the other times */
    int32_t offset_min;
    bool test;           /* MSH-11 says T or D and the listener does not allow it */
    size_t master_bytes; /* of the rows read so far */
    struct error *err;
};

/* Decoded and trimmed text of a place in the message; repetition 1 where it is not said. */
struct slice hl7_part(struct hl7_in *in, size_t segment, uint32_t field, uint32_t component);
struct slice hl7_part_at(struct hl7_in *in, size_t segment, uint32_t field, uint32_t repetition,
                         uint32_t component, uint32_t sub);
/* The first `count` components of repetition 1, in one look-up. */
void hl7_parts(struct hl7_in *in, size_t segment, uint32_t field, struct slice *parts, size_t count);
/* TIME_NONE when there is none or it is not one. */
int64_t hl7_instant(struct hl7_in *in, size_t segment, uint32_t field, uint32_t component);
int64_t hl7_instant_of(const struct hl7_in *in, struct slice text);
/* Where an error or finding is: "OBX[2]-5", kept in the arena. */
const char *hl7_where(struct hl7_in *in, size_t segment, uint32_t field);

/* XCN: id in component 1, family in 2, given in 3. */
struct person_ref hl7_person(struct hl7_in *in, size_t segment, uint32_t field);
/* A PL as the site names it. */
struct place hl7_location(struct hl7_in *in, size_t segment, uint32_t field);
/* From one PID and PV1 (HL7_NONE: absent). */
struct patient hl7_patient(struct hl7_in *in, size_t pid, size_t pv1);
/* An identifier of a patient in a field of CX repetitions: PID-3, MRG-1. */
struct slice hl7_patient_key(struct hl7_in *in, size_t segment, uint32_t field);
/* The patient of a PID: PID-3; in versions 2.1 and 2.2 it may stand in PID-2 or PID-4. */
struct slice hl7_patient_of(struct hl7_in *in, size_t pid);
/* The first segment of that name at or after `from` and before `to`. */
size_t hl7_within(const struct hl7_in *in, const char *name, size_t from, size_t to);
/* OBX-6 in UCUM, or the sender's text. */
struct slice hl7_units(struct hl7_in *in, size_t obx, uint32_t field);
/* OBX-5 by its type in OBX-2: NM, SN, NR, CQ, or a text that holds a number. *unit is what OBX-5 itself
 * names (CQ, or "6.9 mmol/L" in a text), else left as it is. */
struct quantity hl7_quantity(struct hl7_in *in, size_t obx, struct slice *unit);
/* OBX-7 in the same way: an interval, or one bound. */
struct quantity hl7_range(struct hl7_in *in, size_t obx, struct slice *unit);
/* Priority of an order: OBR-27.6, OBR-5, TQ1-9 or ORC-7.6, in the segments [from, to). */
enum event_priority hl7_order_priority(struct hl7_in *in, size_t from, size_t to);
/* An event with what every kind shares: listener, sender, test, patient and place. */
struct event hl7_event(struct hl7_in *in, enum event_kind kind, enum event_phase phase);
/* The same for one of several patients of a message (HL7_NONE: no such segment). */
struct event hl7_event_of(struct hl7_in *in, enum event_kind kind, enum event_phase phase, size_t pid,
                          size_t pv1);

bool hl7_is_alarm(struct hl7_in *in);
bool hl7_read_alarm(struct hl7_in *in);
bool hl7_read_pump_event(struct hl7_in *in); /* ORU^R42, PCD-10 */
/* `specimens`: OUL^R22 to R24, where SPM and OBR come before their ORC. */
bool hl7_read_results(struct hl7_in *in, bool specimens);
bool hl7_read_adt(struct hl7_in *in, struct slice trigger);
bool hl7_read_appointment(struct hl7_in *in, struct slice trigger);
bool hl7_read_orders(struct hl7_in *in);
bool hl7_read_master(struct hl7_in *in, struct slice trigger);    /* MFN */
bool hl7_read_personnel(struct hl7_in *in, struct slice trigger); /* PMU */
bool hl7_read_care(struct hl7_in *in);                            /* ROL and PRT of patient and visit */

/* A master file under way: one row at a time, each from its MFE up to the next. */
struct hl7_row {
    size_t mfe, from, to; /* segments: the MFE, then [from, to) */
    enum staff_kind kind; /* what MFE-1 asks for */
};
bool hl7_master_staff(struct hl7_in *in, const struct hl7_row *row);
bool hl7_master_place(struct hl7_in *in, const struct hl7_row *row);
/* EVN-6, else EVN-2, else MSH-7. */
int64_t hl7_occurred(struct hl7_in *in);
/* The word for a bed's state of table 0116, or of LOC-1.5: "closed", "occupied"; a code of neither as sent.
 */
struct slice hl7_bed_status(struct slice code);

#endif
