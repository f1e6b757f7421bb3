#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/wire/wire.h"
#include "sim/world/event_log.h"
#include "sim/world/scheduler.h"

/*
 * Behaviour that the platform's documentation leaves open or that an account
 * can set. sim_options_init() sets the documented defaults.
 */
struct sim_options {
	int64_t callback_timeout; /* voice callbacks, milliseconds: 15 s */
	bool challenge;	  /* first request without credentials (documented) */
	bool retry_async; /* retry a failed asynchronous event once */
	bool retry_sync;  /* retry a synchronous one, too (a page of 2019) */
	bool redirects_fail;	   /* 3xx counts as failed */
	bool fallback_for_invalid; /* invalid BXML: try the fallback URL */
	bool get;	      /* callbacks without a method are GET, not POST */
	int words_per_minute; /* of speech: 150 */
	int64_t audio;	      /* length of a file that is played, ms */
	int64_t processing;   /* until a recording is available, ms */
	int duplicates; /* concurrent deliveries of each callback: 1 to 16 */
	bool reorder;	/* asynchronous callbacks in random order */
	int most_callbacks; /* of a call before it is stopped: 500 */
	/* Limits for calls made by verbs and scripts; 0, the default: none. */
	int calls_per_second;
	int concurrent_calls;
	/* Verbs without documentation about it answer a ringing call: true */
	bool pause_answers;
	bool leg_inherits_tag; /* of the transferring call: false */
	bool fetch_audio;      /* PlayAudio fetches the file: false */
	bool refuse_streams;   /* no websocket can be connected: false */
	int64_t stream;	       /* until the far end closes it, ms: 60 s */
};

void sim_options_init(struct sim_options *);

/*
 * One simulation: a clock, an application, and the callbacks between them. Ids
 * and all random numbers come from the seed, so that the same seed replays the
 * same simulation. Belongs to one thread; several worlds are independent.
 */
struct sim_world {
	struct sim_options options;
	struct sim_scheduler *scheduler;
	struct sim_wire *wire; /* the caller's */
	struct sim_log_observer observer;
	uint64_t seed; /* state of the generator */
	const char *account;
	const char *application;
	struct sim_call_list *call_list; /* calls and conferences */
	/* Owned by the world. */
	char *made_account;
	char *made_application;
	struct sim_owned *owned;
	struct sim_queue *queue; /* deliver.c's */
};

/* An object freed together with the world. */
struct sim_owned {
	struct sim_owned *next;
	void (*free)(void *);
	void *what;
};

/*
 * account and application are set to generated ids; to change them, assign
 * before anything runs.
 */
struct sim_world *sim_world_new(const struct sim_options *, struct sim_wire *,
    const struct sim_log_observer *, int64_t start, uint64_t seed);
void sim_world_free(struct sim_world *);

/* Run until no task is left. */
void sim_world_run(struct sim_world *);

int64_t sim_world_now(const struct sim_world *);
/* Call fn(what) when the world is freed, in reverse order of these calls. */
void sim_world_own(struct sim_world *, void (*fn)(void *), void *what);
/* A random number in [0, n). */
uint64_t sim_world_random(struct sim_world *, uint64_t n);
/* "c-…", with a UUID (version 4 in form); "" gives the bare UUID. */
char *sim_world_id(struct sim_world *, const char *kind);
/* Pass the entry to the observer; sets its time. */
void sim_world_log(struct sim_world *, struct sim_log_entry *);
/* Log a finding about an answer: SIM_LOG_FINDING. where: its URL. */
void sim_world_report(struct sim_world *, const char *about, const char *event,
    const char *where, enum bw_severity, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

#endif
