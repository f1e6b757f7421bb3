#ifndef BWCALLBACK_FINDING_H
#define BWCALLBACK_FINDING_H

#include <bwcallback/buf.h>
#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* "error" or "warning". */
BW_EXPORT const char *bw_severity_name(enum bw_severity);

/*
 * Append "file:line:column: error: text", as compilers write it and editors
 * read it, without the parts that are unknown and without an end of line.
 */
BW_EXPORT void bw_finding_write(const struct bw_finding *, struct bw_buf *);

/*
 * Gets each finding as it is made; the finding is valid during the call only.
 * A reporter without a function drops them.
 */
struct bw_reporter {
	void (*fn)(void *arg, const struct bw_finding *);
	void *arg;
};

#ifdef __cplusplus
}
#endif

#endif
