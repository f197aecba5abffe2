/* base/siphash.h - SipHash-2-4 (Aumasson and Bernstein 2012): a keyed pseudorandom function of 64 bits.
 *
 * For pseudonyms and hash tables that others must not predict. It keeps no secret but which value became
 * which, is no signature, and 64 bits are few: what must withstand forgery uses OpenSSL in adapters/seal. */
#ifndef NIGHTBELL_BASE_SIPHASH_H
#define NIGHTBELL_BASE_SIPHASH_H

#include "base/slice.h"

uint64_t siphash(const uint8_t key[16], struct slice bytes);

#endif
