/* The table of verbs. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/verbs.h"

static const struct sim_verb *const verbs[] = {
    &sim_verb_bridge,
    &sim_verb_conference,
    &sim_verb_connect,
    &sim_verb_forward,
    &sim_verb_gather,
    &sim_verb_hangup,
    &sim_verb_pause,
    &sim_verb_pause_recording,
    &sim_verb_play,
    &sim_verb_record,
    &sim_verb_redirect,
    &sim_verb_refer,
    &sim_verb_resume_recording,
    &sim_verb_ring,
    &sim_verb_dtmf,
    &sim_verb_speak,
    &sim_verb_start_gather,
    &sim_verb_start_recording,
    &sim_verb_start_stream,
    &sim_verb_start_transcription,
    &sim_verb_stop_gather,
    &sim_verb_stop_recording,
    &sim_verb_stop_stream,
    &sim_verb_stop_transcription,
    &sim_verb_tag,
    &sim_verb_transfer,
};

const struct sim_verb *
sim_verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

/* These log their text or children themselves. */
static bool
is_audible(const xmlNode *node)
{
	return sim_node_is(node, "SpeakSentence") ||
	       sim_node_is(node, "PlayAudio") || sim_node_is(node, "Gather");
}

/* Transfer has at most eight. */
static char *
children_text(const xmlNode *node)
{
	const xmlNode *n = sim_node_element(node->children);
	char *list = NULL;

	for (int i = 0; n != NULL && i < 8;
	     i++, n = sim_node_element(n->next)) {
		char *text = sim_node_text(n), *longer;

		longer = sim_format("%s%s%s", list != NULL ? list : "",
		    list != NULL ? ", " : "", text);
		free(text);
		free(list);
		list = longer;
	}
	return list;
}

char *
sim_verb_detail(const xmlNode *node)
{
	static const char *const attributes[] = {
	    "redirectUrl", "to", "destination", "name"};
	char *text;

	if (is_audible(node))
		return NULL;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		const char *value = sim_attr_given(node, attributes[i]);

		if (value != NULL)
			return sim_copy(value);
	}
	if (sim_node_element(node->children) != NULL)
		return children_text(node);
	text = sim_node_text(node);
	if (*text != '\0')
		return text;
	free(text);
	return NULL;
}
