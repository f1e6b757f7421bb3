/*
 * Replaces parts of SQLite that no statement of ours uses: full text search,
 * spatial indexes, tables about SQLite itself, and the functions of
 * trigonometry, which take a quarter of a megabyte of the C library. If one of
 * SQLite's internal names were missing here, the linker would add its own file
 * and report duplicate symbols.
 */
#include <config.h>

#include <math.h>
#include <sqlite3.h>

/* An extension that is set up and adds nothing. */
#define ABSENT(name) \
	int name(sqlite3 *); \
	int name(sqlite3 *db) \
	{ \
		(void)db; \
		return SQLITE_OK; \
	}

ABSENT(sqlite3Fts3Init)
ABSENT(sqlite3Fts5Init)
ABSENT(sqlite3RtreeInit)
ABSENT(sqlite3StmtVtabInit)
ABSENT(sqlite3DbstatRegister)

/* SQL shows it as NULL. */
#define ABSENT_FUNCTION(name) \
	double name(double x) \
	{ \
		(void)x; \
		return (double)NAN; \
	}

ABSENT_FUNCTION(acos)
ABSENT_FUNCTION(acosh)
ABSENT_FUNCTION(asin)
ABSENT_FUNCTION(asinh)
ABSENT_FUNCTION(atan)
ABSENT_FUNCTION(atanh)
ABSENT_FUNCTION(cos)
ABSENT_FUNCTION(cosh)
ABSENT_FUNCTION(sin)
ABSENT_FUNCTION(sinh)
ABSENT_FUNCTION(tan)
ABSENT_FUNCTION(tanh)

double
atan2(double y, double x)
{
	(void)x;
	(void)y;
	return (double)NAN;
}
