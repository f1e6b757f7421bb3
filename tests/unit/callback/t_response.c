/* Answers in CGI form, and what an error becomes. */
#include <bwcallback/limits.h>
#include <bwcallback/response.h>

#include "base/response.h"
#include "tests/tap/tap.h"

static struct bw_str
content(const struct bw_buf *b)
{
	return (struct bw_str){b->p, b->n};
}

static void
check_written(const struct bw_response *r, const char *want, const char *name)
{
	struct bw_buf out;

	bw_buf_init(&out, BW_MAX_BXML + 1024);
	bw_response_write(r, &out);
	is_int(out.err, BW_OK, "%s: written", name);
	is_text(content(&out), want, "%s", name);
	bw_buf_free(&out);
}

static void
test_write(void)
{
	struct bw_response r;

	bwi_response_init(&r);
	r.status = 200;
	check_written(
	    &r, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n", "an empty 200");

	r.status = 204;
	check_written(
	    &r, "Status: 204 No Content\r\n\r\n", "a 204 has no length");

	r.status = 200;
	r.content_type = "application/xml; charset=utf-8";
	bw_buf_puts(&r.body, "<Response/>");
	check_written(&r,
	    "Status: 200 OK\r\n"
	    "Content-Type: application/xml; charset=utf-8\r\n"
	    "Content-Length: 11\r\n\r\n<Response/>",
	    "BXML");

	r.head = true;
	check_written(&r,
	    "Status: 200 OK\r\n"
	    "Content-Type: application/xml; charset=utf-8\r\n"
	    "Content-Length: 11\r\n\r\n",
	    "HEAD has the length but no body");

	r.head = false;
	r.prepared = BW_STR("<Response><Hangup/></Response>");
	check_written(&r,
	    "Status: 200 OK\r\n"
	    "Content-Type: application/xml; charset=utf-8\r\n"
	    "Content-Length: 30\r\n\r\n<Response><Hangup/></Response>",
	    "prepared text stands before the body");
	bwi_response_release(&r);
}

static void
test_challenge(void)
{
	struct bw_error e = {0};
	struct bw_response r;

	bwi_response_init(&r);
	r.realm = BW_STR("a \"quoted\\\" realm\r\nX: y");
	(void)bw_error_set(&e, BW_ERR_MISSING, 0, "no header at all");
	bw_response_fail(&r, &e);
	check_written(&r,
	    "Status: 401 Unauthorized\r\n"
	    "WWW-Authenticate: Basic realm=\"a \\\"quoted\\\\\\\" realm  X: "
	    "y\", "
	    "charset=\"UTF-8\"\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 50\r\n\r\n"
	    "missing: no credentials arrived with this request\n",
	    "the challenge");
	bw_response_reset(&r);
	e = (struct bw_error){0};
	(void)bw_error_set(&e, BW_ERR_REJECTED, 0, "user bob: wrong password");
	bw_response_fail(&r, &e);
	is_text(r.prepared, "rejected: these credentials are not valid here\n",
	    "a refusal does not say the user or the reason");
	bwi_response_release(&r);
}

/* A section without credentials sends no challenge. */
static void
test_no_challenge(void)
{
	struct bw_error e = {0};
	struct bw_response r;

	bwi_response_init(&r);
	(void)bw_error_set(&e, BW_ERR_SIGNATURE, 0, "no signature");
	bw_response_fail(&r, &e);
	is_int(r.status, 401, "a signature is missing");
	check_written(&r,
	    "Status: 401 Unauthorized\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 46\r\n\r\n"
	    "signature: missing or not valid for this body\n",
	    "no challenge without a realm");
	r.realm = BW_STR("");
	ok(r.realm.p != NULL, "an empty realm is a realm");
	check_written(&r,
	    "Status: 401 Unauthorized\r\n"
	    "WWW-Authenticate: Basic realm=\"\", charset=\"UTF-8\"\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 46\r\n\r\n"
	    "signature: missing or not valid for this body\n",
	    "an empty one is sent");
	bwi_response_release(&r);
}

static void
test_fail(void)
{
	struct bw_error theirs = {0}, ours = {0};
	struct bw_response r;

	bwi_response_init(&r);
	(void)bw_error_set(&theirs, BW_ERR_SYNTAX, 0, "json: 1:7: bad");
	bw_response_fail(&r, &theirs);
	is_int(r.status, 400, "malformed is 400");
	is_text(content(&r.body), "malformed input: json: 1:7: bad\n",
	    "and says where");
	is_int(r.retry_after, 0, "without Retry-After");

	bw_response_reset(&r);
	(void)bw_error_set(&ours, BW_ERR_IO, 5, "/secret/file: broken");
	bw_response_fail(&r, &ours);
	is_int(r.status, 503, "our error is 503");
	is_text(content(&r.body), "input/output error\n", "and names no file");
	is_str(r.why.msg, "/secret/file: broken",
	    "the log gets the whole message");
	ok(r.retry_after > 0, "with Retry-After");
	bwi_response_release(&r);
}

static void
test_no_memory(void)
{
	struct bw_error e = {0};
	struct bw_response r;

	bwi_response_init(&r);
	(void)bw_error_set(&e, BW_ERR_NOMEM, 0, "no memory");
	tap_fail_alloc(1);
	bw_response_fail(&r, &e);
	tap_fail_alloc(0);
	is_text(r.prepared, "out of memory", "a reason without memory");
	bwi_response_release(&r);
}

int
main(void)
{
	test_write();
	test_challenge();
	test_no_challenge();
	test_fail();
	test_no_memory();
	return tap_done();
}
