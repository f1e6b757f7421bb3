/* What could go wrong with a database, and the cure. */
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "store/postgresql.h"

/* Maximum size of the query. */
#define MAX_SQL ((size_t)1 << 16)

static const struct {
	enum bw_severity severity;
	const char *condition;
	const char *text;
} findings[] = {
#define X(severity, condition, text) {BW_SEVERITY_##severity, condition, text},
#include "store/postgresql_findings.def"
#undef X
};

#define NFINDINGS (sizeof(findings) / sizeof(findings[0]))

/* One column for each finding: whether it is there. */
static enum bw_err
query(struct bwi_pg_conn *c, PGresult **r, struct bw_error *e)
{
	struct bw_buf sql;
	enum bw_err err;

	bw_buf_init(&sql, MAX_SQL);
	bw_buf_puts(&sql, "SELECT true");
	for (size_t i = 0; i < NFINDINGS; i++) {
		bw_buf_puts(&sql, ", coalesce((");
		bw_buf_puts(&sql, findings[i].condition);
		bw_buf_puts(&sql, "), false)");
	}
	bw_buf_putc(&sql, '\0');
	bwi_pg_put_int8(&c->params, bw_realtime_ms());
	bwi_pg_put_bool(&c->params, c->url->single);
	*r = NULL;
	err = sql.err != BW_OK
		  ? bw_error_set(e, sql.err, 0, "store: out of memory")
		  : bwi_pg_conn_query(c, sql.p, bwi_pg_soon(), r, e);
	bw_buf_free(&sql);
	return err;
}

static void
report(const struct bwi_pg_conn *c, const PGresult *r,
    const struct bw_reporter *to)
{
	for (size_t i = 0; i < NFINDINGS; i++) {
		const struct bw_finding f = {.severity = findings[i].severity,
		    .file = c->url->name,
		    .text = findings[i].text};

		if (bwi_pg_bool(r, 0, (int)i + 1) && to->fn != NULL)
			to->fn(to->arg, &f);
	}
}

enum bw_err
bwi_pg_check(
    const char *where, const struct bw_reporter *to, struct bw_error *e)
{
	struct bwi_pg_conn c;
	struct bwi_pg_url url;
	PGresult *r = NULL;
	enum bw_err err = bwi_pg_url_read(&url, where, e);

	if (err != BW_OK)
		return err;
	bwi_pg_conn_init(&c, &url);
	err = bwi_pg_conn_open(&c, bwi_pg_soon(), e);
	if (err == BW_OK)
		err = query(&c, &r, e);
	if (err == BW_OK)
		report(&c, r, to);
	PQclear(r);
	bwi_pg_conn_free(&c);
	bwi_pg_url_free(&url);
	return err;
}
