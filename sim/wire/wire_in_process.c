/*
 * The application is a configuration in this process: each request takes the
 * same path through the library as one from a web server.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/rehearsal.h>

#include "sim/base/memory.h"
#include "sim/wire/wire_kind.h"

struct flow {
	struct sim_wire wire;
	struct bw_config *config;
	struct bw_rehearsal *rehearsal;
	struct bw_request *request;
	struct bw_response *response;
	unsigned long long requests;
	struct sim_permission permission; /* ask NULL: granted */
};

/* The CGI variables that a web server would set. */
enum variable {
	METHOD,
	URI,
	TYPE,
	LENGTH,
	AUTHORIZATION,
	SIGNATURE,
	ADDRESS,
	VARIABLES
};

/* The path and query of an absolute URL. */
static const char *
target_of(const char *url)
{
	const char *authority = strstr(url, "://");
	const char *path =
	    authority != NULL ? strpbrk(authority + 3, "/?") : url;

	return path != NULL ? path : "/";
}

static char *
make_authorization(const char *user, const char *password)
{
	char *pair = sim_format("%s:%s", user, password);
	size_t n = strlen(pair), size = BASE64_ENCODE_RAW_LENGTH(n);
	char *code = sim_alloc(size + 1), *header;

	base64_encode_raw(code, n, (const uint8_t *)pair);
	header = sim_format("HTTP_AUTHORIZATION=Basic %s", code);
	free(pair);
	free(code);
	return header;
}

/* "X-Name" becomes HTTP_X_NAME. */
static char *
make_header(const char *name, const char *value)
{
	char *line = sim_format("HTTP_%s=%s", name, value);

	for (char *p = line; *p != '='; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return line;
}

static void
make_variables(const struct sim_request *q, char **v)
{
	const char *uri = target_of(q->url);

	v[METHOD] = sim_format("REQUEST_METHOD=%s", q->method);
	v[URI] = sim_format("REQUEST_URI=%s%s", *uri == '?' ? "/" : "", uri);
	v[LENGTH] = sim_format("CONTENT_LENGTH=%zu", q->body.n);
	v[TYPE] = sim_format("CONTENT_TYPE=%s", q->type != NULL ? q->type : "");
	v[AUTHORIZATION] = q->user != NULL && q->password != NULL
			       ? make_authorization(q->user, q->password)
			       : sim_copy("SERVER_PROTOCOL=HTTP/1.1");
	v[SIGNATURE] = q->signature_name != NULL && q->signature != NULL
			   ? make_header(q->signature_name, q->signature)
			   : sim_copy("HTTP_ACCEPT=*/*");
	v[ADDRESS] = sim_copy("REMOTE_ADDR=127.0.0.1");
}

static void
take_reply(const struct bw_response *resp, struct sim_reply *r)
{
	const struct bw_error *why = bw_response_error(resp);
	const struct bw_rule *rule = bw_response_rule(resp);
	struct bw_str body = bw_response_body(resp);
	struct bw_str realm = bw_response_realm(resp);

	r->status = bw_response_status(resp);
	r->type = sim_copy(bw_response_content_type(resp));
	if (r->status == 401)
		r->challenge =
		    sim_format("Basic realm=\"%.*s\"", (int)realm.n, realm.p);
	if (bw_response_retry_after(resp) > 0)
		r->retry_after = bw_response_retry_after(resp);
	if (r->status != 204 && body.n > 0)
		bw_buf_str(&r->body, body);
	if (r->body.err != BW_OK)
		sim_no_memory();
	if (rule != NULL) {
		r->rule_file = rule->file;
		r->rule_line = rule->line;
	}
	r->fallback = bw_response_is_fallback(resp);
	r->late = why->code == BW_ERR_DEADLINE;
	if (why->code != BW_OK)
		r->reason = sim_copy(
		    why->msg[0] != '\0' ? why->msg : bw_strerror(why->code));
}

/* A person's thinking time does not count as the application's. */
static void
ask_permission(struct flow *f, struct bw_str as)
{
	const char *program = NULL;

	if (f->permission.ask == NULL)
		return;
	program = bw_rehearsal_program(f->rehearsal, as, f->request);
	if (program != NULL)
		bw_rehearsal_run_programs(f->rehearsal,
		    f->permission.ask(f->permission.arg, program));
}

static void
send_one(struct flow *f, const struct sim_request *q, struct sim_reply *r)
{
	char *variables[VARIABLES + 1] = {NULL};
	int64_t begin;
	struct bw_str as = {NULL, 0};
	char *id = sim_format("simulate-%llu", ++f->requests);

	sim_reply_reset(r);
	make_variables(q, variables);
	/* Other errors are recorded in the request and answered. */
	if (bw_request_from_env(f->request, (const char *const *)variables,
		NULL) == BW_ERR_NOMEM)
		sim_no_memory();
	bw_request_set_id(f->request, (struct bw_str){id, strlen(id)});
	bw_request_set_body(f->request, q->body);
	if (q->user != NULL && q->password == NULL)
		as = (struct bw_str){q->user, strlen(q->user)};
	bw_request_set_time(f->request, q->time);
	ask_permission(f, as);
	begin = bw_monotonic_ns();
	bw_request_set_arrived(f->request, begin);
	bw_rehearsal_answer(f->rehearsal, as, f->request, f->response);
	r->took = (bw_monotonic_ns() - begin) / 1000;
	take_reply(f->response, r);
	for (size_t i = 0; i < VARIABLES; i++)
		free(variables[i]);
	free(id);
}

/* Sequentially: there are no connections and only one thread. */
static void
send_flow(struct sim_wire *w, const struct sim_request *q, struct sim_reply *r,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		send_one((struct flow *)w, q, &r[i]);
}

static struct bw_config *
config_of(const struct sim_wire *w)
{
	return ((const struct flow *)w)->config;
}

static struct bw_store *
store_of(const struct sim_wire *w)
{
	return bw_rehearsal_store(((const struct flow *)w)->rehearsal);
}

static void
forget(struct sim_wire *w)
{
	if (bw_rehearsal_reset(((struct flow *)w)->rehearsal, NULL) != BW_OK)
		sim_no_memory();
}

static void
permit(struct sim_wire *w, const struct sim_permission *permission)
{
	((struct flow *)w)->permission = *permission;
}

static void
free_flow(struct sim_wire *w)
{
	struct flow *f = (struct flow *)w;

	bw_response_free(f->response);
	bw_request_free(f->request);
	bw_rehearsal_free(f->rehearsal);
	bw_config_unref(f->config);
	free(f);
}

struct sim_wire *
sim_wire_flow(const char *file, const struct bw_reporter *reporter)
{
	struct flow *f = sim_alloc(sizeof(*f));

	f->wire = (struct sim_wire){
	    .send = send_flow,
	    .free = free_flow,
	    .config = config_of,
	    .store = store_of,
	    .forget = forget,
	    .permit = permit,
	};
	f->request = bw_request_new();
	f->response = bw_response_new();
	if (f->request == NULL || f->response == NULL)
		sim_no_memory();
	if (bw_config_load(file, &f->config, reporter, NULL) != BW_OK ||
	    bw_rehearsal_new(f->config, &f->rehearsal, NULL) != BW_OK) {
		free_flow(&f->wire);
		return NULL;
	}
	return &f->wire;
}
