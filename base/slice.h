/* base/slice.h - borrowed bytes: a pointer and a length, no NUL at the end.
 *
 * A slice never owns memory; whoever made it says how long the bytes live. Functions are total: any
 * slice, the empty one and { NULL, 0 } included, has an answer. Comparisons are by byte, no locale. */
#ifndef NIGHTBELL_BASE_SLICE_H
#define NIGHTBELL_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *ptr;
    size_t len;
};

/* A slice of a string literal; usable in initialisers. */
#define SLICE(lit) ((struct slice){ "" lit, sizeof(lit) - 1 })
#define SLICE_INIT(lit)                                                                                      \
    {                                                                                                        \
        "" lit, sizeof(lit) - 1                                                                              \
    }
/* For printf's "%.*s". The length is cut to INT_MAX by the cast; only use it on bounded text. */
#define SLICE_ARG(s) (int)(s).len, (s).ptr != NULL ? (s).ptr : ""

struct slice slice_of(const char *nul_terminated); /* NULL gives the empty slice */
bool slice_eq(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *nul_terminated);
bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII letters only */
int slice_cmp(struct slice a, struct slice b);        /* memcmp order, the shorter first */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);

/* What stands before the first `sep`; *rest moves past it. Without a `sep` the whole rest. */
struct slice slice_cut(struct slice *rest, char sep);
/* Bytes [from, from+len), both clamped to the slice. */
struct slice slice_sub(struct slice s, size_t from, size_t len);
/* Without leading and trailing spaces, tabs, CR and LF. */
struct slice slice_trim(struct slice s);
/* Index of the first `c`, or s.len. */
size_t slice_find(struct slice s, char c);

/* Decimal digits only, the whole slice, no sign, in range; on false *out is untouched. */
bool slice_to_u32(struct slice s, uint32_t *out);
bool slice_to_u64(struct slice s, uint64_t *out);
/* As above with an optional leading '-' or '+'. */
bool slice_to_i64(struct slice s, int64_t *out);

/* FNV-1a, for hash tables in memory only (not stable across versions, not against an adversary). */
uint64_t slice_hash(struct slice s, uint64_t seed);

#endif
