#include <config.h>

#include "auth/auth_cache.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include <nettle/cmac.h>

#include "base/alloc.h"

/* Ways of a set; the digest selects the set. */
#define WAYS 4

/*
 * Number of sets. Bandwidth uses one or two credentials per application, so 256
 * accepted entries are plenty; 1024 rejected ones cover the variations of a
 * misconfigured client.
 */
#define ACCEPTED_SETS 64
#define REJECTED_SETS 256

/*
 * Read without a lock, so every member is atomic. seq is odd while an entry is
 * being written: a read is valid only if seq was even before it and is the same
 * after it. user is NULL in a free entry.
 */
struct entry {
	_Atomic uint64_t seq;
	_Atomic uint64_t word[2];
	_Atomic uint64_t mark;
	_Atomic(const struct bw_str *) user;
};

struct set {
	struct entry way[WAYS];
	unsigned victim; /* next way to evict when the set is full */
};

struct bwi_auth_cache {
	struct cmac_aes128_ctx keyed; /* key schedule only, no data */
	struct set accepted[ACCEPTED_SETS];
	struct set rejected[REJECTED_SETS];
};

static const struct bw_str no_user;

enum bw_err
bwi_auth_cache_new(struct bwi_auth_cache **out, struct bw_error *e)
{
	struct bwi_auth_cache *m = bwi_calloc(1, sizeof(*m));
	uint8_t key[AES128_KEY_SIZE];

	if (m == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "credentials: out of memory");
	/* getrandom never returns less for up to 256 bytes. */
	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
		bwi_free(m);
		return bw_error_set(e, BW_ERR_IO, errno,
		    "credentials: cannot get random numbers: %s",
		    strerror(errno));
	}
	cmac_aes128_set_key(&m->keyed, key);
	explicit_bzero(key, sizeof(key));
	*out = m;
	return BW_OK;
}

void
bwi_auth_cache_free(struct bwi_auth_cache *m)
{
	if (m == NULL)
		return;
	explicit_bzero(&m->keyed, sizeof(m->keyed));
	bwi_free(m);
}

void
bwi_auth_cache_digest(
    const struct bwi_auth_cache *m, struct bw_str text, struct bwi_digest *d)
{
	struct cmac_aes128_ctx ctx = m->keyed;
	uint8_t out[CMAC128_DIGEST_SIZE];

	_Static_assert(sizeof(out) == sizeof(d->word), "a digest is 128 bits");
	cmac_aes128_update(&ctx, text.n, (const uint8_t *)text.p);
	cmac_aes128_digest(&ctx, sizeof(out), out);
	memcpy(d->word, out, sizeof(out));
	explicit_bzero(&ctx, sizeof(ctx));
}

/* The user of the entry, or NULL when its digest differs. */
static const struct bw_str *
read_entry(struct entry *entry, const struct bwi_digest *d)
{
	uint64_t seq, differ;
	const struct bw_str *user;

	/* Acquire loads order the second read of seq last. */
	seq = atomic_load_explicit(&entry->seq, memory_order_acquire);
	differ = d->word[0] ^
		 atomic_load_explicit(&entry->word[0], memory_order_acquire);
	differ |= d->word[1] ^
		  atomic_load_explicit(&entry->word[1], memory_order_acquire);
	user = atomic_load_explicit(&entry->user, memory_order_acquire);
	if (differ != 0 || seq % 2 != 0 ||
	    atomic_load_explicit(&entry->seq, memory_order_relaxed) != seq)
		return NULL;
	return user;
}

static const struct bw_str *
find_user(struct set *set, const struct bwi_digest *d)
{
	for (size_t i = 0; i < WAYS; i++) {
		const struct bw_str *user = read_entry(&set->way[i], d);

		if (user != NULL)
			return user;
	}
	return NULL;
}

enum bwi_auth_cache_result
bwi_auth_cache_find(
    struct bwi_auth_cache *m, const struct bwi_digest *d, struct bw_str *user)
{
	const struct bw_str *found;

	found = find_user(&m->accepted[d->word[0] % ACCEPTED_SETS], d);
	if (found != NULL) {
		*user = *found;
		return BWI_AUTH_CACHE_ACCEPTED;
	}
	if (find_user(&m->rejected[d->word[0] % REJECTED_SETS], d) != NULL)
		return BWI_AUTH_CACHE_REJECTED;
	return BWI_AUTH_CACHE_NONE;
}

static void
write_entry(struct entry *entry, const struct bwi_digest *d,
    const struct bw_str *user, uint64_t mark)
{
	uint64_t seq = atomic_load_explicit(&entry->seq, memory_order_relaxed);

	atomic_store_explicit(&entry->seq, seq + 1, memory_order_relaxed);
	atomic_store_explicit(
	    &entry->word[0], d->word[0], memory_order_release);
	atomic_store_explicit(
	    &entry->word[1], d->word[1], memory_order_release);
	atomic_store_explicit(&entry->mark, mark, memory_order_release);
	atomic_store_explicit(&entry->user, user, memory_order_release);
	atomic_store_explicit(&entry->seq, seq + 2, memory_order_release);
}

/* Uses a free way, else evicts the next victim. */
static void
add_entry(struct set *set, const struct bwi_digest *d,
    const struct bw_str *user, uint64_t mark)
{
	if (find_user(set, d) != NULL)
		return;
	for (size_t i = 0; i < WAYS; i++) {
		if (atomic_load(&set->way[i].user) == NULL) {
			write_entry(&set->way[i], d, user, mark);
			return;
		}
	}
	write_entry(&set->way[set->victim], d, user, mark);
	set->victim = (set->victim + 1) % WAYS;
}

void
bwi_auth_cache_add_accepted(struct bwi_auth_cache *m,
    const struct bwi_digest *d, const struct bw_str *user, uint64_t mark)
{
	add_entry(&m->accepted[d->word[0] % ACCEPTED_SETS], d, user, mark);
}

void
bwi_auth_cache_add_rejected(
    struct bwi_auth_cache *m, const struct bwi_digest *d)
{
	add_entry(&m->rejected[d->word[0] % REJECTED_SETS], d, &no_user, 0);
}

static void
free_entry(struct entry *entry)
{
	write_entry(entry, &(struct bwi_digest){{0, 0}}, NULL, 0);
}

void
bwi_auth_cache_prune(struct bwi_auth_cache *m,
    bool (*still_valid)(const void *arg, uint64_t mark), const void *arg)
{
	for (size_t i = 0; i < ACCEPTED_SETS * WAYS; i++) {
		struct entry *entry = &m->accepted[i / WAYS].way[i % WAYS];

		if (atomic_load(&entry->user) != NULL &&
		    !still_valid(arg, atomic_load(&entry->mark)))
			free_entry(entry);
	}
	for (size_t i = 0; i < REJECTED_SETS * WAYS; i++)
		free_entry(&m->rejected[i / WAYS].way[i % WAYS]);
}
