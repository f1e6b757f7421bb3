/* Guesses which field was meant by a name that no event has. */
#include "event/field.h"

#include <strings.h>

#include <bwcallback/tools/spell.h>

static bool
is_same(struct bw_str a, const char *b)
{
	return strlen(b) == a.n && strncasecmp(a.p, b, a.n) == 0;
}

/* The part of a dotted name after its last '.'. */
static struct bw_str
last_part(struct bw_str name)
{
	size_t i = name.n;

	while (i > 0 && name.p[i - 1] != '.')
		i--;
	return (struct bw_str){name.p + i, name.n - i};
}

static const char *
find_same(struct bw_str got, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_same(got, names[i]))
			return names[i];
	}
	return NULL;
}

/* "text" for "message.text". */
static const char *
find_inside(struct bw_str got, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bw_str name = {names[i], strlen(names[i])};
		struct bw_str last = last_part(name);

		if (last.n < name.n && last.n == got.n &&
		    strncasecmp(last.p, got.p, got.n) == 0)
			return names[i];
	}
	return NULL;
}

/* For the name of an object, its first member. */
static const char *
find_member(struct bw_str got, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) > got.n && names[i][got.n] == '.' &&
		    strncasecmp(names[i], got.p, got.n) == 0)
			return names[i];
	}
	return NULL;
}

const char *
bwi_field_guess(struct bw_str got, const char *const *names, size_t n)
{
	const char *near = find_same(got, names, n), *right;
	size_t i = 0;

	while (near == NULL && (right = bwi_field_instead(got, &i)) != NULL)
		near =
		    find_same((struct bw_str){right, strlen(right)}, names, n);
	if (near == NULL)
		near = find_inside(got, names, n);
	if (near == NULL)
		near = find_same(last_part(got), names, n);
	if (near == NULL)
		near = find_member(got, names, n);
	if (near == NULL)
		near = bw_spell_suggest(got, names, n);
	return near;
}
