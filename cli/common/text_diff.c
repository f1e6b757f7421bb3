#include "cli/common/text_diff.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"

#include <bwcallback/tools/str.h>

/*
 * At most this many pieces are compared one by one. Longer documents are shown
 * as different as a whole.
 */
#define MAX_PIECES 1000

struct pieces {
	struct bw_str *v;
	size_t n;
};

/* Split before each '<'. */
static struct pieces
split(struct bw_str s)
{
	struct pieces all = {NULL, 0};

	for (size_t i = 0; i < s.n && all.n < MAX_PIECES;) {
		size_t end = i + 1;
		struct bw_str piece;

		while (end < s.n && s.p[end] != '<')
			end++;
		if (all.n + 1 == MAX_PIECES)
			end = s.n;
		piece = bw_str_trim((struct bw_str){s.p + i, end - i});
		i = end;
		if (piece.n == 0)
			continue;
		all.v = sim_resize(all.v, all.n, all.n + 1, sizeof(*all.v));
		all.v[all.n++] = piece;
	}
	return all;
}

static void
put(FILE *f, const char *indent, char sign, struct bw_str s)
{
	fprintf(f, "%s%c ", indent, sign);
	sim_printable(f, s);
	putc('\n', f);
}

/*
 * Lengths of the longest common subsequences: length[i * (b.n + 1) + k] is that
 * of a from i on and b from k on.
 */
static unsigned *
common(const struct pieces *a, const struct pieces *b)
{
	size_t width = b->n + 1;
	unsigned *length =
	    sim_resize(NULL, 0, (a->n + 1) * width, sizeof(*length));

	for (size_t i = a->n; i-- > 0;) {
		for (size_t k = b->n; k-- > 0;) {
			unsigned down = length[(i + 1) * width + k];
			unsigned right = length[i * width + k + 1];

			length[i * width + k] =
			    bw_str_eq(a->v[i], b->v[k])
				? length[(i + 1) * width + k + 1] + 1
			    : down > right ? down
					   : right;
		}
	}
	return length;
}

void
text_diff_print(
    FILE *f, const char *indent, struct bw_str before, struct bw_str after)
{
	const struct pieces a = split(before), b = split(after);
	unsigned *length = common(&a, &b);
	size_t i = 0, k = 0, width = b.n + 1;

	while (i < a.n || k < b.n) {
		if (i < a.n && k < b.n && bw_str_eq(a.v[i], b.v[k])) {
			put(f, indent, ' ', a.v[i++]);
			k++;
		} else if (k == b.n ||
			   (i < a.n && length[(i + 1) * width + k] >=
					   length[i * width + k + 1])) {
			put(f, indent, '-', a.v[i++]);
		} else {
			put(f, indent, '+', b.v[k++]);
		}
	}
	free(length);
	free(a.v);
	free(b.v);
}
