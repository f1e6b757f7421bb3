#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log_line.h"
#include "log_output.h"

/*
 * The descriptor number never changes once open (reopening uses dup3), so
 * threads need no lock.
 */
static struct {
	int fd;
	bool syslog;
	enum log_format format;
	const char *file;
	struct log_output to;
	atomic_uint lost; /* lines dropped since the last written line */
} out = {.fd = STDERR_FILENO, .to = {.fd = STDERR_FILENO}};

/*
 * Lines that the thread has not written yet. One write of less than PIPE_BUF
 * bytes does not mix with those of other threads and processes.
 */
static _Thread_local struct {
	char p[LOG_LINE_MAX];
	size_t n;
	unsigned lines;
	bool on;
} held;

static enum bw_err
open_file(const char *file, int *fd, struct bw_error *e)
{
	*fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (*fd < 0) {
		return bw_error_set(
		    e, BW_ERR_IO, errno, "log: %s: %s", file, strerror(errno));
	}
	return BW_OK;
}

enum bw_err
log_open(const char *where, enum log_format format, struct bw_error *e)
{
	enum bw_err err;

	out.format = format;
	if (where == NULL) {
		log_output_init(&out.to, out.fd);
		return BW_OK;
	}
	if (strcmp(where, "syslog") == 0) {
		openlog("bwcallback", LOG_PID | LOG_NDELAY, LOG_DAEMON);
		out.syslog = true;
		return BW_OK;
	}
	out.file = where;
	err = open_file(where, &out.fd, e);
	if (err == BW_OK)
		log_output_init(&out.to, out.fd);
	return err;
}

enum bw_err
log_reopen(struct bw_error *e)
{
	enum bw_err err;
	int fd;

	if (out.file == NULL)
		return BW_OK;
	err = open_file(out.file, &fd, e);
	if (err != BW_OK)
		return err;
	if (dup3(fd, out.fd, O_CLOEXEC) < 0) {
		err = bw_error_set(e, BW_ERR_IO, errno, "log: %s: %s", out.file,
		    strerror(errno));
	}
	close(fd);
	return err;
}

void
log_close(void)
{
	if (out.syslog)
		closelog();
	log_output_close(&out.to);
	if (out.file != NULL)
		close(out.fd);
	out.fd = STDERR_FILENO;
	out.to = (struct log_output){.fd = STDERR_FILENO};
	out.syslog = false;
	out.format = LOG_FORMAT_LOGFMT;
	out.file = NULL;
}

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_INFO:
		break;
	}
	return "info";
}

static void
put_word(struct log_line *l, const char *name, const char *word)
{
	log_line_word(l, name, (struct bw_str){word, strlen(word)});
}

static void
begin(struct log_line *l, enum log_level level)
{
	log_line_begin(l, out.format);
	if (!out.syslog) /* syslog adds its own */
		log_line_time(l);
	put_word(l, "level", level_name(level));
}

static int
priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return LOG_ERR;
	case LOG_LEVEL_WARNING:
		return LOG_WARNING;
	case LOG_LEVEL_INFO:
		break;
	}
	return LOG_INFO;
}

/* Errors are ignored: a failing log must not stop a call. */
static void
write_lines(const char *p, size_t n, unsigned lines)
{
	bool first = atomic_load(&out.lost) == 0;
	unsigned lost;

	if (!log_output_write(&out.to, p, n, first)) {
		(void)atomic_fetch_add(&out.lost, lines);
		return;
	}
	lost = first ? 0 : atomic_exchange(&out.lost, 0);
	if (lost > 0) {
		bool on = held.on;

		held.on = false;
		log_event(LOG_LEVEL_WARNING, "log",
		    "%u lines were dropped: nothing reads the log", lost);
		held.on = on;
	}
}

void
log_flush(void)
{
	size_t n = held.n;
	unsigned lines = held.lines;

	held.n = 0;
	held.lines = 0;
	if (n > 0)
		write_lines(held.p, n, lines);
}

void
log_hold(void)
{
	held.on = true;
}

static void
hold(const struct log_line *l)
{
	if (held.n + l->n > sizeof(held.p))
		log_flush();
	memcpy(held.p + held.n, l->p, l->n);
	held.n += l->n;
	held.lines++;
}

static void
end(struct log_line *l, enum log_level level)
{
	log_line_end(l);
	if (out.syslog) {
		syslog(priority(level), "%.*s", (int)l->n, l->p);
		return;
	}
	l->p[l->n++] = '\n';
	if (held.on)
		hold(l);
	else
		write_lines(l->p, l->n, 1);
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	char s[BW_ERROR_MSG_SIZE + 256];
	struct log_line l;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	begin(&l, level);
	put_word(&l, "event", event);
	log_line_sentence(&l, "msg", s);
	end(&l, level);
}

/*
 * A missing header is no warning: Bandwidth's first request always comes
 * without credentials.
 */
static enum log_level
request_level(enum bw_err err)
{
	if (err == BW_OK || err == BW_ERR_MISSING)
		return LOG_LEVEL_INFO;
	return bw_err_status(err) >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;
}

/* What the request was about. */
static void
put_event(struct log_line *l, const struct bw_response *resp)
{
	struct bw_str type = bw_response_type(resp);

	if (type.p == NULL)
		return;
	put_word(l, "family", bw_family_name(bw_response_family(resp)));
	log_line_text(l, "type", type);
	log_line_id(l, "call", bw_response_call(resp));
	log_line_id(l, "message", bw_response_message(resp));
	log_line_number(l, "events", bw_response_events(resp));
}

void
log_request(const struct bw_request *req, const struct bw_response *resp,
    int64_t took, bool sent)
{
	const struct bw_error *why = bw_response_error(resp);
	enum log_level level =
	    sent ? request_level(why->code) : LOG_LEVEL_WARNING;
	struct log_line l;

	begin(&l, level);
	log_line_word(&l, "id", bw_request_id(req));
	log_line_text(&l, "method", bw_request_method_name(req));
	log_line_text(&l, "path", bw_request_path(req));
	put_event(&l, resp);
	log_line_number(&l, "status", (uint64_t)bw_response_status(resp));
	log_line_ms(&l, "ms", took);
	log_line_text(&l, "user", bw_response_user(resp));
	if (bw_response_is_fallback(resp))
		log_line_bool(&l, "fallback", true);
	if (!sent)
		log_line_bool(&l, "sent", false);
	if (why->code != BW_OK) {
		put_word(&l, "error", bw_err_name(why->code));
		/* It may quote an event's type, or the output of a program. */
		log_line_text(
		    &l, "reason", (struct bw_str){why->msg, strlen(why->msg)});
	}
	end(&l, level);
}
