#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/config.h>
#include <bwcallback/finding.h>
#include <bwcallback/limits.h>
#include <bwcallback/store.h>
#include <bwcallback/str.h>

/* One HTTP request of the platform. All members belong to the caller. */
struct sim_request {
	const char *method; /* "POST" or "GET" */
	const char *url;    /* absolute; a GET includes its query */
	const char *type;   /* Content-Type, NULL: no body */
	struct bw_str body;
	const char *user; /* NULL: no credentials */
	/*
	 * NULL with a user: a flow accepts the user without a password, because
	 * it has only the password's hash. Over HTTP the password is empty.
	 */
	const char *password;
	const char *signature_name; /* name of a signature header, or NULL */
	const char *signature;
	int64_t time;	 /* virtual, milliseconds since 1970 */
	int64_t timeout; /* real milliseconds, at least 1 */
};

/* The result of a request. */
enum sim_failure {
	SIM_ANSWERED,
	SIM_FAILED_URL,	    /* not an http or https URL */
	SIM_FAILED_NAME,    /* no such host */
	SIM_FAILED_CONNECT, /* connection refused */
	SIM_FAILED_TLS,
	SIM_FAILED_TIMEOUT,
	SIM_FAILED_CUT /* the answer was truncated or not HTTP */
};

/*
 * Maximum bytes read of an answer: one more than BXML may have, so that an
 * oversized answer is detected.
 */
#define SIM_MAX_REPLY (BW_MAX_BXML_TAKEN + 1)

/* Maximum number of concurrent requests. */
#define SIM_MAX_AT_ONCE 16

struct sim_reply {
	enum sim_failure failure;
	char *why; /* the error text; NULL when answered */
	int status;
	char *type;	 /* Content-Type, NULL: none */
	char *challenge; /* WWW-Authenticate, NULL: none */
	struct bw_buf body;
	int64_t took; /* real time, microseconds */
	bool late;    /* a deadline passed: that of the call, or of a program */
	int64_t retry_after; /* seconds, -1: none */
	/*
	 * The rule of the flow that answered. file is NULL if no rule did, or
	 * over HTTP, where it is not known. The string belongs to the wire.
	 */
	const char *rule_file;
	int rule_line;
	bool fallback;	 /* a fallback answered, because: */
	bool web_server; /* the web server's fallback, not the flow's */
	char *reason;
};

void sim_reply_init(struct sim_reply *);
void sim_reply_reset(struct sim_reply *);
void sim_reply_free(struct sim_reply *);

/*
 * The connection to the application: over HTTP, to a configuration loaded in
 * this process (no server, same results), or to a function (tests). Not
 * thread-safe: each thread needs its own.
 */
struct sim_wire;

struct sim_wire *sim_wire_http(void);
/*
 * Only the path of a request's URL matters. Events are not written to the
 * configuration's <store>, but re-deliveries are recognised as with one. NULL:
 * an error, which the reporter received.
 */
struct sim_wire *sim_wire_flow(const char *file, const struct bw_reporter *);
/* The flow's configuration; NULL for other wires. Belongs to the wire. */
struct bw_config *sim_wire_config(const struct sim_wire *);
/* The events stored by a flow that has a <store>; otherwise NULL. */
struct bw_store *sim_wire_store(const struct sim_wire *);
/*
 * Clear the events of a flow between unrelated simulations: looking for
 * re-deliveries takes longer with every stored event. Does nothing for other
 * wires.
 */
void sim_wire_forget(struct sim_wire *);

/* May the program or module of this name answer? Otherwise it fails. */
struct sim_permission {
	bool (*ask)(void *arg, const char *program);
	void *arg;
};
/*
 * Ask before each answer of a program or module of a flow, for events of calls.
 * For other wires it does nothing.
 */
void sim_wire_permit(struct sim_wire *, const struct sim_permission *);

typedef void
sim_script_fn(void *arg, const struct sim_request *, struct sim_reply *);
struct sim_wire *sim_wire_script(sim_script_fn *, void *arg);

void sim_wire_free(struct sim_wire *);

/* Send a request and wait for the answer or the failure. */
void sim_wire_send(
    struct sim_wire *, const struct sim_request *, struct sim_reply *);
/*
 * Send the request n times concurrently (at most SIM_MAX_AT_ONCE), each over
 * its own connection where there are connections.
 */
void sim_wire_send_at_once(struct sim_wire *, const struct sim_request *,
    struct sim_reply *, size_t n);

#endif
