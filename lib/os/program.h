#ifndef BWI_OS_PROGRAM_H
#define BWI_OS_PROGRAM_H

#include <sys/types.h>

#include <bwcallback/tools/process.h>

/* Starting, watching and ending a program. None of these functions waits. */

/* Bytes of the first line of standard error that fit into a message. */
#define BWI_PROGRAM_MAX_LINE 200

/* A program that was started. */
struct bwi_program {
	const struct bw_process *o;
	const char *name;
	int input;  /* the program's standard input */
	int out[2]; /* its standard output: our end and the program's */
	int err[2]; /* its standard error: our end and the program's */
	int pidfd;  /* readable when the program has ended; -1: poll */
	pid_t pid;  /* 0 until it is started */
	bool ended; /* ended and not reaped: the pid is still reserved */
	bool lost;  /* ended and reaped elsewhere: status and pid are lost */
	bool line_complete;
	size_t nline; /* length of line, the first line of standard error */
	char line[BWI_PROGRAM_MAX_LINE];
	struct bw_error *error;
};

/*
 * Start it. The struct bw_process and its strings must stay valid until
 * bwi_program_end(), which must be called in any case.
 */
enum bw_err bwi_program_start(struct bwi_program *, const struct bw_process *,
    struct bw_error *) BW_CHECK;
/* Check for the exit, and read what it has written. */
void bwi_program_look(struct bwi_program *);
/* Is its output too large, or out of memory for it? */
bool bwi_program_output_failed(const struct bwi_program *);
/* The error of a program that was not done by its deadline. */
enum bw_err bwi_program_late(const struct bwi_program *) BW_CHECK;
/*
 * Read the rest of what it has written, kill it unless it has ended, and
 * release everything. err: why it is ended now, or BW_OK; the result then is
 * the program's. With wait, return only once the process is gone; without, one
 * that is just being killed is reaped later.
 */
enum bw_err bwi_program_end(struct bwi_program *, enum bw_err, bool wait,
    struct bw_process_result *) BW_CHECK;

#endif
