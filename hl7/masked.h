/* hl7/masked.h - bytes of a message and, beside them, the copy in which delimiters are looked for
 * (hl7/charset.h: in GB18030, BIG-5 and ISO 2022 a byte of a character can look like one).
 *
 * Private to hl7/; both point to the same place where nothing can hide. */
#ifndef NIGHTBELL_HL7_MASKED_H
#define NIGHTBELL_HL7_MASKED_H

#include "hl7/charset.h"

#include <string.h>

struct hl7_masked {
    const char *bytes, *scan;
    size_t len;
};

/* A mask is made in `arena`. */
static inline struct hl7_masked hl7_masked_of(const struct hl7_message *m, struct arena *arena,
                                              struct slice raw)
{
    const struct hl7_reading *how = hl7_message_reading(m);
    struct hl7_masked masked = { raw.ptr, raw.ptr, raw.len };

    if (hl7_charset_hides(how, raw)) {
        char *mask = (char *)arena_alloc(arena, raw.len + 1);
        hl7_charset_mask(how, hl7_message_delimiters(m)->escape, raw, mask);
        masked.scan = mask;
    }
    return masked;
}

static inline struct slice hl7_masked_bytes(struct hl7_masked v)
{
    return (struct slice){ v.bytes, v.len };
}

/* Index of the first `separator`, or v.len; a separator of 0 does not exist. */
static inline size_t hl7_masked_find(struct hl7_masked v, char separator)
{
    const char *hit = v.len > 0 && separator != 0 ? (const char *)memchr(v.scan, separator, v.len) : NULL;

    return hit != NULL ? (size_t)(hit - v.scan) : v.len;
}

/* Without the first n bytes, at most all. */
static inline struct hl7_masked hl7_masked_skip(struct hl7_masked v, size_t n)
{
    n = n < v.len ? n : v.len;
    return n == 0 ? v : (struct hl7_masked){ v.bytes + n, v.scan + n, v.len - n };
}

/* The first n bytes, at most all. */
static inline struct hl7_masked hl7_masked_head(struct hl7_masked v, size_t n)
{
    v.len = n < v.len ? n : v.len;
    return v;
}

/* What stands before the first separator; *rest moves past it, and *last tells that there was none. */
static inline struct hl7_masked hl7_masked_cut(struct hl7_masked *rest, char separator, bool *last)
{
    size_t end = hl7_masked_find(*rest, separator);
    struct hl7_masked part = hl7_masked_head(*rest, end);

    *last = end == rest->len;
    *rest = hl7_masked_skip(*rest, end + 1);
    return part;
}

#endif
