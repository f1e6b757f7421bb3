#ifndef BWCALLBACK_TOOLS_PARKED_H
#define BWCALLBACK_TOOLS_PARKED_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/callback.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Answering callbacks without a thread that waits. A request that has to wait
 * (for the store, a program, the hash of a password) is parked: it holds
 * memory, and any thread continues it later.
 *
 *   bw_callback_begin() --DONE--> send the answer
 *        |                           ^
 *      PARKED --wake, or time--> bw_callback_continue() --PARKED--> ...
 */

/*
 * How a parked request is woken. wake is called once after each parking, by
 * any thread, possibly before bw_callback_begin() or _continue() has returned.
 * It must be short: it queues the request, and continues nothing itself.
 * elsewhere: the calling thread has other work to do first, so another thread
 * should continue the request.
 */
struct bw_waker {
	void (*wake)(void *arg, bool elsewhere);
	void *arg;
	/*
	 * Called before the thread does something that may take long: hashes a
	 * password, looks up subscribers, calls a module. The thread should
	 * leave its other work to others. NULL: it has none.
	 */
	void (*slow)(void *arg);
	/* The parts of an answer are sent, see bw_parked. */
	bool parts;
};

/* Descriptors of a program that a request waits for. */
#define BW_PARKED_MAX_FDS 3

/* What a parked request waits for. Belongs to its context. */
struct bw_parked {
	/*
	 * When to continue it even if it was not woken, CLOCK_MONOTONIC in
	 * nanoseconds.
	 */
	int64_t until;
	/*
	 * Also continue it when one of these is readable.
	 * bw_callback_continue() closes them; one that it keeps may continue a
	 * later request too early.
	 */
	int fds[BW_PARKED_MAX_FDS];
	size_t nfds;
	/*
	 * The next part of an answer that is sent in parts, as it is; n 0:
	 * none. Send it before parking. If that fails, call
	 * bw_callback_give_up() and continue the request at once.
	 */
	struct bw_str part;
};

/*
 * Begin to answer a callback, as bw_callback_answer() does. true: the response
 * is complete. false: the request is parked, and bw_callback_parked() says for
 * what. Until it is complete the context serves this request only; the
 * configuration, request, response and what the waker points to must stay
 * valid. Call
 * bw_store_commit_waiting() before this thread waits for other events.
 */
BW_EXPORT bool bw_callback_begin(struct bw_callback_context *,
    struct bw_config *, const struct bw_request *, struct bw_response *,
    const struct bw_waker *) BW_CHECK;
/*
 * Continue a parked request, one thread at a time. Continuing too early does no
 * harm.
 */
BW_EXPORT bool bw_callback_continue(struct bw_callback_context *) BW_CHECK;
BW_EXPORT const struct bw_parked *
bw_callback_parked(const struct bw_callback_context *);
/*
 * For a process that ends. Call this before continuing a parked request: it
 * sets the request's deadlines to now, so the request gets the answer that
 * it would get after them.
 */
BW_EXPORT void bw_callback_give_up(struct bw_callback_context *);
/* The same for all answers that are sent in parts: any thread may call this. */
BW_EXPORT void bw_callback_end_parts(void);

/*
 * Commit the writes that parked requests of this process wait for, as one
 * transaction. Call it again while it returns true, and continue meanwhile the
 * requests that it has woken. false: there is nothing to write, or another
 * thread does it; with several stores, each has a thread that does.
 */
BW_EXPORT bool bw_store_commit_waiting(void);

/*
 * The largest number of programs that run at once for callbacks, from 1. The
 * others wait, until their deadlines.
 */
BW_EXPORT void bw_programs_limit(unsigned n);

#ifdef __cplusplus
}
#endif

#endif
