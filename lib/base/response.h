#ifndef BWI_RESPONSE_H
#define BWI_RESPONSE_H

#include <bwcallback/response.h>

struct bw_rule;

/*
 * See <bwcallback/response.h>. Strings point into the configuration, the
 * request or static memory; body and why belong to the response.
 */
struct bw_response {
	int status;
	const char *content_type; /* NULL: no body */
	struct bw_str realm;	  /* with 401; p NULL: no challenge */
	const char *allow;	  /* with 405 and OPTIONS */
	int retry_after;	  /* seconds; 0: none */
	bool head;		  /* answer to HEAD: length, but no body */
	bool unreadable; /* outage probe: prepared is the whole answer */
	struct bw_buf body;
	/*
	 * Used instead of body unless p is NULL: a constant answer, which
	 * needs no memory.
	 */
	struct bw_str prepared;

	/* For the log. */
	enum bw_family family;
	struct bw_str type; /* not escaped */
	size_t events;
	struct bw_str user; /* p NULL: not authenticated */
	bool fallback;	    /* the fallback was sent instead of an answer */
	const struct bw_rule *rule; /* NULL: none, or a recorded answer */
	struct bw_error why;	    /* code BW_OK: no error */
};

/* A response in the caller's memory, with bwi_response_release at its end. */
void bwi_response_init(struct bw_response *);
void bwi_response_release(struct bw_response *);

#endif
