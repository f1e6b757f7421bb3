#ifndef SIM_CALL_CONFERENCE_EVENT_H
#define SIM_CALL_CONFERENCE_EVENT_H

#include "sim/call/conference.h"

/*
 * Queue an event of the conference. call: the member it is about, or NULL.
 * targets: for this event alone, taken over, or NULL.
 */
void sim_conference_send(struct sim_conference *, const char *event,
    struct sim_call *, struct sim_targets *targets);
/* Discard queued events, or queued documents. */
void sim_conference_drop_events(struct sim_conference *);
void sim_conference_stop_playing(struct sim_conference *);

#endif
