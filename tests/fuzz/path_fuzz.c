/* Any bytes as a path and as a Terser's spelling, over a message of many groups or over what follows the
 * first line: faults are located, what `each` gives first is what `get` gives, and a match's text is that
 * match. */
#include "hl7/path.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char MESSAGE[] =
    "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rPID|1||m1&x^^^H~m2||DOE^PAT\rNTE|1||p\rPV1|1|I\r"
    "ORC|RE|o1\rOBR|1|o1||P1\rOBX|1|NM|K||4.1\rNTE|1||a\\T\\b\rOBX|2|NM|NA||140~~141\rSPM|1|s1\r"
    "ORC|RE|o2\rOBR|2|o2||P2\rOBX|1|NM|K||\"\"\rNTE|1||c\rRGS|1\rAIL|1||R^1\rMFE|1\rSTF|1\rZZZ\r";

static void check(bool ok)
{
    if (!ok)
        abort();
}

struct first {
    struct hl7_match match;
    size_t calls;
};

static bool keep(void *ctx, const struct hl7_match *match)
{
    struct first *f = ctx;

    if (f->calls++ == 0)
        f->match = *match;
    return f->calls < 1000;
}

static void check_match(struct arena *arena, const struct hl7_path *p, const struct hl7_message *m,
                        const struct hl7_match *match)
{
    struct buf text = buf_make(1 << 16);
    struct slice raw;

    hl7_match_text(&text, p, m, match);
    check(!text.failed && text.len > 0);
    if (match->segment != HL7_NONE) {
        struct hl7_path *again = hl7_path_compile(arena, buf_slice(&text), NULL);
        check(again != NULL && hl7_path_get(again, m, HL7_NONE, &raw, NULL) == match->state);
        check(slice_eq(raw, match->raw));
    }
    buf_free(&text);
}

static void check_path(struct arena *arena, const struct hl7_path *p, const struct hl7_message *m)
{
    struct first f = { .calls = 0 };
    struct slice raw;
    bool many;

    hl7_path_check(p, NULL);
    check(hl7_path_type(p)[0] != '*');
    size_t calls = hl7_path_each(p, m, keep, &f);
    check(calls == f.calls && calls > 0);
    enum hl7_presence state = hl7_path_get(p, m, HL7_NONE, &raw, &many);
    if (!hl7_path_is_many(p))
        check(calls == 1 && state == f.match.state && slice_eq(raw, f.match.raw));
    check_match(arena, p, m, &f.match);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = { (const char *)data, size }, text = slice_cut(&rest, '\n');
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, rest.len > 0 ? rest : slice_of(MESSAGE), NULL);

    if (m == NULL)
        m = hl7_message_parse(arena, slice_of(MESSAGE), NULL);
    for (int terser = 0; terser < 2; terser++) {
        struct error err = { 0 };
        struct hl7_path *p = (terser ? hl7_terser_compile : hl7_path_compile)(arena, text, &err);
        check((p == NULL) == (err.code != ERROR_NONE));
        check(p != NULL || (err.column > 0 && err.column <= text.len + 1 && err.hint[0] != '\0'));
        if (p != NULL)
            check_path(arena, p, m);
    }
    arena_free(&arena);
    return 0;
}
