#include "flow/pattern.h"

#include <stdint.h>

#include "base/utf8.h"

/* Wildcards in a compiled pattern: bytes that XML text cannot contain. */
#define ANY '\x01'
#define ONE '\x02'

enum kind {
	LITERAL,
	PREFIX, /* literal text followed by '*' */
	GLOB
};

struct alternative {
	enum kind kind;
	size_t n;
	const char *p;
};

struct bwi_pattern {
	size_t n;
	struct alternative alternatives[];
};

static size_t
count_alternatives(struct bw_str s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '|')
			n++;
	}
	return n;
}

/* Compile up to the next '|'; returns the number of bytes read. */
static size_t
compile_one(struct bw_str s, char *out, struct alternative *a)
{
	size_t i, wildcards = 0;

	*a = (struct alternative){.p = out};
	for (i = 0; i < s.n && s.p[i] != '|'; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.n) {
			out[a->n++] = s.p[++i];
			continue;
		}
		if (c == '*' && a->n > 0 && out[a->n - 1] == ANY)
			continue;
		if (c == '*' || c == '?') {
			wildcards++;
			c = c == '*' ? ANY : ONE;
		}
		out[a->n++] = c;
	}
	a->kind = GLOB;
	if (wildcards == 0) {
		a->kind = LITERAL;
	} else if (wildcards == 1 && out[a->n - 1] == ANY) {
		a->kind = PREFIX;
		a->n--;
	}
	return i;
}

struct bwi_pattern *
bwi_pattern_compile(struct bwi_arena *arena, struct bw_str s)
{
	size_t n = count_alternatives(s), at = 0;
	struct bwi_pattern *m =
	    bwi_arena_alloc(arena, sizeof(*m) + n * sizeof(m->alternatives[0]));
	char *text = bwi_arena_alloc(arena, s.n + 1);

	if (m == NULL || text == NULL)
		return NULL;
	m->n = n;
	for (size_t i = 0; i < n; i++) {
		struct bw_str rest = {s.p + at, s.n - at};

		at += compile_one(rest, text + at, &m->alternatives[i]) + 1;
	}
	return m;
}

/* Backtracking to the last '*' is sufficient. */
static bool
match_glob(struct bw_str pattern, struct bw_str s)
{
	size_t i = 0, j = 0, star = pattern.n, resume = 0;

	while (j < s.n) {
		if (i < pattern.n && pattern.p[i] == ANY) {
			star = i++;
			resume = j;
		} else if (i < pattern.n && pattern.p[i] == ONE) {
			j += bwi_utf8_length(s.p + j, s.n - j);
			i++;
		} else if (i < pattern.n && pattern.p[i] == s.p[j]) {
			i++;
			j++;
		} else if (star < pattern.n) {
			i = star + 1;
			j = ++resume;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == ANY)
		i++;
	return i == pattern.n;
}

static bool
match_one(const struct alternative *a, struct bw_str s)
{
	if (a->kind == GLOB)
		return match_glob((struct bw_str){a->p, a->n}, s);
	if (a->kind == LITERAL ? s.n != a->n : s.n < a->n)
		return false;
	return a->n == 0 || memcmp(s.p, a->p, a->n) == 0;
}

bool
bwi_pattern_match(const struct bwi_pattern *m, struct bw_str s)
{
	for (size_t i = 0; i < m->n; i++) {
		if (match_one(&m->alternatives[i], s))
			return true;
	}
	return false;
}

bool
bwi_pattern_is_any(const struct bwi_pattern *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct alternative *a = &m->alternatives[i];

		if (a->kind == PREFIX && a->n == 0)
			return true;
	}
	return false;
}

size_t
bwi_pattern_count(const struct bwi_pattern *m)
{
	return m->n;
}

struct bw_str
bwi_pattern_literal(const struct bwi_pattern *m, size_t i)
{
	const struct alternative *a = &m->alternatives[i];

	if (a->kind != LITERAL)
		return (struct bw_str){NULL, 0};
	return (struct bw_str){a->p, a->n};
}

size_t
bwi_pattern_shortest(const struct bwi_pattern *m)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < m->n; i++) {
		const struct alternative *a = &m->alternatives[i];
		size_t n = 0;

		for (size_t k = 0; k < a->n; k++)
			n += a->p[k] != ANY;
		if (n < least)
			least = n;
	}
	return least;
}

/*
 * Compare patterns by their literal beginnings only; may return false for a
 * pattern that is included.
 */
static bool
includes_pattern(const struct alternative *a, const struct alternative *b)
{
	if (a->kind == b->kind && a->n == b->n &&
	    (a->n == 0 || memcmp(a->p, b->p, a->n) == 0))
		return true;
	return a->kind == PREFIX && b->n >= a->n &&
	       (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

bool
bwi_pattern_includes(
    const struct bwi_pattern *m, const struct bwi_pattern *other, size_t i)
{
	const struct alternative *b = &other->alternatives[i];

	if (b->kind == LITERAL)
		return bwi_pattern_match(m, (struct bw_str){b->p, b->n});
	for (size_t k = 0; k < m->n; k++) {
		if (includes_pattern(&m->alternatives[k], b))
			return true;
	}
	return false;
}
