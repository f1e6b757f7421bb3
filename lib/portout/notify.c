#include <config.h>

#include "base/response.h"
#include "portout/notify.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "base/json_quote.h"
#include "base/printed.h"
#include "event/event.h"
#include "os/process.h"
#include "os/thread.h"

#define SECOND INT64_C(1000000000)

/* Most verdicts in the queue. */
#define MAX_WAITING 64

/* Time limit of one run of the program. */
#define PROGRAM_TIME (30 * SECOND)

/* How long freeing a configuration waits for the queue to drain. */
#define LAST_WAIT (2 * SECOND)

/* Most numbers in a message; a person needs no more. */
#define MAX_NUMBERS 100

/* Most bytes of a text in a message; texts of errors are the longest. */
#define MAX_VALUE 512

#define MAX_TEXT (1024 * 1024)

struct message {
	char *p;
	size_t n;
};

struct bwi_notify {
	const char **argv;
	char *text; /* the strings of argv */
	char *section;
	pthread_mutex_t lock; /* protects the next members */
	pthread_cond_t changed;
	struct message waiting[MAX_WAITING]; /* ring buffer */
	size_t first;
	size_t n;
	bool started; /* the thread exists */
	bool ending;  /* no more messages will be queued */
	bool orphan;  /* the owner is gone: the thread frees it */
	struct bw_error warning;
	atomic_bool has_warning;
};

static void
destroy(struct bwi_notify *t)
{
	while (t->n > 0)
		bwi_free(t->waiting[(t->first + --t->n) % MAX_WAITING].p);
	bwi_free(t->argv);
	bwi_free(t->text);
	bwi_free(t->section);
	(void)pthread_cond_destroy(&t->changed);
	(void)pthread_mutex_destroy(&t->lock);
	bwi_free(t);
}

/* A copy, since the thread may outlive the configuration. */
static bool
copy_argv(struct bwi_notify *t, const char *const *argv)
{
	size_t n = 0, size = 0;
	char *to;

	for (; argv[n] != NULL; n++)
		size += strlen(argv[n]) + 1;
	t->argv = bwi_calloc(n + 1, sizeof(*t->argv));
	t->text = to = bwi_alloc(size);
	if (t->argv == NULL || t->text == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(argv[i]) + 1;

		memcpy(to, argv[i], len);
		t->argv[i] = to;
		to += len;
	}
	return true;
}

struct bwi_notify *
bwi_notify_new(const char *const *argv, struct bw_str section)
{
	struct bwi_notify *t = bwi_calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	(void)pthread_mutex_init(&t->lock, NULL);
	bwi_thread_cond_init(&t->changed);
	atomic_init(&t->has_warning, false);
	t->section = bwi_strndup(section.p, section.n);
	if (t->section == NULL || !copy_argv(t, argv)) {
		destroy(t);
		return NULL;
	}
	return t;
}

static void
set_warning(struct bwi_notify *t, const struct bw_error *e)
{
	if (t->ending || strcmp(t->warning.msg, e->msg) == 0)
		return;
	t->warning = *e;
	atomic_store(&t->has_warning, true);
}

static void
run(struct bwi_notify *t, struct bw_str text, struct bw_error *e)
{
	const char *env[] = {
	    "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};
	struct bw_buf out;

	/* The program's output is discarded. */
	bw_buf_init(&out, BW_MAX_PROGRAM_OUTPUT);
	if (bwi_process_run(t->argv, env, text,
		bw_monotonic_ns() + PROGRAM_TIME, &out, e) == BW_OK)
		*e = (struct bw_error){0};
	bw_buf_free(&out);
}

static void *
work(void *arg)
{
	struct bwi_notify *t = arg;
	bool orphan;

	(void)pthread_mutex_lock(&t->lock);
	for (;;) {
		struct bw_error e = {0};
		struct message m;

		while (t->n == 0 && !t->ending)
			(void)pthread_cond_wait(&t->changed, &t->lock);
		if (t->n == 0)
			break;
		m = t->waiting[t->first];
		t->first = (t->first + 1) % MAX_WAITING;
		t->n--;
		(void)pthread_mutex_unlock(&t->lock);
		run(t, (struct bw_str){m.p, m.n}, &e);
		bwi_free(m.p);
		(void)pthread_mutex_lock(&t->lock);
		if (e.code != BW_OK)
			set_warning(t, &e);
	}
	t->started = false;
	orphan = t->orphan;
	(void)pthread_cond_broadcast(&t->changed);
	(void)pthread_mutex_unlock(&t->lock);
	if (orphan)
		destroy(t);
	return NULL;
}

/* Called with the lock held. */
static bool
start(struct bwi_notify *t)
{
	pthread_t thread;

	if (t->started)
		return true;
	if (bwi_thread_start(&thread, work, t) != 0)
		return false;
	(void)pthread_detach(thread);
	t->started = true;
	return true;
}

void
bwi_notify_free(struct bwi_notify *t)
{
	int64_t until = bw_monotonic_ns() + LAST_WAIT;
	bool in_time = true, orphan;

	if (t == NULL)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->ending = true;
	(void)pthread_cond_broadcast(&t->changed);
	while (t->started && in_time)
		in_time = bwi_thread_cond_wait(&t->changed, &t->lock, until);
	orphan = t->orphan = t->started;
	(void)pthread_mutex_unlock(&t->lock);
	if (!orphan)
		destroy(t);
}

/* Truncate texts that are too long rather than drop the message. */
static void
put_string(struct bw_buf *b, struct bw_str s)
{
	if (s.n > MAX_VALUE)
		s.n = MAX_VALUE;
	bw_buf_putc(b, '"');
	bwi_json_quote(b, s);
	bw_buf_putc(b, '"');
}

static void
put_pon(struct bw_buf *b, const struct bw_event *event)
{
	struct bw_str pon = {NULL, 0};

	(void)bw_event_get(event, BW_STR("PON"), &pon);
	if (pon.p == NULL)
		return;
	bw_buf_puts(b, ",\"pon\":");
	put_string(b, pon);
}

/* The nth number of a list; p NULL if there is none. */
static struct bw_str
get_number(const struct bw_event *event, int list, int n)
{
	struct bw_str value = {NULL, 0};
	char path[64];
	int len = snprintf(path, sizeof(path),
	    "TelephoneNumbers.%d.TelephoneNumber.%d", list, n);

	(void)bw_event_get(event,
	    (struct bw_str){path, bwi_printed(len, sizeof(path))}, &value);
	return value;
}

static void
put_numbers(struct bw_buf *b, const struct bw_event *event)
{
	int count = 0;

	bw_buf_puts(b, ",\"numbers\":[");
	for (int list = 0; count < MAX_NUMBERS; list++) {
		struct bw_str value = get_number(event, list, 0);

		if (value.p == NULL)
			break;
		for (int i = 1; value.p != NULL && count < MAX_NUMBERS; i++) {
			if (count++ > 0)
				bw_buf_putc(b, ',');
			put_string(b, value);
			value = get_number(event, list, i);
		}
	}
	bw_buf_putc(b, ']');
}

/* Write the codes of a verdict, which has our own fixed format. */
static void
put_codes(struct bw_buf *b, struct bw_str verdict)
{
	static const char tag[] = "<Code>";
	const char *p = verdict.p, *end = p + verdict.n;
	bool first = true;

	bw_buf_puts(b, ",\"codes\":[");
	while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		if ((size_t)(end - p) > sizeof(tag) + 3 &&
		    memcmp(p, tag, sizeof(tag) - 1) == 0) {
			if (!first)
				bw_buf_putc(b, ',');
			bw_buf_add(b, p + sizeof(tag) - 1, 4);
			first = false;
		}
		p++;
	}
	bw_buf_putc(b, ']');
}

static bool
is_portable(struct bw_str verdict)
{
	static const char yes[] = "<Portable>true</Portable>";

	return memmem(verdict.p, verdict.n, yes, sizeof(yes) - 1) != NULL;
}

/* The message contains no PIN, account or name, so that it can be mailed. */
static void
write_message(struct bw_buf *b, const struct bwi_notify *t,
    const struct bw_event *event, const struct bw_response *resp)
{
	struct bw_str verdict =
	    resp->prepared.p != NULL
		? resp->prepared
		: (struct bw_str){resp->body.p, resp->body.n};

	bw_buf_printf(
	    b, "{\"portable\":%s", is_portable(verdict) ? "true" : "false");
	put_codes(b, verdict);
	bw_buf_printf(b, ",\"on_error\":%s", resp->fallback ? "true" : "false");
	if (resp->why.code != BW_OK) {
		bw_buf_puts(b, ",\"why\":");
		put_string(
		    b, (struct bw_str){resp->why.msg, strlen(resp->why.msg)});
	}
	bw_buf_puts(b, ",\"section\":");
	put_string(b, (struct bw_str){t->section, strlen(t->section)});
	if (event != NULL) {
		put_pon(b, event);
		put_numbers(b, event);
	}
	bw_buf_puts(b, "}\n");
}

static bool
enqueue(struct bwi_notify *t, struct bw_buf *b)
{
	if (b->err != BW_OK || t->n == MAX_WAITING || !start(t))
		return false;
	t->waiting[(t->first + t->n++) % MAX_WAITING] =
	    (struct message){b->p, b->n};
	*b = (struct bw_buf){0};
	(void)pthread_cond_broadcast(&t->changed);
	return true;
}

void
bwi_notify_send(struct bwi_notify *t, const struct bw_event *event,
    const struct bw_response *resp)
{
	struct bw_error e = {0};
	struct bw_buf b;

	if (resp->prepared.p == NULL && resp->body.p == NULL)
		return;
	bw_buf_init(&b, MAX_TEXT);
	write_message(&b, t, event, resp);
	(void)pthread_mutex_lock(&t->lock);
	if (!enqueue(t, &b)) {
		(void)bw_error_set(&e, BW_ERR_BUSY, 0,
		    "notify: %s: a verdict was not passed on", t->argv[0]);
		set_warning(t, &e);
	}
	(void)pthread_mutex_unlock(&t->lock);
	bw_buf_free(&b);
}

bool
bwi_notify_take_warning(struct bwi_notify *t, struct bw_error *e)
{
	if (!atomic_load_explicit(&t->has_warning, memory_order_relaxed))
		return false;
	(void)pthread_mutex_lock(&t->lock);
	*e = t->warning;
	atomic_store(&t->has_warning, false);
	(void)pthread_mutex_unlock(&t->lock);
	return true;
}
