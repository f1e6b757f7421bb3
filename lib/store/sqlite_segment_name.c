/* The files of segments: their names, and finding them in the folder. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite_segment.h"

/* Digits of the number in a name, at least. */
#define DIGITS 6
#define MOST   18

char *
bwi_segment_path(const char *path, uint64_t number, const char *end)
{
	size_t size = strlen(path) + MOST + strlen(end) + 2;
	char *name = bwi_alloc(size);

	if (name == NULL)
		return NULL;
	if (number == BWI_SEGMENT_OWN)
		(void)snprintf(name, size, "%s%s", path, end);
	else
		(void)snprintf(name, size, "%s.%0*llu%s", path, DIGITS,
		    (unsigned long long)number, end);
	return name;
}

uint64_t
bwi_segment_number(
    const char *name, const char *base, size_t length, const char **end)
{
	const char *at = name + length + 1;
	uint64_t n = 0;
	size_t digits = 0;

	if (strncmp(name, base, length) != 0 || name[length] != '.')
		return 0;
	for (; *at >= '0' && *at <= '9' && digits < MOST; at++, digits++)
		n = n * 10 + (uint64_t)(*at - '0');
	*end = at;
	return digits >= DIGITS && n > BWI_SEGMENT_OWN ? n : 0;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* A segment may be there twice: compacted, and as it was before. */
static size_t
remove_repeated(uint64_t *numbers, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (left == 0 || numbers[left - 1] != numbers[i])
			numbers[left++] = numbers[i];
	}
	return left;
}

static enum bw_err
read_names(DIR *d, const char *base, uint64_t **numbers, size_t *n)
{
	size_t length = strlen(base), cap = 0;
	struct dirent *f;

	while (errno = 0, (f = readdir(d)) != NULL) {
		const char *end;
		uint64_t number =
		    bwi_segment_number(f->d_name, base, length, &end);
		void *grown;

		if (number == 0 ||
		    (*end != '\0' && strcmp(end, BWI_SEGMENT_PACKED) != 0))
			continue;
		grown = bwi_grow(*numbers, *n, &cap, sizeof(**numbers));
		if (grown == NULL)
			return BW_ERR_NOMEM;
		*numbers = grown;
		(*numbers)[(*n)++] = number;
	}
	if (errno != 0)
		return BW_ERR_IO;
	if (*n > 1)
		qsort(*numbers, *n, sizeof(**numbers), compare);
	*n = remove_repeated(*numbers, *n);
	return BW_OK;
}

DIR *
bwi_segment_folder(const char *path, const char **base)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *dir =
	    length > 0 ? bwi_strndup(path, length) : bwi_strndup(".", 1);
	DIR *d = dir != NULL ? opendir(dir) : NULL;
	int sys = dir != NULL ? errno : ENOMEM;

	*base = path + length;
	bwi_free(dir);
	errno = sys;
	return d;
}

enum bw_err
bwi_segment_list(
    const char *path, uint64_t **numbers, size_t *n, struct bw_error *e)
{
	const char *base;
	DIR *d = bwi_segment_folder(path, &base);
	int sys = errno;
	enum bw_err err;

	*numbers = NULL;
	*n = 0;
	/* A folder that only lets its files be opened has no segments. */
	if (d == NULL && (sys == ENOENT || sys == EACCES))
		return BW_OK;
	if (d == NULL)
		return bwi_fs_error(e, sys, path, "store");
	err = read_names(d, base, numbers, n);
	sys = errno;
	(void)closedir(d);
	if (err == BW_OK)
		return BW_OK;
	bwi_free(*numbers);
	*numbers = NULL;
	*n = 0;
	return err == BW_ERR_IO
		   ? bwi_fs_error(e, sys, path, "store")
		   : bw_error_set(e, err, 0, "store: out of memory");
}

/* Give it the owner and mode of PATH, as far as this user may, so that the same
 * users can open it. */
static void
take_owner(const char *path, int fd)
{
	struct stat st;

	if (stat(path, &st) == 0 && (fchown(fd, st.st_uid, st.st_gid) == 0 ||
					fchown(fd, (uid_t)-1, st.st_gid) == 0))
		(void)fchmod(fd, st.st_mode & 0777);
}

enum bw_err
bwi_segment_temporary(
    const char *path, int *fd, char **name, struct bw_error *e)
{
	size_t size = strlen(path) + sizeof(BWI_SEGMENT_TEMPORARY "XXXXXX");

	*fd = -1;
	*name = bwi_alloc(size);
	if (*name == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	(void)snprintf(*name, size, "%s" BWI_SEGMENT_TEMPORARY "XXXXXX", path);
	*fd = mkostemp(*name, O_CLOEXEC);
	if (*fd < 0) {
		enum bw_err err = bwi_fs_error(e, errno, *name, "store");

		bwi_free(*name);
		*name = NULL;
		return err;
	}
	take_owner(path, *fd);
	return BW_OK;
}
