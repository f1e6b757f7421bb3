/*
 * Removing the files of segments. A segment is first renamed, which is the
 * moment at which it is gone, then the files beside it are removed, and the
 * renamed one last: while it is there, the others are known to be worthless.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite_segment.h"

#define DROPPED	      ".dropped"
#define FILTER	      ".filter"
#define SHARED	      "-shm"
#define PACKED_SHARED BWI_SEGMENT_PACKED SHARED

/* A file that is being made is never this old. */
#define ABANDONED (INT64_C(3600) * 1000)

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static enum bw_err
remove_file(
    const char *path, uint64_t number, const char *end, struct bw_error *e)
{
	char *name = bwi_segment_path(path, number, end);
	enum bw_err err = name != NULL ? BW_OK : no_memory(e);

	if (err == BW_OK && unlink(name) != 0 && errno != ENOENT)
		err = bwi_fs_error(e, errno, name, "store");
	bwi_free(name);
	return err;
}

/* The files beside a segment that was renamed, then the segment. */
static enum bw_err
finish(const char *path, uint64_t number, struct bw_error *e)
{
	static const char *const ends[] = {"-wal", SHARED, "-journal",
	    BWI_SEGMENT_PACKED "-wal", PACKED_SHARED,
	    BWI_SEGMENT_PACKED "-journal", FILTER, DROPPED};
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < sizeof(ends) / sizeof(*ends);
	     i++)
		err = remove_file(path, number, ends[i], e);
	return err;
}

static bool
has_file(const char *path, uint64_t number, const char *end)
{
	char *name = bwi_segment_path(path, number, end);
	bool has = name == NULL || access(name, F_OK) == 0 || errno != ENOENT;

	bwi_free(name);
	return has;
}

static bool
is_packed(const char *path, uint64_t number)
{
	return has_file(path, number, BWI_SEGMENT_PACKED);
}

/* The compacted file must not be lost afterwards: its name is synced first. */
enum bw_err
bwi_segment_remove_plain(const char *path, uint64_t number, struct bw_error *e)
{
	static const char *const ends[] = {"", "-wal", SHARED, "-journal"};
	enum bw_err err = BW_OK;

	if (bwi_fs_sync_dir(path) != 0)
		return bwi_fs_error(e, errno, path, "store");
	for (size_t i = 0; err == BW_OK && i < sizeof(ends) / sizeof(*ends);
	     i++)
		err = remove_file(path, number, ends[i], e);
	return err;
}

static enum bw_err
rename_dropped(
    const char *path, uint64_t number, const char *end, struct bw_error *e)
{
	char *from = bwi_segment_path(path, number, end);
	char *to = bwi_segment_path(path, number, DROPPED);
	enum bw_err err = from != NULL && to != NULL ? BW_OK : no_memory(e);

	if (err == BW_OK && rename(from, to) != 0 && errno != ENOENT)
		err = bwi_fs_error(e, errno, from, "store");
	bwi_free(from);
	bwi_free(to);
	return err;
}

enum bw_err
bwi_segment_remove(const char *path, uint64_t number, struct bw_error *e)
{
	bool packed = is_packed(path, number);
	enum bw_err err =
	    packed ? bwi_segment_remove_plain(path, number, e) : BW_OK;

	if (err == BW_OK)
		err = rename_dropped(
		    path, number, packed ? BWI_SEGMENT_PACKED : "", e);
	return err == BW_OK ? finish(path, number, e) : err;
}

void
bwi_segment_remove_temporary(const char *name)
{
	static const char *const ends[] = {"", "-wal", SHARED, "-journal"};
	struct bw_error ignored = {0};
	enum bw_err err;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		err = remove_file(name, BWI_SEGMENT_OWN, ends[i], &ignored);
	(void)err;
}

static bool
has_segment(const char *path, uint64_t number)
{
	return has_file(path, number, "") || is_packed(path, number);
}

/*
 * What is left of a segment before it was compacted: the process that did it
 * was killed.
 */
static bool
is_superseded(const char *path, uint64_t number, const char *end)
{
	return (*end == '\0' || strcmp(end, "-wal") == 0 ||
		   strcmp(end, SHARED) == 0) &&
	       is_packed(path, number);
}

/*
 * A log without its segment is left alone: an operator may have moved the
 * segment away, and what is in the log belongs to it. A filter may also have
 * been made while its segment was removed.
 */
static void
sweep_segment(const char *path, uint64_t number, const char *end)
{
	struct bw_error ignored = {0};
	bool has = has_segment(path, number);
	enum bw_err err = BW_OK;

	if (is_superseded(path, number, end))
		err = bwi_segment_remove_plain(path, number, &ignored);
	else if (strcmp(end, DROPPED) == 0)
		err = has ? remove_file(path, number, DROPPED, &ignored)
			  : finish(path, number, &ignored);
	else if (!has &&
		 (strcmp(end, FILTER) == 0 || strcmp(end, SHARED) == 0 ||
		     strcmp(end, PACKED_SHARED) == 0))
		err = remove_file(path, number, end, &ignored);
	(void)err;
}

static bool
is_temporary(const char *name, const char *base, size_t length)
{
	return strncmp(name, base, length) == 0 &&
	       strncmp(name + length, BWI_SEGMENT_TEMPORARY,
		   strlen(BWI_SEGMENT_TEMPORARY)) == 0;
}

static void
sweep_temporary(DIR *d, const char *name)
{
	struct stat st;

	if (fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    bw_realtime_ms() - (int64_t)st.st_mtime * 1000 > ABANDONED)
		(void)unlinkat(dirfd(d), name, 0);
}

void
bwi_segment_sweep(const char *path)
{
	const char *base;
	DIR *d = bwi_segment_folder(path, &base);
	size_t length = strlen(base);
	struct dirent *f;

	while (d != NULL && (f = readdir(d)) != NULL) {
		const char *end;
		uint64_t number =
		    bwi_segment_number(f->d_name, base, length, &end);

		if (number != 0)
			sweep_segment(path, number, end);
		else if (is_temporary(f->d_name, base, length))
			sweep_temporary(d, f->d_name);
	}
	if (d != NULL)
		(void)closedir(d);
}
