#ifndef BWF_LOG_H
#define BWF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>

#include "log_line.h"

/*
 * One line for each request and each event of the program, see log_line.h.
 * A line is written by one write(2), without a lock, so lines of several
 * threads and processes do not mix. A line never contains a body, a query
 * string, a credential or a complete phone number.
 */

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO
};

/*
 * Where to log: NULL is standard error, "syslog" is syslog(3), anything else a
 * file that is appended to. BW_ERR_IO.
 */
enum bw_err
log_open(const char *where, enum log_format, struct bw_error *) BW_CHECK;
/* Reopen the file, after it was rotated. On failure the old one stays open. */
enum bw_err log_reopen(struct bw_error *) BW_CHECK;
void log_close(void);

/*
 * Hold the lines of the calling thread back until log_flush(), or until there
 * are 4 kB, so that several of them need one write.
 */
void log_hold(void);
void log_flush(void);

/* event: one word that identifies it; fmt: a sentence about it. */
void log_event(enum log_level, const char *event, const char *fmt, ...)
    BW_PRINTF(3, 4);
/* took: duration in nanoseconds. sent: the web server accepted the answer. */
void log_request(const struct bw_request *, const struct bw_response *,
    int64_t took, bool sent);

#endif
