#ifndef BWF_LOG_OUTPUT_H
#define BWF_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where lines of the log go. A file is written to as it is. Into a pipe or a
 * socket a line goes only if there is room: its reader may have stopped, and
 * requests must not wait for it.
 */
struct log_output {
	int fd;
	bool own; /* fd is ours to close */
	bool socket;
};

/* fd stays the caller's, with all its flags. */
void log_output_init(struct log_output *, int fd);
void log_output_close(struct log_output *);
/*
 * Write a line. False: there was no room, and none within a tenth of a second
 * if wait is set.
 */
bool log_output_write(
    const struct log_output *, const char *line, size_t n, bool wait);

#endif
