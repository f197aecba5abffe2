/* Site, devices, codes, tokens, assignments, absence, switches: what people set. */
#include "router/state.h"

#include "base/limits.h"

#include <string.h>

bool decide_start(struct core *c, const struct core_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_START };
    bool other_program = !slice_eq(c->head.version, in->as.start.version);

    r.as.start = (struct record_start){ in->as.start.wall_offset_us, in->as.start.rate_permille,
                                        in->as.start.version };
    core_emit(c, &r);
    if (other_program)
        decide_unread_versions(c);
    decide_clock(c); /* the wall clock may stand elsewhere than before */
    out->done = true;
    return true;
}

bool core_holder(const struct core *c, struct slice name, struct slice *title, bool *is_desk)
{
    const struct person *p = c->site != NULL ? directory_person(core_directory(c), name) : NULL;
    const struct desk *d = c->site != NULL && p == NULL ? directory_desk(c->site->directory, name) : NULL;

    if (p == NULL && d == NULL)
        return false;
    *title = p != NULL ? p->title : d->title;
    if (title->len == 0)
        *title = p != NULL ? p->name : d->name;
    *is_desk = d != NULL;
    return true;
}

static bool known_holder(const struct core *c, struct slice name, struct error *err)
{
    struct slice title;
    bool desk;

    return core_holder(c, name, &title, &desk) ||
           error_set(err, ERROR_UNKNOWN, "no person or desk of that name in the site");
}

bool core_code(const struct core *c, const uint8_t hash[32], int64_t lane_us, struct slice *holder,
               struct error *err)
{
    const struct enrol_code *code = devices_code(&c->devices, hash);

    if (code == NULL)
        return error_set(err, ERROR_AUTH, "no such code");
    if (code->used)
        return error_set(err, ERROR_AUTH, "this code was used already");
    if (code->expires_us <= lane_us)
        return error_set(err, ERROR_AUTH, "this code has expired");
    if (code->wrong >= LIMIT_ENROL_ATTEMPTS)
        return error_set(err, ERROR_LIMIT, "enrol-attempts: too many wrong codes; ask for a new one");
    *holder = code->holder;
    return true;
}

void decide_code(struct core *c, const struct code_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_CODE };

    if (in->what == CODE_ISSUED && !known_holder(c, in->holder, &out->error))
        return;
    r.as.code =
        (struct record_code){ .what = (uint8_t)in->what, .holder = in->holder, .expires_us = in->expires_us };
    memcpy(r.as.code.hash, in->hash, sizeof r.as.code.hash);
    core_emit(c, &r);
    out->done = true;
}

static bool enrolment_fits(struct core *c, const struct device_input *in, struct error *err)
{
    const struct holder_devices *h = devices_of(&c->devices, in->holder);
    struct slice holder;

    if (!core_code(c, in->code_hash, c->now_us, &holder, err) || !known_holder(c, in->holder, err))
        return false;
    if (!slice_eq(holder, in->holder))
        return error_set(err, ERROR_AUTH, "this code was issued for somebody else");
    if (in->device == 0 || devices_find(&c->devices, in->device) != NULL)
        return error_set(err, ERROR_CONFLICT, "this device id is taken");
    if (h != NULL && h->count >= LIMIT_DEVICES_PER_HOLDER)
        return error_set(err, ERROR_LIMIT, "devices-per-holder: revoke one of the %d devices first",
                         LIMIT_DEVICES_PER_HOLDER);
    if (map_count(c->devices.by_id) >= LIMIT_DEVICES)
        return error_set(err, ERROR_LIMIT, "devices: %d are enrolled", LIMIT_DEVICES);
    return true;
}

static void decide_enrol(struct core *c, const struct device_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_DEVICE_ADD };

    if (!enrolment_fits(c, in, &out->error))
        return;
    r.as.device_add.device = in->device;
    r.as.device_add.holder = in->holder;
    r.as.device_add.label = in->label;
    memcpy(r.as.device_add.code, in->code_hash, sizeof r.as.device_add.code);
    memcpy(r.as.device_add.ecdh, in->ecdh_key, sizeof r.as.device_add.ecdh);
    memcpy(r.as.device_add.ecdsa, in->ecdsa_key, sizeof r.as.device_add.ecdsa);
    core_emit(c, &r);
    decide_handoff_all(c); /* whoever could not be rung before can be now */
    out->done = true;
}

/* What was on its way to a revoked device can no longer arrive: those sends have failed. */
static void fail_sends_of(struct core *c, uint64_t device)
{
    for (struct alert *a = c->open_first, *next; a != NULL; a = next) {
        next = a->next_open;
        for (size_t i = 0; i < a->delivery_count; i++) {
            struct delivery *d = a->deliveries[i];
            struct record r = { .type = RECORD_DELIVERY };
            if (d->device != device || d->state > SEND_PUSHED)
                continue;
            r.as.delivery = (struct record_delivery){ a->id, d->id, SEND_FAILED, SLICE("device-revoked") };
            core_emit(c, &r);
            decide_early_end(c, a, d->step);
        }
    }
}

void decide_device(struct core *c, const struct device_input *in, struct core_result *out)
{
    const struct device *v = devices_find(&c->devices, in->device);
    struct record r = { .type = RECORD_DEVICE_REVOKE, .as.device_revoke = { in->device } };

    if (!in->revoke) {
        decide_enrol(c, in, out);
        return;
    }
    if (v == NULL || v->revoked) {
        out->done = error_set(&out->error, ERROR_UNKNOWN, "no such device");
        return;
    }
    core_emit(c, &r);
    fail_sends_of(c, in->device);
    out->done = true;
}

void decide_token(struct core *c, const struct token_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_TOKEN };

    if (!in->remove && (c->site == NULL || site_block(c->site, in->listener) == NULL)) {
        out->done = error_set(&out->error, ERROR_UNKNOWN, "no listener of that name in the site");
        return;
    }
    /* A misspelt name must not look like a token taken away. */
    if (in->remove && !devices_token_named(&c->devices, in->listener, in->name)) {
        out->done = error_set(&out->error, ERROR_UNKNOWN, "that listener has no token of that name");
        return;
    }
    r.as.token = (struct record_token){ .remove = in->remove, .listener = in->listener, .name = in->name };
    memcpy(r.as.token.hash, in->hash, sizeof r.as.token.hash);
    core_emit(c, &r);
    out->done = true;
}

static bool may_hold(const struct person *p, struct slice role)
{
    for (size_t i = 0; i < p->role_count; i++)
        if (slice_eq(p->roles[i], role))
            return true;
    return false;
}

static bool beds_there(const struct unit *u, const struct assign_input *in)
{
    for (size_t i = 0; u != NULL && i < in->bed_count; i++) {
        bool found = false;
        for (size_t k = 0; k < u->bed_count && !found; k++)
            found = slice_eq(u->beds[k], in->beds[i]);
        if (!found)
            return false;
    }
    return true;
}

static bool assign_fits(const struct core *c, const struct assign_input *in, struct error *err)
{
    const struct directory *d = c->site != NULL ? c->site->directory : NULL;

    if (d != NULL && in->end && directory_person(core_directory(c), in->person) != NULL)
        return true;
    if (d == NULL || directory_person(d, in->person) == NULL)
        return error_set(err, ERROR_UNKNOWN, "no person of that name in the site");
    if (in->role.len == 0)
        return error_set(err, ERROR_MISSING, "an assignment needs a role");
    if (!may_hold(directory_person(d, in->person), in->role))
        return error_set(err, ERROR_VALUE,
                         "the site does not list that role among what this person may hold");
    if (in->unit.len > 0 && directory_unit(d, in->unit) == NULL)
        return error_set(err, ERROR_UNKNOWN, "no unit of that name in the site");
    if (!beds_there(directory_unit(d, in->unit), in))
        return error_set(err, ERROR_UNKNOWN, "the unit has no bed of that name in the site");
    if (in->until_us != TIME_NONE && in->until_us <= core_wall(c, c->now_us))
        return error_set(err, ERROR_VALUE, "the assignment would end before it begins");
    if (in->unit.len == 0 && in->patient.len == 0)
        return error_set(err, ERROR_MISSING, "an assignment needs a unit or a patient");
    return true;
}

void decide_assign(struct core *c, const struct assign_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_ASSIGN };

    if (!assign_fits(c, in, &out->error))
        return;
    r.as.assign = (struct record_assign){ .end = in->end,
                                          .person = in->person,
                                          .role = in->role,
                                          .unit = in->unit,
                                          .patient = census_survivor(&c->census, in->patient),
                                          .from_us = core_wall(c, c->now_us),
                                          .until_us = in->until_us,
                                          .by = in->by };
    r.as.assign.beds = texts_write(c->scratch, in->beds, in->bed_count);
    core_emit(c, &r);
    decide_handoff_all(c);
    out->done = true;
}

/* Who goes away gives back what she has accepted. */
static void give_back(struct core *c, struct slice person)
{
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open) {
        const struct recipient *p = alert_recipient(a, person);
        if (a->state == ALERT_ACCEPTED && p != NULL && p->accepted && a->active)
            decide_resume(c, a, WHY_AWAY);
    }
}

void decide_away(struct core *c, const struct core_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_AWAY, .as.away = { in->as.away.person, in->as.away.away } };

    if (c->site == NULL || directory_person(core_directory(c), in->as.away.person) == NULL) {
        out->done = error_set(&out->error, ERROR_UNKNOWN, "no person of that name in the site");
        return;
    }
    out->done = true;
    if (devices_away(&c->devices, in->as.away.person) == in->as.away.away)
        return;
    core_emit(c, &r);
    if (in->as.away.away)
        give_back(c, in->as.away.person);
    decide_handoff_all(c);
}

void decide_toggle(struct core *c, const struct core_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_TOGGLE };

    if (in->as.toggle.on && in->as.toggle.until_us == TIME_NONE) {
        out->done =
            error_set(&out->error, ERROR_MISSING, "a switch that is on needs the time at which it goes off");
        return;
    }
    r.as.toggle = (struct record_toggle){ in->as.toggle.name, in->as.toggle.by, in->as.toggle.on,
                                          in->as.toggle.until_us };
    core_emit(c, &r);
    out->done = true;
}
