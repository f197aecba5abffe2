/* nightbell/hl7_tool.h - what the `nightbell hl7` commands share: files in, messages out of them, colour. */
#ifndef NIGHTBELL_NIGHTBELL_HL7_TOOL_H
#define NIGHTBELL_NIGHTBELL_HL7_TOOL_H

#include <jansson.h>

#include "base/buf.h"
#include "hl7/batch.h"
#include "hl7/message.h"
#include "hl7/path.h"
#include "nightbell/commands.h"

/* One subcommand: argv[0] is its name. */
struct hl7_tool {
    const char *name, *usage, *summary; /* usage: what follows "nightbell hl7" */
    int (*run)(int argc, char **argv);
};
extern const struct hl7_tool tool_get, tool_count, tool_show, tool_check, tool_split, tool_encode,
    tool_escape, tool_unescape, tool_time, tool_ack, tool_diff, tool_redact, tool_set;

/* A whole file and its items, in order. */
struct hl7_file {
    struct buf bytes;
    struct arena *arena;
    struct hl7_item *items;
    size_t *message_items; /* where the messages stand among the items */
    size_t count, messages;
};

/* "-" is the standard input. False after saying why on stderr. */
bool hl7_file_read(struct hl7_file *f, const char *path);
void hl7_file_free(struct hl7_file *f);
/* Is there a batch or file header or trailer? A batch may be empty. */
bool hl7_file_is_batch(const struct hl7_file *f);
/* Only blanks, line ends, frame marks (VT, FS), or a byte order mark: nothing that a person would miss. */
bool hl7_is_marks(struct slice bytes);
/* The n-th message, 1-based; NULL when there are not so many. */
const struct hl7_item *hl7_file_message(const struct hl7_file *f, size_t n);
/* Parses it; NULL after saying where and why on stderr. Owned by f->arena. */
struct hl7_message *hl7_file_parse(struct hl7_file *f, const struct hl7_item *item, size_t n);

/* `--message N` or `--message all`: the range of messages that is meant, [*first, *last]. Without it
 * `all_by_default` says. False after saying what is wrong. */
bool hl7_file_range(const struct hl7_file *f, const char *tool, const char *given, bool all_by_default,
                    size_t *first, size_t *last);

bool hl7_colour(void);                   /* a terminal, and NO_COLOR is not set */
const char *hl7_paint(const char *code); /* the code, or "" without colour */
void hl7_put(const struct buf *b);       /* to stdout, bytes as they are */
void hl7_put_json(json_t *line);         /* one line; takes the reference */
json_t *hl7_json_error(const struct error *err);
/* A path as it was written; NULL after saying what is wrong with it, and how it is written. */
struct hl7_path *hl7_path_read(struct arena *a, struct slice text, bool terser);
/* False after saying it: the standard has no such field. Components are not judged: data types change from
 * version to version, and senders put more into them than any. */
bool hl7_path_known(const struct hl7_path *path, const char *written);
/* Says an error about message n on stderr, place first. */
void hl7_say(const struct error *err, size_t n);
/* Raw bytes as JSON: as they are when they are UTF-8, else read as Windows-1252. */
json_t *hl7_json_bytes(struct slice bytes);
const char *hl7_state_name(enum hl7_presence p); /* "value" "empty" "null" "absent" */

#endif
