#ifndef SIM_CALL_VERBS_H
#define SIM_CALL_VERBS_H

#include "sim/call/engine.h"

/*
 * The verb with this name; NULL: unknown. There is one for every verb in BXML's
 * table.
 */
const struct sim_verb *sim_verb_find(const char *name);
/* The target of a verb for the log: numbers, a URL; NULL: none. */
char *sim_verb_detail(const xmlNode *);

/* verb_speak.c */
extern const struct sim_verb sim_verb_speak;
extern const struct sim_verb sim_verb_play;
extern const struct sim_verb sim_verb_pause;
extern const struct sim_verb sim_verb_ring;
extern const struct sim_verb sim_verb_dtmf;
/* verb_control.c */
extern const struct sim_verb sim_verb_hangup;
extern const struct sim_verb sim_verb_redirect;
extern const struct sim_verb sim_verb_tag;
extern const struct sim_verb sim_verb_start_gather;
extern const struct sim_verb sim_verb_stop_gather;

extern const struct sim_verb sim_verb_gather;
extern const struct sim_verb sim_verb_record;
extern const struct sim_verb sim_verb_start_recording;
extern const struct sim_verb sim_verb_pause_recording;
extern const struct sim_verb sim_verb_resume_recording;
extern const struct sim_verb sim_verb_stop_recording;
extern const struct sim_verb sim_verb_transfer;
extern const struct sim_verb sim_verb_forward;
extern const struct sim_verb sim_verb_refer;
extern const struct sim_verb sim_verb_connect;
extern const struct sim_verb sim_verb_bridge;
extern const struct sim_verb sim_verb_conference;
extern const struct sim_verb sim_verb_start_stream;
extern const struct sim_verb sim_verb_stop_stream;
extern const struct sim_verb sim_verb_start_transcription;
extern const struct sim_verb sim_verb_stop_transcription;

#endif
