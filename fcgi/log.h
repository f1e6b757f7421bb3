#ifndef BWF_LOG_H
#define BWF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>

/*
 * One line for each request and each event of the program's life, as
 * key=value pairs. Every line is one write(2), so lines of several threads
 * and processes do not mix, and no lock is held. A line never holds a body, a
 * query string, a credential or a whole phone number.
 */

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO
};

/*
 * Where lines go: NULL is standard error, "syslog" is syslog(3), anything
 * else a file that is appended to. BW_ERR_IO.
 */
enum bw_err log_open(const char *where, struct bw_error *) BW_CHECK;
/* Open the file again, after it was rotated; the old one stays on failure. */
enum bw_err log_reopen(struct bw_error *) BW_CHECK;
void log_close(void);

/* what happened, as one word, and a sentence about it. */
void log_event(enum log_level, const char *event, const char *fmt, ...)
    BW_PRINTF(3, 4);
/* took: nanoseconds. sent: the web server took the answer. */
void log_request(const struct bw_request *, const struct bw_response *,
    int64_t took, bool sent);

#endif
