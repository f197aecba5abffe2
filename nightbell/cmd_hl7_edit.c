/* nightbell hl7 encode, set, ack: messages written. */
#include "adapters/net/clock.h"
#include "base/time.h"
#include "hl7/ack.h"
#include "hl7/edit.h"
#include "nightbell/hl7_tool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- encode, set ------------------------------------------------------------------------------------ */

struct assignment_text {
    const char *written;
    struct hl7_path *path;
    struct slice value;
};

struct setting {
    struct assignment_text *list;
    size_t count;
    bool raw;
    size_t first, last; /* messages */
};

/* The "=" that ends the path: not one in a filter. */
static size_t path_length(struct slice text)
{
    bool quoted = false, inside = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        quoted = c == '\'' ? !quoted : quoted;
        inside = quoted ? inside : c == '[' ? true : c == ']' ? false : inside;
        if (c == '=' && !quoted && !inside)
            return i;
    }
    return text.len;
}

static bool assignment_read(struct arena *a, const char *written, struct assignment_text *out)
{
    struct slice text = slice_of(written);
    size_t length = path_length(text);

    if (length == text.len) {
        usage_error("hl7 set", "%s: PATH=VALUE is expected", written);
        return false;
    }
    *out = (struct assignment_text){ written, hl7_path_read(a, slice_sub(text, 0, length), false),
                                     slice_sub(text, length + 1, SIZE_MAX) };
    return out->path != NULL && hl7_path_known(out->path, written);
}

static bool assign(struct hl7_edit *e, const struct assignment_text *a, bool raw, struct error *err)
{
    if (slice_is(a->value, "\"\""))
        return hl7_edit_set_null(e, a->path, err);
    return raw ? hl7_edit_set_raw(e, a->path, a->value, err) : hl7_edit_set(e, a->path, a->value, err);
}

/* Appends one item, with the settings applied when it is a message they are for. */
static bool item_write(struct hl7_file *f, const struct hl7_item *item, size_t n, const struct setting *s,
                       struct buf *out)
{
    struct error err = { .code = ERROR_NONE };
    struct hl7_message *m = item->kind == HL7_ITEM_MESSAGE ? hl7_file_parse(f, item, n) : NULL;

    if (item->kind != HL7_ITEM_MESSAGE) {
        buf_put(out, item->bytes);
        return true;
    }
    if (m == NULL)
        return false;
    struct hl7_edit *e = hl7_edit_begin(f->arena, m, item->bytes);
    for (size_t i = 0; n >= s->first && n <= s->last && i < s->count; i++)
        if (!assign(e, &s->list[i], s->raw, &err)) {
            struct slice path = slice_of(s->list[i].written);
            snprintf(err.where, sizeof err.where, "%.*s", (int)path_length(path), path.ptr);
            hl7_say(&err, f->messages > 1 ? n : 0);
            return false;
        }
    hl7_edit_write(e, out);
    return true;
}

static int write_all(struct hl7_file *f, const struct setting *s)
{
    struct buf out = buf_make((size_t)1 << 31);
    size_t n = 0;
    bool right = true;

    for (size_t i = 0; right && i < f->count; i++) {
        n += f->items[i].kind == HL7_ITEM_MESSAGE;
        right = item_write(f, &f->items[i], n, s, &out);
    }
    if (right)
        hl7_put(&out);
    buf_free(&out);
    return right ? COMMAND_DONE : COMMAND_NO;
}

static int run_encode(int argc, char **argv)
{
    const struct option_spec specs[] = { { .name = NULL } };
    const struct setting nothing = { NULL, 0, false, 1, 0 };
    struct hl7_file f;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 encode", "a FILE is needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    int code = COMMAND_NO;
    if (f.messages == 0 && !hl7_file_is_batch(&f))
        fputs("nightbell: MSH: there is no message in the file: no line begins with MSH\n", stderr);
    else
        code = write_all(&f, &nothing);
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_encode = {
    "encode",
    "encode FILE\n\n"
    "Reads every message and writes it again, to the standard output: the same bytes, batch segments "
    "included.\n"
    "Exit codes: 0 done, 1 a message cannot be read (nothing is written), 4 no such file.",
    "read and written again: the same bytes", run_encode
};

static int run_set(int argc, char **argv)
{
    const char *message = NULL;
    struct setting s = { .raw = false };
    const struct option_spec specs[] = { { .name = "--message", .value = &message },
                                         { .name = "--raw", .flag = &s.raw },
                                         { .name = NULL } };
    struct hl7_file f;
    bool right = true;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc < 3)
        return usage_error("hl7 set", "a FILE and at least one PATH=VALUE are needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    s.count = (size_t)argc - 2;
    s.list = arena_array(f.arena, s.count, sizeof *s.list);
    for (size_t i = 0; i < s.count; i++)
        right = assignment_read(f.arena, argv[i + 2], &s.list[i]) && right;
    int code = COMMAND_USAGE;
    if (right && message == NULL && f.messages > 1)
        usage_error("hl7 set", "the file holds %zu messages: --message N or --message all", f.messages);
    else if (right)
        code = hl7_file_range(&f, "set", message, false, &s.first, &s.last) ? write_all(&f, &s) : COMMAND_NO;
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_set = {
    "set",
    "set FILE PATH=VALUE... [--raw] [--message N|all]\n\n"
    "Writes the file with these values to the standard output. Text is escaped: a value never makes a field "
    "or a\n"
    "segment. PATH='\"\"' is the HL7 null, PATH= empties. What is not named stays byte for byte.\n"
    "  --raw      values hold delimiters and escapes already: 'PID-3=1^^^GH^MR'\n"
    "  --message  needed when the file holds several\n"
    "Exit codes: 0 done, 1 it cannot be (nothing is written), 2 a wrong path, 4 no such file.",
    "the same file with other values", run_set
};

/* --- ack -------------------------------------------------------------------------------------------- */

/* The error that table 0357 calls by this number, as hl7_error_code gives it back. */
static bool error_of_number(const char *number, bool in_field, struct error *err, const char *where,
                            const char *text)
{
    static const struct {
        const char *number;
        enum error_code code;
        bool segment; /* only for a place without a field */
    } CODES[] = { { "100", ERROR_SYNTAX, true },    { "101", ERROR_MISSING, false },
                  { "102", ERROR_TYPE, false },     { "103", ERROR_VALUE, false },
                  { "104", ERROR_LIMIT, false },    { "200", ERROR_UNSUPPORTED, false },
                  { "203", ERROR_VERSION, false },  { "204", ERROR_UNKNOWN, false },
                  { "205", ERROR_CONFLICT, false }, { "207", ERROR_INTERNAL, false } };

    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (strcmp(number, CODES[i].number) == 0 && !(CODES[i].segment && in_field)) {
            error_at(err, CODES[i].code, where, "%s", text);
            return true;
        }
    return false;
}

struct answering {
    const char *code, *text, *where, *number, *control_id;
};

/* What stands against the message: what was given, else what the parser says. */
static bool fault_of(const struct hl7_message *m, const struct error *parse, const struct answering *a,
                     struct error *err)
{
    bool bad = a->code == NULL ? m == NULL : a->code[1] != 'A';

    if (a->text == NULL && a->where == NULL && a->number == NULL) {
        if (m == NULL)
            *err = *parse;
        return true;
    }
    if (!bad)
        return true;
    const char *where = a->where != NULL ? a->where : "";
    if (error_of_number(a->number != NULL ? a->number : "207", strchr(where, '-') != NULL, err, where,
                        a->text != NULL ? a->text : ""))
        return true;
    usage_error("hl7 ack", "--error is 100 to 104, 200, 203, 204, 205 or 207 (table 0357)");
    return false;
}

static bool code_known(const char *code)
{
    static const char *const CODES[] = { "AA", "AE", "AR", "CA", "CE", "CR" };

    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (strcmp(code, CODES[i]) == 0)
            return true;
    usage_error("hl7 ack", "--code is AA, AE, AR, CA, CE or CR");
    return false;
}

/* MSA-3 of an acknowledgement that accepts: there is no error that could carry the text. */
static void put_text(struct hl7_file *f, struct buf *out, const char *text)
{
    struct slice whole = arena_copy(f->arena, buf_slice(out));
    struct hl7_message *m = hl7_message_parse(f->arena, whole, NULL);
    struct hl7_edit *e = m != NULL ? hl7_edit_begin(f->arena, m, whole) : NULL;

    if (e == NULL || !hl7_edit_set(e, hl7_path_compile(f->arena, SLICE("MSA-3"), NULL), slice_of(text), NULL))
        return;
    buf_reset(out);
    hl7_edit_write(e, out);
}

/* People read lines, programs want CR. */
static void put_answer(struct buf *out)
{
    for (size_t i = 0; isatty(STDOUT_FILENO) != 0 && i < out->len; i++)
        out->ptr[i] = out->ptr[i] == '\r' ? '\n' : out->ptr[i];
    hl7_put(out);
}

static int answer_one(struct hl7_file *f, const struct hl7_item *item, const struct answering *a)
{
    struct error parse = { .code = ERROR_NONE }, err = { .code = ERROR_NONE };
    struct hl7_message *m = hl7_message_parse(f->arena, item->bytes, &parse);
    struct hl7_header h;
    bool known = hl7_header_scan(item->bytes, &h);

    if (!fault_of(m, &parse, a, &err))
        return COMMAND_USAGE;
    struct hl7_ack_due due = hl7_ack_due(known ? &h : NULL, m != NULL ? HL7_OUTCOME_OK : HL7_OUTCOME_REJECT);
    const char *code = a->code != NULL ? a->code : due.accept[0] != '\0' ? due.accept : due.application;
    if (code[0] == '\0') {
        fputs(
            "nightbell: no acknowledgement is due (MSH-15, MSH-16, or it is one itself); --code makes one\n",
            stderr);
        return COMMAND_DONE;
    }
    struct buf out = buf_make((size_t)1 << 20);
    int64_t now_us = clock_wall_us();
    struct slice id =
        a->control_id != NULL ? slice_of(a->control_id) : arena_printf(f->arena, "NB%lld", (long long)now_us);
    hl7_ack_write(&out, known ? &h : NULL, code, id, now_us, err.code != ERROR_NONE ? &err : NULL);
    if (err.code == ERROR_NONE && a->text != NULL)
        put_text(f, &out, a->text);
    put_answer(&out);
    buf_free(&out);
    return COMMAND_DONE;
}

static int run_ack(int argc, char **argv)
{
    struct answering a = { NULL, NULL, NULL, NULL, NULL };
    const char *message = NULL;
    const struct option_spec specs[] = { { .name = "--code", .value = &a.code },
                                         { .name = "--text", .value = &a.text },
                                         { .name = "--where", .value = &a.where },
                                         { .name = "--error", .value = &a.number },
                                         { .name = "--control-id", .value = &a.control_id },
                                         { .name = "--message", .value = &message },
                                         { .name = NULL } };
    struct hl7_file f;
    size_t first = 1, last = 0;

    if (!options_take(&argc, argv, specs) || (a.code != NULL && !code_known(a.code)))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 ack", "a FILE is needed");
    if (a.text != NULL && strlen(a.text) >= sizeof((struct error *)NULL)->message)
        return usage_error("hl7 ack", "--text is longer than %zu bytes",
                           sizeof((struct error *)NULL)->message - 1);
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    int code = hl7_file_range(&f, "ack", message, true, &first, &last) ? COMMAND_DONE : COMMAND_NO;
    for (size_t n = first; code == COMMAND_DONE && n <= last; n++)
        code = answer_one(&f, hl7_file_message(&f, n), &a);
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_ack = {
    "ack",
    "ack FILE [--code AA|AE|AR|CA|CE|CR] [--text TEXT] [--where PLACE] [--error NUMBER] [--control-id ID]\n\n"
    "The acknowledgement that each message of the file is due, in its version, delimiters and character "
    "set.\n"
    "  --code        instead of what MSH-15 and MSH-16 ask for (AR when the message cannot be read)\n"
    "  --text        MSA-3, and ERR-8 of a refusal; never patient data\n"
    "  --where       the place of the error, PID-3 or OBX[2]-5: ERR-1 or ERR-2\n"
    "  --error       its number in table 0357: 100 to 104, 200, 203, 204, 205, 207 (207)\n"
    "  --control-id  MSH-10 (NB and the time)\n"
    "Segments end with CR, on a terminal with a line end.\n"
    "Exit codes: 0 done, 1 there is no message, 2 wrong usage, 4 no such file.",
    "the acknowledgement of a message", run_ack
};
