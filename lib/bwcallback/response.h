#ifndef BWCALLBACK_RESPONSE_H
#define BWCALLBACK_RESPONSE_H

#include <bwcallback/buf.h>
#include <bwcallback/config.h>
#include <bwcallback/error.h>
#include <bwcallback/event.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The answer to one request, and what the log says of it. Strings point into
 * the configuration, the request or static memory; the body and why are the
 * response's own. Reuse one response for many requests.
 */
struct bw_response {
	int status;		  /* never 3xx */
	const char *content_type; /* NULL when there is no body */
	struct bw_str realm;	  /* with 401: of the challenge; NULL: none */
	const char *allow;	  /* with 405 and OPTIONS */
	int retry_after;	  /* seconds, 0 for none */
	bool head;		  /* answer to HEAD: length, but no body */
	bool unreadable;	  /* on purpose: prepared is written as it is */
	struct bw_buf body;
	/*
	 * The body when it was made beforehand, p NULL otherwise: an answer
	 * for when memory is short needs none.
	 */
	struct bw_str prepared;

	/* For the log. */
	enum bw_family family;
	struct bw_str type; /* from outside: escape it */
	size_t events;	    /* in the request */
	struct bw_str user; /* who authenticated; p NULL for nobody */
	bool fallback;	    /* the fallback went out instead of an answer */
	/* The <on> that was to answer; NULL: none, or it did so before. */
	const struct bw_rule *rule;
	struct bw_error why; /* code BW_OK when all was well */
};

BW_EXPORT void bw_response_init(struct bw_response *);
BW_EXPORT void bw_response_reset(struct bw_response *);
BW_EXPORT void bw_response_free(struct bw_response *);

/*
 * Append the whole answer in CGI form (RFC 3875 §6: Status, header fields,
 * empty line, body), with an exact Content-Length.
 */
BW_EXPORT void bw_response_write(const struct bw_response *, struct bw_buf *);

/*
 * Make the response an error: the status of the code and one line of text
 * that says what and, for the sender's operator, why.
 */
BW_EXPORT void bw_response_fail(struct bw_response *, const struct bw_error *);

#ifdef __cplusplus
}
#endif

#endif
