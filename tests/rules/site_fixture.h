/* tests/rules/site_fixture.h - filesets made of texts, and a site's findings as one text. */
#ifndef NIGHTBELL_TESTS_RULES_SITE_FIXTURE_H
#define NIGHTBELL_TESTS_RULES_SITE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/site/site.h"

/* The program's table alone, without the program: rules/ knows no adapter, and neither do its tests. */
#include "nightbell/block_schemas.c"

static inline void fixture_add(struct fileset *f, const char *name, const char *text)
{
    struct error err = { 0 };

    if (!fileset_add(f, slice_of(name), slice_of(text), &err)) {
        fprintf(stderr, "fixture %s: %s\n", name, err.message);
        abort();
    }
}

static inline void fixture_add_file(struct fileset *f, const char *name, const char *path)
{
    static char bytes[1 << 20];
    struct error err = { 0 };
    FILE *in = fopen(path, "rb");
    size_t got;

    if (in == NULL) {
        fprintf(stderr, "fixture: no %s\n", path);
        abort();
    }
    got = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    if (!fileset_add(f, slice_of(name), (struct slice){ bytes, got }, &err))
        abort();
}

static inline void fixture_add_zone(struct fileset *f, const char *zone)
{
    char name[128], path[256];

    snprintf(name, sizeof name, "tz/%s", zone);
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    fixture_add_file(f, name, path);
}

static inline struct site *fixture_compile(const struct fileset *f, struct diagnostics *d)
{
    size_t count;
    const struct block_schema *schemas = block_schemas(&count);

    return site_compile(f, schemas, count, d);
}

#endif
