#include "hl7/scan.h"

#include "hl7/line.h"

enum { BLOCK = 64, STEP = 8 };

/* A scan in hand: where the next offsets go, and how many were written. */
struct scan {
    struct slice s;
    char field;
    uint32_t *fields;
    struct hl7_line_end *ends;
    size_t at, field_count, end_count;
};

static void count_rest(struct slice s, char field, size_t at, struct hl7_counts *n)
{
    for (; at < s.len; at++) {
        n->fields += s.ptr[at] == field;
        n->ends += hl7_is_end(s.ptr[at]);
    }
}

static struct hl7_counts scan_rest(struct scan scan)
{
    for (; scan.at < scan.s.len; scan.at++) {
        char c = scan.s.ptr[scan.at];
        if (c == scan.field)
            scan.fields[scan.field_count++] = (uint32_t)scan.at;
        else if (hl7_is_end(c))
            scan.ends[scan.end_count++] =
                (struct hl7_line_end){ (uint32_t)scan.at, (uint32_t)scan.field_count };
    }
    scan.ends[scan.end_count] = (struct hl7_line_end){ (uint32_t)scan.s.len, (uint32_t)scan.field_count };
    return (struct hl7_counts){ scan.field_count, scan.end_count };
}

#if defined(__x86_64__)
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define AVX2   __attribute__((target("avx2,bmi,popcnt")))

/* One bit a byte of a block. */
struct masks {
    uint64_t fields, ends;
};

/* --- what does not depend on the width of the registers: compiled once for each ---- */

/* The number of the lowest bit; any number when there is none. */
INLINE unsigned lowest_plain(uint64_t v)
{
    return (unsigned)__builtin_ctzll(v | UINT64_C(1) << 63);
}

/* Population count without the instruction, which the baseline of x86-64 lacks (Hacker's Delight 5-1). */
INLINE unsigned bits_plain(uint64_t v)
{
    v -= v >> 1 & UINT64_C(0x5555555555555555);
    v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
    return (unsigned)(((v + (v >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F)) * UINT64_C(0x0101010101010101) >> 56);
}

/* What the widths differ in. */
struct way {
    struct masks (*masks)(const char *at, char field);
    void (*fields_put)(struct scan *scan, uint64_t mask, struct way way);
    unsigned (*lowest)(uint64_t v), (*bits)(uint64_t v);
};

/* Writes the offset of the lowest bit, and takes it away. */
INLINE void lowest_put(uint32_t *out, size_t at, uint64_t *mask, struct way way)
{
    *out = (uint32_t)at + way.lowest(*mask);
    *mask &= *mask - 1;
}

/* Writes the offsets of the mask's bits, eight at a time: what is written past the last one is overwritten by
 * the next block (HL7_SCAN_SLACK). A branch for each would be mispredicted a hundred times a message. */
INLINE void fields_bitwise(struct scan *scan, uint64_t mask, struct way way)
{
    uint32_t *out = scan->fields + scan->field_count, *end = out + way.bits(mask);

    scan->field_count = (size_t)(end - scan->fields);
    do {
        lowest_put(&out[0], scan->at, &mask, way);
        lowest_put(&out[1], scan->at, &mask, way);
        lowest_put(&out[2], scan->at, &mask, way);
        lowest_put(&out[3], scan->at, &mask, way);
        lowest_put(&out[4], scan->at, &mask, way);
        lowest_put(&out[5], scan->at, &mask, way);
        lowest_put(&out[6], scan->at, &mask, way);
        lowest_put(&out[7], scan->at, &mask, way);
        out += STEP;
    } while (out < end);
}

INLINE void end_put(struct scan *scan, struct hl7_line_end *out, struct masks m, struct way way)
{
    uint64_t below = (m.ends & -m.ends) - 1;

    out->at = (uint32_t)scan->at + way.lowest(m.ends);
    out->fields = (uint32_t)scan->field_count + way.bits(m.fields & below);
}

/* Most blocks have no line end or one, in no order that a branch could learn: the first is always written. */
INLINE void ends_put(struct scan *scan, struct masks m, struct way way)
{
    struct hl7_line_end *out = scan->ends + scan->end_count;

    end_put(scan, out, m, way);
    scan->end_count += m.ends != 0;
    for (m.ends &= m.ends - 1; m.ends != 0; m.ends &= m.ends - 1)
        end_put(scan, &scan->ends[scan->end_count++], m, way);
}

INLINE void block_put(struct scan *scan, struct masks m, struct way way)
{
    ends_put(scan, m, way);
    way.fields_put(scan, m.fields, way);
}

/* Goes over all whole blocks, and over the last 64 bytes once more for those that are left: what was seen
 * before is cut from the masks. */
INLINE void blocks_put(struct scan *scan, struct way way)
{
    for (; scan->s.len - scan->at >= BLOCK; scan->at += BLOCK)
        block_put(scan, way.masks(scan->s.ptr + scan->at, scan->field), way);
    size_t left = scan->s.len - scan->at;
    if (left > 0 && scan->s.len >= BLOCK) {
        uint64_t fresh = ~UINT64_C(0) << (BLOCK - left);
        scan->at = scan->s.len - BLOCK;
        struct masks m = way.masks(scan->s.ptr + scan->at, scan->field);
        block_put(scan, (struct masks){ m.fields & fresh, m.ends & fresh }, way);
        scan->at = scan->s.len;
    }
}

/* --- SSE2: every x86-64 ------------------------------------------------------------ */

enum { LANE = 16, COUNTER_MAX = 255 };

static __m128i lane_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static __m128i lane_fields(__m128i bytes, char field)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(field));
}

static __m128i lane_ends(__m128i bytes)
{
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
}

/* The sum of sixteen byte counters. */
static size_t lane_sum(__m128i counters)
{
    __m128i halves = _mm_sad_epu8(counters, _mm_setzero_si128());

    return (size_t)_mm_cvtsi128_si64(halves) + (size_t)_mm_cvtsi128_si64(_mm_srli_si128(halves, 8));
}

/* A match is -1, so subtracting it adds one; 255 times before a counter is full. */
static struct hl7_counts count_sse2(struct slice s, char field)
{
    struct hl7_counts n = { 0, 0 };
    size_t at = 0;

    while (s.len - at >= LANE) {
        __m128i fields = _mm_setzero_si128(), ends = _mm_setzero_si128();
        for (int i = 0; i < COUNTER_MAX && s.len - at >= LANE; i++, at += LANE) {
            __m128i bytes = lane_load(s.ptr + at);
            fields = _mm_sub_epi8(fields, lane_fields(bytes, field));
            ends = _mm_sub_epi8(ends, lane_ends(bytes));
        }
        n.fields += lane_sum(fields);
        n.ends += lane_sum(ends);
    }
    count_rest(s, field, at, &n);
    return n;
}

INLINE struct masks masks_sse2(const char *at, char field)
{
    struct masks m = { 0, 0 };

    for (unsigned i = 0; i < BLOCK; i += LANE) {
        __m128i bytes = lane_load(at + i);
        m.fields |= (uint64_t)(unsigned)_mm_movemask_epi8(lane_fields(bytes, field)) << i;
        m.ends |= (uint64_t)(unsigned)_mm_movemask_epi8(lane_ends(bytes)) << i;
    }
    return m;
}

static struct hl7_counts scan_sse2(struct slice s, char field, uint32_t *fields, struct hl7_line_end *ends)
{
    struct scan in = { .s = s, .field = field, .fields = fields, .ends = ends };

    blocks_put(&in, (struct way){ masks_sse2, fields_bitwise, lowest_plain, bits_plain });
    return scan_rest(in);
}

/* --- AVX2 -------------------------------------------------------------------------- */

/* The upper halves of registers are cleared before anything else runs, which compilers do not do everywhere
 * in a function of its own target: the processor would save and restore them around the next SSE instruction,
 * and a small message would take 1.5 times as long. */

enum { WIDE = 32 };

AVX2 static inline __m256i wide_load(const char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

AVX2 static inline __m256i wide_ends(__m256i bytes)
{
    return _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\r')),
                           _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')));
}

AVX2 static inline uint64_t wide_mask(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << WIDE;
}

AVX2 static size_t wide_sum(__m256i counters)
{
    __m256i quarters = _mm256_sad_epu8(counters, _mm256_setzero_si256());
    __m128i halves = _mm_add_epi64(_mm256_castsi256_si128(quarters), _mm256_extracti128_si256(quarters, 1));

    return (size_t)_mm_cvtsi128_si64(halves) + (size_t)_mm_extract_epi64(halves, 1);
}

AVX2 static struct hl7_counts count_avx2(struct slice s, char field)
{
    struct hl7_counts n = { 0, 0 };
    __m256i wanted = _mm256_set1_epi8(field);
    size_t at = 0;

    while (s.len - at >= WIDE) {
        __m256i fields = _mm256_setzero_si256(), ends = fields;
        for (int i = 0; i < COUNTER_MAX && s.len - at >= WIDE; i++, at += WIDE) {
            __m256i bytes = wide_load(s.ptr + at);
            fields = _mm256_sub_epi8(fields, _mm256_cmpeq_epi8(bytes, wanted));
            ends = _mm256_sub_epi8(ends, wide_ends(bytes));
        }
        n.fields += wide_sum(fields);
        n.ends += wide_sum(ends);
    }
    if (at < s.len && at > 0) { /* the last 32 bytes once more, without those that were counted */
        __m256i bytes = wide_load(s.ptr + s.len - WIDE);
        uint32_t fresh = ~(uint32_t)0 << (WIDE - (s.len - at));
        n.fields += (unsigned)_mm_popcnt_u32(
            (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, wanted)) & fresh);
        n.ends += (unsigned)_mm_popcnt_u32((uint32_t)_mm256_movemask_epi8(wide_ends(bytes)) & fresh);
        at = s.len;
    }
    _mm256_zeroupper();
    count_rest(s, field, at, &n);
    return n;
}

AVX2 INLINE struct masks masks_avx2(const char *at, char field)
{
    __m256i low = wide_load(at), high = wide_load(at + WIDE), wanted = _mm256_set1_epi8(field);

    return (struct masks){ wide_mask(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted)),
                           wide_mask(wide_ends(low), wide_ends(high)) };
}

AVX2 INLINE unsigned lowest_bmi(uint64_t v)
{
    return (unsigned)_tzcnt_u64(v);
}

AVX2 INLINE unsigned bits_popcnt(uint64_t v)
{
    return (unsigned)_mm_popcnt_u64(v);
}

AVX2 static struct hl7_counts scan_avx2(struct slice s, char field, uint32_t *fields,
                                        struct hl7_line_end *ends)
{
    struct scan in = { .s = s, .field = field, .fields = fields, .ends = ends };

    blocks_put(&in, (struct way){ masks_avx2, fields_bitwise, lowest_bmi, bits_popcnt });
    _mm256_zeroupper();
    return scan_rest(in);
}

/* --- AVX-512 with VBMI2: offsets are squeezed out of a register, not taken bit by bit  */

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,avx2,bmi,popcnt")))

AVX512 INLINE struct masks masks_avx512(const char *at, char field)
{
    __m512i bytes = _mm512_loadu_si512((const void *)at);

    return (struct masks){ _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(field)),
                           _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r')) |
                               _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')) };
}

AVX512 INLINE void fields_avx512(struct scan *scan, uint64_t mask, struct way way)
{
    static const unsigned char NUMBERS[BLOCK] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    };
    __m512i base = _mm512_set1_epi32((int)(uint32_t)scan->at);
    __m512i squeezed = _mm512_maskz_compress_epi8(mask, _mm512_loadu_si512((const void *)NUMBERS));
    uint32_t *out = scan->fields + scan->field_count;

    scan->field_count += way.bits(mask);
    for (;;) {
        __m512i sixteen = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(squeezed));
        _mm512_storeu_si512((void *)out, _mm512_add_epi32(sixteen, base));
        out += LANE;
        if (out >= scan->fields + scan->field_count)
            return;
        squeezed = _mm512_alignr_epi32(squeezed, squeezed, LANE / 4);
    }
}

AVX512 static struct hl7_counts count_avx512(struct slice s, char field)
{
    struct hl7_counts n = { 0, 0 };
    size_t at = 0;

    for (; s.len - at >= BLOCK; at += BLOCK) {
        struct masks m = masks_avx512(s.ptr + at, field);
        n.fields += bits_popcnt(m.fields);
        n.ends += bits_popcnt(m.ends);
    }
    if (at < s.len && at > 0) {
        uint64_t fresh = ~UINT64_C(0) << (BLOCK - (s.len - at));
        struct masks m = masks_avx512(s.ptr + s.len - BLOCK, field);
        n.fields += bits_popcnt(m.fields & fresh);
        n.ends += bits_popcnt(m.ends & fresh);
        at = s.len;
    }
    _mm256_zeroupper();
    count_rest(s, field, at, &n);
    return n;
}

AVX512 static struct hl7_counts scan_avx512(struct slice s, char field, uint32_t *fields,
                                            struct hl7_line_end *ends)
{
    struct scan in = { .s = s, .field = field, .fields = fields, .ends = ends };

    blocks_put(&in, (struct way){ masks_avx512, fields_avx512, lowest_bmi, bits_popcnt });
    _mm256_zeroupper();
    return scan_rest(in);
}

bool hl7_scan_has(enum hl7_scan_way way)
{
    bool avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");

    if (way <= HL7_SCAN_SSE2)
        return true;
    return avx2 && (way == HL7_SCAN_AVX2 ||
                    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vbmi2")));
}
#else
bool hl7_scan_has(enum hl7_scan_way way)
{
    return way == HL7_SCAN_PLAIN;
}
#endif

struct hl7_counts hl7_scan_count_by(enum hl7_scan_way way, struct slice s, char field)
{
    struct hl7_counts n = { 0, 0 };

#if defined(__x86_64__)
    if (way != HL7_SCAN_PLAIN)
        return way == HL7_SCAN_AVX512 ? count_avx512(s, field)
               : way == HL7_SCAN_AVX2 ? count_avx2(s, field)
                                      : count_sse2(s, field);
#endif
    (void)way;
    count_rest(s, field, 0, &n);
    return n;
}

struct hl7_counts hl7_scan_by(enum hl7_scan_way way, struct slice s, char field, uint32_t *fields,
                              struct hl7_line_end *ends)
{
#if defined(__x86_64__)
    if (way != HL7_SCAN_PLAIN)
        return (way == HL7_SCAN_AVX512 ? scan_avx512
                : way == HL7_SCAN_AVX2 ? scan_avx2
                                       : scan_sse2)(s, field, fields, ends);
#endif
    (void)way;
    return scan_rest((struct scan){ .s = s, .field = field, .fields = fields, .ends = ends });
}

static enum hl7_scan_way way_best(void)
{
    enum hl7_scan_way way = HL7_SCAN_AVX512;

    while (!hl7_scan_has(way))
        way--;
    return way;
}

struct hl7_counts hl7_scan_count(struct slice s, char field)
{
    return hl7_scan_count_by(way_best(), s, field);
}

struct hl7_counts hl7_scan(struct slice s, char field, uint32_t *fields, struct hl7_line_end *ends)
{
    return hl7_scan_by(way_best(), s, field, fields, ends);
}
