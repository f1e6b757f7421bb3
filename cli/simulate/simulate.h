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

/* Shared by all of "bwcallback simulate". */

struct simulate_options {
	const char *flow; /* a configuration; NULL: use url */
	const char *url;  /* first callback's; with a flow, a path */
	const char *user;
	const char *password_file;
	const char *password; /* read from password_file */
	const char *from;
	const char *to;
	const char *status_url;	       /* last callback's; NULL: url */
	const char *fallback_url;      /* first callback's */
	const char *log;	       /* call to replay, or NULL */
	const char *store;	       /* store of that call; NULL: flow's */
	const char *machine_detection; /* "sync" or "async" */
	const char *machine;	       /* its result */
	const char *tag;	       /* set by the application for its call */
	const char *sip[SIM_SIP__MAX]; /* members of initiate, or NULL */
	const char *coverage;	       /* file to write, or NULL */
	struct sim_role person;
	struct sim_cast cast;
	struct sim_wire_fault fail;
	struct sim_options world;
	int64_t at; /* start, ms since 1970 */
	int64_t seed;
	int64_t calls; /* 0: one call, printed as it goes */
	int64_t concurrency;
	int64_t jobs;	 /* scenarios or explorers at once */
	int64_t callers; /* number of explorers */
	bool outbound;
	bool interactive;
	bool real_time;
	bool json;
	bool reveal; /* show a stored call unmasked */
	int argc;    /* remaining arguments */
	char **argv;
	struct bw_buf secret; /* password points into it */
};

int simulate_assumptions(const struct command *, int argc, char **argv);
int simulate_call(const struct command *, int argc, char **argv);
int simulate_explore(const struct command *, int argc, char **argv);
int simulate_test(const struct command *, int argc, char **argv);
/* All but calls: the last word of the name is one for family_find(). */
int simulate_family(const struct command *, int argc, char **argv);

void simulate_options_init(struct simulate_options *);
void simulate_options_free(struct simulate_options *);
/* Groups of the options: the kinds of simulation that they apply to. */
#define SIMULATE_FOR_CALL      1u
#define SIMULATE_FOR_TEST      2u
#define SIMULATE_FOR_FAMILY    4u
#define SIMULATE_FOR_EXPLORE   8u
#define SIMULATE_FOR_TELEPHONE 16u
extern const struct option_row simulate_options[];

/*
 * Parse the options of a command, its own and these, read the password, and
 * leave the other arguments in argc and argv. Returns -1 to continue; otherwise
 * the exit code.
 */
int simulate_options_parse(struct simulate_options *, const struct command *,
    int argc, char **argv, void *own);

/*
 * The application; on failure prints the reason to standard error and returns
 * NULL.
 */
struct sim_wire *simulate_wire(const struct simulate_options *);
/* Print that it is not a URL. Returns 64. */
int simulate_refuse_url(
    const struct command *, const struct simulate_options *, const char *url);
/*
 * Check a URL of the command line, which may be NULL; print warnings about it.
 * Returns -1 to continue; otherwise the exit code.
 */
int simulate_check_url(const struct command *, const char *url);
/* The same for the URLs of all simulations. */
int
simulate_check_urls(const struct command *, const struct simulate_options *);
/* Resolve a URL or path to an absolute URL; sim_alloc'ed. */
char *simulate_url(const struct simulate_options *, const char *reference);

/* Prints log entries to standard output and counts them. */
struct live_output;
/* masked: the call is real, see sim_transcript_mask(). */
struct live_output *live_output_new(bool json, bool masked);
void live_output_free(struct live_output *);
struct sim_log_observer live_output_observer(struct live_output *);
/*
 * Print the last line. Returns the exit code: 0 if nothing was wrong, else 1.
 */
int live_output_end(struct live_output *, const char *undone);

/* Add the call of the options to a world; the roles must outlive the world. */
struct sim_call *simulate_begin(const struct simulate_options *,
    struct sim_world *, struct sim_role *, struct sim_cast *);
/* Run the world, as fast as possible or in real time. */
void simulate_run(struct sim_world *, bool real_time);

/* A caller whose actions are typed at the keyboard. */
struct sim_person simulate_keyboard(void);

/* Play many calls at once, and print how long their callbacks took. */
int simulate_load(const struct simulate_options *);

/*
 * Send each stored callback of a call to the flow again, print where the answer
 * differs from the stored one, and count the differences. Sets the caller's
 * actions in the options to those of the stored call. BW_ERR_NOTFOUND: there is
 * no such call.
 */
enum bw_err simulate_log(struct simulate_options *, struct sim_wire *,
    size_t *different, struct bw_error *) BW_CHECK;

#endif
