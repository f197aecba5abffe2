#include "nightbell/message_file.h"

#include "base/limits.h"
#include "fhir/json.h"
#include "fhir/xml.h"
#include "hl7/batch.h"

#include <string.h>

bool message_file_is_fhir(struct slice bytes, bool *xml)
{
    struct slice text = slice_trim(bytes), bom = SLICE("\xef\xbb\xbf");
    size_t at = slice_starts(text, bom) ? bom.len : 0;
    char first = text.len > at ? text.ptr[at] : '\0';

    *xml = first == '<';
    return first == '{' || first == '<';
}

const struct event_source *message_file_source(const struct site *site, const char *listener, bool fhir,
                                               struct error *err)
{
    const struct event_source *found = listener != NULL ? site_source(site, slice_of(listener)) : NULL;

    for (size_t i = 0; listener == NULL && found == NULL && i < site->block_count; i++)
        if (!site->blocks[i].endpoint && slice_is(site->blocks[i].kind, fhir ? "fhir" : "mllp"))
            found = site_source(site, site->blocks[i].name);
    if (found == NULL)
        error_set(err, ERROR_UNKNOWN, "the site has no listener for such a message");
    return found;
}

/* Messages of one file are all different, whatever they say. */
static struct message_input input(const struct event_source *src, enum message_format format,
                                  struct slice bytes, uint64_t number)
{
    struct message_input in = { .listener = src->listener, .format = format, .bytes = bytes };
    uint64_t half = slice_hash(bytes, number);

    memcpy(in.duplicate_key, &number, sizeof number);
    memcpy(in.duplicate_key + sizeof number, &half, sizeof half);
    return in;
}

bool message_file_each(struct slice bytes, const struct site *site, const char *listener,
                       bool (*each)(void *ctx, const struct message_input *in, size_t number,
                                    struct error *err),
                       void *ctx, struct error *err)
{
    bool xml, fhir = message_file_is_fhir(bytes, &xml), fine = true;
    const struct event_source *src = message_file_source(site, listener, fhir, err);
    struct buf tree = buf_make(LIMIT_BUS_FRAME_BYTES);
    struct slice rest = bytes, message;
    size_t number = 0;

    if (src == NULL)
        return false;
    if (fhir) {
        fine = xml ? fhir_xml_read(bytes, &tree, err) : fhir_json_read(bytes, &tree, err);
        struct message_input in = input(src, FORMAT_FHIR_TREE, buf_slice(&tree), ++number);
        fine = fine && each(ctx, &in, number, err);
    }
    while (!fhir && fine && hl7_batch_next(&rest, &message)) {
        struct message_input in = input(src, FORMAT_HL7V2, message, ++number);
        fine = each(ctx, &in, number, err);
    }
    buf_free(&tree);
    if (fine && number == 0)
        return error_set(err, ERROR_MISSING, "there is no MSH segment in the file");
    return fine;
}
