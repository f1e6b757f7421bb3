#ifndef BWI_OS_PROCESS_H
#define BWI_OS_PROCESS_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>

/*
 * Like bw_process_run(), for a program that writes an answer. argv[0] is a
 * path, not searched in PATH; env is the whole environment. Standard output is
 * appended to out; when the program fails, the error has the first line of its
 * standard error. The deadline is CLOCK_MONOTONIC in nanoseconds.
 */
enum bw_err bwi_process_run(const char *const *argv, const char *const *env,
    struct bw_str input, int64_t deadline, struct bw_buf *out,
    struct bw_error *) BW_CHECK;

#endif
