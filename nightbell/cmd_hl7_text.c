/* nightbell hl7 escape, unescape, time: single texts. */
#include "base/time.h"
#include "hl7/charset.h"
#include "hl7/delimiters.h"
#include "hl7/dtm.h"
#include "hl7/escape.h"
#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"

#include <stdio.h>
#include <string.h>

/* `--delimiters '|^~\&'`: MSH-1 and MSH-2 as they stand in a message. */
static bool delimiters_of(const char *given, struct hl7_delimiters *d)
{
    struct error err = { .code = ERROR_NONE };
    struct buf header = buf_make(64);

    *d = hl7_delimiters_usual();
    if (given == NULL)
        return true;
    buf_printf(&header, "MSH%.20s%c", given, given[0]);
    bool right = hl7_delimiters_read(buf_slice(&header), "--delimiters", d, &err);
    buf_free(&header);
    if (!right)
        hl7_say(&err, 0);
    return right;
}

static int run_text(int argc, char **argv, const char *tool, bool escape)
{
    const char *given = NULL;
    const struct option_spec specs[] = { { .name = "--delimiters", .value = &given }, { .name = NULL } };
    struct hl7_delimiters d;
    struct buf out = buf_make((size_t)1 << 28);

    if (!options_take(&argc, argv, specs) || !delimiters_of(given, &d))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error(tool, "one TEXT is needed");
    bool whole = true;
    if (escape) {
        whole = hl7_escape_put(&out, &d, slice_of(argv[1]));
    } else {
        struct arena *a = arena_new();
        struct slice text = hl7_unescape(a, &d, slice_of(argv[1]));
        buf_put(&out, hl7_charset_text(a, HL7_CHARSET_GUESS, NULL, text));
        arena_free(&a);
    }
    hl7_put(&out);
    putchar('\n');
    buf_free(&out);
    if (!whole)
        fputs("nightbell: no escape character is declared: delimiters became blanks\n", stderr);
    return whole ? COMMAND_DONE : COMMAND_NO;
}

static int run_escape(int argc, char **argv)
{
    return run_text(argc, argv, "hl7 escape", true);
}

static int run_unescape(int argc, char **argv)
{
    return run_text(argc, argv, "hl7 unescape", false);
}

const struct hl7_tool tool_escape = {
    "escape",
    "escape TEXT [--delimiters '|^~\\&']\n\n"
    "The text as it may stand in a field: delimiters and control characters become escapes.\n"
    "Exit codes: 0 done, 1 the delimiters have no escape character.",
    "a text as it may stand in a field", run_escape
};

const struct hl7_tool tool_unescape = {
    "unescape",
    "unescape TEXT [--delimiters '|^~\\&']\n\n"
    "Escapes decoded once, left to right; unknown, malformed and unclosed ones stay as they are.\n"
    "Exit code: 0.",
    "a field's text with its escapes decoded", run_unescape
};

/* --- time ----------------------------------------------------------------------------------------- */

static const char *const PRECISIONS[] = {
    [HL7_YEAR] = "year",     [HL7_MONTH] = "month",   [HL7_DAY] = "day",          [HL7_HOUR] = "hour",
    [HL7_MINUTE] = "minute", [HL7_SECOND] = "second", [HL7_FRACTION] = "fraction"
};

/* What was sent behind the point: its digits, without blanks or a zone. */
static struct slice fraction_of(struct slice text)
{
    struct slice rest = slice_sub(text, slice_find(text, '.') + 1, SIZE_MAX);
    size_t n = 0;

    while (n < rest.len && rest.ptr[n] >= '0' && rest.ptr[n] <= '9')
        n++;
    return slice_sub(rest, 0, n);
}

static struct slice zone_of(struct slice text)
{
    size_t at = slice_find(text, '+');

    if (at == text.len)
        at = slice_find(text, '-');
    return slice_sub(text, at, SIZE_MAX);
}

/* The local fields as sent, as far as they were: 24:00 and second 60 stay what they are. */
static void put_fields(json_t *line, struct slice text, const struct hl7_dtm *t)
{
    static const struct {
        const char *name;
        size_t from, width;
        enum hl7_precision needs;
    } FIELDS[] = { { "year", 0, 4, HL7_YEAR },      { "month", 4, 2, HL7_MONTH },
                   { "day", 6, 2, HL7_DAY },        { "hour", 8, 2, HL7_HOUR },
                   { "minute", 10, 2, HL7_MINUTE }, { "second", 12, 2, HL7_SECOND } };

    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        uint32_t n = 0;
        if (t->precision >= FIELDS[i].needs)
            slice_to_u32(slice_sub(text, FIELDS[i].from, FIELDS[i].width), &n);
        json_object_set_new(line, FIELDS[i].name,
                            t->precision >= FIELDS[i].needs ? json_integer(n) : json_null());
    }
    json_object_set_new(line, "fraction",
                        t->precision == HL7_FRACTION ? json_of_slice(fraction_of(text)) : json_null());
}

static struct slice utc_text(const struct hl7_dtm *t, char room[48])
{
    struct civil c = time_to_civil(t->instant_us);
    int n = snprintf(room, 48, "%04d-%02u-%02uT%02u:%02u:%02u", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);

    if (c.us != 0)
        n += snprintf(room + n, 48 - (size_t)n, ".%06d", c.us);
    snprintf(room + n, 48 - (size_t)n, "Z");
    return slice_of(room);
}

static int run_time(int argc, char **argv)
{
    bool json = false;
    const struct option_spec specs[] = { { .name = "--json", .flag = &json }, { .name = NULL } };
    struct hl7_dtm t;
    char room[48];

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 time", "one TEXT is needed");
    struct slice text = slice_trim(slice_of(argv[1]));
    if (!hl7_dtm_parse(text, 0, &t)) {
        fputs("nightbell: not a time of the form YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+/-ZZZZ]\n", stderr);
        return COMMAND_NO;
    }
    json_t *line = json_object();
    put_fields(line, text, &t);
    json_object_set_new(line, "precision", json_string(PRECISIONS[t.precision]));
    json_object_set_new(line, "zone", t.has_zone ? json_of_slice(zone_of(text)) : json_null());
    json_object_set_new(line, "zone_minutes", t.has_zone ? json_integer(t.offset_min) : json_null());
    json_object_set_new(line, "utc", t.has_zone ? json_of_slice(utc_text(&t, room)) : json_null());
    if (json) {
        hl7_put_json(line);
        return COMMAND_DONE;
    }
    json_decref(line);
    printf("%.*s, to the %s, %s\n", SLICE_ARG(utc_text(&t, room)), PRECISIONS[t.precision],
           t.zone_unknown ? "UTC with the local offset unknown (-0000)"
           : t.has_zone   ? "with a zone"
                          : "without a zone: shown as if it were UTC; MSH-7's or the site's counts");
    return COMMAND_DONE;
}

const struct hl7_tool tool_time = { "time",
                                    "time TEXT [--json]\n\n"
                                    "A DTM, TS or DT: its fields as sent, precision and zone.\n"
                                    "  --json  {\"year\", \"month\", ..., \"fraction\": null where not sent, "
                                    "\"precision\", \"zone\": \"+0100\" or "
                                    "null,\n"
                                    "          \"zone_minutes\", \"utc\"}\n"
                                    "Exit codes: 0 it is one, 1 it is not.",
                                    "what a date or time says", run_time };
