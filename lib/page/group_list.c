/* Reads events as groups. */
#include "page/group_list.h"

#include <bwcallback/tools/clock.h>

#include "base/arena.h"
#include "store/store.h"

/* Events of a group that are read. */
#define MAX_EVENTS 200

/* The ids of the groups of some events. */
struct batch {
	struct bwi_group_list *list;
	struct bwi_arena arena;
	struct bw_str ids[BWI_GROUP_ROWS];
	uint64_t newest[BWI_GROUP_ROWS]; /* event of each, of this batch */
	size_t n;
	uint64_t last; /* of the last event whose group is in the batch */
	bool more;     /* there are older events */
	bool failed;   /* out of memory */
};

static bool
has(const struct batch *b, struct bw_str id)
{
	for (size_t i = 0; i < b->n; i++) {
		if (bw_str_eq(b->ids[i], id))
			return true;
	}
	return false;
}

static bool
take_id(void *arg, const struct bw_store_row *r)
{
	struct batch *b = arg;
	struct bw_str id = b->list->id(&r->event);

	if (id.n > 0 && bwi_event_filter_takes(&b->list->filter, r) &&
	    !has(b, id)) {
		if (b->n == BWI_GROUP_ROWS) {
			b->more = true;
			return false;
		}
		b->ids[b->n] = bwi_arena_copy(&b->arena, id);
		if (b->ids[b->n].p == NULL) {
			b->failed = true;
			return false;
		}
		b->newest[b->n++] = r->seq;
	}
	b->last = r->seq;
	b->list->back = r->event.received;
	return true;
}

/* Read one group. It is not shown if it was on the page before. */
static enum bw_err
read_group(struct bwi_group_list *l, struct bw_store *store, struct bw_str id,
    uint64_t before)
{
	struct bw_store_filter filter = {.since = 0};
	uint64_t cursor = 0;
	enum bw_err err;

	l->restrict_to(&filter, id);
	l->newest = 0;
	l->begin(l, id);
	err = bwi_store_read_until(store, &filter, false, MAX_EVENTS, &cursor,
	    l->view->until, l->add, l, NULL);
	if (err != BW_OK || (before != 0 && l->newest >= before))
		l->newest = 0;
	if (l->end(l))
		l->n++;
	return err;
}

static enum bw_err
read_batch(struct bwi_group_list *l, struct bw_store *store, struct batch *b,
    uint64_t *cursor)
{
	uint64_t before = *cursor;
	enum bw_err err = bwi_store_read_until(store, &l->filter.store, true,
	    SIZE_MAX, cursor, l->view->until, take_id, b, NULL);

	*cursor = b->last;
	for (size_t i = 0; i < b->n && err == BW_OK; i++) {
		err = read_group(l, store, b->ids[i], before);
		if (err != BW_OK)
			*cursor = b->newest[i] + 1;
	}
	return b->failed ? BW_ERR_NOMEM : err;
}

enum bw_err
bwi_group_list_read(struct bwi_group_list *l, struct bw_store *store)
{
	uint64_t cursor = l->filter.before;
	enum bw_err err;

	for (;;) {
		struct batch b = {.list = l, .last = cursor};

		bwi_arena_init(&b.arena);
		err = read_batch(l, store, &b, &cursor);
		bwi_arena_free(&b.arena);
		l->before = b.more || err == BW_ERR_BUSY ? cursor : 0;
		if (err != BW_OK || !b.more || l->n > 0)
			break;
	}
	l->cut = err == BW_ERR_BUSY;
	return err;
}
