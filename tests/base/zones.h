/* tests/base/zones.h - the system's zone files, for the tests of base/tz. */
#ifndef NIGHTBELL_TESTS_BASE_ZONES_H
#define NIGHTBELL_TESTS_BASE_ZONES_H

#include "base/buf.h"
#include "base/tz.h"

#include <stdio.h>

#define ZONE_FOLDER "/usr/share/zoneinfo/"

/* The bytes of one zone file; the caller frees the buf. Empty when there is no such file. */
static inline struct buf zone_bytes(const char *name)
{
    struct buf b = buf_make(1 << 20);
    char path[256];
    int c;

    snprintf(path, sizeof path, ZONE_FOLDER "%s", name);
    FILE *f = fopen(path, "rb");
    while (f != NULL && (c = getc(f)) != EOF)
        buf_u8(&b, (uint8_t)c);
    if (f != NULL)
        fclose(f);
    return b;
}

static inline struct tz *zone_open(const char *name)
{
    struct buf b = zone_bytes(name);
    struct error err = { .code = ERROR_NONE };
    struct tz *tz = tz_parse(buf_slice(&b), &err);

    if (tz == NULL)
        fprintf(stderr, "%s: %s\n", name, err.message);
    buf_free(&b);
    return tz;
}

#endif
