/* bwcallback store stats: what a store holds, and where its consumers are. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/consumer_row.h"
#include "cli/common/event_columns.h"
#include "cli/common/json_string.h"
#include "cli/common/store_option.h"
#include "cli/store/store.h"

/* Most bytes of the output: thousands of consumers. */
#define OUTPUT (1 << 20)

struct output {
	struct bw_buf text; /* of one store */
	int64_t now;
	bool json;
	uint64_t stores;       /* how many were printed */
	uint64_t consumers;    /* the same, of this store */
	struct bw_error error; /* of a store that could not be read */
};

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Appends nothing if there is no event. */
static void
put_range(struct bw_buf *b, const struct bw_store_stats *s)
{
	char oldest[32], newest[32];

	if (s->events == 0)
		return;
	events_time(oldest, s->oldest);
	events_time(newest, s->newest);
	bw_buf_printf(b, "%-14s %llu to %llu\n", "numbers",
	    (unsigned long long)s->first, (unsigned long long)s->last);
	bw_buf_printf(b, "%-14s %s to %s (UTC)\n", "received", oldest, newest);
}

static void
put_size(struct bw_buf *b, const char *name, uint64_t bytes)
{
	if (bytes < 1000000)
		bw_buf_printf(
		    b, "%-14s %llu bytes\n", name, (unsigned long long)bytes);
	else
		bw_buf_printf(b, "%-14s %.1f MB\n", name, (double)bytes / 1e6);
}

static void
put_stats(struct bw_buf *b, const struct bw_config_store *which,
    const struct bw_store_stats *s)
{
	events_line(b, "id", BW_MASK_WORD, which->id, true);
	events_line(b, "store", BW_MASK_WORD, str(which->url), true);
	bw_buf_printf(
	    b, "%-14s %llu\n", "events", (unsigned long long)s->events);
	put_range(b, s);
	put_size(b, "size", s->bytes);
	put_size(b, "spool", s->spooled);
}

static bool
put_row(void *arg, const struct bw_store_consumer_state *c)
{
	struct output *o = arg;

	if (o->consumers++ == 0) {
		bw_buf_putc(&o->text, '\n');
		consumer_heading(&o->text);
	}
	consumer_row(&o->text, c, o->now);
	return o->text.err == BW_OK;
}

/* Without an event, there is no number and no time: null. */
static void
put_member(struct bw_buf *b, const char *name, bool known, uint64_t value)
{
	if (known)
		bw_buf_printf(
		    b, ",\"%s\":%llu", name, (unsigned long long)value);
	else
		bw_buf_printf(b, ",\"%s\":null", name);
}

static void
put_json_stats(struct bw_buf *b, const struct bw_config_store *which,
    const struct bw_store_stats *s)
{
	bool any = s->events > 0;

	bw_buf_putc(b, '{');
	if (which->id.p != NULL) {
		bw_buf_puts(b, "\"id\":");
		json_string(b, which->id);
		bw_buf_putc(b, ',');
	}
	bw_buf_puts(b, "\"store\":");
	json_string(b, str(which->url));
	put_member(b, "events", true, s->events);
	put_member(b, "first", any, s->first);
	put_member(b, "last", any, s->last);
	put_member(b, "oldest", any, (uint64_t)s->oldest);
	put_member(b, "newest", any, (uint64_t)s->newest);
	put_member(b, "bytes", true, s->bytes);
	put_member(b, "spooled", true, s->spooled);
	bw_buf_puts(b, ",\"consumers\":[");
}

static bool
put_json_row(void *arg, const struct bw_store_consumer_state *c)
{
	struct output *o = arg;

	if (o->consumers++ > 0)
		bw_buf_putc(&o->text, ',');
	consumer_json(&o->text, c);
	return o->text.err == BW_OK;
}

static enum bw_err
put_store(struct output *out, const struct bw_config_store *which,
    struct bw_store *s, struct bw_error *e)
{
	struct bw_store_stats stats;
	enum bw_err err = bw_store_stats(s, &stats, e);

	if (err == BW_OK)
		err = bw_store_spooled(which->url, &stats.spooled, e);
	if (err != BW_OK)
		return err;
	if (out->json)
		put_json_stats(&out->text, which, &stats);
	else
		put_stats(&out->text, which, &stats);
	err = bw_store_consumers(
	    s, INT64_MAX, out->json ? put_json_row : put_row, out, e);
	if (out->json)
		bw_buf_puts(&out->text, "]}\n");
	if (err == BW_OK && out->text.err != BW_OK)
		err = bw_error_set(e, out->text.err, 0, "store stats: %s",
		    bw_strerror(out->text.err));
	return err;
}

/* Goes on after a store that is away. */
static enum bw_err
take_store(void *arg, const struct bw_config_store *which, struct bw_error *e)
{
	struct output *out = arg;
	struct bw_error why = {0};
	struct bw_store *s = NULL;
	enum bw_err err = bw_store_open(which->url, &s, &why);

	(void)e;
	bw_buf_init(&out->text, OUTPUT);
	out->consumers = 0;
	if (err == BW_OK)
		err = put_store(out, which, s, &why);
	if (err != BW_OK)
		store_be_away(&out->error, which->id.p, &why);
	else if (out->stores++ > 0 && !out->json)
		putchar('\n');
	if (err == BW_OK)
		fwrite(out->text.p, 1, out->text.n, stdout);
	bw_buf_free(&out->text);
	bw_store_free(s);
	return BW_OK;
}

enum bw_err
store_stats(const struct store_options *o, struct bw_error *e)
{
	struct output out = {.now = bw_realtime_ms(), .json = o->json};
	enum bw_err err = store_each(o->store, o->config, take_store, &out, e);

	if (err == BW_OK && out.error.code != BW_OK) {
		*e = out.error;
		err = e->code;
	}
	return err;
}
