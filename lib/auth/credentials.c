#include <config.h>

#include "auth/credentials.h"

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
 * A user who has authenticated: kept for good, because results point to it.
 * Only right passwords add one, so it grows with the users the files had.
 */
struct name {
	struct name *next;
	struct bw_str text;
	char bytes[];
};

struct bwi_credentials {
	char *realm;
	struct bwi_auth_cache *memory;	      /* in a server */
	struct bwi_auth_cache_file *verified; /* in a process for one request */
	struct bwi_file_watch watch;
	atomic_bool reloading;
	pthread_mutex_t lock; /* for what follows, and writing the memory */
	struct bwi_htpasswd *users;
	struct name *names;
};

/* Without the lock, which other requests must not wait for during I/O. */
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
keep_line(const void *users, uint64_t mark)
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
			bwi_auth_cache_add(c->memory, keep_line, c->users);
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
    const char *file, const char *verified, struct bw_error *e)
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
	if (err == BW_OK && verified != NULL)
		err = bwi_auth_cache_file_new(&c->verified, verified, e);
	if (err == BW_OK && verified == NULL)
		err = bwi_auth_cache_new(&c->memory, e);
	if (err == BW_OK && verified == NULL)
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
	bwi_auth_cache_free(c->memory);
	bwi_auth_cache_file_free(c->verified);
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

	if (!atomic_load_explicit(&c->watch.has_notice, memory_order_relaxed))
		return false;
	(void)pthread_mutex_lock(&c->lock);
	taken = bwi_file_watch_take_warning(&c->watch, e);
	(void)pthread_mutex_unlock(&c->lock);
	return taken;
}

/* The kept copy of a user's name; NULL without memory. Locked. */
static const struct bw_str *
keep_name(struct bwi_credentials *c, struct bw_str user)
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
 * A result is kept for the next time unless the file changed meanwhile: then
 * it holds for this request only.
 */
static enum bw_err
keep_right(struct bwi_credentials *c, const struct bwi_htpasswd *users,
    const struct bwi_digest *d, const struct bwi_htpasswd_line *line,
    struct bw_str *user, struct bw_error *e)
{
	const struct bw_str *name;

	(void)pthread_mutex_lock(&c->lock);
	name = keep_name(c, line->user);
	if (users == c->users && name != NULL)
		bwi_auth_cache_right(c->memory, d, name, line->mark);
	(void)pthread_mutex_unlock(&c->lock);
	if (name == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "authorization: out of memory");
	*user = *name;
	return BW_OK;
}

static void
keep_wrong(struct bwi_credentials *c, const struct bwi_htpasswd *users,
    const struct bwi_digest *d)
{
	(void)pthread_mutex_lock(&c->lock);
	if (users == c->users)
		bwi_auth_cache_wrong(c->memory, d);
	(void)pthread_mutex_unlock(&c->lock);
}

/* Hash. The users stay as they are meanwhile, whatever becomes of the file. */
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
		err = keep_right(c, users, d, line, user, e);
	else if (err == BW_ERR_REJECTED)
		keep_wrong(c, users, d);
	bwi_htpasswd_unref(users);
	return err;
}

static enum bw_err
recall(struct bwi_credentials *c, const struct bwi_digest *d,
    struct bw_str *user, bool *known, struct bw_error *e)
{
	enum bwi_memory m = bwi_auth_cache_find(c->memory, d, user);

	*known = m != BWI_MEMORY_NONE;
	if (m == BWI_MEMORY_WRONG)
		return bw_error_set(e, BW_ERR_REJECTED, 0,
		    "authorization: rejected: wrong user or password");
	return BW_OK;
}

/* Whoever had to wait for a turn looks first whether it is known by now. */
static enum bw_err
verify_in_turn(struct bwi_credentials *c, const struct bw_request *r,
    int64_t deadline, const struct bwi_digest *d, struct bw_str *user,
    struct bw_error *e)
{
	struct bwi_hash_limiter *gate = bwi_hash_limiter();
	struct bwi_basic_auth b;
	bool known;
	enum bw_err err;

	err = bwi_basic_auth_parse(&b, r->authorization, e);
	if (err != BW_OK)
		goto out;
	err = bwi_hash_limiter_enter(gate, d, r->remote_addr, deadline, e);
	if (err != BW_OK)
		goto out;
	err = recall(c, d, user, &known, e);
	if (!known)
		err = verify(c, d, &b, user, e);
	bwi_hash_limiter_leave(gate, d, !known && err == BW_ERR_REJECTED);
out:
	bwi_basic_auth_wipe(&b);
	return err;
}

/*
 * Hash, unless somebody did while it had to be waited for; a right password is
 * known to the next process.
 */
static enum bw_err
verify_once(struct bwi_credentials *c, const struct bwi_basic_auth *b,
    struct bw_str header, int64_t deadline,
    const struct bwi_htpasswd_line **line, struct bw_error *e)
{
	enum bw_err err = bwi_auth_cache_file_enter(c->verified, deadline, e);

	if (err != BW_OK)
		return err;
	if (!bwi_auth_cache_file_find(
		c->verified, c->users, b->user, header, line)) {
		err = bwi_htpasswd_verify(
		    c->users, b->user, b->password, line, e);
		if (err == BW_OK)
			bwi_auth_cache_file_add(c->verified, *line, header);
	}
	bwi_auth_cache_file_leave(c->verified);
	return err;
}

/* A server does not start without; here there is nothing to have started. */
static enum bw_err
load_users_once(struct bwi_credentials *c, struct bw_error *e)
{
	struct bw_error why = {0};
	enum bw_err err = read_users(c, &c->users, &why);

	return err == BW_OK ? BW_OK
			    : bw_error_set(e, bwi_file_watch_fault(err),
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
				c->verified, c->users, b.user, header, &line))
		err = verify_once(c, &b, header, deadline, &line, e);
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
	if (c->verified != NULL)
		return check_once(c, r->authorization, deadline, user, e);
	if (bwi_file_watch_due(&c->watch))
		reload(c);
	bwi_auth_cache_digest(c->memory, r->authorization, &d);
	err = recall(c, &d, user, &known, e);
	return known ? err : verify_in_turn(c, r, deadline, &d, user, e);
}
