#include "callback/life_time.h"

/* The step as which its time is measured. */
static const enum bwi_timed timed[] = {
    [BWI_STEP_ROUTE] = BWI_TIMED_AUTHENTICATE,
    [BWI_STEP_REPLAY] = BWI_TIMED_DECODE,
    [BWI_STEP_AUTHENTICATE] = BWI_TIMED_AUTHENTICATE,
    [BWI_STEP_PAGE] = BWI_TIMED_HANDLE,
    [BWI_STEP_DECODE] = BWI_TIMED_DECODE,
    [BWI_STEP_UNPARSED] = BWI_TIMED_STORE,
    [BWI_STEP_FORESEE] = BWI_TIMED_HANDLE,
    [BWI_STEP_STORE] = BWI_TIMED_STORE,
    [BWI_STEP_REPEAT] = BWI_TIMED_STORE,
    [BWI_STEP_HANDLE] = BWI_TIMED_HANDLE,
    [BWI_STEP_RECORD] = BWI_TIMED_STORE,
    [BWI_STEP_NEXT] = BWI_TIMED_STORE,
    [BWI_STEP_FINISH] = BWI_TIMED_STORE,
};

void
bwi_life_time(struct bw_callback_context *w)
{
	bwi_steps_enter(&w->steps, timed[w->step]);
}
