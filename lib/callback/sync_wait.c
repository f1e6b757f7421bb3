#include "callback/sync_wait.h"

#include <bwcallback/tools/clock.h>

#include "flow/answer_program.h"
#include "os/poll.h"
#include "os/thread.h"

static void
wake(void *arg, bool elsewhere)
{
	struct bwi_sync_wait *w = arg;

	(void)elsewhere;
	(void)pthread_mutex_lock(&w->mutex);
	w->woken = true;
	(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&w->mutex);
}

void
bwi_sync_wait_init(struct bwi_sync_wait *w, struct bw_waker *waker)
{
	(void)pthread_mutex_init(&w->mutex, NULL);
	bwi_thread_cond_init(&w->cond);
	w->woken = false;
	*waker = (struct bw_waker){.wake = wake, .arg = w};
}

void
bwi_sync_wait_destroy(struct bwi_sync_wait *w)
{
	(void)pthread_cond_destroy(&w->cond);
	(void)pthread_mutex_destroy(&w->mutex);
}

static void
wait_descriptors(const struct bw_parked *p)
{
	int64_t left = p->until - bw_monotonic_ns();
	struct pollfd fds[BW_PARKED_MAX_FDS];

	for (size_t i = 0; i < p->nfds; i++)
		fds[i] = (struct pollfd){.fd = p->fds[i], .events = POLLIN};
	(void)!bwi_poll(fds, p->nfds, left);
}

void
bwi_sync_wait(struct bwi_sync_wait *w, const struct bw_parked *p)
{
	bool in_time = true;

	if (p->nfds > 0) {
		wait_descriptors(p);
		return;
	}
	(void)pthread_mutex_lock(&w->mutex);
	while (!w->woken && in_time)
		in_time = bwi_thread_cond_wait(&w->cond, &w->mutex, p->until);
	w->woken = false;
	(void)pthread_mutex_unlock(&w->mutex);
}

enum bw_err
bwi_sync_handle(const struct bwi_section *s, const struct bw_event *event,
    struct bwi_handling *h, struct bw_response *resp, struct bw_error *e)
{
	struct bwi_parking parking = {.priority = BWI_PRIORITY_CALL};
	struct bwi_exec exec = {0};
	struct bwi_steps steps = {.now = BWI_TIMED_HANDLE};
	struct bwi_sync_wait wait;
	enum bw_err err;

	bwi_sync_wait_init(&wait, &parking.waker);
	h->steps = &steps;
	h->parking = &parking;
	h->exec = &exec;
	while (!bwi_flow_handle(s, event, h, resp, &err, e))
		bwi_sync_wait(&wait, &parking.parked);
	bwi_sync_wait_destroy(&wait);
	return err;
}
