/* A locked file says that its process lives. */
#include "store/postgresql_alive.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "os/file.h"
#include "os/file_lock.h"

#define DIGITS 8

static const char suffix[] = ".writer.";

struct bwi_pg_alive {
	char *folder;
	char *prefix; /* of the names: ".SPOOL.writer." */
	char *own;
	char *dead; /* the file of the process that was found last */
	size_t size;
	int fd; /* of the own one */
	int dead_fd;
	bool done; /* there is no other one */
};

int32_t
bwi_pg_writer_number(const unsigned char id[16])
{
	uint32_t n = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
		     (uint32_t)id[2] << 8 | id[3];

	n &= INT32_MAX;
	return n != 0 ? (int32_t)n : 1;
}

static bool
set_names(struct bwi_pg_alive *a, const char *spool, int32_t number)
{
	const char *slash = strrchr(spool, '/');
	const char *base = slash != NULL ? slash + 1 : spool;
	size_t n = strlen(base) + sizeof(suffix) + 1;

	a->folder = slash == NULL
			? bwi_strndup(".", 1)
			: bwi_strndup(spool, (size_t)(slash - spool) + 1);
	a->prefix = bwi_alloc(n);
	a->size = strlen(spool) + sizeof("./.") + sizeof(suffix) + DIGITS;
	a->own = bwi_alloc(a->size);
	a->dead = bwi_alloc(a->size);
	if (a->folder == NULL || a->prefix == NULL || a->own == NULL ||
	    a->dead == NULL)
		return false;
	(void)snprintf(a->prefix, n, ".%s%s", base, suffix);
	(void)snprintf(a->own, a->size, "%s/%s%08" PRIx32, a->folder, a->prefix,
	    (uint32_t)number);
	return true;
}

/*
 * The file gets its name when it is locked: without the lock it would look like
 * one of a dead process.
 */
static bool
make_file(struct bwi_pg_alive *a)
{
	size_t at = strlen(a->own) - DIGITS - 2; /* "writer" to "writex" */

	memcpy(a->dead, a->own, strlen(a->own) + 1);
	a->dead[at] = 'x';
	a->fd = bwi_file_open(
	    a->dead, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0640, NULL);
	if (a->fd < 0)
		return false;
	if (bwi_file_lock(a->fd, 0) && rename(a->dead, a->own) == 0)
		return true;
	(void)unlink(a->dead);
	return false;
}

struct bwi_pg_alive *
bwi_pg_alive_new(const char *spool, int32_t number)
{
	struct bwi_pg_alive *a = bwi_calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->fd = a->dead_fd = -1;
	if (set_names(a, spool, number) && make_file(a))
		return a;
	if (a->own != NULL)
		a->own[0] = '\0';
	bwi_pg_alive_free(a);
	return NULL;
}

void
bwi_pg_alive_free(struct bwi_pg_alive *a)
{
	if (a == NULL)
		return;
	if (a->own != NULL && a->own[0] != '\0')
		(void)unlink(a->own);
	if (a->fd >= 0)
		close(a->fd);
	if (a->dead_fd >= 0)
		close(a->dead_fd);
	bwi_free(a->folder);
	bwi_free(a->prefix);
	bwi_free(a->own);
	bwi_free(a->dead);
	bwi_free(a);
}

/* The number in the name of a file; 0: it is no such file. */
static int32_t
number_of(const struct bwi_pg_alive *a, const char *name)
{
	size_t n = strlen(a->prefix);
	uint32_t number = 0;

	if (strncmp(name, a->prefix, n) != 0 || strlen(name + n) != DIGITS)
		return 0;
	for (size_t i = 0; i < DIGITS; i++) {
		int digit = bwi_hex_digit(name[n + i]);

		if (digit < 0)
			return 0;
		number = number << 4 | (uint32_t)digit;
	}
	return number <= INT32_MAX ? (int32_t)number : 0;
}

/* Lock the file of another process: only when that one has died. */
static bool
is_dead(struct bwi_pg_alive *a, const char *name)
{
	(void)snprintf(a->dead, a->size, "%s/%s", a->folder, name);
	if (strcmp(a->dead, a->own) == 0)
		return false;
	a->dead_fd = bwi_file_open(a->dead, O_RDWR | O_NOFOLLOW, 0, NULL);
	if (a->dead_fd < 0)
		return false;
	if (bwi_file_lock(a->dead_fd, 0))
		return true;
	close(a->dead_fd);
	a->dead_fd = -1;
	return false;
}

bool
bwi_pg_alive_next_dead(struct bwi_pg_alive *a, int32_t *number)
{
	struct dirent *entry;
	DIR *d;

	*number = 0;
	if (a->done)
		return false;
	d = opendir(a->folder);
	while (d != NULL && *number == 0 && (entry = readdir(d)) != NULL) {
		*number = number_of(a, entry->d_name);
		if (*number != 0 && !is_dead(a, entry->d_name))
			*number = 0;
	}
	if (d != NULL)
		(void)closedir(d);
	a->done = *number == 0;
	return !a->done;
}

void
bwi_pg_alive_forget(struct bwi_pg_alive *a)
{
	if (a->dead_fd < 0)
		return;
	(void)unlink(a->dead);
	close(a->dead_fd);
	a->dead_fd = -1;
}
