/* tests/roster/zones.h - the zones that the roster tables use, read from the system's zoneinfo. */
#ifndef NIGHTBELL_TESTS_ROSTER_ZONES_H
#define NIGHTBELL_TESTS_ROSTER_ZONES_H

#include "base/tz.h"

#include <stdio.h>
#include <stdlib.h>

static struct tz *zone_load(const char *name)
{
    char path[256];
    static char bytes[65536];
    FILE *f;
    size_t got;

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    got = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return tz_parse((struct slice){ bytes, got }, NULL);
}

static int64_t instant(const char *iso)
{
    int64_t us = TIME_NONE;

    if (!time_parse_iso(slice_of(iso), 0, &us)) {
        fprintf(stderr, "not an instant: %s\n", iso);
        abort();
    }
    return us;
}

#endif
