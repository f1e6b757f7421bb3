/* Passwords in text, whatever language the text is in. */
#include "base/mask_password.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does text stand at i, whatever the case of its letters? */
static bool
stands_at(struct bw_str s, size_t i, const char *text)
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

/* Where a URL or a name of a password may begin: most bytes are passed over. */
static bool
may_begin(char c)
{
	return c == ':' || c == '%' || c == 'p' || c == 'P';
}

/* The bytes of one of some texts at i; 0: none of them stands there. */
static size_t
one_of(struct bw_str s, size_t i, const char *const *texts)
{
	for (; *texts != NULL; texts++) {
		if (stands_at(s, i, *texts))
			return strlen(*texts);
	}
	return 0;
}

/* What begins the authority of a URL: as it is, in JSON, percent-encoded. */
static const char *const slashes[] = {
    "://", ":\\/\\/", "%3a%2f%2f", "%3a//", NULL};
/* What ends it. */
static const char *const ends[] = {"/", "\\", "?", "#", "\"", "'", "<", ">",
    " ", "\t", "\r", "\n", "%2f", "%3f", "%23", "%20", NULL};
static const char *const colons[] = {":", "%3a", NULL};
static const char *const ats[] = {"@", "%40", NULL};

/*
 * The authority of a URL from i on: where its password begins and ends. The
 * last '@' ends it. False when there is none.
 */
static bool
find_password(struct bw_str s, size_t i, size_t *begin, size_t *end)
{
	bool colon = false, found = false;

	for (; i < s.n && one_of(s, i, ends) == 0; i++) {
		size_t n = one_of(s, i, colons);

		if (n > 0 && !colon) {
			colon = true;
			*begin = i + n;
		}
		if (colon && one_of(s, i, ats) > 0) {
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

/* The closing quote, or the end; a backslash before it is part of the value. */
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
 * The value of an attribute, a member or a parameter whose name ends before i.
 * False when none follows.
 */
static bool
find_value(struct bw_str s, size_t i, size_t *begin, size_t *end)
{
	if (i < s.n && (s.p[i] == '"' || s.p[i] == '\''))
		i++; /* a member's name is quoted */
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
		size_t url = may ? one_of(s, i, slashes) : 0, begin, end;
		size_t name = may && members ? one_of(s, i, names) : 0;

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
		size_t url = may_begin(s.p[i]) ? one_of(s, i, slashes) : 0;
		size_t begin, end;

		if (url > 0 && find_password(s, i + url, &begin, &end))
			memset(message + begin, '*', end - begin);
	}
}
