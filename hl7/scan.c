#include "hl7/scan.h"

/* A scan in hand: where the next separator's offset goes, and who is told of line ends. */
struct scan {
    char field;
    uint32_t *out;
    size_t found;
    hl7_line_end *line_end;
    void *ctx;
};

#if defined(__SSE2__)
#include <emmintrin.h>

enum { LANE = 16, BLOCK = 64, COUNTER_MAX = 255 };

static __m128i lane_ends(__m128i bytes)
{
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
}

static __m128i lane_fields(__m128i bytes, char field)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(field));
}

static __m128i lane_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* The sum of sixteen byte counters. */
static size_t counters_sum(__m128i counters)
{
    __m128i halves = _mm_sad_epu8(counters, _mm_setzero_si128());

    return (size_t)_mm_cvtsi128_si64(halves) + (size_t)_mm_cvtsi128_si64(_mm_srli_si128(halves, 8));
}

/* Counts in whole lanes; returns how many bytes that was. A match is -1, so subtracting it adds one. */
static size_t lanes_count(struct slice s, char field, struct hl7_counts *n)
{
    size_t at = 0;

    while (s.len - at >= LANE) {
        __m128i fields = _mm_setzero_si128(), ends = _mm_setzero_si128();
        for (int i = 0; i < COUNTER_MAX && s.len - at >= LANE; i++, at += LANE) {
            __m128i bytes = lane_load(s.ptr + at);
            fields = _mm_sub_epi8(fields, lane_fields(bytes, field));
            ends = _mm_sub_epi8(ends, lane_ends(bytes));
        }
        n->fields += counters_sum(fields);
        n->ends += counters_sum(ends);
    }
    return at;
}

/* One bit a byte of a block. */
struct masks {
    uint64_t fields, ends;
};

static struct masks block_masks(const char *at, char field)
{
    struct masks m = { 0, 0 };

    for (unsigned i = 0; i < BLOCK; i += LANE) {
        __m128i bytes = lane_load(at + i);
        m.fields |= (uint64_t)(unsigned)_mm_movemask_epi8(lane_fields(bytes, field)) << i;
        m.ends |= (uint64_t)(unsigned)_mm_movemask_epi8(lane_ends(bytes)) << i;
    }
    return m;
}

/* Population count without the instruction, which the baseline of x86-64 lacks (Hacker's Delight 5-1). */
static unsigned bits_count(uint64_t v)
{
    v -= v >> 1 & UINT64_C(0x5555555555555555);
    v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
    return (unsigned)(((v + (v >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F)) * UINT64_C(0x0101010101010101) >> 56);
}

/* Writes the offsets of the mask's bits, eight at a time: what is written past the last one is overwritten
 * by the next block (HL7_SCAN_SLACK). A branch for each would be mispredicted a hundred times a message. */
static void block_fields(uint64_t mask, uint32_t at, uint32_t *out, const uint32_t *end)
{
    for (; out < end; out += 8)
        for (unsigned i = 0; i < 8; i++) {
            out[i] = at + (uint32_t)__builtin_ctzll(mask | UINT64_C(1) << 63);
            mask &= mask - 1;
        }
}

static bool blocks_scan(struct scan *scan, struct slice s, size_t *at)
{
    for (; s.len - *at >= BLOCK; *at += BLOCK) {
        struct masks m = block_masks(s.ptr + *at, scan->field);
        size_t before = scan->found;
        scan->found += bits_count(m.fields);
        block_fields(m.fields, (uint32_t)*at, scan->out + before, scan->out + scan->found);
        for (; m.ends != 0; m.ends &= m.ends - 1) {
            uint64_t below = (m.ends & -m.ends) - 1;
            size_t fields = before + bits_count(m.fields & below);
            if (!scan->line_end(scan->ctx, (uint32_t)(*at + bits_count(below)), (uint32_t)fields))
                return false;
        }
    }
    return true;
}
#else
static size_t lanes_count(struct slice s, char field, struct hl7_counts *n)
{
    (void)s, (void)field, (void)n;
    return 0;
}

static bool blocks_scan(struct scan *scan, struct slice s, size_t *at)
{
    (void)scan, (void)s, (void)at;
    return true;
}
#endif

static bool is_end(char c)
{
    return c == '\r' || c == '\n';
}

struct hl7_counts hl7_scan_count(struct slice s, char field)
{
    struct hl7_counts n = { 0, 0 };

    for (size_t at = lanes_count(s, field, &n); at < s.len; at++) {
        n.fields += s.ptr[at] == field;
        n.ends += is_end(s.ptr[at]);
    }
    return n;
}

bool hl7_scan(struct slice s, char field, uint32_t *out, hl7_line_end *line_end, void *ctx)
{
    struct scan scan = { field, out, 0, line_end, ctx };
    size_t at = 0;

    if (!blocks_scan(&scan, s, &at))
        return false;
    for (; at < s.len; at++) {
        if (s.ptr[at] == field)
            out[scan.found++] = (uint32_t)at;
        else if (is_end(s.ptr[at]) && !line_end(ctx, (uint32_t)at, (uint32_t)scan.found))
            return false;
    }
    return line_end(ctx, (uint32_t)s.len, (uint32_t)scan.found);
}
