#ifndef SIM_CALL_PROMPT_H
#define SIM_CALL_PROMPT_H

#include "sim/base/xml_attribute.h"
#include "sim/world/world.h"

/*
 * Plays a SpeakSentence or PlayAudio to a call, a Gather or a conference, and
 * logs it.
 */
struct sim_prompt {
	int64_t lasts;	   /* milliseconds */
	const char *wrong; /* why the file cannot be played, or NULL */
};

/* about: a callId or conferenceId. base: of relative URLs, or NULL. */
struct sim_prompt sim_prompt_play(
    struct sim_world *, const char *about, const xmlNode *, const char *base);

#endif
