#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fhir/fhir_helpers.h"

static const char BUNDLE[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
    "{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\"}},"
    "{\"fullUrl\":\"http://h/fhir/Location/b4\",\"resource\":{\"resourceType\":\"Location\",\"id\":\"b4\"}},"
    "{\"resource\":{\"resourceType\":\"Observation\",\"contained\":[{\"resourceType\":\"Device\",\"id\":"
    "\"d\"}],"
    "\"valueQuantity\":{\"value\":1.50},\"a b\":{\"x\":1}}}]}";

static void test_walk(void **state)
{
    (void)state;
    struct doc d = doc_json(BUNDLE);
    char where[FHIR_WHERE];
    assert_true(d.ok);
    uint32_t entry = fhir_child(&d.tree, 0, "entry");
    uint32_t obs = fhir_child(&d.tree, fhir_item(&d.tree, entry, 2), "resource");
    uint32_t value = fhir_find(&d.tree, obs, "valueQuantity.value");
    assert_int_equal(fhir_count(&d.tree, entry), 3);
    assert_int_equal(fhir_item(&d.tree, entry, 3), FHIR_NONE);
    assert_true(slice_is(fhir_text(&d.tree, value), "1.50"));
    assert_int_equal(fhir_resource_of(&d.tree, value), obs);
    assert_string_equal(fhir_where(&d.tree, obs, where), "Bundle.entry[2].resource");
    assert_string_equal(fhir_where(&d.tree, value, where), "Bundle.entry[2].resource.valueQuantity.value");
    assert_non_null(strstr(fhir_where(&d.tree, fhir_find(&d.tree, obs, "a b.x"), where), "resource.?.x"));
    doc_free(&d);
}

static void test_resolve(void **state)
{
    static const struct {
        const char *reference, *type; /* NULL: not found */
    } rows[] = {
        { "#d", "Device" },
        { "#e", NULL },
        { "Patient/p1", "Patient" },
        { "urn:uuid:1", "Patient" },
        { "urn:uuid:2", NULL },
        { "Location/b4/_history/3", "Location" },
        { "http://h/fhir/Location/b4", "Location" },
        { "http://h/fhir/Location/b5", NULL },
        { "XPatient/p1", NULL },
        { "", NULL },
        { "Patient/", NULL },
    };
    (void)state;
    struct doc d = doc_json(BUNDLE);
    uint32_t obs = fhir_child(&d.tree, fhir_item(&d.tree, fhir_child(&d.tree, 0, "entry"), 2), "resource");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t node =
            fhir_resolve(&d.tree, fhir_child(&d.tree, obs, "valueQuantity"), slice_of(rows[i].reference));
        if (!slice_is(fhir_type(&d.tree, node), rows[i].type != NULL ? rows[i].type : ""))
            fail_msg("%s", rows[i].reference);
    }
    doc_free(&d);
}

static void test_nothing_is_total(void **state)
{
    struct fhir_tree t = { .count = 0 };
    char where[FHIR_WHERE];
    (void)state;
    assert_int_equal(fhir_kind(&t, 0), FHIR_NULL);
    assert_int_equal(fhir_name(&t, FHIR_NONE).len, 0);
    assert_int_equal(fhir_first(&t, 0), FHIR_NONE);
    assert_int_equal(fhir_next(&t, 7), FHIR_NONE);
    assert_int_equal(fhir_find(&t, 0, "a.b"), FHIR_NONE);
    assert_int_equal(fhir_resolve(&t, 0, SLICE("Patient/1")), FHIR_NONE);
    assert_string_equal(fhir_where(&t, 0, where), "");
}

/* Every one-bit change and every prefix of a block is either refused or a tree that can be walked. */
static void test_damaged_blocks(void **state)
{
    (void)state;
    struct doc d = doc_json(BUNDLE);
    struct slice block = buf_slice(&d.block);
    for (size_t len = 0; len < block.len; len++) {
        struct fhir_tree t;
        void *map;
        size_t map_len;
        assert_false(fhir_tree_open(guarded(slice_sub(block, 0, len), &map, &map_len), &t, NULL));
        munmap(map, map_len);
    }
    void *map;
    size_t map_len;
    struct slice copy = guarded(block, &map, &map_len);
    for (size_t bit = 0; bit < block.len * 8; bit++) {
        char *at = (char *)(uintptr_t)copy.ptr + bit / 8;
        struct fhir_tree t;
        char where[FHIR_WHERE];
        *at = (char)(*at ^ (1 << bit % 8));
        if (fhir_tree_open(copy, &t, NULL))
            for (uint32_t i = 0; i < t.count; i++) {
                fhir_where(&t, i, where);
                fhir_resolve(&t, i, SLICE("Patient/p1"));
            }
        *at = (char)(*at ^ (1 << bit % 8));
    }
    munmap(map, map_len);
    doc_free(&d);
}

static void test_versions(void **state)
{
    (void)state;
    struct doc d = doc_json(BUNDLE);
    struct fhir_tree t;
    struct error err = { .code = ERROR_NONE };
    d.block.ptr[3] = 2;
    assert_false(fhir_tree_open(buf_slice(&d.block), &t, &err));
    assert_int_equal(err.code, ERROR_VERSION);
    doc_free(&d);
}

static void test_builder_refuses(void **state)
{
    struct buf out = buf_make(4096);
    struct error err = { .code = ERROR_NONE };
    (void)state;
    struct fhir_builder *b = fhir_builder_new();
    fhir_builder_open(b, (struct slice){ NULL, 0 }, FHIR_OBJECT);
    fhir_builder_leaf(b, SLICE("a"), FHIR_NUMBER, SLICE("1,5"));
    fhir_builder_close(b);
    assert_false(fhir_builder_finish(b, &out, &err));
    assert_int_equal(err.code, ERROR_SYNTAX);
    fhir_builder_free(&b);
    b = fhir_builder_new();
    fhir_builder_open(b, (struct slice){ NULL, 0 }, FHIR_OBJECT);
    assert_false(fhir_builder_finish(b, &out, NULL));
    fhir_builder_free(&b);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_nothing_is_total),
        cmocka_unit_test(test_damaged_blocks),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_builder_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
