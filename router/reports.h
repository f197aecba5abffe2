/* router/reports.h - what goes back to sources on a connection of its own, until each has taken it.
 *
 * One queue a listener, first in first out: PCD-05 status reports and delayed application acknowledgements,
 * each with its bytes, made when it was decided. And for every alert of a PCD-04 whose reporter wants reports
 * a trail: which message to answer to, and which statuses of which send were told already. */
#ifndef NIGHTBELL_ROUTER_REPORTS_H
#define NIGHTBELL_ROUTER_REPORTS_H

#include "base/map.h"
#include "router/layout.h"
#include "router/record_list.h"

enum report_kind { REPORT_STATUS /* PCD-05 */, REPORT_ANSWER /* AA, AE, AR that MSH-16 asked for */ };

/* clang-format off */
#define REPORT_ROW_MEMBERS(M, S) M(S, U64, report) M(S, U64, alert) M(S, U8, kind) M(S, U32, status) \
    M(S, I64, at_us) M(S, BLOB, bytes)
#define REPORT_QUEUE_MEMBERS(M, S) M(S, TEXT, listener) M(S, U64, stalled_by)
#define REPORT_TRAIL_MEMBERS(M, S) M(S, U64, alert) M(S, TEXT, listener) M(S, BLOB, template_bytes)
#define REPORT_MARK_MEMBERS(M, S) M(S, U64, id) M(S, U32, told)
/* clang-format on */
struct report_row {
    REPORT_ROW_MEMBERS(MEMBER_DECLARE, _) /* at_us: lane time when it was decided */
};
struct report_queue {
    REPORT_QUEUE_MEMBERS(MEMBER_DECLARE, _) /* stalled_by: the report that waits for too long, or 0 */
    struct map *rows;                       /* report -> struct report_row, oldest first */
};
struct report_mark { /* a delivery, or the alert itself, and the statuses told of it (STATUS_BIT) */
    REPORT_MARK_MEMBERS(MEMBER_DECLARE, _)
};
struct report_trail {
    REPORT_TRAIL_MEMBERS(MEMBER_DECLARE, _)
    struct report_mark *marks;
    size_t mark_count, mark_room;
};

struct reports {
    struct map *queues; /* listener -> struct report_queue */
    struct map *trails; /* alert -> struct report_trail */
};

void reports_init(struct reports *r);
void reports_free(struct reports *r);
/* The report, and the queue that it stands in (may be NULL); NULL when it is settled or unknown. */
const struct report_row *reports_find(const struct reports *r, uint64_t report,
                                      const struct report_queue **queue);
size_t reports_waiting(const struct reports *r, struct slice listener);
size_t reports_waiting_all(const struct reports *r);
const struct report_queue *reports_queue(const struct reports *r, struct slice listener); /* or NULL */
const struct report_trail *reports_trail(const struct reports *r, uint64_t alert);        /* or NULL */
uint32_t report_told(const struct report_trail *t, uint64_t id); /* STATUS_BIT of each status told */

/* Changes, each on behalf of one record. */
void reports_trail_set(struct reports *r, uint64_t alert, struct slice listener, struct slice template_bytes);
void reports_trail_drop(struct reports *r, uint64_t alert);
void reports_mark(struct reports *r, uint64_t alert, uint64_t id, uint32_t status_bit);
void reports_add(struct reports *r, struct slice listener, const struct report_row *row);
void reports_settle(struct reports *r, struct slice listener, uint64_t report); /* it leaves its queue */
void reports_stall(struct reports *r, struct slice listener, uint64_t report);

void reports_write(const struct reports *r, struct buf *out);
void reports_read(struct reports *r, struct reader *in);

#endif
