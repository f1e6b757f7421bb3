#include <config.h>

#include "auth/credentials.h"
#include "base/request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "auth/auth_cache.h"
#include "auth/auth_cache_file.h"
#include "auth/auth_memory.h"
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
	char *later;	 /* path of a server's cache file; NULL: none */
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
	bwi_free(c->later);
	(void)pthread_mutex_destroy(&c->lock);
	bwi_free(c->realm);
	bwi_free(c);
}

bool
bwi_credentials_has(struct bwi_credentials *c, struct bw_str user)
{
	const struct bwi_htpasswd_line *unused;
	bool has;

	(void)pthread_mutex_lock(&c->lock);
	has =
	    c->users == NULL || bwi_htpasswd_lines(c->users, user, &unused) > 0;
	(void)pthread_mutex_unlock(&c->lock);
	return has;
}

enum bw_err
bwi_credentials_set_cache_file(
    struct bwi_credentials *c, const char *cache_file, struct bw_error *e)
{
	bwi_free(c->later);
	c->later = bwi_strndup(cache_file, strlen(cache_file));
	return c->later != NULL ? BW_OK
				: bw_error_set(e, BW_ERR_NOMEM, 0,
				      "credentials: out of memory");
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

static struct bwi_htpasswd *
take_users(struct bwi_credentials *c)
{
	struct bwi_htpasswd *users;

	(void)pthread_mutex_lock(&c->lock);
	users = c->users;
	bwi_htpasswd_ref(users);
	(void)pthread_mutex_unlock(&c->lock);
	return users;
}

/* Was it accepted before, by this process or an earlier one? */
static bool
find_accepted(struct bwi_credentials *c, const struct bwi_htpasswd *users,
    struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **line)
{
	struct bwi_auth_cache_file *v = NULL;
	bool known;

	if (bwi_auth_memory_find(users, user, header, line))
		return true;
	if (c->later == NULL ||
	    bwi_auth_cache_file_new(&v, c->later, NULL) != BW_OK)
		return false;
	known = bwi_auth_cache_file_find(v, users, user, header, line);
	bwi_auth_cache_file_free(v);
	if (known)
		bwi_auth_memory_add(*line, header);
	return known;
}

/* Does not wait for a process that has the file locked. */
static void
record_accepted(struct bwi_credentials *c, const struct bwi_htpasswd_line *line,
    struct bw_str header)
{
	struct bwi_auth_cache_file *v = NULL;

	bwi_auth_memory_add(line, header);
	if (c->later == NULL ||
	    bwi_auth_cache_file_new(&v, c->later, NULL) != BW_OK)
		return;
	if (bwi_auth_cache_file_enter(v, 0, NULL) == BW_OK)
		bwi_auth_cache_file_add(v, line, header);
	bwi_auth_cache_file_free(v);
}

/*
 * Hashes without the lock. The reference preserves the users if the file
 * changes meanwhile.
 */
static enum bw_err
verify(struct bwi_credentials *c, const struct bwi_digest *d,
    const struct bwi_basic_auth *b, struct bw_str header, struct bw_str *user,
    struct bw_error *e)
{
	const struct bwi_htpasswd_line *line = NULL;
	struct bwi_htpasswd *users = take_users(c);
	enum bw_err err;

	err = bwi_htpasswd_verify(users, b->user, b->password, &line, e);
	if (err == BW_OK) {
		record_accepted(c, line, header);
		err = cache_accepted(c, users, d, line, user, e);
	} else if (err == BW_ERR_REJECTED) {
		cache_rejected(c, users, d);
	}
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

/* Look among the passwords that earlier processes and configurations
 * accepted. */
static enum bw_err
recall(struct bwi_credentials *c, const struct bwi_digest *d,
    const struct bwi_basic_auth *b, struct bw_str header, struct bw_str *user,
    bool *known, struct bw_error *e)
{
	const struct bwi_htpasswd_line *line = NULL;
	struct bwi_htpasswd *users = take_users(c);
	enum bw_err err = BW_OK;

	*known = find_accepted(c, users, b->user, header, &line);
	if (*known)
		err = cache_accepted(c, users, d, line, user, e);
	bwi_htpasswd_unref(users);
	return err;
}

/*
 * It is the request's turn to hash. Look in the cache again: another thread may
 * have checked the same credentials meanwhile.
 */
static enum bw_err
use_turn(struct bwi_credentials *c, const struct bw_request *r,
    struct bwi_hash_turn *turn, const struct bwi_basic_auth *b,
    struct bw_str *user, struct bw_error *e)
{
	bool known;
	enum bw_err err = find_in_cache(c, &turn->digest, user, &known, e);

	if (!known)
		err = verify(c, &turn->digest, b, r->authorization, user, e);
	bwi_hash_limiter_leave(
	    bwi_hash_limiter(), turn, !known && err == BW_ERR_REJECTED);
	return err;
}

static enum bw_err
verify_limited(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, const struct bwi_digest *d,
    const struct bwi_basic_auth *b, struct bw_str *user, struct bw_error *e)
{
	struct bwi_hash_turn turn;
	enum bw_err err;

	bwi_hash_turn_init(&turn, d, r->remote_addr, b->user);
	err = bwi_hash_limiter_enter(bwi_hash_limiter(), &turn, deadline, e);
	return err == BW_OK ? use_turn(c, r, &turn, b, user, e) : err;
}

/* The credentials are not in the cache. */
static enum bw_err
check_unknown(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, const struct bwi_digest *d, struct bw_str *user,
    struct bw_error *e)
{
	struct bwi_basic_auth b;
	bool known = false;
	enum bw_err err;

	err = bwi_basic_auth_parse(&b, r->authorization, e);
	if (err == BW_OK)
		err = recall(c, d, &b, r->authorization, user, &known, e);
	if (err == BW_OK && !known)
		err = verify_limited(c, r, deadline, d, &b, user, e);
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

/*
 * The part of a check that needs no hash. false: the credentials are unknown,
 * *d is their digest.
 */
static bool
check_known(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, struct bwi_digest *d, struct bw_str *user,
    enum bw_err *err, struct bw_error *e)
{
	bool known;

	if (r->authorization.n == 0) {
		*err = bw_error_set(e, BW_ERR_MISSING, 0,
		    r->authorization_empty
			? "authorization: missing: the header is empty"
			: "authorization: missing");
		return true;
	}
	if (c->cache_file != NULL) {
		*err = check_once(c, r->authorization, deadline, user, e);
		return true;
	}
	if (bwi_file_watch_due(&c->watch))
		reload(c);
	bwi_auth_cache_digest(c->cache, r->authorization, d);
	*err = find_in_cache(c, d, user, &known, e);
	return known;
}

enum bw_err
bwi_credentials_check(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, struct bw_str *user, struct bw_error *e)
{
	struct bwi_digest d;
	enum bw_err err;

	if (check_known(c, r, deadline, &d, user, &err, e))
		return err;
	return check_unknown(c, r, deadline, &d, user, e);
}

static void
wake(struct bwi_hash_turn *turn)
{
	struct bwi_parking *p = turn->arg;

	/* The calling thread may go on to another hash. */
	p->waker.wake(p->waker.arg, true);
}

/* Ask for a turn. true: it needs none, the answer is *err. */
static bool
ask(struct bwi_credentials *c, const struct bw_request *r, int64_t deadline,
    struct bwi_credentials_try *t, const struct bwi_basic_auth *b,
    struct bw_str *user, enum bw_err *err, struct bw_error *e)
{
	bool known = false;

	*err = recall(c, &t->turn.digest, b, r->authorization, user, &known, e);
	if (*err != BW_OK || known)
		return true;
	bwi_hash_turn_init(&t->turn, &t->turn.digest, r->remote_addr, b->user);
	t->turn.ready = wake;
	t->turn.arg = t->parking;
	t->begun = true;
	t->until = bw_earlier(deadline,
	    bw_monotonic_ns() + BWI_HASH_LIMITER_MAX_WAIT * INT64_C(1000000));
	if (t->parking->hurry)
		t->until = 0;
	(void)bwi_hash_limiter_ask(bwi_hash_limiter(), &t->turn);
	return false;
}

/* Has the request got a turn, or was it refused? */
static bool
has_turn(struct bwi_credentials_try *t, enum bw_err *err, struct bw_error *e)
{
	struct bwi_hash_limiter *limiter = bwi_hash_limiter();
	enum bwi_hash_state state = bwi_hash_limiter_state(limiter, &t->turn);

	*err = BW_OK;
	if (state == BWI_HASH_WAITS) {
		if (!bwi_parking_over(t->parking, t->until))
			return false;
		if (!bwi_hash_limiter_cancel(limiter, &t->turn))
			state = bwi_hash_limiter_state(limiter, &t->turn);
	}
	t->begun = false;
	if (state != BWI_HASH_ADMITTED)
		*err = bw_error_set(e, BW_ERR_BUSY, 0,
		    "authorization: too many unknown passwords at once");
	return true;
}

static bool
try_parsed(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, struct bwi_credentials_try *t,
    const struct bwi_basic_auth *b, struct bw_str *user, enum bw_err *err,
    struct bw_error *e)
{
	if (!t->begun && ask(c, r, deadline, t, b, user, err, e))
		return true;
	if (!has_turn(t, err, e))
		return false;
	if (*err == BW_OK) {
		bwi_parking_slow(t->parking);
		*err = use_turn(c, r, &t->turn, b, user, e);
	}
	return true;
}

bool
bwi_credentials_try(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, struct bwi_credentials_try *t, struct bw_str *user,
    enum bw_err *err, struct bw_error *e)
{
	struct bwi_basic_auth b;
	bool done = true;

	if (!t->begun &&
	    check_known(c, r, deadline, &t->turn.digest, user, err, e))
		return true;
	*err = bwi_basic_auth_parse(&b, r->authorization, e);
	if (*err == BW_OK)
		done = try_parsed(c, r, deadline, t, &b, user, err, e);
	bwi_basic_auth_wipe(&b);
	return done;
}
