#ifndef BWF_FCGI_RECORD_H
#define BWF_FCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>

#include "essential_params.h"

/*
 * Parser of the FastCGI records (FastCGI 1.0 §3, §5) that a web server sends;
 * it checks them before libfcgi reads them. Bytes in, results out, no I/O.
 * libfcgi aborts the process on some lengths, blocks in the middle of a record
 * and answers FCGI_GET_VALUES only when more input follows, so only complete
 * and valid requests may reach it.
 */

/*
 * Maximum size of all names and values of one request. nginx passes at most 32
 * kB of header fields by default, and each of them at most once.
 */
#define RECORD_MAX_PARAMS (64 * 1024)

/*
 * Maximum number of pairs; libfcgi allocates each. Web servers send 25 to 60.
 */
#define RECORD_MAX_PAIRS 1024

/*
 * A request of up to this many times both limits is read to its end and
 * answered, but only its essential parameters are stored. Apache sends at most
 * 800 kB of parameters: 100 header fields of 8 kB.
 */
#define RECORD_BEYOND_LIMITS 16

/* Maximum size of an FCGI_GET_VALUES; the three known names have 48 bytes. */
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
	RECORD_MORE,	/* all bytes used, the request is incomplete */
	RECORD_ANSWER,	/* send reply, then continue with the rest */
	RECORD_REQUEST, /* a request is complete */
	RECORD_BAD	/* invalid: close the connection */
};

enum record_phase {
	RECORD_BETWEEN, /* no request has begun */
	RECORD_IN_PARAMS,
	RECORD_IN_STDIN
};

struct records {
	/* The request. */
	enum record_phase phase;
	unsigned id;
	bool keep_conn; /* the server keeps the connection open after it */
	bool plain;	/* only records of this request, in order */
	uint64_t bytes; /* of the body, stored or not */
	bool complete;	/* it was read to its end */

	/* The reply to send with RECORD_ANSWER. */
	unsigned char reply[RECORD_MAX_REPLY];
	size_t reply_n;
	bool hang_up; /* close after the reply */

	const char *bad; /* the reason of RECORD_BAD */

	/*
	 * The reason why the request is read but not stored; BW_OK: it is
	 * stored.
	 */
	enum bw_err fault;
	const char *fault_text;

	/* The record being read. */
	unsigned char header[RECORD_HEADER];
	size_t header_n;
	size_t left;	/* bytes of content left */
	size_t padding; /* after it */
	unsigned char content[RECORD_MAX_VALUES];
	size_t content_n;

	/* Position in a name-value pair. */
	unsigned char lengths[8];
	size_t lengths_n;
	size_t pair_left;
	size_t pairs;
	size_t params_n;

	unsigned limit;	       /* connections, for FCGI_GET_VALUES */
	struct bw_buf *params; /* collects the content; NULL: discard it */
	struct bw_buf *body;   /* up to its own limit */
	struct essential_params *essential; /* NULL: none */
};

/*
 * params and body, both or neither, collect the content. The body is stored up
 * to one byte past BW_MAX_BODY, so that its reader can detect that it is too
 * large. The caller checks their errors (out of memory).
 */
void records_init(struct records *, unsigned limit, struct bw_buf *params,
    struct bw_buf *body, struct essential_params *);

/* Store no more of the request, only its essential parameters. The first cause
 * counts. */
void records_drop(struct records *, enum bw_err, const char *why);

/* Parse bytes; *used: how many were consumed. */
enum record_result
records_feed(struct records *, const unsigned char *p, size_t n, size_t *used);

/* Is the parser between two requests, without a partial record? */
bool records_at_rest(const struct records *);

/* Write a header of RECORD_HEADER bytes; n is at most 65535. */
void record_header(unsigned char *out, unsigned type, unsigned id, size_t n);

#endif
