/* nightbell hl7 get, count: what stands at a path. */
#include "hl7/names.h"
#include "hl7/path.h"
#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"

#include <stdio.h>
#include <string.h>

struct getting {
    struct hl7_file *file;
    const struct hl7_message *m;
    const struct hl7_path *path;
    const char *written; /* the path as it was given */
    size_t message;      /* its number, when several are asked for; else 0 */
    bool json;
    bool found; /* something was there */
};

/* The wanted path as it was written; where it names many, the path of this one. */
static struct slice path_text(const struct getting *g, const struct hl7_match *x, struct buf *room)
{
    if (!hl7_path_is_many(g->path))
        return slice_of(g->written);
    hl7_match_text(room, g->path, g->m, x);
    return buf_slice(room);
}

static bool is_text(const struct hl7_match *x)
{
    return x->segment != 0 || x->field > 2; /* MSH-1 and MSH-2 are delimiters: nothing in them is decoded */
}

static bool print_match(void *ctx, const struct hl7_match *x)
{
    struct getting *g = ctx;
    struct slice value = x->state != HL7_VALUE ? SLICE("")
                         : is_text(x)          ? hl7_text(g->m, g->file->arena, x->raw)
                                               : x->raw;
    struct buf room = buf_make(4096);

    g->found = g->found || x->state != HL7_ABSENT;
    if (g->json) {
        json_t *line = json_object();
        if (g->message > 0)
            json_object_set_new(line, "message", json_integer((json_int_t)g->message));
        json_object_set_new(line, "path", json_of_slice(path_text(g, x, &room)));
        json_object_set_new(line, "state", json_string(hl7_state_name(x->state)));
        json_object_set_new(line, "value", hl7_json_bytes(value));
        json_object_set_new(line, "raw", hl7_json_bytes(x->state == HL7_NULL ? SLICE("\"\"") : x->raw));
        hl7_put_json(line);
    } else {
        printf("%.*s\n", SLICE_ARG(x->state == HL7_NULL ? SLICE("\"\"") : value));
    }
    buf_free(&room);
    return true;
}

struct wanted {
    struct hl7_path **paths;
    char **written;
    size_t count;
    bool json;
    size_t first, last; /* messages */
};

/* A field that the standard does not have is a wrong path, unless the message has it all the same. */
static int get_all(struct hl7_file *f, const struct wanted *w)
{
    bool *found = arena_array(f->arena, w->count, sizeof *found);
    int code = COMMAND_DONE;

    for (size_t n = w->first; n <= w->last; n++) {
        struct hl7_message *m = hl7_file_parse(f, hl7_file_message(f, n), n);
        if (m == NULL)
            return COMMAND_NO;
        for (size_t i = 0; i < w->count; i++) {
            bool several = w->first < w->last;
            struct getting g = { f, m, w->paths[i], w->written[i], several ? n : 0, w->json, false };
            hl7_path_each(w->paths[i], m, print_match, &g);
            found[i] = found[i] || g.found;
        }
    }
    for (size_t i = 0; i < w->count; i++)
        if (!found[i] && !hl7_path_known(w->paths[i], w->written[i]))
            code = COMMAND_USAGE;
    return code;
}

static int run_get(int argc, char **argv)
{
    bool json = false, terser = false;
    const char *message = NULL;
    const struct option_spec specs[] = { { .name = "--json", .flag = &json },
                                         { .name = "--terser", .flag = &terser },
                                         { .name = "--message", .value = &message },
                                         { .name = NULL } };
    struct hl7_file f;
    bool right = true;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc < 3)
        return usage_error("hl7 get", "a FILE and at least one PATH are needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    struct wanted w = { .written = argv + 2, .count = (size_t)argc - 2, .json = json };
    w.paths = arena_array(f.arena, w.count, sizeof *w.paths);
    for (size_t i = 0; i < w.count; i++)
        right = (w.paths[i] = hl7_path_read(f.arena, slice_of(w.written[i]), terser)) != NULL && right;
    int code = COMMAND_USAGE;
    if (right) {
        code = hl7_file_range(&f, "get", message, false, &w.first, &w.last) ? get_all(&f, &w) : COMMAND_NO;
        if (message == NULL && f.messages > 1)
            fprintf(stderr, "nightbell: this is message 1 of %zu; --message N or --message all\n",
                    f.messages);
    }
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_get = {
    "get",
    "get FILE PATH... [--json] [--terser] [--message N|all]\n\n"
    "Prints what stands at each path, decoded: a line a match, an empty line for nothing, \"\" for the HL7 "
    "null.\n"
    "PID-3 is the first repetition; PID-3[*] and OBX[*]-5 are all of them.\n"
    "  --json     {\"path\", \"state\": value empty null absent, \"value\": decoded, \"raw\": as sent}\n"
    "  --terser   paths in the Terser spelling: PID-3-1, /OBX(1)-5(0)-2\n"
    "  --message  which one of a file with several (1)\n"
    "Exit codes: 0 done, 1 the message cannot be read, 2 a wrong path, 4 no such file.",
    "what stands at a path, decoded; --json tells value, empty, null and absent apart", run_get
};

/* --- count ---------------------------------------------------------------------------------------- */

struct counting {
    const struct hl7_message *m;
    bool repetitions; /* of the whole field: the path names no repetition */
    uint64_t n;
};

static bool count_match(void *ctx, const struct hl7_match *x)
{
    struct counting *c = ctx;
    uint32_t last = c->repetitions ? hl7_repetitions(c->m, x->segment, x->field) : 1;

    if (!c->repetitions) {
        c->n += x->state >= HL7_NULL;
        return true;
    }
    for (uint32_t r = 1; r <= last; r++)
        c->n += x->component == 0 ||
                hl7_get(c->m, x->segment, x->field, r, x->component, x->sub, NULL) >= HL7_NULL;
    return true;
}

static uint64_t count_one(const struct hl7_message *m, const char *what, const struct hl7_path *path)
{
    struct counting c = { .m = m };

    if (path == NULL) {
        for (size_t at = hl7_segment_next(m, slice_of(what), 0); at != HL7_NONE; c.n++)
            at = hl7_segment_next(m, slice_of(what), at + 1);
        return c.n;
    }
    const char *place = strrchr(what, '-');
    c.repetitions = place == NULL || strchr(place, '[') == NULL;
    hl7_path_each(path, m, count_match, &c);
    return c.n;
}

static int run_count(int argc, char **argv)
{
    const char *message = NULL;
    const struct option_spec specs[] = { { .name = "--message", .value = &message }, { .name = NULL } };
    struct hl7_file f;
    size_t first = 1, last = 0;
    uint64_t n = 0;
    int code = COMMAND_DONE;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 3)
        return usage_error("hl7 count", "a FILE and a segment or path are needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    bool segment = hl7_segment_named(slice_of(argv[2]));
    struct hl7_path *path = segment ? NULL : hl7_path_read(f.arena, slice_of(argv[2]), false);
    if (!segment && (path == NULL || !hl7_path_known(path, argv[2])))
        code = COMMAND_USAGE;
    else if (!hl7_file_range(&f, "count", message, true, &first, &last))
        code = COMMAND_NO;
    for (size_t i = first; code == COMMAND_DONE && i <= last; i++) {
        struct hl7_message *m = hl7_file_parse(&f, hl7_file_message(&f, i), i);
        if (m == NULL)
            code = COMMAND_NO;
        else
            n += count_one(m, argv[2], path);
    }
    if (code == COMMAND_DONE)
        printf("%llu\n", (unsigned long long)n);
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_count = {
    "count",
    "count FILE SEGMENT|PATH [--message N]\n\n"
    "How many segments of that name (OBX), repetitions of that field (PID-3), or matches with a value\n"
    "(OBX[*]-5[*]) the file holds, in all its messages.\n"
    "Exit codes: 0 done, 1 a message cannot be read, 2 a wrong path, 4 no such file.",
    "how many segments, repetitions or values", run_count
};
