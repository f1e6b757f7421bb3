#ifndef TEST_SUPPORT_RANDOM_BXML_H
#define TEST_SUPPORT_RANDOM_BXML_H

#include <bwcallback/buf.h>

/* Input bytes that determine all choices; zeros after their end. */
struct dice {
	const unsigned char *p;
	size_t n;
};

/* 0 to sides - 1. */
unsigned dice_roll(struct dice *, unsigned sides);

/*
 * Make random calls of the builder, mostly sensible ones. *answering: the event
 * that the document answers, or an absent string. Returns the result of
 * bw_bxml_finish.
 */
enum bw_err
random_bxml(struct dice *, struct bw_buf *out, struct bw_str *answering);

/* A valid value of the attribute. Static, or valid until the next call. */
struct bwi_bxml_attr;
struct bw_str sample_value(const struct bwi_bxml_attr *, unsigned which);

#endif
