/* What the standard knows of a path (hl7/names.h). */
#include "hl7/names.h"
#include "hl7/path_parts.h"

static bool field_known(struct slice segment, uint32_t field, struct error *err)
{
    uint32_t size = hl7_segment_size(segment);

    if (size == 0 || field <= size)
        return true;
    error_set(err, ERROR_UNKNOWN, "%.*s has no field %u", SLICE_ARG(segment), field);
    error_hint(err, "%.*s has fields 1 to %u", SLICE_ARG(segment), size);
    return false;
}

bool hl7_path_check(const struct hl7_path *path, struct error *err)
{
    for (size_t i = 0; i < path->step_count; i++) {
        const struct path_step *s = &path->steps[i];
        if (s->filtered && !field_known(s->segment, s->filter.field, err))
            return false;
    }
    return field_known(path_last(path)->segment, path->place.field, err);
}
