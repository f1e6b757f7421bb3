/* From an address below the path of <inspector> to a page. */
#include "page/inspector.h"

#include <stdatomic.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/str.h>

#include "base/request.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act.h"
#include "page/assets.h"
#include "page/live.h"
#include "page/play_process.h"

#define MS INT64_C(1000000)

/*
 * Pages that are written at once, so that workers are left for calls; further
 * ones wait, at most so long.
 */
#define MAX_PAGES 1
#define MAX_WAIT  (2000 * MS)
#define LOOK_EACH (10 * MS)

/* How long a form of a telephone waits for what comes of it. */
#define MAX_PLAY (2000 * MS)

/*
 * How long a page may read the store. One that looks through events says how
 * far it came and goes on from there; one that looks something up needs a
 * moment, but on a busy machine it may take longer until it gets that.
 */
#define MAX_READ (40 * MS)
#define MAX_LOOK (500 * MS)

static atomic_uint writing;

/*
 * Headers of every answer: a page loads from, and sends to, its own origin
 * only.
 */
#define SAFE_FIELDS \
	"X-Content-Type-Options: nosniff\r\n" \
	"Referrer-Policy: same-origin\r\n" \
	"Cross-Origin-Resource-Policy: same-origin\r\n"

#define PAGE_FIELDS \
	SAFE_FIELDS \
	"Cache-Control: no-store\r\n" \
	"Content-Security-Policy: default-src 'none'; style-src 'self'; " \
	"script-src 'self'; img-src 'self'; connect-src 'self'; " \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " \
	"require-trusted-types-for 'script'\r\n" \
	"Cross-Origin-Opener-Policy: same-origin\r\n" \
	"Permissions-Policy: clipboard-write=(self)\r\n"

static const char page_fields[] = PAGE_FIELDS;

/* nginx buffers an answer until its end without this. */
const char bwi_inspector_stream_fields[] =
    PAGE_FIELDS "X-Accel-Buffering: no\r\n";

static const char asset_fields[] =
    SAFE_FIELDS "Cache-Control: private, max-age=31536000, immutable\r\n";

static const char *const event_params[] = {"family", "type", "section",
    "status", "state", "since", "until", "number", "call", "message", "node",
    "before", NULL};
static const char *const live_params[] = {"family", "type", "section", "status",
    "state", "since", "number", "call", "message", "after", "now", NULL};
static const char *const call_params[] = {
    "state", "since", "until", "number", "before", NULL};
static const char *const order_params[] = {"state", "since", NULL};
static const char *const portout_params[] = {
    "verdict", "since", "until", "before", NULL};
static const char *const consumer_params[] = {"retried", "dropped", NULL};
static const char *const flow_params[] = {"since", NULL};
static const char *const find_params[] = {"q", NULL};

static const struct bwi_inspector_page pages[] = {
    {
	.name = "",
	.title = "Now",
	.key = 'n',
	.write = bwi_now_write,
    },
    {
	.name = "calls",
	.title = "Calls",
	.key = 'c',
	.params = call_params,
	.write = bwi_calls_write,
    },
    {
	.name = "call",
	.has_id = true,
	.looks_up = true,
	.under = "calls",
	.has_json = true,
	.write = bwi_call_write,
	.post = bwi_act_reveal,
    },
    {
	.name = "messages",
	.title = "Messages",
	.key = 'm',
	.params = call_params,
	.write = bwi_messages_write,
    },
    {
	.name = "message",
	.has_id = true,
	.looks_up = true,
	.under = "messages",
	.has_json = true,
	.write = bwi_message_write,
	.post = bwi_act_reveal,
    },
    {
	.name = "orders",
	.title = "Orders",
	.key = 'd',
	.params = order_params,
	.write = bwi_orders_write,
    },
    {
	.name = "order",
	.has_id = true,
	.under = "orders",
	.write = bwi_order_write,
	.post = bwi_act_reveal,
    },
    {
	.name = "portouts",
	.title = "Port-outs",
	.key = 't',
	.params = portout_params,
	.write = bwi_portouts_write,
    },
    {
	.name = "events",
	.key = 'e',
	.title = "Events",
	.params = event_params,
	.has_json = true,
	.write = bwi_events_write,
    },
    {
	.name = "event",
	.has_id = true,
	.looks_up = true,
	.under = "events",
	.has_json = true,
	.write = bwi_event_write,
	.post = bwi_event_post,
    },
    {
	.name = "consumers",
	.title = "Consumers",
	.key = 'o',
	.write = bwi_consumers_write,
    },
    {
	.name = "consumers",
	.has_id = true,
	.looks_up = true,
	.under = "consumers",
	.params = consumer_params,
	.write = bwi_consumer_write,
	.post = bwi_consumer_post,
    },
    {
	.name = "flow",
	.title = "Flow",
	.key = 'f',
	.params = flow_params,
	.write = bwi_flow_write,
    },
    {
	.name = "play",
	.title = "Play",
	.key = 'p',
	.needs = BWI_MAY_PLAY,
	.write = bwi_play_write,
	.post = bwi_play_post,
    },
    {
	.name = "play",
	.under = "play",
	.has_id = true,
	.needs = BWI_MAY_PLAY,
	.has_json = true,
	.write = bwi_telephone_write,
	.post = bwi_telephone_post,
    },
    {
	.name = "find",
	.params = find_params,
	.write = bwi_find_write,
    },
    {
	.name = "stream",
	.params = live_params,
	.write = bwi_stream_write,
    },
    {
	.name = "poll",
	.params = live_params,
	.write = bwi_poll_write,
    },
};

const struct bwi_inspector_page *
bwi_inspector_pages(size_t *n)
{
	*n = sizeof(pages) / sizeof(pages[0]);
	return pages;
}

/* The request comes from this machine, and not through a proxy. */
static bool
is_local(const struct bw_request *r)
{
	struct bw_str a = r->remote_addr;

	return r->browser.forwarded_for.p == NULL &&
	       (bw_str_is(a, "::1") || bw_str_begins(a, BW_STR("127.")) ||
		   bw_str_begins(a, BW_STR("::ffff:127.")));
}

/*
 * With a host of https:// the operator says that there is a proxy which does
 * TLS; only then its header counts.
 */
static bool
is_encrypted(const struct bwi_inspector *i, const struct bw_request *r)
{
	struct bw_str https = r->browser.https;

	if (https.n > 0 && !bw_str_is(https, "off"))
		return true;
	return i->host.p != NULL &&
	       bw_str_begins(i->host, BW_STR("https://")) &&
	       bw_str_is(r->browser.forwarded_proto, "https");
}

bool
bwi_inspector_admit(const struct bwi_section *s, const struct bw_request *r,
    struct bw_response *resp)
{
	if (is_local(r) || is_encrypted(s->inspector, r))
		return true;
	resp->status = 403;
	resp->fields = SAFE_FIELDS "Cache-Control: no-store\r\n";
	resp->content_type = "text/plain; charset=utf-8";
	resp->prepared =
	    BW_STR("These pages are for https, or for this machine.\n");
	return false;
}

/* The path of the request below that of the section, without a slash. */
static struct bw_str
path_below(const struct bwi_page_request *r)
{
	struct bw_str path = r->request->path;

	(void)bwi_config_below(r->config->mount, &path);
	path.p += r->section->path.n;
	path.n -= r->section->path.n;
	if (path.n > 0) {
		path.p++;
		path.n--;
	}
	return path;
}

/*
 * The relative address of the first page: "" for "/_inspector/events",
 * "../" for "/_inspector/event/5", "_inspector/" for "/_inspector".
 */
static void
set_up(struct bwi_view *v, struct bw_str below)
{
	struct bw_str own = v->request->section->path;
	size_t n = 0, last = own.n;

	v->up[0] = '\0';
	for (size_t i = 0; i < below.n && n + 4 < sizeof(v->up); i++) {
		if (below.p[i] != '/')
			continue;
		memcpy(v->up + n, "../", 4);
		n += 3;
	}
	if (v->request->request->path.p[v->request->request->path.n - 1] ==
		'/' ||
	    below.n > 0)
		return;
	while (last > 0 && own.p[last - 1] != '/')
		last--;
	n = own.n - last;
	if (n + 2 > sizeof(v->up))
		return;
	memcpy(v->up, own.p + last, n);
	memcpy(v->up + n, "/", 2);
}

/* Remove ".json". */
static bool
take_json(struct bw_str *path)
{
	static const char end[] = ".json";
	size_t n = sizeof(end) - 1;

	if (path->n < n || memcmp(path->p + path->n - n, end, n) != 0)
		return false;
	path->n -= n;
	return true;
}

static const struct bwi_inspector_page *
find_page(struct bw_str name, bool has_id)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (bw_str_is(name, pages[i].name) && pages[i].has_id == has_id)
			return &pages[i];
	}
	return NULL;
}

/* Set the page, its id, and whether it is wanted as JSON. */
static void
route(struct bwi_view *v)
{
	struct bw_str path = path_below(v->request), name = path;
	const char *slash;

	set_up(v, path);
	v->json = take_json(&path);
	name = path;
	slash = path.n > 0 ? memchr(path.p, '/', path.n) : NULL;
	if (slash != NULL) {
		name.n = (size_t)(slash - path.p);
		bwi_params_decode(&v->id_text,
		    (struct bw_str){slash + 1, path.n - name.n - 1}, false);
		v->id = (struct bw_str){v->id_text.p, v->id_text.n};
	}
	v->page = find_page(name, v->id.n > 0);
	if ((slash != NULL && v->id.n == 0) ||
	    (v->json && v->page != NULL && !v->page->has_json))
		v->page = NULL;
}

/* Does the page have the parameter? */
static bool
is_param(const struct bwi_inspector_page *page, struct bw_str name)
{
	for (size_t i = 0; page->params != NULL && page->params[i] != NULL;
	     i++) {
		if (bw_str_is(name, page->params[i]))
			return true;
	}
	return false;
}

static void
refuse_param(struct bwi_view *v, struct bw_str name)
{
	struct bwi_html *h = &v->html;

	bwi_frame_begin(v, "No such filter");
	v->response->status = 400;
	bwi_frame_titled(v);
	bwi_html_tag(h, "p");
	bwi_html_puts(h, "This page has no filter ");
	bwi_html_tag(h, "code");
	bwi_html_cut(h, name, 64);
	bwi_html_end(h);
	bwi_html_puts(h, v->page->params != NULL ? ". There are: " : ".");
	for (size_t i = 0;
	     v->page->params != NULL && v->page->params[i] != NULL; i++) {
		bwi_html_puts(h, i > 0 ? ", " : "");
		bwi_html_tag(h, "code");
		bwi_html_puts(h, v->page->params[i]);
		bwi_html_end(h);
	}
	bwi_html_end(h);
	bwi_frame_end(v);
}

static bool
check_params(struct bwi_view *v)
{
	bool few = bwi_params_init(&v->params, v->request->request->query);

	if (v->params.text.err != BW_OK) {
		v->out->err = v->params.text.err;
		return false;
	}
	if (!few) {
		bwi_frame_sentence(v, 400, "Too many filters",
		    "This address has too many filters.");
		return false;
	}
	for (size_t i = 0; i < v->params.n; i++) {
		struct bw_str name = bwi_params_name(&v->params, i);

		if (is_param(v->page, name))
			continue;
		refuse_param(v, name);
		return false;
	}
	return true;
}

static void
refuse_permission(struct bwi_view *v, enum bwi_permission p)
{
	struct bwi_html *h = &v->html;

	bwi_frame_begin(v, "Not allowed");
	v->response->status = 403;
	bwi_frame_titled(v);
	bwi_html_tag(h, "p");
	bwi_html_tag(h, "bdi");
	bwi_html_text(h, v->user);
	bwi_html_end(h);
	bwi_html_printf(h, " may not do this. The attribute %s of ",
	    bwi_permission_name(p));
	bwi_view_put(v, "code", NULL, "<inspector>");
	bwi_html_puts(h, " names the users that may.");
	bwi_html_end(h);
	bwi_frame_end(v);
}

static void
write_page(struct bwi_view *v)
{
	if (!bwi_view_may(v, v->page->needs)) {
		refuse_permission(v, v->page->needs);
	} else if (v->request->request->method != BW_METHOD_POST) {
		if (check_params(v))
			v->page->write(v);
	} else if (v->page->post == NULL || v->json) {
		v->response->allow = "GET, HEAD";
		bwi_frame_sentence(v, 405, "Not possible",
		    "This page has no form that is sent to it.");
	} else if (bwi_act_admit(v)) {
		v->page->post(v);
	}
}

static bool
answer_asset(const struct bwi_page_request *r, struct bw_response *resp)
{
	const struct bwi_asset *a = bwi_asset_find(path_below(r));

	if (a == NULL || r->request->method == BW_METHOD_POST)
		return false;
	resp->status = 200;
	resp->fields = asset_fields;
	resp->content_type = a->type;
	resp->prepared = a->content;
	return true;
}

static void
write_view(struct bwi_page *p, const struct bwi_page_request *r,
    struct bw_response *resp)
{
	struct bwi_view v = {
	    .request = r,
	    .response = resp,
	    .out = &p->text,
	    .data = &p->text,
	    .location = &p->location,
	    .user = resp->user,
	    .now = bw_realtime_ms(),
	    .begun = bw_monotonic_ns(),
	};
	struct bw_error e = {0};

	bw_buf_init(&v.id_text, BW_MAX_URI);
	route(&v);
	v.until = v.begun +
		  (v.page != NULL && v.page->looks_up ? MAX_LOOK : MAX_READ);
	resp->status = 200;
	resp->fields = page_fields;
	resp->content_type =
	    v.json ? "application/json" : "text/html; charset=utf-8";
	if (v.page == NULL)
		bwi_frame_sentence(&v, 404, "No such page",
		    "There is no page at this address.");
	else
		write_page(&v);
	p->play = v.play;
	p->live = v.live;
	bw_buf_free(&v.id_text);
	bwi_params_free(&v.params);
	bwi_params_free(&v.form);
	if (p->text.err == BW_OK && p->location.err == BW_OK) {
		resp->prepared = (struct bw_str){p->text.p, p->text.n};
		return;
	}
	resp->location = NULL;
	(void)bw_error_set(&e, BW_ERR_NOMEM, 0, "inspector: out of memory");
	bw_response_fail(resp, &e);
}

/* Take one of the places for pages that are written. */
static bool
enter(void)
{
	unsigned n = atomic_load(&writing);

	while (n < MAX_PAGES) {
		if (atomic_compare_exchange_weak(&writing, &n, n + 1))
			return true;
	}
	return false;
}

/* The answer is made; does it still wait for the telephone's process? */
static bool
wait_play(struct bwi_page *p, struct bwi_parking *parking)
{
	if (!bwi_play_read(p->play) && !bwi_parking_over(parking, p->until)) {
		parking->parked.fds[0] = p->play->line;
		parking->parked.nfds = 1;
		return true;
	}
	bwi_play_give(p->play);
	p->play = NULL;
	return false;
}

static bool
go_on_live(struct bwi_page *p, const struct bwi_page_request *r,
    struct bwi_parking *parking, struct bw_response *resp)
{
	if (!bwi_live_answer(p->live, p, r, parking, resp))
		return false;
	bwi_live_leave(p->live);
	p->live = NULL;
	return true;
}

bool
bwi_inspector_answer(struct bwi_page *p, const struct bwi_page_request *r,
    struct bwi_parking *parking, struct bw_response *resp)
{
	struct bw_error e = {0};

	if (p->play != NULL)
		return !wait_play(p, parking);
	if (p->live != NULL)
		return go_on_live(p, r, parking, resp);
	if (answer_asset(r, resp))
		return true;
	if (p->until == 0)
		p->until = bw_monotonic_ns() + MAX_WAIT;
	if (enter()) {
		bwi_parking_slow(parking);
		write_view(p, r, resp);
		atomic_fetch_sub(&writing, 1);
		if (p->live != NULL)
			return go_on_live(p, r, parking, resp);
		p->until = bw_monotonic_ns() + MAX_PLAY;
		return p->play == NULL || !wait_play(p, parking);
	}
	if (!bwi_parking_over(parking, p->until)) {
		parking->parked.until =
		    bw_earlier(p->until, bw_monotonic_ns() + LOOK_EACH);
		return false;
	}
	(void)bw_error_set(
	    &e, BW_ERR_BUSY, 0, "inspector: too many pages are being read");
	bw_response_fail(resp, &e);
	return true;
}
