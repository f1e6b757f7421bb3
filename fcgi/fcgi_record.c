#include "fcgi_record.h"

#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>

#define RESPONDER     1
#define KEEP_CONN     1
#define END_COMPLETE  0
#define END_CANT_MPX  1
#define END_BAD_ROLE  3
#define UNKNOWN_TYPE  11
#define VALUES_RESULT 10

void
records_init(struct records *r, unsigned limit, struct bw_buf *params,
    struct bw_buf *body, struct essential_params *essential)
{
	r->phase = RECORD_BETWEEN;
	r->id = 0;
	r->keep_conn = false;
	r->plain = true;
	r->bytes = 0;
	r->complete = false;
	r->reply_n = 0;
	r->hang_up = false;
	r->bad = NULL;
	r->fault = BW_OK;
	r->fault_text = NULL;
	r->header_n = 0;
	r->left = 0;
	r->padding = 0;
	r->content_n = 0;
	r->lengths_n = 0;
	r->pair_left = 0;
	r->pairs = 0;
	r->params_n = 0;
	r->limit = limit;
	r->params = params;
	r->body = body;
	r->essential = essential;
	if (essential != NULL)
		essential_params_init(essential);
}

void
records_drop(struct records *r, enum bw_err fault, const char *why)
{
	if (r->fault != BW_OK)
		return;
	r->fault = fault;
	r->fault_text = why;
}

bool
records_at_rest(const struct records *r)
{
	return r->phase == RECORD_BETWEEN && r->header_n == 0;
}

void
record_header(unsigned char *out, unsigned type, unsigned id, size_t n)
{
	out[0] = 1; /* version */
	out[1] = (unsigned char)type;
	out[2] = (unsigned char)(id >> 8);
	out[3] = (unsigned char)id;
	out[4] = (unsigned char)(n >> 8);
	out[5] = (unsigned char)n;
	out[6] = 0; /* padding */
	out[7] = 0;
}

static enum record_result
bad(struct records *r, const char *why)
{
	r->bad = why;
	return RECORD_BAD;
}

static unsigned
record_type(const struct records *r)
{
	return r->header[1];
}

static unsigned
record_id(const struct records *r)
{
	return (unsigned)r->header[2] << 8 | r->header[3];
}

static size_t
record_length(const struct records *r)
{
	return (size_t)r->header[4] << 8 | r->header[5];
}

/* Does the record belong to the request that has begun? */
static bool
is_ours(const struct records *r)
{
	return r->phase != RECORD_BETWEEN && record_id(r) == r->id;
}

/* Is the content small and needed in one piece? */
static bool
is_collected(const struct records *r)
{
	return record_type(r) == RECORD_BEGIN ||
	       (record_id(r) == 0 && record_type(r) == RECORD_GET_VALUES);
}

static enum record_result
check_header(struct records *r)
{
	unsigned type = record_type(r);

	r->left = record_length(r);
	r->padding = r->header[6];
	r->content_n = 0;
	if (r->header[0] != 1)
		return bad(r, "not FastCGI version 1");
	if (type == RECORD_BEGIN && (record_id(r) == 0 || r->left != 8))
		return bad(r, "malformed begin record");
	if (is_collected(r) && r->left > sizeof(r->content))
		return bad(r, "FCGI_GET_VALUES too large");
	if (type == RECORD_BEGIN && is_ours(r))
		return bad(r, "request begins twice");
	/* libfcgi would take the padding of these for the next record. */
	if (r->padding > 0 && (type == RECORD_BEGIN || r->left == 0))
		r->plain = false;
	if (!is_ours(r)) {
		r->plain = r->plain && type == RECORD_BEGIN &&
			   r->phase == RECORD_BETWEEN;
		return RECORD_MORE;
	}
	switch (type) {
	case RECORD_ABORT:
		r->plain = false;
		return RECORD_MORE;
	case RECORD_PARAMS:
		return r->phase == RECORD_IN_PARAMS
			   ? RECORD_MORE
			   : bad(r, "parameters after their end");
	case RECORD_STDIN:
		return r->phase == RECORD_IN_STDIN
			   ? RECORD_MORE
			   : bad(r, "body before the end of the parameters");
	default:
		return bad(r, "unexpected record type");
	}
}

/* Read a length of one or four bytes (FastCGI 1.0 §3.4); *used: which. */
static size_t
read_length(const unsigned char *p, size_t *used)
{
	*used = p[0] & 0x80 ? 4 : 1;
	if (*used == 1)
		return p[0];
	return (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 |
	       (size_t)p[2] << 8 | p[3];
}

/* Size of the two lengths of a pair, as far as known. */
static size_t
lengths_size(const struct records *r)
{
	size_t name = r->lengths_n > 0 && r->lengths[0] & 0x80 ? 4 : 1;

	if (r->lengths_n <= name)
		return name + 1;
	return name + (r->lengths[name] & 0x80 ? 4 : 1);
}

static enum record_result
begin_pair(struct records *r)
{
	static const char too_large[] = "parameters too large";
	size_t used, name, value;

	name = read_length(r->lengths, &used);
	value = read_length(r->lengths + used, &used);
	r->lengths_n = 0;
	/* Each is below 2^31, so the sum does not overflow. */
	r->pair_left = name + value;
	r->params_n += name + value;
	r->pairs++;
	if (r->essential != NULL)
		essential_params_begin(r->essential, name, value);
	if (r->params_n > RECORD_MAX_PARAMS * RECORD_BEYOND_LIMITS ||
	    r->pairs > RECORD_MAX_PAIRS * RECORD_BEYOND_LIMITS)
		return bad(r, too_large);
	if (r->params_n > RECORD_MAX_PARAMS || r->pairs > RECORD_MAX_PAIRS)
		records_drop(r, BW_ERR_LIMIT, too_large);
	return RECORD_MORE;
}

static enum record_result
check_params(struct records *r, const unsigned char *p, size_t n)
{
	while (n > 0) {
		if (r->pair_left > 0) {
			size_t take = n < r->pair_left ? n : r->pair_left;

			if (r->essential != NULL)
				essential_params_add(
				    r->essential, (const char *)p, take);
			r->pair_left -= take;
			p += take;
			n -= take;
			continue;
		}
		r->lengths[r->lengths_n++] = *p++;
		n--;
		if (r->lengths_n == lengths_size(r) &&
		    begin_pair(r) == RECORD_BAD)
			return RECORD_BAD;
	}
	return RECORD_MORE;
}

static void
add_body(struct records *r, const unsigned char *p, size_t n)
{
	r->bytes += n;
	if (r->body != NULL && r->fault == BW_OK) {
		size_t room = BW_MAX_BODY + 1 - r->body->n;

		bw_buf_add(r->body, (const char *)p, n < room ? n : room);
	}
}

static enum record_result
take_content(struct records *r, const unsigned char *p, size_t n)
{
	if (is_collected(r)) {
		memcpy(r->content + r->content_n, p, n);
		r->content_n += n;
	} else if (is_ours(r) && record_type(r) == RECORD_PARAMS) {
		if (r->params != NULL && r->fault == BW_OK)
			bw_buf_add(r->params, (const char *)p, n);
		return check_params(r, p, n);
	} else if (is_ours(r) && record_type(r) == RECORD_STDIN) {
		add_body(r, p, n);
	}
	return RECORD_MORE;
}

static enum record_result
reply_end(struct records *r, unsigned id, unsigned char status)
{
	memset(r->reply, 0, RECORD_HEADER + 8);
	record_header(r->reply, RECORD_END, id, 8);
	r->reply[RECORD_HEADER + 4] = status;
	r->reply_n = RECORD_HEADER + 8;
	return RECORD_ANSWER;
}

static enum record_result
end_begin(struct records *r)
{
	unsigned role = (unsigned)r->content[0] << 8 | r->content[1];

	if (r->phase != RECORD_BETWEEN)
		return reply_end(r, record_id(r), END_CANT_MPX);
	if (role != RESPONDER) {
		r->hang_up = (r->content[2] & KEEP_CONN) == 0;
		return reply_end(r, record_id(r), END_BAD_ROLE);
	}
	r->id = record_id(r);
	r->keep_conn = (r->content[2] & KEEP_CONN) != 0;
	r->phase = RECORD_IN_PARAMS;
	return RECORD_MORE;
}

static enum record_result
end_abort(struct records *r)
{
	unsigned id = r->id;
	bool keep_conn = r->keep_conn;

	if (r->params != NULL)
		bw_buf_reset(r->params);
	if (r->body != NULL)
		bw_buf_reset(r->body);
	records_init(r, r->limit, r->params, r->body, r->essential);
	r->plain = false;
	r->hang_up = !keep_conn;
	return reply_end(r, id, END_COMPLETE);
}

static void
put_value(struct records *r, const char *name, unsigned value)
{
	char digits[16];
	int n = snprintf(digits, sizeof(digits), "%u", value);
	size_t name_n = strlen(name);
	unsigned char *p = r->reply + r->reply_n;

	p[0] = (unsigned char)name_n;
	p[1] = (unsigned char)n;
	memcpy(p + 2, name, name_n);
	memcpy(p + 2 + name_n, digits, (size_t)n);
	r->reply_n += 2 + name_n + (size_t)n;
}

/*
 * Does the request contain this name? Values should be empty, but need not be.
 */
static bool
has_name(const struct records *r, const char *name)
{
	const unsigned char *p = r->content;
	size_t left = r->content_n;

	while (left >= 2 && (p[0] & 0x80) == 0 && (p[1] & 0x80) == 0) {
		size_t name_n = p[0];
		size_t n = 2 + name_n + p[1];

		if (n > left)
			break;
		if (name_n == strlen(name) && memcmp(p + 2, name, name_n) == 0)
			return true;
		p += n;
		left -= n;
	}
	return false;
}

static enum record_result
end_management(struct records *r)
{
	size_t n;

	if (record_type(r) != RECORD_GET_VALUES) {
		memset(r->reply, 0, RECORD_HEADER + 8);
		record_header(r->reply, UNKNOWN_TYPE, 0, 8);
		r->reply[RECORD_HEADER] = (unsigned char)record_type(r);
		r->reply_n = RECORD_HEADER + 8;
		return RECORD_ANSWER;
	}
	r->reply_n = RECORD_HEADER;
	if (has_name(r, "FCGI_MAX_CONNS"))
		put_value(r, "FCGI_MAX_CONNS", r->limit);
	if (has_name(r, "FCGI_MAX_REQS"))
		put_value(r, "FCGI_MAX_REQS", r->limit);
	if (has_name(r, "FCGI_MPXS_CONNS"))
		put_value(r, "FCGI_MPXS_CONNS", 0);
	n = r->reply_n - RECORD_HEADER;
	record_header(r->reply, VALUES_RESULT, 0, n);
	return RECORD_ANSWER;
}

static enum record_result
end_record(struct records *r)
{
	r->header_n = 0;
	if (record_id(r) == 0)
		return end_management(r);
	if (record_type(r) == RECORD_BEGIN)
		return end_begin(r);
	if (!is_ours(r)) /* a late record of a finished request */
		return RECORD_MORE;
	if (record_type(r) == RECORD_ABORT)
		return end_abort(r);
	if (record_length(r) > 0)
		return RECORD_MORE;
	if (record_type(r) == RECORD_STDIN) {
		r->complete = true;
		return RECORD_REQUEST;
	}
	if (r->lengths_n > 0 || r->pair_left > 0)
		return bad(r, "parameters end within a pair");
	r->phase = RECORD_IN_STDIN;
	return RECORD_MORE;
}

/* Parse one part of a record: header, content or padding. */
static enum record_result
take_part(struct records *r, const unsigned char *p, size_t n, size_t *took)
{
	enum record_result v = RECORD_MORE;
	size_t want;

	if (r->header_n < RECORD_HEADER) {
		want = RECORD_HEADER - r->header_n;
		*took = n < want ? n : want;
		memcpy(r->header + r->header_n, p, *took);
		r->header_n += *took;
		if (r->header_n == RECORD_HEADER)
			v = check_header(r);
	} else if (r->left > 0) {
		*took = n < r->left ? n : r->left;
		r->left -= *took;
		v = take_content(r, p, *took);
	} else {
		*took = n < r->padding ? n : r->padding;
		r->padding -= *took;
	}
	return v;
}

enum record_result
records_feed(struct records *r, const unsigned char *p, size_t n, size_t *used)
{
	*used = 0;
	while (*used < n) {
		size_t took;
		enum record_result v =
		    take_part(r, p + *used, n - *used, &took);

		*used += took;
		if (v == RECORD_MORE && r->header_n == RECORD_HEADER &&
		    r->left == 0 && r->padding == 0)
			v = end_record(r);
		if (v != RECORD_MORE)
			return v;
	}
	return RECORD_MORE;
}
