#include <config.h>

#include "auth/credentials.h"
#include "base/request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "auth/auth_cache.h"
#include "auth/auth_cache_file.h"
#include "auth/basic_auth.h"
#include "auth/hash_limiter.h"
#include "auth/htpasswd.h"
#include "base/alloc.h"
#include "os/file_watch.h"

/*
 * Name of a user that has authenticated. Never freed before the credentials,
 * because results point to it. Only accepted passwords add a name, so the list
 * is limited by the users of the files.
 */
struct name {
	struct name *next;
	struct bw_str text;
	char bytes[];
};

struct bwi_credentials {
	char *realm;
	struct bwi_auth_cache *cache; /* in a server */
	struct bwi_auth_cache_file
	    *cache_file; /* in a process for one request */
	struct bwi_file_watch watch;
	atomic_bool reloading;
	pthread_mutex_t
	    lock; /* protects users and names, and writes to cache */
	struct bwi_htpasswd *users;
	struct name *names;
};

/* Called without the lock: other requests must not wait for this I/O. */
static enum bw_err
read_users(
    struct bwi_credentials *c, struct bwi_htpasswd **users, struct bw_error *e)
{
	char *text;
	size_t n;
	enum bw_err err;

	err = bwi_file_watch_read(&c->watch, BW_MAX_PASSWD, &text, &n, e);
	return err == BW_OK
		   ? bwi_htpasswd_parse_take(users, c->watch.path, text, n, e)
		   : err;
}

static bool
line_exists(const void *users, uint64_t mark)
{
	return bwi_htpasswd_has(users, mark);
}

static void
reload(struct bwi_credentials *c)
{
	struct bwi_htpasswd *users = NULL, *old = NULL;
	struct bw_error e = {0};
	enum bw_err err;

	if (atomic_exchange(&c->reloading, true))
		return;
	if (bwi_file_watch_changed(&c->watch)) {
		err = read_users(c, &users, &e);
		(void)pthread_mutex_lock(&c->lock);
		if (err == BW_OK) {
			old = c->users;
			c->users = users;
			bwi_auth_cache_prune(c->cache, line_exists, c->users);
			bwi_file_watch_succeeded(&c->watch);
		} else {
			bwi_file_watch_failed(&c->watch, &e);
		}
		(void)pthread_mutex_unlock(&c->lock);
		bwi_htpasswd_unref(old);
	}
	atomic_store(&c->reloading, false);
}

enum bw_err
bwi_credentials_open(struct bwi_credentials **out, const char *realm,
    const char *file, const char *cache_file, struct bw_error *e)
{
	struct bwi_credentials *c = bwi_calloc(1, sizeof(*c));
	enum bw_err err;

	if (c == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "credentials: out of memory");
	atomic_init(&c->reloading, false);
	(void)pthread_mutex_init(&c->lock, NULL);
	c->realm = bwi_strndup(realm, strlen(realm));
	err = c->realm != NULL ? BW_OK
			       : bw_error_set(e, BW_ERR_NOMEM, 0,
				     "credentials: out of memory");
	if (err == BW_OK)
		err = bwi_file_watch_init(&c->watch, file, e);
	if (err == BW_OK && cache_file != NULL)
		err = bwi_auth_cache_file_new(&c->cache_file, cache_file, e);
	if (err == BW_OK && cache_file == NULL)
		err = bwi_auth_cache_new(&c->cache, e);
	if (err == BW_OK && cache_file == NULL)
		err = read_users(c, &c->users, e);
	if (err != BW_OK) {
		bwi_credentials_free(c);
		return err;
	}
	*out = c;
	return BW_OK;
}

void
bwi_credentials_free(struct bwi_credentials *c)
{
	if (c == NULL)
		return;
	while (c->names != NULL) {
		struct name *name = c->names;

		c->names = name->next;
		bwi_free(name);
	}
	bwi_htpasswd_unref(c->users);
	bwi_file_watch_free(&c->watch);
	bwi_auth_cache_free(c->cache);
	bwi_auth_cache_file_free(c->cache_file);
	(void)pthread_mutex_destroy(&c->lock);
	bwi_free(c->realm);
	bwi_free(c);
}

struct bw_str
bwi_credentials_realm(const struct bwi_credentials *c)
{
	return (struct bw_str){c->realm, strlen(c->realm)};
}

bool
bwi_credentials_take_warning(struct bwi_credentials *c, struct bw_error *e)
{
	bool taken;

	if (!atomic_load_explicit(&c->watch.has_warning, memory_order_relaxed))
		return false;
	(void)pthread_mutex_lock(&c->lock);
	taken = bwi_file_watch_take_warning(&c->watch, e);
	(void)pthread_mutex_unlock(&c->lock);
	return taken;
}

/* The list's copy of a user's name; NULL when out of memory. Needs the lock. */
static const struct bw_str *
intern_user(struct bwi_credentials *c, struct bw_str user)
{
	struct name *name;

	for (name = c->names; name != NULL; name = name->next) {
		if (bw_str_eq(name->text, user))
			return &name->text;
	}
	name = bwi_alloc(sizeof(*name) + user.n);
	if (name == NULL)
		return NULL;
	memcpy(name->bytes, user.p, user.n);
	name->text = (struct bw_str){name->bytes, user.n};
	name->next = c->names;
	c->names = name;
	return &name->text;
}

/*
 * Caches a result, unless the file has changed meanwhile: then the result is
 * valid for this request only.
 */
static enum bw_err
cache_accepted(struct bwi_credentials *c, const struct bwi_htpasswd *users,
    const struct bwi_digest *d, const struct bwi_htpasswd_line *line,
    struct bw_str *user, struct bw_error *e)
{
	const struct bw_str *name;

	(void)pthread_mutex_lock(&c->lock);
	name = intern_user(c, line->user);
	if (users == c->users && name != NULL)
		bwi_auth_cache_add_accepted(c->cache, d, name, line->mark);
	(void)pthread_mutex_unlock(&c->lock);
	if (name == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "authorization: out of memory");
	*user = *name;
	return BW_OK;
}

static void
cache_rejected(struct bwi_credentials *c, const struct bwi_htpasswd *users,
    const struct bwi_digest *d)
{
	(void)pthread_mutex_lock(&c->lock);
	if (users == c->users)
		bwi_auth_cache_add_rejected(c->cache, d);
	(void)pthread_mutex_unlock(&c->lock);
}

/*
 * Hashes without the lock. The reference preserves the users if the file
 * changes meanwhile.
 */
static enum bw_err
verify(struct bwi_credentials *c, const struct bwi_digest *d,
    const struct bwi_basic_auth *b, struct bw_str *user, struct bw_error *e)
{
	const struct bwi_htpasswd_line *line = NULL;
	struct bwi_htpasswd *users;
	enum bw_err err;

	(void)pthread_mutex_lock(&c->lock);
	users = c->users;
	bwi_htpasswd_ref(users);
	(void)pthread_mutex_unlock(&c->lock);
	err = bwi_htpasswd_verify(users, b->user, b->password, &line, e);
	if (err == BW_OK)
		err = cache_accepted(c, users, d, line, user, e);
	else if (err == BW_ERR_REJECTED)
		cache_rejected(c, users, d);
	bwi_htpasswd_unref(users);
	return err;
}

static enum bw_err
find_in_cache(struct bwi_credentials *c, const struct bwi_digest *d,
    struct bw_str *user, bool *known, struct bw_error *e)
{
	enum bwi_auth_cache_result m = bwi_auth_cache_find(c->cache, d, user);

	*known = m != BWI_AUTH_CACHE_NONE;
	if (m == BWI_AUTH_CACHE_REJECTED)
		return bw_error_set(e, BW_ERR_REJECTED, 0,
		    "authorization: rejected: wrong user or password");
	return BW_OK;
}

/*
 * After waiting for the limiter, look in the cache again: another thread may
 * have checked the same credentials.
 */
static enum bw_err
verify_limited(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, const struct bwi_digest *d, struct bw_str *user,
    struct bw_error *e)
{
	struct bwi_hash_limiter *limiter = bwi_hash_limiter();
	struct bwi_basic_auth b;
	bool known;
	enum bw_err err;

	err = bwi_basic_auth_parse(&b, r->authorization, e);
	if (err != BW_OK)
		goto out;
	err = bwi_hash_limiter_enter(limiter, d, r->remote_addr, deadline, e);
	if (err != BW_OK)
		goto out;
	err = find_in_cache(c, d, user, &known, e);
	if (!known)
		err = verify(c, d, &b, user, e);
	bwi_hash_limiter_leave(limiter, d, !known && err == BW_ERR_REJECTED);
out:
	bwi_basic_auth_wipe(&b);
	return err;
}

/*
 * Look in the cache file again after waiting for its lock, then hash; add an
 * accepted password for later processes.
 */
static enum bw_err
verify_locked(struct bwi_credentials *c, const struct bwi_basic_auth *b,
    struct bw_str header, int64_t deadline,
    const struct bwi_htpasswd_line **line, struct bw_error *e)
{
	enum bw_err err = bwi_auth_cache_file_enter(c->cache_file, deadline, e);

	if (err != BW_OK)
		return err;
	if (!bwi_auth_cache_file_find(
		c->cache_file, c->users, b->user, header, line)) {
		err = bwi_htpasswd_verify(
		    c->users, b->user, b->password, line, e);
		if (err == BW_OK)
			bwi_auth_cache_file_add(c->cache_file, *line, header);
	}
	bwi_auth_cache_file_leave(c->cache_file);
	return err;
}

/*
 * A server fails to start when the file is invalid; here it is an error of the
 * request.
 */
static enum bw_err
load_users_once(struct bwi_credentials *c, struct bw_error *e)
{
	struct bw_error why = {0};
	enum bw_err err = read_users(c, &c->users, &why);

	return err == BW_OK ? BW_OK
			    : bw_error_set(e, bwi_file_watch_request_error(err),
				  why.sys, "%s", why.msg);
}

static enum bw_err
check_once(struct bwi_credentials *c, struct bw_str header, int64_t deadline,
    struct bw_str *user, struct bw_error *e)
{
	const struct bwi_htpasswd_line *line = NULL;
	struct bwi_basic_auth b;
	enum bw_err err;

	err = bwi_basic_auth_parse(&b, header, e);
	if (err == BW_OK && c->users == NULL)
		err = load_users_once(c, e);
	if (err == BW_OK && !bwi_auth_cache_file_find(
				c->cache_file, c->users, b.user, header, &line))
		err = verify_locked(c, &b, header, deadline, &line, e);
	if (err == BW_OK)
		*user = line->user;
	bwi_basic_auth_wipe(&b);
	return err;
}

enum bw_err
bwi_credentials_check(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, struct bw_str *user, struct bw_error *e)
{
	struct bwi_digest d;
	bool known;
	enum bw_err err;

	if (r->authorization.n == 0)
		return bw_error_set(e, BW_ERR_MISSING, 0,
		    r->authorization_empty
			? "authorization: missing: the header is empty"
			: "authorization: missing");
	if (c->cache_file != NULL)
		return check_once(c, r->authorization, deadline, user, e);
	if (bwi_file_watch_due(&c->watch))
		reload(c);
	bwi_auth_cache_digest(c->cache, r->authorization, &d);
	err = find_in_cache(c, &d, user, &known, e);
	return known ? err : verify_limited(c, r, deadline, &d, user, e);
}
