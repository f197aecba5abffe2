/* base/buf.h - bytes that grow up to a ceiling, and the reader of what was written there.
 *
 * Records, bus frames and snapshots are written with these. Integers are little-endian, text is a
 * u32 length and the bytes. A write past the ceiling sets `failed` and writes nothing more: one check
 * at the end is enough. A read past the end sets `failed` and gives zeros and empty slices, so a
 * decoder reads straight through and asks once. */
#ifndef NIGHTBELL_BASE_BUF_H
#define NIGHTBELL_BASE_BUF_H

#include "base/slice.h"

struct buf {
    char *ptr;
    size_t len, room, max;
    bool failed; /* the ceiling was passed */
};

struct buf buf_make(size_t max_bytes); /* allocates nothing yet */
void buf_free(struct buf *b);          /* and back to what buf_make(b->max) gives */
void buf_reset(struct buf *b);         /* empty, memory kept */
struct slice buf_slice(const struct buf *b);

char *buf_extend(struct buf *b, size_t bytes); /* room for `bytes` more, counted; NULL past the ceiling */
void buf_bytes(struct buf *b, const void *bytes, size_t len);
void buf_put(struct buf *b, struct slice raw); /* bytes as they are, no length */
void buf_text(struct buf *b, const char *nul_terminated);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_slice_put(struct buf *b, struct slice s);        /* u32 length, then the bytes */
void buf_patch_u32(struct buf *b, size_t at, uint32_t v); /* overwrites four bytes written before */

struct reader {
    const char *ptr;
    size_t len;
    bool failed; /* something was read past the end */
};

struct reader reader_make(struct slice s);
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
int64_t read_i64(struct reader *r);
struct slice read_slice(struct reader *r); /* borrowed from what the reader reads */
struct slice read_raw(struct reader *r, size_t len);
bool reader_done(const struct reader *r); /* all read, nothing failed */

#endif
