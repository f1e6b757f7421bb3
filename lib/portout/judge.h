#ifndef BWI_PORTOUT_JUDGE_H
#define BWI_PORTOUT_JUDGE_H

#include <bwcallback/buf.h>

#include "data/subscribers.h"
#include "portout/history.h"
#include "portout/request.h"

/* Most numbers in one request: default and upper limit. */
#define BWI_PORTOUT_NUMBERS 1000

/*
 * A <subscribers> element: decides port-outs by the operator's data. Belongs to
 * a configuration.
 */
struct bwi_portout {
	struct bwi_subscribers *subscribers;
	struct bwi_history *history;
	unsigned require;  /* bits by enum bwi_subscriber_field */
	unsigned disclose; /* the same */
	int64_t velocity;  /* requests for a number in an hour; 0: no limit */
	int64_t numbers;   /* most numbers in a request */
};

/* In place of a number: the reason concerns the whole request. */
#define BWI_PORTOUT_WHOLE 0

/*
 * Called for each reason: the number it concerns, the code it adds to the
 * verdict (0: none) and a sentence for the operator. The sentences contain no
 * value of a subscriber or a request.
 */
struct bwi_portout_listener {
	void (*fn)(void *arg, uint64_t number, int code, const char *text);
	void *arg;
};

/*
 * Write the verdict about a request to out, which must be empty and is empty
 * again after an error. history_id NULL: do not count requests for a number.
 * The listener may be NULL.
 */
enum bw_err bwi_portout_judge(const struct bwi_portout *,
    const struct bw_event *, struct bwi_arena *, int64_t deadline,
    const struct bwi_history_id *history_id,
    const struct bwi_portout_listener *, struct bw_buf *out,
    struct bw_error *) BW_CHECK;

struct bw_store;

/* Where earlier requests are stored; store NULL: only in memory. */
struct bwi_portout_history {
	struct bw_store *store;
	struct bw_str section; /* whose requests are counted */
};

/*
 * Judge a request from Bandwidth: it is counted, and a re-delivery within an
 * hour gets the same verdict.
 */
enum bw_err
bwi_portout_decide(const struct bwi_portout *, const struct bw_event *,
    struct bwi_arena *, const struct bwi_portout_history *, int64_t deadline,
    struct bw_buf *out, struct bw_error *) BW_CHECK;

#endif
