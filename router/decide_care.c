/* Who cares for a patient, as a feed says it (ROL, PRT): assignments over the site's, journaled.
 *
 * They stand beside those that people make, and of all of them the one made last counts; so what is only said
 * again makes nothing new. What one message says about a role counts together. */
#include "router/state.h"

#include "base/limits.h"
#include "events/reading.h"

/* A change that can be carried out. */
struct caring {
    const struct care_change *change;
    struct slice person;     /* name in the directory */
    struct slice unit, beds; /* by place; empty with a patient */
    bool end, done;
};

static bool has_left(const struct reading *read, struct slice patient)
{
    for (size_t i = 0; i < read->change_count; i++)
        if ((read->changes[i].kind == CHANGE_DISCHARGE || read->changes[i].kind == CHANGE_CANCEL_ADMIT) &&
            slice_eq(read->changes[i].patient.id, patient))
            return true;
    return false;
}

static bool bed_there(const struct unit *u, struct slice bed)
{
    for (size_t i = 0; i < u->bed_count; i++)
        if (slice_eq(u->beds[i], bed))
            return true;
    return false;
}

/* For whom or where: a patient in the house, else a place of the site. */
static bool find_where(struct core *c, const struct message_context *m, const struct reading *read,
                       struct caring *k)
{
    const struct care_change *ch = k->change;
    const struct census_row *row = census_patient(&c->census, ch->patient);
    const struct unit *u = directory_unit(c->site->directory, ch->place.unit);

    if (ch->patient.len > 0 && row == NULL)
        decide_finding(c, m, "care-without-patient", ch->where, (struct slice){ NULL, 0 });
    if (ch->patient.len > 0) /* who left keeps nothing, and a late message gives nothing back */
        return row != NULL && (k->end || (row->patient.here && !has_left(read, ch->patient)));
    if (u == NULL || !bed_there(u, ch->place.bed)) {
        decide_finding(c, m, "care-without-patient", ch->where, (struct slice){ NULL, 0 });
        return false;
    }
    k->unit = u->name;
    k->beds = texts_write(c->scratch, &ch->place.bed, 1);
    return true;
}

static bool may_hold(const struct person *p, struct slice role)
{
    for (size_t i = 0; i < p->role_count; i++)
        if (slice_eq(p->roles[i], role))
            return true;
    /* As in the site: without a list anything may be held, and of a feed's people it lists nothing. */
    return p->fed || p->role_count == 0;
}

static bool find_person(struct core *c, const struct message_context *m, struct caring *k)
{
    const struct care_change *ch = k->change;
    const struct person *p = directory_person_by_id(core_directory(c), ch->person.id);

    if (p == NULL) {
        decide_finding(c, m, "unknown-person", ch->where,
                       ch->person.id.len > 0 ? ch->person.id : ch->person.name);
        return false;
    }
    if (!k->end && !may_hold(p, ch->role)) {
        decide_finding(c, m, "may-not-hold", ch->where,
                       arena_printf(c->scratch, "%.*s|%.*s", SLICE_ARG(p->name), SLICE_ARG(ch->role)));
        return false;
    }
    k->person = p->name;
    return true;
}

static bool same_role(const struct caring *a, const struct caring *b)
{
    return slice_eq(a->change->role, b->change->role) && slice_eq(a->change->patient, b->change->patient) &&
           slice_eq(a->unit, b->unit) && slice_eq(a->beds, b->beds);
}

static bool about(const struct override *o, const struct message_context *m, const struct caring *k)
{
    return slice_eq(o->listener, m->source->listener) && slice_eq(o->role, k->change->role) &&
           override_about(o, k->change->patient, k->unit, k->beds);
}

/* What this listener said last about the role, or NULL. */
static const struct override *said_last(const struct core *c, const struct message_context *m,
                                        const struct caring *k)
{
    for (size_t i = c->devices.override_count; i > 0; i--)
        if (about(&c->devices.overrides[i - 1], m, k))
            return &c->devices.overrides[i - 1];
    return NULL;
}

static bool stands(const struct core *c, const struct message_context *m, const struct caring *k,
                   uint64_t position)
{
    for (size_t i = 0; i < c->devices.override_count; i++) {
        const struct override *o = &c->devices.overrides[i];
        if (o->position == position && about(o, m, k) && slice_eq(o->person, k->person) &&
            o->from_us == k->change->from_us && o->until_us == k->change->until_us)
            return true;
    }
    return false;
}

/* Has this listener given the person that role already? */
static bool is_given(const struct core *c, const struct message_context *m, const struct caring *k)
{
    for (size_t i = 0; i < c->devices.override_count; i++)
        if (about(&c->devices.overrides[i], m, k) && slice_eq(c->devices.overrides[i].person, k->person))
            return true;
    return false;
}

static void emit(struct core *c, const struct message_context *m, const struct caring *k)
{
    struct record r = { .type = RECORD_CARE };

    if (!k->end && c->devices.override_count >= LIMIT_FEED_ASSIGNMENTS && !is_given(c, m, k)) {
        decide_finding(c, m, "feed-assignments", k->change->where, k->person);
        return;
    }
    r.as.care = (struct record_care){ .end = k->end,
                                      .listener = m->source->listener,
                                      .person = k->person,
                                      .role = k->change->role,
                                      .patient = k->change->patient,
                                      .unit = k->unit,
                                      .beds = k->beds,
                                      .from_us = k->change->from_us,
                                      .until_us = k->change->until_us,
                                      .position = m->position,
                                      .occurred_us = k->change->occurred_us };
    core_emit(c, &r);
}

static bool end_one(struct core *c, const struct message_context *m, const struct caring *k)
{
    if (!is_given(c, m, k))
        return false;
    emit(c, m, k);
    return true;
}

/* Everybody whom the message names for the role of list[first]: nothing when just that stands there already.
 */
static bool begin_role(struct core *c, const struct message_context *m, struct caring *list, size_t count,
                       size_t first)
{
    const struct override *last = said_last(c, m, &list[first]);
    uint64_t position = last != NULL ? last->position : 0;
    size_t named = 0, standing = 0, before = 0;

    if (last != NULL && last->occurred_us != TIME_NONE && list[first].change->occurred_us != TIME_NONE &&
        list[first].change->occurred_us < last->occurred_us) {
        decide_finding(c, m, "stale-row", list[first].change->where, (struct slice){ NULL, 0 });
        return false;
    }
    for (size_t i = 0; last != NULL && i < c->devices.override_count; i++)
        before +=
            c->devices.overrides[i].position == position && about(&c->devices.overrides[i], m, &list[first]);
    for (size_t i = first; i < count; i++)
        if (!list[i].end && !list[i].done && same_role(&list[i], &list[first])) {
            named++;
            standing += last != NULL && stands(c, m, &list[i], position);
        }
    if (last != NULL && named == standing && standing == before)
        return false;
    for (size_t i = first; i < count; i++)
        if (!list[i].end && !list[i].done && same_role(&list[i], &list[first]))
            emit(c, m, &list[i]);
    return true;
}

static bool carry_out(struct core *c, const struct message_context *m, struct caring *list, size_t count,
                      size_t at)
{
    if (list[at].done)
        return false;
    if (list[at].end)
        return end_one(c, m, &list[at]);
    bool changed = begin_role(c, m, list, count, at);
    for (size_t i = count; i > at; i--)
        list[i - 1].done = list[i - 1].done || (!list[i - 1].end && same_role(&list[i - 1], &list[at]));
    return changed;
}

/* The same person said twice for a role in one message is said once. */
static bool is_repeated(const struct caring *list, size_t count, const struct caring *k)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].end == k->end && slice_eq(list[i].person, k->person) && same_role(&list[i], k))
            return true;
    return false;
}

void decide_care(struct core *c, const struct message_context *m, const struct reading *read)
{
    struct caring *list = arena_array(c->scratch, read->care_count, sizeof *list);
    size_t count = 0;
    bool changed = false;

    for (size_t i = 0; i < read->care_count; i++) {
        const struct care_change *ch = &read->care[i];
        struct caring k = { .change = ch, .end = ch->end };
        if (ch->role.len == 0)
            continue; /* a finding of the reading */
        k.end = k.end || (ch->until_us != TIME_NONE && ch->until_us <= core_wall(c, c->now_us));
        if (find_where(c, m, read, &k) && find_person(c, m, &k) && !is_repeated(list, count, &k))
            list[count++] = k;
    }
    for (size_t i = 0; i < count; i++)
        changed = carry_out(c, m, list, count, i) || changed;
    if (changed)
        decide_handoff_all(c);
}
