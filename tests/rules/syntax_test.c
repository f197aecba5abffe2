/* The language parses as docs/rules/grammar.md says, and every fault is told with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/syntax/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct parsed {
    struct arena *arena;
    struct source_file file;
    struct diagnostics d;
    struct ast_node *program;
};

static void parse(struct parsed *p, struct slice text)
{
    *p = (struct parsed){ .arena = arena_new(), .file = { SLICE("t.bell"), text } };
    diagnostics_init(&p->d, p->arena, &p->file, 1);
    p->program = syntax_parse(p->arena, &p->file, 1, &p->d);
}

static void parsed_free(struct parsed *p)
{
    diagnostics_free(&p->d);
    arena_free(&p->arena);
}

static struct slice file_bytes(const char *name)
{
    char path[512];
    char *bytes = malloc(1 << 20);

    snprintf(path, sizeof path, "%s/tests/rules/bell/%s", PROJECT_DIR, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return (struct slice){ bytes, len };
}

static const char *const files[] = { "examples.bell", "tests.bell", "site.bell", "words.bell" };

static void every_example_parses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct slice bytes = file_bytes(files[i]);
        struct parsed p;
        struct buf text = buf_make(1 << 20);
        parse(&p, bytes);
        diagnostics_text(&p.d, false, &text);
        if (text.len > 0)
            print_error("%s:\n%.*s", files[i], SLICE_ARG(buf_slice(&text)));
        assert_int_equal(p.d.count, 0);
        assert_non_null(p.program->child);
        buf_free(&text);
        parsed_free(&p);
        free((void *)bytes.ptr);
    }
}

/* --- the tree ---------------------------------------------------------------------------------------- */

static void put_tree(struct buf *out, const struct ast_node *n)
{
    char name[32];
    size_t at = 0;

    for (const char *k = ast_kind_name(n->kind); *k != '\0' && at + 1 < sizeof name; k++)
        name[at++] = (char)(*k >= 'A' && *k <= 'Z' ? *k - 'A' + 'a' : *k);
    name[at] = '\0';
    buf_text(out, name);
    if (n->text.len > 0)
        buf_printf(out, ":%.*s", SLICE_ARG(n->text));
    if (n->child == NULL)
        return;
    buf_text(out, "(");
    for (const struct ast_node *c = n->child; c != NULL; c = c->next) {
        put_tree(out, c);
        buf_text(out, c->next != NULL ? " " : ")");
    }
}

static const struct {
    const char *name, *input, *expected;
} trees[] = {
    { "site", "site north timezone \"UTC\" demo yes", "site:north(zone:UTC demo)" },
    { "catalogue", "catalogue \"a.csv\", \"b.csv\"", "catalogue(string:a.csv string:b.csv)" },
    { "codes", "codes k = vfib, loinc:2823-3", "codes:k(name:vfib code:loinc:2823-3)" },
    { "shift", "shift n = 19:00-07:00, 08:00-09:00 on mon, sun",
      "shift:n(range(time:19:00 time:07:00) range(time:08:00 time:09:00) day:mon day:sun)" },
    { "switch", "switch s \"Storm\" set by charge-nurse max 4h",
      "switch:s(string:Storm name:charge-nurse duration:4h)" },
    { "desk with relay and reach", "desk d \"D\" staffed during day relay reach phones, pagers \"4711\"",
      "desk:d(string:D staffed(during:day) relay reach:phones reach:pagers(string:4711))" },
    { "group", "group g = oncall a, desk b, ana", "group:g(who_oncall:a who_desk:b who_role:ana)" },
    { "chain", "chain c { after 2min if open notify unit-desk  escalate d }",
      "chain:c(after(state_open notify(target(who_unit_desk))) escalate:d)" },
    { "message", "message m { lock \"a\" full \"b\" reply accept, done }",
      "message:m(lock:a full:b reply:accept reply:done)" },
    { "default for a kind", "default for result { ignore because \"x\" }", "default:result(ignore:x)" },
    { "rule in a layer with overrides",
      "rule r in unit overrides a, b { title \"t\" when call starts notify x }",
      "rule:r(in_layer:unit overrides(name:a name:b) title:t when(name:call name:starts) "
      "notify(target(who_role:x)))" },
    { "and, or, not",
      "rule r { title \"t\" when alarm starts and (a is b or not c is d and e is f) notify x }", NULL },
    { "condition",
      "rule r { title \"t\" when alarm starts and (a is b or not (c is d and e in f, g)) unless during night "
      "notify x }",
      "rule:r(title:t when(name:alarm name:starts or(atom(field:a is(name:b)) not(and(atom(field:c "
      "is(name:d)) "
      "atom(field:e in(name:f name:g))))) unless(atom(during:night))) notify(target(who_role:x)))" },
    { "numbers, units and absence",
      "rule r { title \"t\" when alarm starts and v < -80 % or missing and v >= 6.2 mmol/L if known and v is "
      "5 notify x }",
      "rule:r(title:t when(name:alarm name:starts atom(field:v less(quantity:-80(name:%)) or_missing) "
      "atom(field:v more_eq(quantity:6.2(name:mmol/L)) if_known) atom(field:v is(quantity:5))) "
      "notify(target(who_role:x)))" },
    { "units of letters and of signs",
      "rule r { title \"t\" when alarm starts and v < 80 mmHg and v < 9 10*3/uL and v < 20 /min and v < 7 "
      "[pH] and "
      "v < 4 mm[Hg] notify x }",
      "rule:r(title:t when(name:alarm name:starts atom(field:v less(quantity:80(name:mmHg))) "
      "atom(field:v less(quantity:9(name:10*3/uL))) atom(field:v less(quantity:20(name:/min))) "
      "atom(field:v less(quantity:7(name:[pH]))) atom(field:v less(quantity:4(name:mm[Hg])))) "
      "notify(target(who_role:x)))" },
    { "raw, fhir, like, within",
      "rule r { title \"t\" when alarm starts and raw \"OBX-5\" as number > 3 and fhir \"A.b\" like \"x*\" "
      "and start within 30min "
      "and start not within 1h notify x }",
      "rule:r(title:t when(name:alarm name:starts atom(raw:OBX-5(as:number) more(quantity:3)) atom(fhir:A.b "
      "like:x*) "
      "atom(field:start within:30min) atom(field:start not_within:1h)) notify(target(who_role:x)))" },
    { "clauses",
      "rule r { title \"t\" why \"w\" owner \"o\" review 2027-03-01 mode draft when alarm starts "
      "hold 15s unless v < 1 dedupe 3min by patient, code bundle 1min by clinic limit 3 per 1h "
      "suppress while a, b open same patient, unit max 30min deliver during day need 1 from oncall a, 2 "
      "accepts "
      "lease 2min expire 1h stop on accepted, ended notify x }",
      "rule:r(title:t why:w owner:o review:2027-03-01 mode:draft when(name:alarm name:starts) "
      "hold(unless(atom(field:v less(quantity:1)))) dedupe(field:patient field:code) bundle(field:clinic) "
      "limit(duration:1h) suppress(name:a name:b field:patient field:unit duration:30min) "
      "deliver(during:day) "
      "need(needed(who_oncall:a) needed) lease expire stop(name:accepted name:ended) "
      "notify(target(who_role:x)))" },
    { "who",
      "chain c { notify oncall a of patient.service else turn of group g else least of group g else everyone "
      "of \"5W\", "
      "covering ordering-provider via oncall m, charge-nurse of \"5W\", x of prior-unit silent fyi using m "
      "repeat all every 9s max 2 }",
      "chain:c(notify(target(who_oncall:a(of(field:patient.service)) who_turn:g who_least:g "
      "who_everyone(of(string:5W))) "
      "target(who_covering:ordering-provider(via:m)) target(who_role:charge-nurse(of(string:5W))) "
      "target(who_role:x(of(field:prior-unit))) level:silent fyi using:m) repeat(all duration:9s))" },
    { "keywords are names where the grammar takes none",
      "rule full { title \"t\" when alarm starts and code in test, urgent, normal, rule and full is lock "
      "notify file of \"5W\", open }",
      "rule:full(title:t when(name:alarm name:starts atom(field:code in(name:test name:urgent name:normal "
      "name:rule)) "
      "atom(field:full is(name:lock))) notify(target(who_role:file(of(string:5W))) target(who_role:open)))" },
    { "world",
      "world w { patient p unit \"5W\" has fall-risk patient q  move p to \"ICU\" \"1\"  away ana  switch s "
      "on }",
      "world:w(fact:patient(name:p entry:unit(string:5W) has:fall-risk) fact:patient(name:q) "
      "fact:move(name:p string:ICU string:1) fact:away(name:ana) fact:switch(name:s name:on))" },
    { "test",
      "test \"t\" with w all { at 2026-11-01 01:30 second away ana 0s send alarm starts code vfib value 86 % "
      "patient p "
      "0s expect ana urgent fyi rule r text \"x\" 1s expect desk d 1s back ana 2s restart 3s accept ana 1h "
      "expect nothing }",
      "test:t(with:w all at(datetime(date:2026-11-01 time:01:30) name:second) fact:away(name:ana) "
      "action:send(name:alarm name:starts entry:code(name:vfib) entry:value(quantity:86(name:%)) "
      "entry:patient(name:p)) "
      "action:expect(name:ana level:urgent fyi rule:r string:x) action:expect(who_desk:d) "
      "action:fact(fact:back(name:ana)) "
      "action:restart action:accept(name:ana) action:expect)" },
    { "rota",
      "rota a.b \"T\" { zone \"UTC\" every 3d from 2026-11-02 07:00 x, y override 2026-12-24 19:00 to "
      "2026-12-25 07:00 z }",
      "rota:a.b(string:T zone:UTC weekly:3d(datetime(date:2026-11-02 time:07:00) name:x name:y) "
      "override(from(datetime(date:2026-12-24 time:19:00)) to(datetime(date:2026-12-25 time:07:00)) "
      "name:z))" },
    { "settings",
      "listen mllp t { on \"a\" insecure map philips ack by-header processing P, T expect every 60s size 5 }",
      "listen:t(name:mllp setting:on(string:a) setting:insecure setting:map(name:philips) "
      "setting:ack(name:by-header) "
      "setting:processing(name:P name:T) setting:expect(name:every duration:60s) setting:size(number:5))" },
    { "map", "map m { based on pcd04 text \"A\" is x code \"0\" text \"B\" is y code MDC:1 is z }",
      "map:m(based_on:pcd04 entry:x(string:A) entry:y(code:0 string:B) entry:z(code:MDC:1))" },
    { "unit and assign",
      "unit \"5W\" { beds \"01\" to \"03\", \"9\" fallback desk d } assign a r of \"5W\" beds \"01\" during "
      "n",
      "unit:5W(beds(range(string:01 string:03) string:9) fallback:d) assign:a(name:r of(string:5W) "
      "beds(string:01) during:n)" },
    { "escapes", "places p = \"a\\\"b\\\\c\\n\"", "places:p(string:a\"b\\c\n)" },
};

static void the_tree_is_as_written_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(trees); i++) {
        struct parsed p;
        struct buf source = buf_make(1 << 16), tree = buf_make(1 << 16);
        buf_printf(&source, "language 1\n%s\n", trees[i].input);
        parse(&p, buf_slice(&source));
        if (trees[i].expected == NULL) {
            assert_true(p.d.errors > 0);
        } else {
            assert_int_equal(p.d.errors, 0);
            for (const struct ast_node *n = p.program->child->child->next; n != NULL; n = n->next) {
                put_tree(&tree, n);
                buf_text(&tree, n->next != NULL ? " " : "");
            }
            buf_u8(&tree, 0);
            assert_string_equal(tree.ptr, trees[i].expected);
        }
        parsed_free(&p);
        buf_free(&source);
        buf_free(&tree);
    }
}

/* --- robust ----------------------------------------------------------------------------------------------
 */

/* Every prefix of the examples has a tree and an end, and no prefix of a file with an open block is fine. */
static void every_prefix_has_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct slice bytes = file_bytes(files[i]);
        size_t step = bytes.len > 4000 ? 7 : 3;
        for (size_t len = 0; len <= bytes.len; len += step) {
            struct parsed p;
            char *exact = malloc(len > 0 ? len : 1); /* so that a read past the end is seen */
            memcpy(exact, bytes.ptr, len);
            parse(&p, (struct slice){ exact, len });
            assert_non_null(p.program);
            parsed_free(&p);
            free(exact);
        }
        free((void *)bytes.ptr);
    }
}

static void nesting_is_bounded(void **state)
{
    struct buf source = buf_make(1 << 20);
    struct parsed p;

    (void)state;
    buf_text(&source, "language 1 rule r { title \"t\" when alarm starts and ");
    for (int i = 0; i < 100000; i++)
        buf_text(&source, "(");
    parse(&p, buf_slice(&source));
    assert_true(p.d.errors > 0);
    assert_int_equal(p.d.items[0].number, 107);
    assert_non_null(strstr(p.d.items[0].message.ptr, "nesting"));
    parsed_free(&p);
    buf_free(&source);
}

static void findings_are_bounded(void **state)
{
    struct buf source = buf_make(1 << 20), text = buf_make(1 << 24);
    struct parsed p;

    (void)state;
    buf_text(&source, "language 1\n");
    for (int i = 0; i < 5000; i++)
        buf_text(&source, "rule r { x }\n");
    parse(&p, buf_slice(&source));
    assert_true(p.d.errors >= 5000);
    assert_true(p.d.count < 5000 && p.d.dropped > 0);
    diagnostics_text(&p.d, true, &text);
    assert_false(text.failed);
    buf_free(&text);
    buf_free(&source);
    parsed_free(&p);
}

static void json_is_one_object_a_line(void **state)
{
    struct parsed p;
    struct buf out = buf_make(4096);

    (void)state;
    parse(&p, SLICE("language 1\nrule \"x\" { }\n"));
    diagnostics_json(&p.d, &out);
    buf_u8(&out, 0);
    assert_string_equal(
        out.ptr, "{\"severity\":\"error\",\"number\":\"E101\",\"file\":\"t.bell\",\"line\":2,\"column\":6,"
                 "\"length\":3,\"message\":\"unexpected text \\\"x\\\", expected a name\",\"hint\":\"names "
                 "stand without quotes, words joined by hyphens: "
                 "low-heart-rate\"}\n");
    buf_free(&out);
    parsed_free(&p);
}

static void nearest_names(void **state)
{
    static const struct slice names[] = { SLICE_INIT("vfib"), SLICE_INIT("vtach"),
                                          SLICE_INIT("rapid-response") };

    (void)state;
    assert_string_equal(diagnose_nearest(SLICE("v-fib"), names, 3).ptr, "vfib");
    assert_string_equal(diagnose_nearest(SLICE("rapid-respons"), names, 3).ptr, "rapid-response");
    assert_string_equal(diagnose_nearest(SLICE("vtahc"), names, 3).ptr, "vtach");
    assert_int_equal(diagnose_nearest(SLICE("potassium"), names, 3).len, 0);
    assert_int_equal(diagnose_nearest(SLICE(""), names, 3).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_parses),
        cmocka_unit_test(the_tree_is_as_written_down),
        cmocka_unit_test(every_prefix_has_an_answer),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(findings_are_bounded),
        cmocka_unit_test(json_is_one_object_a_line),
        cmocka_unit_test(nearest_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
