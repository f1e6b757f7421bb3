#ifndef BWF_BARE_ANSWER_H
#define BWF_BARE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

/*
 * Answers as FastCGI records, sent without libfcgi and without memory. False:
 * the connection is broken, or its peer reads too slowly.
 */

/*
 * Send an answer and the end of the request. deadline: how long to wait for a
 * peer whose socket buffer is full, CLOCK_MONOTONIC in nanoseconds; 0: not at
 * all.
 */
bool bare_answer_send(
    int fd, unsigned id, struct bw_str answer, int64_t deadline) BW_CHECK;
/* Send a part of an answer, without waiting. */
bool bare_answer_part(int fd, unsigned id, struct bw_str part) BW_CHECK;

/* Wait until the descriptor takes more. False: it did not by the deadline. */
bool bare_answer_wait(int fd, int64_t deadline) BW_CHECK;

#endif
