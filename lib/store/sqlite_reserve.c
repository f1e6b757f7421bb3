/*
 * The reserve: a file beside the store that occupies disk space. On a full disk
 * SQLite cannot delete rows, because it first writes the change to its log.
 * Pruning then deletes the reserve, and creates it again afterwards.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/*
 * Twice the maximum size of the log, 16 MB: its content is first written to the
 * store, then pruning fills it again. On a small disk, an eighth of the free
 * space.
 */
#define MOST  (INT64_C(32) << 20)
#define LEAST (INT64_C(1) << 20)
#define SHARE 8

/* NULL: out of memory. */
static char *
name_reserve(const char *path)
{
	size_t size = strlen(path) + sizeof(".reserve");
	char *name = bwi_alloc(size);

	if (name != NULL)
		(void)snprintf(name, size, "%s.reserve", path);
	return name;
}

static int64_t
free_bytes(int fd)
{
	struct statvfs fs;

	if (fstatvfs(fd, &fs) != 0)
		return 0;
	return (int64_t)(fs.f_bavail * fs.f_frsize);
}

void
bwi_sqlite_make_reserve(const char *path)
{
	char *name = name_reserve(path);
	struct stat st;
	int64_t size;
	int fd = -1;

	if (name != NULL)
		fd = open(
		    name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	/* Also fill a reserve that is empty after a crash. */
	if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_size < LEAST)) {
		size = free_bytes(fd) / SHARE;
		if (size > MOST)
			size = MOST;
		if (size < LEAST || posix_fallocate(fd, 0, size) != 0)
			(void)unlink(name);
	}
	if (fd >= 0)
		(void)close(fd);
	bwi_free(name);
}

bool
bwi_sqlite_give_reserve(const char *path)
{
	char *name = name_reserve(path);
	bool given = name != NULL && unlink(name) == 0;

	bwi_free(name);
	return given;
}
