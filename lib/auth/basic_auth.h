#ifndef BWI_AUTH_BASIC_AUTH_H
#define BWI_AUTH_BASIC_AUTH_H

#include <bwcallback/error.h>
#include <bwcallback/passwd.h>
#include <bwcallback/str.h>

/*
 * The credentials in an Authorization header (RFC 7617). They point into
 * text, which is a secret: wipe it after use.
 */
struct bwi_basic_auth {
	struct bw_str user; /* not empty */
	struct bw_str password;
	/* With room for what base64 rounds up to. */
	char text[BW_PASSWD_MAX_USER + 1 + BW_PASSWD_MAX_PASSWORD + 4];
};

/*
 * One scheme, "Basic" in any case, spaces, base64 with or without its padding
 * and nothing else: two headers that a server joined with a comma are not
 * taken, because it cannot be known which of them another would believe.
 * BW_ERR_REJECTED: anything else, control characters, no user, no colon.
 */
enum bw_err bwi_basic_auth_parse(
    struct bwi_basic_auth *, struct bw_str header, struct bw_error *) BW_CHECK;
void bwi_basic_auth_wipe(struct bwi_basic_auth *);

#endif
