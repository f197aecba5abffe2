/* Rules in sentences: every clause, condition and kind of target has its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/print/canonical.h"
#include "rules/print/tell.h"
#include "rules/syntax/parse.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char around[] =
    "language 1\n"
    "codes lethal = vfib, vtach\nplaces north = \"5W\", \"ICU\"\n"
    "shift night = 19:00-07:00 on sat, sun\nswitch storm \"Storm\" set by charge-nurse max 4h\n"
    "desk operator \"Hospital operator\" staffed always\ndesk front \"Front desk\" staffed always\n"
    "unit \"5W\" \"Surgical\" { beds \"01\" }\nperson ana \"Ana Ruiz RN\" { line \"x\" reach phones }\n"
    "rota rr \"Rapid response\" { weekly from 2026-01-05 07:00 ana }\n"
    "group team = oncall rr, ana\n"
    "chain back { after 4min if not accepted notify desk operator repeat every 60s max 10 }\n";

struct parsed {
    struct arena *arena;
    struct source_file file;
    struct diagnostics d;
    const struct ast_node *program;
    struct told told;
    struct teller teller;
};

static const struct ast_node *last_declaration(const struct ast_node *program)
{
    const struct ast_node *last = NULL;

    for (const struct ast_node *n = program->child->child; n != NULL; n = n->next)
        last = n;
    return last;
}

static void parse(struct parsed *p, const char *text)
{
    *p = (struct parsed){ .arena = arena_new() };
    p->file = (struct source_file){ SLICE("t.bell"), arena_printf(p->arena, "%s%s", around, text) };
    diagnostics_init(&p->d, p->arena, &p->file, 1);
    p->program = syntax_parse(p->arena, &p->file, 1, &p->d);
    if (p->d.errors > 0)
        fail_msg("%.*s in %s", SLICE_ARG(p->d.items[0].message), text);
    p->teller = (struct teller){ p->arena, p->program, NULL };
    tell(&p->teller, last_declaration(p->program), &p->told);
}

static void parsed_free(struct parsed *p)
{
    diagnostics_free(&p->d);
    arena_free(&p->arena);
}

/* Everything that is told, as one text. */
static struct slice all_of(const struct parsed *p)
{
    const struct told *t = &p->told;
    struct buf out = buf_make(1 << 16);

    buf_printf(&out, "%.*s\n", SLICE_ARG(t->when));
    for (size_t i = 0; i < t->clause_count; i++)
        buf_printf(&out, "%.*s\n", SLICE_ARG(t->clauses[i]));
    for (size_t i = 0; i < t->step_count; i++)
        buf_printf(&out, "%.*s: %.*s (%.*s)\n", SLICE_ARG(t->steps[i].when), SLICE_ARG(t->steps[i].whom),
                   SLICE_ARG(t->steps[i].how));
    buf_printf(&out, "%.*s\n%.*s\n%.*s\n", SLICE_ARG(t->repeat), SLICE_ARG(t->ends), SLICE_ARG(t->ignores));
    struct slice text = arena_copy(p->arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

static const struct {
    const char *condition, *told;
} conditions[] = {
    { "code in lethal", "and it is vfib or vtach." },
    { "code is not a", "and it is not a." },
    { "code not in a, b", "and it is none of a or b." },
    { "value < 80 % if known", "and the value is below 80 % (when known)." },
    { "value <= 80 or missing", "and the value is at most 80 (or not known)." },
    { "value > -5 Cel if known", "and the value is above -5 Cel (when known)." },
    { "value >= 6.2 mmol/L if known", "and the value is at least 6.2 mmol/L (when known)." },
    { "patient.flags has fall-risk if known", "and the patient's flags include fall-risk (when known)." },
    { "device.type like \"*pump*\" if known", "and the kind of device reads like \"*pump*\" (when known)." },
    { "start within 30min if known",
      "and the appointment's start is within 30 minutes of the event (when known)." },
    { "start not within 30min if known", "is not within 30 minutes of the event (when known)." },
    { "unit in north if known", "and the unit is \"5W\" or \"ICU\" (when known)." },
    { "raw \"OBX-8\" is not \"H\" or missing", "and OBX-8 of the message is not \"H\" (or not known)." },
    { "fhir \"A.b\" is yes if known", "and A.b of the resource is yes (when known)." },
    { "during night", "and it is night (19:00 to 07:00, sat, sun)." },
    { "during storm", "and the switch \"Storm\" is on." },
    { "(a is b or (c is d and not e is f))", "and either a is b or (c is d and it is not so that e is f)." },
    { "not (a is b or c is d)", "and it is not so that either a is b or c is d." },
    { "code is a unless class is low", "and it is a; but not when its class is low." },
};

static void every_condition_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct parsed p;
        char text[512];

        snprintf(text, sizeof text, "rule r { title \"t\" when alarm starts and %s notify ana }",
                 conditions[i].condition);
        parse(&p, text);
        if (!slice_ends(p.told.when, slice_of(conditions[i].told)))
            fail_msg("%s: %.*s", conditions[i].condition, SLICE_ARG(p.told.when));
        parsed_free(&p);
    }
}

static const struct {
    const char *part, *told;
} parts[] = {
    { "hold 15s unless value < 80 % or missing notify ana",
      "It waits 15 seconds before the first ring; when it is over by then, nobody is told and that is "
      "written "
      "down. It does not wait when the value is below 80 % (or not known)." },
    { "hold 90s notify ana", "It waits 1 minute 30 seconds before" },
    { "hold 90s notify ana", "After the wait: Ana Ruiz RN" },
    { "dedupe 3min by patient, code notify ana",
      "again within 3 minutes after it was closed, with the same patient and code" },
    { "bundle 15min by clinic notify ana", "are collected for 15 minutes and told as one message" },
    { "limit 5 per 1h notify ana", "Nobody gets more than 5 of these in 1 hour" },
    { "suppress while vfib, vtach open same patient max 30min notify ana",
      "held back while \"vfib\" or \"vtach\" is open with the same patient, but for at most 30 minutes" },
    { "deliver during night notify ana", "It is told only while it is night (19:00 to 07:00, sat, sun)" },
    { "need 3 accepts notify ana", "it takes 3 accepts;" },
    { "need 1 from oncall rr, 2 from group team notify ana",
      "it takes 1 from whoever is on call for Rapid response and 2 from everyone of the group team" },
    { "lease 2min notify ana", "An accept holds for 2 minutes." },
    { "expire 4h notify ana", "It ends by itself after 4 hours" },
    { "stop on ended notify ana", "It stops when it is over at the bedside, and always" },
    { "stop on accepted, done notify ana", "It stops when it is accepted or somebody says that it is done" },
    { "stop on attended notify ana", "when staff is at the bedside" },
    { "stop on accepted notify ana", "marked \"cleared, unseen\"" },
    { "notify ana urgent fyi", "Ana Ruiz RN (loud, through silent mode; for information, no answer asked)" },
    { "notify ana silent", "Ana Ruiz RN (without a sound)" },
    { "notify charge-nurse of \"5W\"", "the charge nurse of 5W (Surgical)" },
    { "notify charge-nurse of prior-unit", "the charge nurse of the unit before" },
    { "notify primary-nurse else buddy-nurse else ana",
      "the primary nurse, else the buddy nurse, or else Ana Ruiz RN" },
    { "notify ana, desk operator", "Ana Ruiz RN; and the desk Hospital operator" },
    { "notify desk front", "At once: the Front desk" },
    { "notify oncall rr of patient.service",
      "whoever is on call for Rapid response, by the patient's service" },
    { "notify group team",
      "everyone of the group team (whoever is on call for Rapid response and Ana Ruiz RN)" },
    { "notify unit-desk", "the unit's desk" },
    { "notify everyone of \"5W\"", "everyone assigned in 5W (Surgical)" },
    { "notify turn of group team", "the next one on duty, not told yet, of the group team" },
    { "notify least of group team", "the one with the fewest open alerts of the group team" },
    { "notify covering ordering-provider via oncall rr",
      "the ordering provider if on duty, otherwise who covers, otherwise whoever is on call for Rapid "
      "response" },
    { "notify ana after 30s if not accepted notify desk front",
      "After 30 seconds, if nobody has accepted: the" },
    { "notify ana after 30s if not delivered notify desk front", "if no phone has received it" },
    { "notify ana after 1d if open notify desk front", "After 1 day, if it is still open at the bedside" },
    { "need 2 accepts notify ana after 30s if not accepted notify desk front",
      "if not enough have accepted" },
    { "notify ana escalate back", "After 4 minutes, if nobody has accepted: the desk Hospital operator" },
    { "notify ana escalate back", "Then the last step is rung again every minute, at most 10 times" },
    { "notify ana repeat all every 30s max 3",
      "everyone told so far who has not declined is rung again every 30 seconds" },
};

static void every_part_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct parsed p;
        char text[512];
        snprintf(text, sizeof text, "rule r { title \"t\" when alarm starts %s }", parts[i].part);
        parse(&p, text);
        struct slice all = all_of(&p);
        if (memmem(all.ptr, all.len, parts[i].told, strlen(parts[i].told)) == NULL)
            fail_msg("%s:\n%.*s", parts[i].part, SLICE_ARG(all));
        parsed_free(&p);
    }
}

static void steps_stand_by_time(void **state)
{
    struct parsed p;

    (void)state;
    parse(&p, "rule r { title \"t\" when alarm starts notify ana escalate back after 30s if open notify desk "
              "front }");
    assert_int_equal(p.told.step_count, 3);
    assert_true(slice_is(p.told.steps[1].brief, "desk front"));
    assert_true(slice_is(p.told.steps[2].brief, "desk operator"));
    parsed_free(&p);
    parse(&p, "default for result { ignore because \"routine\" }");
    assert_int_equal(p.told.step_count, 0);
    assert_true(slice_starts(p.told.ignores, SLICE("Nobody is told, because: routine.")));
    parsed_free(&p);
    parse(&p, "copy c { title \"t\" when alarm starts notify ana fyi }");
    assert_true(slice_starts(p.told.ends, SLICE("It only informs")));
    parsed_free(&p);
}

/* --- the bytes that a signature is for ---------------------------------------------------------------------
 */

static struct slice canonical(struct parsed *p, const char *text)
{
    struct buf out = buf_make(1 << 16);

    parse(p, text);
    rule_canonical(p->program, last_declaration(p->program), &out);
    struct slice bytes = arena_copy(p->arena, buf_slice(&out));
    buf_free(&out);
    return bytes;
}

#define RULE(what) "rule r { title \"t\" when alarm starts and code in lethal " what " }"

static const struct {
    const char *name, *a, *b;
    bool same;
} pairs[] = {
    { "white space and comments", RULE("notify ana"),
      "rule r {\n\n title \"t\" # c\n when alarm starts and code in lethal notify ana\n}", true },
    { "another step", RULE("notify ana"), RULE("notify desk front"), false },
    { "another title", RULE("notify ana"),
      "rule r { title \"u\" when alarm starts and code in lethal notify ana }", false },
    { "another level", RULE("notify ana"), RULE("notify ana urgent"), false },
    { "a rule that it does not lean on", RULE("notify ana"), "codes other = apnea\n" RULE("notify ana"),
      true },
    { "a chain that it leans on", "chain c { after 5min if open notify ana }\n" RULE("notify ana escalate c"),
      "chain c { after 6min if open notify ana }\n" RULE("notify ana escalate c"), false },
    { "a message that it leans on", "message m { lock \"a\" full \"b\" }\n" RULE("notify ana using m"),
      "message m { lock \"a\" full \"c\" }\n" RULE("notify ana using m"), false },
};

static void the_hash_follows_the_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct parsed a, b;
        bool same = slice_eq(canonical(&a, pairs[i].a), canonical(&b, pairs[i].b));
        if (same != pairs[i].same)
            fail_msg("%s", pairs[i].name);
        parsed_free(&a);
        parsed_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_condition_is_told),
                                        cmocka_unit_test(every_part_is_told),
                                        cmocka_unit_test(steps_stand_by_time),
                                        cmocka_unit_test(the_hash_follows_the_meaning) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
