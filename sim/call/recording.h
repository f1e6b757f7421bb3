#ifndef SIM_CALL_RECORDING_H
#define SIM_CALL_RECORDING_H

#include <json-c/json.h>

#include "sim/call/engine.h"

/*
 * A recording of a call or a conference, which lives on after either: its
 * events come when the file is ready.
 */
struct sim_recording {
	struct sim_recording *next; /* in the switchboard */
	struct sim_call *call;	    /* or NULL, with: */
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
	int64_t paused;	      /* milliseconds in all */
	int64_t paused_since; /* 0: not paused */
};

/*
 * Begin, as Record or StartRecording says, of a call or else a conference;
 * it stays in the slot while it runs.
 */
void sim_recording_start(struct sim_recording **slot, struct sim_call *,
    struct sim_conference *, const xmlNode *, const char *base);
/* These do nothing when nothing runs, which is NULL in the slot. */
void sim_recording_pause(struct sim_recording *, bool on);
void sim_recording_stop(struct sim_recording **slot);

/* The members that recordComplete and recordingAvailable share. */
json_object *sim_recording_members(const struct sim_recording *);

#endif
