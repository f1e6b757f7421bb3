#ifndef BWC_DOCTOR_WIRE_H
#define BWC_DOCTOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/mask.h>

/* One request, like Bandwidth's except for its content type. */
struct doctor_ask {
	const char *url;
	const char *type;     /* Content-Type */
	const char *user;     /* NULL: no credentials */
	const char *password; /* only with a user */
	size_t body;	      /* bytes */
	bool slow;	      /* sent in chunks, with pauses */
	bool get;	      /* by GET, so without a body */
	bool insecure;	      /* accept any certificate */
	long wait;	      /* milliseconds */
};

#define DOCTOR_CHALLENGES 4

/* The answer. */
struct doctor_answer {
	CURLcode code;		   /* CURLE_OK: a complete answer */
	char why[CURL_ERROR_SIZE]; /* reason, if not CURLE_OK */
	long status;		   /* 0: no answer */
	char server[128];
	char type[128];
	char location[512];
	char challenges[DOCTOR_CHALLENGES][256]; /* WWW-Authenticate */
	size_t nchallenges;
	double seconds;
	struct bw_buf body; /* terminated; truncated */
};

/* Frees the members; a struct that is all zero is fine. */
void doctor_answer_free(struct doctor_answer *);

/* Send a request and wait for the answer. False: out of memory. */
bool doctor_wire_ask(const struct doctor_ask *, struct doctor_answer *);
/* Send the same request n times at once, each on its own connection. */
bool
doctor_wire_burst(const struct doctor_ask *, struct doctor_answer *, size_t n);
/* A handle with the common connection settings; NULL: out of memory. */
CURL *doctor_wire_handle(const char *url);

/* Returns true if the body begins with this text. */
bool doctor_begins(const struct doctor_answer *, const char *text);
bool doctor_holds(const struct doctor_answer *, const char *text);
/* Copy a masked value, truncated to fit. */
void doctor_mask(enum bw_mask, struct bw_str, char *out, size_t size);
/* Describe the result: "503, text/html", or curl's message. */
void doctor_describe(const struct doctor_answer *, char *out, size_t size);

#endif
