#ifndef BWI_CALLBACK_SYNC_WAIT_H
#define BWI_CALLBACK_SYNC_WAIT_H

#include <pthread.h>

#include <bwcallback/tools/parked.h>

#include "flow/flow.h"

/* For a thread that answers a single request and blocks while it is parked. */
struct bwi_sync_wait {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool woken;
};

/* Sets a waker that ends bwi_sync_wait(). */
void bwi_sync_wait_init(struct bwi_sync_wait *, struct bw_waker *);
void bwi_sync_wait_destroy(struct bwi_sync_wait *);
void bwi_sync_wait(struct bwi_sync_wait *, const struct bw_parked *);

/* As bwi_flow_handle(), but waits. Sets parking and exec of the handling. */
enum bw_err bwi_sync_handle(const struct bwi_section *, const struct bw_event *,
    struct bwi_handling *, struct bw_response *, struct bw_error *) BW_CHECK;

#endif
