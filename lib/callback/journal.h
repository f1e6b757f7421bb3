#ifndef BWI_CALLBACK_JOURNAL_H
#define BWI_CALLBACK_JOURNAL_H

#include <bwcallback/request.h>
#include <bwcallback/response.h>

#include "flow/flow.h"
#include "store/store_handle.h"

/*
 * What to do with an event that cannot be stored.
 *
 * AWAITED: Bandwidth waits for the content of the answer (a call, a port-out):
 * send the answer in any case, and spool the event.
 *
 * ONCE: Bandwidth does not send the event again: spool it, and answer with an
 * error only if that fails too.
 *
 * RETRIED: Bandwidth sends the event again for a day: answer with an error.
 */
enum bwi_durability {
	BWI_DURABILITY_AWAITED,
	BWI_DURABILITY_ONCE,
	BWI_DURABILITY_RETRIED
};

/* Stores the events of one request. */
struct bwi_journal {
	struct bwi_store_handle *handle; /* NULL: events are not stored */
	struct bw_store *store;
	struct bwi_arena *arena;
	enum bwi_durability durability;
	/*
	 * For a call, store the events while the answer is made: before
	 * handling, wait only until it is known whether they are new; wait
	 * until they are durable just before the answer is sent.
	 */
	bool concurrent;
	bool portout; /* in a port-out section: all waits are short */
	bool handled; /* the first event was not a re-delivery */
	int64_t arrived;
	int64_t deadline;
	struct bw_store_event *events;
	size_t n;
	struct bw_store_write *pending;
	const struct bw_store_result *results; /* NULL: not known */
	struct bw_error store_error; /* why the events were not stored */
};

/*
 * Begin to store the events. Returns when they are durable or, for a call, when
 * it is known whether they are new; leaves time for answering. If it returns an
 * error, answer with that error.
 */
enum bw_err bwi_journal_begin(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *) BW_CHECK;
/*
 * For a request whose client has closed the connection. true: Bandwidth sends
 * it again, or the call has continued without us; the events are stored only,
 * the re-delivery will be handled, and error says so. false: it is not sent
 * again; handle it like any other request.
 */
bool bwi_journal_defer(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *) BW_CHECK;
/* As begin, for a body that cannot be decoded; why is the decoder's error. */
enum bw_err bwi_journal_unparsed(struct bwi_journal *,
    const struct bwi_section *, const struct bw_request *, struct bw_str user,
    const struct bw_error *why, struct bw_error *) BW_CHECK;
/*
 * Must event i be handled? If not, it was answered before, and that answer is
 * put into the response. Waits while a first delivery is still being handled.
 * BW_ERR_BUSY: that took until the deadline.
 */
enum bw_err bwi_journal_check_repeat(struct bwi_journal *, size_t i,
    struct bw_response *, bool *handle, struct bw_error *) BW_CHECK;
/*
 * Record the answer to event i, which was handled. The answer to a call is
 * recorded by bwi_journal_end().
 */
void bwi_journal_answered(
    struct bwi_journal *, size_t i, const struct bw_response *);
/* Finish storing the events, or spool them. Always call it after a begin. */
void bwi_journal_end(struct bwi_journal *, struct bw_response *);

/*
 * journal_event.c: the members of a stored event that come from the event, not
 * from the request. The strings belong to the event or the arena.
 */
enum bw_err bwi_journal_describe(struct bwi_arena *, const struct bwi_section *,
    const struct bw_event *, struct bw_store_event *) BW_CHECK;
/* The same for a body that cannot be decoded. Without memory it gets no key. */
void bwi_journal_describe_unparsed(struct bwi_arena *,
    const struct bwi_section *, enum bw_err why, struct bw_store_event *);

#endif
