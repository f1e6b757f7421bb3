#ifndef BWI_AUTH_CACHE_H
#define BWI_AUTH_CACHE_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * Cache of credential checks. An entry has only a digest of the credentials
 * under a random key (AES-CMAC, RFC 4493: 128 bits; a tenth of the cost of
 * HMAC-SHA256 where the processor accelerates only AES). So neither a memory
 * dump nor timing reveals a password.
 *
 * Accepted and rejected credentials have a table each: a flood of wrong
 * passwords evicts only rejected entries.
 */
struct bwi_auth_cache;

struct bwi_digest {
	uint64_t word[2];
};

enum bwi_auth_cache_result {
	BWI_AUTH_CACHE_NONE,
	BWI_AUTH_CACHE_ACCEPTED,
	BWI_AUTH_CACHE_REJECTED
};

enum bw_err
bwi_auth_cache_new(struct bwi_auth_cache **, struct bw_error *) BW_CHECK;
void bwi_auth_cache_free(struct bwi_auth_cache *);

void bwi_auth_cache_digest(
    const struct bwi_auth_cache *, struct bw_str, struct bwi_digest *);
/* Takes no lock. *user is set for BWI_AUTH_CACHE_ACCEPTED. */
enum bwi_auth_cache_result bwi_auth_cache_find(
    struct bwi_auth_cache *, const struct bwi_digest *, struct bw_str *user);

/* The functions below need the owner's lock: one thread at a time. */

/*
 * user must outlive the cache. mark is passed to bwi_auth_cache_prune()'s
 * callback.
 */
void bwi_auth_cache_add_accepted(struct bwi_auth_cache *,
    const struct bwi_digest *, const struct bw_str *user, uint64_t mark);
void
bwi_auth_cache_add_rejected(struct bwi_auth_cache *, const struct bwi_digest *);
/*
 * Remove all rejected entries, and the accepted ones for whose mark
 * still_valid() is false.
 */
void bwi_auth_cache_prune(struct bwi_auth_cache *,
    bool (*still_valid)(const void *arg, uint64_t mark), const void *arg);

#endif
