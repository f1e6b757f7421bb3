#ifndef SIM_BASE_HASH_H
#define SIM_BASE_HASH_H

#include <stdint.h>

#include <bwcallback/str.h>

/*
 * FNV-1a, continued from the hash before. In a text, every word with more than
 * three digits (an id, a telephone number) counts as the same word.
 */
uint64_t sim_hash_text(uint64_t before, struct bw_str);
uint64_t sim_hash_int(uint64_t before, uint64_t);

#endif
