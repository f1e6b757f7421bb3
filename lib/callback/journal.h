#ifndef BWI_CALLBACK_JOURNAL_H
#define BWI_CALLBACK_JOURNAL_H

#include <bwcallback/request.h>
#include <bwcallback/response.h>

#include "base/parking.h"
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
	struct bwi_parking *parking;
	struct bwi_steps *steps; /* how long each step of the request takes */
	struct bw_buf *trace;	 /* memory for the text about an answer */
	enum bwi_durability durability;
	/*
	 * For a call, store the events while the answer is made: before
	 * handling, wait only until it is known whether they are new; wait
	 * until they are durable just before the answer is sent.
	 */
	bool concurrent;
	bool portout; /* in a port-out section: all waits are short */
	/*
	 * The answer to the only event, if it is known before the event is
	 * stored; NULL: it is not. Recorded with the event.
	 */
	const struct bw_response *ahead;
	bool record; /* the first event's answer is still to be recorded */
	int64_t arrived;
	int64_t deadline;
	struct bw_store_event *events;
	size_t n;			       /* of them described */
	size_t wanted;			       /* of them in the request */
	const struct bw_store_result *results; /* NULL: not known */
	struct bw_error store_error; /* why the events were not stored */

	/* The request waits for at most one of these at a time. */
	struct bw_store_write *pending;	  /* the events */
	struct bw_store_write *spooling;  /* the events, into the spool */
	struct bw_store_write *again;	  /* asks for the first's answer */
	struct bw_store_write *recording; /* the answer */
	bool asking;  /* has begun to ask for the first's answer */
	bool begun;   /* the events are described, or that failed */
	bool spooled; /* the events were given to the spool */
	bool ending; /* has begun to wait until the call's events are durable */
	int64_t until;	     /* how long to wait for it */
	int64_t until_first; /* how long to ask for the first's answer */
};

/*
 * The functions that return bool may have to wait: false means that the parking
 * says what for, and that the function must be called again with the same
 * arguments. On true *err is the result.
 */

/*
 * Begin to store the events. Done when they are durable or, for a call, when it
 * is known whether they are new; leaves time for answering. If it ends with an
 * error, answer with that error.
 */
bool bwi_journal_begin(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, enum bw_err *,
    struct bw_error *) BW_CHECK;
/*
 * For a request whose client has closed the connection. true: Bandwidth sends
 * it again, or the call has continued without us; the events are stored only,
 * the re-delivery will be handled, and error says so. false: it is not sent
 * again; handle it like any other request. Does not wait.
 */
bool bwi_journal_defer(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, struct bw_error *) BW_CHECK;
/* As begin, for a body that cannot be decoded; why is the decoder's error. */
bool bwi_journal_unparsed(struct bwi_journal *, const struct bwi_section *,
    const struct bw_request *, struct bw_str user, const struct bw_error *why,
    enum bw_err *, struct bw_error *) BW_CHECK;
/*
 * Must event i be handled? If not, it was answered before, and that answer is
 * put into the response. Waits while a first delivery is still being handled.
 * BW_ERR_BUSY: that took until the deadline.
 */
bool
bwi_journal_check_repeat(struct bwi_journal *, size_t i, struct bw_response *,
    bool *handle, enum bw_err *, struct bw_error *) BW_CHECK;
/*
 * Record the answer to event i, which was handled. The answer to a call is
 * recorded by bwi_journal_end().
 */
bool bwi_journal_answered(
    struct bwi_journal *, size_t i, const struct bw_response *) BW_CHECK;
/*
 * Record that handling event i failed, with the response that is sent: a
 * re-delivery is handled again.
 */
void
bwi_journal_failed(struct bwi_journal *, size_t i, const struct bw_response *);
/* Finish storing the events, or spool them. Always call it after a begin. */
bool bwi_journal_end(struct bwi_journal *, struct bw_response *) BW_CHECK;

/* The calling thread is going to wait: let the store's thread do the jobs. */
void bwi_journal_hurry(struct bwi_journal *);

/* Has the job reached the stage, or is the time k->until over? */
bool bwi_journal_await(struct bwi_journal *, struct bw_store_write *,
    enum bw_store_stage, const struct bw_store_result **, enum bw_err *,
    struct bw_error *) BW_CHECK;

/*
 * journal_answer.c: the answer to store, with the trace of the response; valid
 * until the next call.
 */
struct bw_store_answer
bwi_journal_answer(const struct bwi_journal *, const struct bw_response *);
/* The answer k->ahead, for its event; valid as long as the arena. */
void bwi_journal_foresee(const struct bwi_journal *, struct bw_store_answer *);
/* Record the answer to event i, without waiting. */
void
bwi_journal_record(struct bwi_journal *, size_t i, const struct bw_response *);

/*
 * journal_event.c: the members of a stored event that come from the event, not
 * from the request. The strings belong to the event or the arena.
 */
enum bw_err bwi_journal_describe(struct bwi_arena *, const struct bwi_section *,
    const struct bw_event *, struct bw_store_event *) BW_CHECK;
/* The ids of the call and the message that an event belongs to; p NULL: none.
 */
void bwi_journal_ids(
    const struct bw_event *, struct bw_str *call, struct bw_str *message);
/* The members that come from the request; all others are zero. */
void bwi_journal_describe_request(const struct bwi_section *,
    const struct bw_request *, struct bw_str user, struct bw_store_event *);
/* Of a list of n events, make it the i-th. */
void bwi_journal_set_index(struct bw_store_event *,
    const struct bw_event *const *events, size_t n, size_t i);
/*
 * Event i of a request as a row of a store, with its number if that is known.
 * The strings belong to the request, the event or the arena.
 */
enum bw_err bwi_journal_row(const struct bwi_journal *,
    const struct bwi_section *, const struct bw_request *, struct bw_str user,
    const struct bw_event *const *events, size_t n, size_t i,
    struct bw_store_row *) BW_CHECK;
/* The same for a body that cannot be decoded. Without memory it gets no key. */
void bwi_journal_describe_unparsed(struct bwi_arena *,
    const struct bwi_section *, enum bw_err why, struct bw_store_event *);

#endif
