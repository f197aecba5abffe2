/* `charset "8859/1"`, `charset "UNICODE UTF-8" fallback "8859/2"`, or `fallback "8859/15"` alone: how to read
 * a sender whose MSH-18 is not to be believed. */
#include "rules/site/build.h"

#include "hl7/charset.h"

static bool is_known(struct slice name)
{
    const char *iconv_name;

    return hl7_charset_find(name, &iconv_name) != HL7_CHARSET_GUESS || slice_is(name, "ASCII");
}

static struct slice set_of(struct builder *b, const struct block *block, const char *key)
{
    const struct setting *s = block_setting(block, slice_of(key));

    if (s == NULL || s->value_count == 0)
        return (struct slice){ NULL, 0 };
    if (!is_known(s->values[0])) {
        diagnose(b->d, SEVERITY_ERROR, SITE_VALUE, s->at, "\"%.*s\" is no character set of HL7 table 0211",
                 SLICE_ARG(s->values[0]));
        diagnose_hint(b->d, "write for example \"8859/1\", \"8859/15\" or \"UNICODE UTF-8\"");
    }
    return s->values[0];
}

void read_charset(struct builder *b, const struct block *block, struct event_source *out)
{
    out->charset = set_of(b, block, "charset");
    out->charset_fallback = set_of(b, block, "fallback");
}
