/* Forms that do something, and who may send them. */
#include "page/act.h"

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/str.h>

#include "base/json_quote.h"
#include "base/request.h"
#include "base/response.h"
#include "config/config_internal.h"
#include "page/act_token.h"
#include "store/store.h"

/* The fields of a form, in bytes. */
#define MAX_FORM 8192

/* How long recording may take, in nanoseconds. */
#define MAX_RECORD INT64_C(2000000000)

static void
put_hidden(struct bwi_view *v, const char *name, struct bw_str value)
{
	struct bwi_html *h = &v->html;

	bwi_html_tag(h, "input");
	bwi_html_attr_puts(h, "type", "hidden");
	bwi_html_attr_puts(h, "name", name);
	bwi_html_attr(h, "value", value);
	bwi_html_end(h);
}

void
bwi_act_put(struct bwi_view *v, enum bwi_permission p, const char *action,
    struct bw_str object, const char *button, const char *remark)
{
	struct bwi_html *h = &v->html;
	char token[BWI_ACT_TOKEN_SIZE];

	if (!bwi_view_may(v, p) ||
	    bwi_act_token_make(v, action, object, token) != BW_OK)
		return;
	bwi_html_class(h, "form", "act");
	bwi_html_attr_puts(h, "method", "post");
	put_hidden(v, "action", (struct bw_str){action, strlen(action)});
	put_hidden(v, "object", object);
	put_hidden(v, "token", (struct bw_str){token, strlen(token)});
	bwi_view_put(v, "button", NULL, button);
	if (remark != NULL)
		bwi_view_put(v, "span", "note", remark);
	bwi_html_end(h);
}

static void
refuse(struct bwi_view *v, int status, const char *why)
{
	bwi_frame_sentence(v, status, "Not done", why);
}

static bool
is_form(struct bw_str type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t n = sizeof(form) - 1;

	return bw_str_begins_lower(type, form) &&
	       (type.n == n || type.p[n] == ';' || type.p[n] == ' ');
}

/*
 * Is this the host that the request was sent to? Debian's fastcgi_params for
 * nginx say the host without its port.
 */
static bool
is_host(const struct bwi_request_browser *b, struct bw_str s)
{
	struct bw_str host = b->host, port = b->port;

	if (bw_str_eq(s, host))
		return true;
	return host.n > 0 && port.n > 0 && s.n == host.n + 1 + port.n &&
	       memcmp(s.p, host.p, host.n) == 0 && s.p[host.n] == ':' &&
	       memcmp(s.p + host.n + 1, port.p, port.n) == 0;
}

/* Does the header Origin name these pages? */
static bool
is_own_origin(const struct bwi_view *v)
{
	const struct bwi_request_browser *b = &v->request->request->browser;
	struct bw_str host = v->request->section->inspector->host,
		      https = b->https, origin = b->origin;
	const char *scheme =
	    https.n > 0 && !bw_str_is(https, "off") ? "https://" : "http://";
	size_t n = strlen(scheme);

	if (origin.n == 0)
		return false;
	if (host.p != NULL)
		return bw_str_eq(origin, host);
	return origin.n > n && memcmp(origin.p, scheme, n) == 0 &&
	       is_host(b, (struct bw_str){origin.p + n, origin.n - n});
}

static bool
is_own_request(const struct bwi_view *v)
{
	struct bw_str site = v->request->request->browser.fetch_site;

	return (site.p == NULL || bw_str_is(site, "same-origin")) &&
	       is_own_origin(v);
}

static bool
read_form(struct bwi_view *v)
{
	const struct bw_request *r = v->request->request;

	if (!is_form(r->content_type)) {
		refuse(v, 403, "This is not a form of these pages.");
		return false;
	}
	if (r->fault != BW_OK || r->body_too_large || r->body.n > MAX_FORM ||
	    (r->content_length > 0 &&
		(uint64_t)r->content_length > r->body.n)) {
		refuse(v, 413, "The form is too long, or incomplete.");
		return false;
	}
	if (bwi_params_init(&v->form, r->body))
		return true;
	refuse(v, 400, "The form has too many fields.");
	return false;
}

bool
bwi_act_admit(struct bwi_view *v)
{
	if (!is_own_request(v)) {
		refuse(v, 403,
		    "This was not sent from one of these pages, or the "
		    "attribute host of <inspector> is not what the browser "
		    "calls them.");
		return false;
	}
	return read_form(v);
}

struct bw_str
bwi_act_object(const struct bwi_view *v)
{
	struct bw_str object = bwi_params_get(&v->form, "object");

	return object.p != NULL ? object : (struct bw_str){"", 0};
}

bool
bwi_act_is(struct bwi_view *v, enum bwi_permission p, const char *action)
{
	return bw_str_is(bwi_params_get(&v->form, "action"), action) &&
	       bwi_view_may(v, p) &&
	       bwi_act_token_is(v, action, bwi_act_object(v),
		   bwi_params_get(&v->form, "token"));
}

void
bwi_act_refuse(struct bwi_view *v)
{
	refuse(v, 403,
	    "You may not do this, or the page with the form is older than an "
	    "hour. Load it again.");
}

static void
add_member(struct bw_buf *b, const char *name, struct bw_str value)
{
	bw_buf_printf(b, "%s\"%s\":\"", b->n > 1 ? "," : "", name);
	bwi_json_quote(b, value);
	bw_buf_putc(b, '"');
}

static enum bw_err
store(struct bwi_view *v, struct bw_store *s, const char *action,
    struct bw_str body, uint64_t *seq)
{
	struct bw_store_result result;
	enum bw_err err;
	const struct bw_store_event e = {
	    .received = v->now,
	    .section = v->request->section->path,
	    .method = BW_STR("POST"),
	    .content_type = BW_STR("application/json"),
	    .family = BW_STR(BWI_STORE_OPERATOR),
	    .type = {action, strlen(action)},
	    .user = v->user,
	    .request = v->request->request->id,
	    .body = body,
	    .batch = 1,
	};

	err = bw_store_append(
	    s, &e, 1, bw_monotonic_ns() + MAX_RECORD, &result, NULL);
	*seq = err == BW_OK ? result.seq : 0;
	return err;
}

bool
bwi_act_record(
    struct bwi_view *v, const char *action, struct bw_str object, uint64_t *seq)
{
	const char *page = v->page->name;
	struct bw_store *s = bwi_view_stored(v);
	struct bw_buf body;
	enum bw_err err;

	bw_buf_init(&body, BW_MAX_URI);
	bw_buf_putc(&body, '{');
	add_member(&body, "page", (struct bw_str){page, strlen(page)});
	add_member(&body, "id", v->id);
	add_member(&body, "object", object);
	bw_buf_putc(&body, '}');
	err = s != NULL ? body.err : BW_ERR_NOFILE;
	if (err == BW_OK)
		err = store(v, s, action, (struct bw_str){body.p, body.n}, seq);
	bw_buf_free(&body);
	if (err == BW_OK)
		return true;
	refuse(v, 503, "The store does not take the record of it.");
	return false;
}

void
bwi_act_done(struct bwi_view *v, uint64_t seq, int status, const char *result)
{
	struct bw_store *s = bwi_view_stored(v);
	struct bw_buf body;
	struct bw_store_answer a = {.status = status,
	    .answered = bw_realtime_ms(),
	    .duration = (bw_monotonic_ns() - v->begun) / 1000,
	    .content_type = BW_STR("application/json")};

	bw_buf_init(&body, MAX_FORM);
	bw_buf_putc(&body, '{');
	add_member(&body, "result", (struct bw_str){result, strlen(result)});
	bw_buf_putc(&body, '}');
	a.body = (struct bw_str){body.p, body.n};
	/* The request is recorded in any case. */
	if (s != NULL && body.err == BW_OK)
		(void)!bw_store_record_answer(s, seq, &a, NULL);
	bw_buf_free(&body);
}

void
bwi_act_reveal(struct bwi_view *v)
{
	uint64_t seq;

	if (!bwi_act_is(v, BWI_MAY_REVEAL, "reveal")) {
		bwi_act_refuse(v);
		return;
	}
	if (!bwi_act_record(v, "reveal", (struct bw_str){"", 0}, &seq))
		return;
	bwi_act_done(v, seq, 200, "shown");
	v->reveal = true;
	v->page->write(v);
}
