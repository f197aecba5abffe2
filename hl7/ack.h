/* hl7/ack.h - the header of a message, and the acknowledgement it is due (HL7 v2 section 2.9).
 *
 * Original mode (MSH-15 and 16 empty): one reply, AA AE AR. Enhanced mode: an accept acknowledgement
 * CA CE CR by MSH-15, later an application acknowledgement AA AE AR by MSH-16. An ACK is never
 * acknowledged. A master file message (MFN) gets an MFK as its application acknowledgement (section 8.5).
 * The bytes depend on the arguments alone, so a stored answer can be made again. */
#ifndef NIGHTBELL_HL7_ACK_H
#define NIGHTBELL_HL7_ACK_H

#include "base/buf.h"
#include "hl7/message.h"

/* Raw bytes of the message, escapes untouched; empty where something is missing or "". */
struct hl7_header {
    struct hl7_delimiters delimiters;
    struct slice encoding;                                  /* MSH-2 */
    struct slice sending_application, sending_facility;     /* MSH-3, 4: whole fields */
    struct slice receiving_application, receiving_facility; /* MSH-5, 6 */
    struct slice time;                                      /* MSH-7.1 */
    struct slice type, event, structure;                    /* MSH-9.1, 9.2, 9.3 */
    struct slice control_id;                                /* MSH-10, whole field */
    struct slice processing_id, processing_field;           /* MSH-11.1, and the whole field */
    struct slice version, version_field;                    /* MSH-12.1, and the whole field */
    struct slice sequence, continuation;                    /* MSH-13, 14 */
    struct slice accept_ack, application_ack;               /* MSH-15, 16 */
    struct slice charset;                                   /* MSH-18 */
    struct slice profile;                                   /* MSH-21, all repetitions */
    bool is_answer;                                         /* the message holds an MSA */
};

/* From a parsed message. Never fails: what is missing stays empty. */
void hl7_header_read(const struct hl7_message *m, struct hl7_header *out);
/* From bytes that need not parse, for an answer to them. False when there is no MSH with delimiters. With "|"
 * and encoding characters that cannot be, fields are found all the same and the answer uses the usual ones.
 */
bool hl7_header_scan(struct slice wire, struct hl7_header *out);

/* The first line that holds anything, without its end: what an acknowledgement needs of most messages. */
struct slice hl7_header_line(struct slice wire);

enum hl7_ack_mode { HL7_ACK_NEVER, HL7_ACK_ORIGINAL, HL7_ACK_ENHANCED };
enum hl7_ack_mode hl7_ack_mode(const struct hl7_header *h);

enum hl7_outcome {
    HL7_OUTCOME_OK,    /* stored */
    HL7_OUTCOME_ERROR, /* its content is wrong: AE, CE */
    HL7_OUTCOME_REJECT /* refused by its header, or we cannot now: AR, CR */
};
/* Codes to send, "" where nothing is due (table 0155; an unknown value there counts as AL). */
struct hl7_ack_due {
    const char *accept;      /* "CA" "CE" "CR" or "" */
    const char *application; /* "AA" "AE" "AR" or "" */
};
/* NULL header (bytes without an MSH): an application reply is due unless it went well. */
struct hl7_ack_due hl7_ack_due(const struct hl7_header *h, enum hl7_outcome outcome);

/* Appends the acknowledgement, unframed, segments ended by CR. `h` NULL: usual delimiters, MSA-2 empty.
 * `code`: AA AE AR CA CE CR. `control_id`: MSH-10 of the acknowledgement. `wall_us`: its MSH-7.
 * `err` (NULL or ERROR_NONE: none) gives MSA-3 and an ERR segment of the sender's version. */
void hl7_ack_write(struct buf *out, const struct hl7_header *h, const char *code, struct slice control_id,
                   int64_t wall_us, const struct error *err);

/* The same with everything that can be said of one. */
struct hl7_ack_request {
    const struct hl7_header *header; /* as above */
    const char *code;
    struct slice control_id;
    int64_t wall_us;
    const struct error *err;
    struct slice kept;      /* MFN: hl7_master_keep of the message, or all of it; else empty */
    const char *accept_ack; /* MSH-15 of the acknowledgement itself when it travels alone ("AL"); MSH-16 is
                               then NE. NULL: both empty */
};
void hl7_ack_put(struct buf *out, const struct hl7_ack_request *r);

/* --- master files ------------------------------------------------------------------------------------ */

/* Is the acknowledgement `code` of this message an MFK? (MFN, and AA AE AR) It holds MFI, and by MFI-6 one
 * MFA for each MFE. Files are taken whole or not at all: all records S, or all U, and the one that err->where
 * lies in says why. Without an MFI in `kept` a plain ACK is written. */
bool hl7_ack_is_master(const struct hl7_header *h, const char *code);
/* Appends what an MFK needs of the message: MSH, MFI and MFE lines; of other segments their name alone. */
void hl7_master_keep(struct buf *out, struct slice message);
bool hl7_master_holds(struct slice kept); /* there is an MFI */

/* --- batches ----------------------------------------------------------------------------------------- */

/* Begins the batch ("BHS") or file ("FHS") of acknowledgements that answers `header`, the other side's own
 * line: its delimiters, its ends swapped, its control id (11) as reference (12). */
void hl7_ack_batch_begin(struct buf *out, const char *name, struct slice header, struct slice control_id,
                         int64_t wall_us);
/* Ends it: "BTS" with the number of acknowledgements, "FTS" with the number of batches. */
void hl7_ack_batch_end(struct buf *out, const char *name, struct slice header, uint64_t count);

/* --- reading one ------------------------------------------------------------------------------------- */

enum { HL7_ANSWER_WHERE = 48 };
struct hl7_answer {
    struct slice code;            /* MSA-1, blanks trimmed */
    struct slice control_id;      /* MSA-2, raw: whose answer it is */
    char where[HL7_ANSWER_WHERE]; /* place of the first ERR, "OBX[3]-5.1"; nothing else of it is kept */
    uint32_t err_0357;            /* its code (table 0357), 0: none */
};
/* False when the bytes have no MSH and MSA. Slices point into `wire`. */
bool hl7_answer_read(struct slice wire, struct hl7_answer *out);

/* Table 0357 number and text for an error: 101, "Required field missing". */
uint32_t hl7_error_code(const struct error *err);
const char *hl7_error_text(uint32_t code_0357);

#endif
