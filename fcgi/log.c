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

#include "log_output.h"

#include <bwcallback/tools/mask.h>
#include <bwcallback/tools/str.h>

/*
 * Maximum length of a line; it must be one atomic write, even to a pipe
 * (PIPE_BUF is 4096).
 */
#define LINE_MAX_SIZE 4000

/* Maximum length of a value; the reason has at most BW_ERROR_MSG_SIZE. */
#define VALUE_MAX 512

struct line {
	char p[LINE_MAX_SIZE];
	size_t n;
};

/*
 * The descriptor number never changes once open (reopening uses dup3), so
 * threads need no lock.
 */
static struct {
	int fd;
	bool syslog;
	const char *file;
	struct log_output to;
	atomic_uint lost; /* lines dropped since the last written line */
} out = {.fd = STDERR_FILENO, .to = {.fd = STDERR_FILENO}};

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
log_open(const char *where, struct bw_error *e)
{
	enum bw_err err;

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
	out.file = NULL;
}

static void
put(struct line *l, const char *p, size_t n)
{
	/* Leave room for the line feed. */
	size_t room = sizeof(l->p) - 1 - l->n;

	if (n > room)
		n = room;
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static void
put_word(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

/*
 * Write at least width digits. printf() would take a tenth of a request's time.
 */
static void
put_number(struct line *l, uint64_t n, int width)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
		width--;
	} while ((n > 0 || width > 0) && at > 0);
	put(l, digits + at, sizeof(digits) - at);
}

/* Printable ASCII that needs no escape between quotes. */
static bool
is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_char(struct line *l, char c)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char u = (unsigned char)c;
	char escaped[4] = {'\\', c};

	if (c == '"' || c == '\\') {
		put(l, escaped, 2);
	} else if (is_plain(c)) {
		put(l, &c, 1);
	} else {
		escaped[1] = 'x';
		escaped[2] = hex[u >> 4];
		escaped[3] = hex[u & 15];
		put(l, escaped, 4);
	}
}

/* Write the number that begins at i, masked if long; returns its end. */
static size_t
put_digits(struct line *l, struct bw_str s, size_t i)
{
	size_t hidden, end = i + bw_mask_digits(s, i, &hidden);

	for (hidden += i; i < end; i++) {
		if (i < hidden && bw_is_digit(s.p[i]))
			put(l, "*", 1);
		else
			put_char(l, s.p[i]);
	}
	return end;
}

/*
 * Write text from outside: quoted, escaped, cut, with long numbers masked. The
 * limit includes the escapes, so that the following values fit into the line.
 */
static void
put_text(struct line *l, const char *key, struct bw_str s)
{
	struct bw_str cut = {s.p, s.n < VALUE_MAX ? s.n : VALUE_MAX};
	size_t i = 0, begin;

	put_word(l, key);
	begin = l->n;
	while (i < cut.n && l->n - begin < VALUE_MAX) {
		size_t n = 0;

		while (i + n < cut.n && is_plain(cut.p[i + n]) &&
		       !bw_is_digit(cut.p[i + n]))
			n++;
		put(l, cut.p + i, n);
		i += n;
		if (i < cut.n && bw_is_digit(cut.p[i]))
			i = put_digits(l, cut, i);
		else if (i < cut.n && !is_plain(cut.p[i]))
			put_char(l, cut.p[i++]);
	}
	put_word(l, i < s.n ? "...\"" : "\"");
}

/* Write a message of the program. */
static void
put_sentence(struct line *l, const char *key, const char *s)
{
	put_word(l, key);
	for (; *s != '\0'; s++)
		put_char(l, *s);
	put(l, "\"", 1);
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

/*
 * UTC by Howard Hinnant's civil_from_days: the C library's functions take its
 * time zone lock. Each thread formats a second only once.
 */
static void
put_time(struct line *l)
{
	static _Thread_local char text[32];
	static _Thread_local time_t of;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (text[0] == '\0' || now.tv_sec != of) {
		long long days = now.tv_sec / 86400;
		long long sec = now.tv_sec % 86400;
		long long z = days + 719468, era = z / 146097;
		long long doe = z - era * 146097;
		long long yoe =
		    (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
		long long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
		long long mp = (5 * doy + 2) / 153;
		long long month = mp < 10 ? mp + 3 : mp - 9;

		snprintf(text, sizeof(text),
		    "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld",
		    (yoe + era * 400 + (month <= 2)) % 10000, month % 100,
		    (doy - (153 * mp + 2) / 5 + 1) % 100, sec / 3600,
		    sec / 60 % 60, sec % 60);
		of = now.tv_sec;
	}
	put(l, "time=", 5);
	put(l, text, strlen(text));
	put_word(l, ".");
	put_number(l, (uint64_t)now.tv_nsec / 1000000, 3);
	put_word(l, "Z ");
}

static void
begin(struct line *l, enum log_level level)
{
	l->n = 0;
	if (!out.syslog) /* syslog adds its own */
		put_time(l);
	put_word(l, "level=");
	put_word(l, level_name(level));
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
write_line(const struct line *l)
{
	bool first = atomic_load(&out.lost) == 0;
	unsigned lost;

	if (!log_output_write(&out.to, l->p, l->n, first)) {
		(void)atomic_fetch_add(&out.lost, 1);
		return;
	}
	lost = first ? 0 : atomic_exchange(&out.lost, 0);
	if (lost > 0)
		log_event(LOG_LEVEL_WARNING, "log",
		    "%u lines were dropped: nothing reads the log", lost);
}

static void
end(struct line *l, enum log_level level)
{
	if (out.syslog) {
		syslog(priority(level), "%.*s", (int)l->n, l->p);
		return;
	}
	l->p[l->n++] = '\n';
	write_line(l);
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	char s[BW_ERROR_MSG_SIZE + 256];
	struct line l;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	begin(&l, level);
	put_word(&l, " event=");
	put_word(&l, event);
	put_sentence(&l, " msg=\"", s);
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

void
log_request(const struct bw_request *req, const struct bw_response *resp,
    int64_t took, bool sent)
{
	const struct bw_error *why = bw_response_error(resp);
	struct bw_str id = bw_request_id(req);
	struct bw_str type = bw_response_type(resp);
	struct bw_str user = bw_response_user(resp);
	enum log_level level =
	    sent ? request_level(why->code) : LOG_LEVEL_WARNING;
	struct line l;

	begin(&l, level);
	put_word(&l, " id=");
	put(&l, id.p, id.n);
	put_text(&l, " method=\"", bw_request_method_name(req));
	put_text(&l, " path=\"", bw_request_path(req));
	if (type.p != NULL) {
		put_word(&l, " family=");
		put_word(&l, bw_family_name(bw_response_family(resp)));
		put_text(&l, " type=\"", type);
		put_word(&l, " events=");
		put_number(&l, bw_response_events(resp), 1);
	}
	put_word(&l, " status=");
	put_number(&l, (uint64_t)bw_response_status(resp), 1);
	put_word(&l, " ms=");
	put_number(&l, (uint64_t)took / 1000000, 1);
	put_word(&l, ".");
	put_number(&l, (uint64_t)took / 1000 % 1000, 3);
	if (user.p != NULL)
		put_text(&l, " user=\"", user);
	if (bw_response_is_fallback(resp))
		put_word(&l, " fallback=yes");
	if (!sent)
		put_word(&l, " sent=no");
	if (why->code != BW_OK) {
		put_word(&l, " error=");
		put_word(&l, bw_err_name(why->code));
		/* It may quote an event's type, or the output of a program. */
		put_text(&l, " reason=\"",
		    (struct bw_str){why->msg, strlen(why->msg)});
	}
	end(&l, level);
}
