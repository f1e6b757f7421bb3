#ifndef SIM_CALL_STREAM_H
#define SIM_CALL_STREAM_H

#include "sim/call/engine.h"

/*
 * Audio that is sent to a websocket, or transcribed as it is spoken: only
 * what the application is told of it, no media.
 */
struct sim_stream {
	struct sim_stream *next;
	bool transcription;
	char *id;
	char *name;
	char *destination; /* NULL: none, of a transcription */
	bool inbound;
	bool outbound;
	bool stabilized; /* of a transcription */
	int64_t started;
	int64_t ended;
	struct sim_targets targets;
	struct sim_call *call;
	uint64_t close_timer; /* the far end closes the websocket */
	bool awaited;	      /* by StopStream wait="true" */
};

/* Whatever still runs is closed, because the call ends. */
void sim_streams_stop(struct sim_call *);
void sim_streams_free(struct sim_stream *);

#endif
