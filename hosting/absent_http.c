/*
 * Replaces libcurl, which cannot be linked statically: it needs a TLS library,
 * and that the machine's certificates. The first call to it ends the program
 * with a message, so the other functions are never reached. Arguments are
 * passed in registers, so they need no declaration.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

static _Noreturn void
end(void)
{
	fputs("bwcallback: this static program has no HTTP client:\n"
	      "to reach a URL, build one for the machine "
	      "(\"./configure && make install\")\n",
	    stderr);
	exit(69);
}

#define ENDS(name) \
	_Noreturn void name(void); \
	_Noreturn void name(void) \
	{ \
		end(); \
	}

/* Cleanup without initialization does nothing. */
#define IDLE(name) \
	void name(void); \
	void name(void) \
	{ \
	}

ENDS(curl_global_init)
IDLE(curl_global_cleanup)
IDLE(curl_free)
ENDS(curl_getdate)

ENDS(curl_easy_init)
ENDS(curl_easy_getinfo)
ENDS(curl_easy_header)
ENDS(curl_easy_pause)
ENDS(curl_easy_perform)
ENDS(curl_easy_reset)
ENDS(curl_easy_setopt)
ENDS(curl_easy_strerror)
IDLE(curl_easy_cleanup)

ENDS(curl_multi_init)
ENDS(curl_multi_add_handle)
ENDS(curl_multi_info_read)
ENDS(curl_multi_perform)
ENDS(curl_multi_poll)
ENDS(curl_multi_remove_handle)
ENDS(curl_multi_setopt)
ENDS(curl_multi_strerror)
ENDS(curl_multi_wakeup)
IDLE(curl_multi_cleanup)

ENDS(curl_slist_append)
IDLE(curl_slist_free_all)

ENDS(curl_url)
ENDS(curl_url_dup)
ENDS(curl_url_get)
ENDS(curl_url_set)
ENDS(curl_url_strerror)
IDLE(curl_url_cleanup)
