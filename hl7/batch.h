/* hl7/batch.h - bytes that hold several messages: [FHS] { [BHS] { MSH... } [BTS] } [FTS], or just MSH after
 * MSH, or MLLP frames in a file (HL7 v2 section 2.10.3).
 *
 * A message begins at an MSH that stands at the start of a line and ends before the next MSH, batch segment
 * or frame mark (VT, FS: wherever they stand, so that no message holds one). A batch segment is one line.
 * Each of BHS and FHS carries its own delimiters. Counts of trailers are often wrong or empty in the field,
 * so a wrong one is told, never a reason to refuse messages. */
#ifndef NIGHTBELL_HL7_BATCH_H
#define NIGHTBELL_HL7_BATCH_H

#include "base/buf.h"
#include "base/slice.h"
#include "hl7/message.h"

enum hl7_item_kind {
    HL7_ITEM_MESSAGE,
    HL7_ITEM_FILE_HEADER,   /* FHS */
    HL7_ITEM_BATCH_HEADER,  /* BHS */
    HL7_ITEM_BATCH_TRAILER, /* BTS: `counted` messages stood in it */
    HL7_ITEM_FILE_TRAILER,  /* FTS: `counted` batches stood in it */
    /* Bytes that belong to none of them (frame marks, a byte order mark, noise): all items are all bytes. */
    HL7_ITEM_OTHER
};

struct hl7_item {
    enum hl7_item_kind kind;
    struct slice bytes; /* with its line ends */
    size_t offset;      /* of its first byte in the whole */
    /* Trailers: what BTS-1 or FTS-1 says (has_declared: it is a number), and what was counted. */
    bool has_declared;
    uint64_t declared, counted;
    /* Messages: in a batch? (BHS without BTS before it); headers: BHS-11, FHS-11 as they were sent. */
    bool in_batch;
    struct slice control_id;
};

struct hl7_stream {
    struct slice whole;
    size_t at;
    uint64_t messages, batches; /* so far */
    uint64_t batch_messages;    /* of the batch in hand */
    /* Of the file in hand: every BHS, and messages or a BTS without one (BHS and BTS are optional). */
    uint64_t file_batches;
    bool in_batch, in_file;           /* a header without its trailer is open */
    struct hl7_delimiters delimiters; /* of the newest BHS or FHS */
};

struct hl7_stream hl7_stream_make(struct slice whole);
/* The next item; all items together are all bytes. False at the end. */
bool hl7_stream_next(struct hl7_stream *s, struct hl7_item *out);

/* The next message in *rest, which moves past it; false when there is none left. */
bool hl7_batch_next(struct slice *rest, struct slice *message);
/* Does it hold more than one message, or a batch or file header? Then it is to be split. */
bool hl7_batch_is(struct slice bytes);

/* Writes a batch: header, then the caller's messages, then the trailer with their number. */
struct hl7_batch_header {
    struct slice sending_application, sending_facility, receiving_application, receiving_facility; /* text */
    struct slice control_id;                                                                       /* text */
    struct slice reference_id; /* BHS-12: of the batch that this one answers; may be empty */
    int64_t time_us;           /* UTC */
};
/* `name`: "BHS" or "FHS". `d` NULL: the usual delimiters. */
bool hl7_batch_begin(struct buf *out, const char *name, const struct hl7_delimiters *d,
                     const struct hl7_batch_header *h);
/* `name`: "BTS" or "FTS". */
void hl7_batch_end(struct buf *out, const char *name, const struct hl7_delimiters *d, uint64_t count);

#endif
