/* What the tests of a site have not seen: as JSON, and as a demand. */
#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"
#include "nightbell/site_load.h"
#include "nightbell/test_report.h"

static json_t *json_of_point(const struct cover_point *p)
{
    json_t *seen = json_object();

    for (int way = 0; way < 2; way++)
        if (p->way[way] != NULL)
            json_object_set_new(seen, p->way[way], json_integer((json_int_t)p->seen[way]));
    return json_pack("{s:o,s:I,s:I,s:I,s:o}", "what", json_of_slice(p->what), "line", (json_int_t)p->line,
                     "column", (json_int_t)p->column, "length", (json_int_t)p->length, "seen", seen);
}

void test_coverage_json(const struct lab_coverage *c)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        const struct cover_rule *r = &c->rules[i];
        json_t *points = json_array();
        for (size_t k = 0; k < r->point_count; k++)
            json_array_append_new(points, json_of_point(&r->points[k]));
        hl7_put_json(json_pack("{s:o,s:o,s:I,s:b,s:I,s:I,s:o}", "rule", json_of_slice(r->name), "file",
                               json_of_slice(r->file), "line", (json_int_t)r->line, "lethal", r->lethal,
                               "ways", (json_int_t)r->ways, "seen", (json_int_t)r->seen, "points", points));
    }
}

struct site *tests_compile(void *folder, struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct site *site = files != NULL ? site_from_files(files, folder, err) : NULL;

    fileset_free(&files);
    return site;
}

static bool demand(const struct lab_tests_report *r, struct buf *why)
{
    const struct cover_rule *gap = r->coverage != NULL ? lab_coverage_lethal_gap(r->coverage) : NULL;

    if (r->failed > 0)
        buf_printf(why, "%zu of %zu tests fail: nightbell test shows them\n", r->failed, r->count);
    else if (gap != NULL)
        buf_printf(why,
                   "rule %.*s is for lethal codes and its tests see %zu of its %zu parts: nightbell test "
                   "--coverage shows the others\n",
                   SLICE_ARG(gap->name), gap->seen, gap->ways);
    return r->failed == 0 && gap == NULL;
}

bool tests_strict(const struct fileset *files, const char *folder, struct buf *why)
{
    struct lab_tests_options o = {
        .compile_site = tests_compile, .ctx = (void *)(uintptr_t)folder, .files = files, .coverage = true
    };
    struct arena *a = arena_new();
    struct error err = { .code = ERROR_NONE };
    struct lab_tests_report out;
    bool fine = lab_tests_run(&o, a, &out, &err);

    if (!fine)
        buf_printf(why, "the tests cannot run: %s\n", err.message);
    else
        fine = demand(&out, why);
    arena_free(&a);
    return fine;
}
