#ifndef BWF_REQUEST_RUN_H
#define BWF_REQUEST_RUN_H

#include <bwcallback/callback.h>

#include "live_config.h"

/*
 * One request, from CGI variables and a body to an answer in CGI form,
 * whatever protocol brought it. What one thread uses again and again.
 */
struct serve {
	struct bw_callback_context *worker;
	struct bw_response response;
	struct bw_buf body;
	struct bw_buf answer;
	struct bw_request request;
	char id[24];
	struct bw_str out; /* the answer; in answer, or fixed; n 0: none */
	int64_t arrived;   /* set before serve_answer() */
	bool client_gone;	   /* the same: nobody waits for the answer */
};

enum bw_err serve_init(struct serve *, struct bw_error *) BW_CHECK;
void serve_free(struct serve *);

/*
 * Answer the request that has the variables env and the body s->body, of which
 * received bytes came in all. The answer is s->out; env and config must stay
 * until serve_done(). config NULL: there is none, and broken says why.
 */
void serve_answer(struct serve *, struct bw_config *,
    const struct bw_error *broken, const char *const *env, uint64_t received);
/* After the answer was sent, or not: log it, and give back what is large. */
void serve_done(struct serve *, bool sent);

#endif
