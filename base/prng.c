#include "base/prng.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

struct prng prng_make(uint64_t seed)
{
    struct prng p;

    for (int i = 0; i < 4; i++)
        p.s[i] = splitmix(&seed);
    return p;
}

/* xoshiro256**, Blackman and Vigna 2018 (prng.di.unimi.it). */
uint64_t prng_next(struct prng *p)
{
    uint64_t result = rotate(p->s[1] * 5, 7) * 9;
    uint64_t t = p->s[1] << 17;

    p->s[2] ^= p->s[0];
    p->s[3] ^= p->s[1];
    p->s[1] ^= p->s[2];
    p->s[0] ^= p->s[3];
    p->s[2] ^= t;
    p->s[3] = rotate(p->s[3], 45);
    return result;
}

/* Draws below the remainder of 2^64 / bound are thrown away: with them, low results would be likelier. */
uint64_t prng_below(struct prng *p, uint64_t bound)
{
    uint64_t surplus = (0 - bound) % bound;
    uint64_t draw;

    do
        draw = prng_next(p);
    while (draw < surplus);
    return draw % bound;
}
