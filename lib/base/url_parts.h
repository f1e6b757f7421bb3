#ifndef BWI_BASE_URL_PARTS_H
#define BWI_BASE_URL_PARTS_H

#include <bwcallback/tools/url.h>

/* The parts of a URL (RFC 3986 §3). All point into its text. */
struct bwi_url_parts {
	struct bw_str scheme; /* empty: relative */
	struct bw_str user;   /* "user:password"; p NULL: none */
	struct bw_str host;   /* IPv6 in brackets; p NULL: no authority */
	struct bw_str port;   /* p NULL: none */
	struct bw_str path;   /* of a SIP URI, its parameters and headers */
	struct bw_str query;  /* with its "?", and the fragment */
};

void bwi_url_split(enum bw_url_kind, struct bw_str, struct bwi_url_parts *);

#define BWI_URL_LAST_PORT 65535

/* The number of a port, capped above the last; -1: not a number. */
int64_t bwi_url_port(struct bw_str);

/* Read "a.b.c.d"; false if the text is anything else. */
bool bwi_url_ipv4(struct bw_str, uint32_t *address);

/* Does the text contain a placeholder? */
bool bwi_url_is_open(struct bw_str);

/* Length of the text up to the first of these characters. */
size_t bwi_url_until(struct bw_str, const char *ends);

#endif
