#ifndef BWC_SIMULATE_H
#define BWC_SIMULATE_H

#include <stdio.h>

#include <bwcallback/buf.h>

#include "sim/call/call.h"
#include "sim/person/role.h"
#include "sim/report/tally.h"
#include "sim/wire/wire.h"
#include "sim/wire/wire_fault.h"
#include "sim/world/world.h"

#include "cli/common/command.h"

/* What all of "bwcallback simulate" share. */

struct simulate_options {
	const char *flow; /* a configuration; NULL: url it is */
	const char *url;  /* of the first callback; with a flow its path */
	const char *user;
	const char *password_file;
	const char *password; /* read from it */
	const char *from;
	const char *to;
	const char *status_url;	       /* of the last callback; NULL: url */
	const char *fallback_url;      /* of the first one */
	const char *log;	       /* the call to replay, or NULL */
	const char *store;	       /* where it is; NULL: the flow's */
	const char *machine_detection; /* "sync" or "async" */
	const char *machine;	       /* what it finds */
	const char *tag;	       /* that the application gave its call */
	const char *coverage;	       /* file to write, or NULL */
	struct sim_role person;
	struct sim_cast cast;
	struct sim_wire_fault fail;
	struct sim_options world;
	int64_t at; /* when it begins, ms since 1970 */
	int64_t seed;
	int64_t calls; /* 0: one, which is told */
	int64_t concurrency;
	int64_t jobs;	 /* scenarios, or callers who explore, at once */
	int64_t callers; /* who explore */
	bool outbound;
	bool interactive;
	bool real_time;
	bool json;
	bool reveal; /* a stored call */
	int argc;    /* what is left */
	char **argv;
	struct bw_buf secret; /* what password points into */
};

int simulate_assumptions(const struct command *, int argc, char **argv);
int simulate_call(const struct command *, int argc, char **argv);
int simulate_explore(const struct command *, int argc, char **argv);
int simulate_test(const struct command *, int argc, char **argv);
/* What is no call: the last word of its name is one of family_find(). */
int simulate_family(const struct command *, int argc, char **argv);

void simulate_options_init(struct simulate_options *);
void simulate_options_free(struct simulate_options *);
/* Groups of the options: for which kind of simulation they are. */
#define SIMULATE_FOR_CALL    1u
#define SIMULATE_FOR_TEST    2u
#define SIMULATE_FOR_FAMILY  4u
#define SIMULATE_FOR_EXPLORE 8u
extern const struct option_row simulate_options[];

/*
 * Parse the options of a command, its own and these, read the password, and
 * leave the other arguments. -1: go on; otherwise the exit code.
 */
int simulate_options_parse(struct simulate_options *, const struct command *,
    int argc, char **argv, void *own);

/* The application; NULL after saying on standard error why there is none. */
struct sim_wire *simulate_wire(const struct simulate_options *);
/* Say that it is no URL. Returns 64. */
int simulate_refuse_url(
    const struct command *, const struct simulate_options *, const char *url);
/* An absolute URL for what is given of one; sim_alloc'ed. */
char *simulate_url(const struct simulate_options *, const char *reference);

/* Notes to standard output and into a tally. */
struct live_output;
/* masked: the call is a real one, see sim_transcript_mask(). */
struct live_output *live_output_new(bool json, bool masked);
void live_output_free(struct live_output *);
struct sim_log_observer live_output_observer(struct live_output *);
/* The last line, and the exit code: 0 when nothing was wrong, else 1. */
int live_output_end(struct live_output *, const char *undone);

/* Enter the call of the options into a world; the roles must outlive it. */
struct sim_call *simulate_begin(const struct simulate_options *,
    struct sim_world *, struct sim_role *, struct sim_cast *);
/* Let it run, as fast as it goes or as the clock does. */
void simulate_run(struct sim_world *, bool real_time);

/* Who types what the caller does. */
struct sim_person simulate_keyboard(void);

/* Many calls at once, and how long their callbacks took. */
int simulate_load(const struct simulate_options *);

/*
 * Ask the flow anew what each stored callback of a call would be answered now,
 * print where that differs from then, and how often; and take what the caller
 * did for what they do. BW_ERR_NOTFOUND: there is no such call.
 */
enum bw_err simulate_log(struct simulate_options *, struct sim_wire *,
    size_t *different, struct bw_error *) BW_CHECK;

#endif
