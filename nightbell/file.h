/* nightbell/file.h - whole small files in and out. */
#ifndef NIGHTBELL_NIGHTBELL_FILE_H
#define NIGHTBELL_NIGHTBELL_FILE_H

#include "base/buf.h"
#include "base/error.h"

/* Appends the file's bytes to `out`; past out->max is ERROR_LIMIT. The error names the path. */
bool file_read(const char *path, struct buf *out, struct error *err);
/* Puts `bytes` in the place of an existing file at once (written aside, synced, renamed), with its
 * permissions; a link keeps pointing to it. */
bool file_replace(const char *path, struct slice bytes, struct error *err);
/* Makes a folder if it is not there (one level). */
bool folder_make(const char *path, unsigned mode, struct error *err);

#endif
