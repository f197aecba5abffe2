/* nightbell/cmd_init.c - a site to begin with, from an empty folder. */
#include "nightbell/commands.h"
#include "nightbell/embedded.h"
#include "nightbell/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ZONEINFO "/usr/share/zoneinfo/"
#define OUR_NAME "my-hospital"
#define OUR_ZONE "America/Chicago"
static const char NAME_SIGNS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
enum { FIRST_SIGNS = 52 }; /* of them a name may begin with the letters */

static const char help[] = "usage: nightbell init FOLDER [--name NAME] [--timezone ZONE]\n"
                           "\n"
                           "Writes a small site that checks and whose tests pass: one ward, six invented "
                           "people, one listener, a rule "
                           "and two\n"
                           "tests. FOLDER must be empty or not there. Without --timezone it has the zone of "
                           "this machine. What to do "
                           "next stands\n"
                           "in docs/rules/first-rule.md.\n"
                           "Exit codes: 0 written, 1 it could not be, 2 wrong usage.\n";

struct wishes {
    const char *name, *zone;
};

static bool is_name(const char *text)
{
    return text[0] != '\0' && strchr(NAME_SIGNS, text[0]) < NAME_SIGNS + FIRST_SIGNS &&
           strchr(NAME_SIGNS, text[0]) != NULL && text[strspn(text, NAME_SIGNS)] == '\0';
}

static bool is_zone(const char *zone)
{
    char path[PATH_MAX];
    char head[4] = { 0 };

    if (strstr(zone, "..") != NULL || snprintf(path, sizeof path, ZONEINFO "%s", zone) >= (int)sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool fine =
        fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head && memcmp(head, "TZif", 4) == 0;
    if (fd >= 0)
        close(fd);
    return fine;
}

/* What /etc/localtime points to; a house without a zone of its own runs on UTC. */
static const char *machine_zone(char *room, size_t size)
{
    ssize_t len = readlink("/etc/localtime", room, size - 1);

    room[len > 0 ? len : 0] = '\0';
    char *zone = strstr(room, "/zoneinfo/");
    return zone != NULL && is_zone(zone + 10) ? zone + 10 : "Etc/UTC";
}

static bool is_empty(const char *folder, struct error *err)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry = NULL;

    if (dir == NULL)
        return error_set(err, ERROR_IO, "%s: %s", folder, strerror(errno));
    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            break;
    closedir(dir);
    return entry == NULL ||
           error_set(err, ERROR_CONFLICT, "%s is not empty: init writes no file over another", folder);
}

/* The example's own name and zone become the house's. */
static void fill(struct buf *out, struct slice text, const struct wishes *w)
{
    while (text.len > 0) {
        if (slice_starts(text, SLICE(OUR_NAME))) {
            buf_text(out, w->name);
            text = slice_sub(text, sizeof OUR_NAME - 1, text.len);
        } else if (slice_starts(text, SLICE(OUR_ZONE))) {
            buf_text(out, w->zone);
            text = slice_sub(text, sizeof OUR_ZONE - 1, text.len);
        } else {
            buf_u8(out, (uint8_t)text.ptr[0]);
            text = slice_sub(text, 1, text.len);
        }
    }
}

static bool write_new(const char *folder, const struct embedded_file *f, const struct wishes *w,
                      struct error *err)
{
    char path[PATH_MAX];
    struct buf text = buf_make(1 << 20);

    fill(&text, (struct slice){ (const char *)f->bytes, f->length }, w);
    snprintf(path, sizeof path, "%s/%s", folder, f->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool fine = fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len;
    if (!fine)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0 && close(fd) != 0 && fine)
        fine = error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    buf_free(&text);
    return fine;
}

static void say_next(const char *folder)
{
    for (const struct embedded_file *f = starter_files; f->name != NULL; f++)
        printf("wrote %s/%s\n", folder, f->name);
    printf("\nnext:\n"
           "  nightbell check %s     what is wrong, where, and how to mend it\n"
           "  nightbell test %s      its tests, in virtual time\n"
           "  nightbell serve %s --data DIR     run it\n"
           "docs/rules/first-rule.md writes the first rule of your own.\n",
           folder, folder, folder);
}

static int run(int argc, char **argv)
{
    char room[PATH_MAX];
    struct wishes w = { OUR_NAME, NULL };
    const struct option_spec specs[] = { { .name = "--name", .value = &w.name },
                                         { .name = "--timezone", .value = &w.zone },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error(argv[0], "one FOLDER is needed");
    if (!is_name(w.name))
        return usage_error(argv[0], "\"%s\" is no name: a letter, then letters, digits, - and _", w.name);
    if (w.zone == NULL)
        w.zone = machine_zone(room, sizeof room);
    if (!is_zone(w.zone))
        return usage_error(argv[0], "unknown time zone \"%s\"; by place: America/Chicago, Europe/Berlin",
                           w.zone);
    bool fine = folder_make(argv[1], 0755, &err) && is_empty(argv[1], &err);
    for (const struct embedded_file *f = starter_files; fine && f->name != NULL; f++)
        fine = write_new(argv[1], f, &w, &err);
    if (!fine)
        return report(&err), COMMAND_NO;
    say_next(argv[1]);
    return COMMAND_DONE;
}

const struct command command_init = { "init", "a small site to begin with, in an empty folder", help, run };
