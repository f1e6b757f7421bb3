#include "cli/check/handover.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct handover_rule *
handover_add(struct handover *h, enum handover_match match,
    struct bw_str pattern, int line, size_t parent)
{
	char *copy = strndup(pattern.p, pattern.n);

	if (copy != NULL && h->n == h->cap) {
		size_t cap = h->cap > 0 ? h->cap * 2 : 16;
		struct handover_rule *more =
		    reallocarray(h->rules, cap, sizeof(*more));

		if (more == NULL) {
			free(copy);
			return NULL;
		}
		h->rules = more;
		h->cap = cap;
	}
	if (copy == NULL)
		return NULL;
	h->rules[h->n] =
	    (struct handover_rule){match, copy, line, parent, false};
	return &h->rules[h->n++];
}

void
handover_free(struct handover *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->rules[i].pattern);
	free(h->rules);
	*h = (struct handover){0};
}

/*
 * Translate a PCRE pattern, which both servers use, to a POSIX one, in place:
 * "(?:" becomes "(", lazy and possessive quantifiers become plain ones. Returns
 * false for other syntax that POSIX does not have.
 */
static bool
to_posix(char *pattern)
{
	char *to = pattern;

	for (const char *s = pattern; *s != '\0'; s++) {
		*to++ = *s;
		if (*s == '\\' && s[1] != '\0') {
			if (strchr("dDbBAzZQEkKpPR", s[1]) != NULL)
				return false;
			*to++ = *++s;
		} else if (*s == '(' && s[1] == '?') {
			if (s[2] != ':')
				return false;
			s += 2;
		} else if (strchr("*+?}", *s) != NULL &&
			   (s[1] == '?' || s[1] == '+')) {
			s++; /* lazy or possessive: matches the same paths */
		}
	}
	*to = '\0';
	return true;
}

static bool
matches_regex(
    struct handover *h, const struct handover_rule *r, const char *path)
{
	int flags = REG_EXTENDED | REG_NOSUB |
		    (r->match == HANDOVER_REGEX_NOCASE ? REG_ICASE : 0);
	char *posix = strdup(r->pattern);
	bool found = false;
	regex_t compiled;

	if (posix != NULL && to_posix(posix) &&
	    regcomp(&compiled, posix, flags) == 0) {
		found = regexec(&compiled, path, 0, NULL, 0) == 0;
		regfree(&compiled);
	} else {
		h->uncompared++;
	}
	free(posix);
	return found;
}

static bool
begins(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix)) == 0;
}

static bool
matches(struct handover *h, const struct handover_rule *r, const char *path)
{
	size_t n = strlen(r->pattern);

	switch (r->match) {
	case HANDOVER_EXACT:
		return strcmp(path, r->pattern) == 0;
	case HANDOVER_PREFIX:
	case HANDOVER_FINAL_PREFIX:
		return begins(path, r->pattern);
	case HANDOVER_FOLDER:
		return begins(path, r->pattern) &&
		       (path[n] == '\0' || path[n] == '/' ||
			   (n > 0 && r->pattern[n - 1] == '/'));
	case HANDOVER_REGEX:
	case HANDOVER_REGEX_NOCASE:
		return matches_regex(h, r, path);
	}
	return false;
}

static bool
is_regex(const struct handover_rule *r)
{
	return r->match == HANDOVER_REGEX || r->match == HANDOVER_REGEX_NOCASE;
}

/* The exact match if there is one, else the longest prefix. */
static const struct handover_rule *
find_prefix(struct handover *h, size_t parent, const char *path)
{
	const struct handover_rule *best = NULL;

	for (size_t i = 0; i < h->n; i++) {
		const struct handover_rule *r = &h->rules[i];

		if (r->parent != parent || is_regex(r) || !matches(h, r, path))
			continue;
		if (r->match == HANDOVER_EXACT)
			return r;
		if (best == NULL || strlen(r->pattern) > strlen(best->pattern))
			best = r;
	}
	return best;
}

static const struct handover_rule *
find_block(struct handover *h, size_t parent, const char *path)
{
	const struct handover_rule *prefix = find_prefix(h, parent, path);

	if (prefix != NULL && prefix->match != HANDOVER_PREFIX)
		return prefix;
	for (size_t i = 0; i < h->n; i++) {
		const struct handover_rule *r = &h->rules[i];

		if (r->parent == parent && is_regex(r) && matches(h, r, path))
			return r;
	}
	return prefix;
}

bool
handover_nginx(struct handover *h, const char *path)
{
	const struct handover_rule *r = NULL, *inner;
	size_t parent = HANDOVER_NO_PARENT;

	while ((inner = find_block(h, parent, path)) != NULL) {
		r = inner;
		parent = (size_t)(r - h->rules);
	}
	return r != NULL && r->passes;
}

bool
handover_apache(struct handover *h, const char *path)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->rules[i].passes && matches(h, &h->rules[i], path))
			return true;
	}
	return false;
}
