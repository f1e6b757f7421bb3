#include <config.h>

#include "auth/auth_digests.h"

#include <string.h>
#include <sys/random.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

bool
bwi_auth_digests_init(struct bwi_auth_digests *a)
{
	*a = (struct bwi_auth_digests){0};
	return getrandom(a->key, sizeof(a->key), 0) == (ssize_t)sizeof(a->key);
}

static void
start_digest(const struct bwi_auth_digests *a, struct bw_str salt,
    struct hmac_sha256_ctx *ctx)
{
	hmac_sha256_set_key(ctx, sizeof(a->key), a->key);
	hmac_sha256_update(ctx, salt.n, (const uint8_t *)salt.p);
}

/* Unambiguous: neither a user nor a hash contains a NUL. */
static void
end_digest(const struct hmac_sha256_ctx *begun,
    const struct bwi_htpasswd_line *line, struct bw_str header,
    struct bwi_auth_digest *out)
{
	struct hmac_sha256_ctx ctx = *begun;

	hmac_sha256_update(&ctx, line->user.n, (const uint8_t *)line->user.p);
	hmac_sha256_update(&ctx, 1, (const uint8_t *)"");
	hmac_sha256_update(
	    &ctx, strlen(line->hash) + 1, (const uint8_t *)line->hash);
	hmac_sha256_update(&ctx, header.n, (const uint8_t *)header.p);
	hmac_sha256_digest(&ctx, sizeof(out->bytes), out->bytes);
	explicit_bzero(&ctx, sizeof(ctx));
}

static bool
has(const struct bwi_auth_digests *a, const struct bwi_auth_digest *d)
{
	bool known = false;

	for (size_t i = 0; i < BWI_AUTH_DIGESTS; i++)
		known |= memeql_sec(a->at[i].bytes, d->bytes, sizeof(d->bytes));
	return known;
}

bool
bwi_auth_digests_find(const struct bwi_auth_digests *a, struct bw_str salt,
    const struct bwi_htpasswd *users, struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **out)
{
	static const struct bwi_htpasswd_line nobody = {.hash = ""};
	const struct bwi_htpasswd_line *line;
	size_t n = bwi_htpasswd_lines(users, user, &line);
	struct hmac_sha256_ctx ctx;
	struct bwi_auth_digest d;
	bool known = false;

	start_digest(a, salt, &ctx);
	if (n == 0) /* an unknown user must take as long as one with one line */
		end_digest(&ctx, &nobody, header, &d);
	for (size_t i = 0; i < n && !known; i++) {
		end_digest(&ctx, &line[i], header, &d);
		known = has(a, &d);
		*out = &line[i];
	}
	explicit_bzero(&ctx, sizeof(ctx));
	return known;
}

size_t
bwi_auth_digests_add(struct bwi_auth_digests *a, struct bw_str salt,
    const struct bwi_htpasswd_line *line, struct bw_str header)
{
	static const struct bwi_auth_digest unused;
	struct hmac_sha256_ctx ctx;
	struct bwi_auth_digest d;
	size_t at = 0;

	start_digest(a, salt, &ctx);
	end_digest(&ctx, line, header, &d);
	explicit_bzero(&ctx, sizeof(ctx));
	while (at < BWI_AUTH_DIGESTS &&
	       memcmp(&a->at[at], &unused, sizeof(unused)) != 0)
		at++;
	if (at == BWI_AUTH_DIGESTS)
		at = d.bytes[0] % BWI_AUTH_DIGESTS;
	a->at[at] = d;
	return at;
}
