/* Splits a URL into its parts. */
#include <bwcallback/tools/str.h>

#include "base/url_parts.h"

size_t
bwi_url_until(struct bw_str s, const char *ends)
{
	size_t n = 0, nends = strlen(ends);

	while (n < s.n && memchr(ends, s.p[n], nends) == NULL)
		n++;
	return n;
}

bool
bwi_url_is_open(struct bw_str s)
{
	return s.n > 0 && memchr(s.p, BW_URL_UNKNOWN, s.n) != NULL;
}

int64_t
bwi_url_port(struct bw_str s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!bw_is_digit(s.p[i]))
			return -1;
		if (n <= BWI_URL_LAST_PORT)
			n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

static struct bw_str
skip(struct bw_str s, size_t n)
{
	return (struct bw_str){s.p + n, s.n - n};
}

/* An address in brackets has colons; the port follows it. */
static void
split_host(struct bw_str s, struct bwi_url_parts *to)
{
	const char *close =
	    s.n > 0 && s.p[0] == '[' ? memchr(s.p, ']', s.n) : NULL;
	size_t n = close != NULL ? (size_t)(close - s.p) + 1 : 0;

	n += bwi_url_until(skip(s, n), ":");
	to->host = (struct bw_str){s.p, n};
	if (n < s.n)
		to->port = skip(s, n + 1);
}

/* The length of the user's part with its '@', 0 if there is none. */
static size_t
user_length(enum bw_url_kind kind, struct bw_str s)
{
	size_t found = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '@' && (kind != BW_URL_SIP || found == 0))
			found = i + 1;
	}
	return found;
}

static void
split_authority(
    enum bw_url_kind kind, struct bw_str s, struct bwi_url_parts *to)
{
	size_t user = user_length(kind, s);

	if (user > 0)
		to->user = (struct bw_str){s.p, user - 1};
	s = skip(s, user);
	split_host((struct bw_str){s.p,
		       kind == BW_URL_SIP ? bwi_url_until(s, ";?") : s.n},
	    to);
}

void
bwi_url_split(enum bw_url_kind kind, struct bw_str s, struct bwi_url_parts *to)
{
	size_t n = bwi_url_until(s, ":/?#");

	*to = (struct bwi_url_parts){.scheme = {s.p, 0}};
	if (n < s.n && s.p[n] == ':') {
		to->scheme = (struct bw_str){s.p, n};
		s = skip(s, n + 1);
	}
	if (kind == BW_URL_SIP) {
		split_authority(kind, s, to);
		n = (size_t)(to->host.p - s.p) + to->host.n;
		to->path = skip(s, n);
		return;
	}
	if (s.n >= 2 && memcmp(s.p, "//", 2) == 0) {
		s = skip(s, 2);
		n = bwi_url_until(s, "/?#");
		split_authority(kind, (struct bw_str){s.p, n}, to);
		s = skip(s, n);
	}
	n = bwi_url_until(s, "?#");
	to->path = (struct bw_str){s.p, n};
	to->query = skip(s, n);
}
