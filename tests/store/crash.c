/*
 * Processes are killed at random moments while they append, and in every second
 * round close segments: every acknowledged event is stored exactly once, and
 * its key is known. BW_TORTURE: number of rounds, default 6.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "store/sqlite.h"
#include "tests/tap/tap.h"

#include <bwcallback/tools/store.h>

#define PROCESSES 3
#define THREADS	  4

static char url[128];

struct ack {
	int round;
	int process;
	int thread;
	int n;
};

struct appender {
	struct bw_store *store;
	struct ack id;
	int acks; /* pipe */
};

static void
format_key(char key[64], const struct ack *a)
{
	(void)snprintf(
	    key, 64, "k-%d-%d-%d-%d", a->round, a->process, a->thread, a->n);
}

static void *
append_forever(void *arg)
{
	struct appender *a = arg;

	for (;; a->id.n++) {
		struct bw_store_event event;
		struct bw_store_result r;
		struct bw_error e = {0};
		char key[64];

		format_key(key, &a->id);
		event = fixture_event("message-received", key);
		if (bw_store_append(
			a->store, &event, 1, fixture_in(LONG), &r, &e) != BW_OK)
			fprintf(stderr, "# append: %s\n", e.msg);
		else if (write(a->acks, &a->id, sizeof(a->id)) != sizeof(a->id))
			_exit(1);
	}
}

/* Close the segment if it has some events. */
static void
rotate(uint64_t events)
{
	const struct bwi_segment_limit few = {events, UINT64_C(1) << 40};
	const char *path = strchr(url, ':') + 1;
	atomic_bool stop = false;
	struct bw_error e = {0};

	if (bwi_maintain(path, &few, &stop, &e) != BW_OK)
		fprintf(stderr, "# segments: %s\n", e.msg);
}

static void *
rotate_forever(void *arg)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (;;) {
		rotate(20);
		(void)nanosleep(&pause, NULL);
	}
	return arg;
}

static void
append_in_process(int round, int process, int acks)
{
	struct appender a[THREADS];
	struct bw_error e = {0};
	struct bw_store *s;
	pthread_t t;

	if (bw_store_open(url, &s, &e) != BW_OK) {
		fprintf(stderr, "# open: %s\n", e.msg);
		_exit(1);
	}
	for (int i = 0; i < THREADS; i++) {
		a[i] = (struct appender){
		    s, {.round = round, .process = process, .thread = i}, acks};
		(void)pthread_create(&t, NULL, append_forever, &a[i]);
	}
	if (round % 2 == 1)
		(void)pthread_create(&t, NULL, rotate_forever, NULL);
	for (;;)
		(void)pause();
}

static bool
add_key(void *arg, const struct bw_store_row *r)
{
	char(**keys)[64] = arg;

	(void)snprintf(**keys, 64, "%.*s", (int)r->event.key.n, r->event.key.p);
	++*keys;
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All keys that are stored, sorted. */
static char (*read_keys(size_t *n))[64]
{
	const struct bw_store_filter all = {0};
	char(*keys)[64], (*end)[64];
	struct bw_error e = {0};
	struct bw_store *s = NULL;
	uint64_t cursor = 0;

	if (bw_store_open(url, &s, &e) != BW_OK)
		tap_diag("%s", e.msg);
	keys = end = calloc(fixture_count(s, NULL) + 1, sizeof(*keys));
	if (bw_store_read(
		s, &all, false, SIZE_MAX, &cursor, add_key, &end, &e) != BW_OK)
		tap_diag("%s", e.msg);
	*n = (size_t)(end - keys);
	qsort(keys, *n, sizeof(*keys), compare);
	bw_store_free(s);
	return keys;
}

/* Deliver some acknowledged events again: the number that were not known. */
static size_t
count_forgotten(const struct ack *acks, size_t n)
{
	struct bw_store *s = NULL;
	struct bw_error e = {0};
	size_t forgotten = 0;

	if (bw_store_open(url, &s, &e) != BW_OK)
		tap_diag("%s", e.msg);
	for (size_t i = 0; i < n; i += n / 20 + 1) {
		struct bw_store_event event;
		struct bw_store_result r = {0};
		char key[64];

		format_key(key, &acks[i]);
		event = fixture_event("message-received", key);
		(void)fixture_append(s, &event, &r);
		forgotten += r.fate == BW_STORE_NEW;
	}
	bw_store_free(s);
	return forgotten;
}

static void
check_acks(int acks, long *total)
{
	struct ack *list = NULL;
	size_t count = 0, cap = 0;
	size_t n, lost = 0, twice = 0;
	char(*keys)[64] = read_keys(&n);
	struct ack a;

	while (read(acks, &a, sizeof(a)) == sizeof(a)) {
		char key[64];

		format_key(key, &a);
		++*total;
		lost += bsearch(key, keys, n, sizeof(*keys), compare) == NULL;
		if (count == cap) {
			cap = cap * 2 + 64;
			list = realloc(list, cap * sizeof(*list));
		}
		list[count++] = a;
	}
	for (size_t i = 1; i < n; i++)
		twice += strcmp(keys[i], keys[i - 1]) == 0;
	is_int((long long)lost, 0, "no acknowledged event is lost");
	is_int((long long)twice, 0, "no event is stored twice");
	is_int((long long)count_forgotten(list, count), 0,
	    "and their keys are known");
	free(list);
	free(keys);
}

static void
kill_at_random(int round, long *total)
{
	struct timespec wait = {.tv_nsec = (20 + rand() % 120) * 1000000L};
	struct pollfd first = {.events = POLLIN};
	pid_t pids[PROCESSES];
	int acks[2];

	if (pipe(acks) != 0)
		exit(1);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			append_in_process(round, i, acks[1]);
	}
	close(acks[1]);
	first.fd = acks[0];
	(void)poll(&first, 1, LONG * 1000);
	(void)nanosleep(&wait, NULL);
	for (int i = 0; i < PROCESSES; i++)
		(void)kill(pids[i], SIGKILL);
	for (int i = 0; i < PROCESSES; i++)
		(void)waitpid(pids[i], NULL, 0);
	check_acks(acks[0], total);
	if (round % 2 == 1)
		rotate(1);
	close(acks[0]);
}

/* Killed while the tables are created: they exist or can be created. */
static void
kill_creating(int round)
{
	struct timespec wait = {.tv_nsec = rand() % 6 * 1000000L};
	struct bw_error e = {0};
	pid_t pid = fork();

	if (pid == 0)
		_exit(bw_store_create(url, NULL, NULL) != BW_OK);
	(void)nanosleep(&wait, NULL);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	is_int(bw_store_create(url, NULL, &e), BW_OK,
	    "created after a kill, %d: %s", round, e.msg);
}

static bool
has_segments(void)
{
	struct bw_error e = {0};
	uint64_t *numbers = NULL;
	size_t n = 0;

	if (bwi_segment_list(strchr(url, ':') + 1, &numbers, &n, &e) != BW_OK)
		tap_diag("%s", e.msg);
	free(numbers);
	return n > 2;
}

int
main(void)
{
	const char *torture = getenv("BW_TORTURE");
	long rounds = torture != NULL ? strtol(torture, NULL, 10) : 6;
	char dir[64];
	long total = 0;

	srand((unsigned)fixture_in(0));
	fixture_make_dir(dir);
	for (int i = 0; i < 8; i++) {
		(void)snprintf(url, sizeof(url), "sqlite:%s/%d.db", dir, i);
		kill_creating(i);
	}
	for (int i = 0; i < rounds; i++)
		kill_at_random(i, &total);
	ok(total > 0, "there were acknowledgements");
	ok(has_segments(), "in several segments");
	tap_diag("%ld kills, %ld acknowledged", rounds * PROCESSES, total);
	fixture_remove_dir(dir);
	return tap_done();
}
