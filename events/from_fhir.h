/* events/from_fhir.h - one FHIR document being read (private to events/).
 *
 * The parts: from_fhir.c walks the Bundle; from_fhir_context.c reads what all resources share (codes,
 * subject, place, device, times); from_fhir_alarm.c alarms in Observations; from_fhir_result.c results;
 * from_fhir_message.c Communication, CommunicationRequest and Flag; from_fhir_visit.c Encounter and
 * Appointment. Releases R4, R4B and R5 are told apart by what is there, never by a version. */
#ifndef NIGHTBELL_EVENTS_FROM_FHIR_H
#define NIGHTBELL_EVENTS_FROM_FHIR_H

#include "events/draft.h"
#include "fhir/bundle.h"
#include "fhir/tree.h"

struct fhir_in {
    struct draft draft;
    const struct fhir_tree *t;
    struct slice sender;     /* MessageHeader.source.name and sender.display; else by resource */
    struct fhir_focus focus; /* the entry in hand */
    struct error *err;
};

struct slice in_get(const struct fhir_in *in, uint32_t node, const char *dotted); /* trimmed text */
const char *in_where(struct fhir_in *in, uint32_t node);
int64_t in_instant(const struct fhir_in *in, uint32_t node, const char *dotted); /* TIME_NONE */
/* The resource that a Reference node names, or FHIR_NONE when it was not sent along. */
uint32_t in_resolve(const struct fhir_in *in, uint32_t reference);
/* Id and name of who a Reference (or a list's first one) names. */
struct person_ref in_person(struct fhir_in *in, uint32_t reference);
/* The coding of a CodeableConcept that the catalogue or the map knows, else the first; false: none. */
bool in_coding(struct fhir_in *in, uint32_t concept, struct sent_code *out);
/* Has the CodeableConcept (or list of them) a coding with this code, of whatever system? */
bool in_has_code(const struct fhir_in *in, uint32_t concepts, const char *code);
struct quantity in_quantity(const struct fhir_in *in, uint32_t quantity, struct slice row_unit);
struct quantity in_range(const struct fhir_in *in, uint32_t range, struct slice row_unit);

struct patient in_patient(struct fhir_in *in, uint32_t reference, uint32_t encounter);
/* Where the Location that a Reference names is, as the site names it. */
struct place in_location(struct fhir_in *in, uint32_t reference);
/* The active location of an Encounter; *prior the last completed one. */
struct place in_encounter_place(struct fhir_in *in, uint32_t encounter, struct place *prior,
                                uint32_t *active);
/* sender|identifier, else sender|Type/id, else sender|fullUrl. */
struct slice in_identity(struct fhir_in *in, uint32_t resource, const struct event *e);
/* What every kind shares: listener, sender, test, patient, place, part. */
struct event in_event(struct fhir_in *in, uint32_t resource, enum event_kind kind, enum event_phase phase);

bool fhir_is_alarm(struct fhir_in *in, uint32_t observation);
bool fhir_read_alarm(struct fhir_in *in, uint32_t observation);
bool fhir_read_result(struct fhir_in *in, uint32_t observation);
bool fhir_read_communication(struct fhir_in *in, uint32_t resource);
bool fhir_read_flag(struct fhir_in *in, uint32_t flag);
bool fhir_read_encounter(struct fhir_in *in, uint32_t encounter);
bool fhir_read_appointment(struct fhir_in *in, uint32_t appointment);

#endif
