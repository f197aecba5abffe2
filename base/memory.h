/* base/memory.h - allocation that does not fail.
 *
 * A process without memory cannot keep a promise it has not yet made durable, so it ends at once with
 * exit code 70 and is rebuilt from the journal by its supervisor; nothing was acknowledged that is not
 * on disk. Untrusted sizes are bounded before they get here (base/limits.h). */
#ifndef NIGHTBELL_BASE_MEMORY_H
#define NIGHTBELL_BASE_MEMORY_H

#include <stddef.h>

void *memory_new(size_t bytes);                           /* zeroed; free() it */
void *memory_array(size_t count, size_t bytes);           /* zeroed, overflow checked */
void *memory_grow(void *old, size_t count, size_t bytes); /* realloc, overflow checked */
char *memory_text(const char *bytes, size_t len);         /* a NUL-terminated copy */

/* Makes room for one more item in a growing array: `items` is a pointer variable, `count` and `room`
 * are size_t variables. Doubles, so appending is linear in total. */
#define MEMORY_ROOM(items, count, room)                                                                      \
    do {                                                                                                     \
        if ((count) == (room)) {                                                                             \
            (room) = (room) > 0 ? (room)*2 : 8;                                                              \
            (items) = memory_grow((items), (room), sizeof *(items));                                         \
        }                                                                                                    \
    } while (0)

#endif
