#include "nightbell/control.h"

#include "nightbell/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path of any length: the socket is reached through the folder's own descriptor. */
static int dial(const char *data_dir, const char *socket_name)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int folder = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(to.sun_path, sizeof to.sun_path, "/proc/self/fd/%d/run/%s", folder, socket_name);
    if (folder < 0 || fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    if (folder >= 0)
        close(folder);
    return fd;
}

static bool send_request(FILE *wire, json_t *request)
{
    char *line = json_dumps(request, JSON_COMPACT);
    bool fine = line != NULL && fprintf(wire, "%s\n", line) > 0 && fflush(wire) == 0;

    free(line);
    return fine;
}

static bool take_line(const char *text, void (*each)(void *ctx, json_t *line), void *ctx, struct error *err)
{
    json_error_t where;
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    const char *refused = json_string_value(json_object_get(line, "error"));
    bool fine = line != NULL && refused == NULL;

    if (fine)
        each(ctx, line);
    else
        error_set(err, refused != NULL ? ERROR_VALUE : ERROR_SYNTAX, "%s",
                  refused != NULL ? refused : "the answer of the control socket cannot be read");
    json_decref(line);
    return fine;
}

bool control_ask_at(const char *data_dir, const char *socket_name, json_t *request,
                    void (*each)(void *ctx, json_t *line), void *ctx, struct error *err)
{
    int fd = dial(data_dir, socket_name);
    FILE *wire = fd >= 0 ? fdopen(fd, "r+e") : NULL;
    char *line = NULL;
    size_t room = 0;
    bool fine = wire != NULL;

    if (!fine)
        error_set(err, ERROR_IO, "%s does not run on %s (no %s socket there)",
                  strcmp(socket_name, "shadow") == 0 ? "a shadow" : "nightbell", data_dir, socket_name);
    fine = fine && (send_request(wire, request) || error_set(err, ERROR_IO, "the control socket closed"));
    if (fine) {
        shutdown(fd, SHUT_WR);
        while (fine && getline(&line, &room, wire) > 0)
            fine = take_line(line, each, ctx, err);
    }
    free(line);
    if (wire != NULL)
        fclose(wire);
    json_decref(request);
    return fine;
}

bool control_ask(const char *data_dir, json_t *request, void (*each)(void *ctx, json_t *line), void *ctx,
                 struct error *err)
{
    return control_ask_at(data_dir, "control", request, each, ctx, err);
}

static void keep(void *ctx, json_t *line)
{
    json_t **out = ctx;

    json_decref(*out);
    *out = json_incref(line);
}

json_t *control_ask_one(const char *data_dir, json_t *request, struct error *err)
{
    json_t *answer = NULL;

    if (!control_ask(data_dir, request, keep, &answer, err)) {
        json_decref(answer);
        return NULL;
    }
    if (answer == NULL)
        error_set(err, ERROR_IO, "the control socket closed without an answer");
    return answer;
}

int control_command(const char *data_dir, json_t *request, void (*each)(void *ctx, json_t *line), void *ctx)
{
    struct error err = { .code = ERROR_NONE };

    return control_ask(data_dir, request, each, ctx, &err) ? COMMAND_DONE : report(&err);
}

void control_print(void *ctx, json_t *line)
{
    (void)ctx;
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
}
