/* Items are all bytes; a message written without edits is itself, is no different from itself, and is
 * redacted to one of the same structure. */
#include "hl7/batch.h"
#include "hl7/diff.h"
#include "hl7/edit.h"
#include "hl7/redact.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool count(void *ctx, const struct hl7_difference *d)
{
    (void)ctx;
    (void)d;
    return true;
}

static void message_check(struct arena *arena, struct slice whole)
{
    static const uint8_t KEY[32] = { 1 };
    struct hl7_message *m = hl7_message_parse(arena, whole, NULL);
    struct buf out = buf_make(1 << 26);

    if (m == NULL)
        return;
    hl7_edit_write(hl7_edit_begin(arena, m, whole), &out);
    check(slice_eq(buf_slice(&out), whole));
    check(hl7_diff(arena, m, m, count, NULL) == 0);
    buf_reset(&out);
    struct hl7_redaction *r = hl7_redaction_new(KEY);
    check(hl7_redact(r, m, whole, &out, NULL));
    struct hl7_message *after = hl7_message_parse(arena, buf_slice(&out), NULL);
    check(after != NULL && hl7_message_segments(after) == hl7_message_segments(m));
    for (size_t i = 0; i < hl7_message_segments(m); i++)
        check(hl7_segment_fields(after, i) == hl7_segment_fields(m, i));
    hl7_redaction_free(&r);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct hl7_stream s = hl7_stream_make((struct slice){ (const char *)data, size });
    struct hl7_item item;
    size_t bytes = 0;

    while (hl7_stream_next(&s, &item)) {
        check(item.offset == bytes && item.bytes.len > 0);
        bytes += item.bytes.len;
        arena_reset(arena);
        if (item.kind == HL7_ITEM_MESSAGE)
            message_check(arena, item.bytes);
    }
    check(bytes == size);
    arena_free(&arena);
    return 0;
}
