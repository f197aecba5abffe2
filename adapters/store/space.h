/* adapters/store/space.h - how full the disk is, and the ballast kept for the day it is (RELIABILITY D5).
 *
 * The router asks once a second and stops reading its sockets below a low-water mark, so that what is
 * already accepted can still be decided and sent. The ballast is a preallocated file that is given up
 * when even that is not enough. */
#ifndef NIGHTBELL_ADAPTERS_STORE_SPACE_H
#define NIGHTBELL_ADAPTERS_STORE_SPACE_H

#include "base/error.h"

#define SPACE_LOW_WATER (UINT64_C(64) * 1024 * 1024) /* bytes free; below: take nothing new */

/* Bytes an ordinary user may still write in dir's file system. */
bool space_free(const char *dir, uint64_t *bytes, struct error *err);
/* Makes dir/ballast with `bytes` allocated, when four times that is free; true when it stands. */
bool space_ballast_make(const char *dir, uint64_t bytes);
bool space_ballast_drop(const char *dir); /* true when there was one to give up */

#endif
