/* nightbell/show.h - what the router says, for people on a terminal. */
#ifndef NIGHTBELL_NIGHTBELL_SHOW_H
#define NIGHTBELL_NIGHTBELL_SHOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether this descriptor is a terminal that may have colours: NO_COLOR, when not empty, forbids them. */
bool show_colour_on(int fd);
/* An escape sequence where a terminal shows colours, else "". */
const char *show_paint(const char *code);
const char *show_class_colour(const char *class);
/* One line of explain, an alert's or a file's (docs/rules/explain.md): show_explain.c. For `each`, without
 * ctx. */
void show_explain_line(void *ctx, json_t *line);
void show_status(const json_t *status);
/* A table of alert rows; at most `lines` rows when it is not 0. */
void show_alerts(const json_t *rows, size_t lines);
/* Redraws the table until Ctrl-C or until nightbell ends. Exit code. */
int show_watch(const char *data_dir);

#endif
