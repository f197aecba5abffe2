#include "nightbell/print_rules.h"

static const char style[] =
    "@page{size:auto;margin:16mm 15mm}*{box-sizing:border-box}"
    "body{font:15px/1.5 system-ui,'DejaVu "
    "Sans',Arial,sans-serif;color:#1b2733;background:#fff;max-width:760px;"
    "margin:24px auto;padding:0 16px}h1{font-size:24px;margin:0 0 4px}h2{font-size:19px;margin:0}"
    "p{margin:6px 0}.meta{color:#4a5968;font-size:13px}.rule{border-top:2px solid #1b2733;padding:16px 0 "
    "20px;"
    "break-inside:avoid}.mode{background:#fff3cd;border:1px solid #b58900;padding:4px 10px;font-weight:600}"
    "ul{margin:6px 0;padding-left:20px}svg{max-width:100%;height:auto;display:block;margin:10px 0}"
    "table{border-collapse:collapse;width:100%;font-size:13px;margin:8px 0}td,th{text-align:left;"
    "vertical-align:top;padding:3px 10px 3px 0}th{font-weight:600;white-space:nowrap;width:9em}"
    ".sign td{border-bottom:1px solid #1b2733;height:38px;width:33%;padding-right:16px;vertical-align:bottom}"
    ".sign th{width:auto;font-weight:400;color:#4a5968;border:0}code{font-family:'DejaVu Sans "
    "Mono',monospace;font-size:12px;"
    "overflow-wrap:anywhere}.contents td{border-bottom:1px solid #d5dce3}a{color:inherit}"
    ".picture{overflow-x:auto}@media screen and (max-width:600px){.picture svg{max-width:none}}"
    "@media print{body{margin:0;max-width:none;padding:0;font-size:11pt}.contents{break-after:page}}";

static void put_paragraph(struct buf *out, struct slice text, const char *class)
{
    if (text.len == 0)
        return;
    buf_printf(out, "<p%s%s%s>", class[0] != '\0' ? " class=\"" : "", class, class[0] != '\0' ? "\"" : "");
    markup_put(out, text);
    buf_text(out, "</p>\n");
}

static void put_name(struct buf *out, const struct told *t)
{
    if (t->title.len > 0)
        markup_put(out, t->title);
    else if (t->name.len > 0)
        buf_printf(out, "What no rule takes: %.*s", SLICE_ARG(t->name));
    else
        buf_text(out, "What no rule takes");
}

static void put_meta(struct buf *out, const struct told *t)
{
    buf_text(out, "<p class=\"meta\">");
    markup_put(out, t->kind);
    buf_text(out, " <code>");
    markup_put(out, t->name);
    buf_text(out, "</code>");
    if (t->owner.len > 0) {
        buf_text(out, " &middot; owner: ");
        markup_put(out, t->owner);
    }
    if (t->review.len > 0) {
        buf_text(out, " &middot; to be looked at again by ");
        markup_put(out, t->review);
    }
    buf_text(out, "</p>\n");
}

static bool told_before(const struct told *t, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (slice_eq(t->steps[k].message, t->steps[i].message))
            return true;
    return false;
}

static void put_row(struct buf *out, const char *head, struct slice text)
{
    buf_printf(out, "<tr><th>%s</th><td>", head);
    markup_put(out, text);
    buf_text(out, "</td></tr>\n");
}

/* "{unit|?}-{bed|?}" reads "[unit]-[bed]". */
static void put_template(struct buf *out, const char *head, struct slice text)
{
    struct buf shown = buf_make(4096);

    while (text.len > 0) {
        struct slice before = slice_cut(&text, '{');
        buf_put(&shown, before);
        if (text.len == 0)
            break;
        struct slice field = slice_cut(&text, '}'), name = slice_cut(&field, '|');
        buf_text(&shown, "[");
        for (size_t i = 0; i < name.len; i++)
            buf_u8(&shown, name.ptr[i] == '.' || name.ptr[i] == '-' ? ' ' : (uint8_t)name.ptr[i]);
        buf_text(&shown, "]");
    }
    put_row(out, head, buf_slice(&shown));
    buf_free(&shown);
}

static void put_replies(struct buf *out, const struct ast_node *message)
{
    bool first = true;

    buf_text(out, "<tr><th>Answers</th><td>");
    for (const struct ast_node *r = ast_child(message, AST_REPLY); r != NULL; r = ast_next(r, AST_REPLY)) {
        buf_text(out, first ? "" : ", ");
        markup_put(out, r->text);
        first = false;
    }
    buf_text(out, first ? "accept, decline</td></tr>\n" : "</td></tr>\n");
}

/* What phones show: each message of the rule once. */
static void put_messages(struct buf *out, const struct printed *p, const struct told *t)
{
    for (size_t i = 0; i < t->step_count; i++) {
        const struct ast_node *m = tell_find(p->program, AST_MESSAGE, t->steps[i].message);
        if (told_before(t, i))
            continue;
        buf_text(out, "<table>\n");
        put_template(out, "Locked phone",
                     m != NULL ? ast_child(m, AST_LOCK)->text : SLICE("{class} {unit|?} {bed|?}"));
        put_template(out, "Unlocked phone",
                     m != NULL ? ast_child(m, AST_FULL)->text : SLICE("{code} {unit|?}-{bed|?} {value|?}"));
        put_replies(out, m);
        buf_text(out, "</table>\n");
    }
}

static void put_sign(struct buf *out, const struct printed *p, const struct printed_rule *r)
{
    buf_text(out, "<table class=\"sign\"><tr><td></td><td></td><td></td></tr>\n"
                  "<tr><th>Name and role</th><th>Signature</th><th>Date</th></tr></table>\n");
    buf_printf(out, "<p class=\"meta\">Rule <code>%s</code><br>printed %s</p>\n", r->hash, p->date);
}

static void put_rule(struct buf *out, const struct printed *p, size_t i)
{
    const struct printed_rule *r = &p->rules[i];
    const struct told *t = &r->told;

    buf_printf(out, "<section class=\"rule\" id=\"r%zu\">\n<h2>", i);
    put_name(out, t);
    buf_text(out, "</h2>\n");
    put_meta(out, t);
    if (t->mode.len > 0 && !slice_is(t->mode, "live"))
        put_paragraph(out,
                      slice_is(t->mode, "draft")
                          ? SLICE("Draft: this rule is not in force and tells nobody.")
                          : SLICE("Shadow: this rule is only watched and tells nobody."),
                      "mode");
    put_paragraph(out, t->why, "");
    put_paragraph(out, t->when, "");
    buf_text(out, t->clause_count > 0 ? "<ul>\n" : "");
    for (size_t k = 0; k < t->clause_count; k++) {
        buf_text(out, "<li>");
        markup_put(out, t->clauses[k]);
        buf_text(out, "</li>\n");
    }
    buf_text(out, t->clause_count > 0 ? "</ul>\n" : "");
    /* On a phone the picture keeps its size; a finger or the arrow keys push it aside. */
    buf_text(out, "<div class=\"picture\" tabindex=\"0\">\n");
    print_svg(out, t, i);
    buf_text(out, "</div>\n");
    put_paragraph(out, r->appended, "");
    put_paragraph(out, t->ends, "");
    put_messages(out, p, t);
    put_sign(out, p, r);
    buf_text(out, "</section>\n");
}

static void put_contents(struct buf *out, const struct printed *p)
{
    buf_text(out, "<div class=\"contents\"><table>\n");
    for (size_t i = 0; i < p->count; i++) {
        buf_printf(out, "<tr><td><a href=\"#r%zu\">", i);
        put_name(out, &p->rules[i].told);
        buf_printf(out, "</a></td><td><code>%.12s</code></td></tr>\n", p->rules[i].hash);
    }
    buf_text(
        out,
        "</table>\n<p class=\"meta\">A red disc rings loud, through silent mode; a blue ring as usual; a "
        "grey one without a sound. A square is for information and asks no answer. Times count from the "
        "first ring. A step that finds nobody passes on to the next at once. What stands in brackets comes "
        "with the event. This is a secondary "
        "notification: the bedside alarm stays primary.</p></div>\n");
}

void print_html(struct buf *out, const struct printed *p)
{
    buf_text(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Alert rules of ");
    markup_put(out, p->site->name);
    buf_printf(out, "</title>\n<style>%s</style></head><body>\n<h1>Alert rules of ", style);
    markup_put(out, p->site->name);
    buf_printf(out, "</h1>\n<p class=\"meta\">printed %s &middot; site <code>%s</code></p>\n", p->date,
               p->hash);
    put_contents(out, p);
    for (size_t i = 0; i < p->count; i++)
        put_rule(out, p, i);
    buf_text(out, "</body></html>\n");
}
