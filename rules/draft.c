#include "rules/draft.h"

enum { NAME_MAX = 40 };

/* "MDC_EVT_HI_VENT" -> "mdc-evt-hi-vent": a NAME of the language. */
static struct slice slug(struct arena *a, struct slice text)
{
    char *name = arena_alloc(a, NAME_MAX + 8);
    size_t len = 0;

    for (size_t i = 0; i < text.len && len < NAME_MAX; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (len == 0 && c >= '0' && c <= '9') { /* a NAME begins with a letter */
            for (size_t k = 0; k < 5; k++)
                name[len++] = "code-"[k];
        }
        if (letter || (c >= '0' && c <= '9'))
            name[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        else if (len > 0 && name[len - 1] != '-')
            name[len++] = '-';
    }
    while (len > 0 && name[len - 1] == '-')
        len--;
    return len > 0 ? (struct slice){ name, len } : SLICE("unknown-code");
}

static bool is_named(const struct catalogue *c, const struct event *e)
{
    return e->code.len > 0 && catalogue_named(c, e->code) != NULL;
}

static struct slice code_name(const struct catalogue *c, const struct event *e, struct arena *a)
{
    if (is_named(c, e))
        return e->code;
    struct slice name = slug(a, e->code.len > 0 ? e->code : e->raw_text.len > 0 ? e->raw_text : e->raw_code);
    struct slice free_name = name;
    for (unsigned n = 2; catalogue_named(c, free_name) != NULL && n < 1000; n++)
        free_name = arena_printf(a, "%.*s-%u", SLICE_ARG(name), n);
    return free_name;
}

/* Inside quotes of the language or a cell of a CSV: what would end them, or is not one line, becomes a blank.
 */
static void put_quoted(struct buf *out, struct slice text, size_t most)
{
    for (size_t i = 0; i < text.len && i < most; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        buf_u8(out, c < ' ' || c > '~' || c == '"' || c == '\\' || c == ',' ? ' ' : c);
    }
}

static void put_duration(struct buf *out, int64_t us)
{
    int64_t s = us / TIME_S;

    if (s % 60 == 0 && s > 0)
        buf_printf(out, "%lldmin", (long long)(s / 60));
    else
        buf_printf(out, "%llds", (long long)s);
}

static void put_step(struct buf *out, const struct plan_step *step)
{
    static const char *const states[] = { [STEP_ALWAYS] = "",
                                          [STEP_NOT_ACCEPTED] = "not accepted",
                                          [STEP_NOT_DELIVERED] = "not delivered",
                                          [STEP_OPEN] = "open" };
    static const char *const levels[] = {
        [LEVEL_NORMAL] = "", [LEVEL_URGENT] = " urgent", [LEVEL_SILENT] = " silent"
    };

    buf_text(out, "  ");
    if (step->at_us > 0 || step->state != STEP_ALWAYS) {
        buf_text(out, "after ");
        put_duration(out, step->at_us);
        buf_printf(out, " if %s ", states[step->state]);
    }
    buf_text(out, "notify ");
    for (size_t i = 0; i < step->target_count; i++) {
        buf_text(out, i > 0 ? ", " : "");
        target_text(out, &step->targets[i]);
    }
    buf_printf(out, "%s%s\n", levels[step->level], step->fyi ? " fyi" : "");
}

static void put_plan(struct buf *out, const struct plan *p, bool lethal)
{
    if (lethal) /* such a rule says it */
        buf_text(out, "  stop on accepted, ended\n");
    for (size_t i = 0; i < p->step_count; i++)
        put_step(out, &p->steps[i]);
    if (p->repeat_every_us > 0 || lethal) {
        buf_printf(out, "  repeat%s every ", p->repeat_all || lethal ? " all" : "");
        put_duration(out, p->repeat_every_us > 0 ? p->repeat_every_us : 60 * TIME_S);
        buf_printf(out, " max %u\n", p->repeat_every_us > 0 ? p->repeat_max : 10);
    }
}

/* A name that no rule has yet. */
static struct slice rule_of(const struct ruleset *rules, struct slice code, struct arena *a)
{
    struct slice name = code;

    for (unsigned n = 2; ruleset_rule(rules, name) != NULL && n < 1000; n++)
        name = arena_printf(a, "%.*s-%u", SLICE_ARG(code), n);
    return name;
}

void draft_rule(struct buf *out, const struct ruleset *rules, const struct catalogue *catalogue,
                const struct event *e, struct arena *a)
{
    const struct rule *otherwise = ruleset_rule(rules, SLICE("default"));
    struct slice code = code_name(catalogue, e, a);

    buf_printf(out, "rule %.*s { title \"", SLICE_ARG(rule_of(rules, code, a)));
    put_quoted(out, e->title.len > 0 ? e->title : code, NAME_MAX);
    buf_printf(out, "\" mode draft\n  when %s %s and code is %.*s\n", event_kind_name(e->kind),
               event_phase_name(e->phase), SLICE_ARG(code));
    if (otherwise != NULL)
        put_plan(out, plan_make(otherwise, e, a), e->class == CLASS_LETHAL);
    buf_text(out, "}\n");
}

void draft_catalogue_row(struct buf *out, const struct catalogue *catalogue, const struct event *e,
                         struct arena *a)
{
    bool by_code = e->raw_code.len > 0 && !slice_is(e->raw_code, "0");

    if (is_named(catalogue, e))
        return;
    buf_printf(out, "%.*s,%s,%s,", SLICE_ARG(code_name(catalogue, e, a)), event_kind_name(e->kind),
               event_class_name(e->class));
    put_quoted(out, by_code ? e->system : SLICE(""), NAME_MAX);
    buf_text(out, ",");
    put_quoted(out, by_code ? e->raw_code : SLICE(""), NAME_MAX);
    buf_text(out, ",,");
    put_quoted(out, by_code ? SLICE("") : e->raw_text, NAME_MAX);
    buf_text(out, ",,");
    put_quoted(out, e->title, NAME_MAX);
    buf_text(out, ",no");
}

void draft_place_row(struct buf *out, struct slice sent)
{
    struct slice parts[3] = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };

    for (size_t i = 0; i < 3; i++)
        parts[i] = slice_cut(&sent, '^');
    for (size_t i = 0; i < 6; i++) {
        buf_text(out, i > 0 ? "," : "");
        put_quoted(out, parts[i % 3], NAME_MAX);
    }
}
