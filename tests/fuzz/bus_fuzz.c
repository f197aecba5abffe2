/* Bus frames: any bytes are refused or read, every item within them. */
#include "adapters/net/frames.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_item(struct frame *f)
{
    struct submit_item s;
    struct verdict_item v;
    struct deliver_item d;
    struct report_item r;
    struct push_item p;
    struct pushed_item q;

    switch (f->type) {
    case FRAME_SUBMIT:
        return submit_read(&f->body, &s);
    case FRAME_VERDICTS:
        return verdict_read(&f->body, &v);
    case FRAME_DELIVER:
        return deliver_read(&f->body, &d);
    case FRAME_REPORT:
        return report_read(&f->body, &r);
    case FRAME_PUSH:
        return push_read(&f->body, &p);
    case FRAME_PUSHED:
        return pushed_read(&f->body, &q);
    default:
        return false;
    }
}

/* A verdict that was read and is written again is read as the same. */
static void there_and_back(struct frame f)
{
    struct verdict_item v, again;
    struct buf b = buf_make(1 << 20);
    struct error err = { .code = ERROR_NONE };
    struct frame g;

    if (!verdict_read(&f.body, &v))
        return;
    frame_begin(&b, FRAME_VERDICTS, f.session);
    verdict_write(&b, &v);
    if (!frame_open(buf_slice(&b), &g, &err) || !verdict_read(&g.body, &again) || !reader_done(&g.body) ||
        again.position != v.position || again.error.code != v.error.code)
        abort();
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame f;
    struct error err = { .code = ERROR_NONE };

    if (!frame_open((struct slice){ (const char *)data, size }, &f, &err)) {
        if (err.code == ERROR_NONE || err.message[0] == '\0')
            abort();
        return 0;
    }
    if (f.type == FRAME_VERDICTS && f.count > 0)
        there_and_back(f);
    for (uint32_t n = 0; n < f.count && read_item(&f); n++)
        continue;
    return 0;
}
