/* The members of a request, for programs that do not see its structure. */
#include <strings.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "base/request.h"

struct bw_request *
bw_request_new(void)
{
	struct bw_request *r = bwi_alloc(sizeof(*r));

	if (r != NULL)
		bw_request_reset(r);
	return r;
}

void
bw_request_free(struct bw_request *r)
{
	bwi_free(r);
}

void
bw_request_reset(struct bw_request *r)
{
	*r = (struct bw_request){
	    .content_length = -1,
	    .body = {"", 0},
	    .arrived = bw_monotonic_ns(),
	};
}

static enum bw_method
find_method(struct bw_str name)
{
	static const struct {
		struct bw_str name;
		enum bw_method method;
	} methods[] = {
	    {{"POST", 4}, BW_METHOD_POST},
	    {{"GET", 3}, BW_METHOD_GET},
	    {{"HEAD", 4}, BW_METHOD_HEAD},
	    {{"OPTIONS", 7}, BW_METHOD_OPTIONS},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (bw_str_eq(name, methods[i].name))
			return methods[i].method;
	}
	return BW_METHOD_OTHER;
}

void
bw_request_set_method(struct bw_request *r, struct bw_str name)
{
	r->method_name = name;
	r->method = find_method(name);
}

void
bw_request_set_path(struct bw_request *r, struct bw_str path)
{
	r->path = path;
}

void
bw_request_set_query(struct bw_request *r, struct bw_str query)
{
	r->query = query;
}

static bool
is_field(struct bw_str name, const char *want)
{
	return name.n == strlen(want) && strncasecmp(name.p, want, name.n) == 0;
}

void
bw_request_set_header(
    struct bw_request *r, struct bw_str name, struct bw_str value)
{
	if (is_field(name, "Authorization")) {
		r->authorization_empty = value.n == 0;
		r->authorization =
		    value.n != 0 ? value : (struct bw_str){NULL, 0};
	} else if (is_field(name, "Content-Type")) {
		r->content_type =
		    value.n != 0 ? value : (struct bw_str){NULL, 0};
	} else if (is_field(name, "Content-Length")) {
		r->content_length = -1;
		(void)bwi_decimal_parse(value, INT64_MAX, &r->content_length);
	} else if (is_field(name, "Transfer-Encoding")) {
		r->chunked = value.n >= 7 && strncasecmp(value.p + value.n - 7,
						 "chunked", 7) == 0;
	} else if (is_field(name, "X-Bandwidth-Signature-HMAC-SHA256")) {
		r->signatures[BWI_SIGNATURE_TFV] = value;
	} else if (is_field(name, "X-Bandwidth-Signature-SHA-256")) {
		r->signatures[BWI_SIGNATURE_NUMBERS] = value;
	}
}

void
bw_request_set_body(struct bw_request *r, struct bw_str body)
{
	r->body_too_large = body.n > BW_MAX_BODY;
	if (r->body_too_large)
		body.n = BW_MAX_BODY;
	r->body = body.p != NULL ? body : BW_STR("");
}

void
bw_request_set_id(struct bw_request *r, struct bw_str id)
{
	r->id = id;
}

void
bw_request_set_arrived(struct bw_request *r, int64_t ns)
{
	r->arrived = ns;
}

void
bw_request_set_time(struct bw_request *r, int64_t ms)
{
	r->time = ms;
}

void
bw_request_set_client_gone(struct bw_request *r, bool gone)
{
	r->client_gone = gone;
}

void
bw_request_set_fault(struct bw_request *r, enum bw_err fault, const char *why)
{
	r->fault = fault;
	r->fault_text = why;
}

enum bw_method
bw_request_method(const struct bw_request *r)
{
	return r->method;
}

struct bw_str
bw_request_method_name(const struct bw_request *r)
{
	return r->method_name;
}

struct bw_str
bw_request_path(const struct bw_request *r)
{
	return r->path;
}

struct bw_str
bw_request_query(const struct bw_request *r)
{
	return r->query;
}

struct bw_str
bw_request_content_type(const struct bw_request *r)
{
	return r->content_type;
}

struct bw_str
bw_request_body(const struct bw_request *r)
{
	return r->body;
}

struct bw_str
bw_request_id(const struct bw_request *r)
{
	return r->id;
}

int64_t
bw_request_content_length(const struct bw_request *r)
{
	return r->content_length;
}

bool
bw_request_is_chunked(const struct bw_request *r)
{
	return r->chunked;
}
