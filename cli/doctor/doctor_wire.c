/*
 * Sends the requests of bwcallback doctor with libcurl: no redirects, no reuse.
 */
#include "cli/doctor/doctor_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/wire/http_client.h"

/* Bytes of an answer's body that are examined. */
#define MAX_BODY 8192

/* A slow body: number of pieces, and the pause between them in nanoseconds. */
#define PIECES 4
#define PAUSE  500000000

struct transfer {
	CURL *curl;
	struct curl_slist *headers;
	struct doctor_answer *answer;
	size_t left; /* bytes of the body left */
	size_t piece;
	bool slow;
};

void
doctor_answer_free(struct doctor_answer *a)
{
	bw_buf_free(&a->body);
	*a = (struct doctor_answer){.status = 0};
}

bool
doctor_begins(const struct doctor_answer *a, const char *text)
{
	size_t n = strlen(text);

	return a->body.n >= n && memcmp(a->body.p, text, n) == 0;
}

bool
doctor_holds(const struct doctor_answer *a, const char *text)
{
	return a->body.n != 0 &&
	       memmem(a->body.p, a->body.n, text, strlen(text)) != NULL;
}

void
doctor_mask(enum bw_mask kind, struct bw_str s, char *out, size_t size)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_BODY * 8);
	bw_mask_add(&b, kind, s, false);
	(void)snprintf(out, size, "%.*s", (int)b.n, b.n > 0 ? b.p : "");
	bw_buf_free(&b);
}

void
doctor_describe(const struct doctor_answer *a, char *out, size_t size)
{
	const char *line = a->body.p != NULL ? a->body.p : "";
	char text[512];
	size_t n = 0;

	/* The body is not NUL-terminated. */
	while (n < a->body.n && line[n] != '\r' && line[n] != '\n' &&
	       line[n] != '\0')
		n++;

	if (a->code != CURLE_OK) {
		(void)snprintf(out, size, "%s", a->why);
	} else if (strncmp(a->type, "text/plain", 10) == 0) {
		doctor_mask(BW_MASK_REMARK,
		    (struct bw_str){line, strcspn(line, "\r\n")}, text,
		    sizeof(text));
		(void)snprintf(
		    out, size, "status %ld, \"%s\"", a->status, text);
	} else {
		(void)snprintf(out, size, "status %ld%s%.60s", a->status,
		    a->type[0] != '\0' ? ", " : ", no body", a->type);
	}
}

/* Read the answer to its end, but drop what does not fit. */
static size_t
take_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	struct bw_buf *body = &t->answer->body;
	size_t room = MAX_BODY - body->n;

	n *= size;
	bw_buf_add(body, p, n < room ? n : room);
	return body->err == BW_OK ? n : 0;
}

static bool
take_field(const char *line, size_t n, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	if (n < len || strncasecmp(line, name, len) != 0)
		return false;
	line += len;
	n -= len;
	while (n > 0 && *line == ' ') {
		line++;
		n--;
	}
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	(void)snprintf(out, size, "%.*s", (int)n, line);
	return true;
}

static size_t
take_header(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	struct doctor_answer *a = t->answer;

	n *= size;
	(void)take_field(line, n, "Server:", a->server, sizeof(a->server));
	(void)take_field(line, n, "Content-Type:", a->type, sizeof(a->type));
	(void)take_field(
	    line, n, "Location:", a->location, sizeof(a->location));
	if (a->nchallenges < DOCTOR_CHALLENGES &&
	    take_field(line, n, "WWW-Authenticate:",
		a->challenges[a->nchallenges], sizeof(a->challenges[0])))
		a->nchallenges++;
	return n;
}

static size_t
give_body(char *p, size_t size, size_t n, void *arg)
{
	static const struct timespec pause = {.tv_nsec = PAUSE};
	struct transfer *t = arg;
	size_t give = t->left;

	n *= size;
	if (t->slow && give > t->piece)
		give = t->piece;
	if (give > n)
		give = n;
	if (t->slow && give > 0)
		(void)nanosleep(&pause, NULL);
	memset(p, 'x', give);
	t->left -= give;
	return give;
}

static bool
add_headers(struct transfer *t, const struct doctor_ask *q)
{
	/* Do not wait for "100 Continue", which few servers send. */
	return sim_http_header(&t->headers, "Content-Type",
		   (struct bw_str){q->type, strlen(q->type)}) &&
	       sim_http_header(&t->headers, "Expect", BW_STR("")) &&
	       (!q->slow || sim_http_header(&t->headers, "Transfer-Encoding",
				BW_STR("chunked")));
}

CURL *
doctor_wire_handle(const char *url)
{
	CURL *c = sim_http_new("bwcallback-doctor");

	if (c != NULL && curl_easy_setopt(c, CURLOPT_URL, url) != CURLE_OK) {
		curl_easy_cleanup(c);
		c = NULL;
	}
	return c;
}

static void
set_up(struct transfer *t, const struct doctor_ask *q)
{
	CURL *c = t->curl;

	(void)curl_easy_setopt(c, q->get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
	sim_http_timeout(c, q->wait, SIM_HTTP_CONNECT_MS);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	(void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	(void)curl_easy_setopt(c, CURLOPT_READFUNCTION, give_body);
	(void)curl_easy_setopt(c, CURLOPT_READDATA, t);
	if (!q->get)
		(void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
		    q->slow ? (curl_off_t)-1 : (curl_off_t)q->body);
	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->answer->why);
	(void)curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	if (q->insecure)
		sim_http_insecure(c);
	if (q->user != NULL)
		sim_http_user(c, q->user, q->password);
}

static bool
begin(struct transfer *t, const struct doctor_ask *q, struct doctor_answer *a)
{
	*a = (struct doctor_answer){.code = CURLE_FAILED_INIT};
	bw_buf_init(&a->body, MAX_BODY + 1);
	*t = (struct transfer){
	    .curl = doctor_wire_handle(q->url),
	    .answer = a,
	    .left = q->body,
	    .piece = q->body / PIECES,
	    .slow = q->slow,
	};
	if (t->curl == NULL || !add_headers(t, q))
		return false;
	set_up(t, q);
	return true;
}

static void
finish(struct transfer *t, CURLcode code)
{
	struct doctor_answer *a = t->answer;

	a->code = code;
	if (code != CURLE_OK && a->why[0] == '\0')
		(void)snprintf(
		    a->why, sizeof(a->why), "%s", sim_http_why(code, a->why));
	(void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &a->status);
	(void)curl_easy_getinfo(t->curl, CURLINFO_TOTAL_TIME, &a->seconds);
	bw_buf_putc(&a->body, '\0');
	if (a->body.err == BW_OK)
		a->body.n--;
}

static void
end(struct transfer *t)
{
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->headers);
}

bool
doctor_wire_ask(const struct doctor_ask *q, struct doctor_answer *a)
{
	struct transfer t;
	bool begun = begin(&t, q, a);

	if (begun)
		finish(&t, curl_easy_perform(t.curl));
	end(&t);
	return begun && a->body.err == BW_OK;
}

static void
run(CURLM *all)
{
	const CURLMsg *m;
	int running, left;

	while (curl_multi_perform(all, &running) == CURLM_OK && running > 0)
		(void)curl_multi_poll(all, NULL, 0, 1000, NULL);
	while ((m = curl_multi_info_read(all, &left)) != NULL) {
		struct transfer *t = NULL;

		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		if (t != NULL)
			finish(t, m->data.result);
	}
}

bool
doctor_wire_burst(
    const struct doctor_ask *q, struct doctor_answer *answers, size_t n)
{
	struct transfer *t = calloc(n, sizeof(*t));
	CURLM *all = curl_multi_init();
	bool good = t != NULL && all != NULL;

	for (size_t i = 0; i < n; i++) {
		answers[i] = (struct doctor_answer){.status = 0};
		good = good && begin(&t[i], q, &answers[i]) &&
		       curl_multi_add_handle(all, t[i].curl) == CURLM_OK;
	}
	if (good)
		run(all);
	for (size_t i = 0; t != NULL && i < n; i++) {
		if (all != NULL && t[i].curl != NULL)
			(void)curl_multi_remove_handle(all, t[i].curl);
		end(&t[i]);
		good = good && answers[i].body.err == BW_OK;
	}
	(void)curl_multi_cleanup(all);
	free(t);
	return good;
}
