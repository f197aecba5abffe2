/* nightbell/router_site.c - sites and keys as the router takes them. */
#include "nightbell/router_state.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "nightbell/site_load.h"
#include "nightbell/site_trial.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The child that read the folder has checked it already; here the finding can only be an old record
 * that this version no longer takes. */
struct site *router_compile_site(void *ctx, struct slice bytes, struct error *err)
{
    (void)ctx;
    return site_from_record(bytes, err);
}

bool router_take_site(struct router *r, int memory_file, const struct site_origin *from, struct error *err)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct core_input in = { .kind = INPUT_SITE };
    struct core_result result = { .done = false };
    uint8_t now[HASH_BYTES];
    bool fine = memory_file_read(memory_file, &bytes, err);

    if (fine) {
        in.as.site.fileset = buf_slice(&bytes);
        in.as.site.by = from->by;
        in.as.site.how = from->how;
        hash_sha256(in.as.site.fileset, in.as.site.hash);
        bool same = core_site_hash(r->core, now) && memcmp(now, in.as.site.hash, sizeof now) == 0;
        fine = same || router_decide(r, &in, &result);
        if (fine && !same && !result.done) {
            *err = result.error;
            fine = error_set(err, ERROR_VALUE, "the site was not taken");
        }
    }
    buf_free(&bytes);
    return fine;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool demo_site(struct slice fileset, struct error *err)
{
    struct site *site = router_compile_site(NULL, fileset, err);
    bool demo = site != NULL && site->demo;

    site_free(&site);
    return demo;
}

static bool demo_keys(struct router *r, struct slice fileset, struct error *err)
{
    static const char path[] = "demo-keys/master.key";

    if (!is_there(path)) {
        if (is_there("journal.db"))
            return error_set(err, ERROR_AUTH,
                             "the data folder holds a journal: --key FILE says which key opens it");
        if (!demo_site(fileset, err))
            return error_set(err, ERROR_AUTH, "no --key FILE, and the site does not say `demo yes`");
        if (!keys_init("demo-keys", err))
            return false;
    }
    log_event(
        LOG_WARN, "router", "DEMO-KEYS", "warning",
        "the master key lies in the data folder: whoever copies the folder can read it. Not for patients.",
        NULL);
    r->keys = keys_load(path, err);
    return r->keys != NULL;
}

bool router_keys(struct router *r, struct slice fileset, struct error *err)
{
    const struct serve_options *o = r->env->options;

    if (o->key_file == NULL)
        return demo_keys(r, fileset, err);
    if (keys_inside(o->key_file, o->data_dir) && !o->insecure_demo)
        return error_set(
            err, ERROR_AUTH,
            "the master key lies inside the data folder: keep it elsewhere, or say --insecure-demo");
    r->keys = keys_load(o->key_file, err);
    return r->keys != NULL;
}
