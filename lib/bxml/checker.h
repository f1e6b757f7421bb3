#ifndef BWI_BXML_CHECKER_H
#define BWI_BXML_CHECKER_H

#include <libxml/tree.h>

#include <bwcallback/buf.h>

#include "base/finding_report.h"
#include "bxml/language.h"

/* What is known about the document when a verb's turn comes. */
struct bwi_bxml_lint {
	const struct bwi_bxml_element *ended_by; /* nothing after it runs */
	const struct bwi_bxml_element *answered_by;
	const struct bwi_bxml_element *last;
	const xmlNode *last_node;
	bool told;	/* that something never runs */
	bool recording; /* StartRecording runs */
	struct bw_str streams[16];
	size_t nstreams;
	struct bw_str transcriptions[16];
	size_t ntranscriptions;
	struct bw_str destinations[8]; /* of one Transfer */
	size_t ndestinations;
};

/* A check under way. bxml_check.c calls the other parts, never back. */
struct bwi_bxml_checker {
	const struct bwi_bxml_checking *how;
	struct bwi_finding_report report;
	const xmlNode *root;
	unsigned depth;
	unsigned in_p, in_s; /* how many <p> and <s> are open */
	bool spoken;	     /* something in the open SpeakSentence */
	struct bw_buf text;  /* put together from pieces */
	struct bwi_bxml_lint lint;
};

/* Where in the document; attr may be NULL. */
void bwi_bxml_error(struct bwi_bxml_checker *, const xmlNode *,
    const char *attr, const char *fmt, ...) BW_PRINTF(4, 5);
void bwi_bxml_warning(struct bwi_bxml_checker *, const xmlNode *,
    const char *attr, const char *fmt, ...) BW_PRINTF(4, 5);

/* A name from outside, cut to what a message can bear. */
struct bwi_shown {
	char s[64];
};

struct bwi_shown bwi_bxml_show(const char *name);

/* Name of an attribute with its prefix, cut at size. */
const char *bwi_bxml_attr_name(const xmlAttr *, char *buf, size_t size);

#endif
