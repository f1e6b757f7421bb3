#ifndef BWI_AUTH_CACHE_FILE_H
#define BWI_AUTH_CACHE_FILE_H

#include "auth/htpasswd.h"

/*
 * Cache file of accepted credentials (auth_digests.h). Without it each process
 * that answers one request and exits would spend 50 ms on a deliberately slow
 * hash, and a server that is started during a flood of wrong passwords would
 * have to hash the right one among them.
 *
 * The HMAC key combines a key in the file, which only the user of the process
 * may read, with the kernel's boot ID. So a copy of the file alone, in a backup
 * of the site, is useless even for guessing passwords. The boot ID is not
 * secret: any user of the machine can read it, and the systemd journal stores
 * it. An attacker with both can guess passwords at the speed of HMAC, which
 * only random passwords withstand. Without a boot ID (no /proc) nothing is
 * cached.
 *
 * A lock on the file lets one of the processes for one request hash at a time,
 * so that a flood of wrong passwords does not overload the machine.
 */
struct bwi_auth_cache_file;

/* Opens no file yet. BW_ERR_NOMEM. */
enum bw_err bwi_auth_cache_file_new(struct bwi_auth_cache_file **,
    const char *path, struct bw_error *) BW_CHECK;
void bwi_auth_cache_file_free(struct bwi_auth_cache_file *);

/* Was the header accepted before for a line of the user that still exists? */
bool bwi_auth_cache_file_find(struct bwi_auth_cache_file *,
    const struct bwi_htpasswd *, struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **);

/*
 * Wait for the lock before hashing; call _leave() afterwards. BW_ERR_BUSY: the
 * lock was not free within BWI_HASH_LIMITER_MAX_WAIT and before the deadline
 * (CLOCK_MONOTONIC, nanoseconds). BW_OK also where the file cannot be created.
 */
enum bw_err bwi_auth_cache_file_enter(
    struct bwi_auth_cache_file *, int64_t deadline, struct bw_error *) BW_CHECK;
void bwi_auth_cache_file_leave(struct bwi_auth_cache_file *);
/*
 * Add the header as accepted for this line. Call between _enter() and _leave().
 */
void bwi_auth_cache_file_add(struct bwi_auth_cache_file *,
    const struct bwi_htpasswd_line *, struct bw_str header);

#endif
