#ifndef BWF_REQUEST_RUN_H
#define BWF_REQUEST_RUN_H

#include <bwcallback/callback.h>
#include <bwcallback/tools/parked.h>

#include "live_config.h"

/*
 * Runs one request, from CGI variables and a body to an answer in CGI form, for
 * FastCGI and CGI. The struct is reused for other requests.
 */
struct request_run {
	struct bw_callback_context *worker;
	struct bw_response *response;
	struct bw_buf body;
	struct bw_buf *answer; /* set it before: the memory of out */
	struct bw_request *request;
	char id[16];
	struct bw_str
	    out;	  /* the answer, in the buffer or constant; n 0: none */
	int64_t arrived;  /* set before request_run_answer() */
	bool client_gone; /* likewise: the client has closed the connection */
	/* Likewise: the reason why the request is incomplete, or BW_OK. */
	enum bw_err fault;
	const char *fault_text;
};

/*
 * Initialize a buffer for answers and allocate its memory, so that sending
 * a prepared answer needs no more. Each thread has one.
 */
enum bw_err request_run_room(struct bw_buf *, struct bw_error *) BW_CHECK;

enum bw_err request_run_init(struct request_run *, struct bw_error *) BW_CHECK;
void request_run_free(struct request_run *);

/*
 * Answer the request with the variables env and the body s->body, which is
 * longer than BW_MAX_BODY if the whole body is. The answer is s->out; env and
 * config must stay valid until request_run_finish(). config NULL: not loaded;
 * broken says why.
 */
void request_run_answer(struct request_run *, struct bw_config *,
    const struct bw_error *broken, const char *const *env);
/*
 * The same without waiting: false when the request is parked; continue it after
 * it was woken.
 */
bool request_run_begin(struct request_run *, struct bw_config *,
    const char *const *env, const struct bw_waker *) BW_CHECK;
bool request_run_continue(struct request_run *, struct bw_config *) BW_CHECK;
/*
 * Log the request after the answer was sent, or not, and free a large body
 * buffer.
 */
void request_run_finish(struct request_run *, bool sent);

#endif
