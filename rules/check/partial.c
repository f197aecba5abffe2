/* rules/check/partial.c - what can be said of the rest of a program that has syntax errors.
 *
 * People mend what one run shows them: a fault of grammar in one rule must not hide that another names a
 * field that does not exist. Declarations with a fault inside are left out, and of the others only what does
 * not depend on a name that a faulty one may declare is told. */
#include "rules/check/check.h"

#include <string.h>

static bool is_before(struct span a, struct span b)
{
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* A fault stands between this declaration and the next one of its file. */
static bool is_faulty(const struct diagnostics *d, const struct ast_node *n)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct diagnostic *f = &d->items[i];
        if (f->severity == SEVERITY_ERROR && f->number < E_KIND && f->at.file == n->at.file &&
            !is_before(f->at, n->at) && (n->next == NULL || is_before(f->at, n->next->at)))
            return true;
    }
    return false;
}

static struct ast_node *sound_file(const struct checker *c, const struct ast_node *file)
{
    struct ast_node *copy = arena_alloc(c->arena, sizeof *copy), **link = &copy->child;

    *copy = *file;
    copy->child = copy->next = NULL;
    for (const struct ast_node *n = file->child; n != NULL; n = n->next) {
        if (is_faulty(c->d, n))
            continue;
        *link = arena_alloc(c->arena, sizeof **link);
        **link = *n;
        (*link)->next = NULL;
        link = &(*link)->next;
    }
    return copy;
}

struct ast_node *partial_program(const struct checker *c)
{
    struct ast_node *copy = arena_alloc(c->arena, sizeof *copy), **link = &copy->child;

    *copy = *c->program;
    copy->child = NULL;
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next) {
        *link = sound_file(c, f);
        link = &(*link)->next;
    }
    return copy;
}

/* "codes NAME" stands somewhere: the set may be what a faulty declaration was about. */
static bool may_be_declared(const struct diagnostics *d, struct slice name)
{
    struct slice word = SLICE("codes");

    for (size_t i = 0; i < d->file_count; i++) {
        struct slice rest = d->files[i].bytes;
        for (const char *at; rest.len > 0 && (at = memmem(rest.ptr, rest.len, word.ptr, word.len)) != NULL;) {
            rest = slice_sub(rest, (size_t)(at - rest.ptr) + word.len, rest.len);
            struct slice said = rest;
            while (said.len > 0 && said.ptr[0] == ' ')
                said = slice_sub(said, 1, said.len);
            if (slice_starts(said, name))
                return true;
        }
    }
    return false;
}

/* Is it true whatever the faulty declarations say? */
static bool stands_alone(const struct diagnostics *d, const struct diagnostic *f)
{
    struct slice name = f->message;

    switch (f->number) {
    case E_KIND:
    case E_FIELD:
    case E_PHASE:
    case E_VALUE:
    case E_ABSENT:
    case E_SILENCES:
    case E_UNIT:
    case E_CHECK:
    case E_PATH:
        return true;
    case E_CODE:
        slice_cut(&name, '"');
        return name.len > 0 && !may_be_declared(d, slice_cut(&name, '"'));
    default:
        return false;
    }
}

void partial_tell(struct diagnostics *d, const struct diagnostics *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct diagnostic *f = &found->items[i];
        if (f->severity != SEVERITY_ERROR || !stands_alone(d, f))
            continue;
        diagnose(d, f->severity, f->number, f->at, "%.*s", SLICE_ARG(f->message));
        if (f->hint.len > 0)
            diagnose_hint(d, "%.*s", SLICE_ARG(f->hint));
    }
}
