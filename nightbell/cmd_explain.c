/* nightbell/cmd_explain.c - why: an alert's story, a message's fate, or what would become of a message. */
#include "adapters/seal/hash.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "lab/preview.h"
#include "nightbell/commands.h"
#include "nightbell/control.h"
#include "nightbell/file.h"
#include "nightbell/json_text.h"
#include "nightbell/message_file.h"
#include "nightbell/recall.h"
#include "nightbell/show.h"
#include "nightbell/site_folder.h"
#include "nightbell/site_load.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "usage: nightbell explain ALERT --data DIR [--at TIME] [--json]\n"
    "       nightbell explain --position N --data DIR [--key FILE] [--json]\n"
    "       nightbell explain FILE --site SITE [--data DIR] [--at TIME] [--listener NAME] [--json]\n"
    "       nightbell explain FILE --data DIR [--at TIME] [--listener NAME] [--json]\n"
    "\n"
    "Says why. About an alert: the event, each rule's fate with the event's own values, what the census "
    "added,\n"
    "then each step, who was looked up and which layer of the roster answered, receipts, answers, the end.\n"
    "ALERT is its id or the first four or more hex digits of it (nightbell alerts lists them). With --at "
    "the\n"
    "story up to then and the state at that time. With --position what came of the message whose record has\n"
    "this number. When it was ignored it is decided again at its place in the journal, read from the last\n"
    "snapshot before it on: that takes the master key.\n"
    "About a FILE (HL7 v2, one or many; FHIR JSON or XML): the same for what would become of it, now or at\n"
    "--at: the rules' fates, and who would be told when if nobody answered. Nothing is sent or changed. "
    "With\n"
    "--site alone the census is empty and everybody has a phone; with --data the state of the running router "
    "is\n"
    "copied first, and --site puts a candidate's rules on it.\n"
    "  --at TIME        2026-10-14T02:10, on the site's wall clock, or with a zone\n"
    "  --listener NAME  as that listener would read it; otherwise the site's first one of that kind\n"
    "  --key FILE       the master key; the demo key is found without\n"
    "  --json           one object a line (docs/rules/explain.md)\n"
    "Exit codes: 0 explained, 1 no such alert, or a message that cannot be read, 4 nightbell does not run "
    "there.\n";

struct asking {
    const char *argument, *data, *site, *at, *listener, *position, *key;
    bool json;
};

/* --- what was ------------------------------------------------------------------------------------------ */

/* Lines go out as they are, or are shown. */
static void print_lines(struct slice lines, bool json)
{
    json_error_t where;

    while (lines.len > 0) {
        struct slice line = slice_cut(&lines, '\n');
        json_t *o = json_loadb(line.ptr, line.len, 0, &where);
        if (json)
            control_print(NULL, o);
        else if (o != NULL)
            show_explain_line(NULL, o);
        json_decref(o);
    }
}

static int explain_alert(const struct asking *q)
{
    json_t *request = json_pack("{s:s,s:s,s:s*}", "do", "explain", "alert", q->argument, "at", q->at);

    return control_command(q->data, request, q->json ? control_print : show_explain_line, NULL);
}

static void keep_line(void *ctx, json_t *line)
{
    json_array_append(ctx, line);
}

static bool has_ignored(const json_t *lines)
{
    size_t i;
    json_t *line;

    json_array_foreach(lines, i, line) if (json_object_get(line, "ignored") != NULL) return true;
    return false;
}

/* The router knows what came of it. Why nobody was told of an event takes a look at the journal. */
static int explain_message(const struct asking *q)
{
    const struct history_options journal = { .data = q->data, .key = q->key };
    struct buf reasons = buf_make(LIMIT_BUS_FRAME_BYTES);
    struct error err = { .code = ERROR_NONE };
    json_t *lines = json_array(), *line;
    uint64_t position;
    size_t i;

    if (!slice_to_u64(slice_of(q->position), &position) || position > INT64_MAX) {
        json_decref(lines);
        return usage_error("explain", "--position is the number of a message's record");
    }
    int code = control_command(
        q->data, json_pack("{s:s,s:I}", "do", "explain", "position", (json_int_t)position), keep_line, lines);
    if (has_ignored(lines) && recall_message(&journal, position, &reasons, &err)) {
        print_lines(buf_slice(&reasons), q->json);
    } else {
        json_array_foreach(lines, i, line)(q->json ? control_print : show_explain_line)(NULL, line);
        if (err.code != ERROR_NONE)
            fprintf(stderr, "nightbell: why each rule did not want it cannot be said: %s\n", err.message);
    }
    json_decref(lines);
    buf_free(&reasons);
    return code;
}

static int explain_past(const struct asking *q)
{
    return q->position != NULL ? explain_message(q) : explain_alert(q);
}

/* --- what would be ------------------------------------------------------------------------------------- */

struct looking_ahead {
    const struct asking *asked;
    struct preview_options options;
    struct buf fileset, snapshot;
    const struct tz *zone;
    bool damaged;
    int64_t live_us; /* the router's wall clock; TIME_NONE without one */
};

static void take_part(void *ctx, json_t *line)
{
    struct looking_ahead *x = ctx;
    const json_t *wall = json_object_get(line, "wall_us");

    if (wall != NULL)
        x->live_us = json_integer_value(wall);
    else if (!base64url_decode(json_member(line, "part"), &x->snapshot))
        x->damaged = true;
}

static bool read_site(struct looking_ahead *x, struct error *err)
{
    struct fileset *files = site_folder_read(x->asked->site, err);

    if (files == NULL)
        return false;
    struct site *site = site_from_files(files, x->asked->site, err); /* its errors are said better here */
    fileset_write(&x->fileset, files);
    fileset_free(&files);
    bool fine = site != NULL;
    site_free(&site);
    return fine;
}

static struct site *compile(void *ctx, struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct site *site = files != NULL ? site_from_files(files, "", err) : NULL;

    (void)ctx;
    fileset_free(&files);
    return site;
}

static void print_head(const struct looking_ahead *x, const struct message_input *in, size_t number)
{
    struct civil t = tz_to_civil(x->zone, x->options.wall_us);
    char at[TIME_TEXT];

    snprintf(at, sizeof at, "%04d-%02u-%02uT%02u:%02u:%02u", t.year, t.month, t.day, t.hour, t.minute,
             t.second);
    json_t *head =
        json_pack("{s:s,s:I,s:s%,s:s,s:s}", "file", x->asked->argument, "message", (json_int_t)number,
                  "listener", in->listener.ptr, in->listener.len, "at", at, "from",
                  x->snapshot.len > 0 ? "the running router's census, assignments and devices"
                                      : "the site alone: no census, everybody has a phone");
    if (x->asked->json)
        control_print(NULL, head);
    else
        show_explain_line(NULL, head);
    json_decref(head);
}

static bool each_message(void *ctx, const struct message_input *in, size_t number, struct error *err)
{
    const struct looking_ahead *x = ctx;
    struct buf lines = buf_make(LIMIT_BUS_FRAME_BYTES);
    struct preview *p = preview_new(&x->options, err);
    bool fine = p != NULL && preview_message(p, in, &lines, err);

    if (fine) {
        print_head(x, in, number);
        print_lines(buf_slice(&lines), x->asked->json);
    }
    preview_free(&p);
    buf_free(&lines);
    return fine;
}

/* The time that is asked about, on the wall clock of the site that decides. */
static bool set_time(struct looking_ahead *x, const struct site *site, struct error *err)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    x->zone = site->zone;
    x->options.wall_us =
        x->live_us != TIME_NONE ? x->live_us : (int64_t)now.tv_sec * TIME_S + now.tv_nsec / 1000;
    return x->asked->at == NULL ||
           tz_parse_instant(site->zone, slice_of(x->asked->at), &x->options.wall_us) ||
           error_set(err, ERROR_VALUE, "--at is an instant such as 2026-10-14T02:10");
}

static bool look_ahead(struct looking_ahead *x, struct slice bytes, struct error *err)
{
    x->options.compile_site = compile;
    x->options.fileset = buf_slice(&x->fileset);
    if (x->fileset.len > 0)
        hash_sha256(x->options.fileset, x->options.hash);
    x->options.snapshot = buf_slice(&x->snapshot);
    struct preview *first = preview_new(&x->options, err); /* of the site: its listeners and its clock */
    bool fine = first != NULL && set_time(x, preview_site(first), err) &&
                message_file_each(bytes, preview_site(first), x->asked->listener, each_message, x, err);
    preview_free(&first);
    return fine;
}

static int explain_file(const struct asking *q)
{
    struct looking_ahead x = { .asked = q,
                               .fileset = buf_make(LIMIT_SITE_BYTES + (1 << 20)),
                               .snapshot = buf_make(LIMIT_BUS_FRAME_BYTES),
                               .live_us = TIME_NONE };
    struct buf bytes = buf_make((size_t)1 << 28);
    struct error err = { .code = ERROR_NONE };
    bool fine = file_read(q->argument, &bytes, &err);
    int code = COMMAND_DONE;

    if (fine && q->data != NULL)
        code = control_command(q->data, json_pack("{s:s}", "do", "snapshot"), take_part, &x);
    if (fine && x.damaged)
        fine = error_set(&err, ERROR_SYNTAX, "the state that the router gave cannot be read");
    if (fine && code == COMMAND_DONE)
        fine = (q->site == NULL || read_site(&x, &err)) && look_ahead(&x, buf_slice(&bytes), &err);
    if (!fine) {
        report(&err);
        code = COMMAND_NO;
    }
    buf_free(&bytes);
    buf_free(&x.fileset);
    buf_free(&x.snapshot);
    return code;
}

static bool is_file(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (f != NULL)
        fclose(f);
    return f != NULL;
}

static int run(int argc, char **argv)
{
    struct asking q = { .json = false };
    const struct option_spec specs[] = { { .name = "--data", .value = &q.data },
                                         { .name = "--site", .value = &q.site },
                                         { .name = "--at", .value = &q.at },
                                         { .name = "--listener", .value = &q.listener },
                                         { .name = "--position", .value = &q.position },
                                         { .name = "--key", .value = &q.key },
                                         { .name = "--json", .flag = &q.json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    q.argument = argc == 2 ? argv[1] : "";
    if (argc != (q.position != NULL ? 1 : 2) || (q.data == NULL && q.site == NULL) ||
        (q.position != NULL && q.data == NULL))
        return usage_error(argv[0],
                           "an ALERT and --data DIR, or a FILE and --site SITE or --data DIR are needed");
    bool future = q.site != NULL || (q.position == NULL && is_file(q.argument));
    return future ? explain_file(&q) : explain_past(&q);
}

const struct command command_explain = { "explain",
                                         "why: an alert's story, or what would become of a message", help,
                                         run };
