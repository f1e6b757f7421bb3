/* The spool: appended events are drained, whatever a crash has left. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "store/spool.h"
#include "tests/tap/tap.h"

static char dir[64], path[128];
static struct bw_error e;

static struct bwi_spool *
start(int64_t max)
{
	struct bwi_spool *s = NULL;

	fixture_make_dir(dir);
	(void)snprintf(path, sizeof(path), "%s/spool", dir);
	if (bwi_spool_open(path, max, &s) != BW_OK)
		exit(1);
	return s;
}

static void
stop(struct bwi_spool *s)
{
	bwi_spool_free(s);
	fixture_remove_dir(dir);
}

/* The error of flock(); 0: none. */
static int no_lock;

/* Replaces the C library's function for the library under test. */
int
flock(int fd, int how)
{
	if (no_lock == 0)
		return (int)syscall(SYS_flock, fd, how);
	errno = no_lock;
	return -1;
}

static enum bw_err
append(struct bwi_spool *s, const char *key)
{
	struct bw_store_event event = fixture_event("order", key);

	e = (struct bw_error){0};
	event.window = 7;
	event.batch = 3;
	event.index = 2;
	return bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e);
}

struct taken {
	size_t n;
	size_t most; /* then fail */
	char keys[16][80];
};

static enum bw_err
take(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *error)
{
	struct taken *t = arg;

	if (n > t->most - t->n)
		return bw_error_set(error, BW_ERR_FULL, 0, "enough");
	for (const struct bw_store_event *v = events; v < events + n; v++) {
		(void)snprintf(t->keys[t->n], sizeof(t->keys[0]), "%.*s",
		    (int)v->key.n, v->key.p);
		if (v->window != 7 || v->batch != 3 || v->index != 2 ||
		    !bw_str_is(v->body, "{\"n\":1}") || v->call.p != NULL)
			tap_diag("a field has changed");
		else
			t->n++;
	}
	return BW_OK;
}

static enum bw_err
same_text(void *arg, const struct bw_store_event *event, size_t n,
    struct bw_error *error)
{
	const struct bw_str *want = arg;

	return n == 1 && bw_str_eq(event->body, *want) &&
		       bw_str_eq(event->to, *want)
		   ? BW_OK
		   : bw_error_set(error, BW_ERR_IO, 0, "changed");
}

static int
remove_damaged(void)
{
	char damaged_file[256];

	(void)snprintf(damaged_file, sizeof(damaged_file), "%s.damaged", path);
	return unlink(damaged_file);
}

static size_t
drain(struct bwi_spool *s, struct taken *t, size_t most, uint64_t *damaged)
{
	size_t n = 0;

	*t = (struct taken){.most = most};
	e = (struct bw_error){0};
	if (bwi_spool_drain(s, take, t, &n, damaged, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return n;
}

/* Keeps the query of the last event. */
static enum bw_err
take_query(void *arg, const struct bw_store_event *event, size_t n,
    struct bw_error *err)
{
	struct bw_buf *b = arg;

	(void)n;
	(void)err;
	bw_buf_reset(b);
	bw_buf_puts(b, event->query.p != NULL ? "?" : "none");
	bw_buf_str(b, event->query);
	return BW_OK;
}

static void
test_query(void)
{
	static const char *const queries[] = {"a=1", "", NULL};
	static const char *const want[] = {"?a=1", "?", "none"};

	for (int i = 0; i < 3; i++) {
		struct bwi_spool *s = start(1 << 20);
		struct bw_store_event event = fixture_event("order", "k");
		struct bw_buf b;
		uint64_t damaged;
		size_t n;

		bw_buf_init(&b, 100);
		if (queries[i] != NULL)
			event.query = fixture_text(queries[i]);
		is_int(bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e),
		    BW_OK, "with a query: %s", want[i]);
		is_int(bwi_spool_drain(s, take_query, &b, &n, &damaged, &e),
		    BW_OK, "drained");
		bw_buf_putc(&b, '\0');
		is_str(b.p, want[i], "its query");
		bw_buf_free(&b);
		stop(s);
	}
}

static void
test_round_trip(void)
{
	struct bwi_spool *s = start(1 << 20);
	struct taken t;
	uint64_t damaged;

	is_int((long long)bwi_spool_size(s), 0, "empty");
	is_int((long long)drain(s, &t, 9, &damaged), 0, "nothing is drained");
	is_int(append(s, "k-1"), BW_OK, "one");
	is_int(append(s, "k-2"), BW_OK, "two");
	is_int(append(s, NULL), BW_OK, "one without a key");
	ok(bwi_spool_size(s) > 0, "not empty");
	is_int((long long)drain(s, &t, 1, &damaged), 1, "one is drained");
	is_str(t.keys[0], "k-1", "the first");
	ok(bwi_spool_size(s) > 0, "the rest stays");
	is_int(append(s, "k-4"), BW_OK, "meanwhile another");
	is_int((long long)drain(s, &t, 9, &damaged), 2, "the rest");
	is_str(t.keys[0], "k-2", "in order");
	ok(strncmp(t.keys[1], "spooled:#", 9) == 0, "with a generated key");
	is_int((long long)drain(s, &t, 9, &damaged), 1, "and the other");
	is_int((long long)bwi_spool_size(s), 0, "empty again");
	is_int((long long)damaged, 0, "nothing damaged");
	stop(s);
}

/*
 * The file is cut at every length: complete records and later ones are drained.
 */
static void
test_torn(void)
{
	struct bwi_spool *s = start(1 << 20);
	size_t good = 0, cuts = 0;
	struct stat st;
	uint64_t damaged;
	struct taken t;
	off_t one;

	(void)append(s, "k-1");
	(void)stat(path, &st);
	one = st.st_size;
	(void)drain(s, &t, 9, &damaged);
	for (off_t cut = 0; cut < one; cut += 7) {
		(void)append(s, "k-1");
		(void)append(s, "k-2");
		if (truncate(path, one + cut) != 0)
			tap_diag("%s", strerror(errno));
		(void)append(s, "k-3");
		cuts++;
		good += drain(s, &t, 9, &damaged) == 2 &&
			strcmp(t.keys[1], "k-3") == 0 &&
			damaged == (uint64_t)cut &&
			(cut == 0 || remove_damaged() == 0);
	}
	is_int((long long)good, (long long)cuts, "torn records");
	stop(s);
}

static void
test_damage(void)
{
	struct bwi_spool *s = start(1 << 20);
	uint64_t damaged;
	struct taken t;
	FILE *f;

	(void)append(s, "k-1");
	(void)append(s, "k-2");
	f = fopen(path, "r+");
	(void)fseek(f, 60, SEEK_SET);
	(void)fputc('?', f);
	(void)fclose(f);
	is_int((long long)drain(s, &t, 9, &damaged), 1, "one byte is wrong");
	is_str(t.keys[0], "k-2", "the other is intact");
	ok(damaged > 0, "and it is reported");
	is_int(bwi_spool_damage(s, damaged, &e), BW_ERR_CORRUPT, "as an error");
	ok(strstr(e.msg, "/spool.damaged") != NULL, "which says where: %s",
	    e.msg);
	is_int((long long)bwi_spool_size(s), 0, "nothing waits");
	stop(s);
}

/* Overwrite one byte of the spool, by exclusive or. */
static void
flip(long at, int bits)
{
	FILE *f = fopen(path, "r+");
	int c;

	(void)fseek(f, at, SEEK_SET);
	c = fgetc(f);
	(void)fseek(f, at, SEEK_SET);
	(void)fputc(c ^ bits, f);
	(void)fclose(f);
}

static long
size_of(const char *name)
{
	char file[256];
	struct stat st;

	(void)snprintf(file, sizeof(file), "%s%s", path, name);
	return stat(file, &st) == 0 ? (long)st.st_size : -1;
}

/* Flipping any bit of a record keeps the whole file. */
static void
test_each_bit(void)
{
	struct bwi_spool *s = start(1 << 20);
	char damaged_file[256];
	size_t wrong = 0;
	uint64_t damaged;
	struct taken t;
	long one;

	(void)append(s, "k-1");
	one = size_of("");
	(void)drain(s, &t, 9, &damaged);
	(void)snprintf(damaged_file, sizeof(damaged_file), "%s.damaged", path);
	for (long bit = 0; bit < one * 8; bit += bit < 64 ? 1 : 9) {
		(void)append(s, "k-1");
		(void)append(s, "k-2");
		flip(bit / 8, 1 << bit % 8);
		wrong += drain(s, &t, 9, &damaged) != 1 ||
			 size_of(".damaged") != 2 * one || size_of("") != -1 ||
			 unlink(damaged_file) != 0;
	}
	is_int((long long)wrong, 0, "each bit of the header, and of %ld bytes",
	    one);
	(void)append(s, "k-1");
	flip(60, 1);
	(void)drain(s, &t, 9, &damaged);
	(void)append(s, "k-1");
	flip(60, 1);
	(void)drain(s, &t, 9, &damaged);
	ok(size_of(".damaged") == one && size_of(".damaged.2") == one,
	    "a second file does not replace the first");
	stop(s);
}

/* An event that contains a valid record: after damage it is not read as one. */
static void
test_forged(void)
{
	struct bwi_spool *s = start(1 << 20);
	struct bw_store_event event = fixture_event("order", "forger");
	static char record[4096];
	uint64_t damaged;
	struct taken t;
	size_t wrong = 0;
	FILE *f;
	long all;

	(void)append(s, "forged");
	f = fopen(path, "r");
	event.body = (struct bw_str){record, fread(record, 1, 4096, f)};
	(void)fclose(f);
	(void)drain(s, &t, 9, &damaged);
	event.window = 7;
	(void)!bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e);
	all = size_of("");
	(void)unlink(path);
	for (long at = 0; at < all; at++) {
		(void)!bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e);
		flip(at, 0x15);
		wrong += drain(s, &t, 9, &damaged) != 0;
		(void)remove_damaged();
	}
	is_int((long long)wrong, 0, "a forged record is never found");
	stop(s);
}

/* Text that contains the magic is read back unchanged. */
static void
test_magic(void)
{
	static const char *const bodies[] = {"BWS", "BWSR", "BWSBWS1",
	    "xBWS\377", "BWS\377\377BWS", "BW", "BBWSS", "BWS0BWSmBWS\377"};
	struct bwi_spool *s = start(1 << 20);

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct bw_store_event event = fixture_event("order", "k");
		struct bw_str want = {bodies[i], strlen(bodies[i])};
		uint64_t damaged;
		size_t n = 0;

		event.body = want;
		event.to = want;
		(void)!bwi_spool_append(s, &event, 1, BWI_SPOOL_MAX_WAIT, &e);
		(void)!bwi_spool_drain(s, same_text, &want, &n, &damaged, &e);
		is_int((long long)n, 1, "magic %zu", i);
	}
	stop(s);
}

/* A spool that is no regular file is an error at once. */
static void
test_fifo(void)
{
	struct bwi_spool *s = start(1 << 20);
	uint64_t damaged;
	struct taken t;
	size_t n;

	(void)mkfifo(path, 0600);
	is_int(append(s, "k-1"), BW_ERR_IO, "a FIFO: append");
	ok(strstr(e.msg, "not a regular file") != NULL, "which says so: %s",
	    e.msg);
	t = (struct taken){.most = 9};
	is_int(bwi_spool_drain(s, take, &t, &n, &damaged, &e), BW_ERR_IO,
	    "a FIFO: drain");
	stop(s);
}

static void
test_limit(void)
{
	struct bwi_spool *s = start(1000);
	int n = 0;

	while (append(s, "k") == BW_OK && n < 100)
		n++;
	ok(n > 0 && n < 10, "as many as there is room for");
	is_int(e.code, BW_ERR_LIMIT, "full: %s", e.msg);
	ok(bwi_spool_size(s) <= 1000, "and not more");
	stop(s);
}

/* A file system without locks: no event is lost or retried forever. */
static void
test_no_lock(void)
{
	static const int errors[] = {ENOLCK, EOPNOTSUPP, EIO, EBADF};
	struct bwi_spool *s = start(1 << 20);
	struct taken t;
	uint64_t damaged;
	size_t n;

	is_int(append(s, "k-1"), BW_OK, "one");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		no_lock = errors[i];
		is_int(append(s, "k-2"), BW_ERR_IO, "append: %s", e.msg);
		e = (struct bw_error){0};
		is_int(bwi_spool_drain(s, take, &t, &n, &damaged, &e),
		    BW_ERR_IO, "drain: %s", e.msg);
	}
	no_lock = 0;
	is_int((long long)drain(s, &t, 9, &damaged), 1,
	    "the old event is drained");
	stop(s);
}

/* A stopped process that holds the lock does not block others. */
static void
test_held_lock(void)
{
	struct bwi_spool *s = start(1 << 20);
	struct taken t;
	uint64_t damaged;
	int fd;

	is_int(append(s, "k-1"), BW_OK, "one");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	is_int(flock(fd, LOCK_EX), 0, "another holds the lock");
	is_int(append(s, "k-2"), BW_ERR_BUSY, "append: %s", e.msg);
	is_int((long long)drain(s, &t, 9, &damaged), 0, "drain: nothing");
	is_int(e.code, BW_OK, "which is no error");
	(void)close(fd);
	is_int((long long)drain(s, &t, 9, &damaged), 1, "afterwards: one");
	stop(s);
}

static void *
append_in_thread(void *arg)
{
	static enum bw_err err;

	err = append(arg, "k-2");
	return &err;
}

/* The file that is drained may be locked for long; appends go to a new file. */
static void
test_renamed(void)
{
	struct bwi_spool *s = start(1 << 20);
	char draining[160];
	pthread_t thread;
	void *err = NULL;
	struct stat st;
	int fd;

	is_int(append(s, "k-1"), BW_OK, "one");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	is_int(flock(fd, LOCK_EX), 0, "another process drains it");
	(void)pthread_create(&thread, NULL, append_in_thread, s);
	(void)snprintf(draining, sizeof(draining), "%s.draining", path);
	is_int(rename(path, draining), 0, "under another name");
	(void)pthread_join(thread, &err);
	is_int(*(enum bw_err *)err, BW_OK, "an append does not wait for it");
	ok(stat(path, &st) == 0 && st.st_size > 0, "but makes a new file");
	(void)close(fd);
	stop(s);
}

static enum bw_err
append_patiently(struct bwi_spool *s)
{
	enum bw_err err;

	do
		err = append(s, "k");
	while (err == BW_ERR_BUSY); /* a slow disk */
	return err;
}

static void
test_processes(void)
{
	struct bwi_spool *s = start(1 << 20);
	struct taken t;
	uint64_t damaged;
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			int failed = 0;

			for (int k = 0; k < 4; k++)
				failed += append_patiently(s) != BW_OK;
			_exit(failed);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;

		(void)waitpid(pids[i], &status, 0);
		is_int(status, 0, "a process appends");
	}
	is_int((long long)drain(s, &t, 16, &damaged), 16, "all are drained");
	stop(s);
}

static void
test_memory(void)
{
	struct bwi_spool *s = start(1 << 20);
	enum bw_err err = BW_ERR_NOMEM;
	struct taken t;
	uint64_t damaged;
	unsigned long n;

	for (n = 1; n < 50 && err == BW_ERR_NOMEM; n++) {
		tap_fail_alloc(n);
		err = append(s, "k");
		tap_fail_alloc(0);
	}
	is_int(err, BW_OK, "%lu failed allocations", n - 2);
	ok(n > 2, "more than none");
	tap_fail_alloc(1);
	(void)drain(s, &t, 9, &damaged);
	tap_fail_alloc(0);
	is_int((long long)drain(s, &t, 16, &damaged), 1, "nothing is lost");
	stop(s);
}

int
main(void)
{
	test_round_trip();
	test_query();
	test_torn();
	test_damage();
	test_each_bit();
	test_forged();
	test_magic();
	test_fifo();
	test_limit();
	test_no_lock();
	test_held_lock();
	test_renamed();
	test_processes();
	test_memory();
	return tap_done();
}
