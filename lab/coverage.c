#include "lab/coverage.h"

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define DIM   "\033[2m"
#define OFF   "\033[0m"

bool cover_full(const struct cover_rule *r)
{
    return r->seen == r->ways;
}

const struct cover_rule *lab_coverage_lethal_gap(const struct lab_coverage *c)
{
    for (size_t i = 0; i < c->rule_count; i++)
        if (c->rules[i].lethal && !cover_full(&c->rules[i]))
            return &c->rules[i];
    return NULL;
}

static const char *paint(bool colour, const char *code)
{
    return colour ? code : "";
}

static unsigned percent(size_t seen, size_t ways)
{
    return ways > 0 ? (unsigned)(seen * 100 / ways) : 100;
}

static void put_bar(struct buf *out, size_t seen, size_t ways)
{
    size_t full = ways > 0 ? seen * 20 / ways : 20;

    for (size_t i = 0; i < 20; i++)
        buf_text(out, i < full ? "#" : ".");
}

static void put_gaps(const struct cover_rule *r, bool colour, struct buf *out)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct cover_point *p = &r->points[i];
        for (int way = 0; way < 2; way++) {
            if (p->way[way] == NULL || p->seen[way] > 0)
                continue;
            buf_printf(out, "      %snever %s:%s %.*s  %s%.*s:%u", paint(colour, RED), p->way[way],
                       paint(colour, OFF), SLICE_ARG(p->what), paint(colour, DIM), SLICE_ARG(r->file),
                       p->line);
            if (p->column > 0)
                buf_printf(out, ":%u", p->column);
            buf_printf(out, "%s\n", paint(colour, OFF));
        }
    }
}

void lab_coverage_text(const struct lab_coverage *c, bool colour, struct buf *out)
{
    size_t widest = 4;

    for (size_t i = 0; i < c->rule_count; i++)
        widest = c->rules[i].name.len > widest ? c->rules[i].name.len : widest;
    for (size_t i = 0; i < c->rule_count; i++) {
        const struct cover_rule *r = &c->rules[i];
        buf_printf(out, "  %-*.*s  %s", (int)widest, SLICE_ARG(r->name),
                   paint(colour, cover_full(r) ? GREEN : RED));
        put_bar(out, r->seen, r->ways);
        buf_printf(out, "%s %3u %%  %zu of %zu%s\n", paint(colour, OFF), percent(r->seen, r->ways), r->seen,
                   r->ways, r->lethal ? "  lethal: must be whole" : "");
        put_gaps(r, colour, out);
    }
    buf_printf(out, "coverage %u %% (%zu of %zu)\n", percent(c->seen, c->ways), c->seen, c->ways);
}
