#ifndef SIM_CALL_STREAM_H
#define SIM_CALL_STREAM_H

#include "sim/call/engine.h"

/*
 * A stream of audio to a websocket, or a real-time transcription: only its
 * events, no media.
 */
struct sim_stream {
	struct sim_stream *next;
	bool transcription;
	char *id;
	char *name;
	char *destination; /* NULL: a transcription without a websocket */
	bool inbound;
	bool outbound;
	bool stabilized; /* of a transcription */
	int64_t started;
	int64_t ended;
	struct sim_targets targets;
	struct sim_call *call;
	uint64_t close_timer; /* the far end closes the websocket */
	bool awaited;	      /* StopStream wait="true" waits for its end */
};

/* Stop all running streams at the end of the call. */
void sim_streams_stop(struct sim_call *);
void sim_streams_free(struct sim_stream *);

#endif
