#ifndef BWCALLBACK_REHEARSAL_H
#define BWCALLBACK_REHEARSAL_H

#include <bwcallback/callback.h>
#include <bwcallback/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A configuration that answers without a server, for those who try it out: all
 * is as with bw_callback_answer, the programs and modules of the flow run, but
 * where the configuration has a store, events go to one in memory, which ends
 * with the rehearsal, and nobody is told of verdicts. Time is that of each
 * request, so that a day can pass at once. One thread at a time.
 */
struct bw_rehearsal;

/* BW_ERR_NOMEM. It keeps a reference to the configuration. */
BW_EXPORT enum bw_err bw_rehearsal_new(
    struct bw_config *, struct bw_rehearsal **, struct bw_error *) BW_CHECK;
BW_EXPORT void bw_rehearsal_free(struct bw_rehearsal *);

/*
 * Answer a request; the response stays valid until the next one or the end.
 * as: the user whose credentials it is taken to have, since here are only
 * hashes of passwords; p NULL: it has those in its authorization, or none.
 */
BW_EXPORT void bw_rehearsal_answer(struct bw_rehearsal *, struct bw_str as,
    const struct bw_request *, struct bw_response *);

/*
 * The events so far, in a store that belongs to the rehearsal; NULL when the
 * configuration has none, or there was no memory to open it.
 */
BW_EXPORT struct bw_store *bw_rehearsal_store(struct bw_rehearsal *);
/* Begin anew, as if nothing had come in. BW_ERR_NOMEM: it goes on instead. */
BW_EXPORT enum bw_err
bw_rehearsal_reset(struct bw_rehearsal *, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
