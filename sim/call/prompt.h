#ifndef SIM_CALL_PROMPT_H
#define SIM_CALL_PROMPT_H

#include "sim/base/xml_attribute.h"
#include "sim/world/world.h"

/*
 * What is heard: a SpeakSentence or PlayAudio, of a call, a Gather or a
 * conference. The observer is told.
 */
struct sim_prompt {
	int64_t lasts;	   /* milliseconds */
	const char *wrong; /* why a file cannot be played, or NULL */
};

/* about is a callId or conferenceId; base what relative URLs are against. */
struct sim_prompt sim_prompt_play(
    struct sim_world *, const char *about, const xmlNode *, const char *base);

#endif
