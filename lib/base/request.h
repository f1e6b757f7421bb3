#ifndef BWI_REQUEST_H
#define BWI_REQUEST_H

#include <bwcallback/request.h>

/* Headers with a signature of the body. */
enum bwi_signature {
	BWI_SIGNATURE_TFV,     /* X-Bandwidth-Signature-HMAC-SHA256, hex */
	BWI_SIGNATURE_NUMBERS, /* X-Bandwidth-Signature-SHA-256, base64 */
	BWI_SIGNATURE__MAX
};

/* Variables that only pages for the operator use. */
struct bwi_request_browser {
	struct bw_str accept;
	struct bw_str https; /* "on" */
	struct bw_str host;  /* some web servers leave out its port */
	struct bw_str port;  /* SERVER_PORT */
	struct bw_str origin;
	struct bw_str fetch_site;    /* Sec-Fetch-Site */
	struct bw_str last_event_id; /* of a stream that is continued */
	struct bw_str forwarded_for; /* X-Forwarded-For */
	struct bw_str forwarded_proto;
};

/* See <bwcallback/request.h>. Absent strings have p NULL. */
struct bw_request {
	struct bw_str id;
	enum bw_method method;
	struct bw_str method_name;
	struct bw_str path;	    /* still percent-encoded, no query */
	struct bw_str query;	    /* without the '?' */
	struct bw_str content_type; /* absent when empty */
	struct bwi_request_browser browser;
	struct bw_str authorization;
	struct bw_str signatures[BWI_SIGNATURE__MAX];
	struct bw_str remote_addr;
	struct bw_str server_software;
	bool authorization_empty; /* there was an empty Authorization header */
	bool chunked;		  /* Transfer-Encoding was chunked */
	int64_t content_length;	  /* as declared; -1: absent or not a number */
	struct bw_str body;
	bool body_too_large; /* body is the first BW_MAX_BODY bytes of it */
	int64_t arrived;     /* nanoseconds of CLOCK_MONOTONIC */
	bool client_gone;    /* the client closed the connection */
	enum bw_err
	    fault; /* why the request is incomplete; BW_OK: it is complete */
	const char *fault_text; /* the same as a sentence */
	int64_t time;		/* milliseconds since 1970; 0: now */
};

#endif
