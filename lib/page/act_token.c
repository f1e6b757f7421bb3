/* Proof that a form comes from a page of ours. */
#include <config.h>

#include "page/act_token.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "base/alloc.h"
#include "base/request.h"
#include "config/config_internal.h"
#include "store/store.h"

#define KEY_SIZE 32
#define LIFETIME (3600 * 1000) /* milliseconds */

/* The time of expiry, and what authenticates it. */
#define RAW_SIZE (8 + SHA256_DIGEST_SIZE)

static enum bw_err
read_key(const char *path, uint8_t key[KEY_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return BW_ERR_NOFILE;
	n = read(fd, key, KEY_SIZE);
	(void)close(fd);
	return n == KEY_SIZE ? BW_OK : BW_ERR_IO;
}

/* Write a new key under a temporary name, and give it its name when whole. */
static enum bw_err
write_key(const char *path)
{
	uint8_t key[KEY_SIZE];
	struct bw_buf name;
	enum bw_err err = BW_ERR_IO;
	int fd;

	bw_buf_init(&name, 8192);
	bw_buf_printf(&name, "%s.%ld%c", path, (long)getpid(), '\0');
	if (name.err != BW_OK ||
	    getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		goto out;
	(void)unlink(name.p);
	fd = open(name.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		goto out;
	/* Another process may have been faster: its key counts. */
	if (write(fd, key, sizeof(key)) == (ssize_t)sizeof(key) &&
	    fsync(fd) == 0 && (link(name.p, path) == 0 || errno == EEXIST))
		err = BW_OK;
	(void)close(fd);
	(void)unlink(name.p);
out:
	bw_buf_free(&name);
	return err;
}

/* The key of a process whose store is no file. */
static enum bw_err
own_key(uint8_t key[KEY_SIZE])
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static uint8_t own[KEY_SIZE];
	static bool made;
	enum bw_err err = BW_OK;

	(void)pthread_mutex_lock(&mutex);
	if (!made)
		made = getrandom(own, sizeof(own), 0) == (ssize_t)sizeof(own);
	if (made)
		memcpy(key, own, KEY_SIZE);
	else
		err = BW_ERR_IO;
	(void)pthread_mutex_unlock(&mutex);
	return err;
}

static enum bw_err
get_key(const struct bwi_view *v, uint8_t key[KEY_SIZE])
{
	static const char scheme[] = "sqlite:";
	struct bwi_store_handle *handle = v->request->section->store;
	const char *url = handle != NULL ? bwi_store_handle_url(handle) : "";
	bool file = strncmp(url, scheme, sizeof(scheme) - 1) == 0;
	char *spool = NULL; /* a database has one on each host */
	struct bw_buf path;
	enum bw_err err;

	if (!file && (handle == NULL ||
			 bwi_store_spool_path(url, &spool, NULL) != BW_OK ||
			 spool == NULL))
		return own_key(key);
	bw_buf_init(&path, 8192);
	bw_buf_printf(&path, "%s.inspector%c",
	    file ? url + sizeof(scheme) - 1 : spool, '\0');
	bwi_free(spool);
	err = path.err;
	if (err == BW_OK)
		err = read_key(path.p, key);
	if (err == BW_ERR_NOFILE) {
		err = write_key(path.p);
		if (err == BW_OK)
			err = read_key(path.p, key);
	}
	bw_buf_free(&path);
	return err;
}

/* A part with its length before it, so that no two lists look the same. */
static void
add_part(struct hmac_sha256_ctx *h, struct bw_str s)
{
	uint8_t n[8];

	for (int i = 0; i < 8; i++)
		n[i] = (uint8_t)((uint64_t)s.n >> (8 * i));
	hmac_sha256_update(h, sizeof(n), n);
	if (s.n > 0)
		hmac_sha256_update(h, s.n, (const uint8_t *)s.p);
}

static void
put_code(const struct bwi_view *v, const uint8_t key[KEY_SIZE],
    const char *action, struct bw_str object, uint8_t raw[RAW_SIZE])
{
	struct hmac_sha256_ctx h;
	const char *page = v->page->name;

	hmac_sha256_set_key(&h, KEY_SIZE, key);
	hmac_sha256_update(&h, 8, raw);
	add_part(&h, v->user);
	/* It has the password: with another one the token is void. */
	add_part(&h, v->request->request->authorization);
	add_part(&h, v->request->section->path);
	add_part(&h, (struct bw_str){page, strlen(page)});
	add_part(&h, v->id);
	add_part(&h, (struct bw_str){action, strlen(action)});
	add_part(&h, object);
	hmac_sha256_digest(&h, SHA256_DIGEST_SIZE, raw + 8);
}

enum bw_err
bwi_act_token_make(const struct bwi_view *v, const char *action,
    struct bw_str object, char out[BWI_ACT_TOKEN_SIZE])
{
	uint64_t expires = (uint64_t)(v->now + LIFETIME);
	uint8_t key[KEY_SIZE], raw[RAW_SIZE];
	enum bw_err err = get_key(v, key);

	_Static_assert(BASE64_ENCODE_RAW_LENGTH(RAW_SIZE) < BWI_ACT_TOKEN_SIZE,
	    "a token fits");
	if (err != BW_OK)
		return err;
	for (int i = 0; i < 8; i++)
		raw[i] = (uint8_t)(expires >> (8 * i));
	put_code(v, key, action, object, raw);
	base64_encode_raw(out, RAW_SIZE, raw);
	out[BASE64_ENCODE_RAW_LENGTH(RAW_SIZE)] = '\0';
	explicit_bzero(key, sizeof(key));
	return BW_OK;
}

static bool
decode(struct bw_str token, uint8_t raw[RAW_SIZE])
{
	struct base64_decode_ctx ctx;
	uint8_t all[BASE64_DECODE_LENGTH(BWI_ACT_TOKEN_SIZE)];
	size_t n = sizeof(all);

	if (token.n != BASE64_ENCODE_RAW_LENGTH(RAW_SIZE))
		return false;
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &n, all, token.n, token.p) ||
	    !base64_decode_final(&ctx) || n != RAW_SIZE)
		return false;
	memcpy(raw, all, RAW_SIZE);
	return true;
}

bool
bwi_act_token_is(const struct bwi_view *v, const char *action,
    struct bw_str object, struct bw_str token)
{
	uint8_t key[KEY_SIZE], got[RAW_SIZE], want[RAW_SIZE];
	uint64_t expires = 0;
	bool good;

	if (!decode(token, got) || get_key(v, key) != BW_OK)
		return false;
	for (int i = 0; i < 8; i++)
		expires |= (uint64_t)got[i] << (8 * i);
	memcpy(want, got, 8);
	put_code(v, key, action, object, want);
	good = memeql_sec(got, want, RAW_SIZE) != 0;
	explicit_bzero(key, sizeof(key));
	/* One from the future was made before the clock was set back. */
	return good && expires >= (uint64_t)v->now &&
	       expires <= (uint64_t)v->now + LIFETIME;
}
