#ifndef SIM_REPORT_TRANSCRIPT_H
#define SIM_REPORT_TRANSCRIPT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/world/event_log.h"

/*
 * Notes as a person would tell them, a line for each: when, what was said and
 * pressed, which callback went where, with which answers and how long that
 * took, and what was wrong. Everything from outside is made harmless.
 */
struct sim_story;

struct sim_story *sim_story_new(FILE *, bool colour);
void sim_story_free(struct sim_story *);
/* Mask what people said, pressed and are called by: the call is a real one. */
void sim_story_mask(struct sim_story *);
/* A sim_observer's function; its argument is the story. */
void sim_story_note(void *story, const struct sim_note *);

/* A sim_observer's function: one JSON object a line. Its argument is a FILE. */
void sim_story_json(void *file, const struct sim_note *);

/* "timeout", "refused": why there is no answer; "answered" when there is. */
const char *sim_failure_name(enum sim_failure);

/*
 * Fields of a payload by which a person recognises what it tells, to be called
 * with each that is there: digits, cause ...
 */
typedef void sim_field_fn(void *arg, const char *name, struct bw_str value);
void
sim_delivery_fields(const struct sim_delivery *, sim_field_fn *, void *arg);

#endif
