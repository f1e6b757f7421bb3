#ifndef SIM_BASE_HASH_H
#define SIM_BASE_HASH_H

#include <stdint.h>

#include <bwcallback/str.h>

/*
 * Continue an FNV-1a hash. In text, every word with more than three digits (an
 * id, a telephone number) hashes as the same word.
 */
uint64_t sim_hash_text(uint64_t before, struct bw_str);
uint64_t sim_hash_int(uint64_t before, uint64_t);

#endif
