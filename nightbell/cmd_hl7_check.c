/* nightbell hl7 check, split: is it right, and what is in the file. */
#include "base/decimal.h"
#include "base/utf8.h"
#include "hl7/ack.h"
#include "hl7/charset.h"
#include "hl7/dtm.h"
#include "hl7/names.h"
#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- check ---------------------------------------------------------------------------------------- */

struct checking {
    struct hl7_file *file;
    const struct hl7_message *m;
    json_t *warnings; /* of this message */
    size_t warned;
    bool json;
    size_t number; /* of the message, when there are several; else 0 */
};

enum { WARNINGS_SHOWN = 100 };

static void warn(struct checking *c, const char *where, const char *what)
{
    c->warned++;
    if (json_array_size(c->warnings) < WARNINGS_SHOWN)
        json_array_append_new(c->warnings, json_pack("{s:s, s:s}", "where", where, "message", what));
    if (c->json || c->warned > WARNINGS_SHOWN)
        return;
    if (c->number > 0)
        printf("message %zu: ", c->number);
    printf("%swarning%s %s: %s\n", hl7_paint("\033[33m"), hl7_paint("\033[0m"), where, what);
}

/* Is this a value that its data type allows? Only types that programs reckon with are looked at. */
static const char *type_fault(struct slice type, struct slice text)
{
    struct hl7_dtm t;
    struct decimal d;

    if (slice_is(type, "DTM") || slice_is(type, "DT"))
        return hl7_dtm_parse(text, 0, &t) ? NULL : "not a date or time of the form YYYYMMDDHHMMSS+ZZZZ";
    if (slice_is(type, "NM"))
        return decimal_parse(slice_trim(text), &d) ? NULL : "not a number";
    if (slice_is(type, "SI"))
        return slice_to_u32(slice_trim(text), &(uint32_t){ 0 }) ? NULL : "not a sequence number";
    return NULL;
}

static void check_value(struct checking *c, size_t at, uint32_t field, uint32_t rep, uint32_t component,
                        struct slice type, bool composed)
{
    struct slice raw;
    char where[HL7_PLACE];

    if (hl7_get(c->m, at, field, rep, component, component > 0 ? 1 : 0, &raw) != HL7_VALUE)
        return;
    const char *fault = type_fault(type, hl7_text(c->m, c->file->arena, raw));
    if (fault != NULL)
        warn(c, hl7_place(c->m, at, field, composed ? component : 0, where), fault);
}

/* OBX-5 is of the type that OBX-2 says. */
static struct slice field_type(const struct checking *c, size_t at, uint32_t field)
{
    struct slice name = hl7_segment_name(c->m, at);

    if (slice_is(name, "OBX") && field == 5)
        return hl7_value(c->m, c->file->arena, at, 2, 1, 1, 0);
    return slice_of(hl7_field_type(name, field));
}

static void check_field(struct checking *c, size_t at, uint32_t field)
{
    struct slice type = field_type(c, at, field);
    uint32_t reps = hl7_repetitions(c->m, at, field), components = hl7_type_components(type);

    if (!hl7_type_known(type))
        return;
    for (uint32_t r = 1; r <= reps; r++) {
        if (components == 0)
            check_value(c, at, field, r, 1, type, false);
        for (uint32_t n = 1; n <= components; n++)
            check_value(c, at, field, r, n, slice_of(hl7_component_type(type, n)), true);
    }
}

static void check_segment(struct checking *c, size_t at)
{
    struct slice name = hl7_segment_name(c->m, at);
    uint32_t size = hl7_segment_size(name), fields = hl7_segment_fields(c->m, at);
    char where[HL7_PLACE];

    if (size == 0) {
        bool known = name.len == 3 && name.ptr[0] == 'Z';
        if (!known)
            warn(c, hl7_place(c->m, at, 0, 0, where),
                 name.len == 3 ? "the standard has no segment of this name" : "this line is no segment");
        return;
    }
    for (uint32_t field = size + 1; field <= fields; field++)
        if (hl7_get(c->m, at, field, 0, 0, 0, NULL) >= HL7_NULL) {
            warn(c, hl7_place(c->m, at, field, 0, where), "the standard has no such field");
            break;
        }
    for (uint32_t field = at == 0 ? 3 : 1; field <= fields && field <= size; field++)
        check_field(c, at, field);
}

static void check_header(struct checking *c)
{
    static const struct {
        uint32_t field;
        const char *what;
    } NEEDED[] = { { 7, "no time of the message" },
                   { 9, "no message type: nobody can tell what this is" },
                   { 10, "no control id: an acknowledgement of it cannot be matched" },
                   { 11, "no processing id" },
                   { 12, "no version" } };
    char where[HL7_PLACE];

    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++)
        if (hl7_get(c->m, 0, NEEDED[i].field, 1, 1, 0, NULL) != HL7_VALUE)
            warn(c, hl7_place(c->m, 0, NEEDED[i].field, 0, where), NEEDED[i].what);
    if (hl7_message_charset(c->m) == HL7_CHARSET_UTF8 && !utf8_valid(hl7_message_wire(c->m)))
        warn(c, "MSH-18", "declared UTF-8, and the bytes are not");
    if (hl7_message_delimiters(c->m)->escape == 0)
        warn(c, "MSH-2", "no escape character is declared: delimiters cannot be sent as data");
}

static json_t *json_of_check(const struct checking *c, const struct hl7_item *item, size_t n, bool ok,
                             const struct error *err)
{
    json_t *line = json_object();

    json_object_set_new(line, "message", json_integer((json_int_t)n));
    json_object_set_new(line, "offset", json_integer((json_int_t)(item != NULL ? item->offset : 0)));
    json_object_set_new(line, "ok", json_boolean(ok));
    if (!ok)
        json_object_set_new(line, "error", hl7_json_error(err));
    json_object_set(line, "warnings", c->warnings);
    json_object_set_new(line, "warning_count", json_integer((json_int_t)c->warned));
    return line;
}

/* True: it can be read. */
static bool check_one(struct hl7_file *f, const struct hl7_item *item, size_t n, bool json, size_t *warned)
{
    struct error err = { .code = ERROR_NONE };
    struct slice bytes = item != NULL ? item->bytes : buf_slice(&f->bytes);
    struct hl7_message *m = hl7_message_parse(f->arena, bytes, &err);
    struct checking c = { f, m, json_array(), 0, json, f->messages > 1 ? n : 0 };

    if (m != NULL) {
        check_header(&c);
        for (size_t i = 0; i < hl7_message_segments(m); i++)
            check_segment(&c, i);
    }
    if (json)
        hl7_put_json(json_of_check(&c, item, n, m != NULL, &err));
    else if (m == NULL)
        hl7_say(&err, c.number);
    else if (c.warned > WARNINGS_SHOWN)
        printf("%zu warnings more\n", c.warned - WARNINGS_SHOWN);
    *warned += c.warned;
    json_decref(c.warnings);
    return m != NULL;
}

/* --- around the messages --- */

struct around {
    bool json, right;
    size_t warned;
};

static void trailer_check(struct around *a, const struct hl7_item *item)
{
    const char *where = item->kind == HL7_ITEM_BATCH_TRAILER ? "BTS-1" : "FTS-1";

    if (!item->has_declared || item->declared == item->counted)
        return;
    a->warned++;
    if (a->json)
        hl7_put_json(json_pack("{s:s, s:I, s:I, s:I}", "where", where, "offset", (json_int_t)item->offset,
                               "declared", (json_int_t)item->declared, "counted", (json_int_t)item->counted));
    else
        printf("%swarning%s %s at byte %zu: says %llu, there are %llu\n", hl7_paint("\033[33m"),
               hl7_paint("\033[0m"), where, item->offset, (unsigned long long)item->declared,
               (unsigned long long)item->counted);
}

/* The name of the first line that is a segment of the standard; "" when there is none. */
static struct slice segment_within(struct slice bytes)
{
    for (size_t i = 0; i + 3 < bytes.len; i++) {
        struct slice name = slice_sub(bytes, i, 3);
        bool begins = i == 0 || bytes.ptr[i - 1] == '\r' || bytes.ptr[i - 1] == '\n';
        if (begins && ispunct((unsigned char)bytes.ptr[i + 3]) && hl7_segment_size(name) > 0)
            return name;
    }
    return SLICE("");
}

/* Segments without an MSH before them are data that no reader would see: an error. Other bytes are noise. */
static void other_check(struct around *a, const struct hl7_item *item)
{
    struct error err = { .code = ERROR_NONE };
    struct slice name = segment_within(item->bytes);

    if (hl7_is_marks(item->bytes))
        return;
    if (name.len > 0) {
        a->right = false;
        error_at(&err, ERROR_MISSING, "MSH", "%zu bytes at byte %zu, from %.3s on, belong to no message",
                 item->bytes.len, item->offset, name.ptr);
    } else {
        a->warned++;
    }
    if (a->json && name.len > 0)
        hl7_put_json(json_pack("{s:I, s:I, s:b, s:o}", "offset", (json_int_t)item->offset, "length",
                               (json_int_t)item->bytes.len, "ok", 0, "error", hl7_json_error(&err)));
    else if (a->json)
        hl7_put_json(json_pack("{s:s, s:I, s:I}", "where", "", "offset", (json_int_t)item->offset, "unread",
                               (json_int_t)item->bytes.len));
    else if (name.len > 0)
        hl7_say(&err, 0);
    else
        printf("%swarning%s %zu bytes at byte %zu belong to no message\n", hl7_paint("\033[33m"),
               hl7_paint("\033[0m"), item->bytes.len, item->offset);
}

/* Counts of trailers that do not hold, and bytes that belong to nothing. */
static void items_check(const struct hl7_file *f, struct around *a)
{
    for (size_t i = 0; i < f->count; i++) {
        trailer_check(a, &f->items[i]);
        if (f->items[i].kind == HL7_ITEM_OTHER && (f->messages > 0 || hl7_file_is_batch(f)))
            other_check(a, &f->items[i]);
    }
}

static int run_check(int argc, char **argv)
{
    bool json = false, strict = false, right = true;
    const struct option_spec specs[] = { { .name = "--json", .flag = &json },
                                         { .name = "--strict", .flag = &strict },
                                         { .name = NULL } };
    struct hl7_file f;
    size_t warned = 0;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 check", "a FILE is needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    if (f.messages == 0 &&
        !hl7_file_is_batch(&f)) /* what stands there instead is what the parser says of it */
        right = check_one(&f, NULL, 1, json, &warned);
    for (size_t n = 1; n <= f.messages; n++)
        right = check_one(&f, hl7_file_message(&f, n), n, json, &warned) && right;
    struct around around = { json, right, warned };
    items_check(&f, &around);
    right = around.right;
    warned = around.warned;
    if (!json && right)
        printf("%s%s: %zu message%s can be read, %zu warning%s\n", hl7_paint("\033[32m"), argv[1], f.messages,
               f.messages == 1 ? "" : "s", warned, warned == 1 ? "" : "s");
    fputs(json ? "" : hl7_paint("\033[0m"), stdout);
    hl7_file_free(&f);
    return right && !(strict && warned > 0) ? COMMAND_DONE : COMMAND_NO;
}

const struct hl7_tool tool_check = {
    "check",
    "check FILE [--json] [--strict]\n\n"
    "Can every message of the file be read? An error has its place; values are never shown. Warnings tell "
    "what\n"
    "the standard would not like: unknown segments and fields, values that are no date or number, counts of\n"
    "trailers that do not hold.\n"
    "  --json    a line a message: {\"message\", \"offset\", \"ok\", \"error\": {code where message hint}, "
    "\"warnings\"}\n"
    "  --strict  warnings count as errors\n"
    "Exit codes: 0 every message can be read, 1 one cannot, 4 no such file.",
    "can it be read; where not, and why", run_check
};

/* --- split ---------------------------------------------------------------------------------------- */

static const char *const KINDS[] = {
    [HL7_ITEM_MESSAGE] = "message",           [HL7_ITEM_FILE_HEADER] = "file-header",
    [HL7_ITEM_BATCH_HEADER] = "batch-header", [HL7_ITEM_BATCH_TRAILER] = "batch-trailer",
    [HL7_ITEM_FILE_TRAILER] = "file-trailer", [HL7_ITEM_OTHER] = "other"
};

struct splitting {
    size_t message, batch;
};

static json_t *json_of_message(const struct hl7_item *item, const struct splitting *s)
{
    struct hl7_header h = { .is_answer = false };
    json_t *line = json_object();
    struct buf type = buf_make(4096);

    hl7_header_scan(item->bytes, &h);
    buf_put(&type, h.type);
    for (int i = 0; i < 2; i++) {
        struct slice part = i == 0 ? h.event : h.structure;
        if (part.len > 0 || (i == 0 && h.structure.len > 0)) {
            buf_text(&type, "^");
            buf_put(&type, part);
        }
    }
    json_object_set_new(line, "kind", json_string("message"));
    json_object_set_new(line, "message", json_integer((json_int_t)s->message));
    json_object_set_new(line, "control_id", hl7_json_bytes(h.control_id));
    json_object_set_new(line, "type", hl7_json_bytes(buf_slice(&type)));
    json_object_set_new(line, "batch", item->in_batch ? json_integer((json_int_t)s->batch) : json_null());
    buf_free(&type);
    return line;
}

static json_t *json_of_item(const struct hl7_item *item, const struct splitting *s)
{
    json_t *line = json_object();

    json_object_set_new(line, "kind", json_string(KINDS[item->kind]));
    if (item->kind == HL7_ITEM_FILE_HEADER || item->kind == HL7_ITEM_BATCH_HEADER)
        json_object_set_new(line, "control_id", hl7_json_bytes(item->control_id));
    if (item->kind == HL7_ITEM_BATCH_HEADER || item->kind == HL7_ITEM_BATCH_TRAILER)
        json_object_set_new(line, "batch", json_integer((json_int_t)s->batch));
    if (item->kind == HL7_ITEM_BATCH_TRAILER || item->kind == HL7_ITEM_FILE_TRAILER) {
        json_object_set_new(line, "declared",
                            item->has_declared ? json_integer((json_int_t)item->declared) : json_null());
        json_object_set_new(line, "counted", json_integer((json_int_t)item->counted));
        json_object_set_new(line, "agrees",
                            json_boolean(item->has_declared && item->declared == item->counted));
    }
    return line;
}

static void split_line(const struct hl7_item *item, struct splitting *s, bool json)
{
    bool message = item->kind == HL7_ITEM_MESSAGE;

    s->message += message;
    s->batch += item->kind == HL7_ITEM_BATCH_HEADER;
    if (item->kind == HL7_ITEM_OTHER && hl7_is_marks(item->bytes))
        return;
    json_t *line = message ? json_of_message(item, s) : json_of_item(item, s);
    json_object_set_new(line, "offset", json_integer((json_int_t)item->offset));
    json_object_set_new(line, "length", json_integer((json_int_t)item->bytes.len));
    if (json) {
        hl7_put_json(line);
        return;
    }
    printf("%10zu %9zu  ", item->offset, item->bytes.len);
    if (message)
        printf("%6zu  %-18s %s\n", s->message, json_string_value(json_object_get(line, "type")),
               json_string_value(json_object_get(line, "control_id")));
    else if (json_object_get(line, "counted") == NULL)
        printf("%6s  %s %.*s\n", "", KINDS[item->kind], SLICE_ARG(item->control_id));
    else if (item->has_declared)
        printf("%6s  %s says %llu, there are %llu%s\n", "", KINDS[item->kind],
               (unsigned long long)item->declared, (unsigned long long)item->counted,
               item->declared == item->counted ? "" : "  <-- does not hold");
    else
        printf("%6s  %s says no number, there are %llu\n", "", KINDS[item->kind],
               (unsigned long long)item->counted);
    json_decref(line);
}

static int run_split(int argc, char **argv)
{
    bool json = false;
    const char *message = NULL;
    const struct option_spec specs[] = { { .name = "--json", .flag = &json },
                                         { .name = "--message", .value = &message },
                                         { .name = NULL } };
    struct hl7_file f;
    struct splitting s = { 0, 0 };
    size_t first = 1, last = 0;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 split", "a FILE is needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    bool right = message == NULL || hl7_file_range(&f, "split", message, true, &first, &last);
    for (size_t n = first = message != NULL ? first : 1; right && message != NULL && n <= last; n++) {
        const struct hl7_item *item = hl7_file_message(&f, n);
        fwrite(item->bytes.ptr, 1, item->bytes.len, stdout);
    }
    if (!json && message == NULL)
        printf("%10s %9s  %6s  %-18s %s\n", "byte", "length", "no.", "type", "control id");
    for (size_t i = 0; message == NULL && i < f.count; i++)
        split_line(&f.items[i], &s, json);
    if (f.messages == 0 && !hl7_file_is_batch(&f)) {
        fprintf(stderr, "nightbell: MSH: there is no message in the file: no line begins with MSH\n");
        right = false;
    }
    hl7_file_free(&f);
    return right ? COMMAND_DONE : COMMAND_NO;
}

const struct hl7_tool tool_split = {
    "split",
    "split FILE [--json] [--message N]\n\n"
    "What the file holds: a line for each message (control id, type, place, length), batch and file header, "
    "and\n"
    "trailer with what it says and what was counted.\n"
    "  --json     the same as JSON: {\"kind\", \"control_id\", \"type\", \"offset\", \"length\", "
    "\"batch\"},\n"
    "             {\"kind\": \"batch-trailer\", \"declared\", \"counted\", \"agrees\"}\n"
    "  --message  writes that message alone, byte for byte\n"
    "Exit codes: 0 done, 1 there is no message, 4 no such file.",
    "the messages of a file, and whether its counts hold", run_split
};
