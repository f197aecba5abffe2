/* events/mdc.h - the IEEE 11073-10101 terms that alarm messages hold (NIST list; STANDARDS section 1.6).
 *
 * Codes are partition * 65536 + offset. Events of partition 3 come in pairs: the even base code and the
 * odd alternate one above it mean the same to a rule. */
#ifndef NIGHTBELL_EVENTS_MDC_H
#define NIGHTBELL_EVENTS_MDC_H

#include "base/slice.h"

/* Codes that the reading of a PCD-04 itself asks for. */
enum mdc_code {
    MDC_ALERT_SOURCE = 68480,
    MDC_EVENT_PHASE = 68481,
    MDC_ALARM_STATE = 68482,
    MDC_INACTIVATION = 68483,
    MDC_ALARM_PRIORITY = 68484,
    MDC_ALERT_TYPE = 68485,
    MDC_EVENT_CONDITION = 68487, /* PCD-10 */
    MDC_ALERT_TEXT = 68546,
    MDC_EVT_ACTIVE = 196614,
    MDC_EVT_ALARM = 196616,
    MDC_EVT_WATCHDOG = 198200,
    MDC_EVT_PARTITION = 196608, /* first code of partition 3 */
    MDC_EVT_END = 262144
};

/* The ref-id of a code ("MDC_EVT_ECG_V_FIB"), NULL when not kept here. */
const char *mdc_ref(uint32_t code);
/* The code of a ref-id, 0 when not kept here. Blanks around it are ignored. */
uint32_t mdc_code(struct slice ref);

#endif
