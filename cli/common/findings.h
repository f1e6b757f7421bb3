#ifndef BWC_COMMON_FINDINGS_H
#define BWC_COMMON_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/finding.h>

/* Findings on their way to standard output, sorted by where they are. */
struct findings {
	struct saved *saved;
	size_t n, cap;
	size_t errors, warnings;
	bool failed; /* out of memory: some are missing */
};

/* A bw_reporter's function; its argument is the findings. */
void findings_take(void *findings, const struct bw_finding *);
/*
 * Print them, "file:line:column: error: what" or as one object of JSON each,
 * and forget them.
 */
void findings_print(struct findings *, bool json);
void findings_free(struct findings *);

/* A bw_reporter's function: the finding to standard error, as it is made. */
void finding_complain(void *unused, const struct bw_finding *);

#endif
