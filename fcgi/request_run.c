#include "request_run.h"

#include <stdatomic.h>
#include <sys/random.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "log.h"

/* A larger body buffer is freed after the request. */
#define BODY_MAX_REUSED (16 * 1024)

/* The header fields of an answer. The longest is the realm. */
#define FIELDS_MAX (16 * 1024)

/* Maximum size of an answer to a callback, and of any answer. */
#define ANSWER_MAX (BW_MAX_BXML + FIELDS_MAX)
#define PAGE_MAX   (BW_MAX_PAGE + FIELDS_MAX)

/* Request ids: a number of the process and of the request. */
static struct {
	uint32_t start;
	atomic_uint next;
} ids;

/* Need not be secret, only different for each process. */
static void
choose_start(void)
{
	if (ids.start == 0 && getrandom(&ids.start, sizeof(ids.start),
				  GRND_NONBLOCK) != sizeof(ids.start))
		ids.start = (uint32_t)bw_monotonic_ns();
}

enum bw_err
request_run_room(struct bw_buf *b, struct bw_error *e)
{
	bw_buf_init(b, PAGE_MAX);
	bw_buf_reserve(b, ANSWER_MAX);
	return b->err == BW_OK
		   ? BW_OK
		   : bw_error_set(e, b->err, 0, "worker: out of memory");
}

enum bw_err
request_run_init(struct request_run *s, struct bw_error *e)
{
	choose_start();
	*s = (struct request_run){
	    .worker = bw_callback_context_new(),
	    .request = bw_request_new(),
	    .response = bw_response_new(),
	};
	bw_buf_init(&s->body, BW_MAX_BODY + 1);
	if (s->worker == NULL || s->request == NULL || s->response == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "worker: out of memory");
	return BW_OK;
}

void
request_run_free(struct request_run *s)
{
	bw_callback_context_free(s->worker);
	bw_response_free(s->response);
	bw_request_free(s->request);
	bw_buf_free(&s->body);
}

static void
put_hex(char *to, uint32_t n)
{
	for (int i = 7; i >= 0; i--, n >>= 4)
		to[i] = "0123456789abcdef"[n & 15];
}

/* Not by snprintf(), which would take 3 % of the time of a plain request. */
static void
put_id(struct request_run *s)
{
	put_hex(s->id, ids.start);
	put_hex(s->id + 8, atomic_fetch_add(&ids.next, 1));
	bw_request_set_id(s->request, (struct bw_str){s->id, sizeof(s->id)});
}

static void
put_body(struct request_run *s)
{
	/* The buffer holds a byte more than a body may have. */
	bw_request_set_body(s->request, (struct bw_str){s->body.p, s->body.n});
}

static void
put_fault(struct request_run *s)
{
	if (s->body.err != BW_OK)
		bw_request_set_fault(
		    s->request, BW_ERR_NOMEM, "body: out of memory");
	if (s->fault != BW_OK)
		bw_request_set_fault(s->request, s->fault, s->fault_text);
	s->fault = BW_OK;
}

static void
log_warnings(struct bw_config *config)
{
	struct bw_error warning;

	while (bw_config_take_warning(config, &warning))
		log_event(
		    LOG_LEVEL_WARNING, "file-not-taken", "%s", warning.msg);
}

static enum bw_err
read_request(struct request_run *s, const char *const *env, struct bw_error *e)
{
	enum bw_err err = bw_request_from_env(s->request, env, e);

	put_id(s);
	put_body(s);
	bw_request_set_arrived(s->request, s->arrived);
	bw_request_set_client_gone(s->request, s->client_gone);
	put_fault(s);
	return err;
}

static void
write_answer(struct request_run *s)
{
	bw_buf_reset(s->answer);
	bw_response_write(s->response, s->answer);
	s->out = (struct bw_str){s->answer->p, s->answer->n};
	if (s->answer->err != BW_OK) {
		s->out = BW_STR("Status: 503 Service Unavailable\r\n"
				"Content-Length: 0\r\n\r\n");
	}
}

static bool
complete(struct request_run *s, struct bw_config *config)
{
	log_warnings(config);
	write_answer(s);
	return true;
}

bool
request_run_begin(struct request_run *s, struct bw_config *config,
    const char *const *env, const struct bw_waker *waker)
{
	struct bw_error unused = {0};

	/* A request with an error is answered too. */
	(void)!read_request(s, env, &unused);
	return bw_callback_begin(
		   s->worker, config, s->request, s->response, waker) &&
	       complete(s, config);
}

bool
request_run_continue(struct request_run *s, struct bw_config *config)
{
	return bw_callback_continue(s->worker) && complete(s, config);
}

void
request_run_answer(struct request_run *s, struct bw_config *config,
    const struct bw_error *broken, const char *const *env)
{
	struct bw_error e = {0};
	enum bw_err err = read_request(s, env, &e);

	if (config != NULL) {
		bw_callback_answer(s->worker, config, s->request, s->response);
		log_warnings(config);
	} else {
		bw_callback_answer_without_config(s->worker, s->request,
		    err == BW_OK ? broken : &e, s->response);
	}
	write_answer(s);
}

void
request_run_finish(struct request_run *s, bool sent)
{
	log_request(
	    s->request, s->response, bw_monotonic_ns() - s->arrived, sent);
	if (s->body.cap > BODY_MAX_REUSED)
		bw_buf_free(&s->body);
	else
		bw_buf_reset(&s->body);
}
