#ifndef SIM_REPORT_TRANSCRIPT_H
#define SIM_REPORT_TRANSCRIPT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/world/event_log.h"

/*
 * A readable transcript of a simulation, a line per entry: the time, what was
 * said and pressed, the callbacks with their targets, answers and durations,
 * and errors. Untrusted text is escaped.
 */
struct sim_transcript;

struct sim_transcript *sim_transcript_new(FILE *, bool colour);
void sim_transcript_free(struct sim_transcript *);
/* Mask speech, keys and numbers: for calls that really happened. */
void sim_transcript_mask(struct sim_transcript *);
/* For sim_log_observer; the argument is the transcript. */
void sim_transcript_log(void *transcript, const struct sim_log_entry *);

/* For sim_log_observer: one JSON object per line. The argument is a FILE. */
void sim_transcript_json(void *file, const struct sim_log_entry *);
/* The members of that object, with commas between. */
void sim_transcript_json_members(FILE *, const struct sim_log_entry *);

/* "timeout", "no such host"; "answered" if there was no failure. */
const char *sim_failure_name(enum sim_failure);

/*
 * Calls fn for each field of the payload that a transcript shows: digits, cause
 * ...
 */
typedef void sim_field_fn(void *arg, const char *name, struct bw_str value);
void
sim_delivery_fields(const struct sim_delivery *, sim_field_fn *, void *arg);

#endif
