#ifndef SIM_CALL_RECORDING_H
#define SIM_CALL_RECORDING_H

#include <json-c/json.h>

#include "sim/call/engine.h"

/*
 * A recording of a call or a conference. It outlives both: its events are sent
 * once the file is ready.
 */
struct sim_recording {
	struct sim_recording *next; /* in the call list */
	struct sim_call *call;	    /* or NULL, then: */
	struct sim_conference *conference;
	char *id;
	char *name;   /* recordingName, or NULL */
	char *format; /* "wav" */
	int channels;
	bool transcribe;
	struct sim_targets available;
	struct sim_targets transcribed;
	int64_t started;
	int64_t ended;
	int64_t paused;	      /* total milliseconds */
	int64_t paused_since; /* 0: not paused */
};

/*
 * Start a recording of a call or else of a conference, as Record or
 * StartRecording says. *slot points to it while it runs.
 */
void sim_recording_start(struct sim_recording **slot, struct sim_call *,
    struct sim_conference *, const xmlNode *, const char *base);
/* Both do nothing if no recording runs (NULL). */
void sim_recording_pause(struct sim_recording *, bool on);
void sim_recording_stop(struct sim_recording **slot);

/* The members common to recordComplete and recordingAvailable. */
json_object *sim_recording_members(const struct sim_recording *);

#endif
