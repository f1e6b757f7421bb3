/* A store whose segments are closed again and again. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"
#include "tests/tap/tap.h"

void contract_use_segments(struct bw_store *, bool compact);

static bool compacting;

static void
rotate(const char *path)
{
	struct bw_store_compaction unused;
	enum bw_err err;
	struct bwi_segments g = {.path = path};
	struct bw_error e = {0};

	if (bwi_segments_update(&g, fixture_in(LONG), &e) != BW_OK ||
	    bwi_segments_rotate(&g, &e) != BW_OK)
		tap_diag("segments: %s", e.msg);
	bwi_segments_close(&g);
	if (!compacting)
		return;
	e = (struct bw_error){0};
	err = bwi_compact(path, INT64_MAX, NULL, &unused, &e);
	/* Stale: other threads changed it all the time. */
	if (err != BW_OK && err != BW_ERR_STALE) {
		printf("Bail out! compact: %s\n", e.msg);
		exit(1);
	}
}

/* Jobs that were submitted, and before which one the segment is closed. */
static atomic_uint jobs, next;

/* More and more seldom: a few segments are enough, and each takes time. */
static void
rotate_and_submit(struct bw_store *store, struct bw_store_write *j)
{
	unsigned n = atomic_fetch_add(&jobs, 1);
	unsigned at = n;

	if (atomic_compare_exchange_strong(&next, &at, n * 3 + 1))
		rotate(bwi_sqlite_of(store)->path);
	bwi_store_sqlite.submit(store, j);
}

void
contract_use_segments(struct bw_store *store, bool compact)
{
	static struct bwi_store_ops rotating;

	rotating = bwi_store_sqlite;
	rotating.submit = rotate_and_submit;
	compacting = compact;
	atomic_store(&jobs, 0);
	atomic_store(&next, 1);
	store->ops = &rotating;
}
