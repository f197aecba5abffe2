/* nightbell/error_pages.h - what each number of a finding means: docs/rules/errors, inside the program. */
#ifndef NIGHTBELL_NIGHTBELL_ERROR_PAGES_H
#define NIGHTBELL_NIGHTBELL_ERROR_PAGES_H

#include "base/slice.h"
#include "nightbell/embedded.h"

/* The page of a number, whatever its letter (W401 is E401 in a draft); NULL when there is none. */
const struct embedded_file *error_page(unsigned number);
/* "two rules can own one event" */
struct slice error_page_title(const struct embedded_file *page);

#endif
