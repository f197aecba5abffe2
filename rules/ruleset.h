/* rules/ruleset.h - the compiled rules of a site: which rule owns an event, and the plan it makes.
 *
 * rules/check compiles it from the AST (rules/check/compile.h); here it is only read: index, evaluate
 * and plan are part of the deterministic core. Immutable; owned by the site. */
#ifndef NIGHTBELL_RULES_RULESET_H
#define NIGHTBELL_RULES_RULESET_H

#include "events/catalogue.h"
#include "events/event.h"
#include "events/schema.h"
#include "roster/directory.h"
#include "rules/plan.h"

struct ruleset;
struct rule;

/* Reads a raw path ("OBX-8") or FHIR path of the message behind the event; false = absent, or two matches.
 * Supplied by the router, which holds the message; `path` is the compiled path kept in the ruleset. */
struct raw_reader {
    bool (*raw)(void *ctx, const void *hl7_path, struct arena *a, struct slice *out);
    bool (*fhir)(void *ctx, const void *fhir_path, struct arena *a, struct slice *out);
    void *ctx;
};

struct eval_now {
    int64_t wall_us;
    const struct tz *zone;
    bool (*switch_on)(const void *ctx, struct slice name); /* NULL: all off */
    const void *ctx;
    struct raw_reader raw;
};

/* What became of a rule that was looked at; the order is that of a list for people. */
#define CANDIDATE_FATES(X)                                                                                   \
    X(OWNED, "owned")                                                                                        \
    X(BEATEN, "beaten")       /* matched, but the owner goes before it */                                    \
    X(SAME_PLAN, "same-plan") /* matched, and would do what the owner does */                                \
    X(COPY, "copy")           /* matched: it informs as well */                                              \
    X(NO, "no")                                                                                              \
    X(DRAFT, "draft") /* never owns; the reason says whether it would match */                               \
    X(SHADOW, "shadow")
#define X(id, name) CANDIDATE_##id,
enum candidate_fate { CANDIDATE_FATES(X) CANDIDATE_FATE_COUNT };
#undef X
const char *candidate_fate_name(enum candidate_fate f);

struct candidate { /* why a rule did or did not own the event */
    const struct rule *rule;
    enum candidate_fate fate;
    bool matched;        /* its condition is true; false for a default */
    uint32_t line;       /* of the first false part, else of the rule */
    struct slice reason; /* with the event's values: "value 86 % is not below 80 %"; may be phi */
};

struct match {
    const struct rule *owner; /* never NULL: a rule or a default */
    const struct rule *const *copies;
    size_t copy_count;
    const struct candidate *candidates; /* only filled when asked; at most LIMIT_EXPLAINED_RULES */
    size_t candidate_count;
    uint32_t more; /* rules of the event's kind that are not among them: of other codes or places, or past a
                      limit */
    struct slice
        why_owner; /* "matched; nothing narrower", "goes before bed-exit", "default: no rule matched" */
};

/* Deterministic: same ruleset, event and now give the same match. Arena-owned. */
void ruleset_match(const struct ruleset *r, const struct event *e, const struct eval_now *now, bool explain,
                   struct arena *a, struct match *out);
/* Fills the candidates of a match that was made without: the rules of the event's kind and code, drafts and
 * shadows too, each with the first part of it that is false. Where more than LIMIT_EXPLAINED_ELSEWHERE of
 * them ask for another place, those are only counted: of a house with a rule for each ward, one ward is told.
 * The owner may be another one than the match gave (a default that does not swallow): it is listed as such.
 */
void ruleset_explain(const struct ruleset *r, const struct event *e, const struct eval_now *now,
                     struct arena *a, struct match *match);

/* `hold ... unless C`: is C true for this event now (absent counts as yes)? False without a hold. */
bool rule_hold_skipped(const struct rule *r, const struct event *e, const struct eval_now *now,
                       struct arena *a);
/* NULL-ended why when the outcome is `ignore because "..."`, else the empty slice. */
struct slice rule_ignores(const struct rule *r);
struct slice rule_name(const struct rule *r);
/* Where it stands: the file, for explain; lines are those of its candidates. */
struct slice rule_file(const struct rule *r);
bool rule_is_copy(const struct rule *r);
bool rule_is_default(const struct rule *r);
/* The plan for this event: arena-owned, targets' `of FIELD` replaced by the event's value, texts rendered. */
struct plan *plan_make(const struct rule *r, const struct event *e, struct arena *a);
/* An event that such a rule is for: its kind, its first phase, the first code and unit that it asks for, as
 * far as its `when` names any. For a drill; it need not match. */
void rule_sample(const struct rule *r, const struct catalogue *catalogue, struct event *out);
/* May it be tried for real: live, and it tells people? */
bool rule_may_drill(const struct rule *r);
/* Would its plan ring a team at once: a lethal-class rule, a quorum of more than one, or a group? */
bool rule_rings_team(const struct rule *r);
/* Renders "{code} {unit|?}-{bed|?}" for an event; {field|text} gives text when absent. */
void plan_render(struct buf *out, struct slice text_template, const struct event *e);
/* The same with {time} on the wall clock of a zone; plan_make uses the site's. NULL: UTC, with a Z. */
void plan_render_in(struct buf *out, struct slice text_template, const struct event *e,
                    const struct tz *zone);
/* Is b more urgent than a: higher class, then a louder first notify, then the more specific rule? */
bool rule_more_urgent(const struct rule *a, const struct rule *b);
/* A rule by name, for updates of an open alert; NULL when the ruleset has none. */
const struct rule *ruleset_rule(const struct ruleset *r, struct slice name);

/* --- two rulesets (changes.c) --------------------------------------------------------------------- */

/* What a rule says, without where it stands: conditions, plan, texts, order over others. Equal fingerprints,
 * equal rules; stable across processes. */
uint64_t rule_fingerprint(const struct ruleset *all, const struct rule *r);
struct ruleset_changes { /* names of rules, copies and defaults, in the order of names; arena-owned */
    const struct slice *added, *changed, *removed;
    size_t added_count, changed_count, removed_count;
};
/* `before` may be NULL: everything is added. */
void ruleset_changes(const struct ruleset *before, const struct ruleset *after, struct arena *a,
                     struct ruleset_changes *out);
/* May it own alerts? Drafts, shadows and copies may not. */
bool rule_is_live(const struct rule *r);

void ruleset_free(struct ruleset **r);

#endif
