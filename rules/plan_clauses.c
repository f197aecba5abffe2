/* rules/plan_clauses.c - the clauses of a plan as bytes, and what makes two events the same for one of them.
 */
#include "base/limits.h"
#include "events/schema.h"
#include "rules/plan.h"

enum { RANGES_MAX = 1000 };

/* --- bytes -----------------------------------------------------------------------------------------------
 */

static void put_texts(struct buf *out, const struct slice *texts, size_t count)
{
    buf_u16(out, (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        buf_slice_put(out, texts[i]);
}

static void put_shift(struct buf *out, const struct shift *s)
{
    buf_slice_put(out, s->name);
    buf_u8(out, s->days);
    buf_u16(out, (uint16_t)s->range_count);
    for (size_t i = 0; i < s->range_count; i++) {
        buf_u16(out, s->ranges[i].from_min);
        buf_u16(out, s->ranges[i].to_min);
    }
}

void plan_clauses_write(struct buf *out, const struct plan_clauses *c)
{
    buf_i64(out, c->dedupe_us);
    put_texts(out, c->dedupe.fields, c->dedupe.count);
    buf_i64(out, c->bundle_us);
    put_texts(out, c->bundle.fields, c->bundle.count);
    buf_i64(out, c->limit_us);
    buf_u32(out, c->limit);
    buf_i64(out, c->suppress_us);
    put_texts(out, c->suppress.fields, c->suppress.count);
    put_texts(out, c->while_rules, c->while_rule_count);
    put_texts(out, c->while_codes, c->while_code_count);
    buf_i64(out, c->expire_us);
    buf_u8(out, c->delivers);
    if (c->delivers)
        put_shift(out, &c->deliver);
}

static const struct slice *get_texts(struct reader *in, struct arena *a, size_t most, size_t *count)
{
    *count = read_u16(in);
    in->failed = in->failed || *count > most;
    if (in->failed)
        *count = 0;
    struct slice *list = arena_array(a, *count + 1, sizeof *list);
    for (size_t i = 0; i < *count; i++)
        list[i] = read_slice(in);
    return list;
}

static void get_same(struct reader *in, struct arena *a, struct plan_same *out)
{
    out->fields = get_texts(in, a, LIMIT_CLAUSE_FIELDS, &out->count);
}

static void get_shift(struct reader *in, struct arena *a, struct shift *out)
{
    out->name = read_slice(in);
    out->days = read_u8(in);
    out->range_count = read_u16(in);
    in->failed = in->failed || out->range_count > RANGES_MAX;
    if (in->failed)
        out->range_count = 0;
    struct shift_range *ranges = arena_array(a, out->range_count + 1, sizeof *ranges);
    for (size_t i = 0; i < out->range_count; i++) {
        ranges[i].from_min = read_u16(in);
        ranges[i].to_min = read_u16(in);
    }
    out->ranges = ranges;
}

bool plan_clauses_read(struct reader *in, struct arena *a, struct plan_clauses *out)
{
    out->dedupe_us = read_i64(in);
    get_same(in, a, &out->dedupe);
    out->bundle_us = read_i64(in);
    get_same(in, a, &out->bundle);
    out->limit_us = read_i64(in);
    out->limit = read_u32(in);
    out->suppress_us = read_i64(in);
    get_same(in, a, &out->suppress);
    out->while_rules = get_texts(in, a, LIMIT_SUPPRESS_NAMES, &out->while_rule_count);
    out->while_codes = get_texts(in, a, LIMIT_SUPPRESS_NAMES, &out->while_code_count);
    out->expire_us = read_i64(in);
    out->delivers = read_u8(in) != 0;
    if (out->delivers)
        get_shift(in, a, &out->deliver);
    return !in->failed && out->dedupe_us >= 0 && out->bundle_us >= 0 && out->limit_us >= 0 &&
           out->suppress_us >= 0 && out->expire_us >= 0;
}

/* --- what makes two events the same -----------------------------------------------------------------------
 */

static void put_number(struct buf *out, const struct event *e, size_t id)
{
    size_t at = out->len;

    buf_u32(out, 0);
    event_field_text(e, id, out);
    buf_patch_u32(out, at, (uint32_t)(out->len - at));
}

static bool put_value(struct buf *out, const struct event *e, size_t id)
{
    struct field_value v = event_field(e, id);
    enum field_type type = schema_field(id)->type;

    if (!v.present)
        return false;
    if (type == TYPE_NUMBER)
        put_number(out, e, id);
    else if (type == TYPE_INSTANT)
        buf_i64(out, v.instant_us);
    else
        buf_slice_put(out, v.text);
    for (size_t i = 0; i < v.list_count; i++)
        buf_slice_put(out, v.list[i]);
    return true;
}

/* A bed's name is its own in one unit only. */
static bool put_unit(struct buf *out, const struct event *e, struct slice field)
{
    bool here = slice_is(field, "bed") || slice_is(field, "room"), prior = slice_is(field, "prior-bed");
    size_t id;

    if (!here && !prior)
        return true;
    return schema_find(here ? SLICE("unit") : SLICE("prior-unit"), &id) && put_value(out, e, id);
}

bool plan_same_key(const struct plan_same *s, const struct event *e, struct buf *out)
{
    for (size_t i = 0; i < s->count; i++) {
        size_t id;
        if (!schema_find(s->fields[i], &id) || !put_value(out, e, id) || !put_unit(out, e, s->fields[i]))
            return false;
    }
    return s->count > 0 && !out->failed;
}
