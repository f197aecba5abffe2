/* Every sample: read whole, cut after every byte, and ending at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/batch.h"
#include "tests/guard.h"
#include "tests/hl7/walk.h"

#include <dirent.h>
#include <stdio.h>

enum { FILE_MAX = 1 << 20 };

static struct slice file_read(const char *name, char *into)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/hl7v2/%s", SAMPLES_DIR, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(into, 1, FILE_MAX, f);
    fclose(f);
    assert_true(len < FILE_MAX);
    return (struct slice){ into, len };
}

/* Samples that hold no readable message, and why (SOURCES.tsv). */
static const struct {
    const char *name;
    enum error_code code;
    const char *where;
} REFUSED[] = {
    { "msh-empty-encoding.hl7", ERROR_SYNTAX, "MSH-2" },
    { "fuzz-Exception_id_000099_sig_02_src_004226_004602_op_splice_rep_4.bin", ERROR_SYNTAX, "MSH-2" },
    { "fuzz-PipeParser_HL7Exception_so2.bin", ERROR_SYNTAX, "MSH-2" },
    { "fuzz-xception_id_000014_sig_02_src_000480_000349_op_splice_rep_32.bin", ERROR_SYNTAX, "MSH" },
    { "fuzz-xception_id_000064_sig_02_src_000051_000380_op_splice_rep_16.bin", ERROR_SYNTAX, "MSH-2" },
    { "siu-three-messages-stream.hl7", ERROR_SYNTAX, "MSH[2]" },
    { "batch-empty.hl7", ERROR_UNSUPPORTED, "" },
    { "file-fhs-full.hl7", ERROR_UNSUPPORTED, "" },
};

static void each_file(void (*visit)(const char *name, struct slice bytes))
{
    char *bytes = malloc(FILE_MAX);
    DIR *dir = opendir(SAMPLES_DIR "/hl7v2");
    int files = 0;

    assert_non_null(bytes);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.' || strcmp(e->d_name, "SOURCES.tsv") == 0)
            continue;
        visit(e->d_name, file_read(e->d_name, bytes));
        files++;
    }
    closedir(dir);
    free(bytes);
    assert_true(files > 100);
}

static void visit_whole(const char *name, struct slice bytes)
{
    struct arena *arena = arena_new();
    struct slice rest = bytes, message;
    size_t messages = 0, read = 0;

    walk_message(arena, bytes);
    for (; hl7_batch_next(&rest, &message); messages++) {
        struct error err = { 0 };
        arena_reset(arena);
        walk_message(arena, message);
        if (hl7_message_parse(arena, message, &err) != NULL)
            read++;
        else if (strncmp(name, "fuzz-", 5) != 0 && strncmp(name, "msh-empty", 9) != 0)
            print_message("%s: message %zu refused: %s %s\n", name, messages + 1, err.where, err.message);
    }
    bool bad = strncmp(name, "fuzz-", 5) == 0 || strncmp(name, "msh-empty", 9) == 0;
    assert_true(bad || read == messages);
    arena_free(&arena);
}

static void walk_guarded(struct arena *arena, struct slice bytes)
{
    struct guard guard = guard_make(bytes);

    arena_reset(arena);
    walk_message(arena, guard.bytes);
    guard_free(&guard);
}

static void visit_prefixes(const char *name, struct slice bytes)
{
    struct arena *arena = arena_new();
    size_t stride = bytes.len / 150 + 1;

    (void)name;
    for (size_t len = 0; len <= bytes.len; len += len < 200 ? 1 : stride)
        walk_guarded(arena, slice_sub(bytes, 0, len));
    walk_guarded(arena, bytes);
    arena_free(&arena);
}

static void every_sample_is_read_whole(void **state)
{
    (void)state;
    each_file(visit_whole);
}

static void every_sample_is_read_at_a_guard_page(void **state)
{
    (void)state;
    each_file(visit_prefixes);
}

static void what_has_no_meaning_is_refused(void **state)
{
    struct arena *arena = arena_new();
    char *bytes = malloc(FILE_MAX);

    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        struct error err = { 0 };
        assert_null(hl7_message_parse(arena, file_read(REFUSED[i].name, bytes), &err));
        assert_int_equal(err.code, REFUSED[i].code);
        assert_string_equal(err.where, REFUSED[i].where);
    }
    free(bytes);
    arena_free(&arena);
}

static void batches_give_their_messages(void **state)
{
    static const struct {
        const char *name;
        size_t messages;
    } ROWS[] = { { "siu-three-messages-stream.hl7", 3 },
                 { "batch-reportstream-az-5-19k.hl7", 5 },
                 { "batch-reportstream-two.hl7", 2 },
                 { "batch-empty.hl7", 0 },
                 { "batch-no-bts.hl7", 1 },
                 { "adt-a01-mickey.hl7", 1 } };
    char *bytes = malloc(FILE_MAX);

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct slice rest = file_read(ROWS[i].name, bytes), message;
        size_t n = 0;
        while (hl7_batch_next(&rest, &message))
            n++;
        if (n != ROWS[i].messages)
            fail_msg("%s: %zu messages", ROWS[i].name, n);
    }
    free(bytes);
}

/* A value of a sample, as the text that people meant. */
static void samples_say_what_they_mean(void **state)
{
    static const struct {
        const char *name, *path, *text;
    } ROWS[] = {
        { "adt-a24-component-sep-tilde.hl7", "MSH-9.2", "A24" },
        { "oru-r01-nonstandard-seps-va.hl7", "MSH-9.1", "ORU" },
        { "adt-a01-msh2-replacement-char.hl7", "PID-5.1", "Kiefer" },
        { "adt-a02-de-latin1.hl7", "MSH-9.2", "A02" },
        { "pcd05-draeger-delivered.hl7", "MSH-9.2", "R41" },
        { "pcd04-nist-ecg-tachy-3obr.hl7", "OBX[@3.1='68481']-5", "start" },
        { "pcd04-ihe-tf-e32-occlusion-end.hl7", "OBX[@3.1='68481']-5", "end" },
        { "nonstd-separators-dollar.hl7", "MSH-3", "GHH LAB" },
    };
    struct arena *arena = arena_new();
    char *bytes = malloc(FILE_MAX);

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        struct slice raw;
        struct hl7_message *m = hl7_message_parse(arena, file_read(ROWS[i].name, bytes), &err);
        if (m == NULL)
            fail_msg("%s: %s %s", ROWS[i].name, err.where, err.message);
        hl7_path_get(hl7_path_compile(arena, slice_of(ROWS[i].path), NULL), m, HL7_NONE, &raw, NULL);
        struct slice text = hl7_text(m, arena, raw);
        if (!slice_is(text, ROWS[i].text))
            fail_msg("%s %s: \"%.*s\"", ROWS[i].name, ROWS[i].path, SLICE_ARG(text));
    }
    free(bytes);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_is_read_whole),
        cmocka_unit_test(every_sample_is_read_at_a_guard_page),
        cmocka_unit_test(what_has_no_meaning_is_refused),
        cmocka_unit_test(batches_give_their_messages),
        cmocka_unit_test(samples_say_what_they_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
