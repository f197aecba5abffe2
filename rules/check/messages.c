/* rules/check/messages.c - texts for people: what a locked screen may show, and how wide it can get. */
#include "base/utf8.h"
#include "rules/check/check.h"
#include "rules/plan_render.h"

struct text_check {
    struct checker *c;
    const struct ast_node *text; /* LOCK or FULL */
    bool lock;
    size_t width;
    bool endless;
};

/* The place of a part inside the quotes; exact where the text holds no backslash. */
static struct span part_at(const struct text_check *t, const struct template_part *p)
{
    struct span at = t->text->at;

    at.column += 1 + (uint32_t)(p->at - t->text->text.ptr);
    at.length = (uint32_t)p->length;
    return at;
}

static void put_lock_fields(struct buf *out)
{
    for (size_t i = 0; i < schema_count(); i++)
        if (schema_field(i)->privacy == PRIVACY_LOCK)
            buf_printf(out, "%s%s", out->len > 0 ? " " : "", schema_field(i)->name);
}

static const char *said(const char *field, struct arena *a)
{
    struct slice f = slice_of(field);

    if (slice_is(f, "patient.name"))
        return "the patient's name";
    if (slice_is(f, "patient.initials"))
        return "the patient's initials";
    return arena_printf(a, "\"%s\"", field).ptr;
}

static void unknown_field(struct text_check *t, const struct template_part *p)
{
    struct slice *names = arena_array(t->c->arena, schema_count(), sizeof *names);

    for (size_t i = 0; i < schema_count(); i++)
        names[i] = slice_of(schema_field(i)->name);
    struct slice near = diagnose_nearest(p->field, names, schema_count());
    if (!CHECK_ERROR(t->c, E_TEXT_FIELD, part_at(t, p), "no event has a field \"%.*s\"", SLICE_ARG(p->field)))
        return;
    if (near.len > 0)
        diagnose_hint(t->c->d, "did you mean \"{%.*s}\"?", SLICE_ARG(near));
}

static void check_part(struct text_check *t, const struct template_part *p, struct template_part *secret,
                       struct buf *also)
{
    size_t id;

    if (!p->is_field) {
        t->width += utf8_count(p->literal);
        return;
    }
    if (!schema_find(p->field, &id)) {
        unknown_field(t, p);
        return;
    }
    const struct field_info *f = schema_field(id);
    size_t otherwise = utf8_count(p->otherwise);
    t->width += f->width > otherwise ? f->width : otherwise;
    if (f->width == 0) {
        t->endless = true;
    } else if (!f->always && !p->has_otherwise && (!t->lock || f->privacy == PRIVACY_LOCK) &&
               CHECK_ERROR(t->c, E_TEXT_ABSENT, part_at(t, p),
                           "\"%s\" can be absent and the text does not say what then", f->name)) {
        diagnose_hint(t->c->d, "write {%s|?}", f->name);
    }
    if (!t->lock || f->privacy == PRIVACY_LOCK)
        return;
    if (secret->at == NULL)
        *secret = *p;
    else
        buf_printf(also, "%s\"{%s}\"", also->len > 0 ? ", " : "", f->name);
}

static void shows_secret(struct text_check *t, const struct template_part *secret, const struct buf *also)
{
    struct buf fields = buf_make(1024);
    struct slice field = arena_copy(t->c->arena, secret->field);

    put_lock_fields(&fields);
    if (CHECK_ERROR(t->c, E_LOCK_PHI, part_at(t, secret), "a lock screen would show %s",
                    said(field.ptr, t->c->arena)))
        diagnose_hint(t->c->d,
                      "lock may use: %.*s.%s%.*s%s This text can reach %zu characters; keep lock to %d",
                      SLICE_ARG(buf_slice(&fields)), also->len > 0 ? " Also not for a locked screen: " : "",
                      SLICE_ARG(buf_slice(also)), also->len > 0 ? "." : "", t->width, LIMIT_LOCK_CHARS);
    buf_free(&fields);
}

static void too_wide(struct text_check *t)
{
    int most = t->lock ? LIMIT_LOCK_CHARS : LIMIT_FULL_CHARS;

    if (!t->endless && t->width <= (size_t)most)
        return;
    if (CHECK_ERROR(t->c, E_TOO_WIDE, t->text->at, "this text can reach %zu characters", t->width))
        diagnose_hint(t->c->d, "%s is at most %d (limit %s) with the widest values",
                      t->lock ? "lock" : "full", most, t->lock ? "lock-characters" : "full-characters");
}

static void check_text(struct checker *c, const struct ast_node *text, bool lock)
{
    struct text_check t = { .c = c, .text = text, .lock = lock };
    struct template_part part, secret = { .at = NULL };
    struct slice rest = text->text;
    struct buf also = buf_make(4096);

    while (template_next(&rest, &part)) {
        check_part(&t, &part, &secret, &also);
        if (!part.is_field && slice_find(part.literal, '{') < part.literal.len)
            CHECK_ERROR(c, E_TEXT, text->at, "a \"{\" without its \"}\"");
    }
    if (secret.at != NULL)
        shows_secret(&t, &secret, &also);
    else
        too_wide(&t);
    buf_free(&also);
}

/* --- what and where belong to the first characters (W506) ------------------------------------------------
 */

enum { SEEN_AT_ONCE = 41, TYPICAL_CODE = 16, TYPICAL_PLACE = 4, TYPICAL_OTHER = 8 };

static bool one_of_fields(struct slice field, const char *const *list)
{
    for (; *list != NULL; list++)
        if (slice_is(field, *list))
            return true;
    return false;
}

/* Judged at typical widths: at the widest ones hardly a text would pass. */
static void what_and_where(struct checker *c, const struct ast_node *text)
{
    static const char *const what[] = { "code", "class", "category", "status", NULL };
    static const char *const where[] = { "unit", "room", "bed", "place", "clinic", "prior-unit", NULL };
    struct template_part p;
    size_t at = 0, first_what = 0, first_where = 0;

    for (struct slice rest = text->text; template_next(&rest, &p);) {
        bool is_what = p.is_field && one_of_fields(p.field, what),
             is_where = p.is_field && one_of_fields(p.field, where);
        at += !p.is_field ? utf8_count(p.literal)
              : is_what   ? TYPICAL_CODE
              : is_where  ? TYPICAL_PLACE
                          : TYPICAL_OTHER;
        first_what = is_what && first_what == 0 ? at : first_what;
        first_where = is_where && first_where == 0 ? at : first_where;
    }
    const char *late = first_what > SEEN_AT_ONCE    ? "what it is"
                       : first_where > SEEN_AT_ONCE ? "where it is"
                                                    : NULL;
    if (late == NULL || !check_error(c, W_LATE, text->at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_LATE, text->at, "%s comes behind the first %d characters", late,
             SEEN_AT_ONCE);
    diagnose_hint(c->d, "phones show no more at a glance: begin with {code} and {unit|?}");
}

static void check_full(struct checker *c, const struct ast_node *text)
{
    check_text(c, text, false);
    what_and_where(c, text);
}

void check_messages(struct checker *c)
{
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (const struct ast_node *m = ast_child(f, AST_MESSAGE); m != NULL; m = ast_next(m, AST_MESSAGE)) {
            if (ast_child(m, AST_LOCK) != NULL)
                check_text(c, ast_child(m, AST_LOCK), true);
            if (ast_child(m, AST_FULL) != NULL)
                check_full(c, ast_child(m, AST_FULL));
        }
}

/* A field that events of this kind never have needs its {field|text}. */
static void fits_text(struct checker *c, const struct scope *s, const struct ast_node *text,
                      struct span used_at)
{
    struct template_part p;
    struct slice rest = text != NULL ? text->text : SLICE("");
    size_t id;

    while (template_next(&rest, &p))
        if (p.is_field && !p.has_otherwise && schema_find(p.field, &id) &&
            !(schema_field(id)->kinds & KIND_BIT(s->kind)) &&
            CHECK_ERROR(c, E_TEXT_ABSENT, used_at, "this message shows \"%.*s\", which %s events do not have",
                        SLICE_ARG(p.field), event_kind_name(s->kind)))
            diagnose_hint(c->d, "write {%.*s|?} in the message, or use another one", SLICE_ARG(p.field));
}

void message_fits(struct checker *c, const struct scope *s, const struct ast_node *message,
                  struct span used_at)
{
    if (s->any_kind)
        return;
    fits_text(c, s, ast_child(message, AST_LOCK), used_at);
    fits_text(c, s, ast_child(message, AST_FULL), used_at);
}

unsigned message_replies(const struct ast_node *message)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {
        { "accept", REPLY_ACCEPT },     { "decline", REPLY_DECLINE }, { "readback", REPLY_READBACK },
        { "callback", REPLY_CALLBACK }, { "confirm", REPLY_CONFIRM }, { "dismiss", REPLY_DISMISS },
        { "done", REPLY_DONE },
    };
    unsigned bits = 0;

    for (const struct ast_node *r = ast_child(message, AST_REPLY); r != NULL; r = ast_next(r, AST_REPLY))
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            bits |= slice_is(r->text, words[i].word) ? words[i].bit : 0;
    return bits != 0 ? bits : REPLY_ACCEPT | REPLY_DECLINE;
}
