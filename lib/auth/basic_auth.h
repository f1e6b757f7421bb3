#ifndef BWI_AUTH_BASIC_AUTH_H
#define BWI_AUTH_BASIC_AUTH_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>
#include <bwcallback/tools/passwd.h>

/*
 * The credentials in an Authorization header (RFC 7617). The members point into
 * text, which is secret: call bwi_basic_auth_wipe() after use.
 */
struct bwi_basic_auth {
	struct bw_str user; /* not empty */
	struct bw_str password;
	/* 4 bytes more, as base64 rounds up. */
	char text[BW_PASSWD_MAX_USER + 1 + BW_PASSWD_MAX_PASSWORD + 4];
};

/*
 * Parse a header of the scheme "Basic" in any case, spaces, and base64 with or
 * without padding. Two headers that a server joined with a comma are rejected:
 * servers differ on which of them counts. BW_ERR_REJECTED: anything else, a
 * control character, no user, no colon.
 */
enum bw_err bwi_basic_auth_parse(
    struct bwi_basic_auth *, struct bw_str header, struct bw_error *) BW_CHECK;
void bwi_basic_auth_wipe(struct bwi_basic_auth *);

#endif
