#ifndef BWF_LOG_OUTPUT_H
#define BWF_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Output of the log. A file is written to directly. A line for a pipe or a
 * socket is dropped if there is no room: its reader may have stopped, and
 * requests must not wait for it.
 */
struct log_output {
	int fd;
	bool own; /* close fd at the end */
	bool socket;
};

/* The caller still owns fd; its flags are not changed. */
void log_output_init(struct log_output *, int fd);
void log_output_close(struct log_output *);
/*
 * Write a line. False: no room; if wait is set, not within a tenth of a second
 * either.
 */
bool log_output_write(
    const struct log_output *, const char *line, size_t n, bool wait);

#endif
