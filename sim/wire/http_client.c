#include <config.h>

#include "sim/wire/http_client.h"

#include <stdio.h>
#include <stdlib.h>

#include <bwcallback/buf.h>
#include <bwcallback/limits.h>

/* Trusted certificate authorities: OpenSSL's variable. */
static void
set_authorities(CURL *c)
{
	const char *file = getenv("SSL_CERT_FILE");

	if (file != NULL && *file != '\0')
		(void)curl_easy_setopt(c, CURLOPT_CAINFO, file);
}

CURL *
sim_http_new(const char *agent)
{
	CURL *c = curl_easy_init();
	char name[64];

	if (c == NULL)
		return NULL;
	(void)snprintf(name, sizeof(name), "%s/%s", agent, VERSION);
	if (curl_easy_setopt(c, CURLOPT_USERAGENT, name) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") !=
		CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROXY, "") != CURLE_OK) {
		curl_easy_cleanup(c);
		return NULL;
	}
	(void)curl_easy_setopt(
	    c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	(void)curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	(void)curl_easy_setopt(
	    c, CURLOPT_CONNECTTIMEOUT_MS, (long)SIM_HTTP_CONNECT_MS);
	set_authorities(c);
	return c;
}

void
sim_http_timeout(CURL *c, int64_t whole, int64_t connect)
{
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)whole);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
}

void
sim_http_user(CURL *c, const char *user, const char *password)
{
	if (user != NULL && password == NULL)
		password = "";
	(void)curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	(void)curl_easy_setopt(c, CURLOPT_USERNAME, user);
	(void)curl_easy_setopt(c, CURLOPT_PASSWORD, password);
}

void
sim_http_post(CURL *c, struct bw_str body)
{
	(void)curl_easy_setopt(c, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(
	    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	(void)curl_easy_setopt(
	    c, CURLOPT_POSTFIELDS, body.p != NULL ? body.p : "");
}

void
sim_http_insecure(CURL *c)
{
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
}

/* libcurl calls this each time before it sends a request. */
static int
count_sent(void *arg, char *ip, char *own_ip, int port, int own_port)
{
	int *sent = arg;

	(void)ip;
	(void)own_ip;
	(void)port;
	(void)own_port;
	return (*sent)++ == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

void
sim_http_reuse_connection(CURL *c, int *sent)
{
	*sent = 0;
	(void)curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 0L);
	(void)curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 0L);
	(void)curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, count_sent);
	(void)curl_easy_setopt(c, CURLOPT_PREREQDATA, sent);
}

bool
sim_http_header(struct curl_slist **list, const char *name, struct bw_str value)
{
	struct curl_slist *more = NULL;
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_URI);
	bw_buf_puts(&b, name);
	bw_buf_putc(&b, ':');
	if (value.n > 0)
		bw_buf_putc(&b, ' ');
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		bw_buf_putc(&b, c < 0x20 || c == 0x7f ? '?' : value.p[i]);
	}
	bw_buf_putc(&b, '\0');
	if (b.err == BW_OK)
		more = curl_slist_append(*list, b.p);
	bw_buf_free(&b);
	if (more != NULL)
		*list = more;
	return more != NULL;
}

const char *
sim_http_why(CURLcode code, const char *details)
{
	if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_GOT_NOTHING)
		return "the connection was closed before an answer";
	return *details != '\0' ? details : curl_easy_strerror(code);
}
