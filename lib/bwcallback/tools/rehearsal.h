#ifndef BWCALLBACK_TOOLS_REHEARSAL_H
#define BWCALLBACK_TOOLS_REHEARSAL_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/callback.h>
#include <bwcallback/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A configuration on trial: callbacks are answered as by bw_callback_answer,
 * and programs and modules run, but events are stored in memory instead of the
 * configured store, and <notify> programs do not run. The time of day is that
 * of each request. One thread at a time may use a rehearsal.
 */
struct bw_rehearsal;

/*
 * A new rehearsal, which the caller frees. It holds a reference to the
 * configuration. BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_rehearsal_new(
    struct bw_config *, struct bw_rehearsal **, struct bw_error *) BW_CHECK;
/* Free a rehearsal. NULL is allowed. */
BW_EXPORT void bw_rehearsal_free(struct bw_rehearsal *);

/*
 * As bw_callback_replay(), but programs and modules fail instead of running,
 * and no <notify> program runs.
 */
BW_EXPORT void bw_callback_replay_alone(struct bw_callback_context *,
    struct bw_config *, const struct bw_request *, struct bw_response *);

/*
 * Answer a request. The response is valid until the next one. as: a user to be
 * taken as authenticated, because the configuration has only hashes of
 * passwords; p NULL: use the credentials of the request.
 */
BW_EXPORT void bw_rehearsal_answer(struct bw_rehearsal *, struct bw_str as,
    const struct bw_request *, struct bw_response *);

/*
 * The program or module that would answer a request about a call; NULL: none.
 * The request has a time. Valid as long as the rehearsal.
 */
BW_EXPORT const char *bw_rehearsal_program(
    struct bw_rehearsal *, struct bw_str as, const struct bw_request *);
/* Do programs and modules run? They do at first. Otherwise they fail. */
BW_EXPORT void bw_rehearsal_run_programs(struct bw_rehearsal *, bool run);

/*
 * The store in memory, which belongs to the rehearsal. NULL: the configuration
 * has no store, or there was no memory to open it.
 */
BW_EXPORT struct bw_store *bw_rehearsal_store(struct bw_rehearsal *);
/* Remove all events. BW_ERR_NOMEM: nothing was removed. */
BW_EXPORT enum bw_err
bw_rehearsal_reset(struct bw_rehearsal *, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
