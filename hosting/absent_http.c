/*
 * In place of libcurl, which cannot be linked into one file. What would speak
 * HTTP says so and ends; what would not, never comes here.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#define CURL_DISABLE_TYPECHECK
#define curl_easy_setopt  unchecked_setopt
#define curl_easy_getinfo unchecked_getinfo
#define curl_url_get	  unchecked_url_get /* newer ones take a const */
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_url_get

CURLcode curl_easy_setopt(CURL *, CURLoption, ...);
CURLcode curl_easy_getinfo(CURL *, CURLINFO, ...);
CURLUcode curl_url_get(const CURLU *, CURLUPart, char **, unsigned);

static _Noreturn void
end(void)
{
	fputs("bwcallback: this program is complete in itself and speaks no "
	      "HTTP:\ntake one that was built for the machine "
	      "(\"./configure && make install\") to reach a URL\n",
	    stderr);
	exit(69);
}

CURLcode
curl_global_init(long flags)
{
	(void)flags;
	end();
}

void
curl_global_cleanup(void)
{
}

CURL *
curl_easy_init(void)
{
	end();
}

CURLcode
curl_easy_setopt(CURL *c, CURLoption option, ...)
{
	(void)c;
	(void)option;
	end();
}

CURLcode
curl_easy_getinfo(CURL *c, CURLINFO info, ...)
{
	(void)c;
	(void)info;
	end();
}

CURLcode
curl_easy_perform(CURL *c)
{
	(void)c;
	end();
}

void
curl_easy_cleanup(CURL *c)
{
	(void)c;
}

const char *
curl_easy_strerror(CURLcode code)
{
	(void)code;
	return "no HTTP";
}

struct curl_slist *
curl_slist_append(struct curl_slist *list, const char *s)
{
	(void)list;
	(void)s;
	end();
}

void
curl_slist_free_all(struct curl_slist *list)
{
	(void)list;
}

CURLU *
curl_url(void)
{
	end();
}

void
curl_url_cleanup(CURLU *url)
{
	(void)url;
}

CURLUcode
curl_url_get(const CURLU *url, CURLUPart part, char **out, unsigned flags)
{
	(void)url;
	(void)part;
	(void)out;
	(void)flags;
	end();
}

CURLUcode
curl_url_set(CURLU *url, CURLUPart part, const char *s, unsigned flags)
{
	(void)url;
	(void)part;
	(void)s;
	(void)flags;
	end();
}

void
curl_free(void *p)
{
	(void)p;
}

time_t
curl_getdate(const char *s, const time_t *unused)
{
	(void)s;
	(void)unused;
	end();
}

CURLM *
curl_multi_init(void)
{
	end();
}

CURLMcode
curl_multi_cleanup(CURLM *all)
{
	(void)all;
	return CURLM_OK;
}

CURLMcode
curl_multi_add_handle(CURLM *all, CURL *c)
{
	(void)all;
	(void)c;
	end();
}

CURLMcode
curl_multi_remove_handle(CURLM *all, CURL *c)
{
	(void)all;
	(void)c;
	end();
}

CURLMcode
curl_multi_perform(CURLM *all, int *running)
{
	(void)all;
	(void)running;
	end();
}

CURLMcode
curl_multi_poll(
    CURLM *all, struct curl_waitfd *fds, unsigned n, int ms, int *ready)
{
	(void)all;
	(void)fds;
	(void)n;
	(void)ms;
	(void)ready;
	end();
}

CURLMsg *
curl_multi_info_read(CURLM *all, int *left)
{
	(void)all;
	(void)left;
	end();
}
