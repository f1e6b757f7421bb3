#include <config.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <nettle/base16.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "auth/credentials.h"
#include "auth/htpasswd.h"
#include "auth/json_canonical.h"
#include "base/alloc.h"
#include "base/request.h"
#include "os/file_watch.h"

/* Keys of a file. A key rotation has two. */
#define MAX_KEYS 8

/* Characters of a key. Bandwidth accepts 16 to 64. */
#define MIN_KEY 16
#define MAX_KEY 1024

/*
 * Largest body that is put in canonical form. A toll-free verification has a
 * few hundred bytes; the limit bounds the work for larger requests.
 */
#define MAX_CANONICAL 16384

struct keys {
	atomic_int refs;
	size_t count;
	struct hmac_sha256_ctx key[MAX_KEYS]; /* keyed, no data yet */
};

struct bwi_hmac {
	struct bwi_file_watch watch;
	atomic_bool reloading;
	pthread_mutex_t lock;
	struct keys *keys;
};

struct signature {
	bool present;
	uint8_t digest[SHA256_DIGEST_SIZE];
};

static void
unref_keys(struct keys *k)
{
	if (k == NULL || atomic_fetch_sub(&k->refs, 1) != 1)
		return;
	explicit_bzero(k, sizeof(*k));
	bwi_free(k);
}

static bool
is_printable(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	}
	return true;
}

static enum bw_err
add_key(struct keys *k, const char *file, size_t number, struct bw_str line,
    struct bw_error *e)
{
	if (line.n == 0)
		return BW_OK;
	if (line.n < MIN_KEY || line.n > MAX_KEY || !is_printable(line))
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "%s:%zu: not a key: one line is one key of %d to %d "
		    "printable ASCII characters",
		    file, number, MIN_KEY, MAX_KEY);
	if (k->count == MAX_KEYS)
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "%s:%zu: more than %d keys", file, number, MAX_KEYS);
	hmac_sha256_set_key(
	    &k->key[k->count++], line.n, (const uint8_t *)line.p);
	return BW_OK;
}

static enum bw_err
parse_keys(
    struct keys **out, const char *file, struct bw_str text, struct bw_error *e)
{
	struct keys *k = bwi_calloc(1, sizeof(*k));
	struct bw_str line;
	size_t at = 0;
	enum bw_err err = BW_OK;

	if (k == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	atomic_init(&k->refs, 1);
	for (size_t i = 1; err == BW_OK && bwi_htpasswd_next(text, &at, &line);
	     i++)
		err = add_key(k, file, i, line, e);
	if (err == BW_OK && k->count == 0)
		err = bw_error_set(e, BW_ERR_CONFIG, 0,
		    "%s: no key: write the shared secret on a line of its own",
		    file);
	if (err != BW_OK) {
		unref_keys(k);
		return err;
	}
	*out = k;
	return BW_OK;
}

/* Called without the lock: other requests must not wait for this I/O. */
static enum bw_err
read_keys(struct bwi_hmac *h, struct keys **keys, struct bw_error *e)
{
	char *text;
	size_t n;
	enum bw_err err;

	err = bwi_file_watch_read(&h->watch, BW_MAX_PASSWD, &text, &n, e);
	if (err != BW_OK)
		return err;
	err = parse_keys(keys, h->watch.path, (struct bw_str){text, n}, e);
	explicit_bzero(text, n);
	bwi_free(text);
	return err;
}

static void
reload(struct bwi_hmac *h)
{
	struct keys *keys = NULL, *old = NULL;
	struct bw_error e = {0};
	enum bw_err err;

	if (atomic_exchange(&h->reloading, true))
		return;
	if (bwi_file_watch_changed(&h->watch)) {
		err = read_keys(h, &keys, &e);
		(void)pthread_mutex_lock(&h->lock);
		if (err == BW_OK) {
			old = h->keys;
			h->keys = keys;
			bwi_file_watch_succeeded(&h->watch);
		} else {
			bwi_file_watch_failed(&h->watch, &e);
		}
		(void)pthread_mutex_unlock(&h->lock);
		unref_keys(old);
	}
	atomic_store(&h->reloading, false);
}

enum bw_err
bwi_hmac_open(struct bwi_hmac **out, const char *file, struct bw_error *e)
{
	struct bwi_hmac *h = bwi_calloc(1, sizeof(*h));
	enum bw_err err;

	if (h == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	atomic_init(&h->reloading, false);
	(void)pthread_mutex_init(&h->lock, NULL);
	err = bwi_file_watch_init(&h->watch, file, e);
	if (err == BW_OK)
		err = read_keys(h, &h->keys, e);
	if (err != BW_OK) {
		bwi_hmac_free(h);
		return err;
	}
	*out = h;
	return BW_OK;
}

void
bwi_hmac_free(struct bwi_hmac *h)
{
	if (h == NULL)
		return;
	unref_keys(h->keys);
	bwi_file_watch_free(&h->watch);
	(void)pthread_mutex_destroy(&h->lock);
	bwi_free(h);
}

bool
bwi_hmac_take_warning(struct bwi_hmac *h, struct bw_error *e)
{
	bool taken;

	if (!atomic_load_explicit(&h->watch.has_warning, memory_order_relaxed))
		return false;
	(void)pthread_mutex_lock(&h->lock);
	taken = bwi_file_watch_take_warning(&h->watch, e);
	(void)pthread_mutex_unlock(&h->lock);
	return taken;
}

static void
decode_hex(struct signature *s, struct bw_str text)
{
	struct base16_decode_ctx ctx;
	size_t n = sizeof(s->digest);

	if (text.n != BASE16_ENCODE_LENGTH(sizeof(s->digest)))
		return;
	base16_decode_init(&ctx);
	s->present =
	    base16_decode_update(&ctx, &n, s->digest, text.n, text.p) &&
	    base16_decode_final(&ctx) && n == sizeof(s->digest);
}

static void
decode_base64(struct signature *s, struct bw_str text)
{
	uint8_t out[BASE64_DECODE_LENGTH(44)];
	struct base64_decode_ctx ctx;
	size_t n = sizeof(out);

	if (text.n != BASE64_ENCODE_RAW_LENGTH(sizeof(s->digest)))
		return;
	base64_decode_init(&ctx);
	s->present = base64_decode_update(&ctx, &n, out, text.n, text.p) &&
		     base64_decode_final(&ctx) && n == sizeof(s->digest);
	if (s->present)
		memcpy(s->digest, out, sizeof(s->digest));
}

/* Compares every signature with every key, so that timing reveals nothing. */
static bool
matches(const struct keys *k, struct bw_str text,
    const struct signature *signatures, size_t count)
{
	bool found = false;

	for (size_t i = 0; i < k->count; i++) {
		struct hmac_sha256_ctx ctx = k->key[i];
		uint8_t digest[SHA256_DIGEST_SIZE];

		hmac_sha256_update(&ctx, text.n, (const uint8_t *)text.p);
		hmac_sha256_digest(&ctx, sizeof(digest), digest);
		for (size_t j = 0; j < count; j++)
			found |= signatures[j].present &&
				 memeql_sec(digest, signatures[j].digest,
				     sizeof(digest)) != 0;
		explicit_bzero(&ctx, sizeof(ctx));
		explicit_bzero(digest, sizeof(digest));
	}
	return found;
}

/* Does the toll-free signature match a canonical form of the body? */
static bool
matches_canonical(const struct keys *k, struct bw_str body,
    const struct signature *s, enum bw_err *err)
{
	struct bw_buf b;
	bool found = false;

	if (!s->present || body.n > MAX_CANONICAL)
		return false;
	bw_buf_init(&b, MAX_CANONICAL);
	for (int sorted = 0; sorted <= 1 && !found && b.err == BW_OK;
	     sorted++) {
		bw_buf_reset(&b);
		found = bwi_json_canonical_add(&b, body, sorted != 0) &&
			b.err == BW_OK &&
			matches(k, (struct bw_str){b.p, b.n}, s, 1);
	}
	if (b.err == BW_ERR_NOMEM)
		*err = BW_ERR_NOMEM;
	bw_buf_free(&b);
	return found;
}

static enum bw_err
check_keys(const struct keys *k, const struct bw_request *r,
    const struct signature *signatures, struct bw_error *e)
{
	enum bw_err err = BW_ERR_SIGNATURE;

	if (matches(k, r->body, signatures, BWI_SIGNATURE__MAX) ||
	    matches_canonical(k, r->body, &signatures[BWI_SIGNATURE_TFV], &err))
		return BW_OK;
	return bw_error_set(e, err, 0,
	    err == BW_ERR_NOMEM ? "signature: out of memory"
				: "signature: rejected: matches no key for "
				  "this body");
}

enum bw_err
bwi_hmac_check(
    struct bwi_hmac *h, const struct bw_request *r, struct bw_error *e)
{
	struct signature signatures[BWI_SIGNATURE__MAX] = {0};
	struct keys *keys;
	enum bw_err err;

	if (r->signatures[BWI_SIGNATURE_TFV].n == 0 &&
	    r->signatures[BWI_SIGNATURE_NUMBERS].n == 0)
		return bw_error_set(
		    e, BW_ERR_SIGNATURE, 0, "signature: missing");
	decode_hex(
	    &signatures[BWI_SIGNATURE_TFV], r->signatures[BWI_SIGNATURE_TFV]);
	decode_base64(&signatures[BWI_SIGNATURE_NUMBERS],
	    r->signatures[BWI_SIGNATURE_NUMBERS]);
	if (!signatures[BWI_SIGNATURE_TFV].present &&
	    !signatures[BWI_SIGNATURE_NUMBERS].present)
		return bw_error_set(e, BW_ERR_SIGNATURE, 0,
		    "signature: rejected: neither 64 hexadecimal digits nor "
		    "44 of base64");
	if (r->body_too_large)
		return bw_error_set(e, BW_ERR_SIGNATURE, 0,
		    "signature: rejected: the body is too large to check");
	if (bwi_file_watch_due(&h->watch))
		reload(h);
	(void)pthread_mutex_lock(&h->lock);
	keys = h->keys;
	atomic_fetch_add(&keys->refs, 1);
	(void)pthread_mutex_unlock(&h->lock);
	err = check_keys(keys, r, signatures, e);
	unref_keys(keys);
	return err;
}
