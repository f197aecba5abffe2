/* The rule language on any bytes: parse, check, print the findings, and match one event when it compiles. */
#include "tests/rules/hand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hand site; /* made once: its catalogue does not change */
    struct buf out = buf_make(1 << 22);
    struct diagnostics d;
    struct source_file file = { SLICE("t.bell"), { (const char *)data, size } };
    struct arena *arena = arena_new();

    if (site.arena == NULL)
        hand_site(&site);
    diagnostics_init(&d, arena, &file, 1);
    struct ast_node *program = syntax_parse(arena, &file, 1, &d);
    struct ruleset *rules = ruleset_compile(arena, program, &site.context, &d);
    diagnostics_text(&d, false, &out);
    if (rules != NULL) {
        struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
        struct eval_now now = { .zone = site.zone };
        struct match m;
        ruleset_match(rules, &e, &now, true, arena, &m);
        if (rule_ignores(m.owner).len == 0)
            plan_write(&out, plan_make(m.owner, &e, arena));
        ruleset_bounds(rules, &out);
    }
    ruleset_free(&rules);
    diagnostics_free(&d);
    arena_free(&arena);
    buf_free(&out);
    return 0;
}
