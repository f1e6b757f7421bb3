#ifndef BWCALLBACK_FINDING_H
#define BWCALLBACK_FINDING_H

#include <bwcallback/export.h>

enum bw_severity {
	BW_SEVERITY_WARNING,
	BW_SEVERITY_ERROR
};

/* Something a checker has to say about a file. */
struct bw_finding {
	enum bw_severity severity;
	const char *file;
	int line;	  /* from 1; 0 when it concerns the whole file */
	int column;	  /* from 1; 0 when unknown */
	const char *text; /* what, where, and what to write instead */
};

/*
 * Gets each finding as it is made; the finding is valid during the call only.
 * A reporter without a function drops them.
 */
struct bw_reporter {
	void (*fn)(void *arg, const struct bw_finding *);
	void *arg;
};

#endif
