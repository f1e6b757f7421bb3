#ifndef BWF_CONFINE_H
#define BWF_CONFINE_H

#include <bwcallback/error.h>

#include "options.h"

/*
 * Confines this process for good, in two ways: a filter allows only the system
 * calls that a responder needs (libseccomp), and Landlock allows to change
 * files only in some folders. Any other call fails; none ends the process, so
 * a fault of ours, or a module's, does not end the calls in progress.
 */

/*
 * Does what the options ask for, and logs what is in force; from then on helper
 * processes start programs. Call it before another thread starts. An error when
 * what was asked for by an option cannot be had.
 */
enum bw_err confine(const struct options *, struct bw_error *) BW_CHECK;

/*
 * Its two parts. BW_ERR_UNSUPPORTED: this program or kernel has none. Allows
 * the calls of confine_calls.def, and says how many these are.
 */
enum bw_err confine_calls(unsigned *allowed, struct bw_error *) BW_CHECK;
/* Opens no other file for writing, and executes none. */
enum bw_err
confine_files(const char *const *folders, size_t n, struct bw_error *) BW_CHECK;

#endif
