/* base/decimal.h - exact decimal numbers: what a laboratory wrote, digit for digit.
 *
 * value = mantissa * 10^-scale. No binary floating point anywhere, so 6.2 is 6.2 on every machine. */
#ifndef NIGHTBELL_BASE_DECIMAL_H
#define NIGHTBELL_BASE_DECIMAL_H

#include "base/slice.h"

struct decimal {
    int64_t mantissa;
    uint8_t scale; /* digits after the point, 0..18 */
};

enum { DECIMAL_TEXT = 24 }; /* room for the longest text and its NUL */

/* "[+-]digits[.digits][e[+-]digits]", the whole slice; false when not a number or past 18 digits. */
bool decimal_parse(struct slice s, struct decimal *out);
int decimal_compare(struct decimal a, struct decimal b); /* exact; -1, 0, 1; 1.50 equals 1.5 */
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *out); /* false on overflow */
struct slice decimal_text(struct decimal d, char out[DECIMAL_TEXT]); /* keeps trailing zeros: 5.0 */

#endif
