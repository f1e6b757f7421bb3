#include <config.h>

#include "auth/auth_memory.h"

#include <pthread.h>
#include <string.h>

#include "auth/auth_digests.h"

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	bool usable;
	struct bwi_auth_digests digests;
} memory = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static const struct bw_str no_salt;

static void
init(void)
{
	memory.usable = bwi_auth_digests_init(&memory.digests);
}

bool
bwi_auth_memory_find(const struct bwi_htpasswd *users, struct bw_str user,
    struct bw_str header, const struct bwi_htpasswd_line **line)
{
	struct bwi_auth_digests copy;
	bool known;

	(void)pthread_once(&memory.once, init);
	if (!memory.usable)
		return false;
	/* Compute digests without the lock. */
	(void)pthread_mutex_lock(&memory.lock);
	copy = memory.digests;
	(void)pthread_mutex_unlock(&memory.lock);
	known =
	    bwi_auth_digests_find(&copy, no_salt, users, user, header, line);
	explicit_bzero(&copy, sizeof(copy));
	return known;
}

void
bwi_auth_memory_add(const struct bwi_htpasswd_line *line, struct bw_str header)
{
	(void)pthread_once(&memory.once, init);
	if (!memory.usable)
		return;
	(void)pthread_mutex_lock(&memory.lock);
	(void)bwi_auth_digests_add(&memory.digests, no_salt, line, header);
	(void)pthread_mutex_unlock(&memory.lock);
}
