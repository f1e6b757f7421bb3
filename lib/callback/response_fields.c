/* The members of a response, for programs that do not see its structure. */
#include <bwcallback/tools/config.h>

#include "base/response.h"

struct bw_str
bw_response_body(const struct bw_response *r)
{
	return r->prepared.p != NULL ? r->prepared
				     : (struct bw_str){r->body.p, r->body.n};
}

int
bw_response_status(const struct bw_response *r)
{
	return r->status;
}

const char *
bw_response_content_type(const struct bw_response *r)
{
	return r->content_type;
}

struct bw_str
bw_response_realm(const struct bw_response *r)
{
	return r->realm;
}

const char *
bw_response_allow(const struct bw_response *r)
{
	return r->allow;
}

int
bw_response_retry_after(const struct bw_response *r)
{
	return r->retry_after;
}

enum bw_family
bw_response_family(const struct bw_response *r)
{
	return r->family;
}

struct bw_str
bw_response_type(const struct bw_response *r)
{
	return r->type;
}

struct bw_str
bw_response_call(const struct bw_response *r)
{
	return r->call;
}

struct bw_str
bw_response_message(const struct bw_response *r)
{
	return r->message;
}

size_t
bw_response_events(const struct bw_response *r)
{
	return r->events;
}

struct bw_str
bw_response_user(const struct bw_response *r)
{
	return r->user;
}

bool
bw_response_is_fallback(const struct bw_response *r)
{
	return r->fallback;
}

const struct bw_error *
bw_response_error(const struct bw_response *r)
{
	return &r->why;
}

const struct bw_rule *
bw_response_rule(const struct bw_response *r)
{
	return r->rule;
}
