/*
 * Replaces the store in PostgreSQL: shared hosting offers none that commits on
 * two disks, and libpq would double the size of the file.
 */
#include "store/store.h"

static enum bw_err
absent(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
	    "store: this program has no PostgreSQL; write sqlite:PATH");
}

static enum bw_err
absent_create(
    const char *where, const struct bw_reporter *r, struct bw_error *e)
{
	(void)where;
	(void)r;
	return absent(e);
}

static enum bw_err
absent_open(const char *where, struct bw_store **out, struct bw_error *e)
{
	(void)where;
	(void)out;
	return absent(e);
}

const struct bwi_store_ops bwi_store_postgresql = {
    .scheme = "postgresql",
    .create = absent_create,
    .open = absent_open,
    .attach = absent_open,
};
