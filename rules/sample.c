/* rules/sample.c - an event that a rule is for, and what trying the rule would set off. */
#include "rules/compiled.h"

/* The first name that a part of the `and` asks of this field. */
static struct slice first_name(const struct cond *c, size_t field)
{
    struct slice found = { NULL, 0 };

    if (c->kind == COND_ATOM && c->atom->check == CHECK_NAMES && c->atom->operand == OPERAND_FIELD &&
        !c->atom->negated && c->atom->field == field && c->atom->name_count > 0)
        return c->atom->names[0].name;
    for (size_t i = 0; c->kind == COND_AND && i < c->count && found.len == 0; i++)
        found = first_name(&c->kids[i], field);
    return found;
}

static struct slice asked(const struct rule *r, const char *field)
{
    size_t id;

    return schema_find(slice_of(field), &id) ? first_name(&r->when, id) : (struct slice){ NULL, 0 };
}

void rule_sample(const struct rule *r, const struct catalogue *catalogue, struct event *out)
{
    unsigned phase = 0;

    while (phase + 1 < PHASE_COUNT && !(r->phases >> phase & 1))
        phase++;
    *out = event_empty(r->kind, (enum event_phase)phase);
    out->code = asked(r, "code");
    out->place.unit = asked(r, "unit");
    out->title = out->code.len > 0 ? out->code : r->title;
    out->class = r->highest < CLASS_COUNT ? r->highest : CLASS_INFO;
    const struct catalogue_row *row = out->code.len > 0 ? catalogue_named(catalogue, out->code) : NULL;
    if (row != NULL) {
        out->class = row->class;
        out->title = row->title.len > 0 ? row->title : row->name;
    }
}

bool rule_may_drill(const struct rule *r)
{
    return r->mode == MODE_LIVE && !r->copy && r->plan != NULL && r->plan->step_count > 0;
}

bool rule_rings_team(const struct rule *r)
{
    const struct plan *p = r->plan;
    uint32_t accepts = 0;

    for (size_t i = 0; i < p->need_count; i++)
        accepts += p->needs[i].count;
    for (size_t i = 0; i < p->step_count; i++)
        for (size_t t = 0; t < p->steps[i].target_count; t++)
            for (size_t k = 0; k < p->steps[i].targets[t].count; k++) {
                enum who_kind kind = p->steps[i].targets[t].alternatives[k].kind;
                if (kind == WHO_GROUP || kind == WHO_EVERYONE)
                    return true;
            }
    return r->highest == CLASS_LETHAL || accepts > 1;
}
