/* tests/bench/hl7.c - how fast messages are read, beside a bare index of their delimiters.
 *
 * Read: hl7_message_parse, then MSH-9, MSH-10, PID-3.1, PV1-3 and OBX[2]-5 by compiled paths, then the arena
 * is reset. Bare index: the offset of every | ^ ~ \ & CR LF of the same bytes, written to an array; no
 * fields, no segments, nothing else; by AVX2, and by the best that the machine has. They run in turns on one
 * thread; medians of the rounds. usage: bench_hl7
 * [--rounds N] [--ms N]   or   bench_hl7 --count N CASE (what callgrind runs). */
#include "base/arena.h"
#include "hl7/path.h"
#include "tests/bench/hl7_messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { POOL_MAX = 512, ROUNDS_MAX = 99, PATHS = 5 };

static const char *const PLACES[PATHS] = { "MSH-9", "MSH-10", "PID-3.1", "PV1-3", "OBX[2]-5" };

static const struct bench_case {
    const char *name, *what;
    void (*put)(struct buf *out, unsigned number);
    unsigned pool; /* different messages that are read in turn: 0.5 MB of each kind */
} CASES[] = { { "adt", "ADT^A01", adt_put, 400 },
              { "r40", "ORU^R40", alert_put, 200 },
              { "oru", "ORU^R01, 2,000 OBX", result_put, 2 } };

struct pool {
    struct buf bytes;
    struct slice messages[POOL_MAX];
    size_t count, longest;
};

static struct hl7_path *paths[PATHS];
static uint32_t *marks;             /* of the bare index */
static volatile size_t kept_result; /* so that no work is seen as useless */

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "bench_hl7: %s\n", what);
    exit(2);
}

static struct pool *pool_make(const struct bench_case *c)
{
    struct pool *p = calloc(1, sizeof *p);
    size_t ends[POOL_MAX + 1] = { 0 };

    if (p == NULL)
        fail("memory");
    p->bytes = buf_make(64 << 20);
    for (; p->count < c->pool; ends[++p->count] = p->bytes.len)
        c->put(&p->bytes, (unsigned)p->count * 7 + 1);
    for (size_t i = 0; i < p->count; i++) {
        p->messages[i] = (struct slice){ p->bytes.ptr + ends[i], ends[i + 1] - ends[i] };
        p->longest = p->longest > p->messages[i].len ? p->longest : p->messages[i].len;
    }
    return p;
}

/* --- the bare index ---------------------------------------------------------------- */

static bool is_mark(char c)
{
    return c == '|' || c == '^' || c == '~' || c == '\\' || c == '&' || c == '\r' || c == '\n';
}

static size_t index_rest(struct slice s, size_t at, uint32_t *out, size_t found)
{
    for (; at < s.len; at++)
        if (is_mark(s.ptr[at]))
            out[found++] = (uint32_t)at;
    return found;
}

#if defined(__x86_64__)
/* The class of each byte by its two halves: 0x0A 0x0D, 0x26, 0x5C 0x5E, 0x7C 0x7E are one bit each. */
__attribute__((target("avx2"))) static inline uint32_t marks_of(const char *at)
{
    const __m256i low = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 12, 1, 12, 0, 0, 0, 0, 0, 0, 0,
                                         2, 0, 0, 0, 1, 0, 12, 1, 12, 0);
    const __m256i high = _mm256_setr_epi8(1, 0, 2, 0, 0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 4, 0,
                                          8, 0, 0, 0, 0, 0, 0, 0, 0);
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
    __m256i hit = _mm256_and_si256(_mm256_shuffle_epi8(low, bytes), _mm256_shuffle_epi8(high, upper));

    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256()));
}

__attribute__((target("avx2,bmi,popcnt"))) static size_t index_avx2(struct slice s, uint32_t *out)
{
    size_t at = 0, found = 0;

    for (; s.len - at >= 64; at += 64) {
        uint64_t mask = marks_of(s.ptr + at) | (uint64_t)marks_of(s.ptr + at + 32) << 32;
        size_t end = found + (size_t)__builtin_popcountll(mask);
        for (uint32_t *to = out + found; to < out + end; to += 8)
            for (unsigned i = 0; i < 8; i++) {
                to[i] = (uint32_t)at + (uint32_t)__builtin_ctzll(mask);
                mask &= mask - 1;
            }
        found = end;
    }
    _mm256_zeroupper(); /* as hl7/scan.c does */
    return index_rest(s, at, out, found);
}

/* The same, offsets squeezed out of a register instead of taken bit by bit. */
__attribute__((target("avx512f,avx512bw,avx512vbmi2,avx2,bmi,popcnt"))) static size_t
index_avx512(struct slice s, uint32_t *out)
{
    unsigned char numbers[64];
    size_t at = 0, found = 0;

    for (unsigned i = 0; i < sizeof numbers; i++)
        numbers[i] = (unsigned char)i;
    __m512i all = _mm512_loadu_si512(numbers);
    for (; s.len - at >= 64; at += 64) {
        uint64_t mask = marks_of(s.ptr + at) | (uint64_t)marks_of(s.ptr + at + 32) << 32;
        __m512i squeezed = _mm512_maskz_compress_epi8(mask, all), base = _mm512_set1_epi32((int)at);
        size_t end = found + (size_t)__builtin_popcountll(mask);
        for (uint32_t *to = out + found; to < out + end; to += 16) {
            __m512i sixteen = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(squeezed));
            _mm512_storeu_si512(to, _mm512_add_epi32(sixteen, base));
            squeezed = _mm512_alignr_epi32(squeezed, squeezed, 4);
        }
        found = end;
    }
    _mm256_zeroupper(); /* as hl7/scan.c does */
    return index_rest(s, at, out, found);
}
#endif

static bool has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
#else
    return false;
#endif
}

static bool has_avx512(void)
{
#if defined(__x86_64__)
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi2");
#else
    return false;
#endif
}

static size_t index_usual(struct slice s, uint32_t *out)
{
#if defined(__x86_64__)
    if (has_avx2())
        return index_avx2(s, out);
#endif
    return index_rest(s, 0, out, 0);
}

static size_t index_best(struct slice s, uint32_t *out)
{
#if defined(__x86_64__)
    if (has_avx512())
        return index_avx512(s, out);
#endif
    return index_usual(s, out);
}

/* --- what is measured -------------------------------------------------------------- */

__attribute__((noinline)) size_t bench_read_one(struct arena *arena, struct slice wire);

size_t bench_read_one(struct arena *arena, struct slice wire)
{
    struct hl7_message *m = hl7_message_parse(arena, wire, NULL);
    size_t bytes = 0;

    if (m == NULL)
        fail("a message does not parse");
    for (size_t i = 0; i < PATHS; i++) {
        struct slice raw;
        if (hl7_path_get(paths[i], m, HL7_NONE, &raw, NULL) != HL7_VALUE)
            fail("a value is not there");
        bytes += raw.len;
    }
    arena_reset(arena);
    return bytes;
}

static size_t read_pool(const struct pool *p, struct arena *arena)
{
    size_t sum = 0;

    for (size_t i = 0; i < p->count; i++)
        sum += bench_read_one(arena, p->messages[i]);
    return sum;
}

static size_t index_pool(const struct pool *p, size_t (*index)(struct slice, uint32_t *))
{
    size_t sum = 0;

    for (size_t i = 0; i < p->count; i++)
        sum += index(p->messages[i], marks);
    return sum;
}

static size_t usual_pool(const struct pool *p, struct arena *arena)
{
    (void)arena;
    return index_pool(p, index_usual);
}

static size_t best_pool(const struct pool *p, struct arena *arena)
{
    (void)arena;
    return index_pool(p, index_best);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Messages a second, over at least `ms`. */
static double rate(const struct pool *p, size_t (*work)(const struct pool *, struct arena *),
                   struct arena *arena, double ms)
{
    double began = now_s(), passed;
    size_t times = 0;

    do {
        kept_result = work(p, arena);
        times++;
        passed = now_s() - began;
    } while (passed * 1000 < ms);
    return (double)(times * p->count) / passed;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return values[n / 2];
}

/* One line; gives MB/s of reading. */
static double measure(const struct bench_case *c, size_t rounds, double ms)
{
    struct pool *p = pool_make(c);
    struct arena *arena = arena_new();
    double usual[ROUNDS_MAX], best[ROUNDS_MAX], ours[ROUNDS_MAX];
    double bytes = (double)p->bytes.len / (double)p->count;

    marks = calloc(p->longest + 64, sizeof *marks);
    if (marks == NULL)
        fail("memory");
    size_t delimiters = index_pool(p, index_usual);
    if (index_pool(p, index_best) != delimiters)
        fail("the two indexes differ");
    for (size_t i = 0; i < rounds; i++) {
        usual[i] = rate(p, usual_pool, arena, ms);
        ours[i] = rate(p, read_pool, arena, ms);
        best[i] = rate(p, best_pool, arena, ms);
    }
    double o = median(ours, rounds), u = median(usual, rounds), b = median(best, rounds);
    printf("%-20s %8.0f %8zu %11.0f %8.0f %10.0f %6.0f %% %10.0f %6.0f %%\n", c->what, bytes,
           delimiters / p->count, o, o * bytes / 1e6, u * bytes / 1e6, o / u * 100, b * bytes / 1e6,
           o / b * 100);
    fflush(stdout);
    free(marks);
    arena_free(&arena);
    buf_free(&p->bytes);
    free(p);
    return o * bytes / 1e6;
}

static int count(const char *name, long times)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (strcmp(CASES[i].name, name) != 0)
            continue;
        struct pool *p = pool_make(&CASES[i]);
        struct arena *arena = arena_new();
        for (long n = 0; n < times; n++)
            kept_result = bench_read_one(arena, p->messages[(size_t)n % p->count]);
        printf("%s: %ld messages of %.0f bytes\n", name, times, (double)p->bytes.len / (double)p->count);
        arena_free(&arena);
        buf_free(&p->bytes);
        free(p);
        return 0;
    }
    fail("no such case");
}

int main(int argc, char **argv)
{
    struct arena *keep = arena_new();
    long rounds = 9, ms = 200;
    double speed[sizeof CASES / sizeof *CASES];

    for (size_t i = 0; i < PATHS; i++) {
        paths[i] = hl7_path_compile(keep, slice_of(PLACES[i]), NULL);
        if (paths[i] == NULL)
            fail("a path does not compile");
    }
    if (argc == 4 && strcmp(argv[1], "--count") == 0)
        return count(argv[3], strtol(argv[2], NULL, 10));
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--ms") == 0)
            ms = strtol(argv[i + 1], NULL, 10);
    }
    if (rounds < 1 || rounds > ROUNDS_MAX || ms < 1)
        fail("--rounds is 1 to 99, --ms at least 1");
    printf("one thread, %ld rounds of %ld ms; the best index of this machine is %s\n", rounds, ms,
           has_avx512() ? "AVX-512"
           : has_avx2() ? "AVX2"
                        : "plain C");
    printf("%-20s %8s %8s %11s %8s %10s %8s %10s %8s\n", "message", "bytes", "marks", "read, 1/s", "MB/s",
           "AVX2 index", "of it", "best index", "of it");
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        speed[i] = measure(&CASES[i], (size_t)rounds, (double)ms);
    printf("large message beside the small one: %.0f %% of its MB/s\n", speed[2] / speed[0] * 100);
    arena_free(&keep);
    return 0;
}
