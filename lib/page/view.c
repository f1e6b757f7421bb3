/* Parts of pages. */
#include "page/view.h"

#include <stdio.h>
#include <time.h>

#include "base/response.h"
#include "config/config_internal.h"
#include "store/store.h"

/* An answer that took longer, in microseconds, is worth a look. */
#define SLOW 2000000

/* A masked value is not longer than what it was made of. */
#define MAX_VALUE ((size_t)256 * 1024)

/* The longest value that is shown outside of a body. */
#define MAX_SHOWN 2048

bool
bwi_view_may(const struct bwi_view *v, enum bwi_permission p)
{
	return bwi_inspector_allows(v->request->section->inspector, p, v->user);
}

struct bw_str
bwi_view_param(const struct bwi_view *v, const char *name)
{
	struct bw_str s = bwi_params_get(&v->params, name);

	return s.n > 0 ? s : (struct bw_str){NULL, 0};
}

struct bw_store *
bwi_view_store(struct bwi_view *v)
{
	struct bwi_store_handle *handle = v->request->section->store;
	struct bw_store *store = NULL;

	if (handle == NULL)
		bwi_view_put(v, "p", "note",
		    "Nothing is stored: the configuration has no <store>.");
	else if (bwi_store_handle_store(handle, &store, NULL) != BW_OK)
		bwi_view_put(v, "p", "note", "The store cannot be opened.");
	return store;
}

struct bw_store *
bwi_view_stored(struct bwi_view *v)
{
	struct bwi_store_handle *handle = v->request->section->store;
	struct bw_store *store = NULL;

	if (handle == NULL ||
	    bwi_store_handle_store(handle, &store, NULL) != BW_OK)
		return NULL;
	return store;
}

bool
bwi_view_store_failed(struct bwi_view *v, enum bw_err err)
{
	if (err == BW_OK || err == BW_ERR_NOFILE)
		return false;
	bwi_html_class(&v->html, "p", "note");
	bwi_html_printf(
	    &v->html, "The store does not answer: %s.", bw_strerror(err));
	bwi_html_end(&v->html);
	return true;
}

void
bwi_view_missing(struct bwi_view *v, const char *title, enum bw_err err,
    const char *sentence)
{
	if (err != BW_OK && err != BW_ERR_NOFILE)
		bwi_frame_sentence(v, 503, title,
		    "The store does not answer. Load the page again.");
	else
		bwi_frame_sentence(v, 404, title, sentence);
}

void
bwi_view_attr_up(struct bwi_view *v, const char *name, const char *address)
{
	struct bw_buf b;

	bw_buf_init(&b, 2048);
	bw_buf_puts(&b, v->up);
	bw_buf_puts(&b, address);
	if (b.n == 0)
		bw_buf_puts(&b, "./");
	if (b.err != BW_OK)
		v->out->err = b.err;
	bwi_html_attr(&v->html, name, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
}

void
bwi_view_attr_query(struct bwi_view *v, const char *name, const char *address,
    struct bw_str value)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_VALUE);
	bw_buf_puts(&b, address);
	bw_buf_url(&b, value);
	bw_buf_putc(&b, '\0');
	bwi_view_attr_up(v, name, b.err == BW_OK ? b.p : "");
	bw_buf_free(&b);
}

/* An id that ends like the addresses of JSON is written differently. */
static void
put_id(struct bw_buf *b, struct bw_str id)
{
	static const char end[] = ".json";
	size_t n = sizeof(end) - 1;

	if (id.n < n || memcmp(id.p + id.n - n, end, n) != 0) {
		bw_buf_url(b, id);
		return;
	}
	bw_buf_url(b, (struct bw_str){id.p, id.n - n});
	bw_buf_puts(b, "%2Ejson");
}

void
bwi_view_link(
    struct bwi_view *v, const char *class, const char *page, struct bw_str id)
{
	struct bw_buf b;

	bwi_html_tag(&v->html, "a");
	if (class != NULL)
		bwi_html_attr_puts(&v->html, "class", class);
	bw_buf_init(&b, MAX_VALUE);
	bw_buf_puts(&b, page);
	if (id.p != NULL) {
		bw_buf_putc(&b, '/');
		put_id(&b, id);
	}
	bw_buf_putc(&b, '\0');
	bwi_view_attr_up(v, "href", b.err == BW_OK ? b.p : "");
	bw_buf_free(&b);
}

void
bwi_view_link_int(
    struct bwi_view *v, const char *class, const char *page, uint64_t id)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)id);

	bwi_view_link(v, class, page, (struct bw_str){text, (size_t)n});
}

void
bwi_view_link_again(struct bwi_view *v, const char *without, uint64_t before)
{
	struct bw_buf b;
	char separator = '?';

	bwi_html_tag(&v->html, "a");
	bw_buf_init(&b, MAX_VALUE);
	bw_buf_puts(&b, v->page->name);
	for (size_t i = 0; i < v->params.n; i++) {
		struct bw_str name = bwi_params_name(&v->params, i),
			      value = bwi_params_value(&v->params, i);

		if (value.n == 0 || bw_str_is(name, "before") ||
		    (without != NULL && bw_str_is(name, without)))
			continue;
		bw_buf_putc(&b, separator);
		bw_buf_url(&b, name);
		bw_buf_putc(&b, '=');
		bw_buf_url(&b, value);
		separator = '&';
	}
	if (before != 0)
		bw_buf_printf(
		    &b, "%cbefore=%llu", separator, (unsigned long long)before);
	bw_buf_putc(&b, '\0');
	bwi_view_attr_up(v, "href", b.err == BW_OK ? b.p : "");
	bw_buf_free(&b);
}

void
bwi_view_redirect(struct bwi_view *v, const char *address, struct bw_str value)
{
	bw_buf_puts(v->location, v->up);
	bw_buf_puts(v->location, address);
	if (value.p != NULL)
		bw_buf_url(v->location, value);
	if (v->location->n == 0)
		bw_buf_puts(v->location, "./");
	bw_buf_putc(v->location, '\0');
	v->response->status = 303;
	v->response->content_type = NULL;
	v->response->location = v->location->p;
}

void
bwi_view_redirect_back(struct bwi_view *v, const char *name, const char *value)
{
	struct bw_buf address;

	bw_buf_init(&address, MAX_VALUE);
	bw_buf_puts(&address, v->page->name);
	if (v->page->has_id) {
		bw_buf_putc(&address, '/');
		put_id(&address, v->id);
	}
	bw_buf_printf(&address, "?%s=%s%c", name, value, '\0');
	if (address.err != BW_OK)
		v->out->err = address.err;
	else
		bwi_view_redirect(v, address.p, (struct bw_str){NULL, 0});
	bw_buf_free(&address);
}

void
bwi_view_put(
    struct bwi_view *v, const char *name, const char *class, const char *text)
{
	bwi_html_tag(&v->html, name);
	if (class != NULL)
		bwi_html_attr_puts(&v->html, "class", class);
	bwi_html_puts(&v->html, text);
	bwi_html_end(&v->html);
}

/* Of a hidden text only its size is known. */
static void
put_hidden(struct bwi_view *v, struct bw_str s)
{
	bwi_html_class(&v->html, "span", "unseen");
	bwi_html_printf(
	    &v->html, "%zu byte%s hidden", s.n, s.n == 1 ? "" : "s");
	bwi_html_end(&v->html);
}

void
bwi_view_value(struct bwi_view *v, enum bw_mask kind, struct bw_str s)
{
	struct bw_buf b;

	if (s.p == NULL) {
		bwi_view_put(v, "span", "unseen", "\xe2\x80\x94");
		return;
	}
	if (kind == BW_MASK_HIDDEN && !v->reveal && s.n > 0) {
		put_hidden(v, s);
		return;
	}
	if (kind == BW_MASK_KEYS && s.n == 1)
		kind = BW_MASK_WORD;
	bw_buf_init(&b, MAX_VALUE);
	bw_mask_add(&b, kind, s, v->reveal);
	if (b.err != BW_OK)
		v->out->err = b.err;
	bwi_html_tag(&v->html, "bdi");
	bwi_html_cut(&v->html, (struct bw_str){b.p, b.n}, MAX_SHOWN);
	bwi_html_end(&v->html);
	bw_buf_free(&b);
}

void
bwi_view_time(struct bwi_view *v, int64_t ms)
{
	time_t t = (time_t)(ms / 1000), today = (time_t)(v->now / 1000);
	char exact[40], shown[24];
	struct tm tm, now;
	size_t n;

	if (ms <= 0 || gmtime_r(&t, &tm) == NULL ||
	    gmtime_r(&today, &now) == NULL) {
		bwi_html_puts(&v->html, "\xe2\x80\x94");
		return;
	}
	n = strftime(exact, sizeof(exact), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(
	    exact + n, sizeof(exact) - n, ".%03dZ", (int)(ms % 1000));
	(void)strftime(shown, sizeof(shown),
	    tm.tm_yday == now.tm_yday && tm.tm_year == now.tm_year
		? "%H:%M:%S"
		: "%Y-%m-%d %H:%M",
	    &tm);
	bwi_html_tag(&v->html, "time");
	bwi_html_attr_puts(&v->html, "datetime", exact);
	bwi_html_attr_puts(&v->html, "title", exact);
	bwi_html_puts(&v->html, shown);
	bwi_html_end(&v->html);
}

void
bwi_view_age(struct bwi_view *v, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {
	    {86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	int64_t age = v->now > ms ? v->now - ms : 0;
	size_t i = 0;

	while (i < 3 && age < 2 * units[i].ms)
		i++;
	bwi_html_printf(
	    &v->html, "%lld %s", (long long)(age / units[i].ms), units[i].unit);
}

void
bwi_view_ms(struct bwi_view *v, int64_t us)
{
	if (us < 1000)
		bwi_html_printf(&v->html, "0.%02lld", (long long)(us / 10));
	else
		bwi_html_printf(&v->html, "%lld.%lld", (long long)(us / 1000),
		    (long long)(us % 1000 / 100));
}

void
bwi_view_state(struct bwi_view *v, enum bwi_state state, const char *words)
{
	static const char *const classes[] = {
	    [BWI_STATE_NONE] = "s none",
	    [BWI_STATE_OK] = "s ok",
	    [BWI_STATE_WAIT] = "s wait",
	    [BWI_STATE_WARN] = "s warn",
	    [BWI_STATE_BAD] = "s bad",
	};

	bwi_view_put(v, "span", classes[state], words);
}

enum bwi_state
bwi_view_answer_state(const struct bw_store_row *r)
{
	const struct bw_store_answer *a = &r->answer;

	if (a->status == 0)
		return BWI_STATE_NONE;
	if (a->fallback || a->status >= 400)
		return BWI_STATE_BAD;
	return a->duration > SLOW || r->deliveries > 1 ? BWI_STATE_WARN
						       : BWI_STATE_OK;
}

void
bwi_view_answer(struct bwi_view *v, const struct bw_store_row *r)
{
	const struct bw_store_answer *a = &r->answer;
	char words[64];

	if (a->status == 0) {
		bwi_view_state(v, BWI_STATE_NONE, "no answer");
		return;
	}
	(void)snprintf(words, sizeof(words), "%d%s%s%s", a->status,
	    a->fallback ? " fallback" : "", a->duration > SLOW ? ", slow" : "",
	    r->deliveries > 1 ? ", sent again" : "");
	bwi_view_state(v, bwi_view_answer_state(r), words);
}
