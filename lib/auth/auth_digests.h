#ifndef BWI_AUTH_AUTH_DIGESTS_H
#define BWI_AUTH_AUTH_DIGESTS_H

#include <nettle/sha2.h>

#include "auth/htpasswd.h"

/*
 * Digests of accepted credentials: an HMAC-SHA256 (256 bits) over the line of
 * the password file, including its hash, and the header. So no password can be
 * read from it, a changed line invalidates its digests, a damaged digest
 * matches nothing, and it does not matter which configuration has the password
 * file.
 *
 * An application uses one or two passwords. When all slots are in use, a new
 * digest replaces another one.
 */
#define BWI_AUTH_DIGESTS 64

struct bwi_auth_digest {
	uint8_t bytes[SHA256_DIGEST_SIZE];
};

struct bwi_auth_digests {
	uint8_t key[SHA256_DIGEST_SIZE];
	struct bwi_auth_digest at[BWI_AUTH_DIGESTS];
};

/* Empty, with a new random key. False: no random numbers. */
bool bwi_auth_digests_init(struct bwi_auth_digests *) BW_CHECK;

/* salt: the other part of the key, which is not stored with it; may be empty.
 */

/* Was the header accepted before for a line of the user that still exists? */
bool bwi_auth_digests_find(const struct bwi_auth_digests *, struct bw_str salt,
    const struct bwi_htpasswd *, struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **);
/* Add the header as accepted for this line; the index of its digest. */
size_t bwi_auth_digests_add(struct bwi_auth_digests *, struct bw_str salt,
    const struct bwi_htpasswd_line *, struct bw_str header);

#endif
