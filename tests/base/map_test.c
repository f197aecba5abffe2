#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 500 };

static struct slice key_text(char out[16], unsigned k)
{
    return (struct slice){ out, (size_t)snprintf(out, 16, "key-%u", k) };
}

/* The same history on the map and on a plain list; lookups and the order of a walk must agree. */
struct model {
    unsigned order[100000];
    size_t used;
    int *values[KEYS];
    size_t place[KEYS];
};

static void model_put(struct model *o, unsigned k, int *value)
{
    if (o->values[k] == NULL) {
        o->place[k] = o->used;
        o->order[o->used++] = k;
    }
    o->values[k] = value;
}

static void check_walk(const struct map *m, const struct model *o)
{
    size_t at = 0, count = 0;
    struct slice key;
    void *value;
    char text[16];

    for (size_t i = 0; i < o->used; i++) {
        unsigned k = o->order[i];
        if (o->values[k] == NULL || o->place[k] != i)
            continue;
        assert_true(map_next(m, &at, &key, &value));
        assert_true(slice_eq(key, key_text(text, k)));
        assert_ptr_equal(value, o->values[k]);
        count++;
    }
    assert_false(map_next(m, &at, &key, &value));
    assert_int_equal(map_count(m), count);
}

static void agrees_with_a_plain_list(void **state)
{
    static struct model o;
    static int numbers[KEYS * 2];
    struct map *m = map_new();
    struct prng p = prng_make(7);
    char text[16];
    (void)state;
    for (int step = 0; step < 50000; step++) {
        unsigned k = (unsigned)prng_below(&p, step < 25000 ? KEYS : 20);
        struct slice key = key_text(text, k);
        if (prng_below(&p, 3) > 0) {
            int *value = &numbers[prng_below(&p, KEYS * 2)];
            assert_ptr_equal(map_put(m, key, value), o.values[k]);
            model_put(&o, k, value);
        } else {
            assert_ptr_equal(map_remove(m, key), o.values[k]);
            o.values[k] = NULL;
        }
        assert_ptr_equal(map_get(m, key), o.values[k]);
        if (step % 997 == 0)
            check_walk(m, &o);
    }
    check_walk(m, &o);
    map_free(&m, NULL);
    assert_null(m);
}

static void the_current_key_may_go_while_walking(void **state)
{
    struct map *m = map_new();
    size_t at = 0, seen = 0;
    struct slice key;
    char text[16];
    (void)state;
    for (unsigned k = 0; k < 100; k++)
        map_put(m, key_text(text, k), strdup("x"));
    while (map_next(m, &at, &key, NULL)) {
        seen++;
        free(map_remove(m, key));
    }
    assert_int_equal(seen, 100);
    assert_int_equal(map_count(m), 0);
    map_put(m, SLICE(""), strdup("the empty key is a key"));
    assert_non_null(map_get(m, (struct slice){ NULL, 0 }));
    map_free(&m, free);
    map_free(&m, free);
    map_free(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_plain_list),
        cmocka_unit_test(the_current_key_may_go_while_walking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
