/* tests/bench/waits.c [--rounds N] - what an event costs that a rule looks for others like it, beside how
 * many alerts are open: suppress (which finds none), dedupe and bundle, and a code without any of them. Each
 * event is a start and its end, through the whole core (census, rules, records, no snapshot), in the
 * processor time of one thread. Numbers of open alerts go in turns within a round; medians are printed. */
#include "events/canonical.h"
#include "lab/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The program's table alone, without the program. */
#include "nightbell/block_schemas.c"

enum { SIZES = 4, CASES = 4, EVENTS = 400, MOST_ROUNDS = 25 };

static const uint32_t sizes[SIZES] = { 0, 200, 2000, 19000 };
static const char *const codes[CASES] = { "tachycardia", "spo2-low", "hr-high", "battery-low" };
static const char *const names[CASES] = { "plain", "suppress", "dedupe", "bundle" };

static const char text[] =
    "language 1\nsite bench timezone \"UTC\" demo yes\n"
    "desk front \"Front desk\" staffed always reach phones\n"
    "unit \"5W\" \"Ward\" { beds \"01\" to \"24\" fallback desk front }\n"
    "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"
    "listen mllp monitors { on \"127.0.0.1:2575\" sends starts, ends }\n"
    "person ana { reach phones }\n"
    "default { notify ana }\n"
    "rule stays { title \"Stays\" when alarm starts and code is comm-lost stop on ended notify ana\n"
    "  after 10h if not accepted notify desk front }\n"
    "rule plain { title \"Plain\" when alarm starts and code is tachycardia notify ana\n"
    "  after 1h if not accepted notify desk front }\n"
    "rule suppressed { title \"Held back\" when alarm starts and code is spo2-low\n"
    "  suppress while stays open same patient max 10min notify ana after 1h if not accepted notify desk "
    "front }\n"
    "rule deduped { title \"Once\" when alarm starts and code is hr-high\n"
    "  dedupe 3min by patient, code notify ana after 1h if not accepted notify desk front }\n"
    "rule bundled { title \"Together\" when alarm starts and code is battery-low\n"
    "  bundle 60s by unit notify ana after 1h if not accepted notify desk front }\n";

static struct site *compile(void *ctx, struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct arena *arena = arena_new();
    struct diagnostics d;
    size_t count;
    const struct block_schema *schemas = block_schemas(&count);

    (void)ctx;
    diagnostics_init(&d, arena, NULL, 0);
    struct site *site = files != NULL ? site_compile(files, schemas, count, &d) : NULL;
    if (site == NULL)
        error_set(err, ERROR_VALUE, "%.*s", d.count > 0 ? (int)d.items[0].message.len : 1,
                  d.count > 0 ? d.items[0].message.ptr : "?");
    diagnostics_free(&d);
    arena_free(&arena);
    fileset_free(&files);
    return site;
}

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "bench_waits: %s\n", what);
    exit(2);
}

static void send(struct lab *lab, enum event_phase phase, const char *code, uint32_t patient)
{
    struct event e = event_empty(EVENT_ALARM, phase);
    struct buf bytes = buf_make(1 << 16);
    char who[32], unit[32], identity[96];

    snprintf(who, sizeof who, "GH|%u", patient);
    snprintf(unit, sizeof unit, "W%u", patient % 1000);
    snprintf(identity, sizeof identity, "%s|%s", code, who);
    e.listener = e.sender = SLICE("monitors");
    e.time_us = lab->now_us;
    e.patient.id = slice_of(who);
    e.place.unit = slice_of(unit);
    e.identity = slice_of(identity);
    canonical_classify(&e, catalogue_named(core_site(lab->core)->catalogue, slice_of(code)), slice_of(code));
    canonical_put_event(&bytes, &e);
    if (!lab_submit(lab, e.listener, FORMAT_EVENT, buf_slice(&bytes), ++lab->next_id))
        fail(lab->error.message);
    buf_free(&bytes);
}

static double cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds for one start with its end. */
static double measure(struct lab *lab, const char *code, uint32_t first)
{
    double began = cpu_us();

    for (uint32_t i = 0; i < EVENTS; i++) {
        send(lab, PHASE_STARTS, code, first + i);
        send(lab, PHASE_ENDS, code, first + i);
    }
    return (cpu_us() - began) / EVENTS;
}

static void one_size(struct slice fileset, uint32_t open, uint32_t round, double took[CASES])
{
    struct lab_options options = { .compile_site = compile, .fileset = fileset, .alone = true };
    struct lab *lab = lab_new(&options);

    if (lab == NULL || lab->broken)
        fail(lab != NULL ? lab->error.message : "no site");
    lab_enrol(lab, "ana");
    for (uint32_t i = 0; i < open; i++)
        send(lab, PHASE_STARTS, "comm-lost", 1000000 + i);
    for (uint32_t k = 0; k < CASES; k++)
        took[k] = measure(lab, codes[(k + round) % CASES], 5000000 + k * EVENTS);
    lab_free(&lab);
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return a < b ? -1 : a > b;
}

int main(int argc, char **argv)
{
    static double took[SIZES][CASES][MOST_ROUNDS];
    uint32_t rounds = argc == 3 && strcmp(argv[1], "--rounds") == 0 ? (uint32_t)atoi(argv[2]) : 5;
    struct fileset *files = fileset_new();
    struct buf bytes = buf_make(1 << 20);

    if (rounds == 0 || rounds > MOST_ROUNDS)
        fail("--rounds: 1 to 25");
    fileset_add(files, SLICE("site.bell"), slice_of(text), NULL);
    fileset_write(&bytes, files);
    for (uint32_t r = 0; r < rounds; r++)
        for (uint32_t s = 0; s < SIZES; s++) {
            double one[CASES];
            one_size(buf_slice(&bytes), sizes[(s + r) % SIZES], r, one);
            for (uint32_t k = 0; k < CASES; k++)
                took[(s + r) % SIZES][(k + r) % CASES][r] = one[k];
        }
    printf("%8s", "open");
    for (uint32_t k = 0; k < CASES; k++)
        printf(" %12s", names[k]);
    printf("   us for a start and its end\n");
    for (uint32_t s = 0; s < SIZES; s++) {
        printf("%8u", sizes[s]);
        for (uint32_t k = 0; k < CASES; k++) {
            qsort(took[s][k], rounds, sizeof(double), by_value);
            printf(" %12.1f", took[s][k][rounds / 2]);
        }
        printf("\n");
    }
    buf_free(&bytes);
    fileset_free(&files);
    return 0;
}
