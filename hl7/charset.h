/* hl7/charset.h - bytes of a message to UTF-8 (MSH-18, table 0211); hl7/encode.h is the way back.
 *
 * What is declared is tried first; where that cannot be, bytes that are valid UTF-8 are that, then the
 * source's fallback is tried, and all others are read as Windows-1252. An alert is never lost over a
 * character.
 *
 * The first repetition of MSH-18 is the set of the message. Further ones (and a Japanese set as the first)
 * say that values switch sets by ISO 2022 escape sequences, or by \C..\ and \M..\, which stand for them;
 * every value begins in the set of the message. In some sets the second byte of a character can be a
 * delimiter: their messages are split with the help of a mask, a copy in which such characters are blotted
 * out. */
#ifndef NIGHTBELL_HL7_CHARSET_H
#define NIGHTBELL_HL7_CHARSET_H

#include "base/buf.h"
#include "hl7/message.h"

/* Which bytes of a set's characters may look like ASCII. */
enum hl7_hiding {
    HL7_HIDES_NOTHING,
    HL7_HIDES_BIG5,      /* the second byte */
    HL7_HIDES_SHIFT_JIS, /* the second byte */
    HL7_HIDES_GB18030,   /* the second byte; digits as the second and fourth */
    HL7_HIDES_ISO_2022   /* all, between escape sequences */
};

/* How the bytes of one message are read. */
struct hl7_reading {
    enum hl7_charset charset;
    const char *iconv_name;          /* of HL7_CHARSET_NAMED, else NULL */
    const char *fallback_iconv_name; /* NULL: Windows-1252 */
    enum hl7_hiding hiding;
    bool switches; /* by ISO 2022 escape sequences */
    bool unknown;  /* something is declared that is no name here */
};

/* All of MSH-18, its repetitions cut at `repetition` (0: there is but one). `choice` may be NULL. */
struct hl7_reading hl7_reading_find(struct slice declared, char repetition,
                                    const struct hl7_charset_choice *choice);
/* A single name; *iconv_name is set for HL7_CHARSET_NAMED, else NULL. */
enum hl7_charset hl7_charset_find(struct slice declared, const char **iconv_name);

/* Can a byte of `bytes` look like a delimiter that is none? Then they are to be masked. */
bool hl7_charset_hides(const struct hl7_reading *how, struct slice bytes);
/* Copies `bytes` to mask, which has room for them, with HL7_BLOT for each byte of a character that may hide
 * one. */
enum { HL7_BLOT = 0x1A };
void hl7_charset_mask(const struct hl7_reading *how, char escape, struct slice bytes, char *mask);

/* `bytes` (escapes already decoded) itself when it is already UTF-8, else a copy in `arena`. */
struct slice hl7_reading_text(struct arena *arena, const struct hl7_reading *how, struct slice bytes);
/* The same for one set, without switches; both may be used on bytes of no message. */
struct slice hl7_charset_text(struct arena *arena, enum hl7_charset charset, const char *iconv_name,
                              struct slice bytes);
/* How the values of `m` are read. */
const struct hl7_reading *hl7_message_reading(const struct hl7_message *m);

/* --- for hl7/charset*.c ------------------------------------------------------------ */

/* Appends what iconv makes of `bytes`. False: it does not know the name, or the bytes are not of that set;
 * then something may have been appended. */
bool hl7_iconv_put(struct buf *out, const char *from, struct slice bytes);
/* Appends `bytes` read as the set of the message, whatever they are. */
void hl7_reading_put(struct buf *out, const struct hl7_reading *how, struct slice bytes);
/* Does an ISO 2022 escape sequence (without its ESC) stand there that is known here? Its length, else 0. */
size_t hl7_iso2022_length(struct slice sequence);
/* Appends `bytes`, following the switches in them. False when they do not fit; then something may be
 * appended. */
bool hl7_iso2022_put(struct buf *out, const struct hl7_reading *how, struct slice bytes);
void hl7_iso2022_mask(char escape, struct slice bytes, char *mask);

#endif
