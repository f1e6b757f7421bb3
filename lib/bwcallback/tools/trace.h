#ifndef BWCALLBACK_TOOLS_TRACE_H
#define BWCALLBACK_TOOLS_TRACE_H

/* An interface for the programs of this package: any release may change it. */

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A step of answering, and the microseconds that it took. */
struct bw_trace_step {
	struct bw_str name;
	int64_t us;
};

/* More steps than there are. */
#define BW_TRACE_MAX_STEPS 16

/*
 * How an answer was made: what bw_store_answer.trace says. Absent texts have p
 * NULL. They are not masked: the sentence, the words of the program and the
 * findings may contain what a person said.
 */
struct bw_trace {
	struct bw_str rule;    /* "callbacks.xml:121" */
	struct bw_str error;   /* the name of its code: "PROGRAM" */
	struct bw_str text;    /* a sentence about it */
	struct bw_str program; /* its path */
	int exit;	       /* its exit status; -1: none */
	int signal;	       /* that ended it; -1: none */
	struct bw_str said;    /* the last lines of its standard error */
	struct bw_str check;   /* what check found in the answer, in lines */
	struct bw_trace_step steps[BW_TRACE_MAX_STEPS];
	size_t nsteps;
	void *memory;
};

/*
 * Read a trace; unknown members are ignored. Free it afterwards, also after an
 * error. BW_ERR_SYNTAX, _ENCODING, _DEPTH, _LIMIT, _NOMEM.
 */
BW_EXPORT enum bw_err
bw_trace_read(struct bw_str json, struct bw_trace *) BW_CHECK;
BW_EXPORT void bw_trace_free(struct bw_trace *);

#ifdef __cplusplus
}
#endif

#endif
