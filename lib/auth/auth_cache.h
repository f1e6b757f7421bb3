#ifndef BWI_AUTH_CACHE_H
#define BWI_AUTH_CACHE_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * What became of credentials seen before. They are kept as a digest under a
 * random key only (AES-CMAC, RFC 4493: 128 bits, a tenth of HMAC-SHA256's cost
 * where the processor has AES alone), so that neither a dump of memory nor
 * timing tells a password.
 *
 * Right ones and wrong ones have a table each: a flood of wrong ones forgets
 * wrong ones only.
 */
struct bwi_auth_cache;

struct bwi_digest {
	uint64_t word[2];
};

enum bwi_memory {
	BWI_MEMORY_NONE,
	BWI_MEMORY_RIGHT,
	BWI_MEMORY_WRONG
};

enum bw_err
bwi_auth_cache_new(struct bwi_auth_cache **, struct bw_error *) BW_CHECK;
void bwi_auth_cache_free(struct bwi_auth_cache *);

void bwi_auth_cache_digest(
    const struct bwi_auth_cache *, struct bw_str, struct bwi_digest *);
/* Takes no lock; *user is set for right ones. */
enum bwi_memory bwi_auth_cache_find(
    struct bwi_auth_cache *, const struct bwi_digest *, struct bw_str *user);

/* For one thread at a time: the owner's lock is held. */

/*
 * user outlives the memory. mark: what bwi_auth_cache_add asks about.
 */
void bwi_auth_cache_right(struct bwi_auth_cache *, const struct bwi_digest *,
    const struct bw_str *user, uint64_t mark);
void bwi_auth_cache_wrong(struct bwi_auth_cache *, const struct bwi_digest *);
/* Forget all wrong ones, and the right ones that keep is false of. */
void bwi_auth_cache_add(struct bwi_auth_cache *,
    bool (*keep)(const void *arg, uint64_t mark), const void *arg);

#endif
