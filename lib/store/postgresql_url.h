#ifndef BWI_STORE_POSTGRESQL_URL_H
#define BWI_STORE_POSTGRESQL_URL_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/error.h>

/* Hosts, as lists that are separated by commas; NULL: libpq's default. */
struct bwi_pg_hosts {
	size_t n; /* how many */
	char *host;
	char *hostaddr;
	char *port;
};

/*
 * The URL of a database. libpq understands it, without three parameters of our
 * own: password-file=PATH, the password as the only line of a file; single=yes,
 * one node is enough; spool=PATH, the file that takes events while the database
 * is away. A password in the URL is refused, because URLs are shown and logged.
 */
struct bwi_pg_url {
	char *url; /* for libpq */
	char *password_file;
	char *spool;
	bool single;
	bool local; /* all hosts are this machine */
	struct bwi_pg_hosts hosts;
	char *name; /* the hosts and the database, for messages */
};

/*
 * where: the URL after "postgresql:". BW_ERR_CONFIG: not a URL that libpq
 * understands, or one that is not safe; the message has no part of it.
 */
enum bw_err bwi_pg_url_read(
    struct bwi_pg_url *, const char *where, struct bw_error *) BW_CHECK;
void bwi_pg_url_free(struct bwi_pg_url *);

/* The most parameters that are passed to libpq, with the final NULL. */
#define BWI_PG_MAX_PARAMETERS 64

/*
 * Parameters for PQconnectStartParams(). hosts: those of the URL, with or
 * without their addresses. first: the one to begin with, counted modulo their
 * number. The texts belong to this until it is freed.
 */
struct bwi_pg_parameters {
	const char *names[BWI_PG_MAX_PARAMETERS];
	const char *values[BWI_PG_MAX_PARAMETERS];
	size_t n;
	void *parsed;
	char *password;
	char *rotated[3];
};
enum bw_err
bwi_pg_parameters_make(struct bwi_pg_parameters *, const struct bwi_pg_url *,
    const struct bwi_pg_hosts *hosts, size_t first, struct bw_error *) BW_CHECK;
void bwi_pg_parameters_free(struct bwi_pg_parameters *);

#endif
