/* hl7/ack_parts.h - private to hl7/ack*.c: what acknowledgements are written with. */
#ifndef NIGHTBELL_HL7_ACK_PARTS_H
#define NIGHTBELL_HL7_ACK_PARTS_H

#include "hl7/ack.h"

/* One answer in the making: the sender's own delimiters, so that MSA-2 is its MSH-10 byte for byte. */
struct ack {
    struct buf *out;
    struct hl7_delimiters d;
    struct hl7_header h;
    uint32_t minor; /* 5 of version 2.5.1 */
    bool patched;   /* a third number follows: 2.3.1 */
};

/* The parts of "OBX[3]-5[2].1.4"; 0 where not said. */
struct ack_place {
    struct slice segment;
    uint32_t occurrence, field, repetition, component, sub;
};

void ack_char(struct ack *a, char c);
void ack_words(struct ack *a, const char *text); /* ours, free of delimiters */
void ack_text(struct ack *a, const char *text);  /* ours, escaped */
/* The sender's bytes as they came; a segment's or frame's end among them becomes a blank. */
void ack_echo(struct ack *a, struct slice raw);
void ack_fields(struct ack *a, unsigned n); /* n field separators */
struct ack_place ack_place_read(const char *where);

/* Without byte order mark, blank lines before, and line ends behind. */
struct slice hl7_lines_strip(struct slice wire);
/* The next line of *rest without its end. `cr_only`: LF is data, but for those right after a CR. */
struct slice hl7_line_cut(struct slice *rest, bool cr_only);
/* Do its lines end with CR alone (or CR LF), so that a LF is data? */
bool hl7_line_is_cr(struct slice wire);

/* MFI and the MFA rows of a master file acknowledgement. */
void ack_master_rows(struct ack *a, struct slice kept, int64_t wall_us, bool accepted,
                     const struct error *err);

#endif
