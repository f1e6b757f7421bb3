#ifndef BWI_PAGE_TRAFFIC_H
#define BWI_PAGE_TRAFFIC_H

#include "page/view.h"

/* Sections that are told apart; further ones are left out. */
#define BWI_TRAFFIC_SECTIONS 64
/* Bars of the time that is looked at, and what one stands for. */
#define BWI_TRAFFIC_BARS 30
#define BWI_TRAFFIC_BAR	 120000 /* milliseconds */
/* Parts of the histogram of durations: powers of two of microseconds. */
#define BWI_TRAFFIC_TIMES 32

/* The events of one section in the last hour. */
struct bwi_traffic_section {
	struct bw_str path; /* of the configuration */
	unsigned events, fallbacks, errors;
	int64_t slowest; /* microseconds */
	unsigned times[BWI_TRAFFIC_TIMES];
	unsigned bars[BWI_TRAFFIC_BARS];
	bool wrong[BWI_TRAFFIC_BARS];
};

struct bwi_traffic {
	struct bwi_view *view;
	size_t n;
	struct bwi_traffic_section v[BWI_TRAFFIC_SECTIONS];
	int64_t back; /* how far it was looked, when not an hour; 0: an hour */
	uint64_t wrong; /* the newest event with a wrong answer; 0: none */
	int64_t wrong_at;
	struct bw_str wrong_section;
	unsigned fallbacks, errors;
	bool any; /* there are events, even older ones */
};

/* Look at the events of the last hour, as far as there is time for it. */
enum bw_err bwi_traffic_read(struct bwi_traffic *, struct bw_store *);
void bwi_traffic_put(const struct bwi_traffic *);

#endif
