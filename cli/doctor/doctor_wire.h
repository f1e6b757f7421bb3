#ifndef BWC_DOCTOR_WIRE_H
#define BWC_DOCTOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/mask.h>

/* One request, as Bandwidth would send it but for its content type. */
struct doctor_ask {
	const char *url;
	const char *type;     /* Content-Type */
	const char *user;     /* NULL: no credentials */
	const char *password; /* with a user */
	size_t body;	      /* bytes */
	bool slow;	      /* in chunks, with pauses */
	bool insecure;	      /* whatever its certificate */
	long wait;	      /* milliseconds */
};

#define DOCTOR_CHALLENGES 4

/* What came back. */
struct doctor_answer {
	CURLcode code;		   /* CURLE_OK: an answer, complete */
	char why[CURL_ERROR_SIZE]; /* when not */
	long status;		   /* 0: none came */
	char server[128];
	char type[128];
	char location[512];
	char challenges[DOCTOR_CHALLENGES][256]; /* WWW-Authenticate */
	size_t nchallenges;
	double seconds;
	struct bw_buf body; /* terminated; cut */
};

/* Frees what an answer holds; one that is all zero is fine. */
void doctor_answer_free(struct doctor_answer *);

/* Ask, and wait for the answer; false: out of memory. */
bool doctor_wire_ask(const struct doctor_ask *, struct doctor_answer *);
/* The same request n times at once, each on a connection of its own. */
bool
doctor_wire_burst(const struct doctor_ask *, struct doctor_answer *, size_t n);
/* A handle that will connect as all of these do; NULL: out of memory. */
CURL *doctor_wire_handle(const char *url);

/* Does the body begin like this? */
bool doctor_begins(const struct doctor_answer *, const char *text);
bool doctor_holds(const struct doctor_answer *, const char *text);
/* A masked value into a text, cut so that it fits. */
void doctor_mask(enum bw_mask, struct bw_str, char *out, size_t size);
/* How it ended, for people: "503, text/html" or what curl has to say. */
void doctor_describe(const struct doctor_answer *, char *out, size_t size);

#endif
