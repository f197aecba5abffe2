/* tests/bench/rules_whole.h - the whole way of an event through the core: an HL7 v2 message is read, mapped,
 * matched, decided and written as records, and what must leave is asked for. No disk, no socket.
 *
 * Each message opens an alert of its own: another patient, another device. The core is a new one each time,
 * so that as many alerts are open in a site of 10 rules as in one of 10,000. */
#ifndef NIGHTBELL_TESTS_BENCH_RULES_WHOLE_H
#define NIGHTBELL_TESTS_BENCH_RULES_WHOLE_H

#include "base/limits.h"
#include "lab/lab.h"
#include "tests/bench/rules_make.h"

#include <string.h>

enum { WHOLE_WARM = 128, WHOLE_TIMED = 1024, WHOLE_MESSAGES = WHOLE_WARM + WHOLE_TIMED };
#define WHOLE_WALL_US (INT64_C(1792022400) * TIME_S) /* when the messages say that they were sent */

/* An alarm of a monitor (PCD-04). */
static inline void whole_alarm(struct buf *out, const struct make_at *at, unsigned n)
{
    buf_printf(
        out,
        "MSH|^~\\&|MON|GH|NIGHTBELL|GH|20261015000000+0000||ORU^R40^ORU_R40|N%u|P|2.6|||AL|NE||UNICODE "
        "UTF-8|||IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO\rPID|||p%u^^^GH^MR||Doe%u^Ann"
        "^^^^^L||19530412|F\rPV1||I|W%02u^^%02u^GH\r"
        "OBR|1|A%u^MON|A%u^MON|196616^MDC_EVT_ALARM^MDC|||20261015000000+0000\r",
        n, n, n, at->ward, at->bed, n, n);
    buf_printf(out, "OBX|1|ST|%.*s^%.*s^%.*s|1.1.1.1.1|on||||||R|||20261015000000+0000||||mon-%u\r",
               SLICE_ARG(at->code->code), SLICE_ARG(at->code->name), SLICE_ARG(at->code->system), n);
    buf_printf(out,
               "OBX|2|NM|%.*s^METRIC^MDC|1.1.1.1.2|%u|||||||R\r"
               "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|start||||||R\r"
               "OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.1.1.4|active||||||R\r"
               "OBX|5|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.1.1.1.5|PM||||||R\r",
               at->code->source.len > 0 ? (int)at->code->source.len : 6,
               at->code->source.len > 0 ? at->code->source.ptr : "150456", n % 100);
}

/* A result of the laboratory, one test. */
static inline void whole_result(struct buf *out, const struct make_at *at, unsigned n)
{
    buf_printf(
        out,
        "MSH|^~\\&|LAB|GH|NIGHTBELL|GH|20261015000000+0000||ORU^R01^ORU_R01|N%u|P|2.5.1|||AL|NE||UNICODE "
        "UTF-8\rPID|1||p%u^^^GH^MR||Doe%u^Ann^^^^^L||19530412|F\rPV1|1|I|W%02u^^%02u^GH\r"
        "OBR|1|P%u|F%u|%.*s^%.*s^LN|||20261014235500+0000\r",
        n, n, n, at->ward, at->bed, n, n, SLICE_ARG(at->code->code), SLICE_ARG(at->code->title));
    buf_printf(out, "OBX|1|NM|%.*s^%.*s^LN||%u|%.*s|3-5|N|||F|||20261014235500+0000\r",
               SLICE_ARG(at->code->code), SLICE_ARG(at->code->title), n % 100, SLICE_ARG(at->code->unit));
}

static inline uint64_t whole_owned(const struct core *c, struct arena *a)
{
    struct counter *rows;
    size_t count;

    core_counters(c, a, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_is(rows[i].name, "owned"))
            return rows[i].value;
    return 0;
}

static inline void whole_effect(void *ctx, const struct effect *e)
{
    *(size_t *)ctx += e->full.len;
}

/* One message in, under a duplicate key as the edge made it; false when the core refuses it. */
static inline bool whole_send(struct lab *lab, struct slice wire, const uint64_t key[2], struct buf *append,
                              size_t *left)
{
    struct core_input in = { .kind = INPUT_MESSAGE };
    struct core_result result;
    struct error err = { .code = ERROR_NONE };
    uint32_t count = 0;

    in.as.message.listener = SLICE("telemetry");
    in.as.message.format = FORMAT_HL7V2;
    in.as.message.bytes = wire;
    memcpy(in.as.message.duplicate_key, key, sizeof in.as.message.duplicate_key);
    lab->now_us += TIME_MS;
    bool fine = core_decide(lab->core, &in, lab->now_us, lab->position, append, &count, &result, &err);
    lab->position += count;
    core_effects(lab->core, whole_effect, left);
    return fine && result.accepted;
}

#endif
