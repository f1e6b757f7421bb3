#include "data/subscribers.h"

#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "data/subscribers_csv.h"
#include "data/subscribers_sql.h"
#include "os/file_reload.h"

struct bwi_subscribers {
	struct bwi_register *sql; /* NULL: it is a file */
	struct bwi_renewal *file;
};

static enum bw_err
parse(void **out, const char *file, char *text, size_t n, unsigned require,
    struct bw_error *e)
{
	struct bwi_roster *r = NULL;
	enum bw_err err = bwi_roster_parse_take(&r, file, text, n, require, e);

	*out = r;
	return err;
}

static void
forget(void *roster)
{
	bwi_roster_free(roster);
}

static const struct bwi_renewal_kind kind = {
    .parse = parse, .free = forget, .max = BW_MAX_SUBSCRIBERS};

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
	    out, s, bwi_renewal_open(&s->file, file, &kind, require, e));
}

enum bw_err
bwi_subscribers_open_sql(struct bwi_subscribers **out, const char *file,
    const char *query, unsigned require, struct bw_error *e)
{
	struct bwi_subscribers *s = new_subscribers(file, e);

	if (s == NULL)
		return BW_ERR_NOMEM;
	return finish(
	    out, s, bwi_register_open(&s->sql, file, query, require, e));
}

void
bwi_subscribers_free(struct bwi_subscribers *s)
{
	if (s == NULL)
		return;
	bwi_renewal_free(s->file);
	bwi_register_free(s->sql);
	bwi_free(s);
}

bool
bwi_subscribers_notice(struct bwi_subscribers *s, struct bw_error *e)
{
	return s->sql == NULL && bwi_renewal_notice(s->file, e);
}

enum bw_err
bwi_lookup_begin(
    struct bwi_lookup *l, struct bwi_subscribers *s, struct bw_error *e)
{
	l->subscribers = s;
	l->edition = NULL;
	if (s->sql != NULL)
		return BW_OK;
	return bwi_renewal_take(s->file, &l->edition, e);
}

enum bw_err
bwi_lookup_find(struct bwi_lookup *l, uint64_t number, bool *found,
    struct bwi_subscriber *out, struct bw_error *e)
{
	enum bw_err err;

	if (l->subscribers->sql != NULL)
		return bwi_register_find(l->subscribers->sql, number, l->arena,
		    l->deadline, found, out, e);
	err = bwi_roster_find(
	    bwi_edition_content(l->edition), number, l->arena, found, out);
	if (err != BW_OK)
		(void)bw_error_set(
		    e, err, 0, "subscribers: %s", bw_strerror(err));
	return err;
}

void
bwi_lookup_end(struct bwi_lookup *l)
{
	bwi_edition_give_back(l->edition);
	l->edition = NULL;
}
