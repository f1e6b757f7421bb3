/* Connections to PostgreSQL: making them, and running a statement. */
#include "store/postgresql_conn.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

/*
 * Checked when connected, and used for the whole session. A client that stops
 * between two statements would hold the lock of the counter, so the server ends
 * its transaction; a client that has gone is noticed while it waits for a lock.
 * The statements of the writer are to use indexes whatever the planner knows of
 * new tables. Compiling a statement would take longer than it runs.
 */
static const char set_up_sql[] =
    "SELECT current_setting('server_version_num')::int4, "
    "set_config('synchronous_commit', CASE "
    "current_setting('synchronous_commit') WHEN 'remote_apply' THEN "
    "'remote_apply' ELSE 'on' END, false), "
    "set_config('client_connection_check_interval', '2s', false), "
    "set_config('idle_in_transaction_session_timeout', '10s', false), "
    "set_config('jit', 'off', false), "
    "set_config('enable_hashjoin', $1, false), "
    "set_config('enable_mergejoin', $1, false), "
    "set_config('enable_seqscan', $1, false), "
    "set_config('search_path', 'bwcallback, pg_catalog, pg_temp', "
    "false), " BWI_PG_IS_SAFE;
static const char version_sql[] = "SELECT version FROM bwcallback.head";

#define OLDEST_SERVER 140000

static const char *const texts[] = {
#define X(name, sql) [BWI_PG_##name] = sql,
#include "store/postgresql_statements.def"
#undef X
};

static const char *const names[] = {
#define X(name, sql) [BWI_PG_##name] = #name,
#include "store/postgresql_statements.def"
#undef X
};

void
bwi_pg_conn_init(struct bwi_pg_conn *c, const struct bwi_pg_url *url)
{
	*c = (struct bwi_pg_conn){.url = url};
	bwi_pg_lookup_init(&c->lookup, url);
	bwi_pg_params_init(&c->params);
}

void
bwi_pg_conn_close(struct bwi_pg_conn *c)
{
	PQfinish(c->pg);
	c->pg = NULL;
	c->looking = c->set_up = false;
	memset(c->prepared, 0, sizeof(c->prepared));
}

void
bwi_pg_conn_free(struct bwi_pg_conn *c)
{
	bwi_pg_conn_close(c);
	bwi_pg_lookup_free(&c->lookup);
	bwi_pg_params_free(&c->params);
}

/* The server's messages have several lines. */
static void
put_line(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < size; text++) {
		if (*text != '\n')
			out[n++] = *text == '\t' ? ' ' : *text;
		else if (text[1] != '\0' && n + 2 < size) {
			out[n++] = ';';
			out[n++] = ' ';
		}
	}
	out[n] = '\0';
}

enum bw_err
bwi_pg_conn_error(struct bwi_pg_conn *c, struct bw_error *e)
{
	char text[BW_ERROR_MSG_SIZE];

	put_line(
	    text, sizeof(text), c->pg != NULL ? PQerrorMessage(c->pg) : "");
	return bw_error_set(e, BW_ERR_BUSY, 0, "store: %s: %s", c->url->name,
	    *text != '\0' ? text : "no connection");
}

struct state {
	const char *prefix; /* of SQLSTATE */
	enum bw_err err;
};

/* PostgreSQL's manual, appendix A. The first that fits. */
static const struct state states[] = {
    {"08", BW_ERR_BUSY},	/* connection */
    {"25006", BW_ERR_BUSY},	/* read only: no longer the primary */
    {"25P03", BW_ERR_BUSY},	/* idle in a transaction for too long */
    {"28", BW_ERR_READONLY},	/* authentication */
    {"3D", BW_ERR_NOFILE},	/* no such database */
    {"3F", BW_ERR_NOFILE},	/* no such schema */
    {"40", BW_ERR_BUSY},	/* deadlock, serialization */
    {"42501", BW_ERR_READONLY}, /* privileges */
    {"42703", BW_ERR_CONFIG},	/* no such column */
    {"42P01", BW_ERR_NOFILE},	/* no such table */
    {"53100", BW_ERR_FULL},	/* disk */
    {"53", BW_ERR_BUSY},	/* memory, connections */
    {"55", BW_ERR_BUSY},	/* lock not available */
    {"57", BW_ERR_BUSY},	/* shutting down, starting, cancelled */
    {"58", BW_ERR_IO},
    {"XX001", BW_ERR_CORRUPT},
    {"XX002", BW_ERR_CORRUPT},
};

static enum bw_err
code_of(const char *state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strncmp(
			state, states[i].prefix, strlen(states[i].prefix)) == 0)
			return states[i].err;
	}
	return BW_ERR_INTERNAL;
}

enum bw_err
bwi_pg_result_error(
    struct bwi_pg_conn *c, const PGresult *r, struct bw_error *e)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	enum bw_err err;

	if (state == NULL || message == NULL)
		return bwi_pg_conn_error(c, e);
	err = code_of(state);
	return bw_error_set(e, err, 0, "store: %s: %s (%s)%s", c->url->name,
	    message, state,
	    err == BW_ERR_NOFILE ? "; bwcallback store create makes the tables"
				 : "");
}

bool
bwi_pg_is_committed(const PGresult *r)
{
	/* A transaction that failed before says ROLLBACK. */
	return PQresultStatus(r) == PGRES_COMMAND_OK &&
	       strcmp(PQcmdStatus((PGresult *)(uintptr_t)r), "COMMIT") == 0;
}

static void
take_message(void *arg, const PGresult *r)
{
	struct bwi_pg_conn *c = arg;
	const char *severity =
	    PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity == NULL || strcmp(severity, "WARNING") == 0)
		c->warned = true;
}

static enum bw_err
connect_to(
    struct bwi_pg_conn *c, const struct bwi_pg_hosts *hosts, struct bw_error *e)
{
	struct bwi_pg_parameters p;
	enum bw_err err =
	    bwi_pg_parameters_make(&p, c->url, hosts, c->attempts++, e);

	if (err != BW_OK)
		return err;
	c->warned = false;
	c->pg = PQconnectStartParams(p.names, p.values, 0);
	bwi_pg_parameters_free(&p);
	if (c->pg == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	(void)PQsetNoticeReceiver(c->pg, take_message, c);
	if (PQstatus(c->pg) != CONNECTION_BAD)
		return BW_OK;
	(void)bwi_pg_conn_error(c, e);
	bwi_pg_conn_close(c);
	return BW_ERR_BUSY;
}

enum bw_err
bwi_pg_conn_start(struct bwi_pg_conn *c, struct bw_error *e)
{
	enum bw_err err;

	bwi_pg_conn_close(c);
	if (!bwi_pg_lookup_is_needed(c->url))
		return connect_to(c, &c->url->hosts, e);
	err = bwi_pg_lookup_start(&c->lookup, e);
	c->looking = err == BW_OK;
	return err;
}

int
bwi_pg_conn_fd(const struct bwi_pg_conn *c)
{
	if (c->looking)
		return bwi_pg_lookup_fd(&c->lookup);
	return c->pg != NULL ? PQsocket(c->pg) : -1;
}

enum bw_err
bwi_pg_conn_unsafe(struct bwi_pg_conn *c, struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_CONFIG, 0,
	    "store: %s: acknowledged events could be lost: "
	    "synchronous_standby_names is empty or fsync is off; bwcallback "
	    "store check says what to do; single=\"yes\" if one node is meant",
	    c->url->name);
}

static enum bw_err
check_set_up(struct bwi_pg_conn *c, const PGresult *r, struct bw_error *e)
{
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		return bwi_pg_result_error(c, r, e);
	if (bwi_pg_int4(r, 0, 0) < OLDEST_SERVER)
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "store: %s: PostgreSQL %d: 14 or newer is needed",
		    c->url->name, bwi_pg_int4(r, 0, 0) / 10000);
	return c->writes && !c->url->single &&
		       !bwi_pg_bool(r, 0, PQnfields(r) - 1)
		   ? bwi_pg_conn_unsafe(c, e)
		   : BW_OK;
}

static enum bw_err
check_version(struct bwi_pg_conn *c, const PGresult *r, struct bw_error *e)
{
	int32_t version;

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		return bwi_pg_result_error(c, r, e);
	version = PQntuples(r) > 0 ? bwi_pg_int4(r, 0, 0) : 0;
	if (version == BWI_PG_VERSION)
		return BW_OK;
	return version < BWI_PG_VERSION
		   ? bw_error_set(e, BW_ERR_CONFIG, 0,
			 "store: %s: its tables are of version %d; bwcallback "
			 "store create updates them",
			 c->url->name, version)
		   : bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
			 "store: %s: made by a newer version of bwcallback",
			 c->url->name);
}

/* In the pipeline: both statements, each with its own sync. */
static bool
send_set_up(struct bwi_pg_conn *c)
{
	const char *const scans[] = {c->writes ? "off" : "on"};

	return PQsetnonblocking(c->pg, 1) == 0 &&
	       PQenterPipelineMode(c->pg) == 1 &&
	       PQsendQueryParams(
		   c->pg, set_up_sql, 1, NULL, scans, NULL, NULL, 1) == 1 &&
	       (c->bare || PQsendQueryParams(c->pg, version_sql, 0, NULL, NULL,
			       NULL, NULL, 1) == 1) &&
	       PQpipelineSync(c->pg) == 1;
}

/* The answers to both; BW_ERR_DEADLINE: they are not there yet. */
static enum bw_err
read_set_up(struct bwi_pg_conn *c, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	if (PQconsumeInput(c->pg) == 0)
		return bwi_pg_conn_error(c, e);
	while (err == BW_OK && !PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (r == NULL)
			continue;
		if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
			c->set_up = true;
			PQclear(r);
			return BW_OK;
		}
		err = PQnfields(r) > 1 ? check_set_up(c, r, e)
				       : check_version(c, r, e);
		PQclear(r);
	}
	return err != BW_OK ? err : BW_ERR_DEADLINE;
}

/* Connect as soon as the addresses are known. */
static enum bw_err
look_up(struct bwi_pg_conn *c, short *events, struct bw_error *e)
{
	const struct bwi_pg_hosts *hosts;
	enum bw_err err = bwi_pg_lookup_poll(&c->lookup, &hosts, e);

	*events = POLLIN;
	if (err != BW_OK)
		return err;
	c->looking = false;
	*events = POLLOUT;
	err = connect_to(c, hosts, e);
	return err != BW_OK ? err : BW_ERR_DEADLINE;
}

static enum bw_err
step(struct bwi_pg_conn *c, short *events, struct bw_error *e)
{
	int flushed;

	if (c->looking)
		return look_up(c, events, e);
	*events = POLLIN;
	if (PQpipelineStatus(c->pg) == PQ_PIPELINE_OFF) {
		switch (PQconnectPoll(c->pg)) {
		case PGRES_POLLING_OK:
			break;
		case PGRES_POLLING_WRITING:
			*events = POLLOUT;
			return BW_ERR_DEADLINE;
		case PGRES_POLLING_READING:
			return BW_ERR_DEADLINE;
		default:
			return bwi_pg_conn_error(c, e);
		}
		if (!send_set_up(c))
			return bwi_pg_conn_error(c, e);
	}
	flushed = PQflush(c->pg);
	if (flushed < 0)
		return bwi_pg_conn_error(c, e);
	if (flushed > 0)
		*events = POLLIN | POLLOUT;
	return read_set_up(c, e);
}

enum bw_err
bwi_pg_conn_step(struct bwi_pg_conn *c, short *events, struct bw_error *e)
{
	enum bw_err err = step(c, events, e);

	if (err != BW_OK && err != BW_ERR_DEADLINE)
		bwi_pg_conn_close(c);
	return err;
}

bool
bwi_pg_conn_wait(struct bwi_pg_conn *c, short events, int64_t deadline)
{
	struct pollfd p = {.fd = bwi_pg_conn_fd(c), .events = events};
	int64_t left = deadline - bw_monotonic_ns();

	if (left <= 0)
		return false;
	(void)poll(&p, 1,
	    left > INT64_C(1000000000) * 1000 ? 1000000
					      : (int)(left / 1000000) + 1);
	return true;
}

enum bw_err
bwi_pg_conn_open(struct bwi_pg_conn *c, int64_t deadline, struct bw_error *e)
{
	short events = POLLOUT;
	enum bw_err err;

	if (c->pg != NULL)
		return BW_OK;
	err = bwi_pg_conn_start(c, e);
	while (err == BW_OK && !c->set_up) {
		if (!bwi_pg_conn_wait(c, events, deadline)) {
			bwi_pg_conn_close(c);
			return bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: %s: no connection before the deadline",
			    c->url->name);
		}
		err = bwi_pg_conn_step(c, &events, e);
		if (err == BW_ERR_DEADLINE)
			err = BW_OK;
	}
	if (err == BW_OK && PQexitPipelineMode(c->pg) != 1) {
		err = bwi_pg_conn_error(c, e);
		bwi_pg_conn_close(c);
	}
	return err;
}

static enum bw_err
prepare_memory(struct bwi_pg_conn *c, struct bw_error *e)
{
	return c->params.data.err == BW_ERR_LIMIT
		   ? bw_error_set(e, BW_ERR_LIMIT, 0,
			 "store: more than PostgreSQL takes in a statement")
		   : bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

/* Send everything, and receive until the last result. */
static enum bw_err
finish(
    struct bwi_pg_conn *c, int64_t deadline, PGresult **out, struct bw_error *e)
{
	PGresult *last = NULL, *r;

	for (;;) {
		int flushed = PQflush(c->pg);

		if (flushed < 0 || PQconsumeInput(c->pg) == 0)
			break;
		while (!PQisBusy(c->pg)) {
			r = PQgetResult(c->pg);
			if (r == NULL) {
				*out = last;
				return BW_OK;
			}
			/* The first error stays. */
			if (last != NULL &&
			    PQresultStatus(last) == PGRES_FATAL_ERROR) {
				PQclear(r);
				continue;
			}
			PQclear(last);
			last = r;
		}
		if (!bwi_pg_conn_wait(
			c, flushed > 0 ? POLLIN | POLLOUT : POLLIN, deadline)) {
			PQclear(last);
			bwi_pg_conn_close(c);
			return bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: %s: no answer before the deadline",
			    c->url->name);
		}
	}
	PQclear(last);
	(void)bwi_pg_conn_error(c, e);
	bwi_pg_conn_close(c);
	return BW_ERR_BUSY;
}

static enum bw_err
check(struct bwi_pg_conn *c, PGresult **r, struct bw_error *e)
{
	ExecStatusType status = PQresultStatus(*r);
	enum bw_err err;

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return BW_OK;
	err = bwi_pg_result_error(c, *r, e);
	PQclear(*r);
	*r = NULL;
	if (PQstatus(c->pg) == CONNECTION_BAD)
		bwi_pg_conn_close(c);
	return err;
}

static enum bw_err
complete(struct bwi_pg_conn *c, int sent, int64_t deadline, PGresult **r,
    struct bw_error *e)
{
	enum bw_err err;

	*r = NULL;
	if (sent != 1) {
		(void)bwi_pg_conn_error(c, e);
		bwi_pg_conn_close(c);
		return BW_ERR_BUSY;
	}
	err = finish(c, deadline, r, e);
	return err == BW_OK ? check(c, r, e) : err;
}

enum bw_err
bwi_pg_conn_query(struct bwi_pg_conn *c, const char *sql, int64_t deadline,
    PGresult **r, struct bw_error *e)
{
	const char *values[BWI_PG_MAX_PARAMS];
	int formats[BWI_PG_MAX_PARAMS];
	struct bwi_pg_params *p = &c->params;

	*r = NULL;
	if (p->data.err != BW_OK)
		return prepare_memory(c, e);
	if (c->pg == NULL)
		return bwi_pg_conn_error(c, e);
	bwi_pg_params_values(p, values, formats);
	return complete(c,
	    PQsendQueryParams(
		c->pg, sql, p->n, NULL, values, p->length, formats, 1),
	    deadline, r, e);
}

enum bw_err
bwi_pg_conn_prepare(struct bwi_pg_conn *c, enum bwi_pg_statement s,
    int64_t deadline, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err;

	if (c->prepared[s])
		return BW_OK;
	err = complete(c, PQsendPrepare(c->pg, names[s], texts[s], 0, NULL),
	    deadline, &r, e);
	PQclear(r);
	c->prepared[s] = err == BW_OK;
	return err;
}

enum bw_err
bwi_pg_conn_run(struct bwi_pg_conn *c, enum bwi_pg_statement s,
    int64_t deadline, PGresult **r, struct bw_error *e)
{
	const char *values[BWI_PG_MAX_PARAMS];
	int formats[BWI_PG_MAX_PARAMS];
	struct bwi_pg_params *p = &c->params;
	enum bw_err err;

	*r = NULL;
	if (p->data.err != BW_OK)
		return prepare_memory(c, e);
	if (c->pg == NULL)
		return bwi_pg_conn_error(c, e);
	err = bwi_pg_conn_prepare(c, s, deadline, e);
	if (err != BW_OK)
		return err;
	bwi_pg_params_values(p, values, formats);
	return complete(c,
	    PQsendQueryPrepared(
		c->pg, names[s], p->n, values, p->length, formats, 1),
	    deadline, r, e);
}

enum bw_err
bwi_pg_conn_script(struct bwi_pg_conn *c, const char *sql, int64_t deadline,
    struct bw_error *e)
{
	PGresult *r;
	enum bw_err err;

	if (c->pg == NULL)
		return bwi_pg_conn_error(c, e);
	err = complete(c, PQsendQuery(c->pg, sql), deadline, &r, e);
	PQclear(r);
	return err;
}

enum bw_err
bwi_pg_conn_commit(struct bwi_pg_conn *c, int64_t deadline, struct bw_error *e)
{
	PGresult *r;
	enum bw_err err;

	if (c->pg == NULL)
		return bwi_pg_conn_error(c, e);
	c->warned = false;
	err = complete(c, PQsendQuery(c->pg, "COMMIT"), deadline, &r, e);
	if (err == BW_OK && bwi_pg_is_committed(r) && !c->warned) {
		PQclear(r);
		return BW_OK;
	}
	PQclear(r);
	bwi_pg_conn_close(c);
	return bw_error_set(e, BW_ERR_IO, 0,
	    "store: %s: not known whether it was committed", c->url->name);
}

enum bw_err
bwi_pg_conn_queue(
    struct bwi_pg_conn *c, enum bwi_pg_statement s, struct bw_error *e)
{
	const char *values[BWI_PG_MAX_PARAMS];
	int formats[BWI_PG_MAX_PARAMS];
	struct bwi_pg_params *p = &c->params;

	if (p->data.err != BW_OK)
		return prepare_memory(c, e);
	bwi_pg_params_values(p, values, formats);
	return PQsendQueryPrepared(
		   c->pg, names[s], p->n, values, p->length, formats, 1) == 1
		   ? BW_OK
		   : bwi_pg_conn_error(c, e);
}

enum bw_err
bwi_pg_conn_queue_prepare(
    struct bwi_pg_conn *c, enum bwi_pg_statement s, struct bw_error *e)
{
	return PQsendPrepare(c->pg, names[s], texts[s], 0, NULL) == 1
		   ? BW_OK
		   : bwi_pg_conn_error(c, e);
}
