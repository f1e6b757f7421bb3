#include <config.h>

#include "auth/basic_auth.h"

#include <string.h>
#include <strings.h>

#include <nettle/base64.h>

static const char scheme[] = "Basic";
#define SCHEME_LENGTH (sizeof(scheme) - 1)

static enum bw_err
reject(struct bw_error *e, const char *why)
{
	return bw_error_set(
	    e, BW_ERR_REJECTED, 0, "authorization: rejected: %s", why);
}

/* The text after the scheme; p is NULL for another scheme. */
static struct bw_str
skip_scheme(struct bw_str header)
{
	size_t at = SCHEME_LENGTH;

	if (header.n <= at || header.p[at] != ' ' ||
	    strncasecmp(header.p, scheme, at) != 0)
		return (struct bw_str){NULL, 0};
	while (at < header.n && header.p[at] == ' ')
		at++;
	return (struct bw_str){header.p + at, header.n - at};
}

/* nettle skips white space, which would hide a second header. */
static bool
is_base64(struct bw_str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/=";

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\0' || strchr(digits, s.p[i]) == NULL)
			return false;
	}
	return s.n != 0;
}

/* Decode into text. Returns the length, or 0 when s is not base64. */
static size_t
decode(struct bwi_basic_auth *b, struct bw_str s)
{
	static const char padding[] = "==";
	struct base64_decode_ctx ctx;
	size_t missing = (4 - s.n % 4) % 4;
	size_t more = 0;
	size_t n = sizeof(b->text);

	if (!is_base64(s) || BASE64_DECODE_LENGTH(s.n) > sizeof(b->text) ||
	    missing > 2)
		return 0;
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &n, (uint8_t *)b->text, s.n, s.p) ||
	    !base64_decode_update(
		&ctx, &more, (uint8_t *)b->text + n, missing, padding) ||
	    !base64_decode_final(&ctx))
		n = 0;
	explicit_bzero(&ctx, sizeof(ctx));
	return n;
}

static bool
has_control(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c == 0x7f)
			return true;
	}
	return false;
}

static enum bw_err
split(struct bwi_basic_auth *b, size_t n, struct bw_error *e)
{
	const char *colon = memchr(b->text, ':', n);

	if (has_control(b->text, n))
		return reject(e, "control character in user or password");
	if (colon == NULL || colon == b->text)
		return reject(e, "no user");
	b->user = (struct bw_str){b->text, (size_t)(colon - b->text)};
	b->password = (struct bw_str){colon + 1, n - b->user.n - 1};
	if (b->user.n > BW_PASSWD_MAX_USER ||
	    b->password.n > BW_PASSWD_MAX_PASSWORD)
		return reject(e, "user or password too long");
	return BW_OK;
}

enum bw_err
bwi_basic_auth_parse(
    struct bwi_basic_auth *b, struct bw_str header, struct bw_error *e)
{
	struct bw_str s = skip_scheme(header);
	size_t n;

	if (s.p == NULL)
		return reject(e, "scheme is not Basic, or has no value");
	n = decode(b, s);
	if (n == 0)
		return reject(
		    e, "no base64 value after the scheme, or more than one");
	return split(b, n, e);
}

void
bwi_basic_auth_wipe(struct bwi_basic_auth *b)
{
	explicit_bzero(b, sizeof(*b));
}
