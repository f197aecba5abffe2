#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Memory that cannot be had ends the process with 70: tried in a child. */
static int exit_of(void (*body)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static volatile size_t half = SIZE_MAX / 2; /* volatile: the compiler must not see the size */

static void grow_too_far(void)
{
    free(memory_grow(NULL, half, 4));
}

static void grow_in_bounds(void)
{
    int *numbers = NULL;
    size_t count = 0, room = 0;

    for (; count < 1000; count++) {
        MEMORY_ROOM(numbers, count, room);
        numbers[count] = (int)count;
    }
    int last = numbers[999];
    free(numbers);
    if (last != 999)
        _exit(1);
}

static void no_memory_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(exit_of(grow_in_bounds), 0);
    assert_int_equal(exit_of(grow_too_far), 70);
}

static void copies_and_zeroes(void **state)
{
    char *text = memory_text("bed 12", 3), *none = memory_text(NULL, 0), *room = memory_new(100);
    (void)state;
    assert_string_equal(text, "bed");
    assert_string_equal(none, "");
    for (int i = 0; i < 100; i++)
        assert_int_equal(room[i], 0);
    free(text);
    free(none);
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory_ends_the_process),
        cmocka_unit_test(copies_and_zeroes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
