/* The clauses of a rule in virtual time: a rule, and what happens. Each case runs as written, from a snapshot
 * after every input, and with a restart after every line, from the journal and from a snapshot. */
#ifndef NIGHTBELL_TESTS_ROUTER_CLAUSES_H
#define NIGHTBELL_TESTS_ROUTER_CLAUSES_H

#include "tests/router/fixture.h"

#define DAY "2026-10-14T19:00:00Z"

struct clause_case {
    const char *name, *at_utc, *rules, *script;
};

static inline void run_case(const struct clause_case *one, int every, bool swap)
{
    struct play p;
    struct buf rules = buf_make(1 << 16);

    buf_printf(&rules, "%s%s%c", RULES_BELL, one->rules, '\0');
    play_begin_with(&p, one->at_utc, swap, rules.ptr);
    play_script(&p, one->name, one->script, every);
    play_end(&p);
    buf_free(&rules);
}

static inline void run_cases(const struct clause_case *cases, size_t count)
{
    static const struct {
        int every;
        bool swap;
    } WAYS[] = { { 0, false }, { 0, true }, { 1, false }, { 2, false } };
    const char *only = getenv("NIGHTBELL_CASE");

    for (size_t i = 0; i < count; i++)
        for (size_t way = 0; way < sizeof WAYS / sizeof WAYS[0]; way++)
            if (only == NULL || strstr(cases[i].name, only) != NULL)
                run_case(&cases[i], WAYS[way].every, WAYS[way].swap);
}

/* The main of a file with a table CASES. */
#define CLAUSE_MAIN                                                                                          \
    static void every_case(void **state)                                                                     \
    {                                                                                                        \
        (void)state;                                                                                         \
        run_cases(CASES, sizeof CASES / sizeof CASES[0]);                                                    \
    }                                                                                                        \
    int main(void)                                                                                           \
    {                                                                                                        \
        const struct CMUnitTest tests[] = { cmocka_unit_test(every_case) };                                  \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                    \
    }

#endif
