#ifndef BWI_AUTH_CACHE_FILE_H
#define BWI_AUTH_CACHE_FILE_H

#include "auth/htpasswd.h"

/*
 * Credentials that were right before, known to all processes that answer one
 * request and end, which else would spend 50 ms on a hash that is meant to be
 * slow. For each there are 256 bits of HMAC-SHA256 over the line of the
 * password file, with its hash, and the header, and nothing else: no password
 * can be had from them, a change of the line ends them, and an entry that was
 * damaged fits nothing.
 *
 * The key is made of one in the file, which nobody but the user of the process
 * may read, and of one that the kernel makes at each start of the machine, so
 * that a copy of the file alone, in a backup of a site, cannot even be used to
 * try passwords on. The kernel's is no secret: any user of the machine may read
 * it, and systemd's journal has it on the disk. Who has both tries passwords at
 * the speed of HMAC, which only random ones withstand. Without that of the
 * kernel (no /proc) nothing is kept.
 *
 * A lock on the file lets one process at a time hash, so that a flood of wrong
 * passwords leaves the machine alone.
 */
struct bwi_auth_cache_file;

/* Nothing is opened yet. BW_ERR_NOMEM. */
enum bw_err bwi_auth_cache_file_new(struct bwi_auth_cache_file **,
    const char *path, struct bw_error *) BW_CHECK;
void bwi_auth_cache_file_free(struct bwi_auth_cache_file *);

/* Was the header right before for a line of the user that is still there? */
bool bwi_auth_cache_file_find(struct bwi_auth_cache_file *,
    const struct bwi_htpasswd *, struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **);

/*
 * Wait for the turn to hash; leave afterwards. BW_ERR_BUSY: it did not come
 * within BWI_HASH_LIMITER_PATIENCE and before the deadline (CLOCK_MONOTONIC,
 * nanoseconds). BW_OK also where there can be no file.
 */
enum bw_err bwi_auth_cache_file_enter(
    struct bwi_auth_cache_file *, int64_t deadline, struct bw_error *) BW_CHECK;
void bwi_auth_cache_file_leave(struct bwi_auth_cache_file *);
/* In one's turn: it is right for this line. */
void bwi_auth_cache_file_add(struct bwi_auth_cache_file *,
    const struct bwi_htpasswd_line *, struct bw_str header);

#endif
