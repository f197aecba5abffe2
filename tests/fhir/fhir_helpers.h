/* tests/fhir/fhir_helpers.h - what the FHIR tests share: reading samples and documents. */
#ifndef NIGHTBELL_TESTS_FHIR_FHIR_HELPERS_H
#define NIGHTBELL_TESTS_FHIR_FHIR_HELPERS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "fhir/json.h"
#include "fhir/tree.h"
#include "fhir/xml.h"

struct doc { /* a document read into a tree; doc_free it */
    struct buf block;
    struct fhir_tree tree;
    struct error err;
    bool ok;
};

/* Copies the bytes so that the byte behind the last one faults: an overread is a crash. */
static inline struct slice guarded(struct slice s, void **map, size_t *map_len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (s.len + page - 1) / page + 1;
    char *at = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        abort();
    char *end = at + (pages - 1) * page;
    if (mprotect(end, page, PROT_NONE) != 0)
        abort();
    if (s.len > 0)
        memcpy(end - s.len, s.ptr, s.len);
    *map = at;
    *map_len = pages * page;
    return (struct slice){ end - s.len, s.len };
}

static inline struct doc doc_read(struct slice body, bool xml)
{
    struct doc d = { .block = buf_make(LIMIT_BUS_FRAME_BYTES) };
    void *map;
    size_t map_len;
    struct slice s = guarded(body, &map, &map_len);
    d.ok = xml ? fhir_xml_read(s, &d.block, &d.err) : fhir_json_read(s, &d.block, &d.err);
    munmap(map, map_len);
    if (d.ok)
        d.ok = fhir_tree_open(buf_slice(&d.block), &d.tree, &d.err);
    return d;
}

static inline struct doc doc_json(const char *text)
{
    return doc_read(slice_of(text), false);
}

static inline struct doc doc_xml(const char *text)
{
    return doc_read(slice_of(text), true);
}

static inline void doc_free(struct doc *d)
{
    buf_free(&d->block);
}

static inline struct buf file_read(const char *path)
{
    struct buf b = buf_make(16777216);
    char chunk[65536];
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return b;
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_bytes(&b, chunk, n);
    fclose(f);
    return b;
}

static inline struct doc doc_sample(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/fhir/%s", SAMPLES_DIR, name);
    struct buf b = file_read(path);
    struct doc d = doc_read(buf_slice(&b), slice_ends(slice_of(name), SLICE(".xml")));
    buf_free(&b);
    return d;
}

#endif
