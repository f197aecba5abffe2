/* rules/explain.c - why a rule did not match, in words that carry the event's own values.
 *
 * A condition that is false has a first part that made it so; that part is said. An `or` is false with all
 * of its parts, so they are all said, up to a few. The text is for people who may see patient data. */
#include "rules/compiled.h"

#include "base/limits.h"

enum { VALUE_BYTES = 80, REASON_BYTES = 600, PARTS_SAID = 3 };

#define X(id, name) name,
static const char *const FATE_NAMES[] = { CANDIDATE_FATES(X) };
#undef X

const char *candidate_fate_name(enum candidate_fate f)
{
    return f < CANDIDATE_FATE_COUNT ? FATE_NAMES[f] : "?";
}

struct saying {
    struct buf *out;
    const struct event *e;
    const struct eval_now *now;
    struct arena *a;
    uint32_t line; /* of the first part that was said; 0: none yet */
};

/* --- one atom ------------------------------------------------------------------------------------------ */

/* A value as sent, which may be long and of any bytes: cut at a character, controls blanked. */
static void put_cut(struct saying *s, struct slice text)
{
    size_t len = text.len < VALUE_BYTES ? text.len : VALUE_BYTES;

    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        buf_u8(s->out, (unsigned char)text.ptr[i] < ' ' ? ' ' : (unsigned char)text.ptr[i]);
    if (len < text.len)
        buf_text(s->out, "...");
}

/* The code as rules name it; what is in no catalogue by what was sent. */
static void put_code(struct saying *s, const struct atom *t)
{
    bool by_code = t->name_count > 0 && t->names[0].code.len > 0;

    if (s->e->code.len == 0) {
        buf_text(s->out, "unmapped ");
        put_cut(s, s->e->raw_code.len > 0 ? s->e->raw_code : s->e->raw_text);
        return;
    }
    buf_put(s->out, s->e->code);
    if (by_code && s->e->raw_code.len > 0) {
        buf_text(s->out, " (");
        put_cut(s, s->e->raw_code);
        buf_text(s->out, ")");
    }
}

static void put_value(struct saying *s, const struct atom *t, const struct field_value *v)
{
    const struct field_info *f = t->operand == OPERAND_FIELD ? schema_field(t->field) : NULL;
    size_t before = s->out->len;

    if (f == NULL) {
        buf_text(s->out, "\"");
        put_cut(s, v->text);
        buf_text(s->out, "\"");
    } else if (slice_is(slice_of(f->name), "code")) {
        put_code(s, t);
    } else if (f->type == TYPE_NUMBER || f->type == TYPE_INSTANT) {
        event_field_text_in(s->e, t->field, s->now->zone, s->out);
    } else {
        put_cut(s, v->text);
    }
    if (s->out->len == before)
        buf_text(s->out, "empty");
}

/* "is below 80 %", "is not below 80 %". */
static const char *relation(enum check_kind k)
{
    switch (k) {
    case CHECK_LESS:
        return "below ";
    case CHECK_LESS_EQ:
        return "at most ";
    case CHECK_MORE:
        return "above ";
    case CHECK_MORE_EQ:
        return "at least ";
    case CHECK_WITHIN:
        return "within ";
    default:
        return "";
    }
}

/* It was looked at, and `yes`: the check itself was true, whatever `not` makes of it. */
static void say_decided(struct saying *s, const struct atom *t, const struct field_value *v, bool yes)
{
    if (t->check == CHECK_HAS) {
        buf_printf(s->out, "%.*s %s %.*s", SLICE_ARG(t->subject), yes ? "has" : "lacks", SLICE_ARG(t->wants));
        return;
    }
    buf_put(s->out, t->subject);
    if (t->check == CHECK_NAMES || t->check == CHECK_EQUAL || t->check == CHECK_LIKE) {
        buf_text(s->out, " is ");
        put_value(s, t, v);
        if (!yes || t->check == CHECK_LIKE)
            buf_printf(s->out, ", %s%s%.*s", yes ? "" : "not ", t->check == CHECK_LIKE ? "like " : "",
                       SLICE_ARG(t->wants));
        return;
    }
    buf_text(s->out, " ");
    put_value(s, t, v);
    buf_printf(s->out, " is %s%s%.*s%s", yes ? "" : "not ", relation(t->check), SLICE_ARG(t->wants),
               t->check == CHECK_WITHIN ? " of the event's time" : "");
}

static void say_time(struct saying *s, const struct atom *t, bool yes)
{
    struct civil c =
        s->now->zone != NULL ? tz_to_civil(s->now->zone, s->now->wall_us) : time_to_civil(s->now->wall_us);

    if (t->check == CHECK_SWITCH)
        buf_printf(s->out, "switch %.*s is %s", SLICE_ARG(t->text), yes ? "on" : "off");
    else
        buf_printf(s->out, "it is %02u:%02u, %sduring %.*s", c.hour, c.minute, yes ? "" : "not ",
                   SLICE_ARG(t->wants));
}

/* It is not there, or says nothing about the check; then the rule's own word answers. */
static void say_undecided(struct saying *s, const struct atom *t, const struct field_value *v)
{
    bool list = t->check == CHECK_HAS && !v->present;

    buf_put(s->out, t->subject);
    if (list) {
        buf_printf(s->out, " lacks %.*s: there are none", SLICE_ARG(t->wants));
    } else if (v->present || v->text.len > 0) {
        buf_text(s->out, " ");
        put_value(s, t, v);
        if (!v->present)
            buf_printf(s->out, " is no %s", t->type == RAW_DATE ? "date" : "number");
        else
            buf_printf(s->out, " %s %.*s",
                       v->number.state == QUANTITY_INTERVAL ? "may lie on both sides of"
                                                            : "cannot be compared with",
                       SLICE_ARG(t->wants));
    } else {
        buf_text(s->out, " is absent");
    }
    if (!list)
        buf_text(s->out, t->absent ? ", which counts as yes" : ", and the rule says if known");
}

static void say_atom(struct saying *s, const struct atom *t)
{
    struct atom_look look = atom_look(t, s->e, s->now, s->a);

    if (s->line == 0)
        s->line = t->line;
    if (t->check == CHECK_SHIFT || t->check == CHECK_SWITCH) {
        say_time(s, t, look.holds);
        return;
    }
    if (!look.decided) {
        say_undecided(s, t, &look.value);
        return;
    }
    say_decided(s, t, &look.value, look.holds != t->negated);
    if (t->negated && !look.holds)
        buf_text(s->out, ", and the rule says not");
}

/* --- the tree: as deep as parentheses may nest ------------------------------------------------------------
 */

static void say_why(struct saying *s, const struct cond *c, bool holds);

/* All parts made it so: the first few of them. */
static void say_all(struct saying *s, const struct cond *c, bool hold)
{
    for (size_t i = 0; i < c->count; i++) {
        if (i == PARTS_SAID) {
            buf_printf(s->out, " and %zu more", c->count - i);
            return;
        }
        buf_text(s->out, i > 0 ? "; " : "");
        say_why(s, &c->kids[i], hold);
    }
}

/* Why the condition holds, or does not. */
static void say_why(struct saying *s, const struct cond *c, bool holds)
{
    if (c->kind == COND_ATOM) {
        say_atom(s, c->atom);
    } else if (c->kind == COND_NOT) {
        say_why(s, c->kids, !holds);
        if (!holds)
            buf_text(s->out, ", and the rule excludes that");
    } else if (holds == (c->kind == COND_AND)) {
        say_all(s, c, holds);
    } else { /* one part decides */
        size_t i = 0;
        while (i + 1 < c->count && cond_holds(&c->kids[i], s->e, s->now, s->a) != holds)
            i++;
        say_why(s, &c->kids[i], holds);
    }
}

/* --- the rules
 * ----------------------------------------------------------------------------------------------
 */

static void say_phase(struct buf *out, const struct rule *r, const struct event *e)
{
    bool first = true;

    buf_printf(out, "the event is \"%s\", the rule is for", event_phase_name(e->phase));
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        if (r->phases >> p & 1) {
            buf_printf(out, "%s \"%s\"", first ? "" : " or", event_phase_name((enum event_phase)p));
            first = false;
        }
}

/* True when it matches; else the reason is in `out` and the line of the part in `line`. */
static bool judge(const struct rule *r, struct saying *s)
{
    s->line = 0;
    if (!(r->phases >> s->e->phase & 1)) {
        say_phase(s->out, r, s->e);
        return false;
    }
    if (cond_holds(&r->when, s->e, s->now, s->a))
        return true;
    say_why(s, &r->when, false);
    return false;
}

struct listing {
    const struct ruleset *rules;
    struct match *match;
    struct candidate *list;
    size_t count;
    struct saying say;
};

static bool full(const struct listing *l)
{
    return l->count >= LIMIT_EXPLAINED_RULES;
}

static void put(struct listing *l, const struct rule *r, enum candidate_fate fate, bool matched,
                struct slice reason)
{
    l->list[l->count++] = (struct candidate){ .rule = r,
                                              .fate = fate,
                                              .matched = matched,
                                              .line = l->say.line != 0 ? l->say.line : r->line,
                                              .reason = arena_copy(l->say.a, reason) };
}

static bool is_copy_of(const struct match *m, const struct rule *r)
{
    for (size_t i = 0; i < m->copy_count; i++)
        if (m->copies[i] == r)
            return true;
    return false;
}

/* Why a rule that matched does not own: what put the owner before it. */
static void say_beaten(struct buf *out, const struct rule *owner, const struct rule *beaten)
{
    enum order_why why = owner->is_default ? ORDER_NONE : rule_beats_why(owner, beaten);

    if (why == ORDER_LAYER)
        buf_printf(out, "matched; layer %.*s goes over %.*s: %.*s", SLICE_ARG(owner->layer),
                   SLICE_ARG(beaten->layer), SLICE_ARG(owner->name));
    else if (why == ORDER_OVERRIDES || why == ORDER_NARROWER)
        buf_printf(out, "matched; %.*s %s", SLICE_ARG(owner->name),
                   why == ORDER_NARROWER ? "is narrower" : "overrides it");
    else
        buf_printf(out, "matched; the same plan as %.*s", SLICE_ARG(owner->name));
}

/* A live rule of the event's code that is neither the owner nor a copy that informs. */
static void look_at(struct listing *l, const struct rule *r)
{
    const struct rule *owner = l->match->owner;
    bool beaten = owner->is_default || rule_beats(owner, r);

    buf_reset(l->say.out);
    if (!judge(r, &l->say)) {
        put(l, r, CANDIDATE_NO, false, buf_slice(l->say.out));
        return;
    }
    say_beaten(l->say.out, owner, r);
    put(l, r, beaten ? CANDIDATE_BEATEN : CANDIDATE_SAME_PLAN, true, buf_slice(l->say.out));
}

/* A draft or shadow of the event's code. */
static void look_at_dormant(struct listing *l, const struct rule *r)
{
    struct buf *out = l->say.out;

    buf_reset(out);
    buf_printf(out, "a %s; ", r->mode == MODE_DRAFT ? "draft" : "shadow");
    bool matches = judge(r, &l->say);
    if (matches)
        buf_text(out, "it would match");
    put(l, r, r->mode == MODE_DRAFT ? CANDIDATE_DRAFT : CANDIDATE_SHADOW, matches, buf_slice(out));
}

/* By fate, and within one as they came. */
static void sort(struct listing *l)
{
    struct candidate *sorted = arena_array(l->say.a, l->count, sizeof *sorted);
    size_t n = 0;

    for (unsigned fate = 0; fate < CANDIDATE_FATE_COUNT; fate++)
        for (size_t i = 0; i < l->count; i++)
            if (l->list[i].fate == (enum candidate_fate)fate)
                sorted[n++] = l->list[i];
    l->list = sorted;
}

void ruleset_explain(const struct ruleset *r, const struct event *e, const struct eval_now *now,
                     struct arena *a, struct match *match)
{
    struct buf out = buf_make(REASON_BYTES);
    struct listing l = {
        r, match, arena_array(a, LIMIT_EXPLAINED_RULES, sizeof *l.list), 0, { &out, e, now, a, 0 }
    };
    uint32_t list[LIMIT_EXPLAINED_RULES];
    size_t count = index_of_code(r->index, e, a, list, LIMIT_EXPLAINED_RULES, LIMIT_EXPLAINED_ELSEWHERE);

    put(&l, match->owner, CANDIDATE_OWNED, !match->owner->is_default, match->why_owner);
    for (size_t i = 0; i < match->copy_count && !full(&l); i++)
        put(&l, match->copies[i], CANDIDATE_COPY, true, SLICE("matched: it informs as well"));
    for (size_t i = 0; i < count && !full(&l); i++)
        if (&r->rules[list[i]] != match->owner && !is_copy_of(match, &r->rules[list[i]]))
            look_at(&l, &r->rules[list[i]]);
    count = index_of_code(r->dormant, e, a, list, LIMIT_EXPLAINED_RULES, LIMIT_EXPLAINED_ELSEWHERE);
    for (size_t i = 0; i < count && !full(&l); i++)
        look_at_dormant(&l, &r->rules[list[i]]);
    sort(&l);
    match->candidates = l.list;
    match->candidate_count = l.count;
    match->more = r->of_kind[e->kind] + match->owner->is_default - (uint32_t)l.count;
    buf_free(&out);
}
