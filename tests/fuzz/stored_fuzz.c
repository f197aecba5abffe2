/* What is read back from bytes that something else may have written: 'C' an event or a change of the census
 * in its canonical form, 'S' a snapshot of the state, else records of an append. Each is refused with an
 * error or used. */
#include "events/canonical.h"
#include "router/core.h"
#include "router/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct site *no_site(void *ctx, struct slice fileset, struct error *err)
{
    (void)ctx;
    (void)fileset;
    error_set(err, ERROR_VALUE, "no site here");
    return NULL;
}

static uint64_t some_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    (void)ctx;
    return lane ^ position << 20 ^ ordinal;
}

static void an_event(struct slice bytes)
{
    struct arena *a = arena_new();
    struct buf again = buf_make(1 << 20);
    struct error err = { .code = ERROR_NONE };
    struct reading r;

    if (!canonical_read(a, bytes, &r, &err) && err.code == ERROR_NONE)
        abort();
    for (size_t i = 0; err.code == ERROR_NONE && i < r.event_count; i++)
        canonical_put_event(&again, &r.events[i]);
    buf_free(&again);
    arena_free(&a);
}

static void a_snapshot(struct slice bytes)
{
    static const struct core_hooks hooks = { .compile_site = no_site, .alert_id = some_id };
    struct core *c = core_new(1, &hooks);
    struct error err = { .code = ERROR_NONE };

    if (!core_restore(c, bytes, &err) && err.code == ERROR_NONE)
        abort();
    core_free(&c);
}

static void records(struct slice bytes)
{
    struct reader in = reader_make(bytes);
    struct buf text = buf_make(1 << 22);
    struct error err = { .code = ERROR_NONE };
    struct record r;

    while (in.len > 0 && record_read(&in, &r, &err)) {
        layout_text(&text, record_layout(r.type), &r.as);
        buf_reset(&text);
        record_write(&text, &r);
        buf_reset(&text);
    }
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = { (const char *)data + (size > 0), size > 0 ? size - 1 : 0 };

    if (size > 0 && data[0] == 'C')
        an_event(rest);
    else if (size > 0 && data[0] == 'S')
        a_snapshot(rest);
    else
        records((struct slice){ (const char *)data, size });
    return 0;
}
