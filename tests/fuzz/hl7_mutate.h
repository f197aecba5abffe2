/* tests/fuzz/hl7_mutate.h - changes HL7 v2 messages as messages: segments, fields, delimiters, escapes, sets.
 *
 * Half of the time the bytes are changed by libFuzzer as it knows; the other half one of the steps below is
 * taken on the lines and fields that are there, so that inputs stay close to what the parser reads far into.
 */
#ifndef NIGHTBELL_TESTS_FUZZ_HL7_MUTATE_H
#define NIGHTBELL_TESTS_FUZZ_HL7_MUTATE_H

#include "base/prng.h"
#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

struct mutation {
    char *bytes;
    size_t len, max;
    struct prng random;
};

/* Values that have meaning somewhere, and pieces that must not have any. */
static const char *const MUTATE_PIECES[] = {
    "|",
    "^",
    "~",
    "&",
    "\\",
    "#",
    "\"\"",
    "||||||||||||||||||||",
    "\r",
    "\n",
    "\r\n",
    "\r\r",
    "\\F\\",
    "\\S\\",
    "\\T\\",
    "\\R\\",
    "\\E\\",
    "\\P\\",
    "\\X0D\\",
    "\\X41424\\",
    "\\.br\\",
    "\\.sp99\\",
    "\\.in+4\\",
    "\\H\\a\\N\\",
    "\\C2842\\",
    "\\C2D46\\\xE1",
    "\\M2442\\K|\\C2842\\",
    "\\M242844\\0!\\C2842\\",
    "\\Zx\\",
    "\\Q",
    "\\\\",
    "\x1B$BK|8^\x1B(B",
    "\x1B$)C\x0EH+\x0F",
    "\x1B(I^\x1B(B",
    "\xCA\x7C",
    "\x81\x30\x81\x30",
    "\x81\x5C",
    "\xC3\xBC",
    "\xFC",
    "\xEF\xBB\xBF",
    "\xEF\xBF\xBD",
    "20261122130509.1234+0100",
    "2026112224",
    "199728^MDC_EVT_ECG_TACHY^MDC",
    "P",
    "2.5.1",
};

static const char *const MUTATE_SEGMENTS[] = {
    "MSH|^~\\&|A|B|C|D|20261122||ADT^A01^ADT_A01|1|P|2.5",
    "MSH|^~\\&#|A||||||ORU^R40^ORU_R40|2|P|2.6|||AL|NE||UNICODE UTF-8",
    "EVN|A01|20261122",
    "PID|1||7^^^GH^MR~8^^^NI||Doe^Jane",
    "PV1|1|I|ICU^501^01",
    "OBR|1|1|2|196616^MDC_EVT_ALARM^MDC",
    "OBX|1|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.2.1.1|start||||||F",
    "NTE|1||a\\.br\\b",
    "MRG|9^^^GH",
    "ZBE|1|2",
    "BHS|^~\\&",
    "BTS|1",
    "FTS|1",
    "PID",
    "zzz|1",
    " not a segment",
};

static const char *const MUTATE_SETS[] = {
    "",
    "ASCII",
    "8859/1",
    "8859/15",
    "UNICODE UTF-8",
    "GB 18030-2000",
    "BIG-5",
    "KS X 1001",
    "CNS 11643-1992",
    "SHIFT_JIS",
    "ISO IR87",
    "~ISO IR87",
    "8859/1~8859/7",
    "ISO IR13~ISO IR87",
    "UNICODE UTF-16",
    "KLINGON",
};

static inline size_t mutate_below(struct mutation *m, size_t bound)
{
    return bound == 0 ? 0 : (size_t)prng_below(&m->random, bound);
}

static inline const char *mutate_pick(struct mutation *m, const char *const *table, size_t count)
{
    return table[mutate_below(m, count)];
}

#define MUTATE_PICK(m, table) mutate_pick(m, table, sizeof(table) / sizeof *(table))

/* Puts `text` in place of bytes [from, to); nothing happens when it has no room. */
static inline void mutate_splice(struct mutation *m, size_t from, size_t to, const char *text, size_t len)
{
    if (m->len - (to - from) + len > m->max)
        return;
    memmove(m->bytes + from + len, m->bytes + to, m->len - to);
    memcpy(m->bytes + from, text, len);
    m->len = m->len - (to - from) + len;
}

/* The start of a random line, and its end without the line end. */
static inline size_t mutate_line(struct mutation *m, size_t *end)
{
    size_t from = mutate_below(m, m->len + 1);

    while (from > 0 && m->bytes[from - 1] != '\r' && m->bytes[from - 1] != '\n')
        from--;
    for (*end = from; *end < m->len && m->bytes[*end] != '\r' && m->bytes[*end] != '\n';)
        ++*end;
    return from;
}

static inline bool mutate_joins(const struct mutation *m, size_t at)
{
    return strchr("|^~&\r\n", m->bytes[at]) != NULL;
}

/* A random part between two delimiters of the usual kind. */
static inline size_t mutate_part(struct mutation *m, size_t *end)
{
    size_t from = mutate_below(m, m->len + 1);

    while (from > 0 && !mutate_joins(m, from - 1))
        from--;
    for (*end = from; *end < m->len && !mutate_joins(m, *end);)
        ++*end;
    return from;
}

static inline void mutate_segment_in(struct mutation *m)
{
    char line[128];
    size_t end, from = mutate_line(m, &end);
    int len = snprintf(line, sizeof line, "%s%s", MUTATE_PICK(m, MUTATE_SEGMENTS),
                       mutate_below(m, 3) == 0 ? "\n" : "\r");

    mutate_splice(m, from, from, line, (size_t)len);
}

/* A copy of a line, or of a part, somewhere else. */
static inline void mutate_copy(struct mutation *m, size_t (*find)(struct mutation *, size_t *))
{
    char piece[512];
    size_t end, from = find(m, &end), to_end, to = find(m, &to_end);
    size_t len = end - from + (end < m->len);

    if (len > sizeof piece)
        len = sizeof piece;
    memcpy(piece, m->bytes + from, len);
    mutate_splice(m, to, mutate_below(m, 2) == 0 ? to : to_end, piece, len);
}

static inline void mutate_drop(struct mutation *m, size_t (*find)(struct mutation *, size_t *))
{
    size_t end, from = find(m, &end);

    mutate_splice(m, from, end < m->len ? end + mutate_below(m, 2) : end, "", 0);
}

static inline void mutate_piece_in(struct mutation *m)
{
    size_t end, from = mutate_part(m, &end);
    const char *piece = MUTATE_PICK(m, MUTATE_PIECES);

    if (mutate_below(m, 2) == 0)
        from += mutate_below(m, end - from + 1);
    mutate_splice(m, from, mutate_below(m, 2) == 0 ? end : from, piece, strlen(piece));
}

/* MSH-18 of the first line, whatever stood there. */
static inline void mutate_set(struct mutation *m)
{
    const char *set = MUTATE_PICK(m, MUTATE_SETS);
    size_t at = 0, bars = 0, end;

    for (; at < m->len && bars < 17 && m->bytes[at] != '\r' && m->bytes[at] != '\n'; at++)
        bars += m->bytes[at] == '|';
    for (; bars < 17; bars++, at++)
        mutate_splice(m, at, at, "|", 1);
    if (at > m->len)
        return;
    for (end = at; end < m->len && strchr("|\r\n", m->bytes[end]) == NULL;)
        end++;
    mutate_splice(m, at, end, set, strlen(set));
}

/* One character in place of another, everywhere: other delimiters, other line ends. */
static inline void mutate_exchange(struct mutation *m)
{
    static const char KNOWN[] = "|^~\\&\r", OTHERS[] = "|^~\\&#!$*%@\r\n";
    char from = KNOWN[mutate_below(m, sizeof KNOWN - 1)], to = OTHERS[mutate_below(m, sizeof OTHERS - 1)];

    for (size_t i = 0; i < m->len; i++)
        if (m->bytes[i] == from)
            m->bytes[i] = to;
}

static inline void mutate_once(struct mutation *m)
{
    switch (mutate_below(m, 10)) {
    case 0:
        mutate_segment_in(m);
        break;
    case 1:
        mutate_copy(m, mutate_line);
        break;
    case 2:
        mutate_drop(m, mutate_line);
        break;
    case 3:
        mutate_copy(m, mutate_part);
        break;
    case 4:
        mutate_drop(m, mutate_part);
        break;
    case 5:
        mutate_set(m);
        break;
    case 6:
        mutate_exchange(m);
        break;
    default:
        mutate_piece_in(m);
    }
}

static inline size_t mutate_message(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct mutation m = { .bytes = (char *)data, .len = size, .max = max, .random = prng_make(seed) };

    if (mutate_below(&m, 2) == 0)
        return LLVMFuzzerMutate(data, size, max);
    for (size_t n = 1 + mutate_below(&m, 4); n > 0; n--)
        mutate_once(&m);
    return m.len;
}

#endif
