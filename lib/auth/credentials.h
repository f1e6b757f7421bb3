#ifndef BWI_AUTH_CREDENTIALS_H
#define BWI_AUTH_CREDENTIALS_H

#include <bwcallback/request.h>

#include "auth/hash_limiter.h"
#include "base/parking.h"

/*
 * The credentials of a section: one <credentials> element of the
 * configuration, or the keys of a signed family.
 */
struct bwi_credentials;

/*
 * realm: shown in the challenge; copied. cache_file: path for
 * auth_cache_file.h, in a process that answers one request and exits, which
 * reads the password file only when it is needed. NULL in a server. file:
 * htpasswd format; read now, and again when its identity (device, inode, size,
 * times) changes, checked at most once a second. When the changed file cannot
 * be read or has an invalid line, the previous users stay valid and a warning
 * is set. An accepted password stays accepted as long as its line exists.
 *
 * BW_ERR_NOFILE, _IO, _LIMIT, _NOMEM; BW_ERR_SYNTAX and _CONFIG: file:line,
 * what is wrong and what to do.
 */
enum bw_err bwi_credentials_open(struct bwi_credentials **, const char *realm,
    const char *file, const char *cache_file, struct bw_error *) BW_CHECK;
void bwi_credentials_free(struct bwi_credentials *);
/*
 * In a server, before it checks a request: also remember accepted passwords in
 * this file (auth_cache_file.h), for the next process. Without it they are
 * remembered as long as the process runs, also by other credentials.
 * BW_ERR_NOMEM.
 */
enum bw_err bwi_credentials_set_cache_file(struct bwi_credentials *,
    const char *cache_file, struct bw_error *) BW_CHECK;
struct bw_str bwi_credentials_realm(const struct bwi_credentials *);
/* Does the user exist now? Always true in a process for one request. */
bool bwi_credentials_has(struct bwi_credentials *, struct bw_str user) BW_CHECK;
/*
 * Take the warning why the current file is not in use: true once for each
 * reason. For the log; almost free when there is none. Thread-safe.
 */
bool bwi_credentials_take_warning(struct bwi_credentials *, struct bw_error *);

/*
 * Basic authentication (RFC 7617) of a request. BW_OK and *user (owned by the
 * credentials, valid as long as they are), BW_ERR_MISSING, BW_ERR_REJECTED,
 * BW_ERR_BUSY (too many unknown passwords are being hashed until the deadline:
 * CLOCK_MONOTONIC, nanoseconds; INT64_MAX for none) or BW_ERR_NOMEM; with a
 * cache file also BW_ERR_NOFILE, _IO and _CONFIG (the password file cannot be
 * used). Thread-safe.
 */
enum bw_err
bwi_credentials_check(struct bwi_credentials *, const struct bw_request *,
    int64_t deadline, struct bw_str *user, struct bw_error *) BW_CHECK;

/* A check that does not wait. Zero it, and set parking, before the first call.
 */
struct bwi_credentials_try {
	struct bwi_parking *parking;
	struct bwi_hash_turn turn;
	bool begun; /* for a turn to hash */
	int64_t until;
};

/*
 * The same for a request that can be parked. false: it waits for its turn to
 * hash; call this again after it was woken.
 */
bool bwi_credentials_try(struct bwi_credentials *, const struct bw_request *,
    int64_t deadline, struct bwi_credentials_try *, struct bw_str *user,
    enum bw_err *, struct bw_error *) BW_CHECK;

/*
 * HMAC keys of a signed family, one per line of a file. A key has 16 to 1024
 * printable ASCII characters (Bandwidth accepts up to 64). A file has at most
 * eight keys; two while one replaces another. The file is read again as above.
 */
struct bwi_hmac;

enum bw_err
bwi_hmac_open(struct bwi_hmac **, const char *file, struct bw_error *) BW_CHECK;
void bwi_hmac_free(struct bwi_hmac *);
bool bwi_hmac_take_warning(struct bwi_hmac *, struct bw_error *);

/*
 * Is a signature of the request the HMAC-SHA256 of the body under one of these
 * keys? Either header of enum bwi_signature is accepted, in hex or base64 as
 * documented for it. Toll-free verification signs a "canonicalised" body whose
 * format is undocumented, so its signature may also be that of the body without
 * white space between tokens, with members as received or sorted by name.
 *
 * BW_ERR_SIGNATURE when there is no signature or none matches; BW_ERR_NOMEM.
 * Thread-safe.
 */
enum bw_err bwi_hmac_check(
    struct bwi_hmac *, const struct bw_request *, struct bw_error *) BW_CHECK;

#endif
