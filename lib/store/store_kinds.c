/* The list of the kinds of store, selected by the scheme of a URL. */
#include <config.h>

#include "store/store.h"

#include <string.h>

#include <bwcallback/tools/store.h>

#include "base/alloc.h"

#ifdef HAVE_LIBPQ
#define OR_POSTGRESQL " or postgresql://HOST/DATABASE"
#else
#define OR_POSTGRESQL "; this build has no PostgreSQL"
#endif

static const struct bwi_store_ops *const kinds[] = {
    &bwi_store_mem,
    &bwi_store_sqlite,
#ifdef HAVE_LIBPQ
    &bwi_store_postgresql,
#endif
};

static const struct bwi_store_ops *
find_kind(const char *url, const char **where, struct bw_error *e)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i]->scheme);

		if (strncmp(url, kinds[i]->scheme, n) == 0 && url[n] == ':') {
			*where = url + n + 1;
			return kinds[i];
		}
	}
	/* Only the scheme: a URL may contain a password. */
	(void)bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
	    "store: %.*s: unknown kind; write sqlite:PATH" OR_POSTGRESQL,
	    (int)strcspn(url, ":"), url);
	return NULL;
}

enum bw_err
bw_store_create(
    const char *url, const struct bw_reporter *r, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	return ops != NULL ? ops->create(where, r, e != NULL ? e : &unused)
			   : BW_ERR_UNSUPPORTED;
}

enum bw_err
bw_store_check(const char *url, const struct bw_reporter *r, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	if (ops == NULL)
		return BW_ERR_UNSUPPORTED;
	return ops->check != NULL
		   ? ops->check(where, r, e != NULL ? e : &unused)
		   : bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
			 "store: %s: is no database; bwcallback doctor looks "
			 "at its file",
			 ops->scheme);
}

enum bw_err
bw_store_sql(const char *url, struct bw_buf *b, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	if (ops == NULL)
		return BW_ERR_UNSUPPORTED;
	return ops->sql != NULL
		   ? ops->sql(where, b, e != NULL ? e : &unused)
		   : bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
			 "store: %s: has no SQL to look at first", ops->scheme);
}

enum bw_err
bw_store_tables(
    const char *url, struct bw_store_tables *out, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	*out = (struct bw_store_tables){0};
	if (ops == NULL)
		return BW_ERR_UNSUPPORTED;
	return ops->tables != NULL
		   ? ops->tables(where, out, e != NULL ? e : &unused)
		   : BW_OK;
}

enum bw_err
bw_store_open(const char *url, struct bw_store **out, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	*out = NULL;
	return ops != NULL ? ops->open(where, out, e != NULL ? e : &unused)
			   : BW_ERR_UNSUPPORTED;
}

enum bw_err
bwi_store_attach(const char *url, struct bw_store **out, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	*out = NULL;
	return ops != NULL ? ops->attach(where, out, e != NULL ? e : &unused)
			   : BW_ERR_UNSUPPORTED;
}

enum bw_err
bwi_store_spool_path(const char *url, char **path, struct bw_error *e)
{
	struct bw_error unused = {0};
	const char *where;
	const struct bwi_store_ops *ops = find_kind(url, &where, e);

	*path = NULL;
	if (ops == NULL)
		return BW_ERR_UNSUPPORTED;
	return ops->spool != NULL
		   ? ops->spool(where, path, e != NULL ? e : &unused)
		   : BW_OK;
}

enum bw_err
bw_store_put_local(const char *url, struct bw_buf *b, struct bw_error *e)
{
	static const char scheme[] = "sqlite:";
	char *spool;
	enum bw_err err;

	if (strncmp(url, scheme, sizeof(scheme) - 1) == 0) {
		bw_buf_puts(b, url + sizeof(scheme) - 1);
		return BW_OK;
	}
	err = bwi_store_spool_path(url, &spool, e);
	if (err == BW_OK && spool != NULL)
		bw_buf_puts(b, spool);
	bwi_free(spool);
	return err;
}
