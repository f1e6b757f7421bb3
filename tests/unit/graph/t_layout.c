/* Layouts of graphs made from random numbers: what holds for every picture. */
#include <math.h>
#include <string.h>

#include "graph/layout.h"
#include "tests/tap/tap.h"

#define MOST 60

static unsigned long long state;

static size_t
dice(size_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state >> 33) % n;
}

struct fixture {
	struct bwi_layout_box boxes[MOST];
	struct bwi_layout_line lines[3 * MOST];
	struct bwi_layout layout;
	struct bwi_arena arena;
};

static void
make(struct fixture *f, unsigned seed)
{
	state = seed;
	memset(f, 0, sizeof(*f));
	f->layout.boxes = f->boxes;
	f->layout.lines = f->lines;
	f->layout.nboxes = dice(MOST) + 1;
	f->layout.nlines = dice(2 * f->layout.nboxes + 1);
	for (size_t i = 0; i < f->layout.nboxes; i++)
		f->boxes[i] =
		    (struct bwi_layout_box){.width = 40 + (double)dice(100),
			.height = 20 + (double)dice(30)};
	for (size_t i = 0; i < f->layout.nlines; i++)
		f->lines[i] =
		    (struct bwi_layout_line){.from = dice(f->layout.nboxes),
			.to = dice(f->layout.nboxes)};
	bwi_arena_init(&f->arena);
}

static bool
overlap(const struct bwi_layout_box *a, const struct bwi_layout_box *b)
{
	return fabs(a->x - b->x) < (a->width + b->width) / 2 + 1 &&
	       fabs(a->y - b->y) < (a->height + b->height) / 2 + 1;
}

static bool
is_outside(const struct bwi_layout *l, double x, double y)
{
	return x < 0 || y < 0 || x > l->width || y > l->height;
}

static size_t
count_bad_boxes(const struct bwi_layout *l)
{
	size_t bad = 0;

	for (size_t i = 0; i < l->nboxes; i++) {
		const struct bwi_layout_box *b = &l->boxes[i];

		bad +=
		    is_outside(l, b->x - b->width / 2, b->y - b->height / 2) ||
		    is_outside(l, b->x + b->width / 2, b->y + b->height / 2);
		for (size_t k = 0; k < i; k++)
			bad += overlap(b, &l->boxes[k]);
	}
	return bad;
}

/* Is the point at the border of the box? */
static bool
touches(const struct bwi_layout_box *b, const struct bwi_point *p)
{
	return fabs(p->x - b->x) <= b->width / 2 + 0.01 &&
	       fabs(p->y - b->y) <= b->height / 2 + 0.01;
}

/* Does a vertical part of a line lead through a box? */
static bool
passes(const struct bwi_layout *l, const struct bwi_layout_line *line)
{
	for (size_t i = 1; i + 1 < line->n; i++) {
		for (size_t k = 0; k < l->nboxes; k++) {
			if (line->from != line->to && k != line->from &&
			    k != line->to &&
			    touches(&l->boxes[k], &line->points[i]))
				return true;
		}
	}
	return false;
}

static size_t
count_bad_lines(const struct bwi_layout *l)
{
	size_t bad = 0;

	for (size_t i = 0; i < l->nlines; i++) {
		const struct bwi_layout_line *line = &l->lines[i];

		if (line->n < 2 || line->n % 2 != 0) {
			bad++;
			continue;
		}
		bad += !touches(&l->boxes[line->from], &line->points[0]);
		bad +=
		    !touches(&l->boxes[line->to], &line->points[line->n - 1]);
		bad += passes(l, line);
		for (size_t k = 0; k < line->n; k++)
			bad +=
			    is_outside(l, line->points[k].x, line->points[k].y);
	}
	return bad;
}

static void
test_random(void)
{
	static struct fixture f;
	size_t boxes = 0, lines = 0, failed = 0;

	for (unsigned seed = 0; seed < 300; seed++) {
		make(&f, seed);
		if (bwi_layout_arrange(&f.layout, &f.arena) != BW_OK)
			failed++;
		else {
			boxes += count_bad_boxes(&f.layout);
			lines += count_bad_lines(&f.layout);
		}
		bwi_arena_free(&f.arena);
	}
	is_int((long long)failed, 0, "every graph has a place");
	is_int((long long)boxes, 0, "no box over another, none outside");
	is_int((long long)lines, 0,
	    "lines lead from box to box, through none, and not outside");
}

/* A tree has no crossings, and a chain is straight. */
static void
test_order(void)
{
	static struct fixture f;
	static const size_t pairs[][2] = {{0, 1}, {0, 2}, {1, 5}, {1, 6},
	    {2, 3}, {2, 4}, {3, 7}, {7, 8}, {8, 9}};
	size_t wrong = 0;

	make(&f, 1);
	f.layout.nboxes = 10;
	f.layout.nlines = sizeof(pairs) / sizeof(pairs[0]);
	for (size_t i = 0; i < f.layout.nlines; i++)
		f.lines[i] = (struct bwi_layout_line){
		    .from = pairs[i][0], .to = pairs[i][1]};
	is_int(bwi_layout_arrange(&f.layout, &f.arena), BW_OK, "a tree");
	for (size_t i = 0; i < f.layout.nlines; i++)
		wrong += f.boxes[pairs[i][0]].y >= f.boxes[pairs[i][1]].y;
	is_int((long long)wrong, 0, "each box is below what leads to it");
	ok((f.boxes[1].x < f.boxes[2].x) == (f.boxes[5].x < f.boxes[3].x) &&
		(f.boxes[1].x < f.boxes[2].x) == (f.boxes[6].x < f.boxes[4].x),
	    "its branches do not cross");
	ok(fabs(f.boxes[7].x - f.boxes[8].x) < 1 &&
		fabs(f.boxes[8].x - f.boxes[9].x) < 1,
	    "what has one neighbour stands below it");
	bwi_arena_free(&f.arena);
}

static void
test_limits(void)
{
	static struct bwi_layout_box boxes[BWI_LAYOUT_MAX_NODES + 1];
	static struct bwi_layout_line lines[BWI_LAYOUT_MAX_EDGES + 1];
	struct bwi_layout l = {boxes, BWI_LAYOUT_MAX_NODES + 1, lines, 0, 0, 0};
	struct bwi_arena arena;

	bwi_arena_init(&arena);
	is_int(bwi_layout_arrange(&l, &arena), BW_ERR_LIMIT, "too many boxes");
	l.nboxes = BWI_LAYOUT_MAX_NODES;
	l.nlines = BWI_LAYOUT_MAX_EDGES + 1;
	is_int(bwi_layout_arrange(&l, &arena), BW_ERR_LIMIT, "too many lines");
	/* A chain of all boxes, and lines beside nearly all of it. */
	for (size_t i = 0; i < BWI_LAYOUT_MAX_EDGES; i++) {
		lines[i].from = i < l.nboxes - 1 ? i : 0;
		lines[i].to = i < l.nboxes - 1 ? i + 1 : l.nboxes - 1 - i % 9;
	}
	l.nlines = BWI_LAYOUT_MAX_EDGES;
	is_int(bwi_layout_arrange(&l, &arena), BW_ERR_LIMIT,
	    "too many layers to pass");
	l.nlines = l.nboxes - 1;
	is_int(bwi_layout_arrange(&l, &arena), BW_OK, "the longest chain");
	l.nboxes = l.nlines = 0;
	is_int(bwi_layout_arrange(&l, &arena), BW_OK, "nothing at all");
	bwi_arena_free(&arena);
}

static void
test_memory(void)
{
	static struct fixture f;
	unsigned long n = 0;
	enum bw_err err = BW_ERR_NOMEM;

	while (err == BW_ERR_NOMEM && n < 1000) {
		make(&f, 5);
		tap_fail_alloc(++n);
		err = bwi_layout_arrange(&f.layout, &f.arena);
		tap_fail_alloc(0);
		bwi_arena_free(&f.arena);
	}
	ok(err == BW_OK && n > 1, "no memory, %lu times", n);
}

int
main(void)
{
	test_random();
	test_order();
	test_limits();
	test_memory();
	return tap_done();
}
