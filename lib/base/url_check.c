/* Errors in URLs: no host, an invalid port, an invalid escape. */
#include <stdio.h>

#include <bwcallback/tools/str.h>

#include "base/hex.h"
#include "base/url_parts.h"
#include "base/utf8.h"

static bool
is_hex(char c)
{
	return bwi_hex_digit(c) >= 0 || c == BW_URL_UNKNOWN;
}

/* "%s", "%d" of printf, and "%(name)s" of Python. */
static bool
is_format(struct bw_str after_percent)
{
	return after_percent.n > 0 &&
	       memchr("sdui@(", after_percent.p[0], 6) != NULL;
}

static bool
check_percent(struct bw_str s, char *why)
{
	for (size_t i = 0; i < s.n; i++) {
		struct bw_str from = {s.p + i, s.n - i};
		struct bw_str after = {s.p + i + 1, s.n - i - 1};

		if (s.p[i] != '%' ||
		    (after.n > 0 && after.p[0] == BW_URL_UNKNOWN) ||
		    (after.n > 1 && is_hex(after.p[0]) && is_hex(after.p[1])))
			continue;
		(void)snprintf(why, BW_URL_WHY_SIZE,
		    is_format(after)
			? "\"%.*s\" was not replaced: write its value, or %%25 "
			  "for a percent sign"
			: "\"%.*s\": two hex digits must follow \"%%\", write "
			  "%%25 for a percent sign",
		    bwi_utf8_shown(from, is_format(after) ? 2 : 3), from.p);
		return false;
	}
	return true;
}

static bool
check_characters(struct bw_str s, char *why)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\') {
			(void)snprintf(why, BW_URL_WHY_SIZE,
			    "a backslash, write \"/\", or %%5C if it is meant");
			return false;
		}
		if (bw_is_space(s.p[i])) {
			(void)snprintf(why, BW_URL_WHY_SIZE,
			    "white space, write %%20 for a space");
			return false;
		}
	}
	return check_percent(s, why);
}

static bool
check_port(struct bw_str s, char *why)
{
	int64_t port = bwi_url_port(s);

	if (s.n == 0 || bwi_url_is_open(s) ||
	    (port > 0 && port <= BWI_URL_LAST_PORT))
		return true;
	if (memchr(s.p, ':', s.n) != NULL)
		(void)snprintf(why, BW_URL_WHY_SIZE,
		    "two colons in the host: write an IPv6 address in "
		    "brackets, [2001:db8::1]");
	else
		(void)snprintf(why, BW_URL_WHY_SIZE,
		    "port %.*s%s: write a number from 1 to %d, or no port",
		    bwi_utf8_shown(s, 20), s.p, s.n > 20 ? "..." : "",
		    BWI_URL_LAST_PORT);
	return false;
}

/* Take a label of a name, and the dot after it. */
static struct bw_str
take_label(struct bw_str *name)
{
	const char *dot = memchr(name->p, '.', name->n);
	struct bw_str label = {
	    name->p, dot != NULL ? (size_t)(dot - name->p) : name->n};

	name->p += label.n + (dot != NULL);
	name->n -= label.n + (dot != NULL);
	return label;
}

/* 0 to 255; -1: another number; -2: none. */
static int
byte_of(struct bw_str s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!bw_is_digit(s.p[i]))
			return -2;
		if (n >= 0)
			n = n * 10 + s.p[i] - '0';
		if (n > 255)
			n = -1;
	}
	return s.n > 0 ? n : -2;
}

/*
 * The fault of a name or an IPv4 address; NULL: it is valid. If the last
 * label of a host is a number, the host is an address, not a name (RFC
 * 3696, 2).
 */
static const char *
name_fault(struct bw_str host)
{
	int labels = 0, bytes = 0, last = -2;

	if (bwi_url_is_open(host) || host.p[0] == '[')
		return NULL;
	while (host.n > 0) {
		struct bw_str label = take_label(&host);

		if (label.n == 0)
			return "two dots, or one at its beginning";
		if (label.n > 63)
			return "at most 63 characters are between two dots";
		last = byte_of(label);
		labels++;
		bytes += last >= 0;
	}
	if (last != -2 && (labels != 4 || bytes != 4))
		return "an IPv4 address has four numbers from 0 to 255";
	return NULL;
}

static bool
check_name(struct bw_str host, char *why)
{
	const char *fault = host.n > 0 ? name_fault(host) : NULL;

	if (fault != NULL)
		(void)snprintf(why, BW_URL_WHY_SIZE, "\"%.*s\" is no host: %s",
		    bwi_utf8_shown(host, 60), host.p, fault);
	return fault == NULL;
}

static bool
check_host(const struct bwi_url_parts *p, const char *example, char *why)
{
	const char *close;

	if (p->host.p == NULL)
		return true;
	if (p->host.n == 0) {
		(void)snprintf(
		    why, BW_URL_WHY_SIZE, "no host, write %s", example);
		return false;
	}
	close = memchr(p->host.p, ']', p->host.n);
	if (bwi_url_is_open(p->host) ||
	    (p->host.p[0] == '['
		    ? close == p->host.p + p->host.n - 1 && p->host.n > 2
		    : close == NULL &&
			  memchr(p->host.p, '[', p->host.n) == NULL))
		return true;
	(void)snprintf(why, BW_URL_WHY_SIZE,
	    "\"%.*s\" is no host: brackets hold an IPv6 address, "
	    "[2001:db8::1]",
	    bwi_utf8_shown(p->host, 60), p->host.p);
	return false;
}

/* "example.com:8080/x": the text before the colon is taken for a scheme. */
static bool
check_scheme(const struct bwi_url_parts *p, struct bw_str url, char *why)
{
	struct bw_str rest = {
	    p->scheme.p + p->scheme.n + 1, url.n - p->scheme.n - 1};
	bool host;

	if (p->scheme.n == 0 || bwi_url_is_open(p->scheme))
		return true;
	host = rest.n > 0 && bw_is_digit(rest.p[0]);
	if (!host)
		return true;
	(void)snprintf(why, BW_URL_WHY_SIZE,
	    "no scheme before the host, write https://%.*s",
	    bwi_utf8_shown(url, 60), url.p);
	return false;
}

bool
bw_url_check(
    enum bw_url_kind kind, struct bw_str url, char why[BW_URL_WHY_SIZE])
{
	static const char *const examples[] = {
	    [BW_URL_HTTP] = "https://example.com/path",
	    [BW_URL_WS] = "wss://example.com/path",
	    [BW_URL_SIP] = "sip:user@example.com",
	};
	struct bwi_url_parts p;

	why[0] = '\0';
	bwi_url_split(kind, url, &p);
	return check_characters(url, why) &&
	       (kind == BW_URL_SIP || check_scheme(&p, url, why)) &&
	       check_host(&p, examples[kind], why) &&
	       (p.port.p == NULL || check_port(p.port, why)) &&
	       check_name(p.host, why);
}
