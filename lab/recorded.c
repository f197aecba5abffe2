#include "lab/recorded.h"

#include "router/alert.h"
#include "router/counters_list.h"

#include <string.h>

bool recorded_read(struct arena *a, uint64_t first, uint32_t count, struct slice bytes, struct recorded *out,
                   struct error *err)
{
    struct record *records = arena_array(a, (size_t)count + 1, sizeof *records);
    struct slice *raw = arena_array(a, (size_t)count + 1, sizeof *raw);
    struct reader in = reader_make(bytes);

    for (uint32_t i = 0; i < count; i++) {
        const char *at = in.ptr;
        if (!record_read(&in, &records[i], err))
            return false;
        raw[i] = (struct slice){ at, (size_t)(in.ptr - at) };
    }
    *out = (struct recorded){ first, records, raw, count };
    return reader_done(&in) || error_set(err, ERROR_SYNTAX, "an append that holds more than its records");
}

/* The fate of the message at i; NULL in an append that was cut off. */
static const struct record_fate *fate_of(const struct recorded *r, size_t i)
{
    for (size_t k = i + 1; k < r->count; k++)
        if (r->records[k].type == RECORD_FATE && r->records[k].as.fate.position == r->first + i)
            return &r->records[k].as.fate;
    return NULL;
}

/* What intake found wrong stands in the fate alone. A message refused because too many alerts are open was
 * read, and is read again. */
static void refused(const struct record_fate *f, struct message_input *m)
{
    if (f == NULL || f->verdict != VERDICT_REJECTED || slice_starts(f->reason, SLICE("open-alerts")))
        return;
    m->suspect = f->code == ERROR_INTERNAL;
    if (m->suspect)
        return;
    m->syntax.code = (enum error_code)f->code;
    size_t where = f->where.len < sizeof m->syntax.where ? f->where.len : sizeof m->syntax.where - 1;
    size_t reason = f->reason.len < sizeof m->syntax.message ? f->reason.len : sizeof m->syntax.message - 1;
    memcpy(m->syntax.where, f->where.ptr != NULL ? f->where.ptr : "", where);
    memcpy(m->syntax.message, f->reason.ptr != NULL ? f->reason.ptr : "", reason);
}

static struct message_input message_of(const struct recorded *r, size_t i)
{
    const struct record_message *m = &r->records[i].as.message;
    struct message_input in = { .listener = m->listener,
                                .format = (enum message_format)m->format,
                                .principal = m->principal,
                                .control_id = m->control_id,
                                .bytes = m->bytes };

    memcpy(in.duplicate_key, m->key, sizeof in.duplicate_key);
    refused(fate_of(r, i), &in);
    return in;
}

static struct answer answer_of(const struct record_answer *a)
{
    struct answer out = { .device = a->device,
                          .endpoint = a->endpoint,
                          .delivery = a->delivery,
                          .kind = (enum answer_kind)a->kind,
                          .reason = a->reason,
                          .device_us = a->device_us };

    memcpy(out.nonce, a->nonce, sizeof out.nonce);
    return out;
}

/* A gateway that took a page counts as received at once: it said "pushed". */
static struct delivery_input delivery_of(const struct record_delivery *d)
{
    struct delivery_input in = { .delivery = d->delivery, .state = DELIVERY_PUSHED, .detail = d->detail };

    if (d->state == SEND_FAILED)
        in.state = DELIVERY_FAILED;
    else if (d->state == SEND_DEAD)
        in.state = DELIVERY_DEAD;
    return in;
}

static struct device_input device_of(const struct record_device_add *d)
{
    struct device_input in = { .device = d->device, .holder = d->holder, .label = d->label };

    memcpy(in.code_hash, d->code, sizeof in.code_hash);
    memcpy(in.ecdh_key, d->ecdh, sizeof in.ecdh_key);
    memcpy(in.ecdsa_key, d->ecdsa, sizeof in.ecdsa_key);
    return in;
}

static struct assign_input assign_of(const struct record_assign *a, struct arena *arena)
{
    struct assign_input in = { .end = a->end,
                               .person = a->person,
                               .role = a->role,
                               .unit = a->unit,
                               .patient = a->patient,
                               .until_us = a->until_us,
                               .by = a->by };

    in.beds = texts_read(arena, a->beds, &in.bed_count);
    return in;
}

static struct core_input code_of(const struct record_code *c)
{
    struct core_input in = { .kind = INPUT_CODE };

    in.as.code = (struct code_input){ .what = c->what == CODE_ISSUED ? CODE_ISSUED : CODE_WRONG,
                                      .holder = c->holder,
                                      .expires_us = c->expires_us };
    memcpy(in.as.code.hash, c->hash, sizeof in.as.code.hash);
    return in;
}

static struct core_input token_of(const struct record_token *t)
{
    struct core_input in = { .kind = INPUT_TOKEN };

    in.as.token = (struct token_input){ .remove = t->remove, .listener = t->listener, .name = t->name };
    memcpy(in.as.token.hash, t->hash, sizeof in.as.token.hash);
    return in;
}

static struct core_input site_of(const struct record_site *s)
{
    struct core_input in = { .kind = INPUT_SITE };

    in.as.site.fileset = s->fileset;
    in.as.site.by = s->by;
    in.as.site.how = s->how;
    memcpy(in.as.site.hash, s->hash, sizeof in.as.site.hash);
    return in;
}

/* A second arrival of the same bytes: only its key was kept, and its key is all that is looked at. */
static bool again_of(const struct record_fate *f, struct core_input *out)
{
    if (f->fate != FATE_DUPLICATE)
        return false;
    *out = (struct core_input){ .kind = INPUT_MESSAGE, .as.message.listener = f->listener };
    memcpy(out->as.message.duplicate_key, f->key, sizeof out->as.message.duplicate_key);
    return true;
}

static bool report_of(const struct record_report_done *d, struct core_input *out)
{
    *out = (struct core_input){
        .kind = INPUT_REPORT,
        .as.report = { .report = d->report, .outcome = (enum report_outcome)d->outcome, .detail = d->detail }
    };
    return d->outcome < REPORT_DROPPED;
}

static bool input_of_people(const struct record *r, struct arena *a, struct core_input *out)
{
    switch (r->type) {
    case RECORD_ANSWER:
        *out = (struct core_input){ .kind = INPUT_ANSWER, .as.answer = answer_of(&r->as.answer) };
        return true;
    case RECORD_DELIVERY: /* the core itself gives up what was on its way to a device that is revoked */
        *out = (struct core_input){ .kind = INPUT_DELIVERY, .as.delivery = delivery_of(&r->as.delivery) };
        return !slice_is(r->as.delivery.detail, "device-revoked");
    case RECORD_DEVICE_ADD:
        *out = (struct core_input){ .kind = INPUT_DEVICE, .as.device = device_of(&r->as.device_add) };
        return true;
    case RECORD_DEVICE_REVOKE:
        *out = (struct core_input){ .kind = INPUT_DEVICE,
                                    .as.device = { .revoke = true, .device = r->as.device_revoke.device } };
        return true;
    case RECORD_ASSIGN:
        *out = (struct core_input){ .kind = INPUT_ASSIGN, .as.assign = assign_of(&r->as.assign, a) };
        return true;
    case RECORD_AWAY:
        *out = (struct core_input){ .kind = INPUT_AWAY, .as.away = { r->as.away.person, r->as.away.away } };
        return true;
    case RECORD_TOGGLE:
        *out = (struct core_input){ .kind = INPUT_SWITCH,
                                    .as.toggle = { .name = r->as.toggle.name,
                                                   .by = r->as.toggle.by,
                                                   .on = r->as.toggle.on,
                                                   .until_us = r->as.toggle.until_us } };
        return true;
    default:
        return false;
    }
}

bool recorded_input(const struct recorded *rec, size_t i, struct arena *a, struct core_input *out)
{
    const struct record *r = &rec->records[i];

    switch (r->type) {
    case RECORD_START:
        *out = (struct core_input){ .kind = INPUT_START,
                                    .as.start = { r->as.start.wall_offset_us, r->as.start.rate_permille,
                                                  r->as.start.version } };
        return true;
    case RECORD_CLOCK:
        *out = (struct core_input){ .kind = INPUT_CLOCK, .as.clock = { r->as.clock.wall_offset_us } };
        return true;
    case RECORD_SITE:
        *out = site_of(&r->as.site);
        return true;
    case RECORD_MESSAGE:
        *out = (struct core_input){ .kind = INPUT_MESSAGE, .as.message = message_of(rec, i) };
        return true;
    case RECORD_FATE:
        return again_of(&r->as.fate, out);
    case RECORD_TICK:
        *out = (struct core_input){ .kind = INPUT_TIMER };
        return true;
    case RECORD_ADOPT:
        *out = (struct core_input){ .kind = INPUT_ADOPT, .as.adopt = { r->as.adopt.by } };
        return true;
    case RECORD_SITE_FINDING:
        *out = (struct core_input){ .kind = INPUT_SITE_FINDING,
                                    .as.site_finding = { r->as.site_finding.by, r->as.site_finding.how,
                                                         r->as.site_finding.why } };
        return true;
    case RECORD_CODE:
        *out = code_of(&r->as.code);
        return true;
    case RECORD_TOKEN:
        *out = token_of(&r->as.token);
        return true;
    case RECORD_REPORT_DONE:
        return report_of(&r->as.report_done, out);
    default:
        return input_of_people(r, a, out);
    }
}

size_t recorded_call(const struct recorded *r, size_t i)
{
    struct arena *a;
    struct core_input in;
    size_t k = i;

    if (r->records[i].type != RECORD_TICK || r->records[i].as.tick.alone)
        return i;
    a = arena_new();
    for (k = i + 1; k < r->count; k++)
        if (r->records[k].type == RECORD_TICK || recorded_input(r, k, a, &in))
            break;
    arena_free(&a);
    bool there =
        k < r->count && r->records[k].type != RECORD_TICK && r->records[k].lane_us == r->records[i].lane_us;
    return there ? k : r->count;
}

struct core_input recorded_nothing(void)
{
    return (struct core_input){ .kind = INPUT_ANSWER };
}
