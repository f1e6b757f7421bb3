/* Counting events by family and type, over all segments. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* The numbers of all types so far. */
struct counts {
	struct counted *list;
	size_t n;
	size_t cap;
};

struct counted {
	struct bw_store_count count;
	char *family; /* where the texts of count are */
	char *type;
};

static int
compare_text(struct bw_str a, struct bw_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int
compare_count(const struct bw_store_count *a, const struct bw_store_count *b)
{
	int order = compare_text(a->family, b->family);

	return order != 0 ? order : compare_text(a->type, b->type);
}

static int
compare(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	return compare_count(&x->count, &y->count);
}

static void
free_names(struct counted *k)
{
	bwi_free(k->family);
	bwi_free(k->type);
}

static void
free_counts(struct counts *all)
{
	for (size_t i = 0; i < all->n; i++)
		free_names(&all->list[i]);
	bwi_free(all->list);
}

/* NULL: out of memory. */
static struct bw_store_count *
add_type(struct counts *all, const struct bw_store_count *k)
{
	void *grown =
	    bwi_grow(all->list, all->n, &all->cap, sizeof(*all->list));
	struct counted *to;

	if (grown == NULL)
		return NULL;
	all->list = grown;
	to = &all->list[all->n];
	*to = (struct counted){
	    .family = bwi_strndup(k->family.p, k->family.n),
	    .type = bwi_strndup(k->type.p, k->type.n),
	};
	if (to->family == NULL || to->type == NULL) {
		free_names(to);
		return NULL;
	}
	to->count.family = (struct bw_str){to->family, k->family.n};
	to->count.type = (struct bw_str){to->type, k->type.n};
	all->n++;
	return &to->count;
}

static bool
add_count(struct counts *all, const struct bw_store_count *k)
{
	struct bw_store_count *to = NULL;

	for (size_t i = 0; to == NULL && i < all->n; i++) {
		if (compare_count(&all->list[i].count, k) == 0)
			to = &all->list[i].count;
	}
	if (to == NULL)
		to = add_type(all, k);
	if (to == NULL)
		return false;
	to->events += k->events;
	to->deliveries += k->deliveries;
	to->unanswered += k->unanswered;
	return true;
}

static sqlite3_stmt *
prepare(struct bwi_conn *c, const struct bw_store_filter *f, struct bw_error *e)
{
	struct bw_buf sql;
	sqlite3_stmt *st;

	bw_buf_init(&sql, 4096);
	bw_buf_puts(&sql,
	    "SELECT f.family, f.type, count(*), sum(e.deliveries), "
	    "sum(a.seq IS NULL OR a.failed)" BWI_SQL_FROM);
	bwi_sqlite_put_filter(&sql, c, f);
	bw_buf_puts(&sql, " GROUP BY 1, 2");
	st = bwi_sqlite_prepare(c, &sql, e);
	bw_buf_free(&sql);
	if (st == NULL)
		return NULL;
	(void)sqlite3_bind_int64(st, 1, 0);
	bwi_sqlite_bind_filter(st, f);
	return st;
}

static enum bw_err
count_segment(struct bwi_conn *c, const struct bw_store_filter *f,
    struct counts *all, struct bw_error *e)
{
	sqlite3_stmt *st = prepare(c, f, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct bw_store_count k = {
		    .family = bwi_column(st, 0),
		    .type = bwi_column(st, 1),
		    .events = (uint64_t)sqlite3_column_int64(st, 2),
		    .deliveries = (uint64_t)sqlite3_column_int64(st, 3),
		    .unanswered = (uint64_t)sqlite3_column_int64(st, 4),
		};

		if (!add_count(all, &k))
			err = bw_error_set(
			    e, BW_ERR_NOMEM, 0, "store: out of memory");
	}
	if (err == BW_OK && rc != SQLITE_DONE)
		err = bwi_conn_error(c, rc, "count", e);
	(void)sqlite3_finalize(st);
	return err;
}

static enum bw_err
count(struct bwi_segments *g, const struct bw_store_filter *f,
    struct counts *all, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < g->n; i++) {
		struct bwi_conn *c;

		err = bwi_segments_may_match(g, i, f, 1, UINT64_MAX, &c, e);
		if (err == BW_OK && c != NULL)
			err = count_segment(c, f, all, e);
	}
	return err;
}

enum bw_err
bwi_sqlite_count(struct bw_store *base, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct counts all = {.list = NULL};
	enum bw_err err = bwi_sqlite_begin_reading(s, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err = bwi_sqlite_end(s, false, count(&s->shared, f, &all, e), e);
	if (err == BW_OK && all.n > 1)
		qsort(all.list, all.n, sizeof(*all.list), compare);
	for (size_t i = 0; err == BW_OK && i < all.n; i++) {
		if (!fn(arg, &all.list[i].count))
			break;
	}
	free_counts(&all);
	return err;
}
