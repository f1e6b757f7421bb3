/* The list of the kinds of store, selected by the scheme of a URL. */
#include "store/store.h"

#include <string.h>

#include <bwcallback/tools/store.h>

static const struct bwi_store_ops *const kinds[] = {
    &bwi_store_mem,
    &bwi_store_sqlite,
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
	(void)bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
	    "store: %s: unknown kind; write sqlite:PATH", url);
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
