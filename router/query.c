/* Questions about the state: devices, alerts, counters, lists. Nothing here changes it. */
#include "router/state.h"

#include <string.h>

bool core_device(const struct core *c, uint64_t device, struct device_info *out)
{
    const struct device *v = devices_find(&c->devices, device);

    if (v == NULL)
        return false;
    *out = (struct device_info){ .device = v->id,
                                 .holder = v->holder,
                                 .label = v->label,
                                 .revoked = v->revoked,
                                 .enrolled_us = v->enrolled_us,
                                 .last_receipt_us = v->last_receipt_us };
    memcpy(out->ecdh_key, v->ecdh, sizeof out->ecdh_key);
    memcpy(out->ecdsa_key, v->ecdsa, sizeof out->ecdsa_key);
    return true;
}

void core_devices(const struct core *c, struct arena *a, struct device_info **rows, size_t *count)
{
    void *value;

    *rows = arena_array(a, map_count(c->devices.by_id) + 1, sizeof **rows);
    *count = 0;
    for (size_t at = 0; map_next(c->devices.by_id, &at, NULL, &value);)
        core_device(c, ((const struct device *)value)->id, &(*rows)[(*count)++]);
}

bool core_token(const struct core *c, struct slice listener, const uint8_t hash[32], struct slice *name)
{
    const struct record_token *t = devices_token(&c->devices, listener, hash);

    if (t == NULL)
        return false;
    *name = t->name;
    return true;
}

/* Who the alert waits for: those asked who have neither declined nor accepted. */
static struct slice waiting_for(const struct core *c, const struct alert *a, struct arena *arena)
{
    struct buf b = buf_make(4096);

    for (size_t i = 0; i < a->recipient_count && a->state == ALERT_NOTIFYING; i++) {
        const struct recipient *p = &a->recipients[i];
        if (p->past || p->fyi || p->declined || p->accepted)
            continue;
        if (b.len > 0)
            buf_text(&b, ", ");
        buf_put(&b, core_title(c, p->holder));
    }
    struct slice text = arena_copy(arena, buf_slice(&b));
    buf_free(&b);
    return text;
}

static uint32_t steps_fired(const struct alert *a)
{
    uint32_t fired = 0;

    for (size_t i = 0; i < a->step_count; i++)
        fired += a->steps[i].fired;
    return fired;
}

static bool escalated(const struct alert *a)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (a->steps[i].fired && a->steps[i].at_us > 0)
            return true;
    return false;
}

static const char *state_word(const struct alert *a)
{
    return a->state == ALERT_CLOSED ? close_reason_name((enum close_reason)a->reason)
           : a->state == ALERT_HELD ? alert_wait_name((enum alert_wait)a->wait)
                                    : alert_state_name((enum alert_state)a->state);
}

static struct alert_row row_of(const struct core *c, const struct alert *a, struct arena *arena)
{
    struct event *e = arena_alloc(arena, sizeof *e);
    struct reader in = reader_make(a->event);
    int64_t due = alert_next(c, a).at_us;

    event_read(&in, e);
    struct alert_row row = { .alert = a->id,
                             .number = a->number,
                             .state = slice_of(state_word(a)),
                             .rule = a->rule,
                             .title = e->title,
                             .unit = a->unit,
                             .bed = a->bed,
                             .code = e->code.len > 0 ? e->code : e->raw_code,
                             .taken_by = core_title(c, a->taken_by),
                             .waiting_for = waiting_for(c, a, arena),
                             .class = (enum event_class)a->class,
                             .opened_us = a->opened_us,
                             .next_us = due == INT64_MAX ? TIME_NONE : due,
                             .closed_us = a->closed_us,
                             .step = steps_fired(a),
                             .steps = (uint32_t)a->step_count,
                             .told = (uint32_t)a->recipient_count,
                             .first_position = a->first_position,
                             .last_position = a->last_position,
                             .cleared_unseen = a->cleared_unseen,
                             .exhausted = a->exhausted,
                             .escalated = escalated(a) };
    memcpy(row.site, a->site, sizeof row.site);
    return row;
}

void core_alerts(const struct core *c, struct arena *arena, struct alert_row **rows, size_t *count)
{
    *rows = arena_array(arena, c->open_count + c->closed_count + 1, sizeof **rows);
    *count = 0;
    /* Most urgent first, and within a class the oldest first. */
    for (unsigned class = 0; class < CLASS_COUNT; class ++)
        for (const struct alert *a = c->open_first; a != NULL; a = a->next_open)
            if (a->class == class)
                (*rows)[(*count)++] = row_of(c, a, arena);
    for (const struct alert *a = c->closed_last; a != NULL; a = a->prev_open)
        (*rows)[(*count)++] = row_of(c, a, arena);
}

static bool hex_prefix(uint64_t id, struct slice hex)
{
    static const char DIGITS[] = "0123456789abcdef";

    if (hex.len > 16)
        return false;
    for (size_t i = 0; i < hex.len; i++) {
        char want = DIGITS[(id >> (60 - 4 * i)) & 15], got = hex.ptr[i];
        if (got >= 'A' && got <= 'F')
            got = (char)(got - 'A' + 'a');
        if (got != want)
            return false;
    }
    return true;
}

bool core_alert_find(const struct core *c, struct slice hex, struct alert_row *out, struct error *err)
{
    const struct alert *lists[] = { c->open_first, c->closed_first };
    const struct alert *found = NULL;

    if (hex.len < 4)
        return error_set(err, ERROR_VALUE, "at least four characters of the alert's id");
    for (size_t l = 0; l < 2; l++)
        for (const struct alert *a = lists[l]; a != NULL; a = a->next_open) {
            if (!hex_prefix(a->id, hex))
                continue;
            if (found != NULL)
                return error_set(err, ERROR_CONFLICT, "several alerts begin with these characters");
            found = a;
        }
    if (found == NULL)
        return error_set(err, ERROR_UNKNOWN, "no alert of the last 24 hours begins with these characters");
    arena_reset(c->effect_arena);
    *out = row_of(c, found, c->effect_arena);
    return true;
}

void core_counters(const struct core *c, struct arena *a, struct counter **rows, size_t *count)
{
#define X(id, name) name,
    static const char *const NAMES[] = { COUNTERS(X) };
#undef X
    size_t n = 0;

    *rows = arena_array(a, COUNTER_COUNT + FATE_COUNT + 3, sizeof **rows);
    (*rows)[n++] = (struct counter){ slice_of(NAMES[COUNTER_MESSAGES]), c->counters[COUNTER_MESSAGES] };
    for (unsigned i = 0; i < FATE_COUNT; i++)
        (*rows)[n++] = (struct counter){ arena_printf(a, "fate-%s", fate_name((enum fate)i)), c->fates[i] };
    for (unsigned i = COUNTER_MESSAGES + 1; i < COUNTER_COUNT; i++)
        (*rows)[n++] = (struct counter){ slice_of(NAMES[i]), c->counters[i] };
    (*rows)[n++] = (struct counter){ SLICE("alerts-open"), c->open_count };
    (*rows)[n++] = (struct counter){ slice_of("reports-waiting"), reports_waiting_all(&c->reports) };
    *count = n;
}

void core_list(const struct core *c, struct slice what, struct arena *a, struct listed **rows, size_t *count)
{
    enum list_id id;
    void *value;

    *count = 0;
    *rows = NULL;
    if (!list_find(what, &id))
        return;
    *rows = arena_array(a, map_count(c->lists.list[id].rows) + 1, sizeof **rows);
    for (size_t at = 0; map_next(c->lists.list[id].rows, &at, NULL, &value);) {
        const struct list_row *row = value;
        (*rows)[(*count)++] =
            (struct listed){ row->what, row->key, row->where, row->count, row->position, row->at_us };
    }
}
