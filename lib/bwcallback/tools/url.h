#ifndef BWCALLBACK_TOOLS_URL_H
#define BWCALLBACK_TOOLS_URL_H

/* An interface for the programs of this package: any release may change it. */

#include <stdint.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of URLs, which differ in their schemes. */
enum bw_url_kind {
	BW_URL_HTTP, /* http, https, or relative to another URL */
	BW_URL_WS,   /* ws or wss */
	BW_URL_SIP   /* sip or sips */
};

/*
 * This byte in a URL stands for a part that is not known yet: a placeholder of
 * the configuration. What depends on it is not checked.
 */
#define BW_URL_UNKNOWN '\x01'

/* Large enough for every sentence of this header. */
#define BW_URL_WHY_SIZE 320

/*
 * Is the URL valid: a host, a port from 1 to 65535, no backslash, two hex
 * digits after each "%"? If not, why receives the fault and what to write
 * instead. Accepts any bytes; takes linear time.
 */
BW_EXPORT bool
bw_url_check(enum bw_url_kind, struct bw_str url, char why[BW_URL_WHY_SIZE]);

/* Properties of a valid URL that are probably mistakes. */
enum bw_url_doubt {
	BW_URL_DOUBT_PLACEHOLDER, /* one was not replaced */
	BW_URL_DOUBT_NO_VALUE,	  /* "undefined" */
	BW_URL_DOUBT_REACH,	  /* Bandwidth cannot reach the host */
	BW_URL_DOUBT_NO_SCHEME,	  /* a host, read as a relative URL */
	BW_URL_DOUBT_PORT	  /* a port that is never called */
};

/*
 * Call fn for each doubt about a valid URL, in the order of the enumeration.
 * why has the fault and what to write; it is valid during the call only.
 */
BW_EXPORT void bw_url_doubts(enum bw_url_kind, struct bw_str url,
    void (*fn)(void *arg, enum bw_url_doubt, const char *why), void *arg);

/* The ports that Bandwidth calls, as its documentation lists them. */
#define BW_URL_PORTS "80, 443 and ports from 1024 on"

BW_EXPORT bool bw_url_port_is_called(int64_t port);

/* The networks from which a host can be called. */
enum bw_url_reach {
	BW_URL_PUBLIC,
	BW_URL_LOOPBACK, /* from the machine itself */
	BW_URL_PRIVATE	 /* from its own network */
};

/*
 * The reach of a host name or address as it stands in a URL: IPv6 in brackets,
 * any case. Unknown names are public.
 */
BW_EXPORT enum bw_url_reach bw_url_reach(struct bw_str host);

#ifdef __cplusplus
}
#endif

#endif
