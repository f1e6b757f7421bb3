#ifndef BWI_DATA_ICS_H
#define BWI_DATA_ICS_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

/* The content lines of iCalendar (RFC 5545, 3.1). */
struct bwi_ics_reader {
	struct bw_str rest;
	int number; /* of the next line */
	struct bw_buf text;
};

/* A line, unfolded: NAME;PARAMETERS:VALUE. Valid until the next one is read. */
struct bwi_ics_line {
	int number; /* 0: the end of the text */
	struct bw_str name, parameters, value;
};

void bwi_ics_begin(struct bwi_ics_reader *, struct bw_str text);
/* BW_ERR_SYNTAX: no colon; line->number is set. BW_ERR_NOMEM. */
enum bw_err
bwi_ics_next(struct bwi_ics_reader *, struct bwi_ics_line *) BW_CHECK;
void bwi_ics_end(struct bwi_ics_reader *);

/* The value of a parameter without quotes; p is NULL without it. */
struct bw_str bwi_ics_parameter(struct bw_str parameters, const char *name);
/* Are they the same in any case? */
bool bwi_ics_is(struct bw_str, const char *word);
/* Cut the text up to a separator, or all, from the front. */
struct bw_str bwi_ics_cut(struct bw_str *, char separator);

#endif
