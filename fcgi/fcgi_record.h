#ifndef BWF_FCGI_RECORD_H
#define BWF_FCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * FastCGI records (FastCGI 1.0 §3, §5) as a web server sends them, looked at
 * before libfcgi sees any: bytes in, verdicts out, no I/O. libfcgi aborts the
 * process on some lengths, blocks in the middle of a record and answers
 * FCGI_GET_VALUES only when more input follows, so only a request that is
 * whole and sound may reach it.
 */

/*
 * All names and values of one request. nginx passes at most 32 kB of header
 * fields by default, and each of them at most once.
 */
#define RECORD_MAX_PARAMS (64 * 1024)

/* Pairs in it; libfcgi allocates for each. Web servers send 25 to 60. */
#define RECORD_MAX_PAIRS 1024

/* What an FCGI_GET_VALUES may ask; the three known names have 48 bytes. */
#define RECORD_MAX_VALUES 512

#define RECORD_HEADER	  8
#define RECORD_MAX_REPLY  128
#define RECORD_BEGIN	  1
#define RECORD_ABORT	  2
#define RECORD_END	  3
#define RECORD_PARAMS	  4
#define RECORD_STDIN	  5
#define RECORD_STDOUT	  6
#define RECORD_GET_VALUES 9

enum record_result {
	RECORD_MORE,	/* all bytes used, the request is not whole yet */
	RECORD_ANSWER,	/* send reply, then go on with the rest */
	RECORD_REQUEST, /* a request is whole; what follows is the next one's */
	RECORD_BAD	/* not to be talked to: close */
};

enum record_phase {
	RECORD_BETWEEN, /* no request has begun */
	RECORD_IN_PARAMS,
	RECORD_IN_STDIN
};

struct records {
	/* Of the request. */
	enum record_phase phase;
	unsigned id;
	bool keep;	/* the server keeps the connection after it */
	bool plain;	/* nothing but its own records in their order */
	uint64_t bytes; /* of body, kept or not */

	/* Send this when the verdict is RECORD_ANSWER. */
	unsigned char reply[RECORD_MAX_REPLY];
	size_t reply_n;
	bool hang_up; /* and close then */

	const char *bad; /* why, when the verdict is RECORD_BAD */

	/* The record being read. */
	unsigned char header[RECORD_HEADER];
	size_t header_n;
	size_t left;	/* of its content */
	size_t padding; /* after it */
	unsigned char content[RECORD_MAX_VALUES];
	size_t content_n;

	/* Where in a name-value pair. */
	unsigned char lengths[8];
	size_t lengths_n;
	size_t pair_left;
	size_t pairs;
	size_t params_n;

	unsigned limit;	       /* connections, for FCGI_GET_VALUES */
	struct bw_buf *params; /* where contents go; NULL: nowhere */
	struct bw_buf *body;   /* at most its own ceiling is kept */
};

/*
 * params and body, both or neither, collect the contents; a body is kept up
 * to one byte past BW_MAX_BODY, which is how its reader sees that it is too
 * large. Their failure (memory) is the caller's to look at.
 */
void records_init(struct records *, unsigned limit, struct bw_buf *params,
    struct bw_buf *body);

/* Take bytes; *used says how many the verdict rests on. */
enum record_result
records_feed(struct records *, const unsigned char *p, size_t n, size_t *used);

/* Between two requests with no part of a record read. */
bool records_at_rest(const struct records *);

/* Write a header of RECORD_HEADER bytes; n is at most 65535. */
void record_header(unsigned char *out, unsigned type, unsigned id, size_t n);

#endif
