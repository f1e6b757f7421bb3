/* bwcallback consume list: all consumers of a store. */
#include <stdio.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/command.h"
#include "cli/common/consumer_row.h"
#include "cli/consume/consume.h"

/* Most bytes of a line. */
#define LINE 4096

struct listing {
	int64_t now;
	bool json;
	enum bw_err err;
};

/* Print and free a line. */
static void
put(struct listing *l, struct bw_buf *b)
{
	if (b->err == BW_OK)
		fwrite(b->p, 1, b->n, stdout);
	l->err = b->err;
	bw_buf_free(b);
}

static bool
print(void *arg, const struct bw_store_consumer_state *c)
{
	struct listing *l = arg;
	struct bw_buf b;

	bw_buf_init(&b, LINE);
	if (l->json) {
		consumer_json(&b, c);
		bw_buf_putc(&b, '\n');
	} else {
		consumer_row(&b, c, l->now);
	}
	put(l, &b);
	return l->err == BW_OK;
}

enum bw_err
consume_list(
    struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	struct listing l = {.now = bw_realtime_ms(), .json = o->json};
	struct bw_buf heading;
	enum bw_err err;

	bw_buf_init(&heading, LINE);
	if (!o->json)
		consumer_heading(&heading);
	put(&l, &heading);
	err = bw_store_consumers(s, INT64_MAX, print, &l, e);
	if (err == BW_OK && l.err != BW_OK)
		err = bw_error_set(
		    e, l.err, 0, "consumers: %s", bw_strerror(l.err));
	return err;
}
