/* The one layout of *.bell files: what it looks like, and that it never changes more than white space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "rules/syntax/fmt.h"
#include "rules/syntax/parse.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { FILE_MAX = 1 << 20 };

/* The formatted text, or the empty slice when the file has errors; in the arena. */
static struct slice formatted(struct arena *a, struct slice text)
{
    struct source_file file = { SLICE("t.bell"), text };
    struct buf out = buf_make(2 * FILE_MAX);
    struct diagnostics d;

    diagnostics_init(&d, a, &file, 1);
    bool fine = syntax_format(a, &file, 0, &d, &out);
    struct slice result = fine ? arena_copy(a, buf_slice(&out)) : SLICE("");
    assert_true(fine || out.len == 0);
    assert_int_equal(fine, d.errors == 0);
    diagnostics_free(&d);
    buf_free(&out);
    return result;
}

static const struct {
    const char *name, *input, *expected;
} layouts[] = {
    { "a rule begins with its title, then what governs it, then a line each",
      "rule r{title \"T\" why \"W\" owner \"O\"\nreview 2027-01-01 when alarm starts and code is vfib hold "
      "15s "
      "unless value<80 % or missing notify a else b,c urgent after 30s if not accepted notify d after 2min "
      "if "
      "open notify e repeat all every 30s max 3}",
      "rule r { title \"T\"\n"
      "  why \"W\"  owner \"O\"  review 2027-01-01\n"
      "  when alarm starts and code is vfib\n"
      "  hold 15s unless value < 80 % or missing\n"
      "  notify a else b, c urgent\n"
      "  after 30s  if not accepted notify d\n"
      "  after 2min if open         notify e\n"
      "  repeat all every 30s max 3\n"
      "}\n" },
    { "a title that does not fit stands on a line of its own",
      "rule a-rule-with-a-name overrides another-rule-with-a-name, a-third-rule { title "
      "\"0123456789012345678901234"
      "5678901234567890123456789\" when call starts notify x }",
      "rule a-rule-with-a-name overrides another-rule-with-a-name, a-third-rule {\n"
      "  title \"01234567890123456789012345678901234567890123456789\"\n"
      "  when call starts\n  notify x\n}\n" },
    { "conditions wrap at the outermost joint that helps",
      "rule r { title \"T\" when result final and code in potassium and (abnormal in critical-high, "
      "critical-low or "
      "value >= 6.2 mmol/L if known or value <= 2.6 mmol/L if known) notify x }",
      "rule r { title \"T\"\n  when result final and code in potassium\n"
      "    and (abnormal in critical-high, critical-low or value >= 6.2 mmol/L if known or value <= 2.6 "
      "mmol/L if "
      "known)\n  notify x\n}\n" },
    { "signs", "shift s=19:00 - 07:00 , 08:00-09:00 on mon,tue",
      "shift s = 19:00-07:00, 08:00-09:00 on mon, tue\n" },
    { "a negative number and a dotted field",
      "rule r { title \"T\" when alarm starts and value < - 5 Cel if known and device . state is on notify x "
      "}",
      "rule r { title \"T\"\n  when alarm starts and value < -5 Cel if known and device.state is on\n  "
      "notify x\n}\n" },
    { "neighbours are aligned, an empty line parts them", "codes a = b\ncodes longer = c\n\n\n\ncodes d = e",
      "codes a      = b\ncodes longer = c\n\ncodes d = e\n" },
    { "members of a group are no declarations", "group g = oncall a, desk\nb, group c",
      "group g = oncall a, desk b, group c\n" },
    { "short blocks stand on one line", "unit \"5W\" \"West\" {\n beds \"01\" to \"24\"\n fallback desk d\n}",
      "unit \"5W\" \"West\" { beds \"01\" to \"24\"  fallback desk d }\n" },
    { "settings are told from their values",
      "listen mllp x { on \"a\" map philips places \"p\" sends starts, ends staff reach phones insecure ack "
      "nak }",
      "listen mllp x { on \"a\"  map philips  places \"p\"  sends starts, ends  staff reach phones  insecure "
      " ack nak }\n" },
    { "a comment keeps its block open", "unit \"5W\" { beds \"01\" # one\n fallback desk d }",
      "unit \"5W\" {\n  beds \"01\"           # one\n  fallback desk d\n}\n" },
    { "comments: at the line's end, inside a part, before else, before a brace, at the end of the file",
      "# first\nrule r { # head\ntitle \"T\"\nwhen alarm starts # when\nand code is x\nnotify a # of a\n# "
      "own\nelse b\n"
      "# last part\n}\n\n# end\n# of file",
      "# first\nrule r {  # head\n  title \"T\"\n  when alarm starts  # when\n    and code is x\n  notify "
      "a  # of a\n"
      "    # own\n    else b\n  # last part\n}\n\n# end\n# of file\n" },
    { "comments below each other stay so", "codes a = b         # one\ncodes longer = c    # two",
      "codes a      = b    # one\ncodes longer = c    # two\n" },
    { "no empty line at the edges of a block", "world w {\n\n away a\n\n\n away b\n\n}",
      "world w {\n  away a\n\n  away b\n}\n" },
    { "tests: times in one column",
      "test \"t\" with w { at 2026-10-14 02:10 away x 0s send alarm starts code vfib 10min expect nothing }",
      "test \"t\" with w {\n  at 2026-10-14 02:10\n  away x\n  0s    send alarm starts code vfib\n"
      "  10min expect nothing\n}\n" },
    { "a long list wraps",
      "codes many = aaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccccc, "
      "ddddddddddddddddddddddddddd",
      "codes many = aaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccccc,\n"
      "  ddddddddddddddddddddddddddd\n" },
    { "line ends of another system go", "codes a = b\r\n\r\n\r\n# x\r\n", "codes a = b\n\n# x\n" },
    { "only comments", "\n\n# a\n", NULL },
    { "syntax errors are refused", "rule r { title }", NULL },
};

static void layouts_are_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(layouts); i++) {
        struct arena *a = arena_new();
        struct slice in = arena_printf(a, "language 1\n%s", layouts[i].input);
        struct slice out = formatted(a, in);
        const char *want = layouts[i].expected;
        if (want == NULL && strcmp(layouts[i].name, "only comments") == 0)
            assert_true(slice_is(out, "language 1\n\n# a\n"));
        else if (want == NULL)
            assert_int_equal(out.len, 0);
        else if (!slice_eq(out, arena_printf(a, "language 1\n%s", want)))
            fail_msg("%s:\n%.*s", layouts[i].name, SLICE_ARG(out));
        arena_free(&a);
    }
}

/* --- properties over every file of the repository ----------------------------------------------------------
 */

static void put_tree(struct buf *out, const struct ast_node *n)
{
    buf_printf(out, "%s:%.*s:%lld(", ast_kind_name(n->kind), SLICE_ARG(n->text), (long long)n->number);
    for (const struct ast_node *c = n->child; c != NULL; c = c->next)
        put_tree(out, c);
    buf_text(out, ")");
}

/* The whole tree without its places; `errors` of the reading too. */
static struct slice tree(struct arena *a, struct slice text)
{
    struct source_file file = { SLICE("t.bell"), text };
    struct buf out = buf_make(16 * FILE_MAX);
    struct diagnostics d;

    diagnostics_init(&d, a, &file, 1);
    put_tree(&out, syntax_parse(a, &file, 1, &d));
    assert_int_equal(d.errors, 0);
    struct slice result = arena_copy(a, buf_slice(&out));
    diagnostics_free(&d);
    buf_free(&out);
    return result;
}

static void put_random(struct buf *out, struct prng *rng, bool line)
{
    static const char *const blanks[] = { " ", "\n", "\t", "   ", "\n\n\n", " \r\n ", "\n\t\t\n" };
    static const char *const on_line[] = { " ", "\t", "      " };

    buf_text(out, line ? on_line[prng_below(rng, COUNT(on_line))] : blanks[prng_below(rng, COUNT(blanks))]);
}

/* The same words and comments with other white space; nothing in the first column, where a declaration's
 * keyword says that a brace is missing. A comment that stands behind a word stays there. */
static struct slice shaken(struct arena *a, struct slice text, struct prng *rng)
{
    struct source_file file = { SLICE("t.bell"), text };
    struct buf out = buf_make(2 * FILE_MAX);
    struct token_list list;
    struct diagnostics d;

    diagnostics_init(&d, a, &file, 1);
    syntax_tokens(a, &file, 0, &d, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct token *t = &list.items[i];
        bool comment = t->class == TOKEN_COMMENT;
        bool behind = comment && i > 0 && list.items[i - 1].at.line == t->at.line;
        put_random(&out, rng, behind);
        buf_text(&out, comment && !behind ? "\n " : " ");
        buf_put(&out, t->text);
        if (comment)
            buf_text(&out, "\n");
    }
    struct slice result = arena_copy(a, buf_slice(&out));
    diagnostics_free(&d);
    buf_free(&out);
    return result;
}

/* Without empty lines, and with every run of blanks as one: columns depend on neighbours. */
static struct slice squeezed(struct arena *a, struct slice text)
{
    char *out = arena_alloc(a, text.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], last = n > 0 ? out[n - 1] : '\n';
        if ((c == ' ' && last == ' ') || (c == '\n' && last == '\n'))
            continue;
        out[n++] = c;
    }
    return (struct slice){ out, n };
}

static struct slice file_bytes(struct arena *a, const char *path)
{
    char *bytes = arena_alloc(a, FILE_MAX);
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    size_t len = fread(bytes, 1, FILE_MAX, f);
    fclose(f);
    return (struct slice){ bytes, len };
}

static void check_file(const char *path, struct prng *rng)
{
    struct arena *a = arena_new();
    struct slice text = file_bytes(a, path), once = formatted(a, text);

    if (once.len == 0) { /* has errors of syntax: left alone */
        arena_free(&a);
        return;
    }
    if (!slice_eq(formatted(a, once), once))
        fail_msg("%s: formatting it again changes it", path);
    assert_true(slice_eq(tree(a, text), tree(a, once)));
    for (int i = 0; i < 20; i++) {
        struct slice other = shaken(a, text, rng), again = formatted(a, other);
        if (!slice_eq(tree(a, text), tree(a, again)))
            fail_msg("%s: another tree, from\n%.*s", path, SLICE_ARG(other));
        if (!slice_eq(formatted(a, again), again))
            fail_msg("%s: formatting it again changes it, from\n%.*s", path, SLICE_ARG(other));
        if (!slice_eq(squeezed(a, once), squeezed(a, again)))
            fail_msg("%s: other white space gives another layout:\n%.*s", path, SLICE_ARG(again));
    }
    arena_free(&a);
}

static void every_file_keeps_its_meaning(void **state)
{
    static const char *const folders[] = { "examples/*/*.bell", "tests/rules/bell/*.bell",
                                           "tests/rules/errors/*.bell", "examples/*/*/*.bell" };
    struct prng rng = prng_make(20261122);
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(folders); i++) {
        char pattern[512];
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s/%s", PROJECT_DIR, folders[i]);
        if (glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++, seen++)
            check_file(found.gl_pathv[k], &rng);
        globfree(&found);
    }
    assert_true(seen > 50);
}

/* --- what the parser says fits -----------------------------------------------------------------------------
 */

static const struct {
    const char *name, *before, *word;
    bool fits;
} places[] = {
    { "a declaration begins", "language 1 ", "rule", true },
    { "no clause outside a rule", "language 1 ", "hold", false },
    { "a step after a clause", "rule r { title \"t\" when alarm starts hold 15s ", "notify", true },
    { "no title after when", "rule r { title \"t\" when alarm starts ", "title", false },
    { "a level behind a target", "default { notify a ", "urgent", true },
    { "if known after a check", "rule r { title \"t\" when alarm starts and value < 5 ", "if", true },
    { "or missing after a check", "rule r { title \"t\" when alarm starts and value < 5 ", "or missing",
      true },
    { "after an error, in the next rule", "rule a { bogus bogus }\nrule r { title \"t\" ", "when", true },
};

static void the_parser_says_what_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        struct arena *a = arena_new();
        struct slice text = arena_printf(a, "%snot }}}} \"looked at", places[i].before);
        struct source_file file = { SLICE("t.bell"), text };
        struct expected e;
        bool found = false;
        syntax_expected(a, &file, strlen(places[i].before), &e, NULL);
        for (size_t k = 0; k < e.word_count; k++)
            found = found || strcmp(e.words[k], places[i].word) == 0;
        if (found != places[i].fits)
            fail_msg("%s: \"%s\"", places[i].name, places[i].word);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(layouts_are_as_told),
                                        cmocka_unit_test(every_file_keeps_its_meaning),
                                        cmocka_unit_test(the_parser_says_what_fits) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
