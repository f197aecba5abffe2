/* nightbell/qr.h - a QR code on a terminal, two modules a character, made by libqrencode. */
#ifndef NIGHTBELL_NIGHTBELL_QR_H
#define NIGHTBELL_NIGHTBELL_QR_H

void qr_print(const char *text); /* on stdout; nothing when it cannot be made */

#endif
