/*
 * Events of any store in one new SQLite database, with the tables of a store,
 * for programs that read them with SQL. The file gets its name when it is
 * complete.
 */
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite.h"

#include <bwcallback/tools/store.h>

struct exporting {
	struct bwi_conn to;
	uint64_t n;
	enum bw_err err;
	struct bw_error *e;
};

/*
 * Without a write-ahead log the file can be opened on read-only media. It needs
 * no syncs before it has its name.
 */
static enum bw_err
begin(struct bwi_conn *c, const char *name, struct bw_error *e)
{
	static const char pragmas[] = "PRAGMA journal_mode = DELETE;"
				      "PRAGMA synchronous = OFF";
	enum bw_err err = bwi_conn_open(c, name, e);

	if (err == BW_OK)
		err = bwi_conn_exec(c, pragmas, name, e);
	if (err == BW_OK)
		err = bwi_sqlite_create_tables(c, e);
	return err == BW_OK ? bwi_conn_do(c, BWI_SQL_BEGIN, "export", e) : err;
}

static bool
add(void *arg, const struct bw_store_row *r)
{
	struct exporting *x = arg;

	if (r->store.p != NULL) {
		x->err = bw_error_set(x->e, BW_ERR_UNSUPPORTED, 0,
		    "export: several stores give the same numbers; export each "
		    "into a file of its own");
		return false;
	}
	x->err = bwi_sqlite_put_row(&x->to, r, x->e);
	if (x->err == BW_OK && ++x->n % BWI_TAIL_MAX == 0)
		x->err = bwi_sqlite_index_tail(&x->to, x->e);
	return x->err == BW_OK;
}

static enum bw_err
fill(struct exporting *x, struct bw_store *from,
    const struct bw_store_filter *f, const char *name)
{
	uint64_t cursor = 0;
	enum bw_err err = begin(&x->to, name, x->e);

	if (err == BW_OK)
		err = bw_store_read(
		    from, f, false, SIZE_MAX, &cursor, add, x, x->e);
	if (err == BW_OK)
		err = x->err;
	if (err == BW_OK)
		err = bwi_sqlite_index_tail(&x->to, x->e);
	if (err == BW_OK)
		err = bwi_conn_do(&x->to, BWI_SQL_COMMIT, "export", x->e);
	bwi_conn_close(&x->to);
	return err;
}

/* link, not rename: never replaces an existing file. */
static enum bw_err
name_file(int fd, const char *part, const char *path, struct bw_error *e)
{
	if (fsync(fd) != 0 || link(part, path) != 0 ||
	    bwi_fs_sync_dir(path) != 0)
		return bwi_fs_error(e, errno, path, "export");
	return BW_OK;
}

enum bw_err
bw_store_export(struct bw_store *from, const struct bw_store_filter *f,
    const char *path, uint64_t *n, struct bw_error *error)
{
	struct bw_error ignored = {0};
	struct exporting x = {
	    .to = {.fixed = true}, .e = error != NULL ? error : &ignored};
	char *part = NULL;
	int fd = -1;
	enum bw_err err = BW_OK;

	*n = 0;
	if (access(path, F_OK) == 0)
		return bwi_fs_error(x.e, EEXIST, path, "export");
	err = bwi_segment_temporary(path, &fd, &part, x.e);
	if (err != BW_OK)
		return err;
	err = fill(&x, from, f, part);
	if (err == BW_OK)
		err = name_file(fd, part, path, x.e);
	(void)close(fd);
	bwi_segment_remove_temporary(part);
	bwi_free(part);
	*n = err == BW_OK ? x.n : 0;
	return err;
}
