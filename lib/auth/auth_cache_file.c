#include <config.h>

#include "auth/auth_cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include <bwcallback/tools/clock.h>

#include "auth/hash_limiter.h"
#include "base/alloc.h"
#include "os/file_lock.h"

#define MAGIC	"BWright\1"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/*
 * Entries of the file: an application uses one or two. When it is full, a new
 * entry replaces another.
 */
#define ENTRIES 64

struct entry {
	uint8_t digest[SHA256_DIGEST_SIZE];
};

struct content {
	char magic[8];
	uint8_t key[SHA256_DIGEST_SIZE];
	struct entry entries[ENTRIES];
};

struct bwi_auth_cache_file {
	char *path;
	int fd; /* while locked; -1: no file */
	struct content content;
};

enum bw_err
bwi_auth_cache_file_new(
    struct bwi_auth_cache_file **out, const char *path, struct bw_error *e)
{
	struct bwi_auth_cache_file *v = bwi_calloc(1, sizeof(*v));

	if (v != NULL) {
		v->fd = -1;
		v->path = bwi_strndup(path, strlen(path));
	}
	if (v == NULL || v->path == NULL) {
		bwi_auth_cache_file_free(v);
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "credentials: out of memory");
	}
	*out = v;
	return BW_OK;
}

void
bwi_auth_cache_file_free(struct bwi_auth_cache_file *v)
{
	if (v == NULL)
		return;
	bwi_auth_cache_file_leave(v);
	explicit_bzero(&v->content, sizeof(v->content));
	bwi_free(v->path);
	bwi_free(v);
}

/*
 * Does the file belong to this user, with no access for others and no other
 * hard link?
 */
static bool
is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() && st.st_nlink == 1 &&
	       (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool
read_content(struct bwi_auth_cache_file *v, int fd)
{
	struct content *c = &v->content;

	return pread(fd, c, sizeof(*c), 0) == (ssize_t)sizeof(*c) &&
	       memcmp(c->magic, MAGIC, sizeof(c->magic)) == 0;
}

/*
 * Start an HMAC keyed with the file's key and the boot ID. False when there is
 * no boot ID.
 */
static bool
start_digest(const struct bwi_auth_cache_file *v, struct hmac_sha256_ctx *ctx)
{
	char boot[64];
	ssize_t n;
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	n = read(fd, boot, sizeof(boot));
	(void)close(fd);
	if (n < 32)
		return false;
	hmac_sha256_set_key(ctx, sizeof(v->content.key), v->content.key);
	hmac_sha256_update(ctx, (size_t)n, (const uint8_t *)boot);
	return true;
}

/* Unambiguous: neither a user nor a hash contains a NUL. */
static void
end_digest(const struct hmac_sha256_ctx *begun,
    const struct bwi_htpasswd_line *line, struct bw_str header,
    struct entry *out)
{
	struct hmac_sha256_ctx ctx = *begun;

	hmac_sha256_update(&ctx, line->user.n, (const uint8_t *)line->user.p);
	hmac_sha256_update(&ctx, 1, (const uint8_t *)"");
	hmac_sha256_update(
	    &ctx, strlen(line->hash) + 1, (const uint8_t *)line->hash);
	hmac_sha256_update(&ctx, header.n, (const uint8_t *)header.p);
	hmac_sha256_digest(&ctx, sizeof(out->digest), out->digest);
	explicit_bzero(&ctx, sizeof(ctx));
}

static bool
is_cached(const struct bwi_auth_cache_file *v, const struct entry *entry)
{
	bool known = false;

	for (size_t i = 0; i < ENTRIES; i++)
		known |= memeql_sec(v->content.entries[i].digest, entry->digest,
		    sizeof(entry->digest));
	return known;
}

static bool
find_line(struct bwi_auth_cache_file *v, const struct bwi_htpasswd *users,
    struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **out)
{
	const struct bwi_htpasswd_line *line;
	size_t n = bwi_htpasswd_lines(users, user, &line);
	struct hmac_sha256_ctx ctx;
	bool known = false;

	if (n == 0 || !start_digest(v, &ctx))
		return false;
	for (size_t i = 0; i < n && !known; i++) {
		struct entry entry;

		end_digest(&ctx, &line[i], header, &entry);
		known = is_cached(v, &entry);
		*out = &line[i];
	}
	explicit_bzero(&ctx, sizeof(ctx));
	return known;
}

bool
bwi_auth_cache_file_find(struct bwi_auth_cache_file *v,
    const struct bwi_htpasswd *users, struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **line)
{
	bool mine = v->fd >= 0, known;
	int fd = mine ? v->fd
		      : open(v->path,
			    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	known = is_private(fd) && read_content(v, fd) &&
		find_line(v, users, user, header, line);
	if (!mine)
		(void)close(fd);
	return known;
}

/* One process at a time; closing the descriptor releases the lock. */
static bool
lock_file(int fd, int64_t deadline)
{
	int64_t left = (deadline - bw_monotonic_ns()) / 1000000;

	if (left > BWI_HASH_LIMITER_MAX_WAIT)
		left = BWI_HASH_LIMITER_MAX_WAIT;
	/* A file system without locks: several processes may hash at once. */
	return bwi_file_lock(fd, left) || errno != EWOULDBLOCK;
}

/*
 * Write a new key, which invalidates all entries. False when the file cannot be
 * written.
 */
static bool
reset_content(struct bwi_auth_cache_file *v)
{
	struct content *c = &v->content;

	*c = (struct content){.magic = MAGIC};
	return getrandom(c->key, sizeof(c->key), 0) ==
		   (ssize_t)sizeof(c->key) &&
	       pwrite(v->fd, c, sizeof(*c), 0) == (ssize_t)sizeof(*c);
}

/*
 * Open or create the file. One that is not private to us is removed first,
 * which needs write permission to the folder.
 */
static int
open_private(const char *path)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = open(path, flags, 0600);

	if (fd >= 0 && is_private(fd))
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return unlink(path) == 0 ? open(path, flags | O_EXCL, 0600) : -1;
}

enum bw_err
bwi_auth_cache_file_enter(
    struct bwi_auth_cache_file *v, int64_t deadline, struct bw_error *e)
{
	v->fd = open_private(v->path);
	if (v->fd < 0)
		return BW_OK;
	if (!lock_file(v->fd, deadline)) {
		bwi_auth_cache_file_leave(v);
		return bw_error_set(e, BW_ERR_BUSY, 0,
		    "authorization: too many passwords to check at once");
	}
	if (!read_content(v, v->fd) && !reset_content(v))
		bwi_auth_cache_file_leave(v);
	return BW_OK;
}

void
bwi_auth_cache_file_leave(struct bwi_auth_cache_file *v)
{
	if (v->fd >= 0)
		(void)close(v->fd);
	v->fd = -1;
}

void
bwi_auth_cache_file_add(struct bwi_auth_cache_file *v,
    const struct bwi_htpasswd_line *line, struct bw_str header)
{
	static const struct entry unused;
	struct hmac_sha256_ctx ctx;
	struct entry entry;
	size_t at = 0;

	if (v->fd < 0 || !start_digest(v, &ctx))
		return;
	end_digest(&ctx, line, header, &entry);
	explicit_bzero(&ctx, sizeof(ctx));
	while (at < ENTRIES &&
	       memcmp(&v->content.entries[at], &unused, sizeof(unused)) != 0)
		at++;
	if (at == ENTRIES)
		at = entry.digest[0] % ENTRIES;
	/* A partly written entry matches nothing. */
	if (pwrite(v->fd, &entry, sizeof(entry),
		(off_t)(offsetof(struct content, entries) +
			at * sizeof(entry))) != (ssize_t)sizeof(entry))
		return;
	v->content.entries[at] = entry;
}
