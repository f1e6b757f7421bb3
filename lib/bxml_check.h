#ifndef BWI_BXML_CHECK_H
#define BWI_BXML_CHECK_H

#include <bwcallback/buf.h>

#include "bxml.h"
#include "report.h"

/* The values of an element's attributes, one for each of its row's. */
struct bwi_bxml_values {
	struct bw_str v[BWI_BXML_MAX_ATTRS]; /* p NULL: not there */
	uint32_t open; /* bit i: value i holds a placeholder */
};

/* An absent string when it is not there. */
struct bw_str bwi_bxml_value(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, const char *attr);
/* Does its value hold a placeholder, whose value is not known yet? */
bool bwi_bxml_is_open(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, const char *attr);

/* Gets what is wrong, and with which attribute (NULL: with the element). */
typedef void bwi_bxml_fault_fn(void *arg, const char *attr, const char *text);

/*
 * bxml_rules.c: what holds between attributes of one element and the number
 * of its children, beyond what each may be by itself.
 */
void bwi_bxml_check_rules(const struct bwi_bxml_element *,
    const struct bwi_bxml_values *, size_t children, bwi_bxml_fault_fn *,
    void *arg);

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

struct bwi_bxml_checker {
	const struct bwi_bxml_checking *how;
	struct bwi_report report;
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

/* bxml_names.c: names that are not in the table, and what was meant. */
void bwi_bxml_unknown_element(
    struct bwi_bxml_checker *, const xmlNode *, const char *parent);
void bwi_bxml_unknown_attr(struct bwi_bxml_checker *, const xmlNode *,
    const char *name, const struct bwi_bxml_element *);
/* The word that was meant, or NULL. */
const char *bwi_bxml_near_word(const struct bwi_bxml_words *, struct bw_str);

/* bxml_lint.c: what is valid, but surely not meant. */
void bwi_bxml_lint_element(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *, const struct bwi_bxml_values *);
void bwi_bxml_lint_text(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *, struct bw_str text);
/* verb: it stands in the root. */
void bwi_bxml_lint_verb(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *, const struct bwi_bxml_values *);
void bwi_bxml_lint_end(struct bwi_bxml_checker *);

/* A place in a text, both from 1. */
struct bwi_place {
	int line;
	int column;
};

/*
 * bxml_locate.c: where the start tag of element number n (from 0, in document
 * order) or its attribute begins, in a well-formed document; 0:0 when it is
 * not there.
 */
struct bwi_place
bwi_bxml_locate(struct bw_str source, size_t n, const char *attr);
struct bwi_place bwi_place_of(struct bw_str source, size_t offset);

#endif
