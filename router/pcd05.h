/* router/pcd05.h - PCD-05, Report Alert Status: what an Alert Reporter hears back (IHE ACM, STANDARDS 1.5).
 *
 *   MSH | MSA (AA, the PCD-04's MSH-10) | OBR (its OBR-2, 3, 4, 29) | PRT for each person or desk
 *
 * Pure: bytes depend on the arguments alone, so what was journaled can be sent again. PID and PV1 are left
 * out: the reporter knows its patient, and what is not sent cannot leak. */
#ifndef NIGHTBELL_ROUTER_PCD05_H
#define NIGHTBELL_ROUTER_PCD05_H

#include "base/buf.h"
#include "hl7/message.h"
#include "router/layout.h"

/* MDC_ENUMGV_ALERT_DISSEM_STATUS__x, and the word of IHE_PCD_ACM. */
#define REPORT_STATUSES(X)                                                                                   \
    X(RECEIVED, 477430, "Received", "RECEIVED")                                                              \
    X(UNDELIVERABLE, 477431, "Undeliverable", "UNDELIVERABLE")                                               \
    X(DELIVERED, 477432, "Delivered", "DELIVERED")                                                           \
    X(READ, 477433, "Read", "READ")                                                                          \
    X(ACCEPTED, 477434, "Accepted", "ACCEPTED")                                                              \
    X(ACCEPTED_POSITIVE, 477435, "AcceptedPositive", "ACCEPTED_POSITIVE")                                    \
    X(ACCEPTED_NOT_RELEVANT, 477436, "AcceptedNotRelevant", "ACCEPTED_NOT_RELEVANT")                         \
    X(ACCEPTED_FALSE, 477437, "AcceptedFalse", "ACCEPTED_FALSE")                                             \
    X(REJECTED, 477438, "Rejected", "REJECTED")                                                              \
    X(CANCELLED, 477439, "Cancelled", "CANCELLED")                                                           \
    X(CANCELLED_OTHER, 477440, "CancelledOther", "CANCELLED_OTHER")                                          \
    X(CALLBACK_START, 477441, "CallbackStart", "CALLBACK_START")                                             \
    X(CALLBACK_END, 477442, "CallbackEnd", "CALLBACK_END")

#define X(id, code, word, mdc) STATUS_##id,
enum report_status { REPORT_STATUSES(X) STATUS_COUNT };
#undef X
#define STATUS_BIT(s) (UINT32_C(1) << (s))
#define STATUS_ALL    (STATUS_BIT(STATUS_COUNT) - 1)

const char *report_status_word(enum report_status s); /* "Delivered"; "?" when there is no such */

/* What of a PCD-04 its reports need: fields as they were sent, in UTF-8, with the sender's delimiters. */
/* clang-format off */
#define TEMPLATE_MEMBERS(M, S) M(S, BLOB, delimiters) M(S, TEXT, sending_application) M(S, TEXT, sending_facility) \
    M(S, TEXT, receiving_application) M(S, TEXT, receiving_facility) M(S, TEXT, control_id)                  \
    M(S, TEXT, processing) M(S, TEXT, version) M(S, TEXT, placer) M(S, TEXT, filler) M(S, TEXT, service)     \
    M(S, TEXT, parent) M(S, U32, wanted)
/* clang-format on */
struct report_template {
    TEMPLATE_MEMBERS(MEMBER_DECLARE, _) /* wanted: STATUS_BIT each; 0: the sender wants no reports */
};
extern const struct layout template_layout;

/* Is it a PCD-04 (ORU^R40)? */
bool pcd04_is(const struct hl7_message *m);
/* From the PCD-04. `obx`: which OBX made the event, 1-based among the OBX (0: the first OBR counts).
 * `when_asked`: reports are wanted only if MSH-16 is neither empty nor NE (CP-150); 68491
 * ALERT_DISSEM_STATUS_FILTER says which (CP-154: empty none, absent all). Lives in the message's arena. */
void report_template_read(const struct hl7_message *m, uint32_t obx, bool when_asked,
                          struct report_template *out);

struct report_person {      /* one PRT */
    uint64_t dissemination; /* PRT-1: of the delivery, or of the alert when it is nobody's */
    bool again;             /* PRT-2 UP instead of AD */
    bool desk;              /* PRT-8 instead of PRT-5 */
    struct slice holder, title;
    uint64_t device;                /* PRT-10; 0: none */
    struct slice endpoint, address; /* of a gateway: PRT-15 */
};

struct report_content {
    uint64_t report; /* MSH-10 is NR and this in decimal */
    int64_t wall_us; /* MSH-7, PRT-11 */
    enum report_status status;
    const struct report_person *people;
    size_t person_count;
};

enum { REPORT_CONTROL_ID = 24 };
struct slice report_control_id(uint64_t report, char out[REPORT_CONTROL_ID]);
/* False: the sender's delimiters cannot carry it, or it passes message-bytes. */
bool report_write_status(struct buf *out, const struct report_template *t, const struct report_content *r);

#endif
