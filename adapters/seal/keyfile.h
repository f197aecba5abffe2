/* adapters/seal/keyfile.h - key files on disk: JSON, 0600, written whole; for the seal's own files. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_KEYFILE_H
#define NIGHTBELL_ADAPTERS_SEAL_KEYFILE_H

#include <jansson.h>

#include "base/error.h"
#include "base/slice.h"

bool keyfile_folder(const char *dir, struct error *err); /* makes it, 0700, when absent */
bool keyfile_absent(const char *dir, const char *name, struct error *err);
/* A new file, 0600, synced with its folder; never replaces one. */
bool keyfile_write(const char *dir, const char *name, struct slice text, struct error *err);
/* The object, with its format and version checked and its access refused when too wide. */
json_t *keyfile_read(const char *path, const char *format, struct error *err);
void keyfile_forget(json_t *object); /* cleanses its texts; accepts NULL */

#endif
