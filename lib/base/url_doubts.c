/* Warnings about valid URLs that are probably mistakes. */
#include <stdio.h>

#include <bwcallback/tools/str.h>

#include "base/url_parts.h"
#include "base/utf8.h"

/* Receives the warnings. */
struct doubts {
	void (*fn)(void *arg, enum bw_url_doubt, const char *why);
	void *arg;
};

/*
 * Top-level domains that mark a host; those that are also file types (.py, .pl)
 * are left out.
 */
static const char *const domains[] = {"com", "net", "org", "io", "dev", "app",
    "co", "us", "uk", "ca", "de", "fr", "eu", "au", "nz", "ai", "cloud", "info",
    "biz", "edu", "gov", "mil", "me", "tech", "online", "site", "xyz", "tel",
    "ie", "nl", "es", "it", "ch", "at", "be", "se", "dk", "br", "mx", "jp",
    "in"};

/* What programs write in place of a value that they do not have. */
static const char *const no_values[] = {
    "undefined", "null", "None", "nil", "NaN"};

static bool
equals_lower(struct bw_str s, const char *word)
{
	return s.n == strlen(word) && bw_str_begins_lower(s, word);
}

static const char *
no_value(struct bw_str s)
{
	for (size_t i = 0; i < sizeof(no_values) / sizeof(no_values[0]); i++) {
		if (bw_str_is(s, no_values[i]))
			return no_values[i];
	}
	return NULL;
}

static bool
is_name_char(char c)
{
	return bw_is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("_.-", c) != NULL);
}

/* Length of a name that is followed by close; 0 if there is none. */
static size_t
name_length(struct bw_str s, const char *close)
{
	size_t n = 0, nclose = strlen(close);

	while (n < s.n && is_name_char(s.p[n]))
		n++;
	return s.n - n >= nclose && memcmp(s.p + n, close, nclose) == 0
		   ? n + nclose
		   : 0;
}

/*
 * Syntax of placeholders in other languages. Only in braces may the name be
 * empty.
 */
static const struct {
	const char *open, *close;
	bool empty;
} marks[] = {
    {"${", "}", false},
    {"#{", "}", false},
    {"{{", "}}", false},
    {"{", "}", true},
    {"<", ">", false},
    {"%7B", "%7D", false},
    {"%7b", "%7d", false},
};

/* The length of a placeholder at the front, 0 if there is none. */
static size_t
placeholder_length(struct bw_str s)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t open = strlen(marks[i].open), n;

		if (s.n < open || memcmp(s.p, marks[i].open, open) != 0)
			continue;
		n = name_length(
		    (struct bw_str){s.p + open, s.n - open}, marks[i].close);
		if (n > strlen(marks[i].close) || (n > 0 && marks[i].empty))
			return open + n;
	}
	return 0;
}

static void
doubt_placeholder(const struct doubts *d, struct bw_str url)
{
	char why[BW_URL_WHY_SIZE];

	for (size_t i = 0; i < url.n; i++) {
		struct bw_str rest = {url.p + i, url.n - i};

		rest.n = placeholder_length(rest);
		if (rest.n == 0)
			continue;
		(void)snprintf(why, sizeof(why),
		    "\"%.*s\" was not replaced: write its value",
		    bwi_utf8_shown(rest, 60), rest.p);
		d->fn(d->arg, BW_URL_DOUBT_PLACEHOLDER, why);
		return;
	}
}

static void
say_no_value(const struct doubts *d, const char *word)
{
	char why[BW_URL_WHY_SIZE];

	(void)snprintf(why, sizeof(why),
	    "\"%s\" is no value: a variable was not set, write its value",
	    word);
	d->fn(d->arg, BW_URL_DOUBT_NO_VALUE, why);
}

/* "?id=undefined&x=1" */
static bool
has_undefined_value(struct bw_str query)
{
	while (query.n > 0) {
		size_t n = bwi_url_until(query, "&#");
		struct bw_str pair = {query.p, n};
		size_t name = bwi_url_until(pair, "=");

		if (name < n &&
		    bw_str_is((struct bw_str){pair.p + name + 1, n - name - 1},
			no_values[0]))
			return true;
		n = n < query.n ? n + 1 : n;
		query = (struct bw_str){query.p + n, query.n - n};
	}
	return false;
}

/*
 * Report any of the words as the first segment of a path, but only "undefined"
 * as a later one: the others are ordinary words.
 */
static const char *
no_value_in_path(struct bw_str path)
{
	bool first = true;

	if (path.n > 0 && path.p[0] == '/')
		path = (struct bw_str){path.p + 1, path.n - 1};
	for (;;) {
		struct bw_str segment = {path.p, bwi_url_until(path, "/")};
		const char *word = no_value(segment);

		if (word != NULL && (first || word == no_values[0]))
			return word;
		first = false;
		if (segment.n == path.n)
			return NULL;
		path = (struct bw_str){
		    path.p + segment.n + 1, path.n - segment.n - 1};
	}
}

static void
doubt_no_value(const struct doubts *d, enum bw_url_kind kind,
    const struct bwi_url_parts *p)
{
	const char *word = no_value(p->host);

	if (word == NULL && kind == BW_URL_SIP)
		word = no_value(p->user);
	if (word == NULL && kind != BW_URL_SIP)
		word = no_value_in_path(p->path);
	if (word == NULL && has_undefined_value(p->query))
		word = no_values[0];
	if (word != NULL)
		say_no_value(d, word);
}

static bool
doubt_reach(const struct doubts *d, enum bw_url_kind kind, struct bw_str host)
{
	enum bw_url_reach reach = bw_url_reach(host);
	char why[BW_URL_WHY_SIZE];

	if (reach == BW_URL_PUBLIC || bwi_url_is_open(host))
		return false;
	(void)snprintf(why, sizeof(why),
	    "%.*s is %s, which Bandwidth cannot %s: write the host's public "
	    "name",
	    bwi_utf8_shown(host, 60), host.p,
	    reach == BW_URL_LOOPBACK ? "the machine itself"
				     : "in a private network",
	    kind == BW_URL_SIP ? "reach" : "call");
	d->fn(d->arg, BW_URL_DOUBT_REACH, why);
	return true;
}

/* Bandwidth documents ports for http and https only. */
static void
doubt_port(const struct doubts *d, struct bw_str port)
{
	char why[BW_URL_WHY_SIZE];
	int64_t n = bwi_url_port(port);

	if (port.n == 0 || n < 0 || bw_url_port_is_called(n))
		return;
	(void)snprintf(why, sizeof(why),
	    "port %lld is never called: Bandwidth calls " BW_URL_PORTS
	    ", write one of them",
	    (long long)n);
	d->fn(d->arg, BW_URL_DOUBT_PORT, why);
}

static bool
is_domain(struct bw_str label)
{
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		if (equals_lower(label, domains[i]))
			return true;
	}
	return false;
}

/*
 * Is the first segment of a relative URL a host? "menu.de" may be a file in
 * German; "menu.example.de" and "example.de/menu" are hosts.
 */
static bool
is_host_name(struct bw_str s, bool path_follows)
{
	size_t last = s.n;
	uint32_t address;
	bool dotted;

	if (bwi_url_ipv4(s, &address))
		return true;
	while (last > 0 && s.p[last - 1] != '.')
		last--;
	if (last < 2) /* no dot, or nothing before it */
		return false;
	dotted = memchr(s.p, '.', last - 1) != NULL;
	if (dotted && bw_str_begins_lower(s, "www."))
		return true;
	return (dotted || path_follows || s.n - last > 2) &&
	       is_domain((struct bw_str){s.p + last, s.n - last});
}

/* "www.example.com/menu" is a folder beside the document. */
static void
doubt_relative(const struct doubts *d, enum bw_url_kind kind, struct bw_str url)
{
	struct bw_str first = {url.p, bwi_url_until(url, "/?#")};
	char why[BW_URL_WHY_SIZE];

	if (first.n == 0 || bwi_url_is_open(first) ||
	    doubt_reach(d, kind, first) ||
	    !is_host_name(first, first.n < url.n && url.p[first.n] == '/'))
		return;
	(void)snprintf(why, sizeof(why),
	    "%.*s is read as the name of a file, relative to the URL of this "
	    "document: write https://%.*s%s",
	    bwi_utf8_shown(first, 60), first.p, bwi_utf8_shown(url, 80), url.p,
	    url.n > 80 ? "..." : "");
	d->fn(d->arg, BW_URL_DOUBT_NO_SCHEME, why);
}

void
bw_url_doubts(enum bw_url_kind kind, struct bw_str url,
    void (*fn)(void *arg, enum bw_url_doubt, const char *why), void *arg)
{
	const struct doubts d = {fn, arg};
	char why[BW_URL_WHY_SIZE];
	struct bwi_url_parts p;

	if (!bw_url_check(kind, url, why))
		return;
	bwi_url_split(kind, url, &p);
	doubt_placeholder(&d, url);
	doubt_no_value(&d, kind, &p);
	if (p.host.p != NULL)
		(void)doubt_reach(&d, kind, p.host);
	else if (p.scheme.n == 0)
		doubt_relative(&d, kind, url);
	if (p.port.p != NULL && kind != BW_URL_SIP)
		doubt_port(&d, p.port);
}
