/* rules/site/site.h - a whole site, compiled: what the router decides with.
 *
 * Immutable and self-contained (it copies what it needs of the fileset). Made by site_compile in the
 * router after a site record, and in a child for `check`. */
#ifndef NIGHTBELL_RULES_SITE_SITE_H
#define NIGHTBELL_RULES_SITE_SITE_H

#include "events/reading.h"
#include "roster/directory.h"
#include "rules/ruleset.h"
#include "rules/site/fileset.h"
#include "rules/syntax/diagnostics.h"

/* One `listen` or `endpoint` block, parsed generically: keys with their values in order. */
struct setting {
    struct slice key;           /* "on", "tls", "places", "ack", "on-bad", "client", "url", ... */
    const struct slice *values; /* words and strings as written, quotes gone */
    size_t value_count;
    struct span at;
};

struct block {
    bool endpoint;     /* false: listen */
    struct slice kind; /* "mllp", "fhir", "inbox", "jose", ... */
    struct slice name; /* "telemetry" */
    const struct setting *settings;
    size_t setting_count;
    struct span at;
};

const struct setting *block_setting(const struct block *b, struct slice key); /* NULL when not there */
/* The first value of a key, or `otherwise`. */
/* "8s", "2min": the value of a setting as microseconds; false for anything else. */
bool setting_duration(struct slice text, int64_t *us);
struct slice block_value(const struct block *b, struct slice key, struct slice otherwise);

/* What an adapter exports so that `check` knows its keys: rules/ knows no adapter. */
enum setting_form {
    FORM_ANY,
    FORM_NUMBER,  /* a whole number from 1 to 4294967295 */
    FORM_BYTES,   /* a whole number from 1 to LIMIT_MAX_MESSAGE */
    FORM_DURATION /* 8s, 500 is not one; s, min, h or d */
};
struct setting_schema {
    const char *key;
    unsigned least, most;     /* number of values */
    const char *const *first; /* NULL-ended list of words allowed as first value, or NULL = anything */
    bool required;
    enum setting_form form; /* of the first value, unless it is one of the words */
};
struct block_schema {
    bool endpoint;
    const char *kind;
    const struct setting_schema *settings; /* ended by .key == NULL */
};

/* `switch NAME "TITLE" set by ROLE max D`: read by `during NAME`, set by people (router/core.h). */
struct site_switch {
    struct slice name, title, set_by;
    int64_t max_us;
};

struct site {
    struct arena *arena;
    struct slice name;
    const struct tz *zone;
    bool demo; /* `demo yes` in the site block: demo keys may be made */
    const struct directory *directory;
    const struct catalogue *catalogue;
    const struct ruleset *rules;
    const struct block *blocks; /* listeners and endpoints */
    size_t block_count;
    const struct event_source *sources; /* one a listener, in block order of the listeners */
    size_t source_count;
    const struct site_switch *switches;
    size_t switch_count;
    const struct slice *warnings;
    size_t warning_count;
    unsigned shares; /* how many more times it was handed out than freed */
};

/* NULL when d has errors. d must be initialised with an arena; its list of files is set here and borrows
 * from `files`, which must outlive d. `demo yes` is written after the timezone: site general timezone "..."
 * demo yes. */
struct site *site_compile(const struct fileset *files, const struct block_schema *schemas,
                          size_t schema_count, struct diagnostics *d);
/* The same for a person who asks at `now_us` (wall clock): overdue `review` dates are told as well. */
struct site *site_check(const struct fileset *files, const struct block_schema *schemas, size_t schema_count,
                        int64_t now_us, struct diagnostics *d);
/* The same with the days from then on in which the roster must have somebody (E304); 0: 14. */
struct site *site_check_days(const struct fileset *files, const struct block_schema *schemas,
                             size_t schema_count, int64_t now_us, unsigned days, struct diagnostics *d);
void site_free(struct site **s);
/* The same site for one more owner, who frees it with site_free like the first; in one thread only. */
struct site *site_share(struct site *s);
/* A site like `base` with a directory of its own, to be changed in `own` (new lists in the new site's arena)
 * before anybody sees it; everything else is the base's, which it keeps alive. site_free it. */
struct site *site_variant(struct site *base, struct directory **own);
/* What the *.bell files say, as a tree in the arena; faults are left out without a word (site_compile
 * reports them). Files are counted as the fileset lists its *.bell files. */
const struct ast_node *site_program(const struct fileset *files, struct arena *a);
const struct block *site_block(const struct site *s, struct slice name);
const struct site_switch *site_switch(const struct site *s, struct slice name); /* NULL: there is none */
const struct event_source *site_source(const struct site *s, struct slice listener);
/* Time zone names that the *.bell files mention, so that the program can add "tz/..." entries first. */
size_t site_zones(const struct fileset *files, struct arena *a, const struct slice **zones);
/* Names of the files that the *.bell files mention (`use`, `catalogue`, `places`), as they stand in a
 * fileset; files that are there already are among them. A used file may mention more: ask again after adding.
 */
size_t site_files(const struct fileset *files, struct arena *a, const struct slice **names);
/* Where a *.bell file first mentions `name`, as "rules.bell:2" in the arena; empty when none does. */
struct slice site_mention_place(const struct fileset *files, struct arena *a, struct slice name);

/* Those of them that `rota ... from fhir` names. Whoever reads the folder adds for each, under
 * site_fhir_name, its tree (fhir/tree.h), or "error LINE COLUMN MESSAGE": the site is compiled where JSON and
 * XML are not. */
size_t site_fhir_files(const struct fileset *files, struct arena *a, const struct slice **names);
struct slice site_fhir_name(struct arena *a, struct slice name);

/* Those of them that `catalogue` declares, in the order in which they are read. */
size_t site_catalogues(const struct fileset *files, struct arena *a, const struct slice **names);

/* The *.bell files in the order in which site_compile numbers them in findings; texts and bytes are copied
 * into the arena. */
size_t site_bells(const struct fileset *files, struct arena *a, const struct source_file **list);

/* A path as a site writes it, relative to the site's folder, to the name in the fileset: "x.csv" stays,
 * "../common/x.csv" becomes ".shared/1/common/x.csv". False for a path that names no file. */
bool site_file_name(struct arena *a, struct slice path, struct slice *name);
/* And back: the path relative to the site's folder (or absolute). */
struct slice site_file_path(struct arena *a, struct slice name);

#endif
