#ifndef BWI_PAGE_FLOW_PICTURE_H
#define BWI_PAGE_FLOW_PICTURE_H

#include "graph/picture.h"
#include "page/flow_traffic.h"
#include "page/view.h"

/* What a page says of parts of the picture. */
struct bwi_flow_marks {
	/* A class for the element with this id, or NULL. */
	const char *(*class)(void *arg, struct bw_str id);
	void *arg;
	bool links; /* each rule leads to the events of its section */
	bool way;   /* the traffic is one call: mark its way */
	const struct bwi_flow_traffic *traffic; /* or NULL */
};

/*
 * The graph of the configuration as it is in its file now. NULL: a sentence
 * says why there is none.
 */
struct bw_graph *bwi_flow_graph(struct bwi_view *);
/* The picture, and the same as a list. words: what it shows. */
void bwi_flow_picture(struct bwi_view *, const struct bw_graph *,
    const struct bwi_flow_marks *, const char *words);

#endif
