/* nightbell/router_journal.c - pages of the journal for who asks over the control socket (docs/control.md).
 *
 * A page is small, so that routing waits for it no longer than for one more commit; who wants more asks
 * again, and stands behind everything that has come in meanwhile. */
#include "nightbell/router_requests.h"

#include "base/base64url.h"
#include "base/limits.h"

enum { PAGE_APPENDS = 32, PAGE_BYTES = 256 * 1024 };

struct page {
    struct buf lines;
    size_t bytes;
};

/* One line an append; the first one always goes, however long it is. */
static bool put_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct page *p = ctx;

    if (p->bytes > 0 && p->bytes + a->records.len > PAGE_BYTES)
        return false;
    p->bytes += a->records.len;
    buf_printf(&p->lines, "{\"first\":%llu,\"count\":%u,\"lane_us\":%lld,\"wall_us\":%lld,\"records\":\"",
               (unsigned long long)first, a->count, (long long)a->lane_us, (long long)a->wall_us);
    base64url_put(&p->lines, a->records);
    buf_text(&p->lines, "\"}\n");
    return true;
}

void router_ask_journal(struct router *r, struct caller *c, const json_t *q)
{
    struct page p = { .lines = buf_make((size_t)LIMIT_APPEND_BYTES * 2) };
    struct error err = { .code = ERROR_NONE };
    json_int_t from = json_integer_value(json_object_get(q, "from"));
    uint64_t next = from > 0 ? (uint64_t)from : 0;

    if (from < 0 || next > r->position ||
        !r->journal->ops->read(r->journal, LANE, next, PAGE_APPENDS, put_append, &p, &next, &err)) {
        control_refuse(c, err.code != ERROR_NONE ? err.message : "that position is behind the journal's end");
    } else {
        control_text(c, buf_slice(&p.lines));
        control_line(c, json_pack("{s:I,s:I}", "next", (json_int_t)next, "end", (json_int_t)r->position));
    }
    buf_free(&p.lines);
}
