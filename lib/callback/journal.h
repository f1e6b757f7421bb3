#ifndef BWI_CALLBACK_JOURNAL_H
#define BWI_CALLBACK_JOURNAL_H

#include <bwcallback/request.h>
#include <bwcallback/response.h>

#include "flow/flow.h"
#include "store/store_handle.h"

/*
 * What is to be done about an event that cannot be stored.
 *
 * waits: somebody waits for the answer itself (a call, a port-out): it goes
 * out in any case, and the event to the spool.
 * once: Bandwidth never sends it again: the spool, and only if that fails too
 * an error.
 * retried: Bandwidth sends it again for a day, so an error is the right
 * answer.
 */
enum bwi_durability {
	BWI_CARE_WAITS,
	BWI_CARE_ONCE,
	BWI_CARE_RETRIED
};

/* One request's events on their way into the store. */
struct bwi_journal {
	struct bwi_store_handle *keep; /* NULL: nothing is kept */
	struct bw_store *store;
	struct bwi_arena *arena;
	enum bwi_durability care;
	/*
	 * A call's events are stored while the answer is made: that they are
	 * new is waited for, that they are durable only before the answer
	 * leaves.
	 */
	bool beside;
	bool verdict; /* in a port-out section: nothing is waited for long */
	bool handled; /* the first was not a re-delivery */
	int64_t arrived;
	int64_t deadline;
	struct bw_store_event *events;
	size_t n;
	struct bw_store_write *pending;
	const struct bw_store_result *results; /* NULL: nothing is known */
	struct bw_error lost; /* why they are not in the store */
};

/*
 * Begin to store the events; returns when they are durable or, for a call,
 * decided, but leaves time to answer in. An error is to be answered as one.
 */
enum bw_err bwi_journal_begin(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *) BW_CHECK;
/*
 * A request whose answer nobody will hear. true: Bandwidth sends it again, or
 * the call has gone on without us, so it is left for the re-delivery to be
 * handled, and only kept; error says so. false: it comes but once, and is a
 * request like any other.
 */
bool bwi_journal_leave(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *) BW_CHECK;
/* As begin, for a body that nobody can read, error saying why. */
enum bw_err bwi_journal_unparsed(struct bwi_journal *,
    const struct bwi_section *, const struct bw_request *, struct bw_str user,
    const struct bw_error *why, struct bw_error *) BW_CHECK;
/*
 * Is event i one to be handled? Otherwise it was answered before, and that
 * answer is put into the response. A first delivery still at work is waited
 * for. BW_ERR_BUSY: until the time was up.
 */
enum bw_err bwi_journal_repeat(struct bwi_journal *, size_t i,
    struct bw_response *, bool *handle, struct bw_error *) BW_CHECK;
/*
 * Event i was handled, and is answered with this: record it. What a call is
 * answered with is recorded at the end.
 */
void bwi_journal_answered(
    struct bwi_journal *, size_t i, const struct bw_response *);
/* See the events to where they are safe. Always called after a begin. */
void bwi_journal_end(struct bwi_journal *, struct bw_response *);

/*
 * keeping_event.c: what a store is told of an event beside its request. The
 * strings are the event's, or in the arena.
 */
enum bw_err bwi_journal_describe(struct bwi_arena *, const struct bwi_section *,
    const struct bw_event *, struct bw_store_event *) BW_CHECK;
/* And of a body that cannot be read; without memory it has no key. */
void bwi_journal_describe_unparsed(struct bwi_arena *,
    const struct bwi_section *, enum bw_err why, struct bw_store_event *);

#endif
