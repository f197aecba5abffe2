/* events/from_hl7_plan.h - what appointments and orders share (private to events/). */
#ifndef NIGHTBELL_EVENTS_FROM_HL7_PLAN_H
#define NIGHTBELL_EVENTS_FROM_HL7_PLAN_H

#include "events/from_hl7.h"

/* Fills code, class, title and what was sent from a CWE. Rules for appointments and orders seldom ask for
 * the catalogue's name, so that an unlisted one is no reason to send it to the default: always mapped. */
void hl7_name_plan(struct hl7_in *in, struct event *e, size_t segment, uint32_t field);

#endif
