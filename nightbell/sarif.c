#include "nightbell/sarif.h"

#include "base/utf8.h"
#include "nightbell/error_pages.h"
#include "nightbell/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const levels[] = { "error", "warning", "note" };

static json_t *text_of(struct slice s)
{
    json_t *o = json_object();

    json_object_set_new(o, "text", json_of_slice(s));
    return o;
}

static void id_of(const struct diagnostic *item, char id[8])
{
    snprintf(id, 8, "%c%03u", "EWN"[item->severity], item -> number % 1000);
}

static json_t *rule_of(const struct diagnostic *item, const char *id)
{
    const struct embedded_file *page = error_page(item->number);
    json_t *rule = json_object();

    json_object_set_new(rule, "id", json_string(id));
    if (page == NULL)
        return rule;
    struct slice whole = { (const char *)page->bytes, page->length }, title = error_page_title(page);
    json_t *help = text_of(whole);
    json_object_set_new(help, "markdown", json_of_slice(whole));
    json_object_set_new(rule, "shortDescription", text_of(title));
    json_object_set_new(rule, "help", help);
    return rule;
}

/* The rule's place in the list, added when it is new. */
static size_t rule_index(json_t *rules, const struct diagnostic *item, const char *id)
{
    size_t i;
    json_t *rule;

    json_array_foreach(rules, i, rule)
    {
        if (strcmp(json_string_value(json_object_get(rule, "id")), id) == 0)
            return i;
    }
    json_array_append_new(rules, rule_of(item, id));
    return json_array_size(rules) - 1;
}

static json_t *region_of(const struct diagnostics *d, struct span at)
{
    struct slice line = diagnostics_line(d, at);
    size_t from = at.column > 0 ? at.column - 1 : 0;
    size_t start = utf8_count(slice_sub(line, 0, from)),
           length = utf8_count(slice_sub(line, from, at.length));
    json_t *region = json_object();

    json_object_set_new(region, "startLine", json_integer(at.line));
    json_object_set_new(region, "startColumn", json_integer((json_int_t)start + 1));
    json_object_set_new(region, "endColumn", json_integer((json_int_t)(start + length) + 1));
    return region;
}

static json_t *location_of(const struct diagnostics *d, struct span at)
{
    json_t *artifact = json_object(), *physical = json_object(), *location = json_object();

    json_object_set_new(artifact, "uri", json_of_slice(d->files[at.file].name));
    json_object_set_new(artifact, "uriBaseId", json_string("SITE"));
    json_object_set_new(physical, "artifactLocation", artifact);
    if (at.line > 0)
        json_object_set_new(physical, "region", region_of(d, at));
    json_object_set_new(location, "physicalLocation", physical);
    return location;
}

static json_t *result_of(const struct diagnostics *d, const struct diagnostic *item, json_t *rules)
{
    char id[8];
    json_t *result = json_object(), *locations = json_array();
    struct slice hint = item->hint;
    struct slice words = arena_printf(d->arena, "%.*s%s%.*s", SLICE_ARG(item->message),
                                      hint.len > 0 ? ": " : "", SLICE_ARG(hint));

    id_of(item, id);
    json_object_set_new(result, "ruleId", json_string(id));
    json_object_set_new(result, "ruleIndex", json_integer((json_int_t)rule_index(rules, item, id)));
    json_object_set_new(result, "level", json_string(levels[item->severity]));
    json_object_set_new(result, "message", text_of(words));
    if (item->at.file < d->file_count)
        json_array_append_new(locations, location_of(d, item->at));
    json_object_set_new(result, "locations", locations);
    return result;
}

static json_t *run_of(const struct diagnostics *d, const char *folder)
{
    json_t *run = json_object(), *tool = json_object(), *driver = json_object(), *rules = json_array(),
           *results = json_array(), *bases = json_object(), *site = json_object();

    for (size_t i = 0; i < d->count; i++)
        json_array_append_new(results, result_of(d, &d->items[i], rules));
    json_object_set_new(driver, "name", json_string("nightbell"));
    json_object_set_new(driver, "version", json_string(NIGHTBELL_VERSION));
    json_object_set_new(driver, "rules", rules);
    json_object_set_new(tool, "driver", driver);
    json_object_set_new(run, "tool", tool);
    json_object_set_new(site, "uri", json_of_slice(arena_printf(d->arena, "file://%s/", folder)));
    json_object_set_new(bases, "SITE", site);
    json_object_set_new(run, "originalUriBaseIds", bases);
    json_object_set_new(run, "columnKind", json_string("unicodeCodePoints"));
    json_object_set_new(run, "results", results);
    return run;
}

void sarif_write(const struct diagnostics *d, const char *folder, struct buf *out)
{
    json_t *log = json_object(), *runs = json_array();

    json_object_set_new(log, "$schema", json_string("https://json.schemastore.org/sarif-2.1.0.json"));
    json_object_set_new(log, "version", json_string("2.1.0"));
    json_array_append_new(runs, run_of(d, folder));
    json_object_set_new(log, "runs", runs);
    char *text = json_dumps(log, JSON_INDENT(1));
    if (text != NULL)
        buf_printf(out, "%s\n", text);
    free(text);
    json_decref(log);
}
