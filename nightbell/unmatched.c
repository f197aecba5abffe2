#include "nightbell/unmatched.h"

#include "nightbell/json_text.h"
#include "rules/draft.h"

#include <stdlib.h>

static json_t *row_json(const struct listed *row)
{
    json_t *o = json_object();
    char at[TIME_TEXT];

    json_object_set_new(o, "count", json_integer((json_int_t)row->count));
    json_object_set_new(o, "what", json_of_slice(row->what));
    json_object_set_new(o, "key", json_of_slice(row->key));
    json_object_set_new(o, "where", json_of_slice(row->where));
    json_object_set_new(o, "position", json_integer((json_int_t)row->position));
    json_object_set_new(o, "at", json_of_slice(time_text(row->at_us, at)));
    return o;
}

json_t *unmatched_code_json(const struct site *site, const struct listed *row, const struct event *e,
                            struct arena *a)
{
    struct buf rule = buf_make(65536), line = buf_make(65536);
    json_t *o = row_json(row);

    if (e != NULL) {
        draft_rule(&rule, site->rules, site->catalogue, e, a);
        draft_catalogue_row(&line, site->catalogue, e, a);
        json_object_set_new(o, "kind", json_string(event_kind_name(e->kind)));
        json_object_set_new(o, "phase", json_string(event_phase_name(e->phase)));
        json_object_set_new(o, "class", json_string(event_class_name(e->class)));
        json_object_set_new(o, "code", json_of_slice(e->code));
        json_object_set_new(o, "system", json_of_slice(e->system));
        json_object_set_new(o, "sent_code", json_of_slice(e->raw_code));
        json_object_set_new(o, "sent_text", json_of_slice(e->raw_text));
        json_object_set_new(o, "listener", json_of_slice(e->listener));
        json_object_set_new(o, "unit", json_of_slice(e->place.unit));
        json_object_set_new(o, "row", json_of_slice(buf_slice(&line)));
        json_object_set_new(o, "rule", json_of_slice(buf_slice(&rule)));
    }
    buf_free(&rule);
    buf_free(&line);
    return o;
}

json_t *unmatched_place_json(const struct listed *row)
{
    struct buf line = buf_make(4096);
    json_t *o = row_json(row);

    draft_place_row(&line, row->key);
    json_object_set_new(o, "row", json_of_slice(buf_slice(&line)));
    buf_free(&line);
    return o;
}

static int more_often(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->position > y->position ? -1 : x->position < y->position;
}

void unmatched_sort(struct listed *rows, size_t count)
{
    if (count > 0)
        qsort(rows, count, sizeof *rows, more_often);
}
