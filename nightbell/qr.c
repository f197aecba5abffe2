#include "nightbell/qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>

enum { QUIET = 2 }; /* modules of margin */

static bool dark(const QRcode *qr, int x, int y)
{
    return x >= 0 && y >= 0 && x < qr->width && y < qr->width && (qr->data[y * qr->width + x] & 1) != 0;
}

/* Light modules are printed, so that the code reads on a dark terminal. */
void qr_print(const char *text)
{
    static const char *const cell[4] = { "\u2588", "\u2580", "\u2584", " " };
    QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);

    if (qr == NULL)
        return;
    for (int y = -QUIET; y < qr->width + QUIET; y += 2) {
        for (int x = -QUIET; x < qr->width + QUIET; x++)
            fputs(cell[(dark(qr, x, y) ? 2 : 0) + (dark(qr, x, y + 1) ? 1 : 0)], stdout);
        putchar('\n');
    }
    QRcode_free(qr);
}
