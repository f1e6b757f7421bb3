#ifndef BWCALLBACK_TOOLS_HASH_H
#define BWCALLBACK_TOOLS_HASH_H

/* An interface for the programs of this package: any release may change it. */

#include <stdint.h>

#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * FNV-1a with 64 bits. It is not keyed: the writer of a text can choose
 * collisions, so use it only for texts of the operator or of our own.
 */
#define BW_HASH_START UINT64_C(0xcbf29ce484222325)

/* The hash of what was hashed before, followed by one more byte. */
static inline uint64_t
bw_hash_byte(uint64_t before, unsigned char c)
{
	return (before ^ c) * UINT64_C(0x100000001b3);
}

/* The same for a text. Begin with BW_HASH_START. */
static inline uint64_t
bw_hash_str(uint64_t before, struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++)
		before = bw_hash_byte(before, (unsigned char)s.p[i]);
	return before;
}

#ifdef __cplusplus
}
#endif

#endif
