#ifndef BWCALLBACK_ERROR_H
#define BWCALLBACK_ERROR_H

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a function that can fail returns. bwcallback(1) lists the codes with
 * their HTTP status, exit code and text.
 */
enum bw_err {
	BW_OK,
	BW_ERR_NOMEM,
	BW_ERR_USAGE,
	BW_ERR_SYNTAX,
	BW_ERR_ENCODING,
	BW_ERR_TRUNCATED,
	BW_ERR_DEPTH,
	BW_ERR_LIMIT,
	BW_ERR_UNSUPPORTED,
	BW_ERR_METHOD,
	BW_ERR_ROUTE,
	BW_ERR_NOTFOUND,
	BW_ERR_MISSING,
	BW_ERR_REJECTED,
	BW_ERR_SIGNATURE,
	BW_ERR_BUSY,
	BW_ERR_DEADLINE,
	BW_ERR_IO,
	BW_ERR_FULL,
	BW_ERR_CORRUPT,
	BW_ERR_READONLY,
	BW_ERR_STALE,
	BW_ERR_NOFILE,
	BW_ERR_CONFIG,
	BW_ERR_BXML,
	BW_ERR_PROGRAM,
	BW_ERR_INTERNAL,
	BW_ERR__MAX
};

/* Size of a message, with its NUL. */
#define BW_ERROR_MSG_SIZE 512

/*
 * An error: its code, and a message that says what is wrong, where, and what to
 * do. The message is one line in lower case without a full stop, truncated to
 * BW_ERROR_MSG_SIZE - 1 bytes; errors in a file begin with "file:line:column:
 * ". It never contains a password or the text of a message to or from a person.
 *
 * Initialise it with {0}. A function that fails fills it; a function that
 * succeeds leaves it alone. Every argument of this type may be NULL.
 */
struct bw_error {
	enum bw_err code;
	int sys; /* errno of the failed call, or 0 */
	char msg[BW_ERROR_MSG_SIZE];
};

/*
 * The text of a code: "out of memory". "unknown error" for anything else. Like
 * all text that these functions return, it is static memory.
 */
BW_EXPORT const char *bw_strerror(enum bw_err code);
/* The name of a code: "NOMEM" for BW_ERR_NOMEM. */
BW_EXPORT const char *bw_err_name(enum bw_err code);
/*
 * The HTTP status (RFC 9110) with which a callback is answered after this
 * error. 500 for an unknown code.
 */
BW_EXPORT int bw_err_status(enum bw_err code);
/* The exit code of sysexits.h for this error. 70 for an unknown code. */
BW_EXPORT int bw_err_exit(enum bw_err code);

/*
 * Fill e and return code. Nothing is filled when e is NULL or already holds an
 * error: the first cause is the one to report. fmt is a format of printf(3).
 * Control characters in the result are replaced by '?', so that input cannot
 * forge lines of a log. For handlers of <bwcallback/module.h>.
 */
BW_EXPORT enum bw_err bw_error_set(struct bw_error *e, enum bw_err code,
    int sys, const char *fmt, ...) BW_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif

#endif
