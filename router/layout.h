/* router/layout.h - structs described by a list of their members, once.
 *
 * Records and everything in a snapshot are plain structs whose members stand in an X-macro list. The list
 * makes the struct and a table; this module walks the table to write, read, own, free and compare. So a
 * member cannot be forgotten in one of them. Bytes: members in list order; integers little-endian, text
 * and blobs a u32 length and the bytes (base/buf). */
#ifndef NIGHTBELL_ROUTER_LAYOUT_H
#define NIGHTBELL_ROUTER_LAYOUT_H

#include "base/buf.h"
#include "base/map.h"

enum member_kind {
    MEMBER_U8,
    MEMBER_BOOL,
    MEMBER_U32,
    MEMBER_U64,
    MEMBER_I64,
    MEMBER_TEXT,  /* struct slice */
    MEMBER_BLOB,  /* struct slice; bytes that are not for reading */
    MEMBER_KEY16, /* uint8_t[16] */
    MEMBER_HASH32,
    MEMBER_KEY65
};

#define MEMBER_C_U8(n)     uint8_t n;
#define MEMBER_C_BOOL(n)   bool n;
#define MEMBER_C_U32(n)    uint32_t n;
#define MEMBER_C_U64(n)    uint64_t n;
#define MEMBER_C_I64(n)    int64_t n;
#define MEMBER_C_TEXT(n)   struct slice n;
#define MEMBER_C_BLOB(n)   struct slice n;
#define MEMBER_C_KEY16(n)  uint8_t n[16];
#define MEMBER_C_HASH32(n) uint8_t n[32];
#define MEMBER_C_KEY65(n)  uint8_t n[65];

/* A list is `#define THING_MEMBERS(M, S) M(S, U64, id) M(S, TEXT, name)`. */
#define MEMBER_DECLARE(S, kind, name) MEMBER_C_##kind(name)
#define MEMBER_ROW(S, kind, name)     { #name, MEMBER_##kind, offsetof(S, name) },

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
};

struct layout {
    const char *name;
    const struct member *members;
    size_t count, size; /* size: of the struct */
};

/* STORAGE: `static`, or nothing. */
#define LAYOUT_DEFINE(STORAGE, variable, text, S, LIST)                                                      \
    static const struct member variable##_members[] = { LIST(MEMBER_ROW, S) };                               \
    STORAGE const struct layout variable = { text, variable##_members,                                       \
                                             sizeof variable##_members / sizeof variable##_members[0],       \
                                             sizeof(S) };

void layout_write(struct buf *out, const struct layout *l, const void *object);
/* Slices borrow the reader's bytes. Check in->failed afterwards. */
void layout_read(struct reader *in, const struct layout *l, void *object);
/* What an older program wrote: the bytes may end after any member, and the rest of them are empty. */
void layout_read_older(struct reader *in, const struct layout *l, void *object);
/* The first `count` members only: where an older list stands in the middle of other bytes. */
void layout_read_first(struct reader *in, const struct layout *l, size_t count, void *object);
/* Every slice becomes a copy of its own; layout_drop frees them and zeroes the object. */
void layout_own(const struct layout *l, void *object);
void layout_drop(const struct layout *l, void *object);
/* "unit=5W, beds=2": for people; blobs and keys are left out. */
void layout_text(struct buf *out, const struct layout *l, const void *object);

/* One owned text: replaces what stood there. */
void text_set(struct slice *owned, struct slice value);

/* Maps whose values are objects of one layout, each with texts of its own. */
/* A copy of `object` takes the place of what stood under the key; `object` may borrow from that. Returns it.
 */
void *objects_put(struct map *m, struct slice key, const struct layout *l, const void *object);
void objects_remove(struct map *m, struct slice key, const struct layout *l);
void objects_free(struct map **m, const struct layout *l);
/* A u32 count, then each in the order of the map. */
void objects_write(const struct map *m, const struct layout *l, struct buf *out);

#endif
