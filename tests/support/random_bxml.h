#ifndef TEST_SUPPORT_RANDOM_BXML_H
#define TEST_SUPPORT_RANDOM_BXML_H

#include <bwcallback/buf.h>

/* Bytes that decide; when they are used up, zeros. */
struct dice {
	const unsigned char *p;
	size_t n;
};

/* 0 to sides - 1. */
unsigned dice_roll(struct dice *, unsigned sides);

/*
 * Call the builder as the dice say, mostly sensibly. The event that the
 * document answers, or an absent string, is in *answering. Returns what
 * bw_bxml_finish did.
 */
enum bw_err
random_bxml(struct dice *, struct bw_buf *out, struct bw_str *answering);

/* A value that the attribute takes. Static, or valid until the next call. */
struct bwi_bxml_attr;
struct bw_str sample_value(const struct bwi_bxml_attr *, unsigned which);

#endif
