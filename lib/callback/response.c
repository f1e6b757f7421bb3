#include <bwcallback/response.h>

#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "base/response.h"

void
bwi_response_init(struct bw_response *r)
{
	*r = (struct bw_response){.status = 500};
	bw_buf_init(&r->body, BW_MAX_BXML);
}

void
bw_response_reset(struct bw_response *r)
{
	struct bw_buf body = r->body;

	bw_buf_reset(&body);
	*r = (struct bw_response){.status = 500, .body = body};
}

void
bwi_response_forget(struct bw_response *r)
{
	bw_buf_reset(&r->body);
	r->prepared = (struct bw_str){NULL, 0};
	r->status = 500;
	r->content_type = NULL;
	r->fallback = false;
	r->why = (struct bw_error){0};
}

void
bwi_response_release(struct bw_response *r)
{
	bw_buf_free(&r->body);
}

struct bw_response *
bw_response_new(void)
{
	struct bw_response *r = bwi_alloc(sizeof(*r));

	if (r != NULL)
		bwi_response_init(r);
	return r;
}

void
bw_response_free(struct bw_response *r)
{
	if (r != NULL)
		bwi_response_release(r);
	bwi_free(r);
}

static const char *
reason_phrase(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 303:
		return "See Other";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 500:
		return "Internal Server Error";
	case 503:
		return "Service Unavailable";
	default: /* the phrase is optional (RFC 9112 §4) */
		return "";
	}
}

/* A realm inside quotes: backslash and quote need a backslash (RFC 9110). */
static void
put_quoted(struct bw_buf *out, struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			bw_buf_putc(out, '\\');
		bw_buf_putc(out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
}

static void
put_fields(const struct bw_response *r, struct bw_buf *out)
{
	/*
	 * With a challenge Bandwidth repeats the request with credentials;
	 * without one the callback is lost. A section that only checks
	 * signatures has no realm and sends no challenge.
	 */
	if (r->status == 401 && r->realm.p != NULL) {
		bw_buf_puts(out, "WWW-Authenticate: Basic realm=\"");
		put_quoted(out, r->realm);
		bw_buf_puts(out, "\", charset=\"UTF-8\"\r\n");
	}
	if (r->allow != NULL) {
		bw_buf_puts(out, "Allow: ");
		bw_buf_puts(out, r->allow);
		bw_buf_puts(out, "\r\n");
	}
	if (r->retry_after > 0) {
		bw_buf_puts(out, "Retry-After: ");
		bw_buf_int(out, r->retry_after);
		bw_buf_puts(out, "\r\n");
	}
	if (r->location != NULL) {
		bw_buf_puts(out, "Location: ");
		bw_buf_puts(out, r->location);
		bw_buf_puts(out, "\r\n");
	}
	bw_buf_puts(out, r->fields != NULL ? r->fields : "");
	if (r->fallback)
		bw_buf_puts(out, BW_FALLBACK_HEADER ": responder\r\n");
	if (r->content_type != NULL) {
		bw_buf_puts(out, "Content-Type: ");
		bw_buf_puts(out, r->content_type);
		bw_buf_puts(out, "\r\n");
	}
}

static void
put_head(const struct bw_response *r, struct bw_buf *out)
{
	bw_buf_puts(out, "Status: ");
	bw_buf_int(out, r->status);
	bw_buf_putc(out, ' ');
	bw_buf_puts(out, reason_phrase(r->status));
	bw_buf_puts(out, "\r\n");
	put_fields(r, out);
}

void
bwi_response_begin(const struct bw_response *r, struct bw_buf *out)
{
	put_head(r, out);
	bw_buf_puts(out, "\r\n");
}

void
bw_response_write(const struct bw_response *r, struct bw_buf *out)
{
	struct bw_str body = bw_response_body(r);

	if (r->whole) {
		bw_buf_str(out, r->prepared);
		return;
	}
	put_head(r, out);
	/* A 204 has no body and must not have a length (RFC 9110 §8.6). */
	if (r->status != 204) {
		bw_buf_puts(out, "Content-Length: ");
		bw_buf_int(out, (long long)body.n);
		bw_buf_puts(out, "\r\n");
	}
	bw_buf_puts(out, "\r\n");
	if (r->status != 204 && !r->head)
		bw_buf_str(out, body);
}

/*
 * Distinguishes a missing header from a wrong password. Fixed texts: details
 * about the credentials go to the log only.
 */
static const char *
refusal_text(enum bw_err code)
{
	switch (code) {
	case BW_ERR_MISSING:
		return "missing: no credentials arrived with this request\n";
	case BW_ERR_REJECTED:
		return "rejected: these credentials are not valid here\n";
	case BW_ERR_SIGNATURE:
		return "signature: missing or not valid for this body\n";
	default:
		return NULL;
	}
}

/*
 * For our errors (5xx) only the text of the table: paths of files and programs
 * must not leave the server. For the client's errors (4xx) the whole message.
 */
static void
put_reason(struct bw_buf *body, const struct bw_error *e)
{
	bw_buf_puts(body, bw_strerror(e->code));
	if (bw_err_status(e->code) < 500 && e->msg[0] != '\0') {
		bw_buf_puts(body, ": ");
		bw_buf_puts(body, e->msg);
	}
	bw_buf_putc(body, '\n');
}

void
bw_response_fail(struct bw_response *r, const struct bw_error *e)
{
	const char *fixed = refusal_text(e->code);

	if (&r->why != e)
		r->why = *e;
	r->status = bw_err_status(e->code);
	r->content_type = "text/plain; charset=utf-8";
	r->retry_after = r->status == 503 ? 30 : 0;
	bw_buf_reset(&r->body);
	if (fixed != NULL) {
		r->prepared = (struct bw_str){fixed, strlen(fixed)};
		return;
	}
	put_reason(&r->body, e);
	if (r->body.err != BW_OK) {
		fixed = bw_strerror(e->code);
		r->prepared = (struct bw_str){fixed, strlen(fixed)};
	}
}
