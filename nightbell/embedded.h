/* nightbell/embedded.h - files of this repository that travel inside the program.
 *
 * nightbell/embed.cmake writes the tables when the program is built: a page or an example is kept once, as a
 * file that people read and tests check. A table ends with a row whose name is NULL. */
#ifndef NIGHTBELL_NIGHTBELL_EMBEDDED_H
#define NIGHTBELL_NIGHTBELL_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* without its folder: "site.bell" */
    const unsigned char *bytes;
    size_t length;
};

extern const struct embedded_file starter_files[]; /* examples/starter: what `nightbell init` writes */

extern const struct embedded_file error_pages[]; /* docs/rules/errors: one a number, sorted */

#endif
