/* rules/check/check.h - inside of rules/check: what its files share while a program is checked. */
#ifndef NIGHTBELL_RULES_CHECK_CHECK_H
#define NIGHTBELL_RULES_CHECK_CHECK_H

#include "base/limits.h"
#include "base/map.h"
#include "rules/check/compile.h"
#include "rules/check/proof.h"
#include "rules/compiled.h"

/* Numbers of findings; docs/rules/errors.md has a section for each. */
enum finding_number {
    E_KIND = 200,
    E_FIELD = 201,
    E_PHASE = 202,
    E_CODE = 203,
    E_VALUE = 204,
    E_ABSENT = 205,
    E_SILENCES = 206,
    E_UNIT = 207,
    E_CHECK = 208,
    E_PATH = 209,
    E_NAME = 210,
    E_TWICE = 211,
    E_PLACE = 213,
    E_TIMES = 216,
    W_BY_NUMBER = 217,
    W_UNITLESS = 214,
    W_RAW_TYPE = 215,
    E_ONCALL = 301,
    E_ROLE = 302,
    E_DESK = 303,
    E_GAP = 304,
    E_TARGET = 305,
    E_NOBODY = 306,
    E_LETHAL_CLAUSE = 307,
    E_NO_END = 308,
    E_LETHAL_STOP = 309,
    E_LETHAL_REPEAT = 310,
    E_BOUNDS = 311,
    W_FALLING = 313,
    E_IGNORE = 314,
    E_URGENT = 315,
    E_HELD_BY_ITSELF = 316,
    W_EXPIRE = 317,
    W_TOO_EARLY = 318,
    W_TOLD_BEFORE = 319,
    W_PART_TIME = 320,
    W_SLOW_RECEIPT = 321,
    W_NO_FALLBACK = 322,
    W_MANY_SENDS = 323,
    E_NEVER_RINGS = 324,
    W_REVIEW = 701,
    E_MEET = 401,
    E_NEVER = 402,
    E_NO_DEFAULT = 403,
    E_DEFAULTS = 404,
    E_CYCLE = 405,
    W_DEAD_PART = 406,
    E_LOCK_PHI = 501,
    E_TOO_WIDE = 502,
    E_TEXT_FIELD = 503,
    E_TEXT_ABSENT = 504,
    E_TEXT = 505,
    W_LATE = 506,
    N_DRAFT = 902,
    N_APPENDED = 903
};

enum table {
    TABLE_CODES,
    TABLE_PLACES,
    TABLE_CHAIN,
    TABLE_MESSAGE,
    TABLE_RULE,
    TABLE_SWITCH,
    TABLE_WORLD,
    TABLES
};

struct checker {
    struct arena *arena;
    struct diagnostics *d;
    const struct ast_node *program;
    const struct check_context *site;
    struct map *tables[TABLES];    /* name -> struct ast_node */
    const struct ast_node *layers; /* the declared list, or NULL; layers_check sets it */
    struct map *gaps;              /* those of rotas and roles that a step asked for; NULL: none did */
    struct map *said;              /* findings made: number and place */
    struct map *heads;             /* bounds.c: who -> how many people and desks that is */
    struct map *slowest;           /* timing.c: who -> the slowest receipt among what rings them */
};

/* What a clause is checked for. */
struct scope {
    bool any_kind; /* chains and general defaults: fields of any kind */
    enum event_kind kind;
    const struct catalogue_row *const *rows; /* of the codes that the rule names; for units */
    size_t row_count;
};

/* The names of the codes that a rule asks for: `codes` NULL and `any` true when it leaves them open. */
struct rule_codes {
    const struct slice *codes;
    size_t count;
    bool any;
};

/* Where a step of a plan and each of its targets stand. */
struct step_place {
    struct span at;
    const struct span *targets;
};

/* One rule while it is compared with the others. */
struct checked {
    const struct ast_node *node;
    struct rule *rule;
    struct dnf dnf;
    struct rule_codes codes;          /* sorted, each once */
    const struct step_place *step_at; /* beside the steps of the plan */
    bool met, met_draft; /* E401 and W401 are told once for the rule that comes later in the text */
    bool broken;         /* its own findings come first: it is not compared */
};

/* Reports once per place and number (a chain is looked at for every rule that uses it). */
bool check_error(struct checker *c, unsigned number, struct span at);
#define CHECK_ERROR(c, number, at, ...)                                                                      \
    (check_error((c), (number), (at))                                                                        \
         ? (diagnose((c)->d, SEVERITY_ERROR, (number), (at), __VA_ARGS__), true)                             \
         : false)

struct ast_node *table_find(const struct checker *c, enum table t, struct slice name);
/* The finding for a name that nothing declares, with the nearest known one. */
void check_unknown(struct checker *c, unsigned number, struct span at, const char *what, struct slice name,
                   const struct slice *known, size_t known_count);
void check_unknown_in(struct checker *c, unsigned number, const struct ast_node *at, const char *what,
                      enum table t);
size_t table_names(const struct checker *c, enum table t, struct slice **out);
void tables_fill(struct checker *c);
void tables_free(struct checker *c);

/* partial.c: of a program with syntax errors the declarations that have none (arena-owned copies), and what
 * of the findings about them is true whatever the others say. */
struct ast_node *partial_program(const struct checker *c);
void partial_tell(struct diagnostics *d, const struct diagnostics *found);

/* conditions.c and atoms.c */
enum cond_place { IN_WHEN, IN_UNLESS, IN_HOLD };
struct cond compile_all(struct checker *c, const struct scope *s, const struct ast_node *first,
                        enum cond_place where);
struct cond compile_condition(struct checker *c, const struct scope *s, const struct ast_node *n,
                              enum cond_place where, bool inverted);
const struct atom *compile_atom(struct checker *c, const struct scope *s, const struct ast_node *n,
                                enum cond_place where, bool inverted);
/* The field of that name that events of the scope have; reports E201. */
bool scope_field(struct checker *c, const struct scope *s, struct slice name, struct span at, size_t *id);
const struct shift *find_shift(const struct checker *c, struct slice name);
/* raw_types.c: W215 for a raw path that can never be the number or date it is taken for. */
void check_raw_type(struct checker *c, const struct ast_node *operand, const struct atom *t);
/* values.c: names, codes and numbers of an IS or IN, appended to the atom. */
void compile_values(struct checker *c, const struct scope *s, struct atom *t, const struct ast_node *check);
/* The catalogue rows of one code value (a name, system:code, or a set); count. */
size_t code_rows(struct checker *c, const struct ast_node *value, bool set_first, struct name_value **names,
                 const struct catalogue_row ***rows);

/* clauses.c: dedupe, bundle, limit, suppress, deliver and expire of a rule or copy into its plan. A finding
 * leaves the clause out. */
void compile_clauses(struct checker *c, const struct scope *s, const struct ast_node *rule,
                     struct plan_clauses *out);
/* What they may not stand beside: E315, W317. The steps must be known. */
void check_clauses(struct checker *c, const struct ast_node *rule, const struct plan *p);
/* E316: a rule that would hold itself back, or two that hold back each other; all rules must be known. */
void check_suppress(struct checker *c, const struct checked *rules, size_t count);
/* outcome.c: clauses and steps of a rule, copy or default into its plan; the places of its steps. */
const struct step_place *compile_outcome(struct checker *c, const struct scope *s, const struct ast_node *n,
                                         struct rule *r);
/* timing.c: can each step ring by its time? W318 to W321, E324. */
void check_timing(struct checker *c, const struct checked *k);
/* fallback.c: units without a desk that is always there (W322). */
void check_fallbacks(struct checker *c);
/* targets.c */
struct who compile_who(struct checker *c, const struct scope *s, const struct ast_node *n, bool *has_field,
                       size_t *field);
/* Is it one of those that `oncall NAME of FIELD` picks from: NAME.VALUE, NAME-VALUE? */
bool rota_of_value(const struct rota *r, struct slice name);
/* E301: `oncall X of FIELD` alone in its target, where the field may be absent or have a value without a
 * rota. */
void check_every_value(struct checker *c, const struct ast_node *who, size_t field);
bool who_is_staffed_desk(const struct checker *c, const struct who *w, const struct shift *during);
bool units_have_fallback(const struct checker *c);
/* messages.c */
void check_messages(struct checker *c);
void message_fits(struct checker *c, const struct scope *s, const struct ast_node *message,
                  struct span used_at);
unsigned message_replies(const struct ast_node *message);
/* gaps.c: E304, W304 for the steps of a rule (its cases) or of a default (NULL: any unit) */
void check_gaps(struct checker *c, const struct rule *r, const struct dnf *dnf,
                const struct step_place *step_at);
/* The rota's gaps in the days that a check looks at, kept; NULL for a check without a date. */
const struct gaps *check_gaps_of_rota(struct checker *c, const struct rota *r);
unsigned check_gap_days(const struct checker *c);
/* classes.c: cases whose codes have another class in the catalogue are impossible (E402, W406). */
void check_classes(struct checker *c, const struct rule *r, struct dnf *dnf);
/* Does the dimension of names (NULL: free) let this one pass, in any code? */
bool dim_takes(const struct dim *d, struct slice name);
/* lethal.c: E307 to E310, when the rule's conjuncts are known. */
void check_lethal(struct checker *c, const struct checked *k);
/* layers.c: the declared list (E211); the layer of a rule (E210) */
void layers_check(struct checker *c);
void layer_of(struct checker *c, const struct ast_node *rule, struct rule *r);
/* order.c: who wins; E401, E402, E405. */
void check_order(struct checker *c, struct checked *rules, size_t count);
/* worlds.c */
void check_worlds(struct checker *c);

#endif
