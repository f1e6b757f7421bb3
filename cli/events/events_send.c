/* bwcallback events replay --url: send a stored request again. */
#include <string.h>

#include <curl/curl.h>

#include <bwcallback/limits.h>

#include "sim/wire/http_client.h"

#include "cli/events/events.h"

/* The longest time that Bandwidth waits for an answer to any callback. */
#define WAIT 30000

static size_t
take_body(char *p, size_t size, size_t n, void *arg)
{
	struct bw_buf *b = arg;

	bw_buf_add(b, p, size * n);
	return b->err == BW_OK ? size * n : 0;
}

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "replay: out of memory");
}

/* Append the URL, with the query of the callback. */
static bool
put_url(struct bw_buf *b, const char *url, const struct bw_request *req)
{
	bw_buf_init(b, BW_MAX_URI);
	bw_buf_puts(b, url);
	if (bw_request_query(req).n != 0) {
		bw_buf_putc(b, strchr(url, '?') != NULL ? '&' : '?');
		bw_buf_str(b, bw_request_query(req));
	}
	bw_buf_putc(b, '\0');
	return b->err == BW_OK;
}

static void
set_up(CURL *c, const char *url, const struct events_options *o,
    const struct bw_request *req, struct curl_slist *headers,
    struct bw_buf *body)
{
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	sim_http_timeout(c, WAIT, SIM_HTTP_CONNECT_MS);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	if (bw_request_method(req) != BW_METHOD_GET)
		sim_http_post(c, bw_request_body(req));
	if (o->user != NULL)
		sim_http_user(c, o->user, o->password);
}

static enum bw_err
perform(CURL *c, const char *url, int *got, struct bw_error *e)
{
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	code = curl_easy_perform(c);
	if (code != CURLE_OK) {
		return bw_error_set(
		    e, BW_ERR_IO, 0, "%s: %s", url, sim_http_why(code, why));
	}
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	*got = (int)status;
	return BW_OK;
}

enum bw_err
events_send(const struct events_options *o, const struct bw_request *req,
    int *status, struct bw_buf *body, struct bw_error *e)
{
	struct curl_slist *headers = NULL;
	CURL *c = sim_http_new("bwcallback");
	struct bw_buf url;
	enum bw_err err;

	if (!put_url(&url, o->url, req) || c == NULL ||
	    !sim_http_header(
		&headers, "Content-Type", bw_request_content_type(req)) ||
	    !sim_http_header(&headers, "Expect", BW_STR(""))) {
		err = no_memory(e);
	} else {
		set_up(c, url.p, o, req, headers, body);
		err = perform(c, o->url, status, e);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	bw_buf_free(&url);
	return err;
}
