/* Maintenance of the PostgreSQL store: pruning. */
#include <bwcallback/tools/store.h>

#include "store/postgresql.h"

/*
 * Events removed in one transaction, during which nothing else is stored; when
 * pruning by size few, to remove few more than needed.
 */
#define STEP	   200
#define SMALL_STEP 10

/* What one transaction removed of a segment. */
struct removed {
	size_t n;
	int64_t bytes;
	int64_t unparsed;
	int64_t unparsed_bytes;
};

static void
count_removed(const PGresult *r, struct removed *d)
{
	*d = (struct removed){.n = (size_t)PQntuples(r)};
	for (int i = 0; i < PQntuples(r); i++) {
		d->bytes += bwi_pg_int8(r, i, 1);
		if (!bwi_pg_bool(r, i, 2))
			continue;
		d->unparsed++;
		d->unparsed_bytes += bwi_pg_int4(r, i, 3);
	}
}

static enum bw_err
run(struct bwi_pg *s, enum bwi_pg_statement which, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err = bwi_pg_run(s, which, &r, e);

	PQclear(r);
	return err;
}

static enum bw_err
delete_answers(
    struct bwi_pg *s, int32_t segment, const PGresult *r, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;

	bwi_pg_put_int4(p, segment);
	bwi_pg_array_begin(p, BWI_PG_INT8, (size_t)PQntuples(r));
	for (int i = 0; i < PQntuples(r); i++)
		bwi_pg_element_int8(p, bwi_pg_int8(r, i, 0));
	bwi_pg_array_end(p);
	return run(s, BWI_PG_PRUNE_ANSWERS, e);
}

static enum bw_err
update_counts(struct bwi_pg *s, int32_t segment, const struct removed *d,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	enum bw_err err;

	bwi_pg_put_int4(p, segment);
	bwi_pg_put_int8(p, (int64_t)d->n);
	bwi_pg_put_int8(p, d->bytes);
	err = run(s, BWI_PG_PRUNED, e);
	if (err != BW_OK)
		return err;
	bwi_pg_put_int8(p, d->unparsed);
	bwi_pg_put_int8(p, d->unparsed_bytes);
	return run(s, BWI_PG_PRUNED_HEAD, e);
}

static enum bw_err
delete_events(struct bwi_pg *s, int32_t segment, int64_t before, int64_t max,
    struct removed *d, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	PGresult *r = NULL;
	enum bw_err err = run(s, BWI_PG_LOCK, e);

	/* The counter first, as the writer: otherwise both could wait. */
	if (err != BW_OK)
		return err;
	bwi_pg_put_int4(p, segment);
	bwi_pg_put_int8(p, before);
	bwi_pg_put_int8(p, max);
	err = bwi_pg_run(s, BWI_PG_PRUNE, &r, e);
	if (err == BW_OK)
		count_removed(r, d);
	if (err == BW_OK && d->n > 0)
		err = delete_answers(s, segment, r, e);
	if (err == BW_OK && d->n > 0)
		err = update_counts(s, segment, d, e);
	PQclear(r);
	return err;
}

static enum bw_err
prune_step(struct bwi_pg *s, int32_t segment, int64_t before, int64_t max,
    struct removed *d, struct bw_error *e)
{
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);

	*d = (struct removed){.n = 0};
	if (err != BW_OK)
		return err;
	err = delete_events(s, segment, before, max, d, e);
	return bwi_pg_end(s, true, err, e);
}

/*
 * Drop the oldest segment whose events are all older and not needed. *dropped:
 * there was one.
 */
static enum bw_err
drop_segment(struct bwi_pg *s, int64_t before, bool *dropped, uint64_t *n,
    struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);
	PGresult *r = NULL;

	*dropped = false;
	if (err != BW_OK)
		return err;
	bwi_pg_put_int8(p, before);
	err = bwi_pg_run(s, BWI_PG_DROPPABLE, &r, e);
	if (err == BW_OK && PQntuples(r) == 1) {
		bwi_pg_put_int4(p, bwi_pg_int4(r, 0, 0));
		err = run(s, BWI_PG_DROP_SEGMENT, e);
		*dropped = err == BW_OK;
	}
	err = bwi_pg_end(s, true, err, e);
	if (err == BW_OK && *dropped)
		*n += (uint64_t)bwi_pg_int8(r, 0, 1);
	PQclear(r);
	return err;
}

static enum bw_err
get_segments(struct bwi_pg *s, int64_t before, PGresult **r, struct bw_error *e)
{
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);

	*r = NULL;
	if (err != BW_OK)
		return err;
	bwi_pg_put_int8(&s->shared.params, before);
	err = bwi_pg_run(s, BWI_PG_PRUNABLE_SEGMENTS, r, e);
	return bwi_pg_end(s, false, err, e);
}

static enum bw_err
prune_by_age(struct bwi_pg *s, int64_t before, uint64_t *n, struct bw_error *e)
{
	bool dropped = true;
	PGresult *r = NULL;
	enum bw_err err = BW_OK;

	while (err == BW_OK && dropped)
		err = drop_segment(s, before, &dropped, n, e);
	if (err == BW_OK)
		err = get_segments(s, before, &r, e);
	for (int i = 0; err == BW_OK && i < PQntuples(r); i++) {
		struct removed d = {.n = STEP};

		while (err == BW_OK && d.n == STEP) {
			err = prune_step(
			    s, bwi_pg_int4(r, i, 0), before, STEP, &d, e);
			*n += err == BW_OK ? d.n : 0;
		}
	}
	PQclear(r);
	return err;
}

static enum bw_err
get_bytes(struct bwi_pg *s, uint64_t *bytes, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = bwi_pg_run(s, BWI_PG_BYTES, &r, e);
	*bytes = err == BW_OK ? (uint64_t)bwi_pg_int8(r, 0, 0) : 0;
	PQclear(r);
	return bwi_pg_end(s, false, err, e);
}

/* Remove the oldest events of a segment, few at a time. */
static enum bw_err
shrink_segment(struct bwi_pg *s, int32_t segment, uint64_t *used,
    uint64_t bytes, uint64_t *n, struct bw_error *e)
{
	struct removed d = {.n = SMALL_STEP};
	enum bw_err err = BW_OK;

	while (err == BW_OK && *used > bytes && d.n == SMALL_STEP) {
		err = prune_step(s, segment, INT64_MAX, SMALL_STEP, &d, e);
		*n += err == BW_OK ? d.n : 0;
		*used -= err == BW_OK ? (uint64_t)d.bytes : 0;
	}
	return err;
}

static enum bw_err
prune_by_size(struct bwi_pg *s, uint64_t bytes, uint64_t *n, struct bw_error *e)
{
	PGresult *r = NULL;
	uint64_t used = 0;
	enum bw_err err = get_bytes(s, &used, e);

	if (err == BW_OK && used > bytes)
		err = get_segments(s, INT64_MAX, &r, e);
	for (int i = 0; err == BW_OK && r != NULL && i < PQntuples(r); i++)
		err =
		    shrink_segment(s, bwi_pg_int4(r, i, 0), &used, bytes, n, e);
	PQclear(r);
	return err;
}

enum bw_err
bwi_pg_prune(struct bw_store *base, int64_t before, uint64_t bytes, uint64_t *n,
    struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = prune_by_age(s, before, n, e);

	return err == BW_OK && bytes > 0 ? prune_by_size(s, bytes, n, e) : err;
}

enum bw_err
bwi_pg_backup(struct bw_store *s, const char *path, bw_store_progress_fn *fn,
    void *arg, struct bw_error *e)
{
	(void)s;
	(void)fn;
	(void)arg;
	return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
	    "%s: backup: a PostgreSQL store is backed up by pg_basebackup or "
	    "pg_dump",
	    path);
}
