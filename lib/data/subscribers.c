#include "data/subscribers.h"

#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "data/subscribers_csv.h"
#include "data/subscribers_sql.h"
#include "os/file_reload.h"

struct bwi_subscribers {
	struct bwi_subscribers_sql *sql; /* NULL for a CSV file */
	struct bwi_file_reload *file;
};

static enum bw_err
parse(void **out, const char *file, char *text, size_t n, unsigned require,
    struct bw_error *e)
{
	struct bwi_subscribers_csv *r = NULL;
	enum bw_err err =
	    bwi_subscribers_csv_parse_take(&r, file, text, n, require, e);

	*out = r;
	return err;
}

static void
free_content(void *subscribers)
{
	bwi_subscribers_csv_free(subscribers);
}

static const struct bwi_file_reload_kind kind = {
    .parse = parse, .free = free_content, .max = BW_MAX_SUBSCRIBERS};

static struct bwi_subscribers *
new_subscribers(const char *file, struct bw_error *e)
{
	struct bwi_subscribers *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL)
		(void)bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	return s;
}

static enum bw_err
finish(struct bwi_subscribers **out, struct bwi_subscribers *s, enum bw_err err)
{
	if (err == BW_OK)
		*out = s;
	else
		bwi_subscribers_free(s);
	return err;
}

enum bw_err
bwi_subscribers_open_file(struct bwi_subscribers **out, const char *file,
    unsigned require, struct bw_error *e)
{
	struct bwi_subscribers *s = new_subscribers(file, e);

	if (s == NULL)
		return BW_ERR_NOMEM;
	return finish(
	    out, s, bwi_file_reload_open(&s->file, file, &kind, require, e));
}

enum bw_err
bwi_subscribers_open_sql(struct bwi_subscribers **out, const char *file,
    const char *query, unsigned require, struct bw_error *e)
{
	struct bwi_subscribers *s = new_subscribers(file, e);

	if (s == NULL)
		return BW_ERR_NOMEM;
	return finish(
	    out, s, bwi_subscribers_sql_open(&s->sql, file, query, require, e));
}

void
bwi_subscribers_free(struct bwi_subscribers *s)
{
	if (s == NULL)
		return;
	bwi_file_reload_free(s->file);
	bwi_subscribers_sql_free(s->sql);
	bwi_free(s);
}

bool
bwi_subscribers_take_warning(struct bwi_subscribers *s, struct bw_error *e)
{
	return s->sql == NULL && bwi_file_reload_take_warning(s->file, e);
}

enum bw_err
bwi_subscriber_lookup_begin(struct bwi_subscriber_lookup *l,
    struct bwi_subscribers *s, struct bw_error *e)
{
	l->subscribers = s;
	l->snapshot = NULL;
	if (s->sql != NULL)
		return BW_OK;
	return bwi_file_reload_acquire(s->file, &l->snapshot, e);
}

enum bw_err
bwi_subscriber_lookup_find(struct bwi_subscriber_lookup *l, uint64_t number,
    bool *found, struct bwi_subscriber *out, struct bw_error *e)
{
	enum bw_err err;

	if (l->subscribers->sql != NULL)
		return bwi_subscribers_sql_find(l->subscribers->sql, number,
		    l->arena, l->deadline, found, out, e);
	err = bwi_subscribers_csv_find(
	    bwi_snapshot_content(l->snapshot), number, l->arena, found, out);
	if (err != BW_OK)
		(void)bw_error_set(
		    e, err, 0, "subscribers: %s", bw_strerror(err));
	return err;
}

void
bwi_subscriber_lookup_end(struct bwi_subscriber_lookup *l)
{
	bwi_snapshot_release(l->snapshot);
	l->snapshot = NULL;
}
