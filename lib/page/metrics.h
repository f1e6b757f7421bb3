#ifndef BWI_PAGE_METRICS_H
#define BWI_PAGE_METRICS_H

#include "page/exposition.h"
#include "page/page.h"
#include "store/store_handle.h"

/*
 * Write what this process has counted, and what the store and the system say
 * now. Waits for each store at most a quarter of a second.
 */
void bwi_metrics_write(
    const struct bwi_page_request *, bool openmetrics, struct bw_buf *);
/* The type of their content. */
const char *bwi_metrics_type(bool openmetrics);

/* metrics_section.c: requests, fallbacks, times. */
void bwi_metrics_sections(struct bwi_exposition *, const struct bw_config *);
/* metrics_events.c: ends of calls, failed messages, port-outs. */
void bwi_metrics_events(struct bwi_exposition *, const struct bw_config *);
/* metrics_store.c: what waits in the stores and beside them. */
void bwi_metrics_stores(struct bwi_exposition *, const struct bw_config *);
/* metrics_system.c: when password files were changed; descriptors. */
void bwi_metrics_credentials(struct bwi_exposition *, const struct bw_config *);
void bwi_metrics_descriptors(struct bwi_exposition *);
/* metrics_process.c: the counters of the process, and what it uses. */
void bwi_metrics_process(struct bwi_exposition *, unsigned parked);

#endif
