#ifndef BWI_PAGE_HTML_H
#define BWI_PAGE_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>

/* Levels of elements. A page of ours has about twelve. */
#define BWI_HTML_DEPTH 32

/*
 * Writes HTML, and is the only writer of a page's buffer: there is no function
 * that takes markup. Names of elements and attributes are literals of the
 * caller; values and text may be anything.
 *
 * Or writes the same elements as JSON, a tree, for the script to build them:
 * ["td",{"class":"n"},"5"].
 */
struct bwi_html {
	struct bw_buf *out;
	const char *open[BWI_HTML_DEPTH]; /* the elements that are open */
	size_t depth;
	bool in_tag; /* the start tag of the last one is not complete */
	bool tree;   /* as JSON */
};

/* Begin a document, with its DOCTYPE. */
void bwi_html_begin(struct bwi_html *, struct bw_buf *);

/* Begin a tree: one element and what is in it. */
void bwi_html_tree(struct bwi_html *, struct bw_buf *);

/* Open an element. Its attributes follow, then its content. */
void bwi_html_tag(struct bwi_html *, const char *name);
/* The same with the attribute class. */
void bwi_html_class(struct bwi_html *, const char *name, const char *class);
/* Close the last element that is open. */
void bwi_html_end(struct bwi_html *);
/* Close elements until this many are open. */
void bwi_html_end_to(struct bwi_html *, size_t depth);

/* An attribute of the element that was just opened. */
void bwi_html_attr(struct bwi_html *, const char *name, struct bw_str value);
void bwi_html_attr_puts(struct bwi_html *, const char *name, const char *value);
void bwi_html_attr_int(struct bwi_html *, const char *name, int64_t value);

/*
 * Text. Markup is escaped. Characters that would be invisible or change the
 * direction of text are written as pictures or as their numbers, and what is
 * not UTF-8 as U+FFFD.
 */
void bwi_html_text(struct bwi_html *, struct bw_str);
/* The same, but lines and tabs remain: for <pre>. */
void bwi_html_lines(struct bwi_html *, struct bw_str);
/* The first max bytes, and how many bytes there are if there are more. */
void bwi_html_cut(struct bwi_html *, struct bw_str, size_t max);
void bwi_html_puts(struct bwi_html *, const char *);
void bwi_html_int(struct bwi_html *, int64_t);
void bwi_html_printf(struct bwi_html *, const char *fmt, ...) BW_PRINTF(2, 3);

#endif
