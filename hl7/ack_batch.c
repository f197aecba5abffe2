#include "hl7/ack_parts.h"
#include "hl7/delimiters.h"
#include "hl7/dtm.h"

#include <string.h>

enum { CONTROL_ID = 11 };

/* Fields 0 to 11 of BHS or FHS, counted like MSH's: field 2 is the encoding characters. */
static bool header_split(struct slice line, struct hl7_delimiters *d, struct slice f[CONTROL_ID + 1])
{
    if (!hl7_delimiters_read(line, "BHS-2", d, NULL))
        return false;
    slice_cut(&line, d->field);
    for (unsigned i = 2; i <= CONTROL_ID; i++) {
        f[i] = slice_cut(&line, d->field);
        if (slice_is(f[i], "\"\""))
            f[i].len = 0;
    }
    return true;
}

void hl7_ack_batch_begin(struct buf *out, const char *name, struct slice header, struct slice control_id,
                         int64_t wall_us)
{
    struct slice f[CONTROL_ID + 1] = { { NULL, 0 } };
    struct ack a = { .out = out };

    header = hl7_line_cut(&header, true);
    if (!header_split(header, &a.d, f)) {
        a.d = hl7_delimiters_usual();
        memset(f, 0, sizeof f);
        f[2] = SLICE("^~\\&");
    }
    const struct slice ends[] = { f[5], f[6], f[3], f[4] };
    ack_words(&a, name);
    ack_fields(&a, 1);
    ack_echo(&a, f[2]);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        ack_fields(&a, 1);
        ack_echo(&a, ends[i]);
    }
    ack_fields(&a, 1);
    hl7_dtm_put(out, wall_us);
    ack_fields(&a, 4);
    ack_echo(&a, control_id);
    ack_fields(&a, 1);
    ack_echo(&a, f[CONTROL_ID]);
    ack_words(&a, "\r");
}

void hl7_ack_batch_end(struct buf *out, const char *name, struct slice header, uint64_t count)
{
    struct hl7_delimiters d;

    if (!hl7_delimiters_read(header, "BHS-2", &d, NULL))
        d = hl7_delimiters_usual();
    buf_printf(out, "%s%c%llu\r", name, d.field, (unsigned long long)count);
}
