/* How an answer was made. */
#include "page/row_trace.h"

/* The width of the bar, and the least of a part of it. */
#define BAR   600
#define LEAST 2

/* The file without its folder, and the line. */
static void
put_rule(struct bwi_view *v, struct bw_str rule)
{
	const char *slash = rule.n > 0 ? memrchr(rule.p, '/', rule.n) : NULL;

	if (slash != NULL)
		rule = (struct bw_str){
		    slash + 1, rule.n - (size_t)(slash + 1 - rule.p)};
	bwi_html_tag(&v->html, "code");
	bwi_view_value(v, BW_MASK_WORD, rule);
	bwi_html_end(&v->html);
}

static void
put_lines(struct bwi_view *v, struct bw_str text)
{
	if (text.n == 0)
		return;
	bwi_html_tag(&v->html, "pre");
	bwi_html_attr_puts(&v->html, "tabindex", "0");
	bwi_view_value(v, BW_MASK_REMARK, text);
	bwi_html_end(&v->html);
}

void
bwi_row_trace_put_why(struct bwi_view *v, const struct bw_trace *t)
{
	struct bwi_html *h = &v->html;

	if (t->error.n == 0 && t->text.n == 0)
		return;
	bwi_html_class(h, "div", "why");
	bwi_html_tag(h, "p");
	bwi_html_tag(h, "strong");
	bwi_view_value(v, BW_MASK_WORD, t->error);
	bwi_html_end(h);
	bwi_html_puts(h, " \xc2\xb7 ");
	bwi_view_value(v, BW_MASK_REMARK, t->text);
	if (t->rule.n > 0) {
		bwi_html_puts(h, " \xc2\xb7 rule ");
		put_rule(v, t->rule);
	}
	bwi_html_end(h);
	put_lines(v, t->said);
	put_lines(v, t->check);
	bwi_html_end(h);
}

static int64_t
sum(const struct bw_trace *t)
{
	int64_t us = 0;

	for (size_t i = 0; i < t->nsteps; i++)
		us += t->steps[i].us;
	return us;
}

static void
put_bar(struct bwi_view *v, const struct bw_trace *t, int64_t all)
{
	struct bwi_html *h = &v->html;
	int64_t x = 0;

	bwi_html_class(h, "svg", "steps");
	bwi_html_attr_puts(h, "viewBox", "0 0 640 10");
	bwi_html_attr_puts(h, "preserveAspectRatio", "none");
	bwi_html_attr_puts(h, "aria-hidden", "true");
	for (size_t i = 0; i < t->nsteps; i++) {
		int64_t width = t->steps[i].us * BAR / all;

		if (width < LEAST)
			width = LEAST;
		bwi_html_tag(h, "rect");
		bwi_html_attr_int(h, "x", x);
		bwi_html_attr_int(h, "width", width);
		bwi_html_attr_int(h, "height", 10);
		bwi_html_end(h);
		x += width + 1;
	}
	bwi_html_end(h);
}

void
bwi_row_trace_put_steps(struct bwi_view *v, const struct bw_trace *t)
{
	struct bwi_html *h = &v->html;
	int64_t all = sum(t);

	if (t->rule.n > 0) {
		bwi_view_put(v, "h2", NULL, "Rule");
		bwi_html_tag(h, "p");
		put_rule(v, t->rule);
		bwi_html_end(h);
	}
	if (all <= 0)
		return;
	bwi_view_put(v, "h2", NULL, "Where the time went");
	put_bar(v, t, all);
	bwi_html_class(h, "p", "note");
	for (size_t i = 0; i < t->nsteps; i++) {
		bwi_html_puts(h, i > 0 ? ", " : "");
		bwi_view_value(v, BW_MASK_REMARK, t->steps[i].name);
		bwi_html_puts(h, " ");
		bwi_view_ms(v, t->steps[i].us);
	}
	bwi_html_puts(h, " ms");
	bwi_html_end(h);
}
