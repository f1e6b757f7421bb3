/* Checks the store without writing to it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/store.h>

#include "cli/doctor/doctor_files.h"

/* Room for some hundred thousand events. */
#define ROOM  (256 * 1024 * 1024)
#define NODES 1000

/* Byte 18 of an SQLite file (fileformat2, 1.3): 2 with a write-ahead log. */
#define HEADER	    20
#define JOURNAL	    18
#define JOURNAL_WAL 2

/* Most bytes of the beginning of a finding. */
#define NAME 128

static const char sqlite[] = "sqlite:";

static bool
is_sqlite(const char *url)
{
	return strncmp(url, sqlite, strlen(sqlite)) == 0;
}

static void
check_journal(struct doctor_report *r, const char *path)
{
	unsigned char head[HEADER];
	int fd;

	if (bw_store_is_shared(path)) {
		doctor_found(r, DOCTOR_STORE_SHARED, path, NULL, DOCTOR_ANY,
		    "it is on a network or FUSE file system");
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (read(fd, head, sizeof(head)) == HEADER &&
	    head[JOURNAL] != JOURNAL_WAL)
		doctor_found(r, DOCTOR_STORE_JOURNAL, path, NULL, DOCTOR_ANY,
		    "its header says rollback journal");
	(void)close(fd);
}

static void
check_room(struct doctor_report *r, const char *path, const char *folder)
{
	struct statvfs fs;
	unsigned long long free_bytes;

	if (statvfs(folder, &fs) != 0)
		return;
	free_bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	if (free_bytes < ROOM)
		doctor_found(r, DOCTOR_SPACE, path, NULL, DOCTOR_ANY,
		    "%llu MB are left in %s", free_bytes >> 20, folder);
	else if (fs.f_files != 0 && fs.f_favail < NODES)
		doctor_found(r, DOCTOR_SPACE, path, NULL, DOCTOR_ANY,
		    "%llu files can be made in %s",
		    (unsigned long long)fs.f_favail, folder);
}

static void
check_spool(struct doctor_report *r, const char *path)
{
	char spool[4096];
	struct stat st;

	(void)snprintf(spool, sizeof(spool), "%s.spool", path);
	if (stat(spool, &st) == 0 && st.st_size > 0)
		doctor_found(r, DOCTOR_SPOOL, spool, NULL, DOCTOR_ANY,
		    "%lld bytes", (long long)st.st_size);
}

/* Damaged spools are renamed to "FILE.spool.damaged", then ".damaged.2" etc. */
static void
check_damaged(struct doctor_report *r, const char *path)
{
	char file[4096];
	struct stat st;

	for (int i = 1; i <= 100; i++) {
		(void)snprintf(file, sizeof(file),
		    i == 1 ? "%s.spool.damaged" : "%s.spool.damaged.%d", path,
		    i);
		if (stat(file, &st) == 0)
			doctor_found(r, DOCTOR_SPOOL_DAMAGED, file, NULL,
			    DOCTOR_ANY, "%lld bytes", (long long)st.st_size);
	}
}

/* A store has several files, which are created and deleted in its folder. */
static void
check_owner(struct doctor_report *r, const char *path, const char *folder,
    const struct person *responder)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".spool"};
	char file[4096];

	if (responder == NULL)
		return;
	if (!person_may(responder, folder, W_OK | X_OK))
		doctor_found(r, DOCTOR_STORE_OWNER, folder, NULL, DOCTOR_ANY,
		    "no file can be made there by %s, which it runs as",
		    responder->name);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		if (!person_may(responder, file, R_OK | W_OK))
			doctor_found(r, DOCTOR_STORE_OWNER, file, NULL,
			    DOCTOR_ANY,
			    "not to be written by %s, which it "
			    "runs as",
			    responder->name);
	}
}

static void
check_sqlite(
    struct doctor_report *r, const char *path, const struct person *responder)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL   ? 0
		   : slash == path ? 1
				   : (size_t)(slash - path);
	char folder[4096];

	(void)snprintf(folder, sizeof(folder), "%.*s", n > 0 ? (int)n : 1,
	    n > 0 ? path : ".");
	check_journal(r, path);
	check_room(r, path, folder);
	check_spool(r, path);
	check_damaged(r, path);
	check_owner(r, path, folder, responder);
}

/* An empty file has no tables yet, and the first event creates them. */
static bool
is_empty(const char *url)
{
	struct stat st;

	return is_sqlite(url) && stat(url + strlen(sqlite), &st) == 0 &&
	       st.st_size == 0;
}

/* The beginning of what is found in a store with an id. */
static void
name_store(char of[NAME], struct bw_str id)
{
	*of = '\0';
	if (id.p != NULL)
		(void)snprintf(of, NAME, "store %.*s: ", (int)id.n, id.p);
}

static void
add_damage(void *arg, const struct bw_finding *f)
{
	doctor_found(arg,
	    f->severity == BW_SEVERITY_ERROR ? DOCTOR_STORE_DAMAGED
					     : DOCTOR_STORE_DOUBTFUL,
	    f->file, NULL, DOCTOR_ANY, "%s", f->text);
}

/*
 * The files of the store, without reading all of them, then its consumers.
 * Their state is unknown if a segment is damaged.
 */
static enum bw_err
check_content(struct doctor_report *r, const char *of, struct bw_store *store,
    struct bw_error *e)
{
	const struct bw_reporter reporter = {add_damage, r};
	struct bw_store_soundness v = {.errors = 0};
	enum bw_err err =
	    bw_store_verify(store, BW_STORE_VERIFY_QUICK, &reporter, &v, e);

	if (err == BW_OK || err == BW_ERR_UNSUPPORTED) {
		*e = (struct bw_error){0};
		err = doctor_consumers(r, of, store, e);
	}
	return v.errors > 0 && err == BW_ERR_CORRUPT ? BW_OK : err;
}

enum bw_err
doctor_store(struct doctor_report *r, const struct bw_config_store *s,
    const struct person *responder, struct bw_error *e)
{
	struct bw_store *store = NULL;
	struct bw_error why = {0};
	const char *url = s->url;
	bool empty = is_empty(url); /* opening it may write a header */
	enum bw_err err = bw_store_open(url, &store, &why);
	char of[NAME];

	name_store(of, s->id);
	if (err == BW_OK)
		err = check_content(r, of, store, &why);
	bw_store_free(store);
	if (err == BW_ERR_NOMEM)
		return bw_error_set(e, err, 0, "%s", why.msg);
	/* The first event creates a missing store. */
	if (err == BW_ERR_CONFIG && !empty)
		doctor_found(r, DOCTOR_STORE_OLD,
		    url + (is_sqlite(url) ? strlen(sqlite) : 0), NULL,
		    DOCTOR_ANY, "%s%s", of, why.msg);
	else if (err != BW_OK && err != BW_ERR_NOFILE && err != BW_ERR_CONFIG)
		doctor_found(r, DOCTOR_STORE, url, NULL, DOCTOR_ANY, "%s%s", of,
		    why.msg);
	if (is_sqlite(url))
		check_sqlite(r, url + strlen(sqlite), responder);
	return BW_OK;
}
