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

/* An error or a warning about a file: a configuration, or a BXML document. */
struct bw_finding {
	enum bw_severity severity;
	const char *file;
	int line;	  /* from 1; 0 when it concerns the whole file */
	int column;	  /* from 1; 0 when unknown */
	const char *text; /* what is wrong, and what to write instead */
};

/* "error" or "warning". Static memory. */
BW_EXPORT const char *bw_severity_name(enum bw_severity);

/*
 * Append "file:line:column: error: text", the format of compilers that editors
 * understand. Unknown parts are left out. No end of line is appended.
 */
BW_EXPORT void bw_finding_write(const struct bw_finding *, struct bw_buf *);

/*
 * A function that receives findings. The finding and its strings are valid
 * during the call only. fn may be NULL: then findings are dropped.
 */
struct bw_reporter {
	void (*fn)(void *arg, const struct bw_finding *);
	void *arg;
};

#ifdef __cplusplus
}
#endif

#endif
