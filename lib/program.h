#ifndef BWI_PROGRAM_H
#define BWI_PROGRAM_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/*
 * Run an external program: argv (argv[0] is a path, never searched), env in
 * full, input on its standard input, its standard output appended to out, its
 * standard error discarded after the first line, which ends up in the error
 * when the program fails. It runs in its own process group, which is killed
 * when the deadline (CLOCK_MONOTONIC, nanoseconds) passes or it writes too
 * much. No descriptor and no blocked or ignored signal of ours leaks into it.
 * Its answer is complete when it ends; what it leaves running in the
 * background neither holds us up nor is ended.
 *
 * BW_ERR_DEADLINE, BW_ERR_LIMIT (out is full), BW_ERR_PROGRAM (cannot be
 * started, exit other than 0, ended by a signal), BW_ERR_NOMEM. A program
 * that does not read its input is not an error. SIGCHLD must not be ignored,
 * or no program's exit status can be known.
 */
enum bw_err bwi_program_run(const char *const *argv, const char *const *env,
    struct bw_str input, int64_t deadline, struct bw_buf *out,
    struct bw_error *) BW_CHECK;

#endif
