/* fhir/elements.h - the elements of FHIR R4 (4.0.1, hl7.org/fhir/R4) that rules may name in a path.
 *
 * The resources that are read here (Observation, CommunicationRequest, Communication, Encounter, Patient,
 * Location, Flag, Appointment, ServiceRequest, DiagnosticReport, Device, MessageHeader, Bundle) and every
 * data type they use. Of other resources only the names are known. Choices stand with their type:
 * valueQuantity. */
#ifndef NIGHTBELL_FHIR_ELEMENTS_H
#define NIGHTBELL_FHIR_ELEMENTS_H

#include "base/slice.h"

struct fhir_type {
    const char *name; /* "Observation", "CodeableConcept"; "*": its elements are all resource types */
    const char
        *elements; /* "coding:Coding* id:. text:." : NAME:TYPE, "*" repeats, "." holds a value itself */
};

extern const struct fhir_type fhir_types[]; /* ends with a row whose name is NULL */

struct fhir_element {
    struct slice name, type; /* type "." is a value, "Resource" any resource */
    bool repeats;
};

/* The elements of a type, one after the other: at begins as NULL. False at the end, and for unknown types. */
bool fhir_element_next(struct slice type, const char **at, struct fhir_element *out);
bool fhir_type_known(struct slice type);
/* Is that a resource type of R4? */
bool fhir_is_resource(struct slice name);

#endif
