/* nightbell/site_folder.h - from a site's folder to a fileset.
 *
 * Takes every *.bell file under the folder (hidden files and folders are left out), every file that these
 * name in `use`, `catalogue` and `places`, and for each time zone they name its TZif file as "tz/NAME".
 * Keys and certificates (`tls`, `key`) are not part of a site record and stay on disk. A link inside the
 * folder may not lead out of it; what lies outside must be named by `use`, `catalogue` or `places`. */
#ifndef NIGHTBELL_NIGHTBELL_SITE_FOLDER_H
#define NIGHTBELL_NIGHTBELL_SITE_FOLDER_H

#include "rules/site/fileset.h"

/* NULL with an error that names the path relative to the site. The caller frees it. An unknown time zone
 * is not an error here: site_compile reports it where it is written. */
struct fileset *site_folder_read(const char *folder, struct error *err);

#endif
