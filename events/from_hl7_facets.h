/* events/from_hl7_facets.h - the OBX of a PCD-04 sorted into alerts and facets (private to events/).
 *
 * OBX-4 is MDS.VMD.CHANNEL.METRIC.FACET. Senders break every rule about it, so the code in OBX-3 says
 * first which facet an OBX is, its name second and the number in OBX-4 last. */
#ifndef NIGHTBELL_EVENTS_FROM_HL7_FACETS_H
#define NIGHTBELL_EVENTS_FROM_HL7_FACETS_H

#include "events/from_hl7.h"

enum facet {
    FACET_NONE,
    FACET_EVENT,
    FACET_SOURCE,
    FACET_PHASE,
    FACET_STATE,
    FACET_INACTIVATION,
    FACET_PRIORITY,
    FACET_TYPE,
    FACET_TEXT, /* MDC_ATTR_ALERT_TEXT, optional */
    FACET_COUNT
};

struct alert_group {
    size_t obr;                 /* HL7_NONE: no OBR */
    uint32_t obr_shift;         /* OBR-n is field n + shift of `obr` (an OBR glued to a PV1) */
    struct slice prefix;        /* OBX-4 without the facet: the containment */
    size_t facets[FACET_COUNT]; /* segment indexes, HL7_NONE when absent */
    size_t device;              /* the containment OBX of the device, or HL7_NONE */
};

/* The alerts of the message in order; *count may be 0. In the arena. False: ERROR_LIMIT. */
bool hl7_alert_groups(struct hl7_in *in, struct alert_group **out, size_t *count);

/* A coded element as sent, put right where code and name are swapped (a finding). `number` is 0 when the
 * code is none. */
struct coded {
    struct slice code, ref, system, text;
    uint32_t number;
};
struct coded hl7_coded(struct hl7_in *in, size_t segment, uint32_t field, bool note);

/* Text of a field of the group's OBR. */
struct slice group_obr(struct hl7_in *in, const struct alert_group *g, uint32_t field, uint32_t component,
                       uint32_t sub);

#endif
