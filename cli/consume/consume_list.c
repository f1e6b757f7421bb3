/* bwcallback consume list: all consumers of a store. */
#include <stdio.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/event_columns.h"
#include "cli/common/json_string.h"
#include "cli/consume/consume.h"

struct listing {
	int64_t now;
	bool json;
	enum bw_err err;
};

static void
print_line(const struct listing *l, const struct bw_store_consumer_state *c,
    struct bw_buf *b)
{
	char age[32] = "-", seen[32] = "-";

	if (c->oldest != 0)
		events_age(age, l->now - c->oldest);
	if (c->seen != 0)
		events_time(seen, c->seen);
	events_cell(b, BW_MASK_WORD, c->name, 20, true);
	bw_buf_printf(b, "%10llu %8llu %6s %6llu  %.16s\n",
	    (unsigned long long)c->position,
	    (unsigned long long)(c->pending + c->ahead), age,
	    (unsigned long long)c->dead, seen);
}

/* A time that is not known is null. */
static void
put_time(struct bw_buf *b, const char *name, int64_t ms)
{
	if (ms != 0)
		bw_buf_printf(b, ",\"%s\":%lld", name, (long long)ms);
	else
		bw_buf_printf(b, ",\"%s\":null", name);
}

static void
print_json(const struct bw_store_consumer_state *c, struct bw_buf *b)
{
	bw_buf_puts(b, "{\"consumer\":");
	json_string(b, c->name);
	bw_buf_printf(b,
	    ",\"place\":%llu,\"lag\":%llu,\"dead\":%llu,\"held\":%llu",
	    (unsigned long long)c->position,
	    (unsigned long long)(c->pending + c->ahead),
	    (unsigned long long)c->dead, (unsigned long long)c->held);
	put_time(b, "oldest", c->oldest);
	put_time(b, "seen", c->seen);
	put_time(b, "created", c->created);
	bw_buf_puts(b, "}\n");
}

static bool
print(void *arg, const struct bw_store_consumer_state *c)
{
	struct listing *l = arg;
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	if (l->json)
		print_json(c, &b);
	else
		print_line(l, c, &b);
	if (b.err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	l->err = b.err;
	bw_buf_free(&b);
	return l->err == BW_OK;
}

enum bw_err
consume_list(
    struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	struct listing l = {.now = bw_realtime_ms(), .json = o->json};
	enum bw_err err;

	if (!o->json)
		printf("%-20s %10s %8s %6s %6s  %s\n", "CONSUMER", "PLACE",
		    "LAG", "OLDEST", "DEAD", "LAST SEEN (UTC)");
	err = bw_store_consumers(s, INT64_MAX, print, &l, e);
	if (err == BW_OK && l.err != BW_OK)
		err = bw_error_set(
		    e, l.err, 0, "consumers: %s", bw_strerror(l.err));
	return err;
}
