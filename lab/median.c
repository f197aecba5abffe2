#include "lab/median.h"

#include <stdlib.h>

static int rising(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

int64_t median_of(int64_t *list, size_t count, int64_t none)
{
    if (count == 0)
        return none;
    qsort(list, count, sizeof *list, rising);
    int64_t upper = list[count / 2], lower = list[(count - 1) / 2];
    return lower + (upper - lower) / 2;
}
