/* Finds passwords in text of any format: XML, JSON, forms, plain text. */
#include "base/mask_password.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does s have text (lower case) at i, in any case? */
static bool
matches_at(struct bw_str s, size_t i, const char *text)
{
	size_t n = strlen(text);

	if (n > s.n - i)
		return false;
	for (size_t k = 0; k < n; k++) {
		if (lower(s.p[i + k]) != text[k])
			return false;
	}
	return true;
}

/*
 * Can a URL's "://" or a password's name begin with c? Skips most bytes
 * quickly.
 */
static bool
may_begin(char c)
{
	return c == ':' || c == '%' || c == 'p' || c == 'P';
}

/* Length of the first of texts that s has at i; 0 when it has none. */
static size_t
match_any(struct bw_str s, size_t i, const char *const *texts)
{
	for (; *texts != NULL; texts++) {
		if (matches_at(s, i, *texts))
			return strlen(*texts);
	}
	return 0;
}

/* Begins the authority of a URL: plain, in JSON, percent-encoded. */
static const char *const slashes[] = {
    "://", ":\\/\\/", "%3a%2f%2f", "%3a//", NULL};
/* Ends the authority. */
static const char *const ends[] = {"/", "\\", "?", "#", "\"", "'", "<", ">",
    " ", "\t", "\r", "\n", "%2f", "%3f", "%23", "%20", NULL};
static const char *const colons[] = {":", "%3a", NULL};
static const char *const ats[] = {"@", "%40", NULL};

/*
 * Find the password in a URL's authority that begins at i. The last '@' ends
 * it. False when the authority has no password.
 */
static bool
find_password(struct bw_str s, size_t i, size_t *begin, size_t *end)
{
	bool colon = false, found = false;

	for (; i < s.n && match_any(s, i, ends) == 0; i++) {
		size_t n = match_any(s, i, colons);

		if (n > 0 && !colon) {
			colon = true;
			*begin = i + n;
		}
		if (colon && match_any(s, i, ats) > 0) {
			*end = i;
			found = true;
		}
	}
	return found;
}

static size_t
skip_blanks(struct bw_str s, size_t i)
{
	while (i < s.n && memchr(" \t\r\n", s.p[i], 4) != NULL)
		i++;
	return i;
}

/* Position of the closing quote, or of the end. Skips escaped characters. */
static size_t
quoted_end(struct bw_str s, size_t i, char quote)
{
	while (i < s.n && s.p[i] != quote)
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	return i;
}

static size_t
bare_end(struct bw_str s, size_t i)
{
	while (i < s.n && memchr(" \t\r\n&;,<>\"'", s.p[i], 11) == NULL)
		i++;
	return i;
}

/*
 * Find the value of an attribute, a member or a parameter whose name ends
 * before i. False when no value follows.
 */
static bool
find_value(struct bw_str s, size_t i, size_t *begin, size_t *end)
{
	if (i < s.n && (s.p[i] == '"' || s.p[i] == '\''))
		i++; /* the closing quote of a JSON name */
	i = skip_blanks(s, i);
	if (i == s.n || (s.p[i] != '=' && s.p[i] != ':'))
		return false;
	i = skip_blanks(s, i + 1);
	if (i < s.n && (s.p[i] == '"' || s.p[i] == '\'')) {
		*begin = i + 1;
		*end = quoted_end(s, i + 1, s.p[i]);
	} else {
		*begin = i;
		*end = bare_end(s, i);
	}
	return *end > *begin;
}

void
bwi_mask_passwords(struct bw_buf *b, struct bw_str s, bool members)
{
	static const char *const names[] = {"password", NULL};
	size_t done = 0;

	for (size_t i = 0; i < s.n;) {
		bool may = may_begin(s.p[i]);
		size_t url = may ? match_any(s, i, slashes) : 0, begin, end;
		size_t name = may && members ? match_any(s, i, names) : 0;

		if ((url > 0 && find_password(s, i + url, &begin, &end)) ||
		    (name > 0 && find_value(s, i + name, &begin, &end))) {
			bw_buf_add(b, s.p + done, begin - done);
			bw_buf_puts(b, BWI_MASK_STARS);
			done = i = end;
		} else {
			i++;
		}
	}
	if (s.n > done)
		bw_buf_add(b, s.p + done, s.n - done);
}

void
bwi_mask_message(char *message)
{
	struct bw_str s = {message, strlen(message)};

	for (size_t i = 0; i < s.n; i++) {
		size_t url = may_begin(s.p[i]) ? match_any(s, i, slashes) : 0;
		size_t begin, end;

		if (url > 0 && find_password(s, i + url, &begin, &end))
			memset(message + begin, '*', end - begin);
	}
}
