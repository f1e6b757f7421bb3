#ifndef BWF_BARE_ANSWER_H
#define BWF_BARE_ANSWER_H

#include <stdbool.h>

#include <bwcallback/str.h>

/*
 * Send an answer and the end of the request as FastCGI records, without libfcgi
 * and without memory. False: the connection is broken.
 */
bool bare_answer_send(int fd, unsigned id, struct bw_str answer);

#endif
