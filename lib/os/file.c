#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/utf8.h"

/*
 * Do not even open other kinds of files: opening a tape or a terminal has
 * effects. O_NONBLOCK, because the file may be replaced after lstat().
 */
int
bwi_file_open(const char *path, int flags, mode_t mode, struct stat *st)
{
	struct stat unused;
	int fd;

	if (st == NULL)
		st = &unused;
	if (bwi_file_is_irregular(path)) {
		errno = BWI_FILE_IRREGULAR;
		return -1;
	}
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	(void)close(fd);
	errno = BWI_FILE_IRREGULAR;
	return -1;
}

bool
bwi_file_is_irregular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static enum bw_err
open_regular(
    const char *path, size_t max, int *fd, struct stat *st, struct bw_error *e)
{
	*fd = bwi_file_open(path, O_RDONLY, 0, st);
	if (*fd < 0 && errno == BWI_FILE_IRREGULAR) {
		return bw_error_set(
		    e, BW_ERR_NOFILE, 0, "%s: not a regular file", path);
	}
	if (*fd < 0) {
		return bw_error_set(
		    e, BW_ERR_NOFILE, errno, "%s: %s", path, strerror(errno));
	}
	if (st->st_size < 0 || (uintmax_t)st->st_size > max) {
		return bw_error_set(
		    e, BW_ERR_LIMIT, 0, "%s: larger than %zu bytes", path, max);
	}
	return BW_OK;
}

/* A file that changes its size meanwhile is read up to the old size. */
static enum bw_err
read_all(int fd, const char *path, char *p, size_t *n, struct bw_error *e)
{
	size_t have = 0;

	while (have < *n) {
		ssize_t got = read(fd, p + have, *n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			return bw_error_set(e, BW_ERR_IO, errno, "%s: %s", path,
			    strerror(errno));
		}
		if (got == 0)
			break;
		have += (size_t)got;
	}
	*n = have;
	return BW_OK;
}

enum bw_err
bwi_file_load(const char *path, size_t max, char **content, size_t *n,
    struct stat *st, struct bw_error *e)
{
	int fd = -1;
	char *p = NULL;
	size_t size;
	enum bw_err err;

	*st = (struct stat){0};
	err = open_regular(path, max, &fd, st, e);
	if (err != BW_OK)
		goto out;
	size = (size_t)st->st_size;
	p = bwi_alloc(size + 1);
	if (p == NULL) {
		err =
		    bw_error_set(e, BW_ERR_NOMEM, 0, "%s: out of memory", path);
		goto out;
	}
	err = read_all(fd, path, p, &size, e);
	if (err != BW_OK)
		goto out;
	p[size] = '\0';
	*content = p;
	*n = size;
	p = NULL;
out:
	bwi_free(p);
	if (fd >= 0)
		(void)close(fd);
	return err;
}

enum bw_err
bwi_file_read(
    const char *path, size_t max, char **content, size_t *n, struct bw_error *e)
{
	struct stat st;
	enum bw_err err = bwi_file_load(path, max, content, n, &st, e);

	if (err == BW_OK && bwi_utf8_mark((struct bw_str){*content, *n}) != 0) {
		*n -= 3;
		memmove(*content, *content + 3, *n + 1);
	}
	return err;
}

void
bwi_file_absolute(const char *path, struct bw_buf *b)
{
	char cwd[PATH_MAX];

	if (*path != '/') {
		if (getcwd(cwd, sizeof(cwd)) == NULL) {
			b->err = BW_ERR_LIMIT;
			return;
		}
		bw_buf_puts(b, cwd);
		bw_buf_putc(b, '/');
	}
	bw_buf_puts(b, path);
}

bool
bwi_file_write(int fd, struct bw_str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* no progress: do not retry forever */
		if (n <= 0)
			return false;
		s.p += n;
		s.n -= (size_t)n;
	}
	return true;
}
