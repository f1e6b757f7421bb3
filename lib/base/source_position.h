#ifndef BWI_BASE_SOURCE_POSITION_H
#define BWI_BASE_SOURCE_POSITION_H

#include <bwcallback/str.h>

/* Line and column of a text, both from 1. */
struct bwi_source_position {
	int line;
	int column;
};

/*
 * Position of the start tag of element number n (from 0, in document order), or
 * of one of its attributes, in a well-formed document; 0:0 if there is none.
 */
struct bwi_source_position
bwi_bxml_source_position(struct bw_str source, size_t n, const char *attr);
struct bwi_source_position
bwi_source_position_of(struct bw_str source, size_t offset);

/* The text from a position on; empty if there is no such position. */
struct bw_str bwi_source_from(struct bw_str source, struct bwi_source_position);

/*
 * The last occurrence of these characters before a position; the position
 * itself if there is none.
 */
struct bwi_source_position bwi_source_position_before(
    struct bw_str source, struct bwi_source_position, char mark);

#endif
