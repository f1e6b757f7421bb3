/*
 * The contract: what the test does to a PostgreSQL store behind its back, as
 * the owner of its tables.
 */
#include <config.h>

#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBPQ

#include <libpq-fe.h>

#include "store/libpq.h"

static bool
is_postgresql(void)
{
	return url != NULL && strncmp(url, "postgresql:", 11) == 0;
}

static void
execute(const char *sql)
{
	PGconn *c;
	PGresult *r;

	/* Some of these functions are the library's own. */
	if (bwi_libpq_load(BWI_LIBPQ, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
	c = PQconnectdb(url);
	r = PQexec(c, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		printf("Bail out! %s: %s\n", url, PQerrorMessage(c));
		exit(1);
	}
	PQclear(r);
	PQfinish(c);
}

void
contract_drop_tables(void)
{
	if (is_postgresql())
		execute("SET client_min_messages = warning;"
			"DROP SCHEMA IF EXISTS bwcallback CASCADE");
}

void
contract_set_clock(long off)
{
	char sql[512];

	if (!is_postgresql())
		return;
	(void)snprintf(sql, sizeof(sql),
	    "CREATE OR REPLACE FUNCTION bwcallback.clock_ms() RETURNS bigint "
	    "LANGUAGE sql VOLATILE AS 'SELECT (extract(epoch FROM "
	    "clock_timestamp()) * 1000)::bigint + (%ld)'",
	    off * 1000);
	execute(sql);
}

#else

void
contract_drop_tables(void)
{
}

void
contract_set_clock(long off)
{
	(void)off;
}

#endif
