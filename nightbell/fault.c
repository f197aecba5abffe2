#include "nightbell/fault.h"

#ifdef NIGHTBELL_FAULTS
#include <stdlib.h>
#include <string.h>

void fault_on_bytes(const char *where, struct slice bytes)
{
    const char *wanted = getenv("NIGHTBELL_FAULT");
    size_t length = strlen(where);

    if (wanted == NULL || strncmp(wanted, where, length) != 0 || wanted[length] != ':')
        return;
    const char *mark = wanted + length + 1;
    if (*mark != '\0' && memmem(bytes.ptr, bytes.len, mark, strlen(mark)) != NULL)
        abort();
}
#else
typedef int fault_nothing; /* a file must declare something */
#endif
