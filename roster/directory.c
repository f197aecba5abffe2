/* A site has tens of units and hundreds of people; a walk in declared order keeps answers deterministic. */
#include "roster/directory.h"

const struct unit *directory_unit(const struct directory *d, struct slice name)
{
    for (size_t i = 0; i < d->unit_count; i++)
        if (slice_eq(d->units[i].name, name))
            return &d->units[i];
    return NULL;
}

bool directory_id_fold(struct slice id, char *out, struct slice *folded)
{
    if (id.len > DIRECTORY_ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++)
        out[i] = id.ptr[i] >= 'A' && id.ptr[i] <= 'Z' ? (char)(id.ptr[i] - 'A' + 'a') : id.ptr[i];
    *folded = (struct slice){ out, id.len };
    return true;
}

const struct person *directory_person(const struct directory *d, struct slice name)
{
    if (d->by_name != NULL)
        return map_get(d->by_name, name);
    for (size_t i = 0; i < d->person_count; i++)
        if (slice_eq(d->persons[i].name, name))
            return &d->persons[i];
    return NULL;
}

const struct person *directory_person_by_id(const struct directory *d, struct slice id)
{
    char text[DIRECTORY_ID_MAX];
    struct slice folded;

    if (id.len == 0)
        return NULL;
    if (d->by_id != NULL)
        return directory_id_fold(id, text, &folded) ? map_get(d->by_id, folded) : NULL;
    for (size_t i = 0; i < d->person_count; i++)
        if (slice_eq_nocase(d->persons[i].name, id))
            return &d->persons[i];
    for (size_t i = 0; i < d->person_count; i++)
        if (slice_eq_nocase(d->persons[i].line, id))
            return &d->persons[i];
    for (size_t i = 0; i < d->person_count; i++)
        for (size_t k = 0; k < d->persons[i].id_count; k++)
            if (slice_eq_nocase(d->persons[i].ids[k], id))
                return &d->persons[i];
    return NULL;
}

const struct desk *directory_desk(const struct directory *d, struct slice name)
{
    for (size_t i = 0; i < d->desk_count; i++)
        if (slice_eq(d->desks[i].name, name))
            return &d->desks[i];
    return NULL;
}

const struct group *directory_group(const struct directory *d, struct slice name)
{
    for (size_t i = 0; i < d->group_count; i++)
        if (slice_eq(d->groups[i].name, name))
            return &d->groups[i];
    return NULL;
}

const struct rota *directory_rota(const struct directory *d, struct slice name)
{
    for (size_t i = 0; i < d->rota_count; i++)
        if (slice_eq(d->rotas[i].name, name))
            return &d->rotas[i];
    return NULL;
}
