#ifndef BWC_COMMON_FINDINGS_H
#define BWC_COMMON_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/finding.h>

/* Collects findings for standard output, sorted by location. */
struct findings {
	struct saved *saved;
	size_t n, cap;
	size_t errors, warnings;
	bool failed; /* out of memory: some are missing */
};

/* The function of a bw_reporter; its argument is the findings. */
void findings_take(void *findings, const struct bw_finding *);
/*
 * Print all findings, each as "file:line:column: error: text" or as one JSON
 * object, and clear the list.
 */
void findings_print(struct findings *, bool json);
void findings_free(struct findings *);

/*
 * The function of a bw_reporter: prints each finding to standard error at once.
 */
void finding_complain(void *unused, const struct bw_finding *);

#endif
