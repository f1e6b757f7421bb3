/* From a complete request to its answer; a request that waits is parked. */
#include <sys/socket.h>

#include <bwcallback/tools/clock.h>

#include "bare_answer.h"
#include "worker_state.h"

/*
 * HAProxy aborts running requests when it is told to stop, but still accepts
 * the answer. If its record stayed unread, our close would reset the
 * connection, and the answer would be lost. A record that arrives later meets a
 * closed connection, whose answer can still be read.
 */
static void
read_rest(int fd)
{
	char rest[512];

	for (int i = 0; i < 16; i++) {
		if (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) <= 0)
			return;
	}
}

/* After the answer: keep the connection for the next request, or close it. */
static enum step
end_answer(struct worker *w, struct connection *c, bool keep_conn)
{
	if (!keep_conn || atomic_load(&w->server->phase) == SERVER_ENDS) {
		read_rest(connection_fd(&w->server->connections, c));
		return STEP_CLOSE;
	}
	connection_set_deadline(c, SERVER_IDLE_SECONDS);
	return STEP_WAIT;
}

/*
 * When to stop waiting for a peer that reads slowly. Answers to callbacks fit
 * into the socket's buffer, so a full one means that the peer does not read.
 * Pages may be larger.
 */
static int64_t
send_deadline(struct worker *w, size_t n)
{
	if (n <= SERVER_FITS)
		return 0;
	worker_share(w);
	return bw_monotonic_ns() + SERVER_SEND_NS;
}

/* Send the answer; false: the peer does not get it. */
static bool
send_answer(struct worker *w, struct task *t, int fd)
{
	bool sent;

	/* An empty answer simulates an outage (see probe.c). */
	if (t->run.out.n == 0)
		return false;
	if (!t->bare)
		return responder_answer(&t->responder, t->run.out,
			   send_deadline(w, t->run.out.n)) == BW_OK;
	sent = !t->malformed || bw_response_is_fallback(t->run.response);
	return sent && bare_answer_send(
			   fd, t->connection->inbox->records.id, t->run.out, 0);
}

/* Send the answer of a complete task, and release what only the task needs. */
static enum step
finish(struct worker *w, struct task *t)
{
	struct server *s = w->server;
	struct connection *c = t->connection;
	int fd = connection_fd(&s->connections, c);
	bool again = t->again, sent = send_answer(w, t, fd);
	enum step step;

	/* Let the web server see the end early, so that it sends no more. */
	if (atomic_load(&s->phase) == SERVER_ENDS)
		shutdown(fd, SHUT_RDWR);
	request_run_finish(&t->run, sent);
	live_config_release(s->live_config, t->config);
	if (!t->bare)
		responder_end(&t->responder);
	inbox_free(&s->connections, c->inbox);
	c->inbox = NULL;
	step = end_answer(w, c, sent && t->keep_conn);
	return step == STEP_WAIT && again ? STEP_AGAIN : step;
}

/* Send the part of the answer that there is. */
static bool
send_part(struct task *t)
{
	struct bw_str part = bw_callback_parked(t->run.worker)->part;

	return part.n == 0 || responder_part(&t->responder, part) == BW_OK;
}

/* The worker may not touch a parked task any more. */
static enum step
park(struct worker *w, struct task *t)
{
	w->parked = true;
	if (!t->bare)
		responder_rest(&t->responder);
	do {
		if (!send_part(t))
			bw_callback_give_up(t->run.worker);
		else if (task_park(t))
			return STEP_PARKED;
	} while (!request_run_continue(&t->run, t->config->config));
	return finish(w, t);
}

/* The worker leaves its other work to others before it does something slow. */
static void
answer_slow(void *arg)
{
	struct task *t = arg;

	worker_share(t->worker);
}

/* Run a task whose request has been read. */
static enum step
run(struct worker *w, struct task *t, const char *const *env)
{
	const struct bw_waker waker = {.wake = task_wake,
	    .arg = t,
	    .slow = answer_slow,
	    .parts = !t->bare};
	enum step step;

	t->config = live_config_acquire(w->server->live_config);
	t->worker = w;
	if (t == w->reserve) {
		worker_share(w); /* this waits */
		request_run_answer(&t->run, t->config->config, NULL, env);
		return finish(w, t);
	}
	w->spare = NULL;
	step = request_run_begin(&t->run, t->config->config, env, &waker)
		   ? finish(w, t)
		   : park(w, t);
	if (step != STEP_PARKED)
		worker_give(w, t);
	return step;
}

static struct task *
begin(struct worker *w, struct connection *c, const struct peer *peer)
{
	struct task *t;

	if (w->spare == NULL)
		w->spare = task_take(&w->server->tasks);
	t = w->spare != NULL ? w->spare : w->reserve;
	t->connection = c;
	t->bare = t->malformed = t->again = false;
	t->ends = peer->ends;
	t->run.client_gone = peer->gone;
	t->run.answer = &w->answer;
	t->run.arrived = bw_monotonic_ns();
	return t;
}

/* Let libfcgi read the request, from its feed or the replay file; answer it. */
static enum step
read_and_run(struct worker *w, struct task *t)
{
	struct server *s = w->server;
	struct connection *c = t->connection;

	if (responder_begin(&t->responder, w->replay.fd) != BW_OK) {
		w->replay.fd = -1; /* libfcgi closed it */
		return STEP_CLOSE;
	}
	t->keep_conn = responder_keep_conn(&t->responder);
	if (responder_body(&t->responder, &t->run.body) != BW_OK) {
		t->run.fault = BW_ERR_IO;
		t->run.fault_text = "body: libfcgi cannot read it";
	}
	responder_park(&t->responder, connection_fd(&s->connections, c));
	/* Its memory is for requests that are still arriving. */
	inbox_free(&s->connections, c->inbox);
	c->inbox = NULL;
	return run(w, t, (const char *const *)t->responder.request.envp);
}

enum step
answer_direct(struct worker *w, struct connection *c, const struct peer *peer,
    const unsigned char *p, size_t n)
{
	responder_feed(p, n);
	return read_and_run(w, begin(w, c, peer));
}

enum step
answer_essential(struct worker *w, struct connection *c,
    const struct peer *peer, bool malformed)
{
	struct records *r = &c->inbox->records;
	struct task *t = begin(w, c, peer);

	t->bare = true;
	t->malformed = malformed;
	t->keep_conn = r->keep_conn && !malformed;
	t->again = true;
	t->run.fault = r->fault;
	t->run.fault_text = r->fault_text;
	return run(w, t, essential_params_env(&c->inbox->essential));
}

/* Can the complete request in the inbox be passed to libfcgi? */
static bool
fits_libfcgi(struct worker *w, struct inbox *in)
{
	struct bw_error e = {0};
	enum bw_err err = BW_OK;

	if (in->records.fault != BW_OK)
		return false;
	if (!responder_has_room(in->params.n))
		err = BW_ERR_NOMEM;
	if (err == BW_OK && w->replay.fd < 0)
		err = replay_file_open(&w->replay, &e);
	if (err == BW_OK)
		err = replay_file_request(&w->replay, in);
	if (err != BW_OK)
		records_drop(&in->records, err,
		    err == BW_ERR_NOMEM ? "request: out of memory"
					: "request: no memory file");
	return err == BW_OK;
}

enum step
answer_inbox(struct worker *w, struct connection *c, const struct peer *peer)
{
	struct task *t;

	if (!fits_libfcgi(w, c->inbox))
		return answer_essential(w, c, peer, false);
	t = begin(w, c, peer);
	t->again = true; /* the next request may already be there */
	return read_and_run(w, t);
}

void
answer_continue(struct worker *w, struct task *t)
{
	struct connection *c = t->connection;
	bool ends = t->ends;
	enum step step;

	timers_remove(&w->server->tasks.timers, t);
	atomic_store(&t->state, TASK_RUNNING);
	t->run.answer = &w->answer;
	t->worker = w;
	if (atomic_load(&w->server->gives_up))
		bw_callback_give_up(t->run.worker);
	step = request_run_continue(&t->run, t->config->config) ? finish(w, t)
								: park(w, t);
	if (step == STEP_PARKED)
		return;
	worker_give(w, t);
	serve_on(w, c, step, ends);
}
