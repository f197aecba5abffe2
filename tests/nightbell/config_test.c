/* What the router tells the others of a site arrives as it was; options are taken as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "nightbell/commands.h"
#include "nightbell/config.h"

static bool two_tokens(void *ctx, size_t index, struct config_token *out)
{
    (void)ctx;
    *out = (struct config_token){ .listener = SLICE("ehr"), .name = SLICE("epic \"main\"") };
    memset(out->hash, (int)index + 0xa0, sizeof out->hash);
    return index < 2;
}

static void a_configuration_goes_round(void **state)
{
    static const struct slice on[] = { SLICE_INIT("127.0.0.1:2575") },
                              tls[] = { SLICE_INIT("mutual"), SLICE_INIT("tls/\xc3\xa9") };
    static const struct setting settings[] = {
        { .key = SLICE_INIT("on"), .values = on, .value_count = 1 },
        { .key = SLICE_INIT("tls"), .values = tls, .value_count = 2 },
        { .key = SLICE_INIT("insecure") },
    };
    static const struct block blocks[] = {
        { .kind = SLICE_INIT("mllp"),
          .name = SLICE_INIT("telemetry"),
          .settings = settings,
          .setting_count = 3 },
        { .endpoint = true, .kind = SLICE_INIT("inbox"), .name = SLICE_INIT("phones") },
    };
    const struct site site = { .name = SLICE("General"), .demo = true, .blocks = blocks, .block_count = 2 };
    struct buf json = buf_make(1 << 16);
    struct error err = { .code = ERROR_NONE };

    (void)state;
    config_write(&json, &site, 60000, two_tokens, NULL);
    struct config *c = config_read(buf_slice(&json), &err);
    assert_non_null(c);
    assert_true(slice_is(c->site, "General"));
    assert_true(c->demo);
    assert_int_equal(c->rate_permille, 60000);
    assert_int_equal(c->block_count, 2);
    assert_false(c->blocks[0].endpoint);
    assert_true(c->blocks[1].endpoint);
    assert_true(slice_is(block_value(&c->blocks[0], SLICE("on"), SLICE("")), "127.0.0.1:2575"));
    const struct setting *t = block_setting(&c->blocks[0], SLICE("tls"));
    assert_int_equal(t->value_count, 2);
    assert_true(slice_is(t->values[1], "tls/\xc3\xa9"));
    assert_non_null(block_setting(&c->blocks[0], SLICE("insecure")));
    assert_int_equal(block_setting(&c->blocks[0], SLICE("insecure"))->value_count, 0);
    assert_int_equal(c->token_count, 2);
    assert_true(slice_is(c->tokens[1].name, "epic \"main\""));
    assert_int_equal(c->tokens[0].hash[31], 0xa0);
    assert_int_equal(c->tokens[1].hash[0], 0xa1);
    assert_int_equal(config_number(&c->blocks[0], "max-message", 7), 7);
    config_free(&c);
    buf_free(&json);
}

static void what_is_no_configuration_is_refused_or_empty(void **state)
{
    static const char *const texts[] = { "", "[]", "{", "{\"a\":1,\"a\":2}", "\"x\"", "null" };
    static const char *const odd[] = { "{}", "{\"blocks\":7,\"tokens\":{}}",
                                       "{\"blocks\":[7,{\"settings\":[[],[1],7]}]}",
                                       "{\"tokens\":[{\"hash\":\"zz\"},{\"hash\":\"00\"},7]}" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = { .code = ERROR_NONE };
        assert_null(config_read(slice_of(texts[i]), &err));
        assert_int_equal(err.code, ERROR_SYNTAX);
    }
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct error err = { .code = ERROR_NONE };
        struct config *c = config_read(slice_of(odd[i]), &err);
        assert_non_null(c);
        config_free(&c);
    }
}

/* --- options --- */

struct taken {
    const char *data;
    bool flag;
    char each[64];
};

static bool keep_each(void *ctx, const char *value)
{
    struct taken *t = ctx;

    strncat(t->each, value, sizeof t->each - strlen(t->each) - 2);
    strcat(t->each, ";");
    return strcmp(value, "bad") != 0;
}

static const struct {
    const char *name;
    const char *args[8];
    bool fine;
    int left;
    const char *data, *each;
    bool flag;
} lines[] = {
    { "nothing", { NULL }, true, 1, NULL, "", false },
    { "operands stay", { "a", "b" }, true, 3, NULL, "", false },
    { "a value behind", { "a", "--data", "d", "b" }, true, 3, "d", "", false },
    { "a value inside", { "--data=d=e" }, true, 1, "d=e", "", false },
    { "an empty value", { "--data=" }, true, 1, "", "", false },
    { "the last one counts", { "--data", "a", "--data", "b" }, true, 1, "b", "", false },
    { "no value", { "a", "--data" }, false, 0, NULL, "", false },
    { "a flag", { "--single", "a" }, true, 2, NULL, "", true },
    { "a flag takes no value", { "--single=yes" }, false, 0, NULL, "", false },
    { "several", { "--listen", "a=1", "--listen=b=2" }, true, 1, NULL, "a=1;b=2;", false },
    { "one of several is wrong", { "--listen", "bad" }, false, 0, NULL, "", false },
    { "not known", { "--what" }, false, 0, NULL, "", false },
    { "a longer name", { "--database" }, false, 0, NULL, "", false },
    { "words only", { "--", "--data", "--x" }, true, 3, NULL, "", false },
    { "a dash is a word", { "-" }, true, 2, NULL, "", false },
};

static void options_are_taken_from_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct taken t = { .data = NULL };
        const struct option_spec specs[] = { { .name = "--data", .value = &t.data },
                                             { .name = "--single", .flag = &t.flag },
                                             { .name = "--listen", .each = keep_each, .ctx = &t },
                                             { .name = NULL } };
        char words[10][16] = { "command" };
        char *argv[10] = { words[0] };
        int argc = 1;
        for (; lines[i].args[argc - 1] != NULL; argc++) {
            strcpy(words[argc], lines[i].args[argc - 1]);
            argv[argc] = words[argc];
        }
        bool fine = options_take(&argc, argv, specs);
        if (fine != lines[i].fine)
            fail_msg("%s", lines[i].name);
        if (!fine)
            continue;
        assert_int_equal(argc, lines[i].left);
        assert_null(argv[argc]);
        assert_int_equal(t.flag, lines[i].flag);
        assert_string_equal(t.each, lines[i].each);
        assert_true((t.data == NULL) == (lines[i].data == NULL));
        if (t.data != NULL)
            assert_string_equal(t.data, lines[i].data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_goes_round),
        cmocka_unit_test(what_is_no_configuration_is_refused_or_empty),
        cmocka_unit_test(options_are_taken_from_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
