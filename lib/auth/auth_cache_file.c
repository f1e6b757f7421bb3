#include <config.h>

#include "auth/auth_cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "auth/auth_digests.h"
#include "auth/hash_limiter.h"
#include "base/alloc.h"
#include "os/file_lock.h"

#define MAGIC	"BWright\1"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

struct content {
	char magic[8];
	struct bwi_auth_digests digests;
};

/* The part of the key that is not in the file. */
struct boot_id {
	char bytes[64];
	size_t n;
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

/* False when there is no boot ID. */
static bool
read_boot_id(struct boot_id *id)
{
	ssize_t n;
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	n = read(fd, id->bytes, sizeof(id->bytes));
	(void)close(fd);
	id->n = n < 0 ? 0 : (size_t)n;
	return n >= 32;
}

bool
bwi_auth_cache_file_find(struct bwi_auth_cache_file *v,
    const struct bwi_htpasswd *users, struct bw_str user, struct bw_str header,
    const struct bwi_htpasswd_line **line)
{
	bool mine = v->fd >= 0, known;
	struct boot_id id;
	int fd = mine ? v->fd
		      : open(v->path,
			    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	known = is_private(fd) && read_content(v, fd) && read_boot_id(&id) &&
		bwi_auth_digests_find(&v->content.digests,
		    (struct bw_str){id.bytes, id.n}, users, user, header, line);
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
	return bwi_auth_digests_init(&c->digests) &&
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
	struct bwi_auth_digests *a = &v->content.digests;
	struct boot_id id;
	ssize_t ignored;
	size_t i;

	if (v->fd < 0 || !read_boot_id(&id))
		return;
	i = bwi_auth_digests_add(
	    a, (struct bw_str){id.bytes, id.n}, line, header);
	/*
	 * A digest that was written only in part matches nothing. A later
	 * process adds a missing one.
	 */
	ignored = pwrite(v->fd, &a->at[i], sizeof(a->at[i]),
	    (off_t)(offsetof(struct content, digests.at) +
		    i * sizeof(a->at[i])));
	(void)ignored;
}
