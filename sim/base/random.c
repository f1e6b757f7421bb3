/* SplitMix64: small, uniform, the same on every platform. */
#include "sim/base/random.h"

uint64_t
sim_random_next(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The modulo bias is negligible for the small n used here. */
uint64_t
sim_random_below(uint64_t *state, uint64_t n)
{
	return n > 1 ? sim_random_next(state) % n : 0;
}
