/* nightbell/lsp.h - inside of `nightbell lsp`, the server that editors speak with (Language Server Protocol
 * 3.17 over standard input and output).
 *
 * One thread, one request after the other. A site is compiled anew when something in it has changed: the
 * folder as it is on disk, with the unsaved texts of the editor over it. Positions of the protocol are
 * lines and characters from 0 (UTF-16 units unless the client takes UTF-8); ours are bytes. */
#ifndef NIGHTBELL_NIGHTBELL_LSP_H
#define NIGHTBELL_NIGHTBELL_LSP_H

#include <jansson.h>

#include "nightbell/site_folder.h"
#include "rules/print/tell.h"
#include "rules/site/site.h"
#include "rules/syntax/tokens.h"
#include "rules/syntax/uses.h"

enum { LSP_FRAME_BYTES = 48 << 20, LSP_DOCUMENTS = 512, LSP_SITES = 16, LSP_DEBOUNCE_MS = 150 };

/* Codes of JSON-RPC and of the protocol. */
enum {
    LSP_PARSE_ERROR = -32700,
    LSP_INVALID_REQUEST = -32600,
    LSP_NO_METHOD = -32601,
    LSP_INVALID_PARAMS = -32602,
    LSP_NOT_INITIALIZED = -32002,
    LSP_CANCELLED = -32800,
    LSP_FAILED = -32803
};

/* A text with the places where its lines begin. */
struct lsp_lines {
    struct slice text;
    const size_t *starts;
    size_t count; /* at least 1 */
};

struct lsp_document {
    char *path; /* without links */
    struct buf text;
    json_int_t version;
};

struct lsp_site {
    char *folder; /* without links */
    bool dirty;   /* something changed since it was compiled */
    bool unpublished;
    struct arena *arena; /* of everything below but `good` */
    struct fileset *files;
    struct diagnostics d;
    const struct source_file *bells;
    size_t bell_count;
    const struct ast_node *program;
    struct use_list uses;
    const struct use **by_place; /* the same by file, line, column */
    struct lsp_lines *lines;     /* of each file of d.files */
    char **uris;                 /* likewise */
    struct site *good;           /* the last one without errors; NULL before the first */
    char failed[320];            /* why the folder cannot be read, or "" */
    struct lsp_published {
        char *uri, *findings; /* what the editor was told last, as JSON */
    } * published;
    size_t published_count, published_room;
};

struct lsp {
    int in, out;
    bool initialized, shut_down, utf8;
    int64_t at_us;         /* the wall clock of hovers; TIME_NONE: now */
    struct arena *scratch; /* of one message */
    struct lsp_document documents[LSP_DOCUMENTS];
    size_t document_count;
    struct lsp_site sites[LSP_SITES];
    size_t site_count;
};

/* A place in a file of a site. */
struct lsp_place {
    struct lsp_site *site;
    const struct source_file *file;
    const struct lsp_lines *lines;
    uint32_t index; /* of that file */
    size_t offset;  /* bytes */
};

/* --- lsp_frames.c ----------------------------------------------------------------------------------------
 */
struct lsp_frames {
    struct buf in;
    bool ended;  /* end of input */
    size_t skip; /* bytes of a frame too large, still to pass over */
};
enum lsp_frame { LSP_FRAME, LSP_FRAME_NONE /* more bytes are needed */, LSP_FRAME_BAD, LSP_FRAME_HUGE };
/* Reads what is there, waiting at most `timeout_ms` (-1: for ever). False at the end of input. */
bool lsp_frames_read(struct lsp_frames *f, int fd, int timeout_ms);
/* The next frame's body, a new copy in `out`; what is no frame is passed over. */
enum lsp_frame lsp_frames_next(struct lsp_frames *f, struct buf *out);
void lsp_send(const struct lsp *s, json_t *message); /* takes the reference */

/* --- lsp_text.c ------------------------------------------------------------------------------------------
 */
struct lsp_lines lsp_lines_of(struct arena *a, struct slice text);
/* Byte offset of a position; past the end of a line or of the text it is that end. */
size_t lsp_offset(const struct lsp_lines *l, json_int_t line, json_int_t character, bool utf8);
/* {"line": .., "character": ..} of a byte offset. */
json_t *lsp_position(const struct lsp_lines *l, size_t offset, bool utf8);
json_t *lsp_range(const struct lsp_lines *l, size_t from, size_t to, bool utf8);
size_t lsp_span_offset(const struct lsp_lines *l, struct span at);
json_t *lsp_span_range(const struct lsp_lines *l, struct span at, bool utf8);
/* Characters of a piece of one line, in the client's units. */
json_int_t lsp_characters(struct slice piece, bool utf8);
/* Path of a file URI, malloc'ed, links and dots gone where the file is there; NULL for anything else. */
char *lsp_path_of(struct slice uri);
json_t *lsp_uri_of(const char *path);
/* The word around an offset: [A-Za-z0-9_.:-]; true when there is one. */
bool lsp_word_at(struct slice text, size_t offset, size_t *from, size_t *to);

/* --- lsp_documents.c -------------------------------------------------------------------------------------
 */
struct lsp_document *lsp_document_find(struct lsp *s, const char *path);
/* NULL when there are too many. */
struct lsp_document *lsp_document_open(struct lsp *s, const char *path, struct slice text,
                                       json_int_t version);
void lsp_document_close(struct lsp *s, struct lsp_document *d);
/* contentChanges of didChange, ranged or whole. False: they make no sense, the text is as before. */
bool lsp_document_change(struct lsp *s, struct lsp_document *d, const json_t *changes);

/* --- lsp_site.c ------------------------------------------------------------------------------------------
 */
/* The site that a file belongs to: the nearest folder above with a `site` declaration, else its own folder.
 */
struct lsp_site *lsp_site_of(struct lsp *s, const char *path);
void lsp_site_refresh(struct lsp *s, struct lsp_site *site); /* compiles it if it is dirty */
void lsp_sites_dirty(struct lsp *s);
void lsp_site_free(struct lsp_site *site);
/* Publishes the findings of the sites that have changed. */
void lsp_publish(struct lsp *s);
/* textDocument and position of params; refreshes the site. False when there is no such file. */
bool lsp_place_of(struct lsp *s, const json_t *params, struct lsp_place *out);
/* The same without a position. */
bool lsp_file_of(struct lsp *s, const json_t *params, struct lsp_place *out);
json_t *lsp_file_uri(const struct lsp_site *site, uint32_t index);
/* The use that a place stands in, or NULL. */
const struct use *lsp_use_at(const struct lsp_place *p);
const struct use *lsp_use_in(const struct lsp_site *site, struct span at);
struct teller lsp_teller(const struct lsp *s, const struct lsp_site *site);

/* --- answers: each gives the result (a new reference; NULL: `error` is filled)
 * ------------------------------ */
struct lsp_error {
    int code;
    char text[200];
};
json_t *lsp_refuse(struct lsp_error *e, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
typedef json_t *lsp_answer(struct lsp *s, const json_t *params, struct lsp_error *error);
lsp_answer lsp_completion, lsp_hover, lsp_definition, lsp_references, lsp_prepare_rename, lsp_rename,
    lsp_symbols, lsp_formatting, lsp_actions, lsp_lenses, lsp_execute, lsp_semantic_tokens;
json_t *lsp_token_legend(void); /* semanticTokensProvider */

#endif
