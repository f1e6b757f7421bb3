#ifndef BWI_PORTOUT_JUDGE_H
#define BWI_PORTOUT_JUDGE_H

#include <bwcallback/buf.h>

#include "data/subscribers.h"
#include "portout/history.h"
#include "portout/request.h"

/* As many numbers as one request may have, unless it is told. */
#define BWI_PORTOUT_NUMBERS 1000

/*
 * Port-outs decided by the operator's data: what stands in <subscribers>.
 * Belongs to a configuration.
 */
struct bwi_portout {
	struct bwi_subscribers *subscribers;
	struct bwi_history *asked;
	unsigned require;  /* bits by enum bwi_subscriber_field */
	unsigned disclose; /* the same */
	int64_t velocity;  /* requests for a number in an hour; 0: no limit */
	int64_t numbers;   /* in a request */
};

/* What a reason is about when it is no number. */
#define BWI_PORTOUT_WHOLE 0

/*
 * Whoever wants to know the reasons, one after the other: the code that the
 * verdict gets of it (0: none) and a sentence for the operator. They hold no
 * value that a subscriber or a request has.
 */
struct bwi_portout_listener {
	void (*fn)(void *arg, uint64_t number, int code, const char *text);
	void *arg;
};

/*
 * Write the verdict about a request into out, which is empty before, and after
 * an error. asked: NULL leaves how often a number is asked for out of it. The
 * listener may be NULL.
 */
enum bw_err bwi_portout_judge(const struct bwi_portout *,
    const struct bw_event *, struct bwi_arena *, int64_t deadline,
    const struct bwi_history_id *asked, const struct bwi_portout_listener *,
    struct bw_buf *out, struct bw_error *) BW_CHECK;

struct bw_store;

/* Where it stands what was asked before; store NULL: in memory alone. */
struct bwi_portout_history {
	struct bw_store *store;
	struct bw_str section; /* whose requests count */
};

/*
 * The same for a request that Bandwidth sent, which counts, and gets the
 * verdict that it got within the last hour.
 */
enum bw_err
bwi_portout_decide(const struct bwi_portout *, const struct bw_event *,
    struct bwi_arena *, const struct bwi_portout_history *, int64_t deadline,
    struct bw_buf *out, struct bw_error *) BW_CHECK;

#endif
