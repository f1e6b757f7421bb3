#ifndef BWC_SIMULATE_TELEPHONE_H
#define BWC_SIMULATE_TELEPHONE_H

#include <json-c/json.h>

#include <bwcallback/tools/graph.h>

#include "cli/simulate/simulate.h"

/*
 * A call whose caller is another program. Standard output has JSON objects, one
 * a line: the objects of "simulate call --json" with more members, and
 * questions. Standard input has what the caller does.
 */
#define TELEPHONE_MAX_LINE (64 * 1024)
#define TELEPHONE_MAX_KEYS 50 /* of one line; no Gather takes more */

struct telephone_options {
	int64_t idle;	/* longest wait for a line, ms */
	int64_t length; /* of all, ms */
	bool programs;	/* they run if the caller says so */
};

struct telephone {
	const struct telephone_options *options;
	const struct bw_graph *graph;
	int64_t begin;	   /* of the call, virtual, ms */
	int64_t now;	   /* time of the last entry or question */
	int64_t until;	   /* CLOCK_MONOTONIC, ms */
	const char *left;  /* why the caller has gone; NULL: still there */
	struct bw_buf in;  /* what was read of further lines */
	struct bw_buf at;  /* name of the last node that is drawn */
	json_object *said; /* what the caller did last */
	char keys[TELEPHONE_MAX_KEYS + 1]; /* to be pressed, from pressed on */
	size_t pressed;
	char *words; /* to be spoken, or NULL */
	struct sim_role callee;
};

/* telephone_line.c */

/*
 * Read the next line that is an object with a member "do", into said. False:
 * the caller has gone.
 */
bool telephone_read(struct telephone *);
/* A member of said that is a text; NULL: there is none. */
const char *telephone_member(const struct telephone *, const char *name);
/* Write a line that has a kind and may have a text. */
void
telephone_say(const struct telephone *, const char *kind, const char *text);
/* The line was not understood, or is not possible now. */
void telephone_refuse(const struct telephone *, const char *text);
/* For sim_log_observer. */
void telephone_log(void *telephone, const struct sim_log_entry *);

/* telephone_person.c */
struct sim_person telephone_caller(struct telephone *);
struct sim_people telephone_callees(struct telephone *);
struct sim_permission telephone_permission(struct telephone *);

/* telephone_confine.c */

/*
 * Limit what this process may use, and unless programs may run, take away the
 * network and the start of programs.
 */
enum bw_err telephone_confine(bool programs, struct bw_error *) BW_CHECK;

int simulate_telephone(const struct command *, int argc, char **argv);
extern const struct option_row simulate_telephone_options[];

#endif
