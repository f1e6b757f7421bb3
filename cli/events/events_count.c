/* bwcallback events count, backup: commands for the whole store. */
#include <unistd.h>

#include <bwcallback/tools/row.h>
#include <bwcallback/tools/store.h>

#include "cli/common/event_columns.h"
#include "cli/common/json_string.h"
#include "cli/events/events.h"

static bool
print_count(void *arg, const struct bw_store_count *c)
{
	const struct events_options *o = arg;
	struct bw_buf b;

	bw_buf_init(&b, 1 << 20);
	if (o->json) {
		bw_buf_puts(&b, "{\"family\":");
		json_string(&b, c->family);
		bw_buf_puts(&b, ",\"type\":");
		bw_row_text_json(&b, BW_MASK_REMARK, c->type, false);
		bw_buf_printf(&b,
		    ",\"events\":%llu,\"deliveries\":%llu,"
		    "\"unanswered\":%llu}\n",
		    (unsigned long long)c->events,
		    (unsigned long long)c->deliveries,
		    (unsigned long long)c->unanswered);
	} else {
		bw_buf_printf(&b, "%10llu %10llu %10llu ",
		    (unsigned long long)c->events,
		    (unsigned long long)c->deliveries,
		    (unsigned long long)c->unanswered);
		events_text(&b, BW_MASK_WORD, c->family, false);
		bw_buf_putc(&b, '.');
		events_text(&b, BW_MASK_REMARK, c->type, false);
		bw_buf_putc(&b, '\n');
	}
	if (b.err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
	return true;
}

static void
print_stats(const struct bw_store_stats *s)
{
	char oldest[32], newest[32];

	events_time(oldest, s->oldest);
	events_time(newest, s->newest);
	printf("%10llu in all, %.1f MB", (unsigned long long)s->events,
	    (double)s->bytes / 1e6);
	if (s->events > 0)
		printf(", from %s to %s", oldest, newest);
	if (s->spooled > 0)
		printf(", %llu bytes in the spool",
		    (unsigned long long)s->spooled);
	putchar('\n');
}

enum bw_err
events_count(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct events_options copy = *o;
	struct bw_store_stats stats;
	enum bw_err err;

	if (!o->json)
		printf("%10s %10s %10s %s\n", "EVENTS", "DELIVERIES",
		    "UNANSWERED", "TYPE");
	err = bw_store_count(s, &o->filter, print_count, &copy, e);
	if (err != BW_OK || o->json)
		return err;
	err = bw_store_stats(s, &stats, e);
	if (err == BW_OK)
		print_stats(&stats);
	return err;
}

static bool
print_progress(void *arg, int64_t done, int64_t all)
{
	(void)arg;
	if (all > 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "\rbackup: %3d %%%s", (int)(done * 100 / all),
		    done == all ? "\n" : "");
	return true;
}

enum bw_err
events_backup(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	return bw_store_backup(s, o->argv[0], print_progress, NULL, e);
}
