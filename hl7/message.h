/* hl7/message.h - one parsed HL7 v2 message, read only (HL7 v2 chapter 2, versions 2.1 to 2.9).
 *
 * One version-blind grammar. Any delimiters; segments end with CR, LF or CRLF (a message that uses CR
 * keeps a lone LF as data); a byte order mark and blank lines are passed over; Z-segments, unknown
 * segments and extra fields are kept. A line that does not begin like a segment belongs to the segment
 * before it (texts broken over lines keep every byte); after MSH it stands alone.
 *
 * Slices point into `wire`, or into an arena where something was decoded: both must outlive the message. A
 * message is used by one thread at a time (reading keeps a cursor). No call's time grows with how often it is
 * made. Numbers are 1-based as HL7 counts. Errors locate the fault and never quote a value. */
#ifndef NIGHTBELL_HL7_MESSAGE_H
#define NIGHTBELL_HL7_MESSAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define HL7_NONE SIZE_MAX /* "no such segment" */

/* MSH-1 and MSH-2. An absent one is 0: it does not exist in this message. */
struct hl7_delimiters {
    char field, component, repetition, escape, subcomponent, truncation;
};

enum hl7_presence {
    HL7_ABSENT, /* not there at all */
    HL7_EMPTY,  /* there, without a value: no change */
    HL7_NULL,   /* "" : delete what you have */
    HL7_VALUE
};

/* Character sets of MSH-18 (table 0211) that are told apart; hl7/charset.h has the names. */
enum hl7_charset {
    HL7_CHARSET_GUESS, /* empty, ASCII or unknown: UTF-8 when valid, else Windows-1252 */
    HL7_CHARSET_UTF8,
    HL7_CHARSET_8859_1,
    HL7_CHARSET_NAMED /* another one that iconv knows */
};

struct hl7_message;

/* Parses one message, indexing every field; owned by `arena`. NULL with `err`: no MSH (ERROR_SYNTAX),
 * delimiters that are missing or stand twice, a second MSH (several messages: hl7/batch.h splits them),
 * bytes of UTF-16 or UTF-32 (ERROR_UNSUPPORTED), ERROR_LIMIT for message-segments and fields. The size is
 * bounded by who read the bytes; past 4 GB it is ERROR_LIMIT message-bytes. */
struct hl7_message *hl7_message_parse(struct arena *arena, struct slice wire, struct error *err);

/* How to read the bytes of a source whose MSH-18 is not to be believed; spellings of table 0211, empty: none.
 */
struct hl7_charset_choice {
    struct slice force;    /* in place of MSH-18 */
    struct slice fallback; /* for bytes that are neither what is declared nor UTF-8; else Windows-1252 */
};
/* The same with such a choice, which need not outlive the call; NULL is hl7_message_parse. */
struct hl7_message *hl7_message_parse_as(struct arena *arena, struct slice wire,
                                         const struct hl7_charset_choice *charset, struct error *err);

/* The arena it was parsed into, for what is decoded along the way. */
struct arena *hl7_message_arena(const struct hl7_message *m);
struct slice hl7_message_wire(const struct hl7_message *m);
const struct hl7_delimiters *hl7_message_delimiters(const struct hl7_message *m);
enum hl7_charset hl7_message_charset(const struct hl7_message *m);

/* Segments are counted from 0; MSH is 0. The name is what stands before the first field separator. */
size_t hl7_message_segments(const struct hl7_message *m);
struct slice hl7_segment_name(const struct hl7_message *m, size_t index);
struct slice hl7_segment_raw(const struct hl7_message *m, size_t index); /* without its line end */
uint32_t hl7_segment_fields(const struct hl7_message *m, size_t index);  /* highest field number sent */
/* The occurrence-th (1-based) segment of that name, or HL7_NONE. */
size_t hl7_segment_find(const struct hl7_message *m, struct slice name, size_t occurrence);
/* The first segment of that name at or after from_index, or HL7_NONE. */
size_t hl7_segment_next(const struct hl7_message *m, struct slice name, size_t from_index);
/* Which occurrence of its name segment `index` is, 1-based (for error places). */
size_t hl7_segment_occurrence(const struct hl7_message *m, size_t index);

/* Raw bytes of a field, repetition, component or sub-component, escapes untouched. repetition 0 is the
 * field with all its repetitions, component 0 the whole repetition, sub 0 the whole component. A part
 * of a value that has no such delimiter is itself: PID-5.1.1 of "DOE" is "DOE". *raw is empty unless
 * HL7_VALUE or HL7_NULL; NULL is accepted. Any segment_index, HL7_NONE too, has an answer. */
enum hl7_presence hl7_get(const struct hl7_message *m, size_t segment_index, uint32_t field,
                          uint32_t repetition, uint32_t component, uint32_t sub, struct slice *raw);
/* How many repetitions the field has: 0 when absent or empty. */
uint32_t hl7_repetitions(const struct hl7_message *m, size_t segment_index, uint32_t field);

/* `raw` with its escapes decoded once, left to right, and its bytes as UTF-8. Gives `raw` itself when
 * nothing needs decoding, else a copy in `arena`. "" (HL7_NULL) gives the empty slice. */
struct slice hl7_text(const struct hl7_message *m, struct arena *arena, struct slice raw);
/* hl7_get, then hl7_text; empty when it is not a value. */
struct slice hl7_value(const struct hl7_message *m, struct arena *arena, size_t segment_index, uint32_t field,
                       uint32_t repetition, uint32_t component, uint32_t sub);

/* Writes "OBX[3]-5.1" for errors about this message (component 0: "OBX[3]-5"). */
enum { HL7_PLACE = 48 };
const char *hl7_place(const struct hl7_message *m, size_t segment_index, uint32_t field, uint32_t component,
                      char out[HL7_PLACE]);

#endif
