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

/* One HTTP request of the platform. Everything is the caller's. */
struct sim_request {
	const char *method; /* "POST" or "GET" */
	const char *url;    /* absolute; of a GET with its query */
	const char *type;   /* of the body, NULL for none */
	struct bw_str body;
	const char *user; /* NULL: without credentials */
	/*
	 * NULL with a user: whatever it is, a flow takes it for right, for it
	 * knows only its hash. Over HTTP that is an empty one.
	 */
	const char *password;
	const char *signature_name; /* a header with a signature, or NULL */
	const char *signature;
	int64_t time;	 /* of day, virtual, milliseconds since 1970 */
	int64_t timeout; /* milliseconds, of real time; at least 1 */
};

/* Why there is no answer. */
enum sim_failure {
	SIM_ANSWERED,
	SIM_FAILED_URL,	    /* no URL that can be asked */
	SIM_FAILED_NAME,    /* no such host */
	SIM_FAILED_CONNECT, /* nobody listens */
	SIM_FAILED_TLS,
	SIM_FAILED_TIMEOUT,
	SIM_FAILED_CUT /* the answer ended too early, or was none of HTTP */
};

/*
 * Most bytes that are read of an answer: one more than BXML may have, so that
 * what is too long is seen to be.
 */
#define SIM_MAX_REPLY (BW_MAX_BXML_TAKEN + 1)

/* Most requests at once. */
#define SIM_MAX_AT_ONCE 16

struct sim_reply {
	enum sim_failure failure;
	char *why; /* for people; NULL when answered */
	int status;
	char *type;	 /* Content-Type, NULL: none */
	char *challenge; /* WWW-Authenticate, NULL: none */
	struct bw_buf body;
	int64_t took; /* real time, microseconds */
	bool late;    /* a deadline passed: that of the call, or of a program */
	int64_t retry_after; /* seconds, -1: none */
	/*
	 * Which rule of the flow answered, where that can be seen (not over
	 * HTTP): file NULL when not known or when none did. The file belongs
	 * to the wire.
	 */
	const char *rule_file;
	int rule_line;
	bool fallback; /* the flow's fallback went out, for this reason: */
	char *reason;
};

void sim_reply_init(struct sim_reply *);
void sim_reply_reset(struct sim_reply *);
void sim_reply_free(struct sim_reply *);

/*
 * Where the application is: over HTTP, in a configuration that is loaded here
 * (no server, same results), or a function (tests). Not for several threads
 * at once: each has its own.
 */
struct sim_wire;

struct sim_wire *sim_wire_http(void);
/*
 * url of every ask counts by its path alone. Nothing of what happens is
 * stored in the configuration's <store>, but re-deliveries are recognised as
 * with one. NULL after an error, which the reporter heard of.
 */
struct sim_wire *sim_wire_flow(const char *file, const struct bw_reporter *);
/* A flow's configuration; NULL of other wires. Belongs to the wire. */
struct bw_config *sim_wire_config(const struct sim_wire *);
/* The events that a flow with a <store> took; otherwise NULL. */
struct bw_store *sim_wire_store(const struct sim_wire *);
/*
 * Let a flow forget the events it took: between simulations that have nothing
 * to do with each other, for the more it has, the longer it looks for
 * re-deliveries. Other wires have nothing to forget.
 */
void sim_wire_forget(struct sim_wire *);

typedef void
sim_script_fn(void *arg, const struct sim_request *, struct sim_reply *);
struct sim_wire *sim_wire_script(sim_script_fn *, void *arg);

void sim_wire_free(struct sim_wire *);

/* Ask, and wait for the answer or what became of it. */
void sim_wire_send(
    struct sim_wire *, const struct sim_request *, struct sim_reply *);
/*
 * The same n times at once (to SIM_MAX_AT_ONCE), over connections of their own
 * where there are any.
 */
void sim_wire_send_at_once(struct sim_wire *, const struct sim_request *,
    struct sim_reply *, size_t n);

#endif
