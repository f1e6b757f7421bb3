#include <bwcallback/tools/spell.h>

/* Longer names are not compared: our tables have none. */
#define MAX_NAME 64

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance, computed with three rows. */
static size_t
distance(struct bw_str a, struct bw_str b)
{
	size_t rows[3][MAX_NAME + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		above[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = fold(a.p[i - 1]), y = fold(b.p[j - 1]);
			size_t d = above[j - 1] + (x != y);

			d = least(d, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x == fold(b.p[j - 2]) &&
			    fold(a.p[i - 2]) == y)
				d = least(d, before[j - 2] + 1);
			row[j] = d;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[b.n];
}

const char *
bw_spell_suggest(struct bw_str got, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t best_distance = got.n / 3 + 1;

	if (got.n == 0 || got.n > MAX_NAME)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct bw_str name = {names[i], strlen(names[i])};
		size_t d;

		if (name.n == 0 || name.n > MAX_NAME)
			continue;
		d = distance(got, name);
		if (d < best_distance || (d == 1 && best == NULL)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}
