/* Facts of a world or a test become the inputs that they are in a hospital: census changes, assignments,
 * away and back, switches; only what is on call comes as a change of the site. */
#include "lab/test_parts.h"

#include "base/limits.h"
#include "base/memory.h"
#include "events/canonical.h"

#include <stdlib.h>
#include <string.h>

struct test_patient *test_patient(const struct test_run *t, struct slice name)
{
    for (size_t i = 0; i < t->patient_count; i++)
        if (slice_eq(t->patients[i].name, name))
            return &t->patients[i];
    return NULL;
}

static void change(struct test_run *t, enum change_kind kind, const struct test_patient *p)
{
    struct change ch = { .kind = kind,
                         .patient = p->is,
                         .place = p->place,
                         .occurred_us = t->lab->options.wall_us + t->lab->now_us,
                         .recorded_us = TIME_NONE };
    struct buf bytes = buf_make(LIMIT_MESSAGE_BYTES);

    canonical_put_change(&bytes, &ch);
    lab_submit(t->lab, (struct slice){ NULL, 0 }, FORMAT_EVENT, buf_slice(&bytes), ++t->lab->next_id);
    buf_free(&bytes);
    if (t->lab->last.error.code != ERROR_NONE)
        test_refuse(t, "%.*s: %s", SLICE_ARG(p->name), t->lab->last.error.message);
}

/* "pat" is Pat, for who wants initials and says no name. */
static struct slice capital(struct arena *a, struct slice name)
{
    char *text = arena_text(a, name);

    if (name.len > 0 && text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return (struct slice){ text, name.len };
}

/* "Ana Maria Ruiz": the last word is the family's. */
static void set_name(struct patient *p, struct slice name)
{
    size_t at = name.len;

    while (at > 0 && name.ptr[at - 1] != ' ')
        at--;
    p->family = slice_sub(name, at, name.len);
    p->given = slice_trim(slice_sub(name, 0, at));
}

static void set_detail(struct test_patient *p, struct slice what, struct slice value)
{
    const struct {
        const char *name;
        struct slice *to;
    } texts[] = { { "unit", &p->place.unit }, { "room", &p->place.room },          { "bed", &p->place.bed },
                  { "class", &p->is.class },  { "service", &p->is.service },       { "birth", &p->is.birth },
                  { "id", &p->is.id },        { "attending", &p->is.attending.id } };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (slice_is(what, texts[i].name))
            *texts[i].to = value;
    if (slice_is(what, "name"))
        set_name(&p->is, value);
    if (slice_is(what, "attending"))
        p->is.attending.name = value;
}

static void set_flag(struct test_run *t, struct patient *p, struct slice flag)
{
    for (size_t i = 0; i < p->flag_count; i++)
        if (slice_eq(p->flags[i], flag))
            return;
    if (p->flag_count < sizeof p->flags / sizeof p->flags[0])
        p->flags[p->flag_count++] = flag;
    else
        test_refuse(t, "a patient has at most %zu flags", sizeof p->flags / sizeof p->flags[0]);
}

static struct test_patient *admitted(struct test_run *t, struct slice name)
{
    struct test_patient *p = test_patient(t, name);

    if (p != NULL)
        return p;
    MEMORY_ROOM(t->patients, t->patient_count, t->patient_room);
    p = &t->patients[t->patient_count++];
    *p = (struct test_patient){ .name = name };
    p->is.id = arena_printf(t->arena, "test|%.*s", SLICE_ARG(name));
    p->is.family = capital(t->arena, name);
    return p;
}

static void patient(struct test_run *t, const struct ast_node *f)
{
    struct test_patient *p = admitted(t, f->child->text);

    for (const struct ast_node *e = ast_child(f, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY))
        set_detail(p, e->text, e->child->text);
    for (const struct ast_node *h = ast_child(f, AST_HAS); h != NULL; h = ast_next(h, AST_HAS))
        set_flag(t, &p->is, h->text);
    change(t, CHANGE_ADMIT, p);
}

static void move(struct test_run *t, const struct ast_node *f)
{
    struct test_patient *p = test_patient(t, f->child->text);
    const struct ast_node *unit = ast_child(f, AST_STRING), *bed = ast_next(unit, AST_STRING);

    if (p == NULL) {
        test_refuse(t, "no patient %.*s has been admitted", SLICE_ARG(f->child->text));
        return;
    }
    p->place = (struct place){ .unit = unit->text };
    if (bed != NULL)
        p->place.bed = bed->text;
    change(t, CHANGE_MOVE, p);
}

static void input(struct test_run *t, const struct core_input *in)
{
    if (lab_input(t->lab, in) && !t->lab->last.done)
        test_refuse(t, "%s", t->lab->last.error.message);
}

static void assign(struct test_run *t, const struct ast_node *f)
{
    const struct ast_node *person = f->child, *role = person->next, *of = ast_child(f, AST_OF)->child;
    const struct test_patient *p = of->kind == AST_NAME ? test_patient(t, of->text) : NULL;
    struct core_input in = { .kind = INPUT_ASSIGN };

    if (of->kind == AST_NAME && p == NULL) {
        test_refuse(t, "no patient %.*s has been admitted", SLICE_ARG(of->text));
        return;
    }
    in.as.assign.person = person->text;
    in.as.assign.role = role->text;
    in.as.assign.until_us = TIME_NONE;
    in.as.assign.by = SLICE("test");
    if (p != NULL)
        in.as.assign.patient = p->is.id;
    else
        in.as.assign.unit = of->text;
    input(t, &in);
}

static void presence(struct test_run *t, const struct ast_node *f)
{
    struct core_input in = { .kind = INPUT_AWAY };

    in.as.away.person = f->child->text;
    in.as.away.away = slice_is(f->text, "away");
    input(t, &in);
}

/* A switch always goes off by itself: after what the site allows at most. */
static void toggle(struct test_run *t, const struct ast_node *f)
{
    const struct site_switch *s = site_switch(test_site(t), f->child->text);
    struct core_input in = { .kind = INPUT_SWITCH };

    if (s == NULL) {
        test_refuse(t, "no switch %.*s", SLICE_ARG(f->child->text));
        return;
    }
    in.as.toggle.name = f->child->text;
    in.as.toggle.by = SLICE("test");
    in.as.toggle.on = slice_is(f->child->next->text, "on");
    in.as.toggle.until_us = t->lab->options.wall_us + t->lab->now_us + s->max_us;
    input(t, &in);
}

/* The last word on a rota, and on who covers a person, counts. */
static void duty(struct test_run *t, const struct ast_node *f)
{
    struct test_duty d = { f->text, f->child->text, f->child->next->text };
    bool oncall = slice_is(f->text, "oncall");
    size_t at = 0;

    while (at < t->duty_count &&
           !(slice_eq(t->duty[at].what, d.what) &&
             (oncall ? slice_eq(t->duty[at].first, d.first) : slice_eq(t->duty[at].second, d.second))))
        at++;
    if (at == t->duty_count) {
        MEMORY_ROOM(t->duty, t->duty_count, t->duty_room);
        t->duty_count++;
    }
    t->duty[at] = d;
}

void test_duty_apply(struct test_run *t)
{
    lab_site(t->lab, test_fileset(t->arena, t->files, t->duty, t->duty_count));
    if (!t->lab->last.done)
        test_refuse(t, "%s", t->lab->last.error.message);
}

void test_fact(struct test_run *t, const struct ast_node *f)
{
    if (slice_is(f->text, "patient"))
        patient(t, f);
    else if (slice_is(f->text, "move"))
        move(t, f);
    else if (slice_is(f->text, "assign"))
        assign(t, f);
    else if (slice_is(f->text, "away") || slice_is(f->text, "back"))
        presence(t, f);
    else if (slice_is(f->text, "switch"))
        toggle(t, f);
    else
        duty(t, f);
}
