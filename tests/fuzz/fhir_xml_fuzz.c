/* Any bytes as FHIR XML: refused, or a tree that opens, whose Bundle can be walked. */
#include <stdlib.h>

#include "base/limits.h"
#include "fhir/bundle.h"
#include "fhir/tree.h"
#include "fhir/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf block = buf_make(LIMIT_BUS_FRAME_BYTES);
    struct error err = { .code = ERROR_NONE };
    struct fhir_tree tree;
    struct fhir_bundle bundle;
    struct fhir_focus focus;
    char where[FHIR_WHERE];

    if (fhir_xml_read((struct slice){ (const char *)data, size }, &block, &err)) {
        if (!fhir_tree_open(buf_slice(&block), &tree, &err))
            abort(); /* what we build, we must read */
        if (fhir_bundle_open(&tree, &bundle, &err))
            while (fhir_bundle_next(&bundle, &focus))
                fhir_where(&tree, focus.node, where);
    } else if (err.code == ERROR_NONE || err.message[0] == '\0') {
        abort(); /* a refusal says why */
    }
    if (fhir_tree_open((struct slice){ (const char *)data, size }, &tree, NULL))
        for (uint32_t i = 0; i < tree.count; i++)
            fhir_where(&tree, i, where);
    buf_free(&block);
    return 0;
}
