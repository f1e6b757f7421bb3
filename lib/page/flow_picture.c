/* The picture of the flow, as elements of a page. */
#include "page/flow_picture.h"

#include <stdio.h>

#define MAX_ID 512

static const char *const ways[] = {
    [BWI_WAY_CHOICE] = "way",
    [BWI_WAY_ELSE] = "way else",
    [BWI_WAY_EVENT] = "way event",
};

struct bw_graph *
bwi_flow_graph(struct bwi_view *v)
{
	const char *file = v->request->section->inspector->file;
	struct bw_graph *g = NULL;

	if (file == NULL || bw_graph_load(file, &g, NULL, NULL) != BW_OK) {
		bwi_view_put(v, "p", "note",
		    "The file of the configuration cannot be loaded now. "
		    "\"bwcallback check\" says why.");
		return NULL;
	}
	return g;
}

static void
put_number(struct bwi_html *h, const char *name, double value)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%.1f", value);

	bwi_html_attr(h, name, (struct bw_str){text, (size_t)n});
}

/* Open a group with its id and classes; passed: how often a call came by. */
static void
begin_group(struct bwi_view *v, const struct bwi_flow_marks *m,
    const char *class, struct bw_str id, unsigned passed)
{
	const char *more =
	    m->way ? passed > 0 ? "lit" : NULL : m->class(m->arg, id);
	char all[64];

	(void)snprintf(all, sizeof(all), "%s%s%s", class,
	    more != NULL ? " " : "", more != NULL ? more : "");
	bwi_html_class(&v->html, "g", all);
	bwi_html_attr(&v->html, "id", id);
}

/* From 1 to 8, by the logarithm. */
static int64_t
width_of(unsigned n)
{
	int64_t width = 1;

	while (n > 1 && width < 8) {
		n /= 2;
		width++;
	}
	return width;
}

/* The number of a box in the traffic. */
static size_t
end_of(const struct bwi_flow_traffic *t, const struct bwi_picture_box *box)
{
	if (box->kind == BWI_PICTURE_START)
		return bwi_flow_traffic_start(t, box->name);
	return box->node;
}

static struct bwi_flow_traffic_count
count_of(const struct bwi_flow_marks *m, const struct bwi_picture *p,
    const struct bwi_picture_line *line)
{
	if (m->traffic == NULL)
		return (struct bwi_flow_traffic_count){0, 0};
	return bwi_flow_traffic_edge(m->traffic,
	    end_of(m->traffic, &p->boxes[line->from]),
	    end_of(m->traffic, &p->boxes[line->to]));
}

static void
put_line(struct bwi_view *v, const struct bwi_picture *p,
    const struct bwi_picture_line *line, const struct bwi_flow_marks *m)
{
	struct bwi_flow_traffic_count n = count_of(m, p, line);
	struct bwi_html *h = &v->html;

	begin_group(v, m,
	    line->wrong || n.failed > 0 ? "way wrong" : ways[line->way],
	    line->id, n.all);
	bwi_html_tag(h, "path");
	bwi_html_attr(h, "d", line->path);
	if (n.all > 0 && !m->way)
		bwi_html_attr_int(h, "stroke-width", width_of(n.all));
	bwi_html_end(h);
	bwi_html_class(h, "path", "head");
	bwi_html_attr(h, "d", line->head);
	bwi_html_end(h);
	if (n.all > (m->way ? 1 : 0)) {
		bwi_html_class(h, "text", "k");
		put_number(h, "x", line->middle.x);
		put_number(h, "y", line->middle.y);
		bwi_html_printf(h, "%u", n.all);
		bwi_html_end(h);
	}
	bwi_html_end(h);
}

static void
put_texts(struct bwi_html *h, const struct bwi_picture_box *box)
{
	double y = box->y + BWI_PICTURE_BORDER / 2 - 4;

	for (size_t i = 0; i < 2; i++) {
		if (box->lines[i].n == 0)
			continue;
		y += BWI_PICTURE_LINE;
		bwi_html_tag(h, "text");
		if (i > 0)
			bwi_html_attr_puts(h, "class", "k");
		put_number(h, "x", box->x + box->width / 2);
		put_number(h, "y", y);
		bwi_html_text(h, box->lines[i]);
		bwi_html_end(h);
	}
}

/* Open a link to the events that the rule has answered. */
static void
begin_link(struct bwi_view *v, const struct bw_graph *g, size_t node)
{
	const char *file = g->nodes.v[node].file, *slash = strrchr(file, '/'),
		   *name = slash != NULL ? slash + 1 : file;
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	bw_buf_puts(&b, "events?node=");
	bw_buf_url(&b, (struct bw_str){name, strlen(name)});
	bw_buf_printf(&b, "%%3A%d%c", g->nodes.v[node].line, '\0');
	bwi_html_tag(&v->html, "a");
	bwi_view_attr_up(v, "href", b.err == BW_OK ? b.p : "events");
	bw_buf_free(&b);
}

static void
put_box(struct bwi_view *v, const struct bw_graph *g,
    const struct bwi_picture_box *box, const struct bwi_flow_marks *m)
{
	struct bwi_html *h = &v->html;
	bool links = m->links && box->node != SIZE_MAX;
	struct bwi_flow_traffic_count n = {0, 0};
	struct bw_buf id;

	bw_buf_init(&id, MAX_ID);
	bw_buf_putc(&id, 'n');
	bw_buf_str(&id, box->name);
	if (links)
		begin_link(v, g, box->node);
	if (m->traffic != NULL)
		n = bwi_flow_traffic_node(m->traffic, end_of(m->traffic, box));
	begin_group(v, m,
	    box->loops || n.failed > 0 ? "wrong"
				       : bwi_picture_kind_name(box->kind),
	    (struct bw_str){id.p, id.n}, n.all);
	bwi_html_tag(h, "rect");
	put_number(h, "x", box->x);
	put_number(h, "y", box->y);
	put_number(h, "width", box->width);
	put_number(h, "height", box->height);
	bwi_html_attr_puts(h, "rx", "8");
	bwi_html_end(h);
	put_texts(h, box);
	if (n.all > 0) {
		bwi_html_tag(h, "title");
		bwi_html_printf(h, "%u times, %u failed", n.all, n.failed);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	if (links)
		bwi_html_end(h);
	bw_buf_free(&id);
}

static void
put_svg(struct bwi_view *v, const struct bw_graph *g,
    const struct bwi_picture *p, const struct bwi_flow_marks *m,
    const char *words)
{
	struct bwi_html *h = &v->html;
	char size[64];

	(void)snprintf(size, sizeof(size), "0 0 %d %d", p->width, p->height);
	bwi_html_class(h, "svg", "flow");
	bwi_html_attr_puts(h, "viewBox", size);
	bwi_html_attr_int(h, "width", p->width);
	bwi_html_attr_int(h, "height", p->height);
	/* With links it must stay readable piece by piece. */
	bwi_html_attr_puts(h, "role", m->links ? "group" : "img");
	bwi_html_attr_puts(h, "aria-label", words);
	for (size_t i = 0; i < p->nlines; i++)
		put_line(v, p, &p->lines[i], m);
	for (size_t i = 0; i < p->nboxes; i++)
		put_box(v, g, &p->boxes[i], m);
	bwi_html_end(h);
}

static void
put_count(struct bwi_html *h, const struct bwi_flow_marks *m,
    const struct bwi_picture_box *box)
{
	struct bwi_flow_traffic_count n;

	if (m->traffic == NULL)
		return;
	n = bwi_flow_traffic_node(m->traffic, end_of(m->traffic, box));
	bwi_html_printf(h, ", %u times", n.all);
	if (n.failed > 0)
		bwi_html_printf(h, ", %u failed", n.failed);
}

static void
put_words(struct bwi_html *h, const struct bwi_picture_box *box)
{
	bwi_html_text(h, box->lines[0]);
	if (box->lines[1].n == 0)
		return;
	bwi_html_puts(h, " (");
	bwi_html_text(h, box->lines[1]);
	bwi_html_puts(h, ")");
}

/* The same in words: each box, and where it leads. */
static void
put_list(struct bwi_view *v, const struct bwi_picture *p,
    const struct bwi_flow_marks *m)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "details");
	bwi_view_put(v, "summary", NULL, "As a list");
	bwi_html_tag(h, "ul");
	for (size_t i = 0; i < p->nboxes; i++) {
		bool first = true;

		bwi_html_tag(h, "li");
		put_words(h, &p->boxes[i]);
		put_count(h, m, &p->boxes[i]);
		for (size_t k = 0; k < p->nlines; k++) {
			if (p->lines[k].from != i)
				continue;
			bwi_html_puts(h, first ? " leads to: " : "; ");
			first = false;
			put_words(h, &p->boxes[p->lines[k].to]);
		}
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_html_end(h);
}

void
bwi_flow_picture(struct bwi_view *v, const struct bw_graph *g,
    const struct bwi_flow_marks *m, const char *words)
{
	struct bwi_picture p;
	enum bw_err err = bwi_picture_make(g, &p, NULL);

	if (err == BW_ERR_LIMIT) {
		bwi_view_put(v, "p", "note",
		    "The configuration has too many rules for a picture.");
		return;
	}
	if (err != BW_OK) {
		v->out->err = err;
		return;
	}
	if (p.nboxes == 0)
		bwi_view_put(
		    v, "p", "note", "This configuration has no voice section.");
	else
		put_svg(v, g, &p, m, words);
	if (p.nboxes > 0)
		put_list(v, &p, m);
	bwi_picture_free(&p);
}
