/* The files of a store, and the room on their disk. */
#include "store/store_files.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <bwcallback/error.h>

#include "base/alloc.h"
#include "store/sqlite_segment.h"

#define SQLITE "sqlite:"

/* The least room, as doctor has it: a few hours of a busy site. */
#define ROOM  ((uint64_t)100 << 20)
#define NODES 100

static void
add_file(const char *path, uint64_t number, const char *end, uint64_t *sum)
{
	char *name = bwi_segment_path(path, number, end);
	struct stat st;

	if (name != NULL && stat(name, &st) == 0)
		*sum += (uint64_t)st.st_size;
	bwi_free(name);
}

static void
add_segment(struct bwi_store_files *f, const char *path, uint64_t number)
{
	add_file(path, number, "", &f->segments);
	add_file(path, number, "-wal", &f->logs);
	if (number != BWI_SEGMENT_OWN) {
		add_file(path, number, BWI_SEGMENT_PACKED, &f->segments);
		add_file(path, number, BWI_SEGMENT_PACKED "-wal", &f->logs);
	}
	f->nsegments++;
}

static void
add_segments(struct bwi_store_files *f, const char *path)
{
	struct bw_error unused = {0};
	uint64_t *numbers = NULL;
	struct stat st;
	size_t n = 0;

	if (stat(path, &st) != 0)
		return;
	add_segment(f, path, BWI_SEGMENT_OWN);
	if (bwi_segment_list(path, &numbers, &n, &unused) != BW_OK)
		return;
	for (size_t i = 0; i < n; i++)
		add_segment(f, path, numbers[i]);
	bwi_free(numbers);
}

static void
look_at_disk(struct bwi_store_files *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash != NULL
			   ? bwi_strndup(path, (size_t)(slash - path) + 1)
			   : bwi_strndup(".", 1);
	struct statvfs fs;

	f->placed = folder != NULL && statvfs(folder, &fs) == 0;
	if (f->placed) {
		f->free = (uint64_t)fs.f_bavail * fs.f_frsize;
		f->nodes = fs.f_files != 0 ? fs.f_favail : UINT64_MAX;
	}
	bwi_free(folder);
}

void
bwi_store_files_look(
    const char *url, const char *spool, struct bwi_store_files *f)
{
	const char *path = NULL;

	*f = (struct bwi_store_files){.local = false};
	if (strncmp(url, SQLITE, strlen(SQLITE)) == 0)
		path = url + strlen(SQLITE);
	f->local = path != NULL;
	if (f->local)
		add_segments(f, path);
	if (path == NULL)
		path = spool;
	if (path != NULL)
		look_at_disk(f, path);
}

bool
bwi_store_files_scarce(const struct bwi_store_files *f)
{
	return f->placed && (f->free < ROOM || f->nodes < NODES);
}
