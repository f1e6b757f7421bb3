/* Forms and tables of pages with lists. */
#include "page/list_parts.h"

void
bwi_list_form_begin(struct bwi_view *v, const char *page)
{
	bwi_html_class(&v->html, "form", "filter");
	bwi_view_attr_up(v, "action", page);
}

void
bwi_list_form_end(struct bwi_view *v)
{
	bwi_view_put(v, "button", NULL, "Show");
	bwi_html_end(&v->html);
}

void
bwi_list_select(struct bwi_view *v, const char *name, const char *label,
    const char *any, const char *const *values)
{
	struct bwi_html *h = &v->html;
	struct bw_str now = bwi_view_param(v, name);

	bwi_html_tag(h, "select");
	bwi_html_attr_puts(h, "name", name);
	bwi_html_attr_puts(h, "aria-label", label);
	bwi_html_tag(h, "option");
	bwi_html_attr_puts(h, "value", "");
	bwi_html_puts(h, any);
	bwi_html_end(h);
	for (; *values != NULL; values++) {
		bwi_html_tag(h, "option");
		if (bw_str_is(now, *values))
			bwi_html_attr_puts(h, "selected", "");
		bwi_html_puts(h, *values);
		bwi_html_end(h);
	}
	bwi_html_end(h);
}

void
bwi_list_input(
    struct bwi_view *v, const char *name, const char *label, const char *hint)
{
	struct bwi_html *h = &v->html;
	struct bw_str now = bwi_view_param(v, name);

	bwi_html_tag(h, "input");
	bwi_html_attr_puts(h, "name", name);
	bwi_html_attr_puts(h, "aria-label", label);
	bwi_html_attr_puts(h, "placeholder", hint);
	bwi_html_attr_puts(h, "autocomplete", "off");
	if (now.p != NULL)
		bwi_html_attr(h, "value", now);
	bwi_html_end(h);
}

static bool
is_number(const char *column)
{
	static const char *const names[] = {"ms", "Lasted", "Answers", "Events",
	    "Requests", "Fallbacks", "Errors", "Behind", "Dead", "Tries",
	    "Numbers", "p50 ms", "p99", "Slowest"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], column) == 0)
			return true;
	}
	return false;
}

void
bwi_list_head(struct bwi_view *v, const char *class, const char *const *names)
{
	struct bwi_html *h = &v->html;

	bwi_html_class(h, "table", class);
	bwi_html_tag(h, "thead");
	bwi_html_tag(h, "tr");
	for (; *names != NULL; names++) {
		bwi_html_tag(h, "th");
		bwi_html_attr_puts(h, "scope", "col");
		if (is_number(*names))
			bwi_html_attr_puts(h, "class", "n");
		bwi_html_puts(h, *names);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_html_tag(h, "tbody");
}

void
bwi_list_cell(struct bwi_view *v, enum bw_mask kind, struct bw_str s)
{
	bwi_html_tag(&v->html, "td");
	bwi_view_value(v, kind, s);
	bwi_html_end(&v->html);
}

void
bwi_list_number(struct bwi_view *v, const char *name)
{
	bwi_html_class(&v->html, "td", "n");
	bwi_html_attr_puts(&v->html, "data-name", name);
}

void
bwi_list_more(struct bwi_view *v, uint64_t before, bool cut, int64_t back)
{
	struct bwi_html *h = &v->html;

	bwi_html_class(h, "p", "more");
	if (cut) {
		bwi_html_puts(h, "Looked back to ");
		bwi_view_time(v, back);
		bwi_html_puts(h, ". ");
	}
	bwi_view_link_again(v, NULL, before);
	bwi_html_attr_puts(h, "rel", "next");
	bwi_html_puts(h, cut ? "Go on" : "Older");
	bwi_html_end(h);
	bwi_html_end(h);
}

/* Each part of the filter, as a link that removes it. */
static void
put_parts(struct bwi_view *v)
{
	struct bwi_html *h = &v->html;

	for (size_t i = 0; i < v->params.n; i++) {
		struct bw_str name = bwi_params_name(&v->params, i);
		char text[32];

		if (bwi_params_value(&v->params, i).n == 0 ||
		    bw_str_is(name, "before") || name.n >= sizeof(text))
			continue;
		memcpy(text, name.p, name.n);
		text[name.n] = '\0';
		bwi_view_link_again(v, text, 0);
		bwi_html_printf(h, "Without %s ", text);
		bwi_html_tag(h, "bdi");
		bwi_html_text(h, bwi_params_value(&v->params, i));
		bwi_html_end(h);
		bwi_html_end(h);
		bwi_html_puts(h, " ");
	}
}

void
bwi_list_empty(struct bwi_view *v, const char *filtered, const char *otherwise)
{
	bwi_html_class(&v->html, "p", "empty");
	bwi_html_puts(&v->html, v->params.n > 0 ? filtered : otherwise);
	bwi_html_puts(&v->html, " ");
	put_parts(v);
	bwi_html_end(&v->html);
}
