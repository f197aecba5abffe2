#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "nightbell/commands.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"

static const char help[] =
    "usage: nightbell lsp [--at TIME]\n"
    "\n"
    "The server that editors speak with (Language Server Protocol 3.17) on standard input and output: "
    "findings\n"
    "while you type, over the whole site; completion, hover (who holds a role now), definition, references,\n"
    "rename, outline, formatting, quick fixes, a timeline above each rule. docs/rules/editors.md says how "
    "to\n"
    "start it from VS Code, Neovim, Vim and Emacs.\n"
    "  --at TIME  who is on duty at that instant (2026-11-22T02:10:00Z) instead of now\n"
    "Exit codes: 0 the editor said goodbye, 1 it went without.\n";

enum { READ_AHEAD = 1 << 20 };

struct queue {
    json_t **items;
    size_t first, count, room;
};

static json_t *error_reply(json_t *id, int code, const char *text)
{
    return json_pack("{s:s s:o s:{s:i s:o}}", "jsonrpc", "2.0", "id",
                     id != NULL ? json_incref(id) : json_null(), "error", "code", code, "message",
                     json_of_slice(slice_of(text)));
}

/* --- what the client tells
 * ------------------------------------------------------------------------------------ */

static void did_open(struct lsp *s, const json_t *params)
{
    const json_t *d = json_object_get(params, "textDocument");
    char *path = lsp_path_of(json_member(d, "uri"));

    if (path != NULL && lsp_document_open(s, path, json_member(d, "text"),
                                          json_integer_value(json_object_get(d, "version"))) != NULL)
        lsp_site_of(s, path)->dirty = true;
    free(path);
}

static void did_change(struct lsp *s, const json_t *params)
{
    const json_t *about = json_object_get(params, "textDocument");
    char *path = lsp_path_of(json_member(about, "uri"));
    struct lsp_document *d = path != NULL ? lsp_document_find(s, path) : NULL;

    if (d != NULL && lsp_document_change(s, d, json_object_get(params, "contentChanges"))) {
        d->version = json_integer_value(json_object_get(about, "version"));
        lsp_site_of(s, path)->dirty = true;
    }
    free(path);
}

static void did_close(struct lsp *s, const json_t *params)
{
    char *path = lsp_path_of(json_member(json_object_get(params, "textDocument"), "uri"));
    struct lsp_document *d = path != NULL ? lsp_document_find(s, path) : NULL;

    if (d != NULL) {
        lsp_site_of(s, path)->dirty = true;
        lsp_document_close(s, d);
    }
    free(path);
}

/* A saved table or an unopened file may have changed as well. */
static void did_save(struct lsp *s, const json_t *params)
{
    (void)params;
    lsp_sites_dirty(s);
}

static const struct {
    const char *method;
    void (*take)(struct lsp *s, const json_t *params);
} notifications[] = { { "textDocument/didOpen", did_open },
                      { "textDocument/didChange", did_change },
                      { "textDocument/didClose", did_close },
                      { "textDocument/didSave", did_save },
                      { "workspace/didChangeWatchedFiles", did_save } };

/* --- what the client asks
 * ------------------------------------------------------------------------------------- */

static json_t *capabilities(const struct lsp *s)
{
    json_t *all = json_pack(
        "{s:s s:{s:b s:i s:b} s:{s:[s,s,s]} s:b s:b s:b s:{s:b} s:b s:b s:{s:[s]} s:{s:b} s:{s:[s]}}",
        "positionEncoding", s->utf8 ? "utf-8" : "utf-16", "textDocumentSync", "openClose", 1, "change", 2,
        "save", 1, "completionProvider", "triggerCharacters", " ", "\"", ".", "hoverProvider", 1,
        "definitionProvider", 1, "referencesProvider", 1, "renameProvider", "prepareProvider", 1,
        "documentSymbolProvider", 1, "documentFormattingProvider", 1, "codeActionProvider", "codeActionKinds",
        "quickfix", "codeLensProvider", "resolveProvider", 0, "executeCommandProvider", "commands",
        "nightbell.runTest");
    json_object_set_new(all, "semanticTokensProvider", lsp_token_legend());
    return all;
}

static json_t *initialize(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    const json_t *general = json_object_get(json_object_get(params, "capabilities"), "general");
    const json_t *encodings = json_object_get(general, "positionEncodings"), *one;
    size_t i;

    if (s->initialized)
        return lsp_refuse(e, LSP_INVALID_REQUEST, "initialized already");
    json_array_foreach(encodings, i, one) s->utf8 =
        s->utf8 || (json_is_string(one) && strcmp(json_string_value(one), "utf-8") == 0);
    s->initialized = true;
    return json_pack("{s:o s:{s:s s:s}}", "capabilities", capabilities(s), "serverInfo", "name", "nightbell",
                     "version", NIGHTBELL_VERSION);
}

static json_t *shut_down(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    (void)params;
    (void)e;
    s->shut_down = true;
    return json_null();
}

static const struct {
    const char *method;
    lsp_answer *answer;
} requests[] = { { "initialize", initialize },
                 { "shutdown", shut_down },
                 { "textDocument/completion", lsp_completion },
                 { "textDocument/hover", lsp_hover },
                 { "textDocument/definition", lsp_definition },
                 { "textDocument/references", lsp_references },
                 { "textDocument/prepareRename", lsp_prepare_rename },
                 { "textDocument/rename", lsp_rename },
                 { "textDocument/documentSymbol", lsp_symbols },
                 { "textDocument/formatting", lsp_formatting },
                 { "textDocument/codeAction", lsp_actions },
                 { "textDocument/codeLens", lsp_lenses },
                 { "textDocument/semanticTokens/full", lsp_semantic_tokens },
                 { "workspace/executeCommand", lsp_execute } };

static json_t *answer(struct lsp *s, const char *method, const json_t *params, struct lsp_error *e)
{
    if (s->shut_down)
        return lsp_refuse(e, LSP_INVALID_REQUEST, "shut down already");
    if (!s->initialized && strcmp(method, "initialize") != 0)
        return lsp_refuse(e, LSP_NOT_INITIALIZED, "initialize comes first");
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (strcmp(requests[i].method, method) == 0)
            return requests[i].answer(s, params, e);
    return lsp_refuse(e, LSP_NO_METHOD, "no method \"%.80s\"", method);
}

static void take_request(struct lsp *s, const char *method, json_t *id, const json_t *params)
{
    struct lsp_error e = { LSP_FAILED, "no answer" };
    json_t *result = answer(s, method, params, &e);

    if (result == NULL)
        lsp_send(s, error_reply(id, e.code, e.text));
    else
        lsp_send(s, json_pack("{s:s s:O s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

static void take_notification(struct lsp *s, const char *method, const json_t *params)
{
    for (size_t i = 0; s->initialized && i < sizeof notifications / sizeof *notifications; i++)
        if (strcmp(notifications[i].method, method) == 0)
            notifications[i].take(s, params);
}

/* --- the loop
 * ------------------------------------------------------------------------------------------------- */

static void queue_add(struct queue *q, json_t *message)
{
    MEMORY_ROOM(q->items, q->count, q->room);
    q->items[q->count++] = message;
}

static void take_bytes(struct lsp *s, struct queue *q, struct slice bytes)
{
    json_t *message = json_loadb(bytes.ptr != NULL ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES, NULL);

    if (message == NULL)
        lsp_send(s, error_reply(NULL, LSP_PARSE_ERROR, "this is no JSON"));
    else
        queue_add(q, message);
}

static void take_frames(struct lsp *s, struct lsp_frames *f, struct queue *q)
{
    struct buf body = buf_make(LSP_FRAME_BYTES);

    for (enum lsp_frame got; (got = lsp_frames_next(f, &body)) != LSP_FRAME_NONE;) {
        if (got == LSP_FRAME)
            take_bytes(s, q, buf_slice(&body));
        else if (got == LSP_FRAME_HUGE)
            lsp_send(s, error_reply(NULL, LSP_INVALID_REQUEST, "a frame of more than 48 MiB is passed over"));
        else
            lsp_send(s, error_reply(NULL, LSP_PARSE_ERROR, "a header without Content-Length"));
    }
    buf_free(&body);
}

/* Did the client take this request back while it waited? */
static bool is_cancelled(const struct queue *q, const json_t *id)
{
    for (size_t i = q->first; i < q->count; i++) {
        const json_t *m = q->items[i];
        if (slice_is(json_member(m, "method"), "$/cancelRequest") &&
            json_equal(json_object_get(json_object_get(m, "params"), "id"), id))
            return true;
    }
    return false;
}

/* False: `exit`. */
static bool take_message(struct lsp *s, const struct queue *q, const json_t *m)
{
    json_t *id = json_object_get(m, "id"), *params = json_object_get(m, "params");
    const char *method = json_string_value(json_object_get(m, "method"));
    bool asks = json_is_integer(id) || json_is_string(id);

    if (method == NULL) {
        if (!json_is_object(m) ||
            (json_object_get(m, "result") == NULL && json_object_get(m, "error") == NULL))
            lsp_send(s, error_reply(asks ? id : NULL, LSP_INVALID_REQUEST, "no method"));
        return true; /* an answer: nothing was asked */
    }
    if (strcmp(method, "exit") == 0)
        return false;
    if (!asks)
        take_notification(s, method, params);
    else if (is_cancelled(q, id))
        lsp_send(s, error_reply(id, LSP_CANCELLED, "cancelled"));
    else
        take_request(s, method, id, params);
    return true;
}

static bool take_queue(struct lsp *s, struct queue *q)
{
    bool goes_on = true;

    while (goes_on && q->first < q->count) {
        json_t *m = q->items[q->first++];
        goes_on = take_message(s, q, m);
        arena_reset(s->scratch);
        json_decref(m);
    }
    if (q->first == q->count)
        q->first = q->count = 0;
    return goes_on;
}

static bool has_news(const struct lsp *s)
{
    for (size_t i = 0; i < s->site_count; i++)
        if (s->sites[i].dirty || s->sites[i].unpublished)
            return true;
    return false;
}

static void serve(struct lsp *s)
{
    struct lsp_frames frames = { .in = buf_make(LSP_FRAME_BYTES + (1 << 20)) };
    struct queue q = { NULL, 0, 0, 0 };

    for (bool goes_on = true; goes_on;) {
        size_t before = frames.in.len + frames.skip;
        goes_on = lsp_frames_read(&frames, s->in, has_news(s) ? LSP_DEBOUNCE_MS : -1);
        bool quiet = frames.in.len + frames.skip == before;
        while (goes_on && !quiet && frames.in.len < READ_AHEAD && lsp_frames_read(&frames, s->in, 0) &&
               frames.in.len + frames.skip != before)
            before = frames.in.len + frames.skip; /* what has come already, so that cancels are seen */
        take_frames(s, &frames, &q);
        goes_on = take_queue(s, &q) && (goes_on && !frames.ended);
        if (goes_on && quiet)
            lsp_publish(s);
    }
    while (q.first < q.count)
        json_decref(q.items[q.first++]);
    free(q.items);
    buf_free(&frames.in);
}

static int run(int argc, char **argv)
{
    const char *at = NULL;
    const struct option_spec specs[] = { { .name = "--at", .value = &at }, { .name = NULL } };
    int64_t at_us = TIME_NONE;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || (at != NULL && !time_parse_iso(slice_of(at), 0, &at_us)))
        return usage_error(argv[0], "it takes an instant behind --at, and nothing else");
    struct lsp *s = memory_new(sizeof *s);
    *s = (struct lsp){ .in = STDIN_FILENO, .out = STDOUT_FILENO, .at_us = at_us, .scratch = arena_new() };
    signal(SIGPIPE, SIG_IGN);
    serve(s);
    int code = s->shut_down ? COMMAND_DONE : COMMAND_NO;
    for (size_t i = 0; i < s->site_count; i++)
        lsp_site_free(&s->sites[i]);
    while (s->document_count > 0)
        lsp_document_close(s, &s->documents[0]);
    arena_free(&s->scratch);
    free(s);
    return code;
}

const struct command command_lsp = { "lsp", "the language server for editors", help, run };
