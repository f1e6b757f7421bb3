#ifndef BWI_AUTHENTICATE_H
#define BWI_AUTHENTICATE_H

#include <bwcallback/request.h>

/*
 * The credentials of a section: one <credentials> element of the
 * configuration, or the keys of a signed family.
 */
struct bwi_credentials;

/*
 * realm: shown in the challenge, copied. file: htpasswd format; read now, and
 * again whenever its identity (device, inode, size, times) changes, looked at
 * once a second at most. When the changed file cannot be read or has no usable
 * line, the users known before stay valid and the reason is in the error of
 * the next bwi_credentials_check (why, not its result).
 */
enum bw_err bwi_credentials_open(struct bwi_credentials **, const char *realm,
    const char *file, struct bw_error *) BW_CHECK;
void bwi_credentials_free(struct bwi_credentials *);
struct bw_str bwi_credentials_realm(const struct bwi_credentials *);

/*
 * Basic authentication (RFC 7617) of a request: BW_OK and *user (owned by the
 * credentials, valid as long as they are), BW_ERR_MISSING, BW_ERR_REJECTED,
 * BW_ERR_BUSY (too many unknown passwords being hashed at once) or
 * BW_ERR_NOMEM. Thread-safe.
 */
enum bw_err bwi_credentials_check(struct bwi_credentials *,
    const struct bw_request *, struct bw_str *user, struct bw_error *) BW_CHECK;

/* HMAC keys of a signed family: the lines of a file, two live at a time. */
struct bwi_hmac;

enum bw_err
bwi_hmac_open(struct bwi_hmac **, const char *file, struct bw_error *) BW_CHECK;
void bwi_hmac_free(struct bwi_hmac *);

/*
 * Is a signature of the request one of these keys' HMAC-SHA256 over the body?
 * Either header of enum bw_signature is accepted, hex or base64 as documented
 * for it. BW_ERR_SIGNATURE when none is there or none fits.
 */
enum bw_err bwi_hmac_check(
    struct bwi_hmac *, const struct bw_request *, struct bw_error *) BW_CHECK;

#endif
