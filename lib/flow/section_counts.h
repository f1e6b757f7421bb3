#ifndef BWI_FLOW_SECTION_COUNTS_H
#define BWI_FLOW_SECTION_COUNTS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/event.h>
#include <bwcallback/str.h>

enum bwi_outcome {
#define OUTCOME(name, value) BWI_OUTCOME_##name,
#include "flow/outcomes.def"
	BWI_OUTCOME__MAX
};

enum bwi_reason {
#define REASON(name, value) BWI_REASON_##name,
#include "flow/outcomes.def"
	BWI_REASON__MAX
};

/* The statuses with a counter of their own, and one for all others. */
enum {
#define STATUS(status) BWI_STATUS_##status,
#include "flow/outcomes.def"
	BWI_STATUS_OTHER,
	BWI_STATUS__MAX
};

/*
 * The counters of one path. A configuration that is loaded again continues with
 * them. Threads add to them without locks.
 */
struct bwi_section_counts {
	struct bwi_section_counts *next;
	size_t references;
	char *path;
	_Atomic uint64_t
	    requests[BW_FAMILY__MAX][BWI_STATUS__MAX][BWI_OUTCOME__MAX];
	_Atomic uint64_t fallbacks[BWI_REASON__MAX];
};

/*
 * The process has one for each path. NULL: out of memory. Free it with unref.
 */
struct bwi_section_counts *bwi_section_counts_get(struct bw_str path) BW_CHECK;
void bwi_section_counts_unref(struct bwi_section_counts *);
/* The counters of all paths without a section. */
struct bwi_section_counts *bwi_section_counts_none(void);

/* Count a request. */
void bwi_section_counts_add(
    struct bwi_section_counts *, enum bw_family, int status, enum bwi_outcome);
/* Count why the fallback answered it. */
void bwi_section_counts_fallback(struct bwi_section_counts *, enum bw_err);

/* "200"; "other" */
const char *bwi_status_name(int i);
const char *bwi_outcome_name(enum bwi_outcome);
const char *bwi_reason_name(enum bwi_reason);

#endif
