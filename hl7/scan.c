#include "hl7/scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>

enum { STEP = 16 };

/* One bit a byte: `ends` for CR and LF, `all` for those and the separator. */
struct masks {
    unsigned all, ends;
};

static struct masks masks_of(const char *at, char field)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i end =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    __m128i any = _mm_or_si128(end, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(field)));

    return (struct masks){ (unsigned)_mm_movemask_epi8(any), (unsigned)_mm_movemask_epi8(end) };
}
#else
enum { STEP = 8 };

struct masks {
    unsigned all, ends;
};

static struct masks masks_of(const char *at, char field)
{
    struct masks m = { 0, 0 };

    for (unsigned i = 0; i < STEP; i++) {
        unsigned end = at[i] == '\r' || at[i] == '\n';
        m.ends |= end << i;
        m.all |= (end | (at[i] == field)) << i;
    }
    return m;
}
#endif

static bool is_end(char c)
{
    return c == '\r' || c == '\n';
}

struct hl7_counts hl7_scan_count(struct slice s, char field)
{
    struct hl7_counts n = { 0, 0 };
    size_t at = 0;

    for (; s.len - at >= STEP; at += STEP) {
        struct masks m = masks_of(s.ptr + at, field);
        n.marks += (size_t)__builtin_popcount(m.all);
        n.ends += m.ends != 0 ? (size_t)__builtin_popcount(m.ends) : 0;
    }
    for (; at < s.len; at++) {
        n.marks += is_end(s.ptr[at]) || s.ptr[at] == field;
        n.ends += is_end(s.ptr[at]);
    }
    return n;
}

void hl7_scan_marks(struct slice s, char field, uint32_t *out)
{
    size_t at = 0;

    for (; s.len - at >= STEP; at += STEP)
        for (unsigned mask = masks_of(s.ptr + at, field).all; mask != 0; mask &= mask - 1)
            *out++ = (uint32_t)(at + (size_t)__builtin_ctz(mask));
    for (; at < s.len; at++)
        if (is_end(s.ptr[at]) || s.ptr[at] == field)
            *out++ = (uint32_t)at;
}
