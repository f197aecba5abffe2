/* The samples of the field: each is read without a crash or a leak, and every HL7 v2 one into what stands in
 * expected/: its events, its changes, or its error. NIGHTBELL_GOLDEN=write stores what is read now, to be
 * reviewed by eye. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/reading_help.h"

/* Every message of a file: batches hold several. */
static void read_messages(struct arena *a, const struct event_source *src, struct slice bytes,
                          struct buf *out)
{
    struct slice rest = bytes, message;
    size_t messages = 0;
    for (; hl7_batch_next(&rest, &message); messages++)
        help_read_hl7(a, src, message, out);
    if (messages == 0)
        buf_text(out, "{\"messages\":0}\n");
}

static void each_file(const char *folder, bool fhir)
{
    struct help_site site = help_site_make();
    DIR *dir = opendir(folder);
    size_t files = 0;
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[1024];
        struct arena *a = arena_new();
        struct buf bytes = buf_make(HELP_BYTES_MAX), once = buf_make(HELP_BYTES_MAX),
                   twice = buf_make(HELP_BYTES_MAX);
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && help_read_file(path, &bytes)) {
            files++;
            for (int i = 0; i < 2; i++) {
                if (fhir)
                    help_read_fhir(a, &site.source, buf_slice(&bytes), i == 0 ? &once : &twice);
                else
                    read_messages(a, &site.source, buf_slice(&bytes), i == 0 ? &once : &twice);
            }
            if (getenv("NIGHTBELL_SHOW") != NULL)
                printf("== %s\n%.*s", entry->d_name, SLICE_ARG(buf_slice(&once)));
            if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
                fail_msg("%s is read differently a second time", entry->d_name);
        }
        buf_free(&bytes);
        buf_free(&once);
        buf_free(&twice);
        arena_free(&a);
    }
    closedir(dir);
    assert_true(files > 50);
    help_site_free(&site);
}

static void hl7_samples_are_read(void **state)
{
    (void)state;
    each_file(SAMPLES_DIR "/hl7v2", false);
}

static void fhir_samples_are_read(void **state)
{
    (void)state;
    each_file(SAMPLES_DIR "/fhir", true);
}

static const char *const golden_fhir[] = {
    "macm-communication-request-jembi.json", "r4-flag-example.json",     "r4-isik-communication.json",
    "r4-observation-blood-pressure.json",    "r4-observation-f001.json", "r4-encounter-f001.json",
    "r4-isik-appointment-icu.json",
};

static void check_golden(const struct event_source *src, const char *folder, const char *name, bool fhir)
{
    char path[1024];
    struct arena *a = arena_new();
    struct buf bytes = buf_make(HELP_BYTES_MAX), got = buf_make(HELP_BYTES_MAX);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!help_read_file(path, &bytes))
        fail_msg("%s cannot be opened", name);
    if (fhir)
        help_read_fhir(a, src, buf_slice(&bytes), &got);
    else
        read_messages(a, src, buf_slice(&bytes), &got);
    assert_true(help_golden(name, &got));
    buf_free(&bytes);
    buf_free(&got);
    arena_free(&a);
}

/* What a site says of a sender whose MSH-18 is not to be believed (`charset` of its listener). */
static const struct {
    const char *file, *charset, *fallback;
} charsets[] = {
    { "adt-a01-de-8859-15-declared-utf8-bytes.hl7", "UNICODE UTF-8", "" },
    { "siu-s12-inbound-nonstandard-date.hl7", "UNICODE UTF-8", "" },
};

static void every_hl7_sample_gives_what_is_expected(void **state)
{
    struct help_site site = help_site_make();
    DIR *dir = opendir(SAMPLES_DIR "/hl7v2");
    size_t files = 0;
    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "SOURCES.tsv") == 0)
            continue;
        struct event_source source = site.source;
        for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++) {
            if (strcmp(entry->d_name, charsets[i].file) != 0)
                continue;
            source.charset = slice_of(charsets[i].charset);
            source.charset_fallback = slice_of(charsets[i].fallback);
        }
        check_golden(&source, SAMPLES_DIR "/hl7v2", entry->d_name, false);
        files++;
    }
    closedir(dir);
    assert_true(files > 100);
    help_site_free(&site);
}

static void named_samples_give_these_events(void **state)
{
    struct help_site site = help_site_make();
    (void)state;
    for (size_t i = 0; i < sizeof golden_fhir / sizeof golden_fhir[0]; i++)
        check_golden(&site.source, SAMPLES_DIR "/fhir", golden_fhir[i], true);
    check_golden(&site.source, PROJECT_DIR "/examples/messages", "vfib.hl7", false);
    check_golden(&site.source, PROJECT_DIR "/examples/messages", "vfib-end.hl7", false);
    check_golden(&site.source, PROJECT_DIR "/examples/messages", "vfib-bundle.json", true);
    help_site_free(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hl7_samples_are_read),
        cmocka_unit_test(fhir_samples_are_read),
        cmocka_unit_test(every_hl7_sample_gives_what_is_expected),
        cmocka_unit_test(named_samples_give_these_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
