/* lab/test_parts.h - the parts of the runner behind lab/tests.h; nobody else includes it. */
#ifndef NIGHTBELL_LAB_TEST_PARTS_H
#define NIGHTBELL_LAB_TEST_PARTS_H

#include "base/map.h"
#include "lab/cover_count.h"
#include "lab/lab.h"
#include "lab/tests.h"
#include "rules/syntax/ast.h"

/* --- test_sites.c: sites by their fileset's bytes, compiled once ------------------------------------ */
struct test_sites {
    const struct lab_tests_options *options;
    struct map *compiled;         /* bytes -> struct site, owned */
    struct cover_count *coverage; /* NULL: not counted */
};
/* What is on call in a test beside the site's own rotas: an entry of the fileset that only the lab reads. */
struct test_duty {
    struct slice what, first, second; /* "oncall" rota person, or "covers" person person */
};
void test_sites_init(struct test_sites *s, const struct lab_tests_options *options);
void test_sites_free(struct test_sites *s);
/* The hook that counts coverage. */
void test_sites_asked(void *sites, const struct ruleset *rules, const struct event *e,
                      const struct eval_now *now);
/* The hook of core_hooks: gives one more share of the compiled site. */
struct site *test_sites_compile(void *sites, struct slice fileset, struct error *err);
/* The bytes of these files with what is on call added; arena-owned. */
struct slice test_fileset(struct arena *a, const struct fileset *files, const struct test_duty *duty,
                          size_t count);
/* The files of a site after `load PATH`: the file of that name is replaced, or added. NULL with an error when
 * the site has no such file. */
struct fileset *test_files_loaded(const struct fileset *files, struct slice path, struct error *err);

/* --- one test while it runs ------------------------------------------------------------------------- */
struct test_patient {
    struct slice name; /* as the test calls him */
    struct patient is;
    struct place place;
};

struct test_run {
    struct arena *arena; /* the report's */
    struct test_sites *sites;
    const struct fileset *files; /* those in force: the run's, or what `load` made of them */
    struct fileset *loaded;      /* owned; NULL before a `load` */
    const struct ast_node *test, *world;
    struct lab *lab;
    struct test_patient *patients;
    size_t patient_count, patient_room;
    struct test_duty *duty;
    size_t duty_count, duty_room;
    size_t sent, restarts, results;
    struct lab_test_row *refused; /* what the core would not take */
    size_t refused_count, refused_room;
    uint32_t line; /* of the action in hand */
};

/* Notes why an action could not be done: the test fails at this moment. Gives false. */
bool test_refuse(struct test_run *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
const struct site *test_site(const struct test_run *t); /* the one in force */

/* --- test_facts.c, test_event.c, test_play.c --------------------------------------------------------- */
/* One fact becomes the input that it is. */
void test_fact(struct test_run *t, const struct ast_node *fact);
/* What is on call has changed: the site comes again with it. */
void test_duty_apply(struct test_run *t);
struct test_patient *test_patient(const struct test_run *t, struct slice name);
/* `send KIND PHASE entries`, and `send file`. */
void test_send(struct test_run *t, const struct ast_node *action);
/* The listener that a test means when it names none: the first that takes HL7 v2 or FHIR; empty: none. */
struct slice test_listener(const struct test_run *t, const struct ast_node *action);
/* Plays every fact and action in virtual time. */
void test_play(struct test_run *t);

/* --- test_judge.c: what came against what was expected ----------------------------------------------- */
void test_judge(struct test_run *t, struct lab_test_result *out);
/* "carla urgent fyi" */
struct slice test_words(struct arena *a, struct slice holder, bool desk, enum notify_level level, bool fyi);

#endif
