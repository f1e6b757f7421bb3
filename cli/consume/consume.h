#ifndef BWC_CONSUME_H
#define BWC_CONSUME_H

#include <stdatomic.h>

#include <bwcallback/store.h>

/* What all of "bwcallback consume" share. Times are milliseconds. */

struct consume_options {
	const char *name;
	const char *store;
	const char *config;
	struct bw_store_filter filter;
	int64_t since;	 /* where a new consumer begins; -1: now */
	const char *url; /* NULL: a program */
	const char *user;
	const char *password_file;
	const char *password; /* read from it */
	char **program;	      /* argv */
	int64_t workers;
	int64_t tries;
	int64_t timeout;
	int64_t delay; /* before the second try */
	int64_t lease;
	const char *retry; /* the number of a dead letter, or "all" */
	bool list;
	bool forget;
	bool json;
	bool reveal;
};

/* How far a consumer has been told to stop. */
enum consume_stop {
	CONSUME_GO_ON,
	CONSUME_FINISH, /* what is running */
	CONSUME_END	/* it, and give it back */
};

/* A consumer at work: what its workers share. */
struct consumer {
	struct bw_store *store;
	const struct consume_options *options;
	atomic_int stop;
};

/* One event that one worker has. */
struct consume_task {
	struct consumer *consumer;
	struct bw_store_lease lease;
	struct bw_buf json; /* one line: what is handed over */
	struct bw_buf env;  /* "BW_ID=7", each terminated */
	int64_t received;
	int64_t deadline; /* CLOCK_MONOTONIC */
	int64_t next_beat;
	bool lost; /* the lease ran out: it is somebody else's */
	bool late; /* the deadline passed */
	char why[256];
};

enum consume_outcome {
	CONSUME_DONE,
	CONSUME_FAILED,	 /* why says so */
	CONSUME_BACK,	 /* not because of the event: give it back */
	CONSUME_HOPELESS /* nor would another go better: end */
};

/* Lease the next event; false: there is none now, or see the error. */
bool consume_task_take(struct consume_task *, struct bw_error *);
/*
 * To be called at least every second while it is worked on: keeps the lease.
 * False: end what is running now.
 */
bool consume_task_beat(struct consume_task *);
void consume_task_free(struct consume_task *);
/* Write what became of it; BW_OK also when somebody else has it by now. */
enum bw_err consume_task_settle(
    struct consume_task *, enum consume_outcome, struct bw_error *) BW_CHECK;

/* Hand it over, to a program or a URL. */
enum consume_outcome consume_program(struct consume_task *);
enum consume_outcome consume_post(struct consume_task *);

/* Work until told to stop by SIGTERM or SIGINT. */
enum bw_err consume_run(struct bw_store *, const struct consume_options *,
    struct bw_error *) BW_CHECK;

enum bw_err consume_list_dead(struct bw_store *, const struct consume_options *,
    struct bw_error *) BW_CHECK;
enum bw_err consume_retry_dead(struct bw_store *,
    const struct consume_options *, struct bw_error *) BW_CHECK;

#endif
