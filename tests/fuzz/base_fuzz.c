/* The small readers of base: the first byte picks one, the rest is its input. Each answer is held to what
 * its header promises, so that a wrong answer is found as well as a crash. */
#include "base/base64url.h"
#include "base/decimal.h"
#include "base/time.h"
#include "base/tz.h"
#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void a_zone(struct slice in)
{
    struct error err = { .code = ERROR_NONE };
    struct tz *tz = tz_parse(in, &err);

    must((tz == NULL) == (err.code != ERROR_NONE));
    for (int64_t us = -40 * 366 * TIME_DAY; tz != NULL && us < 100 * 366 * TIME_DAY;
         us += 977 * TIME_DAY + TIME_HOUR) {
        struct civil c = tz_to_civil(tz, us);
        int64_t first = tz_from_civil(tz, c, TZ_FIRST), second = tz_from_civil(tz, c, TZ_SECOND);
        must(first <= us && us <= second);
    }
    tz_free(&tz);
}

static void a_decimal(struct slice in)
{
    struct decimal d, again;
    char text[DECIMAL_TEXT];

    if (decimal_parse(in, &d)) {
        must(decimal_parse(decimal_text(d, text), &again));
        must(decimal_compare(d, again) == 0 && d.scale == again.scale);
    }
}

static void an_instant(struct slice in)
{
    int64_t us, again;
    char text[TIME_TEXT];

    if (time_parse_iso(in, 60, &us)) {
        must(time_text(us, text).len < TIME_TEXT);
        struct civil c = time_to_civil(us);
        if (civil_valid(c)) /* an offset can carry 0000-01-01 into the year before */
            must(time_parse_iso(time_text(us, text), 0, &again) && us - again >= 0 && us - again < TIME_MS);
    }
}

static void a_base64url(struct slice in)
{
    struct buf bytes = buf_make(1 << 20), text = buf_make(1 << 20);

    if (base64url_decode(in, &bytes)) {
        base64url_put(&text, buf_slice(&bytes));
        must(slice_eq(buf_slice(&text), in)); /* one value, one spelling */
    } else {
        must(bytes.len == 0);
    }
    buf_free(&bytes);
    buf_free(&text);
}

static void a_text(struct slice in)
{
    struct buf out = buf_make(1 << 20), json = buf_make(8 << 20);

    utf8_put_any(&out, in);
    must(utf8_valid(buf_slice(&out)) && utf8_count(buf_slice(&out)) <= in.len);
    utf8_put_json(&json, in);
    must(utf8_valid(buf_slice(&json)));
    for (size_t i = 0; i < json.len; i++)
        must((unsigned char)json.ptr[i] >= 0x20);
    buf_free(&out);
    buf_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct slice in) = { a_decimal, an_instant, a_base64url, a_text };

    if (size == 0)
        return 0;
    struct slice in = { (const char *)data + 1, size - 1 };
    if (data[0] == 'T') /* so that a zone file as it is on disk is a seed */
        a_zone((struct slice){ (const char *)data, size });
    else
        readers[data[0] % 4](in);
    return 0;
}
