#ifndef BWI_CALLBACK_LIFE_H
#define BWI_CALLBACK_LIFE_H

#include "auth/credentials.h"
#include "base/arena.h"
#include "base/parking.h"
#include "base/response.h"
#include "base/steps.h"
#include "callback/callback.h"
#include "callback/journal.h"
#include "flow/answer_program.h"
#include "page/page.h"

/*
 * The life of a request:
 *
 *   step          does                                 next
 *
 *   ROUTE         finds the section, checks the method AUTHENTICATE, DONE
 *
 *   REPLAY        finds the section of a stored event  DECODE
 *
 *   AUTHENTICATE  checks password and signature        DECODE, PAGE, DONE
 *
 *   PAGE          answers the operator                 DONE
 *
 *   DECODE        makes events of the body             FORESEE, STORE,
 *                                                      UNPARSED, FINISH
 *
 *   UNPARSED      stores a body that holds no event    FINISH
 *
 *   FORESEE       makes the answer, if that has no     STORE
 *                 effect
 *
 *   STORE         stores the events                    REPEAT, FINISH
 *
 *   REPEAT        was the event delivered before?      HANDLE, RECORD,
 *                                                      NEXT
 *
 *   HANDLE        answers the event by the rules       RECORD, NEXT
 *
 *   RECORD        stores the answer                    NEXT
 *
 *   NEXT          goes on to the next event of a list  REPEAT, FINISH
 *
 *   FINISH        a call: waits until it is stored     DONE
 *
 * AUTHENTICATE, PAGE, UNPARSED, STORE, REPEAT, HANDLE, RECORD and FINISH may
 * park the request: they are called again when it is continued.
 */
enum bwi_step {
	BWI_STEP_ROUTE,
	BWI_STEP_REPLAY,
	BWI_STEP_AUTHENTICATE,
	BWI_STEP_PAGE,
	BWI_STEP_DECODE,
	BWI_STEP_UNPARSED,
	BWI_STEP_FORESEE,
	BWI_STEP_STORE,
	BWI_STEP_REPEAT,
	BWI_STEP_HANDLE,
	BWI_STEP_RECORD,
	BWI_STEP_NEXT,
	BWI_STEP_FINISH,
	BWI_STEP_DONE,
	BWI_STEP_PARKED /* returned by a step that waits */
};

/* One request that is being answered; the memory is used again for others. */
struct bw_callback_context {
	struct bw_decoder *decoder;
	struct bwi_arena arena;
	struct bw_response *other; /* of the events after the first; or NULL */
	struct bw_buf trace;	   /* the text about an answer */
	struct bwi_steps steps;

	enum bwi_step step;
	struct bwi_parking parking;
	bool counted;	  /* as a parked request */
	bool quiet;	  /* do not notify */
	bool no_programs; /* a program or a module fails instead */
	struct bw_config *config;
	struct bwi_store_handle *store; /* NULL: do not store */
	bool own_store;			/* not that of the section */
	struct bw_str as; /* p not NULL: counts as authenticated as that user */
	const struct bw_request *request;
	struct bw_response *response;
	const struct bwi_section *section;
	struct bwi_credentials_try auth;
	struct bwi_page page;
	bool unfit; /* the request is over a limit */

	const struct bw_event *const *events;
	size_t n;
	size_t i; /* the event being handled */
	struct bwi_journal journal;
	struct bwi_handling handling;
	struct bwi_exec exec;
	struct bw_error error; /* of the first step or event that failed */
	bool repeated;	       /* a re-delivery, or not handled */
	bool refused;	       /* for its credentials */
	bool unparsed;	       /* the body holds no event */
	bool replayed;	       /* it begins with a stored event */
};

/* Begin at a step. The members above "section" are set. */
void bwi_life_begin(struct bw_callback_context *, enum bwi_step);
/* Do steps until one waits: false. true: the response is complete. */
bool bwi_life_continue(struct bw_callback_context *) BW_CHECK;

/* Set the response's members about its events, for the log. */
void bwi_life_set_event(
    struct bw_response *, const struct bw_event *const *events, size_t n);

#endif
