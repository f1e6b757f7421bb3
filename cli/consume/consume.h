#ifndef BWC_CONSUME_H
#define BWC_CONSUME_H

#include <stdatomic.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/process.h>

/* Shared by all of "bwcallback consume". Times are in milliseconds. */

struct consume_options {
	const char *name;
	const char *store;
	const char *config;
	struct bw_store_filter filter;
	int64_t since;	 /* start of a new consumer; -1: now */
	const char *url; /* NULL: run a program */
	const char *user;
	const char *password_file;
	const char *password; /* read from password_file */
	char **program;	      /* argv */
	int64_t workers;
	int64_t tries;
	int64_t timeout;
	int64_t delay; /* delay before the second try */
	int64_t lease;
	const char *retry; /* number of a dead letter, or "all" */
	const char *drop;  /* the same */
	bool once;
	bool list; /* list dead letters */
	bool all;  /* list consumers */
	bool forget;
	bool json;
	bool reveal;
};

/* How a consumer should stop. */
enum consume_stop {
	CONSUME_GO_ON,
	CONSUME_FINISH, /* finish running tasks */
	CONSUME_END	/* end running tasks and release their leases */
};

/* A running consumer: shared by its workers. */
struct consumer {
	struct bw_store *store;
	const struct consume_options *options;
	atomic_int stop;
	atomic_ulong failed; /* tries */
};

/* One event leased by one worker. */
struct consume_task {
	struct consumer *consumer;
	struct bw_store_lease lease;
	struct bw_buf json; /* the line that is handed over */
	struct bw_buf env;  /* "BW_ID=7", each NUL-terminated */
	int64_t received;
	int64_t deadline; /* CLOCK_MONOTONIC */
	int64_t next_beat;
	bool lost; /* the lease expired; another worker may hold it */
	bool late; /* the deadline passed */
	char why[256];
	struct bw_process_said said; /* the program, on standard error */
};

enum consume_outcome {
	CONSUME_DONE,
	CONSUME_FAILED,	 /* the reason is in why */
	CONSUME_BACK,	 /* not caused by the event: release the lease */
	CONSUME_HOPELESS /* no other event would succeed: stop */
};

/* Print a line to standard error, with the time. */
void consume_log(const char *format, ...) BW_PRINTF(1, 2);

/* Lease the next event. False: there is none now, or the error is set. */
bool consume_task_take(struct consume_task *, struct bw_error *);
/*
 * Renew the lease; call at least every second while the task runs. False: stop
 * the running task.
 */
bool consume_task_beat(struct consume_task *);
void consume_task_free(struct consume_task *);
/* Store the outcome. Also BW_OK if the lease has passed to another worker. */
enum bw_err consume_task_settle(
    struct consume_task *, enum consume_outcome, struct bw_error *) BW_CHECK;

/*
 * Check that the program can be started, or that the URL is valid.
 * BW_ERR_NOFILE; BW_ERR_USAGE.
 */
enum bw_err consume_check_target(
    const struct consume_options *, struct bw_error *) BW_CHECK;

/* Hand the event over, to a program or a URL. */
enum consume_outcome consume_program(struct consume_task *);
enum consume_outcome consume_post(struct consume_task *);

/* Work until SIGTERM or SIGINT. */
enum bw_err consume_run(struct bw_store *, const struct consume_options *,
    struct bw_error *) BW_CHECK;

enum bw_err consume_list(struct bw_store *, const struct consume_options *,
    struct bw_error *) BW_CHECK;
enum bw_err consume_list_dead(struct bw_store *, const struct consume_options *,
    struct bw_error *) BW_CHECK;
enum bw_err consume_retry_dead(struct bw_store *,
    const struct consume_options *, struct bw_error *) BW_CHECK;
enum bw_err consume_drop_dead(struct bw_store *, const struct consume_options *,
    struct bw_error *) BW_CHECK;

#endif
