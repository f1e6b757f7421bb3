#ifndef BWF_TASK_H
#define BWF_TASK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "connection.h"
#include "live_config.h"
#include "request_run.h"
#include "responder.h"
#include "timers.h"

struct server;
struct worker;

/* Maximum number of tasks, and so of requests being answered. */
#define TASK_MAX 2048

/*
 * One request that is being answered, with all that its answer needs. So a
 * request that waits occupies no thread:
 *
 *   FREE --task_take--> RUNNING --task_park--> PARKED --task_wake--> QUEUED
 *                       RUNNING --task_wake--> WOKEN    (it does not park then)
 *                       QUEUED --a worker--> RUNNING --task_give--> FREE
 *
 * A worker that moved it to RUNNING owns it, and its connection. After a task
 * was parked, the worker must not touch it any more. Tasks are freed only with
 * the server. So an event that comes too late finds a valid task and wakes it
 * without effect.
 */
enum task_state {
	TASK_FREE,
	TASK_RUNNING,
	TASK_WOKEN,
	TASK_PARKED,
	TASK_QUEUED
};

struct task {
	_Atomic enum task_state state;
	struct server *server;
	struct task *next; /* in the list of the free ones, or of the queued */
	unsigned index;
	size_t timer; /* place in the heap, from 1; 0: in none */
	int64_t due;

	struct worker *worker; /* that runs it now */
	struct connection *connection;
	struct responder responder;
	struct request_run run;
	struct live_config_version *config;
	/*
	 * Its request cannot be read by libfcgi: the answer is made from the
	 * essential parameters of the connection's inbox.
	 */
	bool bare;
	/* With bare: send the answer only if it is a fallback. */
	bool malformed;
	bool keep_conn;
	/* After the answer, the next request may already be in the socket. */
	bool again;
	/* The peer has closed its sending side: read again to see the end. */
	bool ends;
};

struct tasks {
	pthread_mutex_t mutex;
	struct task *free;
	atomic_uint n;
	struct task *all[TASK_MAX];

	/* Woken tasks that no worker has taken yet. */
	_Atomic(struct task *) queued;
	int ready; /* eventfd in the epoll set: there are queued ones */
	struct timers timers;
};

enum bw_err
tasks_init(struct tasks *, struct server *, struct bw_error *) BW_CHECK;
/* No worker runs any more. */
void tasks_free(struct tasks *);

/* A task, RUNNING; NULL: out of memory, or there are too many. */
struct task *task_take(struct tasks *);
void task_give(struct tasks *, struct task *);

/*
 * Park the task, as its request says. false: it was woken meanwhile, and goes
 * on at once.
 */
bool task_park(struct task *) BW_CHECK;
/* Continue a task soon; any thread may call it. */
void task_wake(void *task, bool elsewhere);

/* Queue a task again so that any worker can take it. */
void task_queue(struct tasks *, struct task *);
/* Have a worker look for queued tasks. */
void tasks_notify(struct tasks *);
/* The queued tasks, oldest first. */
struct task *tasks_queued(struct tasks *);

/* The worker of the calling thread, or none. */
void tasks_set_worker(struct worker *);

#endif
