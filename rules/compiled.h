/* rules/compiled.h - the inside of a ruleset: shared by rules/check (which makes it), the core (which
 * reads it) and the lab's coverage of tests; nobody else includes it. Everything lives in the arena that
 * ruleset_compile was given. */
#ifndef NIGHTBELL_RULES_COMPILED_H
#define NIGHTBELL_RULES_COMPILED_H

#include "roster/shift.h"
#include "rules/ruleset.h"

/* A name to compare with; for codes written system:code also the code as sent. */
struct name_value {
    struct slice name;
    struct slice code; /* empty: any code of that name */
};

enum operand_kind { OPERAND_FIELD, OPERAND_RAW, OPERAND_FHIR };
enum raw_type { RAW_TEXT, RAW_NUMBER, RAW_DATE };

enum check_kind {
    CHECK_NAMES, /* one of `names` */
    CHECK_LESS,  /* against `number` */
    CHECK_LESS_EQ,
    CHECK_MORE,
    CHECK_MORE_EQ,
    CHECK_EQUAL,  /* one of `numbers` */
    CHECK_HAS,    /* a list holds names[0] */
    CHECK_LIKE,   /* a pattern with `*`, ASCII letters without case */
    CHECK_WITHIN, /* an instant at most `within_us` from the event's time */
    CHECK_SHIFT,
    CHECK_SWITCH
};

struct number_value {
    struct decimal number;
    struct slice unit; /* UCUM; empty: the unit the event has */
};

struct atom {
    enum operand_kind operand;
    enum check_kind check;
    enum raw_type type;
    bool negated; /* is not, not in, not within: turns the answer for a present value only */
    bool absent;  /* the answer when the operand is absent or cannot be decided */
    size_t field;
    const void *path; /* struct hl7_path or struct fhir_path */
    const struct name_value *names;
    size_t name_count;
    const struct number_value *numbers;
    size_t number_count;
    struct slice text; /* of `like`, or the switch */
    int64_t within_us;
    const struct shift *shift;
    struct slice key;               /* operand and check without the negation: equal keys, equal answers */
    struct slice says_no, says_yes; /* "code is not vfib", "code is vfib" */
    struct slice subject, wants;    /* for explain: "code", "raw \"OBX-8\""; "vfib", "one of a, b", "80 %" */
    uint32_t line, column, length;
};

enum cond_kind { COND_ATOM, COND_AND, COND_OR, COND_NOT };

struct cond {
    enum cond_kind kind;
    const struct cond *kids; /* NOT has one; AND of none is true */
    size_t count;
    const struct atom *atom;
};

/* `of FIELD`, `covering FIELD`: which alternative takes its `of` from the event. */
struct field_slot {
    uint32_t step, target, alternative;
    size_t field;
};

enum rule_mode { MODE_LIVE, MODE_DRAFT, MODE_SHADOW };

/* Why one rule goes before another: what the author wrote counts first. */
enum order_why { ORDER_NONE, ORDER_OVERRIDES, ORDER_LAYER, ORDER_NARROWER };

/* The most that one event can make a rule send. */
struct rule_bounds {
    size_t targets;    /* different ones */
    size_t sends;      /* to targets, repeats counted */
    size_t heads;      /* to people and desks: groups, units and rotas by their members */
    size_t copy_heads; /* of all copies that can see an event of this rule */
    int64_t span_us;
};

struct rule {
    struct slice name, title, file;
    uint32_t index; /* in ruleset.rules: by name, so that file order means nothing */
    uint32_t line;
    bool copy, is_default;
    enum rule_mode mode;
    enum event_kind kind;
    uint32_t phases; /* bit by enum event_phase */
    struct cond when;
    bool has_hold_unless;
    struct cond hold_unless;
    struct slice ignores;
    enum event_class highest; /* of its codes; CLASS_COUNT when not known */
    enum notify_level first_level;
    const struct plan *plan; /* NULL when it ignores; lease_us -1 = by class */
    const struct field_slot *slots;
    size_t slot_count;
    struct slice layer;      /* `in LAYER`, else the lowest; empty where the site has no layers */
    uint32_t rank;           /* of the layer: the higher one goes first */
    const uint32_t *beats;   /* indices of rules that lose against this one, rising */
    const uint8_t *beat_why; /* enum order_why, beside them */
    size_t beat_count;
    const struct tz *zone;
    struct rule_bounds bounds;
};

struct ruleset {
    const struct rule *rules; /* sorted by name; live rules, copies, drafts and shadows */
    size_t count;
    const struct index *index;
    const struct rule *defaults[EVENT_KIND_COUNT]; /* NULL: the general one */
    const struct rule *otherwise;
    const struct index *dormant;        /* of drafts and shadows: they never own, explain names them */
    uint32_t of_kind[EVENT_KIND_COUNT]; /* how many rules of each kind there are, dormant ones too */
};

bool cond_holds(const struct cond *c, const struct event *e, const struct eval_now *now, struct arena *a);

/* One atom's answer as a case of a condition asks it. */
struct literal {
    const struct atom *atom;
    bool yes;
};
bool literal_holds(const struct literal *l, const struct event *e, const struct eval_now *now,
                   struct arena *a);

/* One case of a rule's condition: all of its literals. A rule matches when one of its cases does. */
struct index_case {
    uint32_t rule;
    uint32_t count;
    const struct literal *literals;
};
/* Makes r->index and r->dormant in `a`; the cases come rising by rule. */
void index_build(struct ruleset *r, const struct index_case *cases, size_t count, struct arena *a);
/* The rules of the event's kind and code, rising: those that name its place or none, at most `room`; and
 * those of other places too where they are at most `others`, and there is room for all. `scratch` is used and
 * kept. */
size_t index_of_code(const struct index *x, const struct event *e, struct arena *scratch, uint32_t *out,
                     size_t room, size_t others);
bool rule_beats(const struct rule *a, const struct rule *b);
enum order_why rule_beats_why(const struct rule *a, const struct rule *b); /* ORDER_NONE: it does not */

/* What one atom saw: the operand's value, whether it decided anything, and the answer. */
struct atom_look {
    struct field_value value; /* of shifts and switches: absent */
    bool decided;             /* false: absent, or not to be compared; the rule's own word answers */
    bool holds;
};
struct atom_look atom_look(const struct atom *t, const struct event *e, const struct eval_now *now,
                           struct arena *a);

#endif
