#include "template/url_guard.h"

#include <strings.h>

/* How far a URL is decided, read from the left (RFC 3986 §3, §4.2). */
enum state {
	START,
	SLASH,	   /* one slash: a path, unless another follows */
	NAME,	   /* may still turn out to be a scheme */
	EVENT,	   /* the same, with a value of an event in it */
	TABLE,	   /* a value of a table, which may be anything */
	AUTHORITY, /* the host follows, after any more slashes */
	HOST,	   /* inside the host */
	DECIDED
};

static const char host_reason[] =
    "a value from an event would choose the host: put \"/\", \"?\" or \"#\" "
    "between the host and {...}";

static enum state
step_literal(enum state s, char c)
{
	bool ends = c == '/' || c == '?' || c == '#' || c == '\\';

	switch (s) {
	case START:
		if (c == '/' || c == '\\')
			return SLASH;
		if (c == ':')
			return AUTHORITY;
		return ends ? DECIDED : NAME;
	case SLASH:
		return c == '/' || c == '\\' ? AUTHORITY : DECIDED;
	case NAME:
	case EVENT:
		if (c == ':')
			return AUTHORITY;
		return ends ? DECIDED : s;
	case TABLE:
		if (c == ':')
			return AUTHORITY;
		if (c == '/' || c == '\\')
			return SLASH;
		return ends ? DECIDED : TABLE;
	case AUTHORITY: /* also after a scheme: some parsers read "https:x" as a
			   host */
		return c == '/' || c == '\\' ? AUTHORITY : HOST;
	case HOST:
		return ends ? DECIDED : HOST;
	case DECIDED:
		break;
	}
	return DECIDED;
}

const char *
bwi_url_guard_check(struct bw_str outline)
{
	enum state s = START;

	for (size_t i = 0; i < outline.n && s != DECIDED; i++) {
		char c = outline.p[i];

		if (c == BWI_OUTLINE_EVENT) {
			if (s == TABLE || s == AUTHORITY || s == HOST)
				return host_reason;
			s = s == SLASH ? DECIDED : EVENT;
		} else if (c == BWI_OUTLINE_TABLE) {
			if (s == EVENT) {
				return "a value from a table directly after "
				       "one from an event: put \"/\" between "
				       "them";
			}
			s = s == AUTHORITY || s == HOST ? HOST : TABLE;
		} else if (s == EVENT && c == ':') {
			return "a value from an event would choose the scheme: "
			       "write the URL from its beginning";
		} else {
			s = step_literal(s, c);
		}
	}
	return NULL;
}

size_t
bwi_url_guard_path(struct bw_str outline)
{
	size_t i = 0;

	while (i < outline.n && outline.p[i] != '?' && outline.p[i] != '#')
		i++;
	return i;
}

/* Length of "sip:" or "sips:" at the front, 0 if absent. */
static size_t
sip_scheme(struct bw_str s)
{
	static const char *const schemes[] = {"sip:", "sips:"};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (s.n >= n && strncasecmp(s.p, schemes[i], n) == 0)
			return n;
	}
	return 0;
}

const char *
bwi_url_guard_check_sip(struct bw_str outline)
{
	static const char reason[] =
	    "a value from an event may stand only before the \"@\" of a "
	    "\"sip:user@host\" URI, or after the \";\" or \"?\" that ends the "
	    "host";
	const char *at = NULL, *event;
	size_t i = sip_scheme(outline);

	event = outline.n != 0 ? memchr(outline.p, BWI_OUTLINE_EVENT, outline.n)
			       : NULL;
	if (event == NULL)
		return NULL;
	if (i == 0)
		return reason;
	/*
	 * The host begins after the last '@', or after the scheme if there is
	 * none.
	 */
	for (size_t j = i; j < outline.n; j++) {
		if (outline.p[j] == '@')
			at = outline.p + j;
		else if (at != NULL &&
			 (outline.p[j] == ';' || outline.p[j] == '?'))
			break;
	}
	if (at != NULL)
		i = (size_t)(at - outline.p) + 1;
	for (; i < outline.n; i++) {
		if (outline.p[i] == ';' || outline.p[i] == '?')
			return NULL;
		if (outline.p[i] == BWI_OUTLINE_EVENT)
			return reason;
	}
	return NULL;
}
