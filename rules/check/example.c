#include "rules/check/example.h"

/* Values are tried from those that the two conditions name and their neighbours; what passes every part
 * about one field stays. Parts about different fields do not disturb each other. */

struct parts {
    struct literal list[64];
    size_t count;
};

static bool example_raw_read(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    const struct example *x = ctx;

    (void)a;
    for (size_t i = 0; i < x->raw_count; i++)
        for (size_t k = 0; k < x->raws[i].path_count; k++)
            if (x->raws[i].paths[k] == path) {
                *out = x->raws[i].text;
                return x->raws[i].present;
            }
    return false;
}

static bool is_on(const void *ctx, struct slice name)
{
    const struct example *x = ctx;

    for (size_t i = 0; i < x->switch_count; i++)
        if (slice_eq(x->switches[i], name))
            return true;
    return false;
}

static struct eval_now now_of(struct example *x)
{
    return (struct eval_now){ .wall_us = x->wall_us,
                              .zone = x->site->directory->zone,
                              .switch_on = is_on,
                              .ctx = x,
                              .raw = { example_raw_read, example_raw_read, x } };
}

static bool part_holds(struct example *x, const struct literal *l)
{
    struct cond c = { .kind = COND_ATOM, .atom = l->atom };
    struct eval_now now = now_of(x);

    return cond_holds(&c, &x->e, &now, x->a) == l->yes;
}

static bool all_hold(struct example *x, const struct parts *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (!part_holds(x, &p->list[i]))
            return false;
    return true;
}

static bool is_field(const struct atom *t, const char *name)
{
    return t->operand == OPERAND_FIELD && t->check != CHECK_SHIFT && t->check != CHECK_SWITCH &&
           slice_is(slice_of(schema_field(t->field)->name), name);
}

/* --- names, texts, places ----------------------------------------------------------------------------- */

static bool try_text(struct example *x, const struct parts *p, size_t field, struct slice text)
{
    return text.len > 0 && event_set_text(&x->e, field, text) && all_hold(x, p);
}

static bool try_code(struct example *x, const struct parts *p, struct slice name, struct slice raw)
{
    const struct catalogue_row *row = catalogue_named(x->site->catalogue, name);

    x->e.code = name;
    x->e.raw_code = raw;
    if (row != NULL && row->kind != x->e.kind)
        return false;
    if (row != NULL)
        x->e.class = row->class;
    return all_hold(x, p);
}

/* A code that the conditions name, any other of the catalogue, or (unmapped) none with a class. */
static bool try_codes(struct example *x, const struct parts *p)
{
    for (size_t i = 0; i < p->count; i++)
        for (size_t n = 0; is_field(p->list[i].atom, "code") && n < p->list[i].atom->name_count; n++)
            if (try_code(x, p, p->list[i].atom->names[n].name, p->list[i].atom->names[n].code))
                return true;
    for (size_t i = 0; i < catalogue_count(x->site->catalogue); i++)
        if (try_code(x, p, catalogue_row_at(x->site->catalogue, i)->name, (struct slice){ NULL, 0 }))
            return true;
    x->e.code = x->e.raw_code = (struct slice){ NULL, 0 };
    for (unsigned class = 0; class < CLASS_COUNT; class ++) {
        x->e.class = (enum event_class) class;
        if (all_hold(x, p))
            return true;
    }
    return false;
}

static bool try_unit(struct example *x, const struct parts *p, size_t field)
{
    const struct directory *d = x->site->directory;

    for (size_t i = 0; i < d->unit_count; i++)
        if (try_text(x, p, field, d->units[i].name))
            return true;
    return false;
}

/* `like "*pump*"`: the pattern without its stars. */
static struct slice starless(struct example *x, struct slice pattern)
{
    struct buf out = buf_make(4096);

    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] != '*')
            buf_bytes(&out, pattern.ptr + i, 1);
    struct slice kept = out.len > 0 ? arena_copy(x->a, buf_slice(&out)) : SLICE("x");
    buf_free(&out);
    return kept;
}

static bool try_names(struct example *x, const struct parts *p, size_t field)
{
    const struct field_info *f = schema_field(field);
    const struct event before = x->e;

    for (size_t i = 0; i < p->count; i++) {
        const struct atom *t = p->list[i].atom;
        for (size_t n = 0; n < t->name_count; n++)
            if (try_text(x, p, field, t->names[n].name))
                return true;
        if (t->check == CHECK_LIKE && try_text(x, p, field, starless(x, t->text)))
            return true;
    }
    for (size_t i = 0; f->values != NULL && f->values[i] != NULL; i++)
        if (try_text(x, p, field, slice_of(f->values[i])))
            return true;
    if (f->values == NULL && (try_unit(x, p, field) || try_text(x, p, field, SLICE("other"))))
        return true;
    x->e = before;
    return all_hold(x, p); /* absent */
}

/* --- numbers ---------------------------------------------------------------------------------------------
 */

static struct quantity *quantity_of(struct example *x, size_t field)
{
    return slice_is(slice_of(schema_field(field)->name), "value") ? &x->e.value : &x->e.threshold;
}

static struct decimal beside(struct decimal d, int tenths)
{
    struct decimal step = { tenths, 1 };

    if (d.scale == 0 && d.mantissa > -1000000000 && d.mantissa < 1000000000)
        return (struct decimal){ d.mantissa * 10 + tenths, 1 };
    if (d.scale == 1)
        return (struct decimal){ d.mantissa + tenths, 1 };
    return d.scale > 1 ? (struct decimal){ d.mantissa + tenths, d.scale } : step;
}

static struct decimal whole(struct decimal d)
{
    return d.scale == 1 && d.mantissa % 10 == 0 ? (struct decimal){ d.mantissa / 10, 0 } : d;
}

static bool try_numbers(struct example *x, const struct parts *p, size_t field)
{
    static const int steps[] = { 0, -10, 10, -1, 1 };
    struct quantity *q = quantity_of(x, field);

    for (size_t i = 0; i < p->count; i++)
        for (size_t n = 0; n < p->list[i].atom->number_count; n++)
            for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
                const struct number_value *v = &p->list[i].atom->numbers[n];
                struct decimal d = steps[s] == 0 ? v->number : whole(beside(v->number, steps[s]));
                *q = (struct quantity){ .state = QUANTITY_EXACT,
                                        .has_low = true,
                                        .has_high = true,
                                        .low = d,
                                        .high = d,
                                        .unit = v->unit };
                if (all_hold(x, p))
                    return true;
            }
    *q = (struct quantity){ .state = QUANTITY_ABSENT };
    return all_hold(x, p);
}

/* --- lists, instants ---------------------------------------------------------------------------------- */

static bool set_flags(struct example *x, const struct parts *p)
{
    struct patient *who = &x->e.patient;

    for (size_t i = 0; i < p->count && who->flag_count < sizeof who->flags / sizeof *who->flags; i++)
        if (p->list[i].yes && p->list[i].atom->name_count > 0)
            who->flags[who->flag_count++] = p->list[i].atom->names[0].name;
    if (all_hold(x, p))
        return true;
    who->flag_count = 0;
    return all_hold(x, p);
}

static bool try_instants(struct example *x, const struct parts *p, size_t field)
{
    int64_t *at = slice_is(slice_of(schema_field(field)->name), "was") ? &x->e.was_us : &x->e.start_us;

    for (size_t i = 0; i < p->count; i++) {
        *at = x->e.time_us + p->list[i].atom->within_us;
        if (all_hold(x, p))
            return true;
        *at = x->e.time_us + 2 * p->list[i].atom->within_us + TIME_MIN;
        if (all_hold(x, p))
            return true;
    }
    *at = TIME_NONE;
    return all_hold(x, p);
}

static bool set_field(struct example *x, const struct parts *p, size_t field)
{
    switch (schema_field(field)->type) {
    case TYPE_NUMBER:
        return try_numbers(x, p, field);
    case TYPE_LIST:
        return set_flags(x, p);
    case TYPE_INSTANT:
        return slice_is(slice_of(schema_field(field)->name), "time") || try_instants(x, p, field);
    default:
        return is_field(p->list[0].atom, "code") ? try_codes(x, p) : try_names(x, p, field);
    }
}

/* --- raw values ------------------------------------------------------------------------------------------
 */

/* The atom reads raw "OBX-8" is "HH": its path with the word before it. */
static struct slice raw_path_of(const struct atom *t)
{
    size_t open = slice_find(t->says_yes, '"');
    struct slice rest = slice_sub(t->says_yes, open + 1, t->says_yes.len);

    return slice_sub(t->says_yes, 0, open + 1 + slice_find(rest, '"') + 1);
}

static bool add_raw(struct example *x, const struct atom *t)
{
    struct slice path = raw_path_of(t);
    size_t at = 0;

    while (at < x->raw_count && !slice_eq(x->raws[at].path, path))
        at++;
    if (at == EXAMPLE_RAWS || x->raws[at].path_count == 2 * EXAMPLE_RAWS)
        return false;
    x->raw_count += at == x->raw_count;
    x->raws[at].path = path;
    x->raws[at].paths[x->raws[at].path_count++] = t->path;
    return true;
}

static struct slice date_text(struct example *x, const struct atom *t)
{
    struct civil c = time_to_civil(x->e.time_us);

    return arena_printf(
        x->a, t->operand == OPERAND_RAW ? "%04d%02u%02u%02u%02u%02u+0000" : "%04d-%02u-%02uT%02u:%02u:%02uZ",
        c.year, (unsigned)c.month, (unsigned)c.day, (unsigned)c.hour, (unsigned)c.minute, (unsigned)c.second);
}

static bool try_raw(struct example *x, const struct parts *p, struct example_raw *r, struct slice text)
{
    r->present = true;
    r->text = text;
    return all_hold(x, p);
}

static bool set_raw(struct example *x, const struct parts *p, struct example_raw *r)
{
    char digits[DECIMAL_TEXT];

    if (all_hold(x, p)) /* absent: a test's `send` can say that */
        return true;
    for (size_t i = 0; i < p->count; i++) {
        const struct atom *t = p->list[i].atom;
        for (size_t n = 0; n < t->name_count; n++)
            if (try_raw(x, p, r, t->names[n].name))
                return true;
        for (size_t n = 0; n < t->number_count; n++)
            for (int step = -10; step <= 10; step += 10)
                if (try_raw(
                        x, p, r,
                        arena_copy(x->a, decimal_text(whole(beside(t->numbers[n].number, step)), digits))))
                    return true;
        if ((t->check == CHECK_LIKE && try_raw(x, p, r, starless(x, t->text))) ||
            (t->check == CHECK_WITHIN && try_raw(x, p, r, date_text(x, t))))
            return true;
    }
    return try_raw(x, p, r, SLICE("other"));
}

/* --- the whole -------------------------------------------------------------------------------------------
 */

static bool set_clock(struct example *x, const struct parts *p)
{
    const struct tz *zone = x->site->directory->zone;
    struct civil monday = { .year = 2026, .month = 11, .day = 2 };

    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].yes && p->list[i].atom->check == CHECK_SWITCH && x->switch_count < EXAMPLE_SWITCHES)
            x->switches[x->switch_count++] = p->list[i].atom->text;
    for (unsigned minute = 0; minute < WEEK_MINUTES; minute++) {
        unsigned at = (2 * 1440 + 10 * 60 + minute * 7) % WEEK_MINUTES; /* from Wednesday, 10:00 */
        struct civil c = monday;
        c.day = (uint8_t)(2 + at / 1440);
        c.hour = (uint8_t)(at % 1440 / 60);
        c.minute = (uint8_t)(at % 60);
        x->wall_us = tz_from_civil(zone, c, TZ_FIRST);
        if (all_hold(x, p))
            return true;
    }
    return false;
}

static bool same_thing(const struct atom *a, const struct atom *b)
{
    bool clock_a = a->check == CHECK_SHIFT || a->check == CHECK_SWITCH,
         clock_b = b->check == CHECK_SHIFT || b->check == CHECK_SWITCH;

    if (clock_a || clock_b)
        return clock_a && clock_b;
    if ((is_field(a, "code") || is_field(a, "class")) && (is_field(b, "code") || is_field(b, "class")))
        return true; /* a code has one class */
    if (a->operand == OPERAND_FIELD || b->operand == OPERAND_FIELD)
        return a->operand == b->operand && a->field == b->field;
    return slice_eq(raw_path_of(a), raw_path_of(b));
}

static bool set_one(struct example *x, const struct parts *all, size_t first)
{
    const struct atom *t = all->list[first].atom;
    struct parts p = { .count = 0 };

    for (size_t i = 0; i < all->count; i++) {
        if (i != first && !same_thing(all->list[i].atom, t))
            continue;
        if (i < first)
            return true; /* done with that one */
        p.list[p.count++] = all->list[i];
        if (t->operand != OPERAND_FIELD && !add_raw(x, all->list[i].atom))
            return false;
    }
    if (t->check == CHECK_SHIFT || t->check == CHECK_SWITCH) {
        x->clock = true;
        return set_clock(x, &p);
    }
    if (t->operand == OPERAND_FIELD)
        return set_field(x, &p, t->field);
    return set_raw(x, &p, &x->raws[x->raw_count - 1]);
}

static struct event blank(const struct rule *a, const struct rule *b)
{
    uint32_t both = a->phases & b->phases;
    unsigned phase = 0;

    while (phase + 1 < PHASE_COUNT && !(both >> phase & 1))
        phase++;
    struct event e = event_empty(a->kind, (enum event_phase)phase);
    e.class = CLASS_MEDIUM;
    e.result_status = a->kind == EVENT_RESULT ? slice_of(event_phase_name((enum event_phase)phase))
                                              : (struct slice){ NULL, 0 };
    return e;
}

/* The code goes first: it brings its class along, which a part about the class may then change. */
static void gather(struct parts *p, const struct conjunct *of_a, const struct conjunct *of_b)
{
    const struct conjunct *both[] = { of_a, of_b };

    for (int code = 1; code >= 0; code--)
        for (size_t k = 0; k < 2; k++)
            for (size_t i = 0; i < both[k]->literal_count && p->count < 64; i++)
                if (is_field(both[k]->literals[i].atom, "code") == (code == 1))
                    p->list[p->count++] = both[k]->literals[i];
}

bool example_find(struct example *x, const struct check_context *site, struct arena *scratch,
                  const struct rule *a, const struct conjunct *of_a, const struct rule *b,
                  const struct conjunct *of_b)
{
    struct parts p = { .count = 0 };

    *x = (struct example){ .site = site, .e = blank(a, b), .a = scratch };
    gather(&p, of_a, of_b);
    if (p.count < of_a->literal_count + of_b->literal_count)
        return false;
    x->wall_us = tz_from_civil(site->directory->zone,
                               (struct civil){ .year = 2026, .month = 11, .day = 4, .hour = 10 }, TZ_FIRST);
    x->e.time_us = x->wall_us;
    for (size_t i = 0; i < p.count; i++)
        if (!set_one(x, &p, i))
            return false;
    struct eval_now now = now_of(x);
    return cond_holds(&a->when, &x->e, &now, scratch) && cond_holds(&b->when, &x->e, &now, scratch);
}
