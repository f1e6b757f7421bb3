#ifndef BWCALLBACK_TOOLS_PROCESS_H
#define BWCALLBACK_TOOLS_PROCESS_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/export.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Run an external program and get how it ended.
 */

/* The last lines that a program wrote on its standard error. */
#define BW_PROCESS_MAX_SAID 2000
struct bw_process_said {
	size_t n;
	bool cut; /* there were more */
	char text[BW_PROCESS_MAX_SAID];
};

struct bw_process {
	/* argv[0] is a path, or with search also a name looked up in PATH. */
	const char *const *argv;
	const char *const *env; /* in full; NULL: the caller's own */
	bool search;
	struct bw_str input; /* for its standard input */
	int64_t deadline;    /* CLOCK_MONOTONIC, nanoseconds */
	/*
	 * What it writes on its standard output is appended here, and of its
	 * standard error the first line, or with said the last one, becomes
	 * part of the error. NULL: it writes to the descriptor output, and to
	 * our standard error.
	 */
	struct bw_buf *out;
	int output;
	/*
	 * Receives the last whole lines of the program's standard error, as
	 * UTF-8 without control characters other than line ends; when out is
	 * NULL, it is also copied to our standard error. NULL: the program
	 * inherits that, unless out is given. Zero it before.
	 */
	struct bw_process_said *said;
	/*
	 * Called about four times a second while it runs, unless NULL: false
	 * ends it, with SIGTERM and after grace nanoseconds with SIGKILL. The
	 * deadline and too much output end it with SIGKILL at once.
	 */
	bool (*go_on)(void *arg);
	void *arg;
	int64_t grace;
};

enum bw_process_end {
	BW_PROCESS_UNKNOWN, /* its status is lost: never taken for success */
	BW_PROCESS_NOT_STARTED,
	BW_PROCESS_EXITED,  /* with this status */
	BW_PROCESS_SIGNALED /* by this signal */
};

struct bw_process_result {
	enum bw_process_end end;
	int number; /* exit status or signal */
};

/*
 * Run it until it ends; it is in a process group of its own, which is what is
 * killed. No blocked or ignored signal of ours reaches it, and no descriptor
 * that is not its standard input, output or error when out is given. What it
 * leaves running in the background neither holds us up nor is ended. Any
 * number of threads may run programs at once.
 *
 * BW_OK only when it is known to have exited with status 0. BW_ERR_PROGRAM:
 * it could not be started (with sys), exited otherwise, was ended by a signal
 * or its status is lost. BW_ERR_DEADLINE, BW_ERR_LIMIT (out is full),
 * BW_ERR_NOMEM. The result may be NULL.
 *
 * The process that calls it must not ignore SIGCHLD: then the kernel throws
 * the status away, so the program is not started and the error says so. Nor
 * may the process wait for children that are not its own (waitpid(-1)).
 */
BW_EXPORT enum bw_err bw_process_run(const struct bw_process *,
    struct bw_process_result *, struct bw_error *) BW_CHECK;

/*
 * From now on programs are started by helper processes, which are forked here:
 * for a process that will confine itself, since programs inherit that. They
 * remain children of this process. Call this before another thread starts. The
 * helpers keep none of its descriptors but standard error, and end with it.
 * BW_ERR_IO: they cannot be forked; programs are started as before.
 */
BW_EXPORT enum bw_err bw_programs_by_helper(struct bw_error *) BW_CHECK;
/* The helpers end; programs that they have started do not. */
BW_EXPORT void bw_programs_end_helpers(void);
/*
 * Replace helpers that have ended. true: there were some, and the error says
 * so. A start of a program does the same.
 */
BW_EXPORT bool bw_programs_helpers_lost(struct bw_error *);

#ifdef __cplusplus
}
#endif

#endif
