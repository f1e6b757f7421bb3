/* An event is posted to a URL: any 2xx is yes. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "consume.h"

/* The answer's body is of no use, and may be of any length. */
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
 * The same for every try of an event, and for no other: numbers begin anew
 * with a new store, the time does not.
 */
static bool
add_headers(struct curl_slist **headers, const struct consume_task *t)
{
	char line[256];
	struct curl_slist *more;

	(void)snprintf(line, sizeof(line), "Idempotency-Key: %s-%llu-%lld",
	    t->consumer->options->name, (unsigned long long)t->lease.seq,
	    (long long)t->received);
	more = curl_slist_append(NULL, "Content-Type: application/json");
	*headers = more;
	if (more == NULL)
		return false;
	more = curl_slist_append(*headers, line);
	/* No waiting for a "100 Continue" that few servers send. */
	return more != NULL && curl_slist_append(*headers, "Expect:") != NULL;
}

static void
set_up(CURL *c, struct consume_task *t, struct curl_slist *headers)
{
	const struct consume_options *o = t->consumer->options;

	(void)curl_easy_setopt(c, CURLOPT_URL, o->url);
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)o->timeout);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_USERAGENT, "bwcallback/" VERSION);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop_body);
	(void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, beat);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
	(void)curl_easy_setopt(
	    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->json.n);
	(void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->json.p);
	if (o->user != NULL) {
		(void)curl_easy_setopt(
		    c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		(void)curl_easy_setopt(c, CURLOPT_USERNAME, o->user);
		(void)curl_easy_setopt(c, CURLOPT_PASSWORD, o->password);
	}
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
		(void)snprintf(t->why, sizeof(t->why), "%.100s: not a URL",
		    t->consumer->options->url);
		return CONSUME_HOPELESS;
	}
	if (code != CURLE_OK) {
		(void)snprintf(t->why, sizeof(t->why), "%s",
		    t->late	   ? "took too long"
		    : *why != '\0' ? why
				   : curl_easy_strerror(code));
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
	CURL *c = curl_easy_init();

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
