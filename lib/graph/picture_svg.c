/* The brief picture as a file. */
#include "graph/picture.h"

static const char style[] =
    "svg{font:11px sans-serif;background:#fff}"
    "text{text-anchor:middle;fill:#1a212b}"
    ".when{fill:#586271}"
    "rect{fill:#fff;stroke:#8a94a3}"
    ".start rect{fill:#cfe8cf;stroke:#5b8f5b}"
    ".outside rect{fill:#eef1f4;stroke-dasharray:3 2}"
    ".fallback rect{fill:#f7ecd6}"
    ".wrong rect,.loops rect{fill:#f9d7d2;stroke:#b0231b}"
    ".tried rect{fill:#e6f4e6}.untried rect{fill:#d9d9d9}"
    ".edge{fill:none;stroke:#44505e}.head{fill:#44505e;stroke:none}"
    ".else{stroke-dasharray:5 3}.event{stroke:#9aa5b1;stroke-dasharray:2 3}"
    ".wrong .edge,.edge.wrong{stroke:#b0231b}";

static const char *const ways[] = {
    [BWI_WAY_CHOICE] = "",
    [BWI_WAY_ELSE] = " else",
    [BWI_WAY_EVENT] = " event",
};

static void
put_line(struct bw_buf *b, const struct bwi_picture_line *line)
{
	bw_buf_puts(b, "<g id=\"");
	bw_buf_xml(b, line->id);
	bw_buf_printf(b, "\"><path class=\"edge%s%s\" d=\"", ways[line->way],
	    line->wrong ? " wrong" : "");
	bw_buf_xml(b, line->path);
	bw_buf_puts(b, "\"/><path class=\"head\" d=\"");
	bw_buf_xml(b, line->head);
	bw_buf_puts(b, "\"/></g>\n");
}

/* After trials, rules are shaded. */
static const char *
trials(const struct bw_graph *g, const struct bwi_picture_box *box)
{
	if (!g->covered || box->kind != BWI_PICTURE_RULE)
		return "";
	return g->nodes.v[box->node].covered > 0 ? " tried" : " untried";
}

static void
put_box(struct bw_buf *b, const struct bw_graph *g,
    const struct bwi_picture_box *box)
{
	double y = box->y + BWI_PICTURE_BORDER / 2 - 4;

	bw_buf_puts(b, "<g id=\"n");
	bw_buf_xml(b, box->name);
	bw_buf_printf(b,
	    "\" class=\"%s%s%s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	    "height=\"%.1f\" rx=\"8\"/>",
	    bwi_picture_kind_name(box->kind), box->loops ? " loops" : "",
	    trials(g, box), box->x, box->y, box->width, box->height);
	for (size_t i = 0; i < 2; i++) {
		if (box->lines[i].n == 0)
			continue;
		y += BWI_PICTURE_LINE;
		bw_buf_printf(b, "<text%s x=\"%.1f\" y=\"%.1f\">",
		    i > 0 ? " class=\"when\"" : "", box->x + box->width / 2, y);
		bw_buf_xml(b, box->lines[i]);
		bw_buf_puts(b, "</text>");
	}
	bw_buf_puts(b, "</g>\n");
}

enum bw_err
bw_graph_svg(const struct bw_graph *g, struct bw_buf *b, struct bw_error *e)
{
	struct bwi_picture p;
	enum bw_err err = bwi_picture_make(g, &p, e);

	if (err != BW_OK)
		return err;
	bw_buf_printf(b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n<style>%s</style>\n",
	    p.width, p.height, p.width, p.height, style);
	for (size_t i = 0; i < p.nlines; i++)
		put_line(b, &p.lines[i]);
	for (size_t i = 0; i < p.nboxes; i++)
		put_box(b, g, &p.boxes[i]);
	bw_buf_puts(b, "</svg>\n");
	bwi_picture_free(&p);
	if (b->err != BW_OK)
		return bw_error_set(e, b->err, 0, "graph: the picture: %s",
		    bw_strerror(b->err));
	return BW_OK;
}
