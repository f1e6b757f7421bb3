#include "cli/common/consumer_row.h"

#include "cli/common/event_columns.h"
#include "cli/common/json_string.h"

void
consumer_heading(struct bw_buf *b)
{
	bw_buf_printf(b, "%-20s %10s %8s %6s %6s  %s\n", "CONSUMER", "PLACE",
	    "LAG", "OLDEST", "DEAD", "LAST SEEN (UTC)");
}

void
consumer_row(
    struct bw_buf *b, const struct bw_store_consumer_state *c, int64_t now)
{
	char age[32] = "-", seen[32] = "-";

	if (c->oldest != 0)
		events_age(age, now - c->oldest);
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

void
consumer_json(struct bw_buf *b, const struct bw_store_consumer_state *c)
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
	bw_buf_putc(b, '}');
}
