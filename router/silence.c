/* A listener that says `expect every D` and is not heard for so long is an alert (ARCHITECTURE 5, L9). */
#include "router/state.h"

#include "base/memory.h"

#include <stdlib.h>

LAYOUT_DEFINE(static, source_layout, "source", struct source_row, SOURCE_MEMBERS)

enum { SOURCES_MAX = 1000 }; /* names come from our own listeners */

void sources_expect(struct core *c)
{
    free(c->expect);
    c->expect = memory_array(c->site->block_count + 1, sizeof *c->expect);
    c->expect_count = 0;
    for (size_t i = 0; i < c->site->block_count; i++) {
        const struct block *b = &c->site->blocks[i];
        const struct setting *s = b->endpoint ? NULL : block_setting(b, SLICE("expect"));
        struct expectation *e = &c->expect[c->expect_count];
        if (s == NULL || s->value_count < 2 || !setting_duration(s->values[1], &e->every_us))
            continue;
        e->listener = b->name;
        c->expect_count += e->every_us > 0;
    }
}

void sources_heard(struct core *c, struct slice listener, int64_t lane_us)
{
    struct source_row *row = map_get(c->sources, listener);

    if (row == NULL) {
        if (listener.len == 0 || map_count(c->sources) >= SOURCES_MAX)
            return;
        row = memory_new(sizeof *row);
        text_set(&row->listener, listener);
        map_put(c->sources, listener, row);
    }
    row->heard_us = lane_us;
    row->silent = false;
}

void apply_source_silent(struct core *c, const struct record *r)
{
    struct source_row *row = map_get(c->sources, r->as.source_silent.listener);

    if (row == NULL) { /* never heard at all */
        sources_heard(c, r->as.source_silent.listener, r->lane_us);
        row = map_get(c->sources, r->as.source_silent.listener);
    }
    if (row != NULL)
        row->silent = true;
}

/* Silence counts from the last message or from the start of the router, whichever is later. */
static int64_t due_of(const struct core *c, const struct expectation *e)
{
    const struct source_row *row = map_get(c->sources, e->listener);
    int64_t since = row != NULL && row->heard_us > c->head.start_us ? row->heard_us : c->head.start_us;

    return row != NULL && row->silent ? INT64_MAX : since + e->every_us;
}

int64_t sources_deadline(const struct core *c)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < c->expect_count; i++) {
        int64_t due = due_of(c, &c->expect[i]);
        first = due < first ? due : first;
    }
    return first;
}

static const struct place NOWHERE;

/* Each silence is an alert of its own: told apart by when the source was heard last. */
static struct slice since_text(struct core *c, struct slice listener)
{
    const struct source_row *row = map_get(c->sources, listener);

    return arena_printf(c->scratch, "%.*s since %lld", SLICE_ARG(listener),
                        row != NULL ? (long long)row->heard_us : 0);
}

void decide_silence(struct core *c)
{
    for (size_t i = 0; i < c->expect_count; i++) {
        const struct expectation *e = &c->expect[i];
        struct record r = { .type = RECORD_SOURCE_SILENT, .as.source_silent = { e->listener } };
        struct message_context m = { .position = c->position };
        if (due_of(c, e) > c->now_us)
            continue;
        core_emit(c, &r);
        const char *title =
            arena_text(c->scratch,
                       arena_printf(c->scratch, "No message from %.*s for too long", SLICE_ARG(e->listener)));
        decide_technical(c, &m, "source-silent", title, NOWHERE, since_text(c, e->listener));
    }
}

void sources_stopped(struct core *c, struct slice listener, uint64_t position)
{
    struct record finding = { .type = RECORD_FINDING }, silent = { .type = RECORD_SOURCE_SILENT };

    finding.as.finding = (struct record_finding){ SLICE("planned-stop"), listener, listener, position };
    core_emit(c, &finding);
    silent.as.source_silent = (struct record_source_silent){ listener };
    core_emit(c, &silent);
}

struct alert *sources_silent_alert(struct core *c, struct slice listener)
{
    const struct source_row *row = map_get(c->sources, listener);

    if (row == NULL || !row->silent)
        return NULL;
    struct slice since = since_text(c, listener);
    struct alert *a =
        core_identity(c, arena_printf(c->scratch, "nightbell|source-silent|||%.*s", SLICE_ARG(since)));
    return a != NULL && a->state != ALERT_CLOSED ? a : NULL;
}

void sources_write(const struct core *c, struct buf *out)
{
    void *row;

    buf_u32(out, (uint32_t)map_count(c->sources));
    for (size_t at = 0; map_next(c->sources, &at, NULL, &row);)
        layout_write(out, &source_layout, row);
}

void sources_read(struct core *c, struct reader *in)
{
    uint32_t count = read_u32(in);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct source_row read, *row;
        layout_read(in, &source_layout, &read);
        if (in->failed)
            return;
        sources_heard(c, read.listener, read.heard_us);
        row = map_get(c->sources, read.listener);
        if (row != NULL)
            row->silent = read.silent;
    }
}

void sources_free(struct core *c)
{
    objects_free(&c->sources, &source_layout);
    free(c->expect);
}
