/* Hashes of text that ignore ids. */
#include <ctype.h>

#include <bwcallback/tools/hash.h>

#include "sim/base/hash.h"

/* A word with more digits is an id or caller input. */
#define MAX_DIGITS 3

uint64_t
sim_hash_int(uint64_t before, uint64_t n)
{
	for (int i = 0; i < 8; i++)
		before = bw_hash_byte(before, (unsigned char)(n >> (8 * i)));
	return before;
}

static bool
in_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '+';
}

uint64_t
sim_hash_text(uint64_t h, struct bw_str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = 0, digits = 0;

		while (i + n < s.n && in_word(s.p[i + n])) {
			digits += isdigit((unsigned char)s.p[i + n]) != 0;
			n++;
		}
		if (digits > MAX_DIGITS)
			h = bw_hash_byte(h, '0');
		for (size_t k = 0; k < n && digits <= MAX_DIGITS; k++)
			h = bw_hash_byte(h, (unsigned char)s.p[i + k]);
		i += n;
		if (i < s.n)
			h = bw_hash_byte(h, (unsigned char)s.p[i++]);
	}
	return h;
}
