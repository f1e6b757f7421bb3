#ifndef BWF_LOG_LINE_H
#define BWF_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/str.h>

/*
 * A line of the log: names and values, as logfmt or as a JSON object. All text
 * from outside is escaped to printable ASCII.
 */

enum log_format {
	LOG_FORMAT_LOGFMT, /* name=value name="text" */
	LOG_FORMAT_JSON
};

/*
 * Maximum length of a line; it must be one atomic write, even to a pipe
 * (PIPE_BUF is 4096).
 */
#define LOG_LINE_MAX 4000

struct log_line {
	char p[LOG_LINE_MAX];
	size_t n;
	enum log_format format;
};

void log_line_begin(struct log_line *, enum log_format);
/* The present time, as "time". */
void log_line_time(struct log_line *);
/* A word of ours, which needs no escape. */
void log_line_word(struct log_line *, const char *name, struct bw_str);
void log_line_bool(struct log_line *, const char *name, bool);
void log_line_number(struct log_line *, const char *name, uint64_t);
/* Nanoseconds, as milliseconds with three digits after the point. */
void log_line_ms(struct log_line *, const char *name, int64_t ns);
/* A message of the program. */
void log_line_sentence(struct log_line *, const char *name, const char *);
/* Text from outside, with long numbers masked. Nothing if it is absent. */
void log_line_text(struct log_line *, const char *name, struct bw_str);
/* An id from outside, in full. Nothing if it is absent. */
void log_line_id(struct log_line *, const char *name, struct bw_str);
/* Complete it; there is room for a line end. */
void log_line_end(struct log_line *);

#endif
