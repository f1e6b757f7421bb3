#ifndef BWI_RESPONSE_H
#define BWI_RESPONSE_H

#include <bwcallback/response.h>
#include <bwcallback/tools/process.h>

struct bw_rule;

/* What a program or module did to answer. Strings belong to the context. */
struct bwi_worked {
	struct bw_str program;		 /* p NULL: none was asked to run */
	struct bw_process_result result; /* of the program */
	struct bw_str said;  /* the last lines of its standard error */
	struct bw_str check; /* what check said of the answer, in lines */
};

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
	const char *fields;	  /* more header lines, of a page; NULL: none */
	const char *location;	  /* with 303, of a page */
	bool head;		  /* answer to HEAD: length, but no body */
	bool whole;		  /* prepared is all that is sent, as it is */
	struct bw_buf body;
	/*
	 * Used instead of body unless p is NULL: a constant answer, which
	 * needs no memory.
	 */
	struct bw_str prepared;

	/* For the log. */
	enum bw_family family;
	struct bw_str type;    /* not escaped */
	struct bw_str call;    /* of the first event; p NULL: none */
	struct bw_str message; /* of the first event; p NULL: none */
	size_t events;
	struct bw_str user; /* p NULL: not authenticated */
	bool fallback;	    /* the fallback was sent instead of an answer */
	const struct bw_rule *rule; /* NULL: none, or a recorded answer */
	struct bwi_worked worked;
	struct bw_error why; /* code BW_OK: no error */
};

/* Write the head of an answer that is sent in parts: it has no length. */
void bwi_response_begin(const struct bw_response *, struct bw_buf *);

/* Remove the answer; the rule and what is known of the request remain. */
void bwi_response_forget(struct bw_response *);

/* A response in the caller's memory, with bwi_response_release at its end. */
void bwi_response_init(struct bw_response *);
void bwi_response_release(struct bw_response *);

#endif
