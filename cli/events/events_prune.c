/*
 * bwcallback events prune. Names the consumers whose events it may not remove.
 */
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/event_columns.h"
#include "cli/common/shell_word.h"
#include "cli/events/events.h"

static void
put_command(struct bw_buf *b, const struct events_options *o,
    struct bw_str name, const char *option)
{
	bw_buf_puts(b, "bwcallback consume ");
	bw_buf_str(b, name);
	bw_buf_puts(b, o->store != NULL ? " --store " : " --config ");
	shell_word(b, o->store != NULL ? o->store : o->config);
	bw_buf_puts(b, option);
}

static void
put_seen(struct bw_buf *b, int64_t seen)
{
	char age[32], when[32];

	if (seen == 0)
		return;
	events_age(age, bw_realtime_ms() - seen);
	events_time(when, seen);
	bw_buf_printf(b, ", last seen %s ago (%.16s UTC)", age, when);
}

/* Print how many events a consumer keeps, and the command that removes it. */
static bool
print_holder(void *arg, const struct bw_store_consumer_state *c)
{
	const struct events_options *o = arg;
	uint64_t lag = c->pending + c->ahead;
	struct bw_buf b;

	if (c->held == 0)
		return true;
	bw_buf_init(&b, 16384);
	bw_buf_printf(
	    &b, "%llu events kept for consumer ", (unsigned long long)c->held);
	bw_buf_str(&b, c->name);
	put_seen(&b, c->seen);
	bw_buf_printf(&b, ": %llu not handled, %llu dead letters\n",
	    (unsigned long long)lag, (unsigned long long)c->dead);
	if (c->dead > 0) {
		bw_buf_puts(&b, "  to see its dead letters: ");
		put_command(&b, o, c->name, " --list-dead\n");
	}
	bw_buf_puts(&b, "  to remove it, if it is no longer used: ");
	put_command(&b, o, c->name, " --forget\n");
	if (b.err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
	return true;
}

/* Is the store still larger than wanted? */
static enum bw_err
is_too_large(struct bw_store *s, const struct events_options *o, bool *large,
    struct bw_error *e)
{
	struct bw_store_stats stats = {.bytes = 0};
	enum bw_err err = BW_OK;

	if (o->larger > 0)
		err = bw_store_stats(s, &stats, e);
	*large = o->larger > 0 && stats.bytes > (uint64_t)o->larger;
	return err;
}

static enum bw_err
print_holders(struct bw_store *s, const struct events_options *o,
    int64_t before, struct bw_error *e)
{
	struct events_options copy = *o;
	bool large;
	enum bw_err err = is_too_large(s, o, &large, e);

	if (err == BW_OK)
		err = bw_store_consumers(
		    s, large ? INT64_MAX : before, print_holder, &copy, e);
	return err;
}

enum bw_err
events_prune(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	int64_t before = 0;
	enum bw_err err;
	uint64_t n;

	if (o->older == 0 && o->larger == 0) {
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "prune: --older or --larger says what goes");
	}
	if (o->older > 0)
		before = bw_realtime_ms() - o->older;
	err = bw_store_prune(s, before, (uint64_t)o->larger, &n, e);
	if (err != BW_OK)
		return err;
	printf("%llu events removed\n", (unsigned long long)n);
	return print_holders(s, o, before, e);
}
