#include "nightbell/schema_show.h"

#include "nightbell/json_text.h"

#include <string.h>

const char *schema_type_name(enum field_type t)
{
    static const char *const names[] = { "name", "number", "text", "place", "person", "instant", "list" };

    return names[t];
}

const char *schema_privacy_name(enum field_privacy p)
{
    static const char *const names[] = { "none", "lock", "phi" };

    return names[p];
}

static void put_listed(struct buf *out, const char *text, bool *first)
{
    buf_printf(out, "%s%s", *first ? "" : ", ", text);
    *first = false;
}

void schema_kinds_text(const struct field_info *f, struct buf *out)
{
    bool first = true;

    if (f->kinds == KINDS_ALL) {
        buf_text(out, "all kinds");
        return;
    }
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (f->kinds & KIND_BIT(k))
            put_listed(out, event_kind_name((enum event_kind)k), &first);
}

static const char *values_of_type(const struct field_info *f)
{
    if (f->display_only)
        return "for message texts only";
    if (strcmp(f->name, "code") == 0)
        return "a catalogue name, a set of codes, or system:code";
    if (strcmp(f->name, "source") == 0)
        return "the name of a listener";
    if (strcmp(f->name, "patient") == 0)
        return "AUTHORITY|ID, as a text";
    switch (f->type) {
    case TYPE_NUMBER:
        return "< <= > >= a number with its unit";
    case TYPE_PLACE:
        return "a text, or a set of places";
    case TYPE_PERSON:
        return "the id of a person; covering takes it";
    case TYPE_INSTANT:
        return "within a duration of the event's time";
    case TYPE_LIST:
        return "has NAME";
    default:
        return "a name or a text";
    }
}

void schema_values_text(const struct field_info *f, struct buf *out)
{
    bool first = true;

    if (f->values == NULL)
        buf_text(out, values_of_type(f));
    for (const char *const *v = f->values; v != NULL && *v != NULL; v++)
        put_listed(out, *v, &first);
}

static void put_phases(struct buf *out, enum event_kind k)
{
    bool first = true;

    buf_printf(out, "when %-11s ", event_kind_name(k));
    for (int p = 0; p < PHASE_COUNT; p++)
        if (event_phase_fits(k, (enum event_phase)p))
            put_listed(out, event_phase_name((enum event_phase)p), &first);
    buf_text(out, "\n");
}

static bool one_kind(unsigned kinds)
{
    return (kinds & (kinds - 1)) == 0;
}

static void put_field(struct buf *out, const struct field_info *f, unsigned kinds)
{
    buf_printf(out, "%-18s %-8s %-10s %-8s ", f->name, schema_type_name(f->type),
               f->always ? "always" : "sometimes", schema_privacy_name(f->privacy));
    schema_values_text(f, out);
    if (!one_kind(kinds) && f->kinds != KINDS_ALL) {
        buf_text(out, " (");
        schema_kinds_text(f, out);
        buf_text(out, ")");
    }
    buf_text(out, "\n");
}

static bool is_listed(const struct catalogue_row *row, const struct catalogue *c, size_t index,
                      unsigned kinds)
{
    return (kinds & KIND_BIT(row->kind)) != 0 && catalogue_named(c, row->name) == catalogue_row_at(c, index);
}

static void put_codes(struct buf *out, const struct site *site, unsigned kinds)
{
    buf_printf(out, "\n%-24s %-11s %-10s %-8s %s\n", "CODE", "KIND", "CLASS", "UNIT", "TITLE");
    for (size_t i = 0; i < catalogue_count(site->catalogue); i++) {
        const struct catalogue_row *row = catalogue_row_at(site->catalogue, i);
        if (is_listed(row, site->catalogue, i, kinds))
            buf_printf(out, "%-24.*s %-11s %-10s %-8.*s %.*s\n", SLICE_ARG(row->name),
                       event_kind_name(row->kind), event_class_name(row->class), SLICE_ARG(row->unit),
                       SLICE_ARG(row->title));
    }
}

void schema_text(unsigned kinds, const struct site *site, struct buf *out)
{
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (kinds & KIND_BIT(k))
            put_phases(out, (enum event_kind)k);
    buf_printf(out, "\n%-18s %-8s %-10s %-8s %s\n", "FIELD", "TYPE", "PRESENT", "PRIVACY", "COMPARED WITH");
    for (size_t i = 0; i < schema_count(); i++)
        if (schema_field(i)->kinds & kinds)
            put_field(out, schema_field(i), kinds);
    buf_printf(out, "%-18s %-8s %-10s %-8s %s\n", "raw \"PATH\"", "text", "sometimes", "phi",
               "HL7 v2 messages; as number, as date");
    buf_printf(out, "%-18s %-8s %-10s %-8s %s\n", "fhir \"PATH\"", "text", "sometimes", "phi",
               "FHIR resources; as number, as date");
    buf_text(out, "\nWhat is there only sometimes needs `or missing` or `if known` behind its check.\n");
    if (site != NULL)
        put_codes(out, site, kinds);
}

/* --- JSON --------------------------------------------------------------------------------------------------
 */

static json_t *json_phases(unsigned kinds)
{
    json_t *all = json_object();

    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++) {
        json_t *list = json_array();
        for (int p = 0; p < PHASE_COUNT; p++)
            if (event_phase_fits((enum event_kind)k, (enum event_phase)p))
                json_array_append_new(list, json_string(event_phase_name((enum event_phase)p)));
        if (kinds & KIND_BIT(k))
            json_object_set(all, event_kind_name((enum event_kind)k), list);
        json_decref(list);
    }
    return all;
}

static json_t *json_field(const struct field_info *f)
{
    json_t *values = json_array(), *of = json_array();

    for (const char *const *v = f->values; v != NULL && *v != NULL; v++)
        json_array_append_new(values, json_string(*v));
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (f->kinds & KIND_BIT(k))
            json_array_append_new(of, json_string(event_kind_name((enum event_kind)k)));
    return json_pack("{s:s s:o s:s s:b s:s s:o s:i s:b}", "name", f->name, "kinds", of, "type",
                     schema_type_name(f->type), "always", f->always, "privacy",
                     schema_privacy_name(f->privacy), "values", values, "width", (int)f->width,
                     "display_only", f->display_only);
}

static json_t *json_codes(const struct site *site, unsigned kinds)
{
    json_t *list = json_array();

    for (size_t i = 0; i < catalogue_count(site->catalogue); i++) {
        const struct catalogue_row *row = catalogue_row_at(site->catalogue, i);
        if (!is_listed(row, site->catalogue, i, kinds))
            continue;
        json_array_append_new(
            list, json_pack("{s:o s:s s:s s:o s:o s:o s:o}", "name", json_of_slice(row->name), "kind",
                            event_kind_name(row->kind), "class", event_class_name(row->class), "unit",
                            json_of_slice(row->unit), "title", json_of_slice(row->title), "system",
                            json_of_slice(row->system), "code", json_of_slice(row->code)));
    }
    return list;
}

json_t *schema_json(unsigned kinds, const struct site *site)
{
    json_t *fields = json_array();

    for (size_t i = 0; i < schema_count(); i++)
        if (schema_field(i)->kinds & kinds)
            json_array_append_new(fields, json_field(schema_field(i)));
    json_t *all = json_pack("{s:o s:o}", "phases", json_phases(kinds), "fields", fields);
    if (site != NULL)
        json_object_set_new(all, "codes", json_codes(site, kinds));
    return all;
}
