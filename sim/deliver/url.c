/* Resolves URL references with libcurl's parser. */
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "sim/base/memory.h"
#include "sim/deliver/deliver.h"

static bool
is_http(CURLU *u)
{
	char *scheme = NULL;
	bool is;

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return false;
	is =
	    strcasecmp(scheme, "http") == 0 || strcasecmp(scheme, "https") == 0;
	curl_free(scheme);
	return is;
}

/* Fragments are not sent to servers. */
static char *
normalised_url(CURLU *u)
{
	char *url = NULL, *copy;

	(void)curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	if (!is_http(u) || curl_url_get(u, CURLUPART_URL, &url, 0) != CURLUE_OK)
		return NULL;
	copy = sim_copy(url);
	curl_free(url);
	return copy;
}

/* Does the reference begin with "scheme:"? */
static bool
is_absolute(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n > 0 && s[n] == ':';
}

static bool
set_url(CURLU *u, const char *url)
{
	return curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK;
}

char *
sim_url_resolve(const char *base, const char *reference)
{
	CURLU *u = curl_url();
	bool absolute = is_absolute(reference);
	char *url = NULL;

	if (u == NULL)
		sim_no_memory();
	/*
	 * An empty reference is the base; libcurl would remove its last
	 * segment.
	 */
	if ((absolute || (base != NULL && set_url(u, base))) &&
	    (*reference == '\0' || set_url(u, reference)))
		url = normalised_url(u);
	curl_url_cleanup(u);
	return url;
}
