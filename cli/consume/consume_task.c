/* One event that is handed to a program or a URL. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/row.h>

#include "cli/consume/consume.h"

/*
 * Body and query are included twice, raw and as fields; JSON takes six bytes
 * for one.
 */
#define MAX_JSON  ((size_t)(BW_MAX_BODY + BW_MAX_URI) * 16)
#define MAX_ENV	  4096
#define MAX_DELAY INT64_C(3600000)

/*
 * Add a variable. A value that is absent, contains a NUL or has 256 bytes or
 * more is passed as empty.
 */
static void
add_variable(struct bw_buf *b, const char *name, struct bw_str value)
{
	bw_buf_puts(b, name);
	bw_buf_putc(b, '=');
	if (value.n < 256 &&
	    (value.n == 0 || memchr(value.p, '\0', value.n) == NULL))
		bw_buf_str(b, value);
	bw_buf_putc(b, '\0');
}

static void
add_number(struct bw_buf *b, const char *name, uint64_t v)
{
	bw_buf_printf(b, "%s=%llu", name, (unsigned long long)v);
	bw_buf_putc(b, '\0');
}

static void
set_env(struct consume_task *t, const struct bw_store_event *e)
{
	struct bw_buf *b = &t->env;

	add_number(b, "BW_ID", t->lease.seq);
	add_number(b, "BW_TRY", t->lease.tries);
	add_variable(b, "BW_FAMILY", e->family);
	add_variable(b, "BW_EVENT", e->type);
	add_variable(b, "BW_PATH", e->section);
	add_variable(b, "BW_CALL", e->call);
	add_variable(b, "BW_MESSAGE", e->message);
	add_variable(b, "BW_FROM", e->from);
	add_variable(b, "BW_TO", e->to);
}

static bool
copy_row(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	struct consume_task *t = arg;

	t->lease = *l;
	t->received = r->event.received;
	bw_row_json(&t->json, r, NULL, BW_ROW_EXACT);
	bw_buf_putc(&t->json, '\n');
	set_env(t, &r->event);
	return false;
}

bool
consume_task_take(struct consume_task *t, struct bw_error *e)
{
	const struct consume_options *o = t->consumer->options;

	bw_buf_init(&t->json, MAX_JSON);
	bw_buf_init(&t->env, MAX_ENV);
	t->next_beat = bw_monotonic_ms() + o->lease / 3;
	if (bw_store_lease(t->consumer->store, o->name, 1, o->lease, copy_row,
		t, e) == BW_OK &&
	    t->lease.seq != 0)
		return true;
	consume_task_free(t);
	return false;
}

void
consume_task_free(struct consume_task *t)
{
	bw_buf_free(&t->json);
	bw_buf_free(&t->env);
}

bool
consume_task_beat(struct consume_task *t)
{
	const struct consume_options *o = t->consumer->options;
	const struct bw_str none = {NULL, 0};
	int64_t now = bw_monotonic_ms();
	enum bw_err err;

	t->late = now >= t->deadline;
	if (t->late || atomic_load(&t->consumer->stop) == CONSUME_END)
		return false;
	if (now < t->next_beat)
		return true;
	err = bw_store_settle(t->consumer->store, o->name, &t->lease,
	    BW_STORE_EXTEND, o->lease, none, NULL);
	/*
	 * After a store error, try again in a second: the lease still has two
	 * thirds.
	 */
	t->next_beat = now + (err == BW_OK ? o->lease / 3 : 1000);
	t->lost = err == BW_ERR_STALE;
	return !t->lost;
}

/*
 * Exponential backoff: the delay doubles with each try, up to an hour. The
 * result is random between half and all of it, so that events that failed
 * together are not retried together.
 */
static int64_t
delay_of(const struct consume_task *t)
{
	int64_t delay = t->consumer->options->delay;
	uint32_t dice = 0;

	for (unsigned i = 1; i < t->lease.tries && delay < MAX_DELAY; i++)
		delay *= 2;
	if (delay > MAX_DELAY)
		delay = MAX_DELAY;
	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) < 0)
		dice = (uint32_t)t->lease.seq * UINT32_C(2654435761);
	return delay / 2 + delay / 2 * (dice % 1024) / 1023;
}

/* The reason, and on the lines below it the program's standard error. */
static struct bw_str
put_why(const struct consume_task *t, struct bw_buf *b)
{
	bw_buf_puts(b, t->why);
	if (t->said.n > 0) {
		bw_buf_putc(b, '\n');
		bw_buf_add(b, t->said.text, t->said.n);
	}
	return b->err == BW_OK ? (struct bw_str){b->p, b->n}
			       : (struct bw_str){t->why, strlen(t->why)};
}

enum bw_err
consume_task_settle(
    struct consume_task *t, enum consume_outcome outcome, struct bw_error *e)
{
	const struct consume_options *o = t->consumer->options;
	enum bw_store_outcome v = BW_STORE_RETRY;
	struct bw_str why = {NULL, 0};
	struct bw_buf text;
	int64_t ms = 0;
	enum bw_err err;

	if (t->lost)
		return BW_OK;
	bw_buf_init(&text, sizeof(t->why) + sizeof(t->said.text));
	if (outcome == CONSUME_DONE)
		v = BW_STORE_DONE;
	if (outcome == CONSUME_FAILED) {
		why = put_why(t, &text);
		(void)atomic_fetch_add(&t->consumer->failed, 1);
		ms = delay_of(t);
		if (t->lease.tries >= (uint64_t)o->tries)
			v = BW_STORE_DEAD;
		consume_log("event %llu: %s, %s",
		    (unsigned long long)t->lease.seq, t->why,
		    v == BW_STORE_DEAD ? "given up" : "will be tried again");
	}
	err = bw_store_settle(
	    t->consumer->store, o->name, &t->lease, v, ms, why, e);
	bw_buf_free(&text);
	return err == BW_ERR_STALE ? BW_OK : err;
}
