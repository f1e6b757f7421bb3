#ifndef BWI_AUTH_CREDENTIALS_H
#define BWI_AUTH_CREDENTIALS_H

#include <bwcallback/request.h>

/*
 * The credentials of a section: one <credentials> element of the
 * configuration, or the keys of a signed family.
 */
struct bwi_credentials;

/*
 * realm: shown in the challenge, copied. verified: the file of verified.h, in a
 * process that answers one request and ends; the password file is then read
 * when it is needed. NULL in a server. file: htpasswd format; read now, and
 * again whenever its identity (device, inode, size, times) changes, looked at
 * once a second at most. When the changed file cannot be read or has a line
 * that cannot be used, the users known before stay valid and there is a notice
 * of it. A password that was verified stays so as long as its line is there.
 *
 * BW_ERR_NOFILE, _IO, _LIMIT, _NOMEM; BW_ERR_SYNTAX and _CONFIG: file:line,
 * what is wrong and what to do.
 */
enum bw_err bwi_credentials_open(struct bwi_credentials **, const char *realm,
    const char *file, const char *verified, struct bw_error *) BW_CHECK;
void bwi_credentials_free(struct bwi_credentials *);
struct bw_str bwi_credentials_realm(const struct bwi_credentials *);
/*
 * Why the file as it is now was not taken: true once for each reason. For the
 * log; costs next to nothing when there is none. Thread-safe.
 */
bool bwi_credentials_take_warning(struct bwi_credentials *, struct bw_error *);

/*
 * Basic authentication (RFC 7617) of a request: BW_OK and *user (owned by the
 * credentials, valid as long as they are), BW_ERR_MISSING, BW_ERR_REJECTED,
 * BW_ERR_BUSY (too many unknown passwords being hashed at once, until the
 * deadline: CLOCK_MONOTONIC, nanoseconds; INT64_MAX: none) or
 * BW_ERR_NOMEM; where the file is read only now, also BW_ERR_NOFILE, _IO and
 * _CONFIG (it cannot be used). Thread-safe.
 */
enum bw_err
bwi_credentials_check(struct bwi_credentials *, const struct bw_request *,
    int64_t deadline, struct bw_str *user, struct bw_error *) BW_CHECK;

/*
 * HMAC keys of a signed family: the lines of a file, each a key of 16 to 1024
 * printable ASCII characters (Bandwidth takes up to 64), two live at a time
 * while one replaces another, at most eight. The file is read again as above.
 */
struct bwi_hmac;

enum bw_err
bwi_hmac_open(struct bwi_hmac **, const char *file, struct bw_error *) BW_CHECK;
void bwi_hmac_free(struct bwi_hmac *);
bool bwi_hmac_take_warning(struct bwi_hmac *, struct bw_error *);

/*
 * Is a signature of the request one of these keys' HMAC-SHA256 over the body?
 * Either header of enum bw_signature is accepted, hex or base64 as documented
 * for it. Toll-free verification signs a "canonicalised" body that nobody
 * documents, so its signature may also be that of the body without white
 * space between its tokens, in the order received or sorted by name.
 *
 * BW_ERR_SIGNATURE when none is there or none fits; BW_ERR_NOMEM.
 * Thread-safe.
 */
enum bw_err bwi_hmac_check(
    struct bwi_hmac *, const struct bw_request *, struct bw_error *) BW_CHECK;

#endif
