#include "log_line.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bwcallback/tools/mask.h>
#include <bwcallback/tools/printable.h>
#include <bwcallback/tools/str.h>

/* Maximum length of a value; a reason has at most BW_ERROR_MSG_SIZE. */
#define VALUE_MAX 512

/* Room for the end of the last value and of the line. */
#define ENDING 32

static void
put(struct log_line *l, const char *p, size_t n)
{
	/* Leave room for the line feed. */
	size_t room = sizeof(l->p) - 1 - l->n;

	if (n > room)
		n = room;
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static void
put_word(struct log_line *l, const char *s)
{
	put(l, s, strlen(s));
}

/*
 * Write at least width digits. printf() would take a tenth of a request's time.
 */
static void
put_number(struct log_line *l, uint64_t n, int width)
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

static void
put_name(struct log_line *l, const char *name)
{
	bool json = l->format == LOG_FORMAT_JSON;

	if (l->n > (json ? 1 : 0))
		put(l, json ? "," : " ", 1);
	put_word(l, json ? "\"" : "");
	put_word(l, name);
	put_word(l, json ? "\":" : "=");
}

/* Around a word: only JSON has quotes there. */
static void
put_quote(struct log_line *l)
{
	if (l->format == LOG_FORMAT_JSON)
		put(l, "\"", 1);
}

/* Printable ASCII that needs no escape between quotes. */
static bool
is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* "\u00e9"; a character beyond U+FFFF needs two of them. */
static void
put_unicode(struct log_line *l, uint32_t c)
{
	static const char hex[] = "0123456789abcdef";
	char escaped[6] = {'\\', 'u'};

	if (c > 0xffff) {
		put_unicode(l, 0xd800 + ((c - 0x10000) >> 10));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	for (int i = 0; i < 4; i++)
		escaped[2 + i] = hex[c >> (12 - 4 * i) & 15];
	put(l, escaped, sizeof(escaped));
}

/* The first character of a text; returns how many bytes it has. */
static size_t
put_json_char(struct log_line *l, struct bw_str s)
{
	uint32_t c = 0;
	bool unused;
	size_t n = bw_printable_next(s, &c, &unused);

	/* A single byte of this size is not UTF-8. */
	put_unicode(l, n == 1 && c >= 0x80 ? 0xfffd : c);
	return n;
}

/* The same for a character that must be escaped. */
static size_t
put_escaped(struct log_line *l, struct bw_str s)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char u = (unsigned char)s.p[0];
	char escaped[4] = {'\\', s.p[0]};

	if (s.p[0] == '"' || s.p[0] == '\\') {
		put(l, escaped, 2);
		return 1;
	}
	if (l->format == LOG_FORMAT_JSON)
		return put_json_char(l, s);
	escaped[1] = 'x';
	escaped[2] = hex[u >> 4];
	escaped[3] = hex[u & 15];
	put(l, escaped, 4);
	return 1;
}

/* Write the number that begins at i, masked if long; returns its end. */
static size_t
put_digits(struct log_line *l, struct bw_str s, size_t i)
{
	size_t hidden, end = i + bw_mask_digits(s, i, &hidden);

	for (hidden += i; i < end;) {
		struct bw_str rest = {s.p + i, s.n - i};

		if (i < hidden && bw_is_digit(s.p[i])) {
			put(l, "*", 1);
			i++;
		} else if (is_plain(s.p[i])) {
			put(l, s.p + i++, 1);
		} else {
			i += put_escaped(l, rest);
		}
	}
	return end;
}

static bool
has_room(const struct log_line *l, size_t begin)
{
	return l->n - begin < VALUE_MAX && l->n + ENDING < sizeof(l->p);
}

/* How many bytes at the beginning can be copied into the line. */
static size_t
plain_run(const struct log_line *l, struct bw_str s, bool masked)
{
	size_t n = 0, room = sizeof(l->p) - ENDING - l->n;

	while (n < s.n && n < room && is_plain(s.p[n]) &&
	       !(masked && bw_is_digit(s.p[n])))
		n++;
	return n;
}

/*
 * Write text: quoted, escaped, cut. The limit includes the escapes, so that the
 * following values fit into the line.
 */
static void
put_text(struct log_line *l, struct bw_str s, bool masked)
{
	struct bw_str cut = {s.p, s.n < VALUE_MAX ? s.n : VALUE_MAX};
	size_t i = 0, begin;

	put(l, "\"", 1);
	begin = l->n;
	while (i < cut.n && has_room(l, begin)) {
		struct bw_str rest = {cut.p + i, cut.n - i};
		size_t n = plain_run(l, rest, masked);

		if (n > 0)
			put(l, rest.p, n);
		else if (is_plain(cut.p[i]))
			n = put_digits(l, cut, i) - i;
		else
			n = put_escaped(l, rest);
		i += n;
	}
	put_word(l, i < s.n ? "...\"" : "\"");
}

void
log_line_begin(struct log_line *l, enum log_format format)
{
	l->n = 0;
	l->format = format;
	if (format == LOG_FORMAT_JSON)
		put(l, "{", 1);
}

/*
 * UTC by Howard Hinnant's civil_from_days: the C library's functions take its
 * time zone lock. Each thread formats a second only once.
 */
void
log_line_time(struct log_line *l)
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
	put_name(l, "time");
	put_quote(l);
	put(l, text, strlen(text));
	put_word(l, ".");
	put_number(l, (uint64_t)now.tv_nsec / 1000000, 3);
	put_word(l, "Z");
	put_quote(l);
}

void
log_line_word(struct log_line *l, const char *name, struct bw_str word)
{
	put_name(l, name);
	put_quote(l);
	put(l, word.p, word.n);
	put_quote(l);
}

void
log_line_bool(struct log_line *l, const char *name, bool value)
{
	bool json = l->format == LOG_FORMAT_JSON;

	put_name(l, name);
	put_word(l, value ? (json ? "true" : "yes") : (json ? "false" : "no"));
}

void
log_line_number(struct log_line *l, const char *name, uint64_t n)
{
	put_name(l, name);
	put_number(l, n, 1);
}

void
log_line_ms(struct log_line *l, const char *name, int64_t ns)
{
	put_name(l, name);
	put_number(l, (uint64_t)ns / 1000000, 1);
	put(l, ".", 1);
	put_number(l, (uint64_t)ns / 1000 % 1000, 3);
}

void
log_line_sentence(struct log_line *l, const char *name, const char *s)
{
	struct bw_str rest = {s, strlen(s)};

	put_name(l, name);
	put(l, "\"", 1);
	while (rest.n > 0 && l->n + ENDING < sizeof(l->p)) {
		size_t n = 1;

		if (is_plain(rest.p[0]))
			put(l, rest.p, 1);
		else
			n = put_escaped(l, rest);
		rest = (struct bw_str){rest.p + n, rest.n - n};
	}
	put(l, "\"", 1);
}

void
log_line_text(struct log_line *l, const char *name, struct bw_str s)
{
	if (s.p == NULL)
		return;
	put_name(l, name);
	put_text(l, s, true);
}

void
log_line_id(struct log_line *l, const char *name, struct bw_str s)
{
	if (s.p == NULL)
		return;
	put_name(l, name);
	put_text(l, s, false);
}

void
log_line_end(struct log_line *l)
{
	if (l->format == LOG_FORMAT_JSON)
		put(l, "}", 1);
}
