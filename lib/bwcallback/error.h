#ifndef BWCALLBACK_ERROR_H
#define BWCALLBACK_ERROR_H

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The names, statuses and exit codes are rows of lib/base/errors.def. */
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

#define BW_ERROR_MSG_SIZE 512

/*
 * The code for the machine and a sentence for the person, written where the
 * cause is known: "noun: what: reason", lower case, no full stop, cut at
 * BW_ERROR_MSG_SIZE - 1 bytes. File problems begin "file:line:column: ".
 * It never holds a credential or the text of a message.
 */
struct bw_error {
	enum bw_err code;
	int sys; /* errno, or 0 */
	char msg[BW_ERROR_MSG_SIZE];
};

/* The table's text for a code; "unknown error" outside the table. */
BW_EXPORT const char *bw_strerror(enum bw_err code);
/* The table's name, "NOMEM" for BW_ERR_NOMEM. */
BW_EXPORT const char *bw_err_name(enum bw_err code);
/* HTTP status (RFC 9110) that an error becomes; 500 outside the table. */
BW_EXPORT int bw_err_status(enum bw_err code);
/* Exit code (sysexits.h) that an error becomes; 70 outside the table. */
BW_EXPORT int bw_err_exit(enum bw_err code);

/*
 * Fill e, unless it is NULL or already holds an error (the first cause
 * stands), and return code. Control characters in the result are shown as
 * '?', so that nothing from outside can forge a line of the log.
 */
BW_EXPORT enum bw_err bw_error_set(struct bw_error *e, enum bw_err code,
    int sys, const char *fmt, ...) BW_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif

#endif
