/* nightbell hl7 diff, redact. */
#include "adapters/seal/hash.h"
#include "adapters/seal/random.h"
#include "hl7/diff.h"
#include "hl7/names.h"
#include "hl7/redact.h"
#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"

#include <stdio.h>
#include <string.h>

/* --- diff ------------------------------------------------------------------------------------------- */

struct differing {
    const struct hl7_message *left, *right;
    size_t message; /* its number when files hold several, else 0 */
    bool json;
};

static struct slice place_of(const struct differing *c, const struct hl7_difference *d, char out[96])
{
    const struct hl7_message *m = d->left != HL7_NONE ? c->left : c->right;
    char segment[HL7_PLACE];
    int n = snprintf(out, 96, "%s", hl7_place(m, d->left != HL7_NONE ? d->left : d->right, 0, 0, segment));

    if (d->field > 0)
        n += snprintf(out + n, 96 - (size_t)n, "-%u", d->field);
    if (d->field > 0 && d->repetition > 0)
        n += snprintf(out + n, 96 - (size_t)n, "[%u]", d->repetition);
    if (d->component > 0)
        n += snprintf(out + n, 96 - (size_t)n, ".%u", d->component);
    if (d->component > 0 && d->sub > 0)
        n += snprintf(out + n, 96 - (size_t)n, ".%u", d->sub);
    return (struct slice){ out, (size_t)n };
}

static struct slice segment_of(const struct hl7_message *m, size_t at)
{
    return at != HL7_NONE ? hl7_segment_raw(m, at) : SLICE("");
}

static void print_side(char sign, const char *colour, struct slice text)
{
    printf("  %s%c ", hl7_paint(colour), sign);
    for (size_t i = 0; i < text.len; i++)
        putchar((unsigned char)text.ptr[i] < 0x20 ? ' ' : text.ptr[i]);
    printf("%s\n", hl7_paint("\033[0m"));
}

static bool print_difference(void *ctx, const struct hl7_difference *d)
{
    static const char *const KINDS[] = {
        [HL7_ONLY_LEFT] = "only-left", [HL7_ONLY_RIGHT] = "only-right", [HL7_CHANGED] = "changed"
    };
    const struct differing *c = ctx;
    char room[96];
    struct slice place = place_of(c, d, room);
    struct slice left = d->field > 0 ? d->left_text : segment_of(c->left, d->left);
    struct slice right = d->field > 0 ? d->right_text : segment_of(c->right, d->right);
    struct slice segment =
        d->left != HL7_NONE ? hl7_segment_name(c->left, d->left) : hl7_segment_name(c->right, d->right);
    const char *name = d->field > 0 ? hl7_field_name(segment, d->field) : hl7_segment_title(segment);

    if (c->json) {
        json_t *line = json_object();
        if (c->message > 0)
            json_object_set_new(line, "message", json_integer((json_int_t)c->message));
        json_object_set_new(line, "path", json_of_slice(place));
        json_object_set_new(line, "kind", json_string(KINDS[d->kind]));
        json_object_set_new(line, "left", d->kind != HL7_ONLY_RIGHT ? hl7_json_bytes(left) : json_null());
        json_object_set_new(line, "right", d->kind != HL7_ONLY_LEFT ? hl7_json_bytes(right) : json_null());
        hl7_put_json(line);
        return true;
    }
    if (c->message > 0)
        printf("message %zu ", c->message);
    printf("%s%.*s%s  %s\n", hl7_paint("\033[1m"), SLICE_ARG(place), hl7_paint("\033[0m"),
           name != NULL ? name : "");
    if (d->kind != HL7_ONLY_RIGHT)
        print_side('-', "\033[31m", left);
    if (d->kind != HL7_ONLY_LEFT)
        print_side('+', "\033[32m", right);
    return true;
}

/* Number of differences; SIZE_MAX when one cannot be read. */
static size_t diff_files(struct hl7_file *a, struct hl7_file *b, bool json)
{
    size_t most = a->messages > b->messages ? a->messages : b->messages, found = 0;

    for (size_t n = 1; n <= most; n++) {
        const struct hl7_item *one = hl7_file_message(a, n), *two = hl7_file_message(b, n);
        if (one == NULL || two == NULL) {
            const char *side = one != NULL ? "left" : "right";
            found++;
            if (json)
                hl7_put_json(json_pack("{s:I, s:s+}", "message", (json_int_t)n, "kind", "only-", side));
            else
                printf("message %zu stands only on the %s\n", n, side);
            continue;
        }
        struct hl7_message *left = hl7_file_parse(a, one, n), *right = hl7_file_parse(b, two, n);
        struct differing c = { left, right, most > 1 ? n : 0, json };
        if (left == NULL || right == NULL)
            return SIZE_MAX;
        found += hl7_diff(a->arena, left, right, print_difference, &c);
    }
    return found;
}

static int run_diff(int argc, char **argv)
{
    bool json = false;
    const struct option_spec specs[] = { { .name = "--json", .flag = &json }, { .name = NULL } };
    struct hl7_file a, b;
    int code = COMMAND_AWAY;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 3)
        return usage_error("hl7 diff", "two files are needed");
    if (!hl7_file_read(&a, argv[1]))
        return COMMAND_AWAY;
    if (hl7_file_read(&b, argv[2])) {
        if (a.messages == 0 || b.messages == 0)
            fprintf(stderr, "nightbell: %s: MSH: there is no message in the file\n",
                    argv[a.messages == 0 ? 1 : 2]);
        size_t found = a.messages == 0 || b.messages == 0 ? SIZE_MAX : diff_files(&a, &b, json);
        code = found == SIZE_MAX ? COMMAND_USAGE : found > 0 ? COMMAND_NO : COMMAND_DONE;
        hl7_file_free(&b);
    }
    hl7_file_free(&a);
    return code;
}

const struct hl7_tool tool_diff = {
    "diff",
    "diff A B [--json]\n\n"
    "Two files compared field by field, by what they mean: other delimiters, escapes, line ends and "
    "trailing\n"
    "empty fields make no difference. Shows values: patient data.\n"
    "  --json  {\"path\", \"kind\": changed only-left only-right, \"left\", \"right\"}\n"
    "Exit codes: 0 the same, 1 different, 2 one cannot be read, 4 no such file.",
    "two messages compared by field", run_diff
};

/* --- redact ----------------------------------------------------------------------------------------- */

static void key_make(const char *word, uint8_t key[HASH_BYTES])
{
    if (word == NULL)
        seal_random(key, HASH_BYTES);
    else
        hash_sha256(slice_of(word), key);
}

/* A header or trailer: its comments (FHS-9 and 10, BHS-9 and 10, BTS-2, FTS-2 and what follows) are words of
 * somebody, of which only their shape stays. Names of systems and the control ids of the batch stay. */
static void header_put(const struct hl7_item *item, struct buf *out)
{
    bool trailer = item->kind == HL7_ITEM_BATCH_TRAILER || item->kind == HL7_ITEM_FILE_TRAILER;
    char separator = item->bytes.len > 3 ? item->bytes.ptr[3] : '\r';
    size_t field = trailer ? 0 : 1;

    for (size_t i = 0; i < item->bytes.len; i++) {
        char c = item->bytes.ptr[i];
        field += c == separator;
        bool words = trailer ? field >= 2 : field == 9 || field == 10 || field > 12;
        bool digit = c >= '0' && c <= '9', letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (words && (digit || letter || (unsigned char)c >= 0x80))
            c = digit ? '0' : 'x';
        buf_bytes(out, &c, 1);
    }
}

static int redact_file(struct hl7_file *f, struct hl7_redaction *r)
{
    struct buf out = buf_make((size_t)1 << 31);
    struct error err = { .code = ERROR_NONE };
    size_t n = 0;
    bool right = true;

    for (size_t i = 0; right && i < f->count; i++) {
        const struct hl7_item *item = &f->items[i];
        if (item->kind == HL7_ITEM_OTHER && !hl7_is_marks(item->bytes)) { /* nobody knows who is in there */
            fprintf(stderr, "nightbell: %zu bytes at byte %zu belong to no message: left out\n",
                    item->bytes.len, item->offset);
            continue;
        }
        if (item->kind != HL7_ITEM_MESSAGE) {
            if (item->kind == HL7_ITEM_OTHER)
                buf_put(&out, item->bytes);
            else
                header_put(item, &out);
            continue;
        }
        struct hl7_message *m = hl7_file_parse(f, item, ++n);
        right = m != NULL && hl7_redact(r, m, item->bytes, &out, &err);
    }
    if (err.code != ERROR_NONE)
        report(&err);
    if (right)
        hl7_put(&out);
    buf_free(&out);
    return right ? COMMAND_DONE : COMMAND_NO;
}

static int run_redact(int argc, char **argv)
{
    const char *word = NULL;
    const struct option_spec specs[] = { { .name = "--key", .value = &word }, { .name = NULL } };
    struct hl7_file f;
    uint8_t key[HASH_BYTES];

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 redact", "a FILE is needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    int code = COMMAND_NO;
    if (f.messages == 0) {
        fputs("nightbell: MSH: there is no message in the file: no line begins with MSH\n", stderr);
    } else {
        key_make(word, key);
        struct hl7_redaction *r = hl7_redaction_new(key);
        code = redact_file(&f, r);
        hl7_redaction_free(&r);
    }
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_redact = {
    "redact",
    "redact FILE [--key WORD]\n\n"
    "The file with synthetic names, identifiers, addresses, phones, texts and moved dates, the same for the "
    "same\n"
    "input, so that messages still belong together; codes, units, numbers and structure stay. Look at the "
    "result\n"
    "before you send it: a machine cannot know what a local field means.\n"
    "  --key  the same word gives the same replacements in another file; without it they are random\n"
    "Exit codes: 0 done, 1 a message cannot be read (nothing is written), 4 no such file.",
    "a copy that can be shown to a colleague", run_redact
};
