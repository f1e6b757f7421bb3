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
struct sim_transcript;

struct sim_transcript *sim_transcript_new(FILE *, bool colour);
void sim_transcript_free(struct sim_transcript *);
/* Mask what people said, pressed and are called by: the call is a real one. */
void sim_transcript_mask(struct sim_transcript *);
/* A sim_log_observer's function; its argument is the story. */
void sim_transcript_log(void *story, const struct sim_log_entry *);

/* A sim_log_observer's function: one JSON object a line. Its argument is a
 * FILE. */
void sim_transcript_json(void *file, const struct sim_log_entry *);

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
