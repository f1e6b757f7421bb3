#ifndef TEST_SUPPORT_VERDICTS_H
#define TEST_SUPPORT_VERDICTS_H

#include <bwcallback/config.h>
#include <bwcallback/response.h>

/* Port-out requests, and what a configuration says to them. */

/* False when there is no memory, or no schema of the answer. */
bool verdicts_begin(void);
void verdicts_end(void);
/* Another worker, which remembers nothing and has no memory yet. */
void verdicts_renew(void);

void verdicts_send(struct bw_config *, const char *path, struct bw_str body);
const struct bw_response *verdicts_response(void);
/* NULL when the answer is one that Bandwidth understands, else why not. */
const char *verdicts_fault(void);
/* The codes of the answer, "" when the numbers may go, "?" when unclear. */
const char *verdicts_codes(void);
bool verdicts_hold(const char *text);

#endif
