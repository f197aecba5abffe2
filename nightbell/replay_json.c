/* The comparison as JSON: docs/rules/replay.md lists the members. */
#include "nightbell/json_text.h"
#include "nightbell/replay_report.h"

static json_t *instant(int64_t us)
{
    char text[TIME_TEXT];

    return us == TIME_NONE ? json_null() : json_of_slice(time_text(us, text));
}

static json_t *sides(const uint64_t n[SIDE_COUNT])
{
    return json_pack("{s:I,s:I,s:I}", "recorded", (json_int_t)n[SIDE_RECORD], "nobody_answers",
                     (json_int_t)n[SIDE_NOBODY], "everybody_answers", (json_int_t)n[SIDE_EVERYBODY]);
}

static json_t *bounds(const uint64_t n[SIDE_COUNT])
{
    return json_pack("{s:I,s:I}", "nobody_answers", (json_int_t)n[SIDE_NOBODY], "everybody_answers",
                     (json_int_t)n[SIDE_EVERYBODY]);
}

static json_t *pairs(const struct compare_pair *list, size_t count, bool with_from)
{
    json_t *out = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *o = json_object();
        if (with_from)
            json_object_set_new(o, "from", json_of_slice(list[i].from));
        json_object_set_new(o, with_from ? "to" : "holder", json_of_slice(list[i].to));
        json_object_set_new(o, "alerts", bounds(list[i].count));
        json_array_append_new(out, o);
    }
    return out;
}

static json_t *side_row(const struct compare_row *r, enum compare_side side)
{
    const struct compare_side_row *s = &r->side[side];
    json_t *o = json_object(), *told = json_array();

    json_object_set_new(o, "rule", s->there ? json_of_slice(s->rule) : json_null());
    json_object_set_new(o, "first_notice_ms",
                        s->first_us != TIME_NONE ? json_integer((s->first_us - r->opened_us) / 1000)
                                                 : json_null());
    json_object_set_new(o, "sends", json_integer(s->sends));
    json_object_set_new(o, "desk_only", json_boolean(s->desk_only));
    for (size_t i = 0; i < r->told_count; i++)
        if (r->told[i].at_us[side] != TIME_NONE)
            json_array_append_new(told, json_of_slice(r->told[i].holder));
    json_object_set_new(o, "told", told);
    return o;
}

static json_t *row_json(const struct compare_row *r)
{
    json_t *o = json_object();

    json_object_set_new(o, "alert", json_of_id(r->alert));
    json_object_set_new(o, "at", instant(r->opened_wall_us));
    json_object_set_new(o, "class", json_string(event_class_name(r->class)));
    json_object_set_new(o, "code", json_of_slice(r->code));
    json_object_set_new(o, "unit", json_of_slice(r->unit));
    json_object_set_new(o, "copy", json_boolean(r->copy));
    json_object_set_new(o, "recorded", side_row(r, SIDE_RECORD));
    json_object_set_new(o, "nobody_answers", side_row(r, SIDE_NOBODY));
    json_object_set_new(o, "everybody_answers", side_row(r, SIDE_EVERYBODY));
    return o;
}

static json_t *changed_rows(const struct replay_report *r, bool lethal)
{
    size_t count;
    const struct compare_row *const *rows = compare_rows(r->compare, &count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        if (replay_changed(rows[i]) && (rows[i]->class == CLASS_LETHAL) == lethal)
            json_array_append_new(list, row_json(rows[i]));
    return list;
}

static json_t *hours(const struct compare_figures *f)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->hour_count; i++)
        json_array_append_new(list, json_pack("{s:o,s:o}", "at", instant(f->hours[i].wall_us), "sends",
                                              sides(f->hours[i].sends)));
    return list;
}

static json_t *shift(const struct compare_figures *f, enum compare_side side)
{
    json_t *o = json_object();

    json_object_set_new(o, "moved", json_integer((json_int_t)f->moved[side]));
    json_object_set_new(o, "median_ms", json_integer(f->median_us[side] / 1000));
    json_object_set_new(o, "worst_ms", json_integer(f->worst_us[side] / 1000));
    json_object_set_new(o, "worst_alert",
                        f->worst_alert[side] != 0 ? json_of_id(f->worst_alert[side]) : json_null());
    return o;
}

static json_t *milliseconds(int64_t us)
{
    return us == TIME_NONE ? json_null() : json_integer(us / 1000);
}

static json_t *model(const struct compare_figures *f)
{
    return json_pack("{s:I,s:I,s:I,s:o,s:o,s:I}", "answers_recorded", (json_int_t)f->answers_recorded,
                     "sends_uncovered", (json_int_t)f->sends_uncovered, "accepts_assumed",
                     (json_int_t)f->answers_invented, "accept_median_ms", milliseconds(f->accept_median_us),
                     "receipt_median_ms", milliseconds(f->receipt_median_us), "inputs_refused",
                     (json_int_t)f->refused);
}

json_t *replay_json(const struct replay_report *r)
{
    const struct compare_figures *f = &r->figures;
    json_t *o = json_object();

    json_object_set_new(o, "rules", json_string(r->title));
    json_object_set_new(o, "from", instant(r->from_us));
    json_object_set_new(o, "to", instant(r->to_us));
    json_object_set_new(o, "messages", json_integer((json_int_t)f->messages));
    json_object_set_new(o, "full_context", json_integer((json_int_t)f->full_context));
    json_object_set_new(o, "alerts", json_integer((json_int_t)f->events));
    json_object_set_new(o, "lethal_changed", changed_rows(r, true));
    json_object_set_new(o, "owner_changed", bounds(f->owner_changed));
    json_object_set_new(o, "owners", pairs(f->owners, f->owner_count, true));
    json_object_set_new(o, "told_now", bounds(f->gained_alerts));
    json_object_set_new(o, "told_now_by", pairs(f->gained, f->gained_count, false));
    json_object_set_new(o, "told_no_more", bounds(f->lost_alerts));
    json_object_set_new(o, "told_no_more_by", pairs(f->lost, f->lost_count, false));
    json_object_set_new(o, "first_notice",
                        json_pack("{s:o,s:o}", "nobody_answers", shift(f, SIDE_NOBODY), "everybody_answers",
                                  shift(f, SIDE_EVERYBODY)));
    json_object_set_new(o, "desk_only", sides(f->desk_only));
    json_object_set_new(o, "newly_desk_only", bounds(f->newly_desk_only));
    json_object_set_new(o, "ended_untold", sides(f->held_back));
    json_object_set_new(o, "held_by_clause", sides(f->waited));
    json_object_set_new(o, "exhausted", sides(f->exhausted));
    json_object_set_new(o, "sends", sides(f->sends));
    json_object_set_new(o, "people_sends", sides(f->people_sends));
    json_object_set_new(o, "person_hours", json_integer((json_int_t)f->person_hours));
    json_object_set_new(o, "sends_by_hour", hours(f));
    json_object_set_new(o, "model", model(f));
    json_object_set_new(o, "changed", changed_rows(r, false));
    return o;
}
