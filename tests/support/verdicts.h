#ifndef TEST_SUPPORT_VERDICTS_H
#define TEST_SUPPORT_VERDICTS_H

#include <bwcallback/config.h>
#include <bwcallback/response.h>

#include "base/response.h"

/* Sends port-out requests to a configuration and reads the verdicts. */

/* False: out of memory, or no schema of the answer. */
bool verdicts_begin(void);
void verdicts_end(void);
/* Replace the context, to begin without cached data and memory. */
void verdicts_renew(void);

void verdicts_send(struct bw_config *, const char *path, struct bw_str body);
/* As if it were stored, and answered again. */
void verdicts_replay(struct bw_config *, const char *path, struct bw_str body);
const struct bw_response *verdicts_response(void);
/* NULL if Bandwidth can parse the answer, otherwise the reason. */
const char *verdicts_fault(void);
/* The codes of the answer, "" if the numbers may leave, "?" if unclear. */
const char *verdicts_codes(void);
bool verdicts_hold(const char *text);

#endif
