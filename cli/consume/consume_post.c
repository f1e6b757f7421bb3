/* Posts an event to a URL: any 2xx is success. */
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include <bwcallback/tools/mask.h>

#include "sim/wire/http_client.h"

#include "cli/consume/consume.h"

/* Discard the body of the answer, which may have any length. */
static size_t
drop_body(char *p, size_t size, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return size * n;
}

/* curl calls this about once a second while it waits. */
static int
beat(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return consume_task_beat(arg) ? 0 : 1;
}

/*
 * The key is the same for all tries of an event and unique among events: event
 * numbers restart with a new store, the time received does not.
 */
static bool
add_headers(struct curl_slist **headers, const struct consume_task *t)
{
	char key[256];

	(void)snprintf(key, sizeof(key), "%s-%llu-%lld",
	    t->consumer->options->name, (unsigned long long)t->lease.seq,
	    (long long)t->received);
	/* Do not wait for "100 Continue", which few servers send. */
	return sim_http_header(
		   headers, "Content-Type", BW_STR("application/json")) &&
	       sim_http_header(headers, "Idempotency-Key",
		   (struct bw_str){key, strlen(key)}) &&
	       sim_http_header(headers, "Expect", BW_STR(""));
}

static void
set_up(CURL *c, struct consume_task *t, struct curl_slist *headers)
{
	const struct consume_options *o = t->consumer->options;

	(void)curl_easy_setopt(c, CURLOPT_URL, o->url);
	sim_http_timeout(c, o->timeout, SIM_HTTP_CONNECT_MS);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop_body);
	(void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, beat);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
	sim_http_post(c, (struct bw_str){t->json.p, t->json.n});
	if (o->user != NULL)
		sim_http_user(c, o->user, o->password);
}

/* Say why the URL cannot be used, without its credentials. */
static void
put_url(struct consume_task *t)
{
	const char *url = t->consumer->options->url;
	struct bw_buf b;

	bw_buf_init(&b, SIZE_MAX);
	bw_mask_add(&b, BW_MASK_URL, (struct bw_str){url, strlen(url)}, false);
	(void)snprintf(t->why, sizeof(t->why), "%.*s: not a URL",
	    b.n < 100 ? (int)b.n : 100, b.n > 0 ? b.p : "");
	bw_buf_free(&b);
}

static enum consume_outcome
perform(CURL *c, struct consume_task *t)
{
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	code = curl_easy_perform(c);
	if (code == CURLE_ABORTED_BY_CALLBACK && !t->late)
		return CONSUME_BACK;
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
		put_url(t);
		return CONSUME_HOPELESS;
	}
	if (code != CURLE_OK) {
		(void)snprintf(t->why, sizeof(t->why), "%s",
		    t->late ? "took too long" : sim_http_why(code, why));
		return CONSUME_FAILED;
	}
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status <= 299)
		return CONSUME_DONE;
	(void)snprintf(t->why, sizeof(t->why), "status %ld", status);
	return CONSUME_FAILED;
}

enum consume_outcome
consume_post(struct consume_task *t)
{
	struct curl_slist *headers = NULL;
	enum consume_outcome outcome = CONSUME_FAILED;
	CURL *c = sim_http_new("bwcallback");

	if (c == NULL || !add_headers(&headers, t)) {
		(void)snprintf(t->why, sizeof(t->why), "%s", "out of memory");
	} else {
		set_up(c, t, headers);
		outcome = perform(c, t);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return outcome;
}
