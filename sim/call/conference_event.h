#ifndef SIM_CALL_CONFERENCE_EVENT_H
#define SIM_CALL_CONFERENCE_EVENT_H

#include "sim/call/conference.h"

/*
 * Tell the application in its turn; the call is whom it is about, or NULL;
 * places, which are taken over, where this event alone goes, or NULL.
 */
void sim_conference_send(struct sim_conference *, const char *event,
    struct sim_call *, struct sim_targets *targets);
/* Forget what is to be told, or to be played. */
void sim_conference_drop_events(struct sim_conference *);
void sim_conference_stop_playing(struct sim_conference *);

#endif
