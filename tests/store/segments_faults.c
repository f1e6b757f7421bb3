/*
 * Each step of closing, dropping and copying segments: the process is killed
 * there, or the step fails. Nothing is lost or doubled, and the next attempt
 * succeeds.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "segments_faults.h"
#include "store/pack.h"
#include "store/sqlite.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

char dir[64], path[128], url[160];
static char made[64], copy[160];
struct bw_error e;

/* Called at the next sync of a file, once. */
void (*at_sync)(void);

/* Steps until something happens; 0: nothing does. */
static long steps_left;

static enum {
	KILLED,
	FAILS
} what;
static int reason; /* errno of a step that fails */

/* True: this step fails. */
static bool
step(void)
{
	if (steps_left <= 0 || --steps_left > 0)
		return false;
	if (what == KILLED)
		(void)kill(getpid(), SIGKILL);
	errno = reason;
	return true;
}

/* Instead of the C library's, for SQLite and the library under test. */
#define REAL(name) \
	static __typeof__(&name) real; \
	if (real == NULL) \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

BW_EXPORT ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	REAL(pwrite64);
	return step() ? -1 : real(fd, p, n, at);
}

/* The plain one, which offsets of 64 bits hide under its name in C. */
BW_EXPORT ssize_t pwrite_long(int, const void *, size_t, long) __asm__(
    "pwrite");

BW_EXPORT ssize_t
pwrite_long(int fd, const void *p, size_t n, long at)
{
	return pwrite64(fd, p, n, at);
}

BW_EXPORT int
fsync(int fd)
{
	void (*now)(void) = at_sync;

	(void)fd;
	at_sync = NULL;
	if (now != NULL)
		now();
	return step() ? -1 : 0; /* a kill needs no disk */
}

BW_EXPORT int
fdatasync(int fd)
{
	return fsync(fd);
}

BW_EXPORT int
link(const char *from, const char *to)
{
	REAL(link);
	return step() ? -1 : real(from, to);
}

BW_EXPORT int
rename(const char *from, const char *to)
{
	REAL(rename);
	return step() ? -1 : real(from, to);
}

BW_EXPORT int
unlink(const char *name)
{
	REAL(unlink);
	return step() ? -1 : real(name);
}

struct bw_store *
open_store(const char *name)
{
	struct bw_store *s = NULL;

	e = (struct bw_error){0};
	if (bw_store_open(name, &s, &e) != BW_OK) {
		printf("Bail out! %s: %s\n", name, e.msg);
		exit(1);
	}
	return s;
}

static enum bw_err
update(struct bwi_segments *g)
{
	e = (struct bw_error){0};
	return bwi_segments_update(g, fixture_in(LONG), &e);
}

static enum bw_err
rotate(void)
{
	struct bwi_segments g = {.path = path};
	enum bw_err err = update(&g);

	if (err == BW_OK)
		err = bwi_segments_rotate(&g, &e);
	bwi_segments_close(&g);
	return err;
}

struct bw_store_result
append(struct bw_store *s, int i)
{
	struct bw_store_event event;
	struct bw_store_result r = {0};
	char key[16];

	(void)snprintf(key, sizeof(key), "k-%d", i);
	event = fixture_event("message-sent", key);
	event.received = RECEIVED + i * DAY / 10;
	(void)fixture_append(s, &event, &r);
	return r;
}

static void
name_files(const char *folder)
{
	(void)snprintf(path, sizeof(path), "%.63s/events.db", folder);
	(void)snprintf(url, sizeof(url), "sqlite:%.127s", path);
	(void)snprintf(copy, sizeof(copy), "%.63s/copy.db", folder);
}

/* The store that each test begins with. */
static void
make(void)
{
	struct bw_store *s;

	fixture_make_dir(made);
	name_files(made);
	if (bw_store_create(url, NULL, &e) != BW_OK)
		tap_diag("%s", e.msg);
	s = open_store(url);
	for (int i = 1; i < NEW; i++) {
		(void)append(s, i);
		if (i == 3 || i == 5)
			is_int(rotate(), BW_OK, "a segment: %s", e.msg);
	}
	bw_store_free(s);
}

void
copy_file(const char *from, const char *to)
{
	size_t n;
	char *text = tap_read_file(from, &n);
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL, 0640);

	if (text == NULL || fd < 0 || write(fd, text, n) != (ssize_t)n)
		tap_diag("%s: cannot be copied", from);
	(void)close(fd);
	free(text);
}

void
start(void)
{
	DIR *d = opendir(made);
	struct dirent *f;

	fixture_make_dir(dir);
	name_files(dir);
	while (d != NULL && (f = readdir(d)) != NULL) {
		char from[400], to[400];

		(void)snprintf(from, sizeof(from), "%s/%s", made, f->d_name);
		(void)snprintf(to, sizeof(to), "%s/%s", dir, f->d_name);
		if (strstr(f->d_name, "events.db") != NULL)
			copy_file(from, to);
	}
	if (d != NULL)
		(void)closedir(d);
}

static bool
add_seq(void *arg, const struct bw_store_row *r)
{
	char *all = arg;
	size_t n = strlen(all);

	all[n] = (char)('0' + r->seq % 10);
	return n < 30;
}

static void
read_all(struct bw_store *s, char all[32])
{
	uint64_t cursor = 0;

	memset(all, 0, 32);
	e = (struct bw_error){0};
	if (bw_store_read(s, &(struct bw_store_filter){0}, false, 99, &cursor,
		add_seq, all, &e) != BW_OK)
		tap_diag("read: %s", e.msg);
}

void
check_events(const char *name, const char *want, const char *how)
{
	struct bw_store *s = open_store(name);
	char all[32];
	int known = 0;

	read_all(s, all);
	is_str(all, want, "%s: the events", how);
	for (size_t i = 0; all[i] != '\0'; i++)
		known += append(s, all[i] - '0').fate != BW_STORE_NEW;
	is_int(known, (long long)strlen(all), "%s: their keys", how);
	is_int((long long)append(s, NEW).seq, NEW, "%s: the next number", how);
	bw_store_free(s);
}

/* A file that a killed process was making. */
bool
is_temporary(const char *file)
{
	return strstr(file, ".new-") != NULL;
}

bool
is_removed(const char *file)
{
	return strstr(file, ".000002") != NULL ||
	       strstr(file, ".dropped") != NULL;
}

/* Files of a kind; they become old. */
int
count_files(bool (*is)(const char *))
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	DIR *d = opendir(dir);
	struct dirent *f;
	int n = 0;

	while (d != NULL && (f = readdir(d)) != NULL) {
		if (!is(f->d_name))
			continue;
		(void)utimensat(dirfd(d), f->d_name, times, 0);
		n++;
	}
	if (d != NULL)
		(void)closedir(d);
	return n;
}

enum bw_err
make_filters(void)
{
	const struct bwi_segment_limit never = {
	    UINT64_C(1) << 40, UINT64_C(1) << 40};
	atomic_bool go_on = false;

	e = (struct bw_error){0};
	return bwi_maintain(path, &never, &go_on, &e);
}

static void
check_all(const char *how)
{
	check_events(url, ALL, how);
	if (count_files(is_temporary) == 0)
		return;
	is_int(make_filters(), BW_OK, "%s: maintenance: %s", how, e.msg);
	is_int(count_files(is_temporary), 0, "%s: nothing is left", how);
}

enum bw_err
drop(void)
{
	struct bw_store *s = NULL;
	uint64_t n;
	enum bw_err err;

	e = (struct bw_error){0};
	err = bw_store_open(url, &s, &e);
	if (err == BW_OK)
		err = bw_store_prune(s, RECEIVED + 6 * DAY / 10, 0, &n, &e);

	bw_store_free(s);
	return err;
}

/* A segment is there, or it is not; then the rest is dropped. */
static void
check_dropped(const char *how)
{
	struct bw_store *s = open_store(url);
	char all[32];

	read_all(s, all);
	bw_store_free(s);
	ok(strcmp(all, ALL) == 0 || strcmp(all, "12367") == 0 ||
		strcmp(all, "4567") == 0 || strcmp(all, "67") == 0,
	    "%s: %s", how, all);
	is_int(drop(), BW_OK, "%s: again: %s", how, e.msg);
	check_events(url, "67", how);
	is_int(count_files(is_removed), 0, "%s: nothing is left", how);
}

static enum bw_err
back_up(void)
{
	struct bw_store *s = NULL;
	enum bw_err err;

	e = (struct bw_error){0};
	err = bw_store_open(url, &s, &e);
	if (err == BW_OK)
		err = bw_store_backup(s, copy, NULL, NULL, &e);

	bw_store_free(s);
	return err;
}

/* A re-delivery, and an answer, of events in a closed segment. */
enum bw_err
repeat(void)
{
	const struct bw_store_answer a = {.status = 200, .answered = RECEIVED};
	struct bw_store *s = NULL;
	enum bw_err err;

	e = (struct bw_error){0};
	err = bw_store_open(url, &s, &e);
	if (err == BW_OK) {
		(void)append(s, 4);
		(void)append(s, 7);
		err =
		    bw_store_record_answer_wait(s, 5, &a, fixture_in(LONG), &e);
	}
	bw_store_free(s);
	return err;
}

/*
 * The next backup of the same name removes the files of one that was killed;
 * there are no others.
 */
static void
check_leftovers(const char *how)
{
	struct bw_store *s = open_store(url);
	char copy_url[200];
	DIR *d = opendir(dir);
	struct dirent *f;
	enum bw_err err = bw_store_backup(s, copy, NULL, NULL, &e);

	ok(err == BW_OK || strstr(e.msg, copy) != NULL, "%s: %s", how, e.msg);
	while (err != BW_OK && d != NULL && (f = readdir(d)) != NULL) {
		if (strncmp(f->d_name, "copy.db", 7) == 0)
			(void)unlinkat(dirfd(d), f->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
	e = (struct bw_error){0};
	if (err != BW_OK)
		is_int(bw_store_backup(s, copy, NULL, NULL, &e), BW_OK,
		    "%s: of the same name: %s", how, e.msg);
	bw_store_free(s);
	(void)snprintf(copy_url, sizeof(copy_url), "sqlite:%s", copy);
	check_events(copy_url, ALL, how);
}

/* A backup is whole, or it is not there; another can be made. */
static void
check_backup(const char *how)
{
	char copy_url[200], other[200];
	struct bw_store *s;

	(void)snprintf(copy_url, sizeof(copy_url), "sqlite:%s", copy);
	if (access(copy, F_OK) == 0)
		check_events(copy_url, ALL, how);
	else
		check_leftovers(how);
	(void)snprintf(other, sizeof(other), "%.150s-2", copy);
	s = open_store(url);
	is_int(bw_store_backup(s, other, NULL, NULL, &e), BW_OK,
	    "%s: another: %s", how, e.msg);
	bw_store_free(s);
	(void)snprintf(copy_url, sizeof(copy_url), "sqlite:%.180s", other);
	check_events(copy_url, ALL, how);
	check_events(url, ALL, how);
}

static enum bw_err
export_all(void)
{
	struct bw_store *s = NULL;
	uint64_t n;
	enum bw_err err;

	e = (struct bw_error){0};
	err = bw_store_open(url, &s, &e);
	if (err == BW_OK)
		err = bw_store_export(
		    s, &(struct bw_store_filter){.since = 0}, copy, &n, &e);
	bw_store_free(s);
	return err;
}

/* The database is whole, or it is not there; then it can be made. */
static void
check_export(const char *how)
{
	char copy_url[200];

	if (access(copy, F_OK) != 0)
		is_int(export_all(), BW_OK, "%s: again: %s", how, e.msg);
	(void)snprintf(copy_url, sizeof(copy_url), "sqlite:%s", copy);
	check_events(copy_url, ALL, how);
	check_events(url, ALL, how);
}

static void
prepare_nothing(void)
{
}

static const struct {
	const char *name;
	enum bw_err (*run)(void);
	void (*check)(const char *how);
	void (*prepare)(void);
} tests[] = {
    {"close", rotate, check_all, prepare_nothing},
    {"filter", make_filters, check_all, prepare_nothing},
    {"drop", drop, check_dropped, prepare_nothing},
    {"repeat", repeat, check_all, prepare_nothing},
    {"backup", back_up, check_backup, prepare_nothing},
    {"export", export_all, check_export, prepare_nothing},
    {"compact", compact_all, compact_check, prepare_nothing},
    {"drop compacted", drop, check_dropped, compact_before},
    {"repeat compacted", repeat, check_all, compact_before},
    {"backup compacted", back_up, check_backup, compact_before},
};

/* Run it in a process that ends at step n. False: it has no such step. */
static bool
run_killed(enum bw_err (*run)(void), long n)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		what = KILLED;
		steps_left = n;
		_exit(run() != BW_OK);
	}
	(void)waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status))
		is_int(status, 0, "it ends well");
	return WIFSIGNALED(status);
}

static bool
run_failing(enum bw_err (*run)(void), long n)
{
	enum bw_err err;
	bool reached;

	what = FAILS;
	steps_left = n;
	err = run();
	reached = steps_left == 0;
	steps_left = 0;
	if (!reached)
		is_int(err, BW_OK, "it ends well");
	return reached;
}

static void
test(size_t i, const char *kind, bool (*run)(enum bw_err (*)(void), long))
{
	bool reached = true;
	long n;

	for (n = 1; reached && n < 500; n++) {
		char how[64];

		start();
		tests[i].prepare();
		reached = run(tests[i].run, n);
		(void)snprintf(how, sizeof(how), "%s, %s at step %ld",
		    tests[i].name, kind, n);
		tests[i].check(how);
		fixture_remove_dir(dir);
	}
	ok(n > 4 && n < 500, "%s, %s: %ld steps", tests[i].name, kind, n - 2);
}

int
main(void)
{
	make();
	if (bwi_pack_available())
		compact_meanwhile();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (tests[i].run == compact_all && !bwi_pack_available())
			continue;
		test(i, "killed", run_killed);
		reason = EIO;
		test(i, "an error", run_failing);
		reason = ENOSPC;
		test(i, "no room", run_failing);
	}
	fixture_remove_dir(made);
	return tap_done();
}
