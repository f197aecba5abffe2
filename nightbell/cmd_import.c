/* nightbell/cmd_import.c - rules of another system as drafts of ours. */
#include "adapters/import/alertmanager.h"
#include "adapters/import/mirth.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "nightbell/site_load.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell import alertmanager|mirth FILE [--out SITE] [--endpoint NAME]\n"
    "\n"
    "Writes what FILE says (the routing tree of a Prometheus Alertmanager; an exported Mirth Connect "
    "channel) as "
    "rules\n"
    "with `mode draft`: they compile and never own an event until that line is taken out. Receivers and "
    "destinations\n"
    "become desks that ENDPOINT (phones) rings. What cannot be said exactly stands there as a comment that "
    "begins "
    "\"for\n"
    "a person\": JavaScript is never guessed at. To the terminal, or with --out into SITE/imported.bell and, "
    "for "
    "names of\n"
    "alerts, SITE/imported.csv.\n"
    "Exit codes: 0 written, 1 it could not be read or written, 2 wrong usage.\n";

static bool write_new(const char *site, const char *name, const char *head, const struct buf *text)
{
    char path[PATH_MAX];
    FILE *out =
        snprintf(path, sizeof path, "%s/%s", site, name) < (int)sizeof path ? fopen(path, "wx") : NULL;
    bool fine = out != NULL && fputs(head, out) >= 0 && fwrite(text->ptr, 1, text->len, out) == text->len;

    if (out != NULL)
        fine = fclose(out) == 0 && fine;
    if (fine)
        printf("wrote %s\n", path);
    else
        fprintf(stderr, "nightbell: %s: %s\n", path, strerror(errno));
    return fine;
}

static bool put_out(const struct import_draft *d, const char *site)
{
    static const char columns[] = "name,kind,class,system,code,source,text,unit,title,attended-ends\n";
    bool rows = d->catalogue.len > 0;

    if (site == NULL) {
        printf("language 1\n\n");
        fwrite(d->rules.ptr, 1, d->rules.len, stdout);
        if (rows)
            fprintf(stderr, "rows for the catalogue:\n%s%.*s", columns, (int)d->catalogue.len,
                    d->catalogue.ptr);
        return true;
    }
    return write_new(site, "imported.bell",
                     rows ? "language 1\ncatalogue \"imported.csv\"\n\n" : "language 1\n\n", &d->rules) &&
           (!rows || write_new(site, "imported.csv", columns, &d->catalogue));
}

/* A site that does not check yet is imported into all the same. */
static void know_desks(struct import_draft *d, const char *folder)
{
    struct error err = { .code = ERROR_NONE };
    struct site *site = folder != NULL ? site_load(folder, &err) : NULL;

    for (size_t i = 0; site != NULL && i < site->directory->desk_count; i++)
        draft_has_desk(d, site->directory->desks[i].name);
    site_free(&site);
}

static int run(int argc, char **argv)
{
    const char *site = NULL, *endpoint = "phones";
    const struct option_spec specs[] = { { .name = "--out", .value = &site },
                                         { .name = "--endpoint", .value = &endpoint },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    bool mirth = argc == 3 && strcmp(argv[1], "mirth") == 0;
    if (argc != 3 || (!mirth && strcmp(argv[1], "alertmanager") != 0))
        return usage_error(argv[0], "alertmanager or mirth, and one FILE are needed");
    struct import_draft *d = draft_new(endpoint);
    struct buf bytes = buf_make(IMPORT_BYTES);
    know_desks(d, site);
    bool fine = file_read(argv[2], &bytes, &err) &&
                (mirth ? import_mirth : import_alertmanager)(d, buf_slice(&bytes), &err);
    if (!fine)
        report(&err);
    fine = fine && put_out(d, site);
    if (fine)
        fprintf(stderr, "%zu rule%s drafted, %zu left for a person\n", d->written, d->written == 1 ? "" : "s",
                d->left);
    buf_free(&bytes);
    draft_free(&d);
    return fine ? COMMAND_DONE : COMMAND_NO;
}

const struct command command_import = { "import", "rules of an Alertmanager or of Mirth, as drafts", help,
                                        run };
