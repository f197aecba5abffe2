/* nightbell/fault.h - crash points for the kill tests; nothing at all in a release build.
 *
 * With NIGHTBELL_FAULTS compiled in and NIGHTBELL_FAULT="feeds:MARK" in the environment, feeds ends
 * itself on the first message that holds MARK. Tests of the suspect slot use it. */
#ifndef NIGHTBELL_NIGHTBELL_FAULT_H
#define NIGHTBELL_NIGHTBELL_FAULT_H

#include "base/slice.h"

#ifdef NIGHTBELL_FAULTS
void fault_on_bytes(const char *where, struct slice bytes);
#else
static inline void fault_on_bytes(const char *where, struct slice bytes)
{
    (void)where;
    (void)bytes;
}
#endif

#endif
