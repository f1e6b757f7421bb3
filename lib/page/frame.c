/* What all pages have around their content. */
#include <bwcallback/version.h>

#include "base/counter.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/assets.h"
#include "page/inspector.h"

static void
put_head(struct bwi_view *v, const char *title)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "head");
	bwi_html_tag(h, "meta");
	bwi_html_attr_puts(h, "charset", "utf-8");
	bwi_html_end(h);
	bwi_html_tag(h, "meta");
	bwi_html_attr_puts(h, "name", "viewport");
	bwi_html_attr_puts(h, "content", "width=device-width");
	bwi_html_end(h);
	bwi_html_tag(h, "title");
	bwi_html_puts(h, title);
	bwi_html_puts(h, " \xc2\xb7 bwcallback");
	bwi_html_end(h);
	bwi_html_tag(h, "link");
	bwi_html_attr_puts(h, "rel", "stylesheet");
	bwi_view_attr_up(v, "href", bwi_asset(BWI_ASSET_STYLE)->name);
	bwi_html_end(h);
	bwi_html_tag(h, "link");
	bwi_html_attr_puts(h, "rel", "icon");
	bwi_view_attr_up(v, "href", bwi_asset(BWI_ASSET_ICON)->name);
	bwi_html_end(h);
	bwi_html_tag(h, "script");
	bwi_view_attr_up(v, "src", bwi_asset(BWI_ASSET_SCRIPT)->name);
	bwi_html_attr_puts(h, "defer", "");
	bwi_html_end(h);
	bwi_html_end(h);
}

/* The page of the bar that a page belongs to. */
static bool
is_current(const struct bwi_view *v, const struct bwi_inspector_page *p)
{
	return v->page != NULL &&
	       (v->page == p || (v->page->under != NULL &&
				    strcmp(v->page->under, p->name) == 0));
}

static void
put_bar_link(struct bwi_view *v, const struct bwi_inspector_page *p)
{
	struct bwi_html *h = &v->html;

	bwi_view_link(v, NULL, p->name, (struct bw_str){NULL, 0});
	if (is_current(v, p))
		bwi_html_attr_puts(h, "aria-current", "page");
	if (p->key != '\0')
		bwi_html_attr(h, "data-key", (struct bw_str){&p->key, 1});
	bwi_html_puts(h, p->title);
	bwi_html_end(h);
}

static void
put_search(struct bwi_view *v)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "form");
	bwi_html_attr_puts(h, "role", "search");
	bwi_view_attr_up(v, "action", "find");
	bwi_html_tag(h, "input");
	bwi_html_attr_puts(h, "type", "search");
	bwi_html_attr_puts(h, "name", "q");
	bwi_html_attr_puts(h, "placeholder", "Number, call, event");
	bwi_html_attr_puts(h, "aria-label", "Find a number, a call, an event");
	bwi_html_attr_puts(h, "autocomplete", "off");
	bwi_html_end(h);
	bwi_html_end(h);
}

static void
put_bar(struct bwi_view *v)
{
	struct bwi_html *h = &v->html;
	size_t n;
	const struct bwi_inspector_page *pages = bwi_inspector_pages(&n);

	bwi_html_class(h, "a", "skip");
	bwi_html_attr_puts(h, "href", "#main");
	bwi_html_puts(h, "Skip to the content");
	bwi_html_end(h);
	bwi_html_class(h, "header", "bar");
	bwi_view_link(v, "brand", "", (struct bw_str){NULL, 0});
	bwi_html_puts(h, "bwcallback");
	bwi_html_end(h);
	bwi_html_tag(h, "nav");
	bwi_html_attr_puts(h, "aria-label", "Pages");
	for (size_t i = 0; i < n; i++) {
		if (pages[i].title != NULL)
			put_bar_link(v, &pages[i]);
	}
	bwi_html_end(h);
	put_search(v);
	bwi_html_end(h);
}

void
bwi_frame_begin(struct bwi_view *v, const char *title)
{
	struct bwi_html *h = &v->html;

	if (v->json)
		v->response->content_type = "text/html; charset=utf-8";
	bwi_html_begin(h, v->out);
	bwi_html_tag(h, "html");
	bwi_html_attr_puts(h, "lang", "en");
	put_head(v, title);
	bwi_html_tag(h, "body");
	put_bar(v);
	bwi_html_tag(h, "main");
	bwi_html_attr_puts(h, "id", "main");
	bwi_html_class(h, "div", "title");
	bwi_view_put(v, "h1", NULL, title);
}

void
bwi_frame_titled(struct bwi_view *v)
{
	bwi_html_end(&v->html);
}

static void
put_foot(struct bwi_view *v)
{
	struct bwi_html *h = &v->html;
	int64_t loaded = bwi_gauge(BWI_GAUGE_CONFIG_LOADED);

	bwi_html_tag(h, "footer");
	bwi_html_tag(h, "span");
	bwi_html_printf(h, "bwcallback %s", bw_version());
	bwi_html_end(h);
	if (loaded != 0) {
		bwi_html_tag(h, "span");
		bwi_html_puts(h, "configuration loaded ");
		bwi_view_time(v, loaded);
		bwi_html_puts(h, " UTC");
		bwi_html_end(h);
	}
	bwi_html_tag(h, "span");
	bwi_html_puts(h, "signed in as ");
	bwi_html_tag(h, "bdi");
	bwi_html_text(h, v->user);
	bwi_html_end(h);
	bwi_html_end(h);
	bwi_view_put(v, "span", NULL,
	    v->reveal ? "numbers and texts shown" : "numbers masked");
	bwi_html_end(h);
}

void
bwi_frame_end(struct bwi_view *v)
{
	bwi_html_end_to(&v->html, 2); /* html, body */
	put_foot(v);
	bwi_html_end_to(&v->html, 0);
}

void
bwi_frame_sentence(
    struct bwi_view *v, int status, const char *title, const char *sentence)
{
	bwi_frame_begin(v, title);
	v->response->status = status;
	bwi_frame_titled(v);
	bwi_view_put(v, "p", NULL, sentence);
	bwi_frame_end(v);
}
